"""A calendar is followed up by what it holds: mails and feeds change places, and nothing stays behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.news import FunctionHandedOver
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, cancel_event, put_event
from api.feeds import queries as feeds
from api.feeds.delivery import follow_addresses
from api.feeds.service import Ending, revoke, subscribe_as, wish_of
from api.invitations import queries, service
from api.invitations.delivery import choose
from api.invitations.models import Delivery, Invitation, Partstat
from api.invitations.service import Answer
from api.kit.db import Database
from api.kit.mail import Outcome, Result
from api.outbox import queries as outbox
from api.outbox.models import Mail
from api.outbox.service import claim, settle
from api.wiring import connect
from tests.calendars import read_calendar
from tests.factories import Member, make_member

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
)
MEETING = Subject("meeting", "m1")


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


def asked(wired: Database) -> tuple[Member, str]:
    """A coordinator who has an invitation in the own calendar, and has said yes."""
    with wired.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "rc1")
        scope = Scope(ScopeKind.FUNCTION, member.function.id)
        event = put_event(session, MEETING, DETAILS, {scope}, AT)
        invited = service.invite(session, event, member.function, AT)
        assert invited is not None
        service.answer(session, invited, Answer(Partstat.ACCEPTED, 0, AT))
        session.expunge_all()
        return member, event.id


def put(session: Session, member: Member, hours: int) -> Event:
    start = START + timedelta(hours=hours)
    details = replace(DETAILS, starts_at=start, ends_at=start + timedelta(hours=1))
    scope = Scope(ScopeKind.FUNCTION, member.function.id)
    return put_event(session, MEETING, details, {scope}, AT)


def subscribe(wired: Database, member: Member) -> str:
    with wired.transaction() as session:
        scope = Scope(ScopeKind.PERSON, member.person.id)
        wish = wish_of(session, member.viewer, scope, Level.NEUTRAL, "sv", "Min Outlook")
        return subscribe_as(session, member.viewer, wish, AT)[1].id


def parts(wired: Database) -> list[tuple[str, int, str]]:
    """Return METHOD, SEQUENCE and PARTSTAT of every calendar part, in the order that a calendar takes them."""
    with wired.reading() as session:
        mails = [one for one in outbox.newest(session, None, 100) if one.calendar]
        found = [(one, read_calendar(one.calendar or b"").walk("VEVENT")[0]) for one in mails]
        return sorted(
            (
                (one.method, int(told["SEQUENCE"]), str(told["ATTENDEE"].params["PARTSTAT"]))
                for one, told in found
            ),
            key=lambda one: one[1],
        )


def place(session: Session, event_id: str) -> Invitation:
    [found] = queries.of_event(session, event_id)
    return found


def send_all(wired: Database, outcome: Outcome = Outcome.SENT) -> None:
    with wired.transaction() as session:
        for mail in claim(session, AT, 100):
            settle(session, mail.id, Result(outcome), AT)


def test_who_subscribes_gets_the_invitation_out_of_the_calendar_that_has_it(
    wired: Database,
) -> None:
    member, event_id = asked(wired)
    send_all(wired)
    subscribe(wired, member)
    assert parts(wired) == [("REQUEST", 0, "NEEDS-ACTION"), ("CANCEL", 1, "ACCEPTED")]
    with wired.transaction() as session:
        assert place(session, event_id).partstat is Partstat.ACCEPTED
        put(session, member, 2)  # the feed follows; the mail has nothing to follow
    assert len(parts(wired)) == 2


def test_what_an_earlier_version_left_in_a_calendar_is_moved_and_called_off_there(
    wired: Database,
) -> None:
    member, _ = asked(wired)
    with wired.transaction() as session:  # flipped without a word
        found = choose(session, member.person.id, Delivery.BOTH, AT)
        chosen = queries.choice(session, member.person.id)
        assert (found, chosen is not None) == (0, True)
        assert chosen is not None
        chosen.delivery = Delivery.FEED
        session.add(chosen)
    with wired.transaction() as session:
        put(session, member, 2)
    with wired.transaction() as session:
        cancel_event(session, MEETING, AT)
    assert parts(wired) == [
        ("REQUEST", 0, "NEEDS-ACTION"),
        ("REQUEST", 1, "NEEDS-ACTION"),
        ("CANCEL", 2, "NEEDS-ACTION"),
    ]


@pytest.mark.parametrize("way", [*Ending, "expired"])
def test_ending_the_last_address_brings_the_events_back_by_mail(wired: Database, way: str) -> None:
    member, event_id = asked(wired)
    token_id = subscribe(wired, member)
    with wired.transaction() as session:
        if way == "expired":
            token = feeds.token(session, token_id)
            assert token is not None
            token.expires_at = AT
            session.add(token)
            session.flush()
            follow_addresses(session, member.person.id, AT)
        else:
            revoke(session, member.viewer, token_id, Ending(way), AT)
    assert parts(wired) == [
        ("REQUEST", 0, "NEEDS-ACTION"),
        ("CANCEL", 1, "ACCEPTED"),
        ("REQUEST", 2, "ACCEPTED"),
    ]
    with wired.transaction() as session:
        chosen = queries.choice(session, member.person.id)
        assert chosen is not None
        assert chosen.delivery is Delivery.INVITATION
        assert place(session, event_id).partstat is Partstat.ACCEPTED
        cancel_event(session, MEETING, AT)
    assert parts(wired)[-1][:2] == ("CANCEL", 3)


def test_a_mail_that_was_taken_back_or_refused_put_nothing_into_a_calendar(wired: Database) -> None:
    asked(wired)
    send_all(wired, Outcome.REFUSED)
    with wired.transaction() as session:
        cancel_event(session, MEETING, AT)
    assert [method for method, *_ in parts(wired)] == ["REQUEST"]
    with wired.reading() as session:
        assert len(outbox.newest(session, None, 100)) == 2  # told in words, without a part


def test_a_part_that_went_out_counts_when_its_mail_is_gone(wired: Database) -> None:
    asked(wired)
    send_all(wired)
    with wired.transaction() as session:
        for mail in outbox.newest(session, None, 100):
            session.delete(session.get_one(Mail, mail.id))
    with wired.transaction() as session:
        cancel_event(session, MEETING, AT)
    assert [method for method, *_ in parts(wired)] == ["CANCEL"]


def test_both_ways_is_a_choice_that_keeps_the_mails_parts(wired: Database) -> None:
    member, _ = asked(wired)
    subscribe(wired, member)
    with wired.transaction() as session:
        assert choose(session, member.person.id, Delivery.BOTH, AT) == 1
    assert [method for method, *_ in parts(wired)] == ["REQUEST", "CANCEL", "REQUEST"]


def test_a_seat_given_by_hand_stays_when_the_function_is_handed_over(wired: Database) -> None:
    member, event_id = asked(wired)
    with wired.transaction() as session:
        service.substitute(session, place(session, event_id), "Exempel", "deputy@example.org", AT)
        new = make_member(session, Role.RC_MEMBER, "rc2")
        news = FunctionHandedOver(member.function.id, member.person.id, new.person.id, "system", AT)
        service.on_function_handed_over(session, news)
        assert place(session, event_id).address == "deputy@example.org"
