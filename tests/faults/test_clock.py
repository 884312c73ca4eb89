"""A clock that goes a year ahead and comes back, or a day back: nothing is lost and nothing stands still."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlmodel import Session, select

from api import worker
from api.accounts.models import Role
from api.audit.service import verify
from api.dietary.models import DietaryNeed
from api.jobs import service as jobs
from api.jobs.models import Job, JobState
from api.kit.clock import from_local, now
from api.kit.db import Database
from api.kit.settings import Settings
from api.kit.throttle.service import LINKS_PER_CLIENT, Throttle
from api.operations import queries
from api.operations.schedule import ERRANDS, run_due
from api.outbox import queries as outbox
from api.outbox.models import Mail, MailState
from api.outbox.service import LEASE, queue
from tests.factories import make_meeting, make_member

NOW = from_local(datetime(2026, 11, 30, 9))  # noqa: DTZ001 - local, as the clock wants it
YEAR, DAY = timedelta(days=365), timedelta(days=1)
MOST = 20


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as made:
        yield made


def _settings(settings: Settings, database: Database, folder: Path) -> Settings:
    """The tests' database was not made by migrations, and so is not copied."""
    update = {"database": database.url, "data": folder, "backup_days": 0}
    return settings.model_copy(update=update)


def _errands(database: Database, settings: Settings) -> dict[str, datetime | None]:
    """Do what is due, as the worker does every fifteen seconds, and return when each was last done."""
    doing = worker._doing(database, settings, "clock")
    run_due(database, ERRANDS, doing, "clock", lambda: False)
    with database.reading() as session:
        assert verify(session, database.url).fault == ""
        return {run.name: run.done_at for run in queries.errand_runs(session)}


def _need(session: Session) -> None:
    member = make_member(session, Role.RC_MEMBER, "exempel-rc")
    meeting = make_meeting(session)
    session.flush()
    erase_on = (meeting.ends_at + timedelta(days=30)).date()
    address = member.person.email
    need = DietaryNeed(meeting_id=meeting.id, address=address, other="Exempel", erase_on=erase_on)
    session.add(need)


def _needs(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(DietaryNeed)).all())


def test_a_year_ahead_and_back_nothing_is_erased_and_every_errand_goes_on(
    database: Database, settings: Settings, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    settings = _settings(settings, database, tmp_path)
    with database.transaction() as session:
        _need(session)
    first = _errands(database, settings)
    assert first["erasing"] == NOW
    clock.move_to(NOW + YEAR)
    ahead = _errands(database, settings)
    assert ahead["tidying"] == NOW + YEAR
    assert ahead["erasing"] == NOW  # waits for a second look
    for _ in range(2):
        clock.shift(timedelta(minutes=10))
        _errands(database, settings)
    assert _needs(database) == 1
    clock.move_to(NOW + DAY)  # somebody has set it right
    back = _errands(database, settings)
    late = {name for name, done in back.items() if done != NOW + DAY}
    assert late == set(), back
    assert _needs(database) == 1


def test_a_clock_that_stays_ahead_is_believed_after_a_day(
    database: Database, settings: Settings, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    """Whoever was really away for long erases what has outlived its time, a day later."""
    settings = _settings(settings, database, tmp_path)
    with database.transaction() as session:
        _need(session)
    _errands(database, settings)
    clock.move_to(NOW + YEAR)
    _errands(database, settings)
    assert _needs(database) == 1
    clock.shift(DAY + timedelta(minutes=1))
    assert _errands(database, settings)["erasing"] == now()
    assert _needs(database) == 0


def test_a_day_back_does_nothing_twice_but_what_is_harmless(
    database: Database, settings: Settings, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    settings = _settings(settings, database, tmp_path)
    with database.transaction() as session:
        _need(session)
    _errands(database, settings)
    clock.move_to(NOW - DAY)
    back = _errands(database, settings)
    assert set(back.values()) == {NOW - DAY}
    assert _needs(database) == 1
    with database.reading() as session:
        assert session.exec(select(Mail)).all() == []  # the week's letter has its week's key


def test_what_was_written_ahead_holds_nobody_up(
    database: Database, clock: time_machine.Traveller
) -> None:
    """Mails held or claimed, jobs and counted uses of a wrong year go on when the clock is right again."""
    throttle = Throttle(database, "secret")
    clock.move_to(NOW + YEAR)
    for _ in range(MOST):
        throttle.insist(LINKS_PER_CLIENT, "127.0.0.1")
    with database.transaction() as session:
        ids = [queue(session, f"exempel.{n}@example.org", "S", "T", "", now()).id for n in range(3)]
        job = jobs.submit(session, "match", {}, "k")
        assert jobs.begin(session, job.id, "dead") is not None
        session.flush()
        held, claimed, _ = (session.get_one(Mail, one) for one in ids)
        held.state, held.due_at = MailState.HELD, now() + timedelta(minutes=10)
        claimed.state, claimed.claimed_at = MailState.SENDING, now()
        job_id = job.id
    clock.move_to(NOW)
    throttle.insist(LINKS_PER_CLIENT, "127.0.0.1")
    with database.transaction() as session:
        assert outbox.held_due(session, NOW, 10) == [ids[0]]
        assert outbox.take_held(session, ids[0], NOW)
        assert {one.id for one in outbox.due(session, NOW, NOW - LEASE, 10)} == set(ids)
        assert [one.id for one in queries.silent_jobs(session, NOW - worker.SILENCE)] == [job_id]
        assert session.get_one(Job, job_id).state is JobState.RUNNING
