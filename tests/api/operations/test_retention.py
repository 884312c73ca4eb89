import json
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner

from api.accounts import directory, retention, service
from api.accounts.models import Person, Role, SignedIn, SignInLink
from api.audit.models import AuditEntry
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.circles.models import Absence
from api.cli import app
from api.dietary import service as dietary
from api.dietary.models import DietaryNeed
from api.feeds.service import Wish, subscribe
from api.invitations import service as invitations
from api.invitations.models import Invitation, InvitationToken, Substitution
from api.kit.clock import now, today
from api.kit.db import Database
from api.kit.once.models import Acted
from api.kit.settings import Settings
from api.kit.throttle.models import Hit
from api.operations.queries import NAMES_A_PERSON, NEVER_TOLD
from api.operations.retention import SAID_APART, due, erase_decided, erase_served, everything_of
from api.outbox.models import Mail, MailState
from api.outbox.service import queue
from api.wiring import connect
from api.worker import tidy
from tests import migrated
from tests.factories import make_meeting, make_member, make_person


def _move_back(session: Session, meeting_id: str, days: int) -> None:
    """Let a meeting have been so many days ago, as its needs remember it."""
    for need in session.exec(select(DietaryNeed).where(DietaryNeed.meeting_id == meeting_id)):
        need.erase_on = today() - timedelta(days=days) + dietary.KEPT
        session.add(need)
    session.flush()


def test_dietary_needs_end_thirty_days_after_the_meeting_without_any_decision(
    session: Session, settings: Settings
) -> None:
    person = make_person(session)
    long_ago, recent = make_meeting(session), make_meeting(session)
    for meeting, days in ((long_ago, 30), (recent, 29)):
        dietary.tell(session, meeting, person.email, ["nuts"], "", now())
        _move_back(session, meeting.id, days)
    erase_served(session, now(), settings)
    assert [need.meeting_id for need in session.exec(select(DietaryNeed))] == [recent.id]
    [entry] = session.exec(select(AuditEntry).where(AuditEntry.action == "erased"))
    assert entry.after == {"dietary_needs": 1}
    erase_served(session, now(), settings)
    assert len(session.exec(select(AuditEntry).where(AuditEntry.action == "erased")).all()) == 1


def test_a_worker_erases_what_has_served_its_day_without_being_asked(
    database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        meeting = make_meeting(session)
        dietary.tell(session, meeting, "a@example.org", ["nuts"], "", now())
        _move_back(session, meeting.id, 31)
        session.add(Acted(key="old", at=now() - timedelta(days=3)))
        session.add(Hit(key="old", at=now() - timedelta(days=3)))
    tidy(database, settings)
    with database.reading() as session:
        left = [session.exec(select(table)).all() for table in (DietaryNeed, Acted, Hit)]
    assert left == [[], [], []]


def test_old_sign_ins_end_when_the_setting_says_and_open_ones_stay(
    session: Session, settings: Settings
) -> None:
    person = make_person(session)
    for days in (100, 1):
        moment = now() - timedelta(days=days)
        service.open_session(session, person.id, "", moment)
        service.new_sign_in_link(session, person, moment)
    session.flush()
    patient = settings.model_copy(update={"retention_sign_in_days": 200})
    erase_served(session, now(), patient)
    assert len(session.exec(select(SignedIn)).all()) == 2
    erase_served(session, now(), settings)
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
    assert retention.people_due(session, now(), 24) == (gone.person,)
    assert retention.people_due(session, now(), 36) == ()
    directory.hand_over(
        session, stays.function, gone.person, deputy=None, version=1, actor="system", now=now()
    )
    session.flush()
    assert retention.people_due(session, now(), 24) == ()


def test_what_mails_said_ends_after_its_months_also_of_drafts_that_nobody_sent(
    session: Session, settings: Settings
) -> None:
    long_ago = now() - timedelta(days=400)
    for state, at in (
        (MailState.SENT, long_ago),
        (MailState.FAILED, long_ago),
        (MailState.DRAFT, long_ago),
        (MailState.SENT, now()),
    ):
        queue(session, "x@example.org", "Ärende", "Text", "<p>Text</p>", at).state = state
    session.flush()
    found = due(session, now(), settings)
    assert len(found.mails) == 3
    erase_decided(session, found, "Dnr 2027-1")
    session.flush()
    left = session.exec(select(Mail).where(Mail.recipient == "–")).all()
    assert {(mail.subject, mail.text, mail.html, mail.calendar) for mail in left} == {
        ("Ärende", "", "", None)
    }
    assert {mail.state for mail in left} == {MailState.SENT, MailState.FAILED}
    assert due(session, now(), settings).mails == ()
    [entry] = session.exec(select(AuditEntry).where(AuditEntry.subject_id == "decided"))
    assert entry.after == {"decision": "Dnr 2027-1", "mails": 3, "invitations": 0}


def test_names_at_past_meetings_end_after_their_months_and_the_answers_stay(
    session: Session, settings: Settings
) -> None:
    member = make_member(session, Role.RC_MEMBER)
    start = now() + timedelta(days=1)
    details = EventDetails(
        neutral_sv="Träff",
        neutral_en="Meeting",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    audience = {Scope(ScopeKind.FUNCTION, member.function.id)}
    event = put_event(session, Subject("meeting", "m"), details, audience, now())
    invited = invitations.invite(session, event, member.function, now())
    assert invited is not None
    invitations.substitute(session, invited, "Exempel B", "b@example.org", now())
    assert len(due(session, now(), settings).invitations) == 0
    found = due(session, now() + timedelta(days=735), settings)
    assert len(found.invitations) == 2
    erase_decided(session, found, "Dnr 2027-1")
    session.flush()
    [left] = session.exec(select(Invitation))
    assert left.name == "–"
    assert "@" not in left.address
    assert session.exec(select(Substitution)).all() == []
    assert session.exec(select(InvitationToken)).all() == []


def test_the_command_exports_first_and_erases_only_under_a_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = migrated.on_sqlite(tmp_path / "x.db")
    database = connect(url, "")
    with database.transaction() as session:
        person = make_person(session, "Exempel Borta", "borta@example.org")
        person.free_since = now() - timedelta(days=1000)
        person_id = person.id
        meeting = make_meeting(session)
        dietary.tell(session, meeting, person.email, [], "inget med selleri", now())
        old = queue(session, "x@example.org", "S", "T", "", now() - timedelta(days=400))
        old.state = MailState.SENT
    monkeypatch.setenv("SAMKRETS_DATABASE", url)
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    run = CliRunner().invoke
    assert "Due: 1 people, 1 mails" in run(app, ["erase", "--dry-run"]).output
    kept = run(app, ["erase"])
    assert (kept.exit_code, "Kept" in kept.output) == (1, True)
    assert not (tmp_path / "erased").exists()

    monkeypatch.setenv("SAMKRETS_RETENTION_DECISION", "Dnr 2027-1")
    (tmp_path / "erased").write_text("a file where the folder should be")
    assert run(app, ["erase"]).exit_code != 0  # what cannot be exported is not erased
    (tmp_path / "erased").unlink()
    assert "Due: 1 people, 1 mails" in run(app, ["erase", "--dry-run"]).output

    assert run(app, ["erase"]).exit_code == 0
    [file] = (tmp_path / "erased").glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    exported = json.loads(file.read_text())
    assert exported["decision"] == "Dnr 2027-1"
    assert exported["people"][0]["person"]["email"] == "borta@example.org"
    assert exported["people"][0]["dietary_needs"][0]["other"] == "inget med selleri"
    assert exported["mails"][0]["text"] == "T"
    with database.reading() as session:
        left = session.get(Person, person_id)
        assert left is not None
        assert "Exempel" not in left.model_dump_json()
        assert "borta" not in left.model_dump_json()
        assert session.exec(select(DietaryNeed)).all() == []
    assert "Erased: 0 people, 0 mails" in run(app, ["erase"]).output
    database.close()


def test_what_is_kept_of_somebody_is_all_that_stands_under_their_id(database: Database) -> None:
    """Each text column that holds the id of a person is either told apart or found by its name."""
    with database.transaction() as session:
        one, other = make_member(session, Role.READER), make_member(session, Role.READER)
        scope = Scope(ScopeKind.PERSON, one.person.id)
        wish = Wish(
            scope=scope,
            level=Level.INTERNAL,
            language="sv",
            name="Samkrets",
            owner_person_id=one.person.id,
            label="Min telefon",
        )
        subscribe(session, wish, now())
        for ids in ((one.person.id, other.person.id), (other.person.id, one.person.id)):
            session.add(
                Absence(
                    function_id=one.function.id,
                    person_id=ids[0],
                    deputy_id=ids[1],
                    starts_on=date(2027, 1, 4),
                    until=date(2027, 1, 8),
                    made_at=now(),
                )
            )
        session.flush()
        kept = everything_of(session, one.person, now())
        assert "Min telefon" in str(kept)
        named = cast("dict[str, list[dict[str, object]]]", kept["named_in"])
        assert {"feed_token", "absence"} <= named.keys()
        assert len(named["absence"]) == 2
        assert other.person.id not in str(kept)
        assert not NEVER_TOLD.search(" ".join(key for rows in named.values() for key in rows[0]))
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if any(key.column.table.name == "person" for key in column.foreign_keys):
                    is_found = NAMES_A_PERSON.search(column.name)
                    assert is_found or table.name in SAID_APART, (table.name, column.name)
