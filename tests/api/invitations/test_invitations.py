"""Invitations: one recipient a mail, updates only when it matters, answers in order, substitutes, waiting."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from sqlmodel import Session

from api.accounts.models import Function, Role
from api.calendar import queries as calendar
from api.calendar.models import Event, ScopeKind
from api.calendar.service import EventChanged, EventDetails, Scope, Subject, cancel_event, put_event
from api.invitations import queries, service
from api.invitations.delivery import choose
from api.invitations.incoming import MOST_OCTETS
from api.invitations.models import Delivery, Invitation, Partstat, Place, ReplyState
from api.invitations.replies import receive
from api.invitations.service import Answer
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.mail import compose
from api.outbox import queries as outbox
from api.outbox.models import Mail
from api.outbox.sealing import unseal_part
from api.outbox.sending import letter_of
from api.wiring import connect
from tests.calendars import read_calendar
from tests.factories import make_member
from tests.mailbox import text_of

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = AT + timedelta(days=30)
DETAILS = EventDetails(
    neutral_sv="Nätverksträff",
    neutral_en="Network meeting",
    title_sv="Träff om samråd",
    title_en="Meeting on consultation",
    page="/traffar/m1",
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    town="Örebro",
    room="Sal 2",
    agenda_sv="Syfte: lära\nUppgift: berätta\nFörbered: tänk efter",
    agenda_en="Purpose: learn",
)
MEETING = Subject("meeting", "m1")


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


def make(
    session: Session, people: int = 1, seats: int | None = None
) -> tuple[Event, list[Function]]:
    functions = [make_member(session, Role.RC_MEMBER, f"rc{n}").function for n in range(people)]
    scopes = {Scope(ScopeKind.FUNCTION, one.id) for one in functions}
    event = put_event(session, MEETING, DETAILS, scopes, AT)
    if seats is not None:
        service.limit_seats(session, event.id, seats, AT)
    return event, functions


def invite(session: Session, event: Event, function: Function) -> Invitation:
    invited = service.invite(session, event, function, AT)
    assert invited is not None
    return invited


def mails(session: Session) -> list[Mail]:
    found = outbox.newest(session, None, 100)
    return sorted(found, key=lambda mail: (mail.created_at, mail.recipient, mail.method))


def calendar_of(mail: Mail) -> Any:  # noqa: ANN401 - icalendar's values
    assert mail.calendar is not None
    [event] = read_calendar(mail.calendar).walk("VEVENT")
    return event


def move(session: Session, hours: int, **more: Any) -> Event:  # noqa: ANN401 - fields
    start = START + timedelta(hours=hours)
    details = replace(DETAILS, starts_at=start, ends_at=start + timedelta(hours=1), **more)
    audience = {Scope(*scope) for scope in _audience(session)}
    return put_event(session, MEETING, details, audience, AT)


def _audience(session: Session) -> frozenset[tuple[ScopeKind, str]]:
    event = calendar.event_of(session, *MEETING)
    assert event is not None
    return calendar.audience(session, event.id)


def changed(session: Session, event: Event) -> None:
    """What the wiring does before the commit."""
    service.on_event_changed(session, EventChanged(event.id, frozenset()))


def token_in(mail: Mail) -> str:
    found = re.search(r"/svar/([A-Za-z0-9_-]{43})", text_of(mail))
    assert found is not None
    return found[1]


def reply(
    invited: Invitation,
    uid: str,
    partstat: str = "ACCEPTED",
    sequence: int = 0,
    stamp: str = "20270110T130000Z",
    **more: str,
) -> bytes:
    sender, method = more.get("sender", invited.address), more.get("method", "REPLY")
    body = (
        f"BEGIN:VCALENDAR\r\nPRODID:-//x//y//EN\r\nVERSION:2.0\r\nMETHOD:{method}\r\n"
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:{stamp}\r\nSEQUENCE:{sequence}\r\n"
        f"ORGANIZER:mailto:samkrets@example.org\r\n"
        f"ATTENDEE;PARTSTAT={partstat}:MAILTO:{more.get('attendee', invited.address)}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    message = EmailMessage()
    message["From"] = f"Någon <{sender}>"
    message["To"] = more.get("to", invited.organizer)
    message["Message-ID"] = more.get("message_id", f"<{partstat}{sequence}{stamp}@x>")
    message.set_content("Svar")
    message.add_alternative(body, subtype="calendar", params={"method": method})
    return message.as_bytes()


def test_each_mail_goes_to_one_recipient_and_names_no_other(session: Session) -> None:
    event, functions = make(session, 3)
    everybody = [invite(session, event, function) for function in functions]
    sent = mails(session)
    assert {mail.recipient for mail in sent} == {one.address for one in everybody}
    for mail in sent:
        others = {one.address for one in everybody} - {mail.recipient}
        names = {one.name for one in everybody if one.address != mail.recipient}
        octets = compose(letter_of(session, mail, "samkrets@example.org")).as_bytes()
        whole = octets + (mail.calendar or b"") + text_of(mail).encode() + mail.html.encode()
        assert not any(word.encode() in whole for word in others | names)
        assert calendar_of(mail)["ATTENDEE"] == f"mailto:{mail.recipient}"


def test_a_request_has_what_rfc_5546_and_6047_ask_for(session: Session) -> None:
    event, [function] = make(session)
    invite(session, event, function)
    [mail] = mails(session)
    octets = compose(letter_of(session, mail, "samkrets@example.org")).as_bytes()
    message = email.message_from_bytes(octets, policy=email.policy.default)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    [inline] = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    assert inline.get_param("method") == "REQUEST"
    assert inline.get_param("charset") == "UTF-8"
    assert inline["Content-Transfer-Encoding"] == "base64"
    assert mail.calendar is not None
    assert inline.get_payload(decode=True) == unseal_part(session, mail.calendar)
    assert str(read_calendar(mail.calendar)["METHOD"]) == "REQUEST"
    vevent = calendar_of(mail)
    assert str(vevent["UID"]) == event.uid
    own = str(vevent["ORGANIZER"]).removeprefix("mailto:")
    assert re.fullmatch(r"samkrets\+[0-9a-f]{20}@example\.org", own)
    assert (message["Reply-To"], "samkrets@example.org" in message["From"]) == (own, True)
    attendee = vevent["ATTENDEE"].params
    assert (attendee["PARTSTAT"], attendee["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    for word in ("Syfte: lära", "Uppgift: berätta", "Förbered: tänk efter", "Sal 2"):
        assert word in text_of(mail)
    assert "kl. 13.00–14.00" in text_of(mail)


def test_a_new_time_is_sent_again_and_voids_the_answer_but_a_new_wording_is_not(
    session: Session,
) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    service.answer(session, invited, Answer(Partstat.ACCEPTED, 0, AT))
    changed(session, move(session, 0, agenda_sv="Syfte: annat"))
    assert len(mails(session)) == 1
    changed(session, move(session, 2))
    changed(session, move(session, 2))
    first, second = sorted(mails(session), key=lambda mail: calendar_of(mail)["SEQUENCE"])
    assert int(calendar_of(first)["SEQUENCE"]) == 0
    assert int(calendar_of(second)["SEQUENCE"]) == 1
    assert second.subject.startswith("Flyttad till ")
    assert invited.partstat is Partstat.NEEDS_ACTION
    assert not service.answer(session, invited, Answer(Partstat.ACCEPTED, 0, AT))


def told_of_a_move(session: Session, **changes: Any) -> Mail:  # noqa: ANN401 - fields
    """Return the mail to somebody who was invited before an event was changed so."""
    event, [function] = make(session)
    invited = invite(session, event, function)
    changed(session, move(session, changes.pop("hours", 0), **changes))
    assert invited.sent_sequence is not None
    [mail] = [one for one in mails(session) if not one.subject.startswith("Inbjudan ")]
    return mail


def test_a_move_says_the_time_and_the_place_that_were_each_where_it_is_another(
    session: Session,
) -> None:
    mail = told_of_a_move(session, town="Umeå")
    assert mail.subject.startswith("Ny plats ")
    told = text_of(mail)
    assert "Förut: Örebro\n" in told
    assert "Ny plats: Sal 2, Umeå" in told
    assert "Ny tid" not in told


def test_a_move_in_time_and_place_says_both(session: Session) -> None:
    mail = told_of_a_move(session, town="Umeå", hours=2)
    assert mail.subject.startswith("Flyttad till ")
    told = text_of(mail)
    assert re.search(r"Förut: .*kl\. 13\.00–14\.00.*, Örebro\n", told)
    assert "Ny tid: " in told
    assert "Ny plats: " in told


def test_a_protected_event_that_moves_tells_no_town(session: Session) -> None:
    mail = told_of_a_move(session, town="Umeå", hours=2, is_protected=True)
    for town in ("Örebro", "Umeå"):
        assert town not in text_of(mail) + mail.html


def test_calling_off_cancels_with_a_higher_sequence_and_nothing_is_sent_about_the_past(
    session: Session,
) -> None:
    event, [function] = make(session)
    invite(session, event, function)
    cancel_event(session, MEETING, AT)
    changed(session, event)
    changed(session, event)
    cancelled = [mail for mail in mails(session) if mail.method == "CANCEL"]
    assert len(cancelled) == 1
    vevent = calendar_of(cancelled[0])
    assert (int(vevent["SEQUENCE"]), str(vevent["STATUS"])) == (1, "CANCELLED")
    with pytest.raises(ConflictError):
        service.invite(session, event, function, AT)
    over = put_event(session, MEETING, DETAILS, frozenset(), AT)
    with time_machine.travel(START + timedelta(days=1), tick=False):
        changed(session, over)
    assert len(mails(session)) == 2


def test_a_substitute_is_asked_the_first_is_told_and_the_history_is_kept(session: Session) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    first = invited.address
    old_link = token_in(mails(session)[0])
    service.substitute(session, invited, "Exempel Vikarie", "Vikarie@example.org", AT)
    by = {(mail.recipient, mail.method): mail for mail in mails(session)}
    assert int(calendar_of(by[(first, "CANCEL")])["SEQUENCE"]) == 1
    request = by[("vikarie@example.org", "REQUEST")]
    assert int(calendar_of(request)["SEQUENCE"]) == 1
    [history] = queries.substitutions(session, invited.id)
    assert (history.from_address, history.to_address) == (first, "vikarie@example.org")
    with pytest.raises(MissingError):
        service.by_token(session, old_link)
    service.answer_by_link(session, token_in(request), Partstat.ACCEPTED, AT)
    assert invited.partstat is Partstat.ACCEPTED
    changed(session, move(session, 1))  # the event's first move reaches the substitute too
    newest = [m for m in mails(session) if m.recipient == "vikarie@example.org"]
    assert sorted(int(calendar_of(mail)["SEQUENCE"]) for mail in newest) == [1, 2]
    service.substitute(session, invited, "Exempel", first, AT)
    back = [m for m in mails(session) if m.recipient == first and m.method == "REQUEST"]
    assert max(int(calendar_of(mail)["SEQUENCE"]) for mail in back) == 3


def test_a_substitutes_mail_is_an_invitation_and_not_news_of_a_change(session: Session) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    service.substitute(session, invited, "Exempel Vikarie", "vikarie@example.org", AT)
    [asked] = [mail for mail in mails(session) if mail.recipient == "vikarie@example.org"]
    assert asked.subject.startswith("Inbjudan ")
    assert "Välkommen till en träff!" in asked.text
    assert "Ditt förra svar" not in asked.text
    changed(session, move(session, 1))
    newest = [mail for mail in mails(session) if mail.recipient == "vikarie@example.org"]
    assert sorted(mail.subject.split()[0] for mail in newest) == ["Flyttad", "Inbjudan"]


def test_a_waiting_place_passed_on_mails_nobody_until_a_seat_is_free(session: Session) -> None:
    event, functions = make(session, 2, seats=1)
    invite(session, event, functions[0])
    waiting = invite(session, event, functions[1])
    first = waiting.address
    service.substitute(session, waiting, "Exempel Vikarie", "vikarie@example.org", AT)
    assert len(mails(session)) == 1
    service.limit_seats(session, event.id, 2, AT)
    recipients = {mail.recipient for mail in mails(session)}
    assert "vikarie@example.org" in recipients
    assert first not in recipients


@pytest.mark.parametrize(("name", "address"), [("", "a@example.org"), ("A", "a"), ("A", "")])
def test_a_substitute_needs_a_name_and_an_address(
    session: Session, name: str, address: str
) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    with pytest.raises(FieldFault):
        service.substitute(session, invited, name, address, AT)


def test_a_full_room_has_a_waiting_list_that_moves_up(session: Session) -> None:
    event, functions = make(session, 4, seats=2)
    a, b, c, d = (invite(session, event, function) for function in functions)
    assert [one.place for one in (a, b, c, d)] == [
        Place.INVITED, Place.INVITED, Place.WAITING, Place.WAITING,
    ]  # fmt: skip
    assert len(mails(session)) == 2
    service.answer(session, a, Answer(Partstat.DECLINED, 0, AT))
    assert (c.place, d.place) == (Place.INVITED, Place.WAITING)
    service.withdraw(session, b, AT)
    assert d.place is Place.INVITED
    assert [mail.method for mail in mails(session) if mail.recipient == b.address] == [
        "CANCEL", "REQUEST",
    ]  # fmt: skip
    service.limit_seats(session, event.id, 1, AT)
    assert c.place is Place.INVITED  # nobody is sent away


def test_who_reads_a_feed_gets_the_mail_without_a_calendar_part(session: Session) -> None:
    event, [function] = make(session)
    assert function.holder_id is not None
    choose(session, function.holder_id, Delivery.FEED, AT)
    invite(session, event, function)
    [mail] = mails(session)
    assert mail.calendar is None
    assert "kalenderprogram" not in text_of(mail) + mail.html
    assert token_in(mail)


def test_inviting_twice_is_one_invitation_and_an_empty_post_none(session: Session) -> None:
    event, [function] = make(session)
    assert invite(session, event, function) is invite(session, event, function)
    assert len(mails(session)) == 1
    function.holder_id = None
    event2 = put_event(session, Subject("meeting", "m2"), DETAILS, frozenset(), AT)
    assert service.invite(session, event2, function, AT) is None


def test_a_reply_by_mail_sets_the_answer_and_is_taken_once(session: Session) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    octets = reply(invited, event.uid)
    first = receive(session, octets, AT + timedelta(hours=2))
    assert (first.state, invited.partstat) == (ReplyState.APPLIED, Partstat.ACCEPTED)
    assert receive(session, octets, AT + timedelta(hours=3)) is first


def test_replies_are_ordered_by_sequence_and_then_by_their_own_time(session: Session) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    at = AT + timedelta(hours=9)
    late = reply(invited, event.uid, "DECLINED", stamp="20270110T150000Z")
    early = reply(invited, event.uid, "ACCEPTED", stamp="20270110T140000Z")
    assert receive(session, late, at).state is ReplyState.APPLIED
    assert receive(session, early, at).state is ReplyState.OLDER
    assert str(invited.partstat) == "DECLINED"
    changed(session, move(session, 2))
    # to the time before the move: answered before it, or perhaps not
    old = reply(invited, event.uid, "TENTATIVE", 0, stamp="20270110T113000Z")
    assert receive(session, old, at).state is ReplyState.OLDER
    unsure = reply(invited, event.uid, "TENTATIVE", 0, stamp="20270110T160000Z")
    assert receive(session, unsure, at).state is ReplyState.FOR_A_PERSON
    new = reply(invited, event.uid, "ACCEPTED", 1, stamp="20270110T123000Z")
    assert receive(session, new, at).state is ReplyState.APPLIED
    assert str(invited.partstat) == "ACCEPTED"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sender": "other@example.org"}, "sender is not the attendee"),
        ({"sender": "x@example.org", "attendee": "x@example.org"}, "not invited"),
        ({"method": "COUNTER"}, "counter"),
        ({"uid": "unknown"}, "not invited"),
        ({"partstat": "DELEGATED"}, "delegated"),
        ({"partstat": "IN-PROCESS"}, "PARTSTAT"),
        ({"stamp": "yesterday"}, "DTSTAMP"),
    ],
)
def test_whatever_is_not_plainly_an_answer_waits_for_a_person(
    session: Session, more: dict[str, str], reason: str
) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    octets = reply(invited, **{"uid": event.uid, **more})  # type: ignore[arg-type]
    kept = receive(session, octets, AT)
    assert kept.state is ReplyState.FOR_A_PERSON
    assert kept.reason.startswith(reason)
    assert invited.partstat is Partstat.NEEDS_ACTION
    assert queries.replies_for_a_person(session) == [kept]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00\xff",
        b"From: a@b\r\n\r\nhello",
        b"x" * (MOST_OCTETS + 1),
        b"Message-ID: \r\n\r\n",
    ],
)
def test_a_mail_that_is_no_reply_waits_for_a_person_too(session: Session, octets: bytes) -> None:
    kept = receive(session, octets, AT)
    assert kept.state is ReplyState.FOR_A_PERSON


def test_a_protected_event_tells_nothing_in_its_mail(session: Session) -> None:
    _, [function] = make(session)
    secret = move(session, 0, is_protected=True)
    invite(session, secret, function)
    [mail] = mails(session)
    assert mail.calendar is not None
    for word in ("samråd", "Sal 2", "Örebro", "Syfte"):
        assert word not in mail.subject + text_of(mail) + mail.html + mail.calendar.decode()


def test_an_answer_without_a_number_is_judged_by_when_it_was_written(session: Session) -> None:
    """After a move: programs that tell no SEQUENCE are neither dropped nor believed too much."""
    event, [function] = make(session)
    invited = invite(session, event, function)
    changed(session, move(session, 2))
    at = AT + timedelta(hours=9)
    before = reply(invited, event.uid, stamp="20270110T113000Z").replace(b"SEQUENCE:0\r\n", b"")
    before = before.replace(b"SEQUENCE:0\n", b"")
    assert receive(session, before, at).state is ReplyState.FOR_A_PERSON
    after = reply(invited, event.uid, "DECLINED", stamp="20270110T160000Z")
    after = after.replace(b"SEQUENCE:0\r\n", b"").replace(b"SEQUENCE:0\n", b"")
    assert b"SEQUENCE" not in before + after
    assert receive(session, after, at).state is ReplyState.APPLIED
    assert invited.partstat is Partstat.DECLINED


def test_an_answer_whose_place_is_gone_waits_for_a_person(session: Session) -> None:
    event, [function] = make(session)
    invited = invite(session, event, function)
    invited.place = Place.WITHDRAWN
    session.add(invited)
    kept = receive(session, reply(invited, event.uid), AT)
    assert (kept.state, kept.reason) == (ReplyState.FOR_A_PERSON, "not invited")


def test_a_machine_s_answer_is_dropped(session: Session) -> None:
    away = b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <a@x>\r\n\r\nLedig"
    assert receive(session, away, AT).state is ReplyState.HANDLED
    assert queries.replies_for_a_person(session) == []
