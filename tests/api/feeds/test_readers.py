"""Other people's readers find what we wrote: after a move, a cancelling, a series' exceptions, both changeovers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlmodel import Session

from api.calendar.ical import Heading, Vevent, vcalendar, vevent
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, cancel_event, put_event
from api.feeds.joining import join
from api.feeds.service import create_feed
from api.kit.clock import from_local
from tests import readers
from tests.readers import Told

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
NETWORK = Scope(ScopeKind.NETWORK, "n1")
OFF = "Inställt: Nätverksträff"


def local(month: int, day: int, hour: int) -> datetime:
    return from_local(datetime(2027, month, day, hour))  # noqa: DTZ001 - local, made aware


def details(start: datetime | None, first_day: date | None = None) -> EventDetails:
    return EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m1",
        starts_at=start,
        ends_at=start + timedelta(hours=2) if start else None,
        first_day=first_day,
        last_day=first_day,
    )


def changes(session: Session) -> list[tuple[bytes, list[Told]]]:
    """Return a calendar and what it is to say: as it was, after two moves, and after a cancelling."""
    states = []
    with time_machine.travel(AT, tick=False):
        feed, _ = create_feed(session, NETWORK, Level.NEUTRAL, "sv", "Träffar", None, at=AT)
        starts = {"winter": local(3, 26, 9), "summer": local(3, 29, 9)}
        starts |= {"last summer": local(10, 29, 9), "next winter": local(11, 1, 9)}
        uids = {
            key: put_event(session, Subject("meeting", key), details(start), {NETWORK}, AT).uid
            for key, start in starts.items()
        }
        day = details(None, date(2027, 5, 4))
        uid = put_event(session, Subject("meeting", "day"), day, {NETWORK}, AT).uid
        whole = Told(uid, "2027-05-04", "2027-05-05", "Nätverksträff", "CONFIRMED")

        def told(
            key: str, day: str, summary: str = "Nätverksträff", status: str = "CONFIRMED"
        ) -> Told:
            hour = 8 if "winter" in key else 7  # 9 in Sweden
            times = f"2027-{day}T{hour:02}:00:00Z", f"2027-{day}T{hour + 2:02}:00:00Z"
            return Told(uids[key], *times, summary, status)

        days = {
            "winter": "03-26",
            "summer": "03-29",
            "last summer": "10-29",
            "next winter": "11-01",
        }
        rows = {key: told(key, day) for key, day in days.items()}
        states.append((join(session, feed, AT.date()).body, sorted([whole, *rows.values()])))
        for number, (key, start, moved_to) in enumerate(
            [("winter", local(3, 30, 9), "03-30"), ("winter", local(3, 22, 9), "03-22")]
        ):
            later = AT + timedelta(hours=1 + number)
            put_event(session, Subject("meeting", key), details(start), {NETWORK}, later)
            row = told("summer" if number == 0 else key, moved_to)._replace(uid=uids[key])
            rows[key] = row
        states.append((join(session, feed, AT.date()).body, sorted([whole, *rows.values()])))
        cancel_event(session, Subject("meeting", "winter"), AT + timedelta(hours=4))
        rows["winter"] = told("winter", "03-22", OFF, "CANCELLED")
        states.append((join(session, feed, AT.date()).body, sorted([whole, *rows.values()])))
    return states


def series() -> tuple[bytes, list[Told]]:
    """Return a weekly series over the spring changeover: one left out, one moved, one called off."""
    first = local(3, 15, 9)

    def part(start: datetime, **more: object) -> bytes:
        made = Vevent(
            uid="5f0c1a52-0d1e-4d5a-9f51-1f0a6d5e7a11",
            sequence=1,
            stamp=AT,
            created=AT,
            status="CONFIRMED",
            start=start,
            end=start + timedelta(hours=1),
            summary="Nätverksträff",
        )
        for name, value in more.items():
            object.__setattr__(made, name, value)
        return vevent(made)

    body = vcalendar(
        Heading(name="Träffar"),
        [
            part(first, rule="FREQ=WEEKLY;COUNT=5", without=(local(3, 22, 9),)),
            part(local(3, 31, 13), original_start=local(3, 29, 9)),
            part(local(4, 5, 9), original_start=local(4, 5, 9), status="CANCELLED", summary=OFF),
        ],
    )
    uid = "5f0c1a52-0d1e-4d5a-9f51-1f0a6d5e7a11"
    return body, [
        Told(uid, "2027-03-15T08:00:00Z", "2027-03-15T09:00:00Z", "Nätverksträff", "CONFIRMED"),
        Told(uid, "2027-03-31T11:00:00Z", "2027-03-31T12:00:00Z", "Nätverksträff", "CONFIRMED"),
        Told(uid, "2027-04-05T07:00:00Z", "2027-04-05T08:00:00Z", OFF, "CANCELLED"),
        Told(uid, "2027-04-12T07:00:00Z", "2027-04-12T08:00:00Z", "Nätverksträff", "CONFIRMED"),
    ]


@pytest.fixture
def calendars(session: Session) -> list[tuple[bytes, list[Told]]]:
    return [*changes(session), series()]


def test_recurring_ical_events_reads_what_was_meant(
    calendars: list[tuple[bytes, list[Told]]],
) -> None:
    for octets, expected in calendars:
        assert readers.by_recurring_ical_events(octets) == expected


def test_ical_js_reads_what_was_meant(calendars: list[tuple[bytes, list[Told]]]) -> None:
    node = readers.node()
    for octets, expected in calendars:
        assert readers.by_ical_js(node, octets) == expected


@pytest.mark.full
def test_vdirsyncer_and_khal_read_what_was_meant(
    calendars: list[tuple[bytes, list[Told]]], khal_programs: Path, tmp_path: Path
) -> None:
    for number, (octets, expected) in enumerate(calendars):
        folder = tmp_path / str(number)
        folder.mkdir()
        unnamed = sorted(one._replace(uid="") for one in expected)
        assert readers.by_vdirsyncer_and_khal(khal_programs, folder, octets) == unnamed
