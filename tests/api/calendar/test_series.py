"""A series over time, read back by other people's readers: moved, called off, put again, left out, both changeovers."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.calendar import queries
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.recurrence import Every, end_of_day, rule_of, same_length, starts_of
from api.calendar.service import (
    EventDetails,
    Scope,
    Subject,
    Within,
    cancel_event,
    put_event,
    put_series,
)
from api.calendar.upkeep import leave_out
from api.calendar.wording import repeats
from api.feeds.joining import join
from api.feeds.service import create_feed, single
from api.kit.clock import from_local, to_local
from api.kit.errors import MissingError
from api.kit.i18n import Speaker
from tests import readers
from tests.calendars import read_events
from tests.readers import Told

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
NETWORK = Scope(ScopeKind.NETWORK, "n1")
SERIES = Subject("series", "s1")
LENGTH = timedelta(hours=1)


def local(month: int, day: int, hour: int = 9) -> datetime:
    return from_local(datetime(2027, month, day, hour))  # noqa: DTZ001 - local, made aware


def details(start: datetime, page: str, hours: int = 1) -> EventDetails:
    return EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv="En timme om läget",
        title_en="An hour on how things stand",
        page=page,
        starts_at=start,
        ends_at=start + timedelta(hours=hours),
    )


class Weekly:
    """A series of Mondays at nine over the spring or the autumn changeover."""

    def __init__(self, session: Session, first: datetime, last: date) -> None:
        self.session, self.first = session, first
        rule = rule_of(Every.WEEK, first, end_of_day(last))
        self.event = put_series(session, SERIES, details(first, "/serie/s1"), rule, {NETWORK}, AT)
        self.moments = starts_of(rule, first)
        for number in range(len(self.moments)):
            self.put(number, self.moments[number])

    def put(self, number: int, start: datetime, at: datetime = AT, hours: int = 1) -> Event:
        within = Within(SERIES, self.moments[number])
        made = details(start, f"/traffar/{number}", hours)
        return put_event(
            self.session, Subject("meeting", f"m{number}"), made, {NETWORK}, at, within=within
        )

    def cancel(self, number: int, at: datetime = AT) -> Event:
        found = cancel_event(self.session, Subject("meeting", f"m{number}"), at)
        assert found is not None
        return found

    def feed(self) -> bytes:
        with time_machine.travel(AT, tick=False):
            feed, _ = create_feed(
                self.session, NETWORK, Level.NEUTRAL, "sv", "Träffar", None, at=AT
            )
        return join(self.session, feed, AT.date()).body

    def told(self, moved: dict[int, datetime], off: set[int], gone: set[int]) -> list[Told]:
        """What any reader is to say of the series."""
        rows = []
        for number, moment in enumerate(self.moments):
            start = moved.get(number, moment)
            if number not in gone:
                is_off = number in off
                rows.append(
                    Told(
                        self.event.uid,
                        f"{start:%Y-%m-%dT%H:%M:%SZ}",
                        f"{start + LENGTH:%Y-%m-%dT%H:%M:%SZ}",
                        "Inställt: Nätverksträff" if is_off else "Nätverksträff",
                        "CANCELLED" if is_off else "CONFIRMED",
                    )
                )
        return sorted(rows)


@pytest.fixture(params=[(local(3, 1), date(2027, 4, 30)), (local(10, 4), date(2027, 11, 30))])
def weekly(request: pytest.FixtureRequest, session: Session) -> Weekly:
    return Weekly(session, *request.param)


def test_an_unchanged_series_is_one_event_at_the_same_clock_time_over_a_changeover(
    weekly: Weekly,
) -> None:
    body = weekly.feed()
    [vevent] = read_events(body)
    assert vevent["RRULE"].to_ical().decode().startswith("FREQ=WEEKLY;UNTIL=2027")
    assert "EXDATE" not in vevent
    assert {to_local(moment).hour for moment in weekly.moments} == {9}
    assert len({moment.hour for moment in weekly.moments}) == 2, "both sides of the changeover"
    assert readers.by_recurring_ical_events(body) == weekly.told({}, set(), set())


def test_moved_called_off_and_moved_back_are_read_right_by_two_readers(weekly: Weekly) -> None:
    moved = {2: weekly.moments[2] + timedelta(days=1, hours=3)}
    weekly.put(2, moved[2])
    weekly.cancel(4)
    weekly.put(5, weekly.moments[5] + timedelta(days=2))
    weekly.put(5, weekly.moments[5])
    body = weekly.feed()
    assert len(read_events(body)) == 3, "the series and the two that differ from it"
    expected = weekly.told(moved, {4}, set())
    assert readers.by_recurring_ical_events(body) == expected
    assert readers.by_ical_js(readers.node(), body) == expected


def test_an_occurrence_is_known_by_its_series_uid_and_its_place_in_the_rule(
    weekly: Weekly,
) -> None:
    weekly.put(2, weekly.moments[2] + timedelta(days=1))
    series, changed = read_events(weekly.feed())
    assert str(series["UID"]) == str(changed["UID"]) == weekly.event.uid
    assert changed["RECURRENCE-ID"].dt == weekly.moments[2]
    assert str(changed["RECURRENCE-ID"].params["TZID"]) == "Europe/Stockholm"
    assert (int(series["SEQUENCE"]), int(changed["SEQUENCE"])) == (0, 1)


def test_a_day_with_no_meeting_is_an_exception_date(session: Session) -> None:
    first = local(3, 1)
    rule = rule_of(Every.WEEK, first, end_of_day(date(2027, 3, 31)))
    put_series(session, SERIES, details(first, "/serie/s1"), rule, {NETWORK}, AT)
    moments = starts_of(rule, first)
    for number in (0, 1, 3):
        within = Within(SERIES, moments[number])
        made = details(moments[number], f"/traffar/{number}")
        put_event(session, Subject("meeting", f"m{number}"), made, {NETWORK}, AT, within=within)
    with time_machine.travel(AT, tick=False):
        feed, _ = create_feed(session, NETWORK, Level.NEUTRAL, "sv", "Träffar", None, at=AT)
    found = readers.by_recurring_ical_events(join(session, feed, AT.date()).body)
    assert [told.start for told in found] == [
        f"{moments[number]:%Y-%m-%dT%H:%M:%SZ}" for number in (0, 1, 3)
    ]


def test_a_called_off_day_is_told_for_a_while_and_then_leaves_for_good(weekly: Weekly) -> None:
    weekly.cancel(1)
    date_of_it = to_local(weekly.moments[1]).date()
    told_until = max(date_of_it + timedelta(days=7), AT.date() + timedelta(days=30))
    assert leave_out(weekly.session, told_until, AT) == 0
    assert readers.by_recurring_ical_events(weekly.feed()) == weekly.told({}, {1}, set())
    late = AT + timedelta(days=200)
    assert leave_out(weekly.session, told_until + timedelta(days=1), late) == 1
    assert leave_out(weekly.session, told_until + timedelta(days=1), late) == 0
    assert readers.by_recurring_ical_events(weekly.feed()) == weekly.told({}, set(), {1})
    weekly.put(1, weekly.moments[1], late)
    assert readers.by_recurring_ical_events(weekly.feed()) == weekly.told({}, set(), set())


def test_a_gap_that_comes_or_goes_is_a_new_revision_of_the_series(weekly: Weekly) -> None:
    def stamp() -> datetime:
        [series] = [one for one in read_events(weekly.feed()) if "RRULE" in one]
        assert series["DTSTAMP"].dt == series["LAST-MODIFIED"].dt
        found: datetime = series["DTSTAMP"].dt
        return found

    weekly.cancel(1)
    before, late = stamp(), weekly.moments[1] + timedelta(days=40)
    assert leave_out(weekly.session, late.date(), late) == 1
    without = stamp()
    assert without > before
    weekly.put(1, weekly.moments[1], late + timedelta(hours=1))
    assert stamp() > without


def test_a_shorter_and_a_cancelled_series_are_told(weekly: Weekly) -> None:
    event = weekly.event
    rule = rule_of(Every.WEEK, weekly.first, weekly.moments[3])
    put_series(weekly.session, SERIES, details(weekly.first, "/serie/s1"), rule, {NETWORK}, AT)
    for number in range(4, len(weekly.moments)):
        weekly.cancel(number)
    gone = set(range(4, len(weekly.moments)))
    assert readers.by_recurring_ical_events(weekly.feed()) == weekly.told({}, set(), gone)
    assert event.ends_by == weekly.moments[3] + LENGTH
    revised = event.revised_at
    assert leave_out(weekly.session, date(2030, 1, 1), AT) == len(gone)
    assert event.revised_at == revised, "they had left already"
    cancel_event(weekly.session, SERIES, AT)
    [vevent] = read_events(weekly.feed())
    assert (str(vevent["STATUS"]), str(vevent["SUMMARY"])) == (
        "CANCELLED",
        "Inställt: Nätverksträff",
    )


def test_sequences_rise_together_and_every_state_is_read_right_over_random_edits(
    session: Session,
) -> None:
    weekly = Weekly(session, local(3, 1), date(2027, 4, 30))
    chance = random.Random(11)
    moved: dict[int, datetime] = {}
    off: set[int] = set()
    newest, revised = 0, weekly.event.revised_at
    for step in range(120):
        number = chance.randrange(len(weekly.moments))
        at = AT + timedelta(minutes=chance.randrange(-60, 10_000))
        if chance.random() < 0.3:
            weekly.cancel(number, at)
            off.add(number)
        else:
            start = weekly.moments[number] + timedelta(hours=chance.choice([0, 0, 2, 25, -26]))
            weekly.put(number, start, at)
            off.discard(number)
            moved[number] = start
        sequences = [weekly.event.sequence]
        sequences += [one.sequence for one in queries.occurrences(session, weekly.event.id)]
        assert newest <= max(sequences) <= newest + 1
        newest = max(sequences)
        assert weekly.event.revised_at >= revised
        revised = weekly.event.revised_at
        if step % 10 == 0:
            expected = weekly.told(moved, off, set())
            assert readers.by_recurring_ical_events(weekly.feed()) == expected


def test_one_occurrence_alone_is_a_file_that_stands_for_itself(weekly: Weekly) -> None:
    event = weekly.put(2, weekly.moments[2])
    [vevent] = read_events(single(weekly.session, event, "sv"))
    assert "RECURRENCE-ID" not in vevent
    assert "RRULE" not in vevent
    assert str(vevent["UID"]) != weekly.event.uid
    assert vevent["DTSTART"].dt == weekly.moments[2]


def test_an_occurrence_of_no_series_is_refused(session: Session) -> None:
    within = Within(Subject("series", "none"), local(3, 1))
    with pytest.raises(MissingError):
        put_event(
            session,
            Subject("meeting", "m"),
            details(local(3, 1), "/traffar/m"),
            {NETWORK},
            AT,
            within=within,
        )


@pytest.mark.parametrize(
    ("every", "first", "swedish", "english", "days"),
    [
        (Every.SECOND_WEEK, (1, 12), "varannan tisdag", "every other Tuesday", [12, 26]),
        (
            Every.MONTH,
            (1, 5),
            "första tisdagen varje månad",
            "the first Tuesday of every month",
            [5, 2],
        ),
        (
            Every.QUARTER,
            (1, 29),
            "sista fredagen var tredje månad",
            "the last Friday of every third month",
            [29, 30],
        ),
    ],
)
def test_a_rule_is_said_in_words_and_gives_the_days_it_says(
    every: Every, first: tuple[int, int], swedish: str, english: str, days: list[int]
) -> None:
    start = local(*first, 13)
    rule = rule_of(every, start, end_of_day(date(2027, 12, 31)))
    assert [to_local(one).day for one in starts_of(rule, start)][:2] == days
    ends = same_length(start, start, start + LENGTH)
    said = repeats(rule, start, ends, Speaker("sv"))
    assert said.startswith(f"{swedish} kl. 13.00–14.00, från {first[1]} januari 2027 till ")
    assert repeats(rule, start, ends, Speaker("en")).startswith(f"{english}, 13:00–14:00, from ")


def test_a_date_moved_past_its_neighbour_is_an_event_of_its_own_for_ever(session: Session) -> None:
    weekly = Weekly(session, local(3, 1), date(2027, 3, 31))
    past = weekly.moments[2] + timedelta(hours=3)  # on the day of the date after the next
    moved = weekly.put(1, past)
    assert moved.is_apart
    expected = [
        *weekly.told({}, set(), {1}),
        Told(
            moved.uid,
            f"{past:%Y-%m-%dT%H:%M:%SZ}",
            f"{past + LENGTH:%Y-%m-%dT%H:%M:%SZ}",
            "Nätverksträff",
            "CONFIRMED",
        ),
    ]
    body = weekly.feed()
    assert readers.by_recurring_ical_events(body) == sorted(expected)
    assert not any("RECURRENCE-ID" in event for event in read_events(body))
    back = weekly.put(1, weekly.moments[1])
    assert (back.is_apart, len(read_events(weekly.feed()))) == (True, 2)


def test_a_date_moved_up_to_its_neighbour_stays_in_the_series(session: Session) -> None:
    weekly = Weekly(session, local(3, 1), date(2027, 3, 31))
    moved = weekly.put(1, weekly.moments[2] - timedelta(days=1))
    assert not moved.is_apart


def test_a_series_without_dates_left_is_in_no_calendar(session: Session) -> None:
    weekly = Weekly(session, local(3, 1), date(2027, 3, 15))
    for number in range(len(weekly.moments)):
        weekly.cancel(number)
    assert {str(event["STATUS"]) for event in read_events(weekly.feed())} >= {"CANCELLED"}
    leave_out(session, date(2027, 5, 1), AT)
    assert read_events(weekly.feed()) == []
    with pytest.raises(MissingError):
        single(session, weekly.event, "sv")
