"""Twelve stories of an invitation by three ways of getting it: every calendar right after every step, every mail counted.

What is right is told by a model of its own: who comes to what, when. The receivers are programs
that know nothing of us: one fills a calendar from the mails as they come over the wire (`tests.receiver`),
one fetches a feed. Each calendar is read by icalendar with recurring-ical-events, by ical.js and by
vobject.
"""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
import vobject
from sqlmodel import Session

from api.accounts import directory
from api.accounts.models import Function, Person
from api.accounts.service import viewer_for
from api.calendar import queries as calendar
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.recurrence import Every, end_of_day, rule_of, starts_of
from api.calendar.service import (
    EventDetails,
    Scope,
    Subject,
    Within,
    cancel_event,
    put_event,
    put_series,
)
from api.feeds import queries as feeds
from api.feeds.delivery import choose
from api.feeds.service import Ending, feed_bytes, revoke, subscribe_as, wish_of
from api.invitations import queries, service
from api.invitations.models import Delivery, Invitation, Partstat
from api.kit.db import Database
from api.kit.mail import Outcome, Result, compose
from api.outbox.holding import release_all
from api.outbox.sending import letter_of
from api.outbox.service import claim, settle
from api.wiring import connect
from tests import readers
from tests.api.calendar.test_generated import by_ical_js
from tests.factories import make_body, make_function, make_person
from tests.readers import Told
from tests.receiver import MailCalendar

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = datetime(2027, 3, 9, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTSIDE = "anna@kommun.example"
WAYS = {"mail": Delivery.INVITATION, "feed": Delivery.FEED, "both": Delivery.BOTH}
Spans = list[tuple[datetime, datetime]]


@dataclass
class Snapshot:
    """One calendar after one step, and what it is to say."""

    where: str
    octets: bytes
    expected: Spans


@dataclass
class World:
    """A function with a holder and a deputy, one meeting or series, and what is true of it."""

    wired: Database
    way: str
    boxes: dict[str, MailCalendar] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    times: dict[int, datetime] = field(default_factory=dict)  # what takes place, by its number
    comes: set[str] = field(default_factory=set)  # who has it in the calendar, by address
    token_id: str = ""
    tick: int = 0

    def __post_init__(self) -> None:
        with self.wired.transaction() as session:
            body = make_body(session, rc_id="rc1")
            self.holder, self.deputy, self.new = (make_person(session) for _ in range(3))
            self.function = make_function(session, body, self.holder, deputy=self.deputy)
            other = make_body(session, rc_id="rc2")
            beside = make_person(session)
            self.first, self.others = make_function(session, other, beside), beside.email
            session.flush()
            self.mine = self.holder.email
            session.expunge_all()
        if self.way != "mail":
            self.subscribe()
        if self.way == "both":
            self.choose("both")
        self.send()
        self.counts.clear()

    @property
    def at(self) -> datetime:
        """A minute later each time."""
        self.tick += 1
        return AT + timedelta(minutes=self.tick)

    def place(self, session: Session) -> tuple[Invitation, Event]:
        subject = ("series", "s1") if len(self.times) > 1 or self.is_series else ("meeting", "0")
        event = calendar.event_of(session, *subject)
        assert event is not None
        found = queries.of_function(session, event.id, self.function.id)
        assert found is not None
        return found, event

    is_series = False
    is_asked = False  # before that, and on a waiting list, a feed shows what is planned

    def put(self, number: int, start: datetime) -> None:
        details = EventDetails(
            neutral_sv="Nätverksträff Likhet 1.1",
            neutral_en="Network meeting Likeness 1.1",
            title_sv="Träff",
            title_en="Meeting",
            page="/traffar/0",
            starts_at=start,
            ends_at=start + HOUR,
        )
        scopes = {
            Scope(ScopeKind.FUNCTION, self.function.id),
            Scope(ScopeKind.FUNCTION, self.first.id),
        }
        series = Subject("series", "s1")
        with self.wired.transaction() as session:
            at = self.at
            within = Within(series, self.moments[number]) if self.is_series else None
            put_event(session, Subject("meeting", str(number)), details, scopes, at, within=within)
        self.times[number] = start

    def plan(self) -> None:
        self.put(0, START)

    def plan_series(self) -> None:
        self.is_series = True
        rule = rule_of(Every.WEEK, START, end_of_day(date(2027, 4, 10)))
        self.moments = starts_of(rule, START)
        details = EventDetails(
            neutral_sv="Nätverksträff Likhet 1.1",
            neutral_en="Network meeting Likeness 1.1",
            title_sv="Träff",
            title_en="Meeting",
            page="/serie/s1",
            starts_at=START,
            ends_at=START + HOUR,
        )
        scopes = {Scope(ScopeKind.FUNCTION, self.function.id)}
        with self.wired.transaction() as session:
            put_series(session, Subject("series", "s1"), details, rule, scopes, self.at)
        for number, moment in enumerate(self.moments):
            self.put(number, moment)

    def invite(self) -> None:
        with self.wired.transaction() as session:
            kind = ("series", "s1") if self.is_series else ("meeting", "0")
            event = calendar.event_of(session, *kind)
            function = session.get_one(Function, self.function.id)
            assert event is not None
            service.invite(session, event, function, self.at)
            self.comes = {accounts_email(session, function)}
        self.is_asked = True

    def answer(self, partstat: Partstat) -> None:
        with self.wired.transaction() as session:
            invited, event = self.place(session)
            service.answer_on_page(session, invited, event, partstat, self.at)
            address = invited.address
        (self.comes.discard if partstat is Partstat.DECLINED else self.comes.add)(address)

    def move(self, hours: int = 2, number: int = 0) -> None:
        self.put(number, self.times[number] + timedelta(hours=hours))
        with self.wired.reading() as session:
            if not self.is_series:
                self.comes = {self.place(session)[0].address}  # everybody is asked anew

    def cancel(self, number: int = 0) -> None:
        with self.wired.transaction() as session:
            cancel_event(session, Subject("meeting", str(number)), self.at)
        del self.times[number]

    def cancel_series(self) -> None:
        with self.wired.transaction() as session:
            at = self.at
            cancel_event(session, Subject("series", "s1"), at)
            for number in self.times:
                cancel_event(session, Subject("meeting", str(number)), at)
        self.times.clear()

    def give(self, address: str) -> None:
        with self.wired.transaction() as session:
            invited, _ = self.place(session)
            service.substitute(session, invited, "Exempel", address, self.at)
        self.comes = {address}

    def hand_over(self) -> None:
        with self.wired.transaction() as session:
            new = session.get_one(Person, self.new.id)
            function = session.get_one(Function, self.function.id)
            directory.hand_over(
                session,
                function,
                new,
                deputy=None,
                version=function.version,
                actor="system",
                now=self.at,
            )
            address = self.place(session)[0].address
            self.comes = {address if address == OUTSIDE else new.email}

    def withdraw(self) -> None:
        with self.wired.transaction() as session:
            service.withdraw(session, self.place(session)[0], self.at)
        self.comes = set()

    def subscribe(self) -> None:
        with self.wired.transaction() as session:
            viewer = viewer_for(session, session.get_one(Person, self.holder.id))
            scope = Scope(ScopeKind.PERSON, self.holder.id)
            wish = wish_of(session, viewer, scope, Level.NEUTRAL, "sv", "Min Outlook")
            self.token_id = subscribe_as(session, viewer, wish, self.at)[1].id
        self.way = "feed" if self.way == "mail" else self.way

    def unsubscribe(self) -> None:
        with self.wired.transaction() as session:
            viewer = viewer_for(session, session.get_one(Person, self.holder.id))
            revoke(session, viewer, self.token_id, Ending.CLEARING, self.at)
        self.way = "mail"
        self.token_id = ""

    def choose(self, way: str) -> None:
        with self.wired.transaction() as session:
            viewer = viewer_for(session, session.get_one(Person, self.holder.id))
            choose(session, viewer, WAYS[way], self.at, has_digest=False)
        self.way = way

    def fill_room(self) -> None:
        with self.wired.transaction() as session:
            event = calendar.event_of(session, "meeting", "0")
            assert event is not None
            service.limit_seats(session, event.id, 1, self.at)
            service.invite(session, event, session.get_one(Function, self.first.id), self.at)
        self.comes = {self.others}

    def invite_to_full_room(self) -> None:
        self.invite()
        self.comes, self.is_asked = {self.others}, False

    def free_seat(self) -> None:
        with self.wired.transaction() as session:
            event = calendar.event_of(session, "meeting", "0")
            assert event is not None
            taken = queries.of_function(session, event.id, self.first.id)
            assert taken is not None
            service.answer_on_page(session, taken, event, Partstat.DECLINED, self.at)
        self.comes, self.is_asked = {self.mine}, True

    def send(self) -> int:
        """Deliver all mails as they are on the wire; return how many went to the holder."""
        sent = 0
        release_all(self.wired, self.at)
        with self.wired.transaction() as session:
            for mail in claim(session, AT + timedelta(days=1), 100):
                octets = compose(letter_of(session, mail, "samkrets@example.org")).as_bytes()
                message = email.message_from_bytes(octets, policy=email.policy.default)
                box = self.boxes.setdefault(mail.recipient, MailCalendar())
                for part in message.walk():
                    if part.get_content_type() == "text/calendar":
                        box.take(bytes(part.get_payload(decode=True)))
                settle(session, mail.id, Result(Outcome.SENT), AT)
                sent += mail.recipient == self.mine
        return sent

    def look(self, step: str) -> None:
        """Deliver, and keep what each calendar says after a step beside what it is to say."""
        self.counts.append(self.send())
        spans = sorted((start, start + HOUR) for start in self.times.values())
        for address, box in self.boxes.items():
            is_mailed = address != self.mine or self.way != "feed"
            expected = spans if address in self.comes and is_mailed else []
            self.snapshots.append(Snapshot(f"{step}: mail {address}", box.octets(), expected))
            assert box.ignored == 0, f"{step}: a calendar would not take our mail"
        if self.token_id:
            is_there = self.mine in self.comes or not self.is_asked
            expected = spans if is_there else []
            with self.wired.reading() as session:
                token = feeds.token(session, self.token_id)
                assert token is not None
                feed = feeds.feed(session, token.feed_id)
                assert feed is not None
                body = feed_bytes(session, feed)
            self.snapshots.append(Snapshot(f"{step}: feed", body, expected))


def accounts_email(session: Session, function: Function) -> str:
    assert function.holder_id is not None
    return session.get_one(Person, function.holder_id).email


Step = tuple[str, Callable[[World], Any]]
ACCEPT: Step = ("accepts", lambda w: w.answer(Partstat.ACCEPTED))
DECLINE: Step = ("declines", lambda w: w.answer(Partstat.DECLINED))
INVITED: list[Step] = [("planned", World.plan), ("invited", World.invite)]
IN_SERIES: list[Step] = [("planned", World.plan_series), ("invited", World.invite)]
MOVED: Step = ("moved", World.move)
OFF: Step = ("cancelled", World.cancel)

# Story -> its steps, and how many mails the holder gets at each by mail, by feed and both ways.
STORIES: dict[str, tuple[list[Step], dict[str, list[int]]]] = {
    "accepts, moved twice, cancelled": (
        [*INVITED, ACCEPT, MOVED, ("moved again", lambda w: w.move(24)), OFF],
        {way: [0, 1, 0, 1, 1, 1] for way in WAYS},
    ),
    "perhaps": (
        [*INVITED, ("perhaps", lambda w: w.answer(Partstat.TENTATIVE)), OFF],
        {way: [0, 1, 0, 1] for way in WAYS},
    ),
    "declines and comes after all": (
        [*INVITED, DECLINE, ACCEPT, OFF],
        {"mail": [0, 1, 1, 1, 1], "feed": [0, 1, 0, 0, 1], "both": [0, 1, 1, 1, 1]},
    ),
    "declines, moved": (
        [*INVITED, DECLINE, MOVED],
        {"mail": [0, 1, 1, 1], "feed": [0, 1, 0, 1], "both": [0, 1, 1, 1]},
    ),
    "subscribes, moved twice, cancelled": (
        [
            *INVITED,
            ACCEPT,
            ("subscribes", World.subscribe),
            MOVED,
            ("moved again", World.move),
            OFF,
        ],
        {
            "mail": [0, 1, 0, 1, 1, 1, 1],
            "feed": [0, 1, 0, 0, 1, 1, 1],
            "both": [0, 1, 0, 0, 1, 1, 1],
        },
    ),
    "subscribes and ends the address": (
        [
            *INVITED,
            ("subscribes", World.subscribe),
            ("ends the last address", World.unsubscribe),
            MOVED,
            OFF,
        ],
        {"mail": [0, 1, 1, 1, 1, 1]},
    ),
    "ends the only address": (
        [*INVITED, ACCEPT, ("ends the last address", World.unsubscribe), MOVED, OFF],
        {"feed": [0, 1, 0, 1, 1, 1], "both": [0, 1, 0, 0, 1, 1]},
    ),
    "both, then mail": (
        [
            *INVITED,
            ("both", lambda w: w.choose("both")),
            ("mail alone", lambda w: w.choose("mail")),
            MOVED,
        ],
        {"feed": [0, 1, 1, 0, 1], "both": [0, 1, 0, 0, 1]},
    ),
    "deputy, moved, taken back, cancelled": (
        [
            *INVITED,
            ("gives to the deputy", lambda w: w.give(w.deputy.email)),
            MOVED,
            ("takes it back", lambda w: w.give(w.mine)),
            OFF,
        ],
        {way: [0, 1, 1, 0, 1, 1] for way in WAYS},
    ),
    "somebody from outside, moved, cancelled": (
        [*INVITED, ACCEPT, ("gives away", lambda w: w.give(OUTSIDE)), MOVED, OFF],
        {way: [0, 1, 0, 1, 0, 0] for way in WAYS},
    ),
    "hands over, moved": (
        [*INVITED, ACCEPT, ("hands over", World.hand_over), MOVED],
        {},
    ),
    "a seat given by hand outlives the hand-over": (
        [
            *INVITED,
            ("gives away", lambda w: w.give(OUTSIDE)),
            ("hands over", World.hand_over),
            OFF,
        ],
        {},
    ),
    "taken back and invited again": (
        [*INVITED, ("taken back", World.withdraw), ("invited again", World.invite), OFF],
        {way: [0, 1, 1, 1, 1] for way in WAYS},
    ),
    "a full room": (
        [
            ("planned", World.plan),
            ("full", World.fill_room),
            ("waits", World.invite_to_full_room),
            ("a seat is free", World.free_seat),
            OFF,
        ],
        {way: [0, 0, 0, 1, 1] for way in WAYS},
    ),
    "a series: one date moved, one cancelled, all cancelled": (
        [
            *IN_SERIES,
            ACCEPT,
            ("one moved", lambda w: w.move(2, 1)),
            ("one cancelled", lambda w: w.cancel(2)),
            ("moved again", lambda w: w.move(20, 1)),
            ("all cancelled", World.cancel_series),
        ],
        {},
    ),
    "a series: a date past its neighbour, then cancelled": (
        [
            *IN_SERIES,
            ("past its neighbour", lambda w: w.move(24 * 8, 1)),
            ("moved again", lambda w: w.move(2, 1)),
            ("that date cancelled", lambda w: w.cancel(1)),
        ],
        {"mail": [0, 1, 2, 1, 1], "both": [0, 1, 2, 1, 1], "feed": [0, 1, 1, 1, 1]},
    ),
    "a series: a date past its neighbour, given away": (
        [
            ("planned", World.plan_series),
            ("past its neighbour", lambda w: w.move(24 * 8, 1)),
            ("invited", World.invite),
            ("gives away", lambda w: w.give(OUTSIDE)),
        ],
        {},
    ),
}
CELLS = [(story, way) for story, (_, counts) in STORIES.items() for way in (counts or WAYS)]


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


def by_vobject(octets: bytes) -> Spans:
    """Read with vobject and dateutil: a series' rule with EXDATE, and the dates that differ."""
    parts = getattr(vobject.readOne(octets.decode()), "vevent_list", [])
    found: dict[tuple[str, datetime], tuple[datetime, datetime, str]] = {}
    for part in sorted(parts, key=lambda one: hasattr(one, "recurrence_id")):
        uid, start = part.uid.value, part.dtstart.value
        length, status = part.dtend.value - start, part.status.value
        if hasattr(part, "recurrence_id"):
            key = part.recurrence_id.value.astimezone(UTC)
            found[uid, key] = (start, start + length, status)
            continue
        rule = part.getrruleset(addRDate=True) if hasattr(part, "rrule") else None
        for one in rule if rule is not None else [start]:
            found[uid, one.astimezone(UTC)] = (one, one + length, status)
    return sorted(
        (start.astimezone(UTC), end.astimezone(UTC))
        for start, end, status in found.values()
        if status != "CANCELLED"
    )


def by_recurring_ical_events(octets: bytes) -> Spans:
    return _spans(readers.by_recurring_ical_events(octets))


def _spans(told: list[Told]) -> Spans:
    return sorted(
        (datetime.fromisoformat(one.start), datetime.fromisoformat(one.end))
        for one in told
        if one.status != "CANCELLED"
    )


@pytest.mark.parametrize(("story", "way"), CELLS, ids=lambda one: one)
def test_every_calendar_is_right_after_every_step_and_every_mail_needed(
    wired: Database, story: str, way: str
) -> None:
    steps, counts = STORIES[story]
    world = World(wired, way)
    for name, act in steps:
        act(world)
        world.look(name)
    texts = [one.octets.decode() for one in world.snapshots]
    for one, told in zip(world.snapshots, by_ical_js(readers.node(), texts), strict=True):
        assert told is not None, one.where
        assert sorted(times for _, *times in told) == [
            [f"{moment:%Y%m%dT%H%M%SZ}" for moment in span] for span in one.expected
        ], one.where
        assert by_recurring_ical_events(one.octets) == one.expected, one.where
        assert by_vobject(one.octets) == one.expected, one.where
    if counts:
        assert world.counts == counts[way]
