"""The octets: folding, escaping, the time zone, and what two other parsers read back."""

import dataclasses
import random
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from api.calendar.ical import (
    VTIMEZONE,
    Attendee,
    Heading,
    Vevent,
    as_free,
    escape,
    fold,
    vcalendar,
    vevent,
)
from api.kit.clock import STOCKHOLM
from tests.calendars import as_text, read_event, read_events, read_zone

STAMP = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAIN = Vevent(
    uid="7f6a1a52-5a5e-4f3b-9b62-0d8f6f1f3c11",
    sequence=2,
    stamp=STAMP,
    created=STAMP,
    status="CONFIRMED",
    start=datetime(2027, 7, 1, 7, 0, tzinfo=UTC),
    end=datetime(2027, 7, 1, 14, 0, tzinfo=UTC),
    summary="Nätverksträff",
    location="Östersund",
    description="Rad ett\nRad två; med, tecken\\",
    url="https://samkrets.example/traffar/1",
)
TEXTS = ("summary", "location", "description")
HOSTILE = (
    "a\r\nATTENDEE:mailto:x@example.org",
    "a\rb\nc",
    "\u2028SUMMARY:two\u2029",
    "\x85BEGIN:VALARM",
    ";:,\"\\^'",
    "\\n\\N\\;\\\\",
    "😀" * 60,
    "å" * 10_000,
    "👩‍👩‍👧‍👦 e\u0301 \u202eab",
    "\x00\x07\x0b\x1f\x7f",
    "END:VEVENT\r\nEND:VCALENDAR\r\n",
    " leading and trailing ",
    "\ttab",
    "%s %(url)s {{ x }}",
)


def whole(*events: Vevent) -> bytes:
    return vcalendar(Heading(name="Träffar"), map(vevent, events))


def as_kept(text: str) -> str:
    """What RFC 5545 can carry of a text: one kind of line break, no control characters."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", "", unified)


def hostile_text(chance: random.Random) -> str:
    pieces = chance.choices(HOSTILE, k=chance.randint(1, 3))
    letters = [chr(chance.randrange(0x20, 0x2FFFF)) for _ in range(chance.randint(0, 90))]
    letters = [letter for letter in letters if not "\ud800" <= letter <= "\udfff"]
    return "".join((*pieces, *letters))


def with_text(field: str, text: str) -> Vevent:
    values: Any = {field: text}
    return dataclasses.replace(PLAIN, **values)


def names_of(octets: bytes) -> list[str]:
    """The property names, read by rule: unfold, then everything before the first ; or :."""
    lines = octets.replace(b"\r\n ", b"").split(b"\r\n")
    return [re.split(b"[;:]", line)[0].decode() for line in lines if line]


@pytest.mark.parametrize("field", TEXTS)
def test_a_thousand_hostile_texts_add_no_property_and_come_back_the_same(field: str) -> None:
    chance = random.Random(field)
    expected = names_of(vevent(PLAIN))
    for _ in range(1_000):
        text = hostile_text(chance)
        octets = vevent(with_text(field, text))
        assert names_of(octets) == expected
        assert all(len(line) <= 75 for line in octets.split(b"\r\n"))
        read = read_event(octets)
        assert str(read[field]) == as_kept(text)


def test_hostile_texts_come_back_the_same_from_vobject_and_every_line_is_utf8() -> None:
    for text in HOSTILE:
        octets = whole(dataclasses.replace(PLAIN, summary=text, description=text))
        for line in octets.split(b"\r\n"):
            line.decode()
        read = vobject.readOne(octets.decode()).vevent
        assert read.summary.value == as_kept(text)
        assert read.description.value == as_kept(text)


@given(st.text(max_size=400))
def test_escaping_is_undone_by_a_reader(text: str) -> None:
    assert as_text(fold(f"SUMMARY:{escape(text)}")) == as_kept(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_folding_is_undone_by_removing_line_breaks_before_spaces(text: str) -> None:
    folded = fold(text)
    assert folded.endswith(b"\r\n")
    assert folded.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode() == text
    for line in folded.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


def test_the_constant_time_zone_agrees_with_the_zone_database_at_every_changeover() -> None:
    """A change of the EU's rules in tzdata fails here, so that it is noticed."""
    made = read_zone(VTIMEZONE)
    moment = datetime(1997, 1, 1, 12)  # noqa: DTZ001 - local time is what is compared
    while moment.year < 2050:
        for shift in (timedelta(0), timedelta(hours=10, minutes=59), timedelta(hours=15)):
            local = moment + shift
            in_gap = local.replace(tzinfo=STOCKHOLM).astimezone(UTC).astimezone(STOCKHOLM)
            if in_gap.replace(tzinfo=None) == local:
                assert made.utcoffset(local) == local.replace(tzinfo=STOCKHOLM).utcoffset(), local
        moment += timedelta(days=1)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2027, 3, 27, 8, tzinfo=UTC),
        datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # 01.30, before the change
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # 03.00, after it
        datetime(2027, 7, 1, 7, tzinfo=UTC),
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # 02.30 for the first time
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),  # 02.30 for the second time
        datetime(2045, 12, 1, 8, tzinfo=UTC),
    ],
)
def test_two_parsers_read_the_instant_that_was_written(start: datetime) -> None:
    octets = whole(dataclasses.replace(PLAIN, start=start, end=start + timedelta(minutes=45)))
    [read] = read_events(octets)
    assert read["DTSTART"].dt.astimezone(UTC) == start
    assert read["DTEND"].dt.astimezone(UTC) == start + timedelta(minutes=45)
    other = vobject.readOne(octets.decode()).vevent
    assert other.dtstart.value.astimezone(UTC) == start


def test_no_local_time_is_written_that_comes_twice() -> None:
    """Clients differ on which coming a local time means (Thunderbird 153 takes the second)."""
    night = datetime(2027, 10, 30, 22, 30, tzinfo=UTC)  # half past midnight in Sweden
    for number in range(8):
        start = night + timedelta(minutes=30 * number)
        octets = vevent(dataclasses.replace(PLAIN, start=start, end=start + timedelta(minutes=30)))
        begins, ends = re.findall(rb"DT(?:START|END)([^\r]+)", octets)
        is_local = begins.startswith(b";TZID=Europe/Stockholm:")
        assert is_local == ends.startswith(b";TZID=Europe/Stockholm:"), "one form for both"
        written = {moment.rsplit(b"T", 1)[1][:4] for moment in (begins, ends)}
        assert not (is_local and written & {b"0200", b"0230"})
        event = read_event(octets)
        assert (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) == (
            start,
            start + timedelta(minutes=30),
        )


def test_a_whole_day_event_has_dates_and_an_exclusive_end() -> None:
    octets = vevent(dataclasses.replace(PLAIN, start=date(2027, 3, 4), end=date(2027, 3, 6)))
    assert b"DTSTART;VALUE=DATE:20270304\r\n" in octets
    assert b"DTEND;VALUE=DATE:20270306\r\n" in octets


def test_a_series_with_exceptions_names_them_by_their_original_start() -> None:
    first = datetime(2027, 3, 1, 8, tzinfo=UTC)
    series = dataclasses.replace(
        PLAIN,
        start=first,
        end=first + timedelta(hours=1),
        rule="FREQ=WEEKLY;COUNT=6",
        without=(first + timedelta(days=7),),
    )
    moved_from = datetime(2027, 4, 5, 7, tzinfo=UTC)  # summer time by then: still 09.00
    moved = dataclasses.replace(
        PLAIN,
        start=moved_from + timedelta(hours=2),
        end=moved_from + timedelta(hours=3),
        original_start=moved_from,
    )
    octets = whole(series, moved)
    assert b"EXDATE;TZID=Europe/Stockholm:20270308T090000\r\n" in octets
    assert b"RECURRENCE-ID;TZID=Europe/Stockholm:20270405T090000\r\n" in octets


def test_the_heading_stands_before_every_component_and_names_no_method() -> None:
    octets = vcalendar(Heading(name="Träffar; A, B", color="teal", url="https://x.example/å"), ())
    head = octets.split(b"BEGIN:VTIMEZONE")[0].decode()
    assert head.split("\r\n")[:-1] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Samkrets//Samkrets 1//SV",
        "CALSCALE:GREGORIAN",
        "NAME:Träffar\\; A\\, B",
        "X-WR-CALNAME:Träffar\\; A\\, B",
        "X-WR-TIMEZONE:Europe/Stockholm",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "COLOR:teal",
        "URL:https://x.example/%C3%A5",
    ]


def test_an_invitation_names_its_one_recipient_whatever_the_name_holds() -> None:
    name = 'Anna "A": x; y, ^z\r\nATTENDEE:mailto:b@example.org'
    invited = dataclasses.replace(
        PLAIN, organizer="moten@example.org", attendee=Attendee("anna@example.org", name)
    )
    octets = vevent(invited)
    assert names_of(octets).count("ATTENDEE") == 1
    read = read_event(octets)
    assert str(read["ATTENDEE"]) == "mailto:anna@example.org"
    with pytest.raises(ValueError, match="not a mail address"):
        vevent(dataclasses.replace(invited, attendee=Attendee("a@b\r\nX:1", "A")))


def test_only_the_property_becomes_free_not_a_text_that_looks_like_it() -> None:
    busy = dataclasses.replace(PLAIN, description="x\r\nTRANSP:OPAQUE\r\ny")
    assert as_free(vevent(busy)) == vevent(dataclasses.replace(busy, is_free=True))
