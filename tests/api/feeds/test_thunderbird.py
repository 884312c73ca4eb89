"""Thunderbird, subscribed to a feed of the running app, shows what was planned: moves, cancellings, both changeovers."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.calendar.models import Level, ScopeKind
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
from api.feeds.service import create_feed
from api.kit.clock import from_local, now, to_local
from api.kit.db import Database
from tests.readers import Told
from tests.serving import free_port, running
from tests.thunderbird import Thunderbird, insist_on_thunderbird

NETWORK = Scope(ScopeKind.NETWORK, "n1")
TITLE, OFF = "Nätverksträff", "Inställt: Nätverksträff"
NINE = time(9)


def whole(day: date) -> EventDetails:
    return EventDetails(
        neutral_sv=TITLE,
        neutral_en="Network meeting",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m1",
        first_day=day,
        last_day=day,
    )


def changeovers() -> tuple[date, date]:
    """Return the last Sundays of March and October of next year, when Sweden's clocks change."""
    year = to_local(now()).year + 1
    last_days = date(year, 3, 31), date(year, 10, 31)
    spring, autumn = (day - timedelta(days=day.isoweekday() % 7) for day in last_days)
    return spring, autumn


class Planner:
    """Plans meetings of two hours from nine in Sweden, and knows what a calendar is to say of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.told: dict[str, Told] = {}

    def put(self, key: str, day: date, hour_in_utc: int) -> None:
        """Put a meeting on a day; nine o'clock that day is this hour in UTC, by the law and not by our code."""
        start = from_local(datetime.combine(day, NINE))
        details = replace(
            whole(day),
            first_day=None,
            last_day=None,
            starts_at=start,
            ends_at=start + timedelta(hours=2),
        )
        uid = self._write(key, details, {NETWORK})
        begins, ends = (f"{day}T{hour:02}:00:00Z" for hour in (hour_in_utc, hour_in_utc + 2))
        self.told[key] = Told(uid, begins, ends, TITLE, "CONFIRMED")

    def put_day(self, key: str, day: date) -> None:
        uid = self._write(key, whole(day), {NETWORK})
        self.told[key] = Told(uid, f"{day}", f"{day + timedelta(days=1)}", TITLE, "CONFIRMED")

    def cancel(self, key: str) -> None:
        with self._database.transaction() as session:
            cancel_event(session, Subject("meeting", key), now())
        self.told[key] = self.told[key]._replace(summary=OFF, status="CANCELLED")

    def take_away(self, key: str, day: date) -> None:
        """Take a meeting out of the network's calendar, as when it goes to another network."""
        self._write(key, whole(day), set())
        del self.told[key]

    def _write(self, key: str, details: EventDetails, scopes: set[Scope]) -> str:
        with self._database.transaction() as session:
            return put_event(session, Subject("meeting", key), details, scopes, now()).uid

    def expected(self) -> list[Told]:
        return sorted(self.told.values())


@pytest.mark.full
@pytest.mark.timeout(900)
def test_thunderbird_shows_what_was_planned_across_both_changeovers(
    app: FastAPI, tmp_path: Path
) -> None:
    insist_on_thunderbird()
    spring, autumn = changeovers()
    day = timedelta(days=1)
    database: Database = app.state.database
    planner = Planner(database)
    with database.transaction() as session:
        _, token = create_feed(session, NETWORK, Level.NEUTRAL, "sv", "Träffar", None, at=now())
    planner.put("winter", spring - 2 * day, 8)
    planner.put("summer", spring + day, 7)
    planner.put("changing", spring, 7)
    planner.put("last summer", autumn - 2 * day, 7)
    planner.put("changing back", autumn, 8)
    planner.put("next winter", autumn + day, 8)
    planner.put_day("whole", spring)
    port = free_port()
    thunderbird = Thunderbird(tmp_path, f"http://127.0.0.1:{port}/feeds/{token}.ics")
    with running(app, port):
        assert thunderbird.has_stored(planner.expected()) == planner.expected()
        planner.put("winter", spring + 2 * day, 7)
        planner.put("last summer", autumn + 2 * day, 8)
        assert thunderbird.has_stored(planner.expected()) == planner.expected()
        planner.cancel("winter")
        planner.put("next winter", autumn - day, 7)
        assert thunderbird.has_stored(planner.expected()) == planner.expected()
        planner.take_away("summer", spring + day)
        planner.take_away("whole", spring)
        assert thunderbird.has_stored(planner.expected()) == planner.expected()


def at(start: datetime) -> EventDetails:
    """A meeting of an hour from a moment."""
    return replace(
        whole(start.date()),
        first_day=None,
        last_day=None,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )


def told(uid: str, start: datetime, summary: str = TITLE, status: str = "CONFIRMED") -> Told:
    begins, ends = (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, start + timedelta(hours=1))
    )
    return Told(uid, begins, ends, summary, status)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_thunderbird_tells_the_double_hour_apart_and_places_a_series_exceptions(
    app: FastAPI, tmp_path: Path
) -> None:
    insist_on_thunderbird()
    spring, autumn = changeovers()
    night = datetime(autumn.year, autumn.month, autumn.day, tzinfo=UTC)
    half_hours = [night + timedelta(minutes=30 * number) for number in range(-3, 5)]
    nine = from_local(datetime.combine(spring - timedelta(days=13), NINE))
    rule = rule_of(Every.WEEK, nine, end_of_day(spring + timedelta(days=15)))
    series, moments = Subject("series", "s1"), starts_of(rule, nine)
    with app.state.database.transaction() as session:
        expected = []
        for number, start in enumerate(half_hours):
            subject = Subject("meeting", f"m{number}")
            expected.append(
                told(put_event(session, subject, at(start), {NETWORK}, now()).uid, start)
            )
        uid = put_series(session, series, at(nine), rule, {NETWORK}, now()).uid
        moved = moments[2] + timedelta(days=1, hours=3)
        for number, moment in enumerate(moments):
            details = at(moved if number == 2 else moment)
            within, subject = Within(series, moment), Subject("meeting", f"s1-{number}")
            put_event(session, subject, details, {NETWORK}, now(), within=within)
        cancel_event(session, Subject("meeting", "s1-3"), now())
        expected += [told(uid, nine), told(uid, moved), told(uid, moments[3], OFF, "CANCELLED")]
        _, token = create_feed(session, NETWORK, Level.NEUTRAL, "sv", "Träffar", None, at=now())
    port = free_port()
    thunderbird = Thunderbird(tmp_path, f"http://127.0.0.1:{port}/feeds/{token}.ics")
    with running(app, port):
        assert thunderbird.has_stored(sorted(expected)) == sorted(expected)
