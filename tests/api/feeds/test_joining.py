"""What is in a feed and when, on both databases; goldens of whole calendars read back by other parsers."""

import dataclasses
import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
import time_machine
import vobject
from sqlmodel import Session

from api.accounts.models import Role
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, cancel_event, put_event
from api.feeds import queries
from api.feeds.joining import check, join, refresh
from api.feeds.models import Feed
from api.feeds.service import create_feed, feed_bytes
from api.kit.clock import from_local, to_local
from api.kit.db import Database
from api.wiring import connect
from tests.calendars import read_calendar, read_events
from tests.factories import make_member

GOLDEN = Path(__file__).parents[2] / "feeds" / "golden"
AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
NETWORK = Scope(ScopeKind.NETWORK, "n1")


def details(start: datetime, hours: float = 2, **more: object) -> EventDetails:
    made = EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv="Träff om samråd, samtal och stöd",
        title_en="Meeting on consultation",
        page="/traffar/m1",
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
        town="Örebro",
        room="Sal 2",
        agenda_sv="Syfte: lära av varandra\nUppgift: ta med ett exempel; gärna två",
        agenda_en="Purpose: learning from each other",
    )
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def put(session: Session, key: str, what: EventDetails, at: datetime = AT) -> str:
    return put_event(session, Subject("meeting", key), what, {NETWORK}, at).uid


def make(session: Session, level: Level = Level.NEUTRAL, language: str = "sv") -> Feed:
    feed, _ = create_feed(
        session, NETWORK, level, "en" if language == "en" else "sv", "Nätverksträffar", None, at=AT
    )
    return feed


def uids(body: bytes) -> set[str]:
    return {str(event["UID"]) for event in read_events(body)}


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    yield made
    made.close()


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_calendar_is_byte_for_byte_the_golden_file(
    wired: Database, level: Level, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each: before and after both changeovers, moved, cancelled, whole-day, digital, protected."""
    numbers = iter(range(100))
    monkeypatch.setattr(
        "api.calendar.service.new_uid", lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"
    )
    local = [
        datetime(2027, 3, 26, 9),  # noqa: DTZ001 - local
        datetime(2027, 3, 29, 9),  # noqa: DTZ001
        datetime(2027, 10, 29, 9),  # noqa: DTZ001
        datetime(2027, 11, 1, 9),  # noqa: DTZ001
    ]
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        for number, moment in enumerate(local):
            put(session, f"m{number}", details(from_local(moment)))
        put(session, "moved", details(from_local(local[0])))
        put(session, "moved", details(from_local(local[1])), AT + timedelta(hours=1))
        put(session, "off", details(from_local(local[2])))
        cancel_event(session, Subject("meeting", "off"), AT + timedelta(hours=2))
        first, last = date(2027, 5, 4), date(2027, 5, 5)
        days = details(AT, starts_at=None, ends_at=None, first_day=first, last_day=last)
        put(session, "days", days)
        put(session, "digital", details(from_local(local[1]), town="", room=""))
        put(session, "protected", details(from_local(local[2]), is_protected=True))
        put(session, "example", details(from_local(local[3]), is_example=True))
        body = feed_bytes(session, make(session, level, language))
    file = GOLDEN / f"network-{level}-{language}.ics"
    if os.environ.get("SAMKRETS_WRITE_GOLDEN"):
        file.write_bytes(body)
    assert body == file.read_bytes()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.ics")), ids=lambda file: file.stem)
def test_three_parsers_read_the_same_events_from_a_golden_file(file: Path) -> None:
    body = file.read_bytes()
    read = {str(e["UID"]): e["DTSTART"].dt for e in read_events(body)}
    assert len(read) == 10
    other = {e.uid.value: e.dtstart.value for e in vobject.readOne(body.decode()).vevent_list}
    assert {uid: instant(at) for uid, at in other.items()} == {
        uid: instant(at) for uid, at in read.items()
    }
    expanded = recurring_ical_events.of(read_calendar(body)).between((2027, 1, 1), (2028, 1, 1))
    assert {str(e["UID"]): instant(e["DTSTART"].dt) for e in expanded} == {
        uid: instant(at) for uid, at in read.items()
    }
    nine = [at for at in read.values() if isinstance(at, datetime)]
    assert {to_local(at).hour for at in nine} == {9}


def instant(at: date) -> date:
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def test_a_feed_follows_an_event_that_is_made_moved_and_cancelled(wired: Database) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        with wired.transaction() as session:
            feed_id = make(session).id
        tags = []
        for step in range(4):
            clock.shift(timedelta(hours=1))
            with wired.transaction() as session:
                start = AT + timedelta(days=30 + step)
                if step < 3:
                    put(session, "m", details(start), AT + timedelta(hours=step))
                else:
                    cancel_event(session, Subject("meeting", "m"), AT + timedelta(hours=step))
            with wired.reading() as session:
                version = queries.version(session, feed_id)
                assert version is not None
                tags.append((version.etag, version.last_modified))
                [event] = read_events(version.body)
                assert int(event["SEQUENCE"]) == step
                assert version.number == step + 2
    assert len({tag for tag, _ in tags}) == 4
    assert sorted(moment for _, moment in tags) == [moment for _, moment in tags]


def test_an_event_that_moves_to_another_network_leaves_the_first_ones_feed(wired: Database) -> None:
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        feed_id = make(session).id
        put(session, "m", details(AT + timedelta(days=3)))
    with wired.transaction() as session:
        other = {Scope(ScopeKind.NETWORK, "n2")}
        put_event(session, Subject("meeting", "m"), details(AT + timedelta(days=3)), other, AT)
    with wired.reading() as session:
        version = queries.version(session, feed_id)
        assert version is not None
        assert uids(version.body) == set()


def test_the_same_bytes_come_from_another_process_and_after_a_restart(
    wired: Database, database_url: str
) -> None:
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        feed = make(session)
        for number in range(20):
            put(session, f"m{number}", details(AT + timedelta(days=20 - number)))
        feed_id = feed.id
    with wired.reading() as session:
        version = queries.version(session, feed_id)
        assert version is not None
        body = version.body
    again = connect(database_url, "https://samkrets.example")
    with again.reading() as session:
        found = queries.feed(session, feed_id)
        assert found is not None
        assert join(session, found, to_local(AT).date()).body == body
    again.close()


def test_events_enter_two_years_ahead_and_leave_ninety_days_after(session: Session) -> None:
    feed = make(session)
    uid = put(session, "m", details(datetime(2027, 6, 1, 8, tzinfo=UTC)))
    for day, is_in in [
        (date(2025, 5, 30), False),
        (date(2025, 5, 31), True),
        (date(2027, 8, 30), True),
        (date(2027, 8, 31), False),
    ]:
        assert (uid in uids(join(session, feed, day).body)) is is_in, day
    assert join(session, feed, date(2025, 5, 30)).holds_until == date(2025, 5, 31)
    assert join(session, feed, date(2025, 5, 31)).holds_until == date(2027, 8, 31)


@pytest.mark.parametrize(
    ("start", "last_day_shown"),
    [
        (datetime(2027, 1, 12, 8, tzinfo=UTC), date(2027, 2, 9)),  # 30 days after the cancelling
        (datetime(2027, 6, 1, 8, tzinfo=UTC), date(2027, 6, 8)),  # a week after its date
    ],
)
def test_a_cancelled_event_stays_a_while_and_then_leaves(
    session: Session, start: datetime, last_day_shown: date
) -> None:
    feed = make(session)
    uid = put(session, "m", details(start))
    cancel_event(session, Subject("meeting", "m"), AT)
    assert uid in uids(join(session, feed, last_day_shown).body)
    assert uid not in uids(join(session, feed, last_day_shown + timedelta(days=1)).body)


def test_a_stale_feed_is_joined_anew_by_the_daily_refresh(session: Session) -> None:
    put(session, "m", details(datetime(2027, 6, 1, 8, tzinfo=UTC)))
    with time_machine.travel(AT, tick=False):
        feed = make(session)
        assert refresh(session, AT) == 0
    later = datetime(2027, 9, 1, 3, tzinfo=UTC)
    assert refresh(session, later) == 1
    assert refresh(session, later) == 0
    version = queries.version(session, feed.id)
    assert version is not None
    assert (version.number, version.last_modified) == (2, later)


def test_deadlines_are_only_in_feeds_that_ask_for_them(session: Session) -> None:
    feed = make(session)
    uid = put(session, "d", details(AT + timedelta(days=9), is_deadline=True))
    assert uid not in uids(join(session, feed, to_local(AT).date()).body)
    feed.has_deadlines = True
    assert uid in uids(join(session, feed, to_local(AT).date()).body)
    feed.level = Level.BUSY
    assert uid not in uids(join(session, feed, to_local(AT).date()).body)


def test_a_persons_feed_shows_the_events_of_the_functions_held_each_once(wired: Database) -> None:
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        member = make_member(session, Role.RC_MEMBER, "skane")
        own = Scope(ScopeKind.PERSON, member.person.id)
        feed, _ = create_feed(
            session, own, Level.NEUTRAL, "sv", "Mina träffar", member.person.id, at=AT
        )
        function = Scope(ScopeKind.FUNCTION, member.function.id)
        subject = Subject("meeting", "m")
        put_event(session, subject, details(AT + timedelta(days=3)), {function, own}, AT)
        feed_id = feed.id
    with wired.reading() as session:
        version = queries.version(session, feed_id)
        assert version is not None
        assert len(read_events(version.body)) == 1
        assert b"TRANSP:OPAQUE" in version.body


def test_a_roles_feed_shows_the_sessions_of_every_function_with_it(wired: Database) -> None:
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        guest = make_member(session, Role.GUEST)
        scope = Scope(ScopeKind.ROLE, guest.function.kind.value)
        feed, _ = create_feed(session, scope, Level.NEUTRAL, "sv", "Åklagare", None, at=AT)
        function = Scope(ScopeKind.FUNCTION, guest.function.id)
        put_event(
            session, Subject("session", "s"), details(AT + timedelta(days=3), 0.5), {function}, AT
        )
        feed_id = feed.id
    with wired.reading() as session:
        version = queries.version(session, feed_id)
        assert version is not None
        assert len(read_events(version.body)) == 1


def test_many_changes_in_one_transaction_join_each_feed_once(wired: Database) -> None:
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        feed_id = make(session).id
    with wired.transaction() as session, time_machine.travel(AT, tick=False):
        for number in range(30):
            put(session, f"m{number}", details(AT + timedelta(days=number)))
    with wired.reading() as session:
        version = queries.version(session, feed_id)
        assert version is not None
        assert version.number == 2
        assert len(read_events(version.body)) == 30


def test_what_was_stored_wrongly_is_found_and_repaired(session: Session) -> None:
    with time_machine.travel(AT, tick=False):
        feed = make(session)
    put(session, "m", details(AT + timedelta(days=3)))  # nobody is subscribed in this test
    assert check(session, AT) == 1
    assert check(session, AT) == 0
    assert len(read_events(feed_bytes(session, feed))) == 1


def test_no_feed_at_any_level_names_people_or_carries_a_method(session: Session) -> None:
    put(session, "m", details(AT + timedelta(days=3)))
    for level in Level:
        with time_machine.travel(AT, tick=False):
            body = feed_bytes(session, make(session, level))
        for name in (b"ATTENDEE", b"ORGANIZER", b"METHOD", b"CONTACT", b"ATTACH", b"VALARM"):
            assert name not in body


@pytest.mark.both_databases
def test_people_who_ask_for_one_calendar_at_one_time_all_get_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody hears that somebody else was first: the calendar is made once, each has an address of it."""
    database = connect(database_url, "https://samkrets.example")
    # On PostgreSQL nobody goes on before all have found no such calendar.
    looked = threading.Barrier(3)
    found, look = [], queries.feed_like

    def looking(session: Session, wanted: Feed) -> Feed | None:
        kept = look(session, wanted)
        if kept is None and not database.is_embedded:
            looked.wait(60)
        return kept

    def ask() -> None:
        with database.transaction() as session:
            feed, token = create_feed(
                session, NETWORK, Level.NEUTRAL, "sv", "Kretsträffar", None, at=AT
            )
            found.append((feed.id, token))

    monkeypatch.setattr(queries, "feed_like", looking)
    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    assert len({feed_id for feed_id, _ in found}) == 1
    assert len({token for _, token in found}) == 3
