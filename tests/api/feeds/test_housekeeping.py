"""The weekly letter and the daily look at who may still have which calendar."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from api.accounts.models import Function, Role
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.feeds import housekeeping, queries
from api.feeds.housekeeping import keep_house, put_right, put_right_by_parts, send_digests
from api.feeds.joining import refresh
from api.feeds.models import FeedVersion
from api.feeds.service import create_feed
from api.invitations.delivery import choose
from api.invitations.models import Delivery
from api.kit.clock import now
from api.outbox import queries as outbox
from api.wiring import connect
from tests.calendars import read_events
from tests.factories import Member, make_member

MONDAY = datetime(2027, 1, 11, 7, 0, tzinfo=UTC)


def put(session: Session, member: Member, key: str, days: int) -> None:
    start = MONDAY + timedelta(days=days)
    details = EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv=f"Träff {key}",
        title_en=f"Meeting {key}",
        page=f"/traffar/{key}",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    scope = Scope(ScopeKind.FUNCTION, member.function.id)
    put_event(session, Subject("meeting", key), details, {scope}, MONDAY)


def test_the_weekly_letter_goes_once_a_week_to_those_who_want_it(session: Session) -> None:
    member, other, idle = (make_member(session, Role.RC_MEMBER, f"rc{n}") for n in range(3))
    for one in (member, idle):
        choose(session, one.person.id, Delivery.INVITATION, MONDAY, has_digest=True)
    for key, days in (("a", 3), ("b", 27), ("late", 29), ("past", -1)):
        put(session, member, key, days)
    put(session, other, "c", 3)
    send_digests(session, MONDAY)
    send_digests(session, MONDAY + timedelta(hours=3))
    [mail] = outbox.newest(session, None, 10)
    assert mail.recipient == member.person.email
    assert mail.subject == "2 träffar de närmaste fyra veckorna"
    assert "Träff a" in mail.text
    assert "Träff b" in mail.html
    assert not any(word in mail.text for word in ("Träff late", "Träff past", "Träff c"))
    send_digests(session, MONDAY + timedelta(days=1))
    assert len(outbox.newest(session, None, 10)) == 1
    assert send_digests(session, MONDAY + timedelta(days=7)) == 1
    assert len(outbox.newest(session, None, 10)) == 2


def test_an_address_ends_when_its_owner_may_no_longer_see_the_calendar(database_url: str) -> None:
    database = connect(database_url, "https://samkrets.example")
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "skane")
        person_id, function_id = member.person.id, member.function.id
        scope = Scope(ScopeKind.RC, "skane")
        create_feed(session, scope, Level.NEUTRAL, "sv", "Träffar", person_id, at=MONDAY)
    keep_house(database, MONDAY)
    with database.transaction() as session:
        assert len(queries.tokens_of(session, person_id, MONDAY)) == 1
        session.get_one(Function, function_id).holder_id = None
    keep_house(database, MONDAY)
    with database.reading() as session:
        [(ended, _)] = queries.tokens_of(session, person_id, MONDAY)
        assert ended.clearing_until is not None  # empties the copies, then it is gone
        assert queries.tokens_of(session, person_id, ended.clearing_until) == []
    database.close()


def test_a_new_day_joins_every_calendar_a_few_in_a_transaction(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connect(database_url, "https://samkrets.example")
    many = 2 * housekeeping.AT_ONCE + 3
    with database.transaction() as session:
        for number in range(many):
            scope = Scope(ScopeKind.RC, f"rc{number}")
            create_feed(session, scope, Level.NEUTRAL, "sv", "Träffar", None, at=MONDAY)
        for kept in session.exec(select(FeedVersion)):
            kept.holds_until = MONDAY.date()
    later, sizes = MONDAY + timedelta(days=1), []
    joined = refresh

    def joining(session: Session, at: datetime, most: int) -> int:
        sizes.append(joined(session, at, most))
        return sizes[-1]

    monkeypatch.setattr(housekeeping, "refresh", joining)
    with time_machine.travel(later, tick=False):
        keep_house(database, later)
        assert sizes == [housekeeping.AT_ONCE, housekeeping.AT_ONCE, 3]
        keep_house(database, later)
        assert len(sizes) == 3  # nothing is left
    database.close()


def test_calendars_follow_a_new_base_url_and_say_that_they_are_revised(database_url: str) -> None:
    old, new = (connect(database_url, f"https://{name}.example") for name in ("old", "new"))
    with time_machine.travel(MONDAY, tick=False) as clock:
        with old.transaction() as session:
            member = make_member(session, Role.RC_MEMBER, "skane")
            put(session, member, "m", 3)
            scope = Scope(ScopeKind.FUNCTION, member.function.id)
            feed_id = create_feed(session, scope, Level.NEUTRAL, "sv", "x", None, at=MONDAY)[0].id
        with old.transaction() as session:
            assert put_right(session, MONDAY) == 0
            before = _stored(session, feed_id)
        clock.shift(timedelta(hours=1))
        with new.transaction() as session:
            assert put_right(session, now()) == 2  # the event and its calendar
        with new.transaction() as session:
            assert put_right(session, now()) == 0
            after = _stored(session, feed_id)
        assert put_right_by_parts(old) == 1  # the event; its calendar follows in the same part
        assert put_right_by_parts(old) == 0
    assert b"old.example" not in after.body
    assert after.body.count(b"https://new.example/") == before.body.count(b"https://old.example/")
    assert after.last_modified > before.last_modified
    [event] = read_events(after.body)
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == MONDAY + timedelta(hours=1)
    assert event["SEQUENCE"] == 0
    old.close()
    new.close()


def _stored(session: Session, feed_id: str) -> FeedVersion:
    found = queries.version(session, feed_id)
    assert found is not None
    session.expunge(found)
    return found
