"""Whose answer a mail is: the secret of the invitation or the own server says so, never the From line."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.calendar.models import Level
from api.calendar.queries import fragment
from api.invitations import queries, service
from api.invitations.belief import new_organizer, passes
from api.invitations.models import Invitation, Partstat, ReplyState
from api.invitations.replies import receive
from api.kit.db import Database
from api.outbox import queries as outbox
from api.outbox.models import Mail
from api.wiring import connect
from tests.api.invitations.test_invitations import AT, invite, make, reply, token_in
from tests.calendars import read_events

MAILBOX = "samkrets@example.org"
SERVER = "mx.example.org"


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


@pytest.fixture
def session(wired: Database) -> Iterator[Session]:
    with Session(wired.engine, info={"base_url": wired.base_url}) as opened:
        yield opened


def _invited(session: Session) -> tuple[Invitation, str]:
    event, [function] = make(session)
    return invite(session, event, function), event.uid


def _doubts(session: Session, invited: Invitation) -> list[Mail]:
    found = outbox.newest(session, None, 100)
    return [
        mail
        for mail in found
        if (mail.key or "").endswith("/unconfirmed") and mail.recipient == invited.address
    ]


def _with_results(octets: bytes, *headers: str) -> bytes:
    return b"".join(f"Authentication-Results: {one}\r\n".encode() for one in headers) + octets


def test_a_forged_answer_counts_for_nothing_and_the_invited_is_asked_once(session: Session) -> None:
    invited, uid = _invited(session)
    for number in range(3):
        forged = reply(
            invited, uid, "DECLINED", sequence=2_147_483_647, to=MAILBOX, message_id=f"<{number}@x>"
        )
        forged = _with_results(forged, "mx.evil.example; dmarc=pass header.from=example.org")
        assert receive(session, forged, AT).state is ReplyState.UNCONFIRMED
    assert (invited.partstat, invited.unconfirmed) == (Partstat.NEEDS_ACTION, "DECLINED")
    [asked] = _doubts(session, invited)
    service.answer_by_link(session, token_in(asked), Partstat.ACCEPTED, AT + timedelta(hours=1))
    assert (invited.partstat, invited.unconfirmed) == (Partstat.ACCEPTED, "")


def test_the_secret_of_another_invitation_proves_nothing(session: Session) -> None:
    event, functions = make(session, 2)
    first, second = (invite(session, event, function) for function in functions)
    assert first.organizer != second.organizer
    octets = reply(first, event.uid, "DECLINED", to=second.organizer)
    assert receive(session, octets, AT).state is ReplyState.UNCONFIRMED
    assert first.partstat is Partstat.NEEDS_ACTION


def test_the_own_address_is_believed_and_a_high_number_nails_nothing(session: Session) -> None:
    invited, uid = _invited(session)
    nailing = reply(invited, uid, "DECLINED", sequence=2_147_483_647, stamp="20990101T000000Z")
    assert receive(session, nailing, AT).state is ReplyState.APPLIED
    declined = invited.partstat
    assert declined is Partstat.DECLINED
    assert invited.answer_sequence == invited.sent_sequence
    event = service.event_of(session, invited)
    service.answer_on_page(session, invited, event, Partstat.ACCEPTED, AT + timedelta(minutes=1))
    assert invited.partstat is Partstat.ACCEPTED


def test_an_answer_on_the_page_counts_also_where_a_higher_number_was_kept_before(
    session: Session,
) -> None:
    """Rows of an earlier release hold such numbers."""
    invited, _ = _invited(session)
    invited.partstat, invited.answer_sequence = Partstat.DECLINED, 2_147_483_647
    invited.answered_at = AT + timedelta(days=300)
    event = service.event_of(session, invited)
    service.answer_on_page(session, invited, event, Partstat.ACCEPTED, AT)
    assert invited.partstat is Partstat.ACCEPTED


def test_what_the_own_server_passes_is_believed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKRETS_MAIL_AUTHSERV_ID", SERVER)
    invited, uid = _invited(session)
    octets = reply(invited, uid, "ACCEPTED", to=MAILBOX)
    below = _with_results(octets, f"{SERVER}; dmarc=fail", f"{SERVER}; dmarc=pass")
    assert receive(session, below, AT).state is ReplyState.UNCONFIRMED
    passed = reply(invited, uid, "ACCEPTED", to=MAILBOX, message_id="<2@x>")
    passed = _with_results(
        passed, f"{SERVER}; dmarc=pass header.from=example.org", "other; dmarc=fail"
    )
    assert receive(session, passed, AT).state is ReplyState.APPLIED


def test_what_was_sent_before_keeps_its_organizer_and_a_substitute_gets_an_own_one(
    session: Session,
) -> None:
    invited, _ = _invited(session)
    before = invited.organizer
    service.substitute(session, invited, "Exempel Bo", "bo@example.org", AT)
    assert invited.organizer not in {"", before}
    invited.organizer = ""  # as a row of an earlier release, whose mail named the mailbox
    session.flush()
    for told in queries.told_to(session, invited.address):
        told.organizer = ""
    service.withdraw(session, invited, AT)
    [cancel] = [
        one
        for one in outbox.newest(session, None, 9)
        if one.method == "CANCEL" and one.recipient.startswith("bo@")
    ]
    [told] = read_events(cancel.calendar or b"")
    assert (str(told["ORGANIZER"]), bool(told["ORGANIZER"].params["CN"])) == (
        "mailto:samkrets@example.org",
        True,
    )
    assert cancel.reply_to == MAILBOX


def test_without_plus_addresses_the_mailbox_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert new_organizer() != new_organizer()
    monkeypatch.setenv("SAMKRETS_MAIL_PLUS", "false")
    assert new_organizer() == MAILBOX


def test_no_feed_holds_a_secret(session: Session) -> None:
    invited, _ = _invited(session)
    for level in Level:
        octets = fragment(session, invited.event_id, level, "sv") or b""
        assert b"ORGANIZER" not in octets
        assert invited.organizer.encode() not in octets
    assert queries.of_event(session, invited.event_id)


@pytest.mark.parametrize(
    ("results", "is_passed"),
    [
        (["mx.example.org; dmarc=pass header.from=rc.example"], True),
        (["mx.example.org 1; dmarc=pass (p=reject) header.from=RC.example"], True),
        (["mx.example.org; dmarc=pass header.from=evil.example"], False),
        (["mx.example.org; dmarc=fail header.from=rc.example; spf=pass smtp.mailfrom=rc.example"], False),
        (["mx.example.org; spf=pass smtp.mailfrom=a@rc.example"], True),
        (["mx.example.org; spf=pass smtp.mailfrom=a@evil.example"], False),
        (["mx.example.org; spf=pass smtp.mailfrom=a@example"], False),
        (["mx.example.org; dkim=pass header.d=rc.example"], True),
        (["mx.example.org; dkim=pass header.i=@evil.example; dkim=fail header.d=rc.example"], False),
        (["mx.example.org; none"], False),
        (["mx.evil.example; dmarc=pass header.from=rc.example"], False),
        (["mx.example.org; dmarc=fail", "mx.example.org; dmarc=pass"], False),
        (["mx.evil.example (mx.example.org); dmarc=pass"], False),
        (["; dmarc=pass", ";;;", "mx.example.org"], False),
        ([], False),
    ],
)  # fmt: skip
def test_only_the_topmost_word_of_the_own_server_counts(
    results: list[str],
    is_passed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert passes(results, "mx.example.org", "rc.example") is is_passed
