import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from api.accounts import directory, retention, service
from api.accounts.models import DietaryNeed, Person, Role, SignedIn, SignInLink
from api.cli import app
from api.clock import now, today
from api.migrations import upgrade
from api.wiring import connect
from tests.factories import make_member, make_person


def test_dietary_needs_end_thirty_days_after_the_meeting(session: Session) -> None:
    person = make_person(session)
    for meeting, days in (("long ago", 31), ("recent", 29)):
        day = today() - timedelta(days=days)
        retention.note_dietary_need(session, person.id, meeting, day, "nötter")
    session.flush()
    assert retention.erase_technical(session, now()) == 1
    assert [need.meeting_id for need in session.exec(select(DietaryNeed))] == ["recent"]
    retention.note_dietary_need(session, person.id, "recent", today(), "")
    assert session.exec(select(DietaryNeed)).all() == []


def test_old_sign_ins_end_and_open_ones_stay(session: Session) -> None:
    person = make_person(session)
    for days in (100, 1):
        moment = now() - timedelta(days=days)
        service.open_session(session, person.id, "", moment)
        service.new_sign_in_link(session, person, moment)
    session.flush()
    assert retention.erase_technical(session, now()) == 2
    assert len(session.exec(select(SignedIn)).all()) == 1
    assert len(session.exec(select(SignInLink)).all()) == 1


def test_people_are_due_when_their_last_function_was_handed_over_long_ago(session: Session) -> None:
    long_ago = now() - timedelta(days=800)
    gone, stays = make_member(session, Role.RC_MEMBER), make_member(session, Role.RC_MEMBER)
    directory.hand_over(
        session,
        gone.function,
        make_person(session),
        deputy=None,
        version=1,
        actor="system",
        now=long_ago,
    )
    session.flush()
    assert retention.due(session, now(), 24).people == (gone.person,)
    assert retention.due(session, now(), 36).people == ()
    directory.hand_over(
        session, stays.function, gone.person, deputy=None, version=1, actor="system", now=now()
    )
    session.flush()
    assert retention.due(session, now(), 24).people == ()


def test_the_command_exports_first_and_erases_only_under_a_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    upgrade(url)
    database = connect(url, "")
    with database.transaction() as session:
        person = make_person(session, "Exempel Borta", "borta@example.org")
        person.free_since = now() - timedelta(days=1000)
        person_id = person.id
    monkeypatch.setenv("SAMKRETS_DATABASE", url)
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    run = CliRunner().invoke
    assert "Due: 1 people" in run(app, ["erase", "--dry-run"]).output
    assert run(app, ["erase"]).exit_code == 1
    monkeypatch.setenv("SAMKRETS_RETENTION_DECISION", "Dnr 2027-1")
    assert run(app, ["erase"]).exit_code == 0
    [file] = (tmp_path / "erased").glob("*.json")
    assert json.loads(file.read_text())[0]["person"]["email"] == "borta@example.org"
    with database.reading() as session:
        left = session.get(Person, person_id)
        assert left is not None
        assert "Exempel" not in left.model_dump_json()
        assert "borta" not in left.model_dump_json()
    assert "Erased: 0 people" in run(app, ["erase"]).output
    database.close()
