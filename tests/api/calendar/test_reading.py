"""Other people's calendars: how they repeat, which zone they mean, and what never gets past the door."""

import contextlib
import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from api.calendar.reading import (
    BROKEN,
    UnreadableError,
    components,
    moment,
    occurrences,
    unknown_zone,
    zone_name,
)
from api.calendar.rrule import RuleError, rule_of, starts

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def calendar(*events: str, before: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:1\r\n{text}\r\nEND:VEVENT\r\n" for text in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{before}{body}END:VCALENDAR\r\n".encode()


def only(content: bytes) -> Any:  # noqa: ANN401 - icalendar's component
    (event,) = components(content, 10).events
    return event


def begins(text: str) -> list[str]:
    found = occurrences(only(calendar(text)), EARLY, LATE)
    return [f"{one:%Y-%m-%d %H:%M}" for one in found]


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    months = draw(st.lists(st.integers(1, 12), max_size=3, unique=True))
    if months:
        parts.append(f"BYMONTH={','.join(map(str, months))}")
    plain = freq in {"DAILY", "WEEKLY"}
    # dateutil finds nothing for numbered and plain weekdays together, where RFC 5545 means either
    is_numbered = not plain and draw(st.booleans())
    numbers = st.sampled_from(["1", "-1", "2", "+3", "5", "-5"] if is_numbered else [""])
    days = draw(st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True))
    if days:
        told = [f"{draw(numbers)}{day}" for day in days]
        parts.append(f"BYDAY={','.join(told)}")
    # dateutil takes seconds over a 30th of February
    month_days = st.integers(-28, 28).filter(bool)
    if freq != "WEEKLY" and draw(st.booleans()):
        found = draw(st.lists(month_days, min_size=1, max_size=3, unique=True))
        parts.append(f"BYMONTHDAY={','.join(map(str, found))}")
    if not plain and (days or "BYMONTHDAY" in parts[-1]) and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1, -2]))}")
    parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(parts)


@settings(deadline=None, max_examples=100)
@given(rules(), st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 900))
def test_rules_give_the_days_that_dateutil_gives(rule: str, day: date, length: int) -> None:
    first = datetime(day.year, day.month, day.day, 9, 30)  # noqa: DTZ001 - local times
    last = first + timedelta(days=length)
    parts = {
        name: value.split(",") for name, _, value in (one.partition("=") for one in rule.split(";"))
    }
    expected = itertools.takewhile(lambda one: one <= last, rrulestr(rule, dtstart=first))
    assert list(starts(rule_of(parts, None), first, last)) == list(expected)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=9MO",
        "FREQ=DAILY;COUNT=0",
    ],
)
def test_a_day_that_never_comes_is_looked_for_only_until_the_end(rule: str) -> None:
    assert begins(f"DTSTART:20260601T080000Z\r\nRRULE:{rule}") == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=SECONDLY",
        "FREQ=WEEKLY;BYHOUR=9",
        "FREQ=DAILY;BYMINUTE=1,2,3",
        "FREQ=DAILY;BYSECOND=1",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=YEARLY;BYYEARDAY=100",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=-1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=WEEKLY\r\nRRULE:FREQ=DAILY",
        "FREQ=WEEKLY\r\nEXRULE:FREQ=MONTHLY",
        "COUNT=3",
        "FREQ=NEVER",
    ],
)
def test_rules_that_are_not_followed_are_told_apart(rule: str) -> None:
    with pytest.raises(RuleError):
        begins(f"DTSTART:20260601T080000Z\r\nRRULE:{rule}")


def test_series_keep_their_clock_time_where_they_are_written() -> None:
    weekly = "DTSTART;TZID={}:20270321T090000\r\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert begins(weekly.format("Europe/Stockholm")) == ["2027-03-21 08:00", "2027-03-28 07:00"]
    assert begins(weekly.format("Europe/London")) == ["2027-03-21 09:00", "2027-03-28 08:00"]
    # New York changes two weeks earlier
    assert begins(weekly.format("America/New_York")) == ["2027-03-21 13:00", "2027-03-28 13:00"]
    utc = "DTSTART:20270321T080000Z\r\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert begins(utc) == ["2027-03-21 08:00", "2027-03-28 08:00"]


def test_the_hour_that_is_not_and_the_hour_that_comes_twice() -> None:
    """RFC 5545 3.3.5: the offset before the gap, and the first of the two."""
    daily = "DTSTART;TZID=Europe/Stockholm:20270327T023000\r\nRRULE:FREQ=DAILY;COUNT=3"
    assert begins(daily) == ["2027-03-27 01:30", "2027-03-28 01:30", "2027-03-29 00:30"]
    daily = "DTSTART;TZID=Europe/Stockholm:20271030T023000\r\nRRULE:FREQ=DAILY;COUNT=3"
    assert begins(daily) == ["2027-10-30 00:30", "2027-10-31 00:30", "2027-11-01 01:30"]


def test_until_is_a_moment_or_a_whole_last_day() -> None:
    daily = "DTSTART;TZID=Europe/Stockholm:20270301T090000\r\nRRULE:FREQ=DAILY;UNTIL="
    assert len(begins(f"{daily}20270303T080000Z")) == 3
    assert len(begins(f"{daily}20270303T075959Z")) == 2
    assert len(begins(f"{daily}20270303")) == 3
    assert len(begins(f"{daily}20270303T090000")) == 3


def test_extra_times_are_added_once_and_exceptions_left_out() -> None:
    weekly = (
        "DTSTART;TZID=Europe/Stockholm:20270301T090000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n"
        "RDATE;TZID=Europe/Stockholm:20270301T090000,20270304T090000\r\n"
        "EXDATE;TZID=Europe/Stockholm:20270308T090000"
    )
    assert begins(weekly) == ["2027-03-01 08:00", "2027-03-04 08:00", "2027-03-15 08:00"]
    whole_day = weekly.replace("EXDATE;TZID=Europe/Stockholm:20270308T090000", "")
    assert len(begins(whole_day + "EXDATE;VALUE=DATE:20270308")) == 3


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/Europe/Stockholm", "Europe/Stockholm"),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", "America/Indiana/Knox"),
        ("(UTC+01:00) Amsterdam\\, Berlin\\, Bern\\, Rome\\, Stockholm", "Europe/Stockholm"),
        ("UTC", "Etc/UTC"),
        ("Mars/Olympus", ""),
        ("../../etc/passwd", ""),
        ("", ""),
    ],
)
def test_zones_are_known_by_their_names(told: str, name: str) -> None:
    assert zone_name(told) == name


def test_every_zone_name_of_windows_is_known() -> None:
    assert all(zone_name(name) for name in WINDOWS_TO_OLSON)


def test_an_unknown_zone_is_named_and_a_quoted_one_is_read() -> None:
    event = only(calendar("DTSTART;TZID=Mars/Olympus:20270301T090000"))
    assert unknown_zone(event["DTSTART"]) == "Mars/Olympus"
    event = only(calendar('DTSTART;TZID="(UTC+01:00) Bern, Stockholm":20270301T090000'))
    assert unknown_zone(event["DTSTART"]) == ""
    assert moment(event["DTSTART"].dt) == datetime(2027, 3, 1, 8, tzinfo=UTC)


def test_what_one_file_says_of_a_zone_does_not_reach_the_next_file() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    ours = "DTSTART;TZID=Ours:20270301T090000"
    for content in (calendar(ours, before=zone), calendar(ours)):
        event = only(content)
        assert unknown_zone(event["DTSTART"]) == "Ours"
        assert moment(event["DTSTART"].dt) == datetime(2027, 3, 1, 8, tzinfo=UTC)


def test_names_addresses_and_alarms_stay_at_the_door() -> None:
    event = only(
        calendar(
            "DTSTART:20270301T080000Z\r\nSUMMARY:Chefs\r\n grupp\r\n"
            "ATTENDEE;CN=Exempel Person:mailto:exempel@exa\r\n mple.org\r\n"
            "ORGANIZER;CN=Exempel Person:mailto:exempel@example.org\r\n"
            "LOCATION:Storgatan 1\r\nGEO:1;2\r\nCONTACT:Exempel\r\nX-NOTE:Exempel\r\n"
            "BEGIN:VALARM\r\nDESCRIPTION:Exempel\r\nEND:VALARM"
        )
    )
    assert sorted(event) == ["DTSTART", "SUMMARY", "UID"]
    assert str(event["SUMMARY"]) == "Chefsgrupp"
    assert event.subcomponents == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hej",
        b"BEGIN:VCALENDAR",
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\r\nEND:VEVENT",
        b"DTSTART:20270301T080000Z",
        calendar("DTSTART:20270301T080000Z")[:-20],
        calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR"),
        calendar("BEGIN:VEVENT\r\n" * 20),
        calendar(*(["DTSTART:20270301T080000Z"] * 11)),
        b"\xff\xfeB\x00E\x00G\x00I\x00N\x00",
        b"\x00" * 1000,
    ],
)
def test_what_is_no_whole_calendar_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        components(content, 10)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="BEGIN:VENTRULDA;=-TZ0123456789\r\n ,\"'\\é\x00", max_size=300))
def test_any_text_is_read_or_unreadable(text: str) -> None:
    for event in components(calendar(re.sub("BEGIN|END", "", text)), 500).events:
        with contextlib.suppress(*BROKEN):
            assert len(list(itertools.islice(occurrences(event, EARLY, LATE), 5))) <= 5
