"""The schedule: one worker at a time, missed runs caught up, and what is late or fails is told."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api import worker
from api.jobs import service as jobs
from api.jobs.models import JobState
from api.kit.clock import from_local, now
from api.kit.db import Database
from api.kit.settings import Settings
from api.operations import backup, queries, schedule, service
from api.operations.metrics import Metrics
from api.operations.schedule import ERRANDS, Errand, every, late, nightly, run_due, since_monday
from api.operations.service import schedule_fault
from tests import migrated

MONDAY = from_local(datetime(2026, 11, 30))  # noqa: DTZ001 - local, as the clock wants it


def _run(database: Database, errand: Errand, do: Callable[[], object], who: str = "a") -> None:
    run_due(database, [errand], {errand.name: do}, who, lambda: False)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def set_to(moment: datetime) -> None:
        for judged in (schedule, service):
            monkeypatch.setattr(judged, "now", lambda: moment)

    return set_to


@pytest.mark.both_databases
def test_of_many_workers_at_once_one_does_it(database: Database) -> None:
    done: list[str] = []
    begin = threading.Barrier(4)

    def work(who: str) -> None:
        begin.wait()
        _run(database, Errand("letter", since_monday), lambda: done.append(who), who)

    threads = [threading.Thread(target=work, args=(who,)) for who in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    with database.reading() as session:
        [run] = queries.errand_runs(session)
        assert (run.worker, run.held_until, run.fault) == (done[0], None, "")


@pytest.mark.parametrize(
    ("since", "hours", "times"),
    [
        (since_monday, [1, 24, 100, 167, 169, 170], 2),
        (since_monday, [0, 24 * 8], 2),  # down on the next Monday: caught up on Tuesday
        (nightly, [1, 2, 4, 5, 26, 28], 3),
        (every(timedelta(hours=2)), [0, 1, 2.1, 3, 4.5], 3),
    ],
)
def test_what_was_missed_is_done_once_when_somebody_is_there(
    database: Database,
    clock: Callable[[datetime], None],
    since: schedule.Since,
    hours: list[float],
    times: int,
) -> None:
    done: list[float] = []
    for hour in hours:
        clock(MONDAY + timedelta(hours=hour))
        _run(database, Errand("x", since), partial(done.append, hour))
    assert len(done) == times, done


def test_one_that_fails_is_told_and_tried_again_and_keeps_no_other_from_its_turn(
    database: Database, clock: Callable[[datetime], None]
) -> None:
    done: list[str] = []

    def fail() -> None:
        done.append("fail")
        raise OSError("no space")

    errands = [Errand("backup", nightly), Errand("tidying", nightly)]
    doing = {"backup": fail, "tidying": lambda: done.append("tidy")}
    for minutes in (0, 1, 6):
        clock(MONDAY + timedelta(minutes=minutes))
        run_due(database, errands, doing, "a", lambda: False)
    assert done == ["fail", "tidy", "fail"]
    with database.reading() as session:
        said = list(late(queries.errand_runs(session), MONDAY))
        assert schedule_fault(session).startswith("backup failed (OSError), last done never")
    assert said == ["backup failed (OSError), last done never"]


def test_what_a_worker_died_with_is_done_by_another_when_its_time_is_out(
    database: Database, clock: Callable[[datetime], None]
) -> None:
    errand = Errand("x", nightly, longest=timedelta(minutes=30))
    done: list[int] = []
    with database.transaction() as session:  # as one that was killed leaves it
        until = MONDAY + errand.longest
        assert queries.claim(session, "x", MONDAY, MONDAY, until, "dead")
    for minutes in (10, 29, 30, 31):
        clock(MONDAY + timedelta(minutes=minutes))
        _run(database, errand, partial(done.append, minutes))
    assert done == [30]


def test_what_was_not_done_for_long_is_said_on_every_board(
    app: FastAPI, settings: Settings
) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        queries.claim(session, "mailbox", now(), now(), now(), "a")
        queries.note_done(session, "mailbox", now() - timedelta(days=2))
        assert "mailbox was last done" in schedule_fault(session)
    figures = Metrics().text(database, settings).decode()
    assert 'samkrets_errand_done_timestamp_seconds{errand="mailbox"}' in figures
    assert "samkrets_disk_free_bytes" in figures
    assert "samkrets_jobs_silent 0.0" in figures


def test_a_disk_that_cannot_be_written_is_found_by_writing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.data.mkdir()
    assert schedule.disk_fault(settings, f"sqlite:///{tmp_path}/x.db") == ""
    assert list(settings.data.iterdir()) == []

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.operations.schedule.tempfile.NamedTemporaryFile", full)
    said = schedule.disk_fault(settings, f"sqlite:///{tmp_path}/x.db")
    assert said.endswith("cannot be written: No space left on device")


def test_a_silent_workers_jobs_are_given_to_others_but_never_ones_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        for name, minutes in (("gone", 5), ("alive", 0), ("me", 5)):
            _running(session, name, minutes)
    recovered: list[str] = []

    def recover(_: str, name: str) -> int:
        recovered.append(name)
        return 1

    monkeypatch.setattr("api.worker.engine.recover", recover)
    worker.take_over(database, "me")
    assert recovered == ["gone"]


def _running(session: Session, name: str, minutes: int) -> None:
    job = jobs.submit(session, "match", {}, name)
    job.state, job.worker = JobState.RUNNING, name
    job.seen_at = now() - timedelta(minutes=minutes)
    session.add(job)


def test_old_copies_go_and_the_newest_always_stays(tmp_path: Path) -> None:
    url = migrated.on_sqlite(tmp_path / "x.db")
    folder = tmp_path / "backups"
    copies = [backup.make(url, folder) for _ in range(3)]
    for copy, days in zip(sorted(copies), (50, 40, 35), strict=True):
        beside = copy.with_name(f"{copy.name}.json")
        said = json.loads(beside.read_text())
        said["made_at"] = (now() - timedelta(days=days)).isoformat()
        beside.write_text(json.dumps(said))
    assert backup.prune(folder, now() - timedelta(days=38)) == 2
    assert len(list(folder.glob("samkrets-*"))) == 2
    assert backup.prune(folder, now()) == 0


def test_the_worker_does_every_errand_of_the_schedule(database: Database) -> None:
    doing = worker._doing(database, Settings(imap_url="imap://127.0.0.1"), "a")
    assert doing.keys() == {errand.name for errand in ERRANDS}
    assert "backup" not in worker._doing(database, Settings(backup_days=0), "a")
