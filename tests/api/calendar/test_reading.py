"""Other people's calendars: letters, lines, zones, versions, exceptions, and all that is not understood.

Each case is a kind of file that some program writes; the reports are in the public issue trackers of
Nextcloud, Home Assistant, node-ical, ical.net, sabre/vobject, recurring-ical-events and others.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.core import get_global
from hypothesis import given, settings
from hypothesis import strategies as st

from api.calendar.reading.book import TooManyError, read
from api.calendar.reading.names import zone_named
from api.calendar.reading.parts import UnreadableError
from api.calendar.reading.unread import Why

EARLY, LATE = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
STO = "TZID=Europe/Stockholm"
ONE = f"DTSTART;{STO}:20270112T090000\r\nDTEND;{STO}:20270112T100000"
WEEKS = f"DTSTART;{STO}:20270105T090000\r\nDTEND;{STO}:20270105T100000\r\nRRULE:FREQ=WEEKLY;COUNT=4"
AT_NINE = ["01-12 08:00-09:00"]


def calendar(*events: str, top: str = "", uid: str = "UID:1\r\n") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{uid}{text}\r\nEND:VEVENT\r\n" for text in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{top}{body}END:VCALENDAR\r\n".encode()


def times(content: bytes) -> list[str]:
    found, _ = read(content, 100).unfolded(EARLY, LATE)
    return [
        f"{one.start:%m-%d %H:%M}-{one.end:%H:%M}" for one in found if not one.event.is_cancelled
    ]


def left(content: bytes) -> list[tuple[str, Why]]:
    _, unread = read(content, 100).unfolded(EARLY, LATE)
    return [(one.property, one.why) for one in unread]


def zone(name: str, *parts: tuple[str, str, str, str]) -> str:
    """Return a VTIMEZONE of parts (kind, from, to, what says when)."""
    body = "".join(
        f"BEGIN:{kind}\r\nTZOFFSETFROM:{before}\r\nTZOFFSETTO:{after}\r\n{when}\r\nEND:{kind}\r\n"
        for kind, before, after, when in parts
    )
    return f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{body}END:VTIMEZONE\r\n"


def europe(name: str, winter: str, summer: str) -> str:
    """Return a zone as Exchange writes it, from the year 1601 on."""
    last = "DTSTART:16010101T0{}0000\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH={}"
    return zone(
        name,
        ("STANDARD", summer, winter, last.format(3, 10)),
        ("DAYLIGHT", winter, summer, last.format(2, 3)),
    )


# Letters and lines

TEXT = calendar(f"SUMMARY:Möte\r\n{ONE}").decode()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace("\r\n", "\r\r\n").encode(),
        TEXT.replace("\r\n", "\r\n\r\n").encode(),
        TEXT.replace("\r\n", " \r\n").encode(),
        b"\r\n \r\n" + TEXT.encode(),
        TEXT.encode() + b"\x1a",
        TEXT.replace("Mö", "M\xf6").replace("te", "\r\n\tte").encode(),
        TEXT.encode().replace("ö".encode(), "ö".encode()[:1] + b"\r\n " + "ö".encode()[1:]),
        TEXT.replace("DTSTART", "DTS\r\n TART").encode(),
        TEXT.replace("DTSTART", "dtstart").replace("BEGIN:VEVENT", "begin:vevent").encode(),
        TEXT.replace("DTSTART", "item1.DTSTART").encode(),
        TEXT.replace(
            "SUMMARY:Möte", "SUMMARY:Möte\r\nDTSTART bestäms\r\nEND: på dagen\r\nBEGIN:nu"
        ).encode(),
        TEXT.replace("SUMMARY:", 'SUMMARY;ALTREP="cid:a:b;c":').encode(),
        TEXT.replace("DTSTART;", "DTSTART;;VALUE=DATE-TIME;VALUE=DATE-TIME;").encode(),
        TEXT.replace("BEGIN:VEVENT", "BEGIN:VTODO\r\nUID:2\r\nEND:VTODO\r\nBEGIN:VEVENT").encode(),
        TEXT.replace(
            "END:VEVENT", "BEGIN:VALARM\r\nTRIGGER:x\r\nDTSTART:x\r\nEND:VALARM\r\nEND:VEVENT"
        ).encode(),
        TEXT.replace("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "")
        .replace("END:VCALENDAR\r\n", "")
        .encode(),
        TEXT.replace("END:VCALENDAR\r\n", "").encode(),
    ],
)
def test_letters_and_lines_are_read_however_they_are_written(content: bytes) -> None:
    assert times(content) == AT_NINE
    (series,) = read(content, 10).series
    assert series.first.text_of("SUMMARY")[:4] == "Möte"


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"hej",
            b"BEGIN:VCALENDAR",
            b"END:VCALENDAR",
            b"DTSTART:20270301T080000Z",
            b"\0" * 1000,
        ),
        b"<html><body>Logga in</body></html>",
        calendar("BEGIN:X\r\n" * 20 + "END:X"),
    ],
)
def test_what_is_no_calendar_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(content, 10)


def test_too_many_events_are_refused() -> None:
    with pytest.raises(TooManyError):
        read(calendar(*[ONE] * 11), 10)


def test_what_is_cut_off_or_no_event_is_named() -> None:
    assert left(TEXT.replace("END:VCALENDAR\r\n", "").encode()) == [("END", Why.FILE_CUT)]
    cut = left(TEXT.replace("END:VEVENT\r\nEND:VCALENDAR\r\n", "").encode())
    assert {why for _, why in cut} == {Why.CUT, Why.FILE_CUT}
    tasks = TEXT.replace("BEGIN:VEVENT", "BEGIN:VTODO\r\nUID:2\r\nEND:VTODO\r\nBEGIN:VEVENT", 1)
    assert left(tasks.encode()) == [("VTODO", Why.NOT_BUSY)]
    assert times(calendar(ONE, top="METHOD:REPLY\r\n")) == []
    assert left(calendar(ONE, top="METHOD:COUNTER\r\n")) == [("METHOD", Why.MESSAGE)]


# Times


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("DTSTART:20270112T080000Z\r\nDTEND:20270112T090000Z", AT_NINE),
        (f"DTSTART;{STO}:20270112T0900\r\nDTEND;{STO}:20270112T1000", AT_NINE),
        ("DTSTART:2027-01-12T08:00:00Z\r\nDTEND:2027-01-12T09:00:00.000Z", AT_NINE),
        ("DTSTART:20270112T090000+01:00\r\nDTEND:20270112T100000+0100", AT_NINE),
        ("DTSTART:20270112T080000z\r\nDTEND:20270112t090000z ", AT_NINE),
        ("DTSTART:20270112T080060Z\r\nDTEND:20270112T090000Z", ["01-12 08:01-09:00"]),
        (f"DTSTART;{STO}:20270112T090000\r\nDTEND;{STO}:20270112T240000", ["01-12 08:00-23:00"]),
        # Z wins over TZID (RFC 5545 3.2.19), of a list too
        ("DTSTART;TZID=America/New_York:20270112T080000Z\r\nDURATION:PT1H", AT_NINE),
        (
            f"{ONE}\r\nRDATE;{STO}:20270113T080000Z,20270114T090000",
            [*AT_NINE, "01-13 08:00-09:00", "01-14 08:00-09:00"],
        ),
        # whole days
        ("DTSTART:20270112\r\nDTEND:20270113", ["01-11 23:00-23:00"]),
        (
            "DTSTART;VALUE=DATE:20270112T000000\r\nDTEND;VALUE=DATE:20270113T000000",
            ["01-11 23:00-23:00"],
        ),
        ("DTSTART;VALUE=DATE:20270112\r\nDTEND;VALUE=DATE:20270112", ["01-11 23:00-23:00"]),
        ("DTSTART;VALUE=DATE:20270328", ["03-27 23:00-22:00"]),  # 23 hours
        (f"DTSTART;{STO}:20270112T090000\r\nDTEND;VALUE=DATE:20270112", ["01-12 08:00-23:00"]),
        # lengths
        ("DTSTART:20270112T080000Z\r\nDURATION:P0DT1H0M0S", AT_NINE),
        ("DTSTART:20270112T080000Z\r\nDURATION:P3600S", AT_NINE),
        ("DTSTART:20270112T080000Z\r\nDURATION:-PT1H", ["01-12 08:00-08:00"]),
        ("DTSTART:20270112T080000Z\r\nDURATION:PT", ["01-12 08:00-08:00"]),
        ("DTSTART:20270112T080000Z", ["01-12 08:00-08:00"]),
        ("DTSTART:20270112T090000Z\r\nDTEND:20270112T080000Z", AT_NINE),  # swapped
        # days by the calendar, time by the clock
        (f"DTSTART;{STO}:20270327T120000\r\nDURATION:P1D", ["03-27 11:00-10:00"]),
        (f"DTSTART;{STO}:20270327T120000\r\nDURATION:PT24H", ["03-27 11:00-11:00"]),
    ],
)
def test_times_and_lengths_are_read_however_they_are_written(
    told: str, expected: list[str]
) -> None:
    assert times(calendar(told)) == expected


@pytest.mark.parametrize(
    "told",
    [
        *(
            "20271312T080000Z",
            "i morgon",
            "20270112T250000Z",
            "20270112T08",
            "00010101T000000Z",
            "2027",
        ),
        "99991231T235959Z",
    ],
)
def test_what_is_no_time_is_named(told: str) -> None:
    if told == "20270112T08":
        assert times(calendar(f"DTSTART:{told}Z")) == ["01-12 08:00-08:00"]
        return
    assert left(calendar(f"DTSTART:{told}")) == [("DTSTART", Why.NO_TIME)]


# Zones


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Europe/Stockholm", "Europe/Stockholm"),
        ("europe/stockholm ", "Europe/Stockholm"),
        ("/mozilla.org/20070129_1/Europe/Stockholm", "Europe/Stockholm"),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", "America/Indiana/Knox"),
        ("Europe\\Stockholm", "Europe/Stockholm"),
        ("Europe/Stokholm", "Europe/Stockholm"),
        ("US-Eastern", "US/Eastern"),
        ("Stockholm", "Europe/Stockholm"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("W. Europe Standard Time 1", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("W.Europe Standard Time", "Europe/Berlin"),
        ("W. Europe", "Europe/Berlin"),
        ("W. Europe Daylight Time", "Europe/Berlin"),
        ("tzone://Microsoft/W. Europe Standard Time", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", "Europe/Amsterdam"),
        ("(UTC+01:00) Amsterdam\\, Berlin\\, Bern\\, Rome\\, Stockholm", "Europe/Amsterdam"),
        ("(GMT+01.00) Sarajevo/Skopje/Warsaw/Zagreb", "Europe/Sarajevo"),
        ("(UTC+02:00) Helsingfors, Kiev, Riga", "Europe/Helsinki"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("Mitteleuropäische Zeit", "Europe/Berlin"),
        ("Centraleuropeisk normaltid", "Europe/Stockholm"),
        ("Västeuropa, normaltid", "Europe/Berlin"),
        ("Heure d’Europe centrale", "Europe/Stockholm"),
        ("Etc/GMT-1", "Etc/GMT-1"),
        ("Etc/GMT+1", "Etc/GMT+1"),
        ("GMT+0100", "UTC+01:00"),
        ("UTC-3", "UTC-03:00"),
        ("GMT+05:30", "UTC+05:30"),
        ("utc", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("(UTC) Koordinerad universell tid", "UTC"),
        ("Mars/Olympus", "None"),
        ("tzone://Microsoft/Custom", "None"),
        ("../../etc/passwd", "None"),
        ("", "None"),
    ],
)
def test_zones_are_known_by_their_names(name: str, told: str) -> None:
    assert str(zone_named(name)) == told


def test_every_zone_name_of_windows_is_known() -> None:
    assert all(zone_named(name) for name in get_global("windows_zone_mapping"))


@pytest.mark.parametrize(
    ("defined", "told", "expected"),
    [
        (
            zone(
                "tzone://Microsoft/Utc", ("STANDARD", "+0000", "+0000", "DTSTART:16010101T000000")
            ),
            '"tzone://Microsoft/Utc"',
            12,
        ),
        (europe("Customized Time Zone", "+0000", "+0100"), "Customized Time Zone", 12),
        (europe("Customized Time Zone", "+0200", "+0300"), "customized time zone", 10),
        (
            europe("(UTC+02:00) Nånstans\\, där", "+0200", "+0300"),
            '"(UTC+02:00) Nånstans, där"',
            10,
        ),
        (
            zone("GMT+05:30", ("STANDARD", "+0530", "+0530", "DTSTART:19700101T000000")),
            "GMT+05:30",
            6.5,
        ),
        (
            zone("Kontorstid", ("STANDARD", "+00:00", "+00:00", "DTSTART:19700101T000000")),
            "Kontorstid",
            12,
        ),
        (
            europe("Europe/Stockholm", "+0300", "+0400"),
            "Europe/Stockholm",
            9,
        ),  # the file's own rules
        # definitions that say nothing give way to the name
        (
            zone(
                "W. Europe Standard Time",
                (
                    "STANDARD",
                    "+0200",
                    "+0100",
                    "DTSTART:16010101T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
                ),
            ),
            "W. Europe Standard Time",
            11,
        ),
        (
            zone("Europe/Stockholm", ("STANDARD", "+9900", "+0100", "DTSTART:16010101T030000")),
            "Europe/Stockholm",
            11,
        ),
        (zone("Europe/Stockholm"), "Europe/Stockholm", 11),
        (
            zone(
                "Egen",
                ("STANDARD", "+0100", "+0100", "RRULE:FREQ=SECONDLY\r\nDTSTART:19700101T000000"),
            ).replace("TZID", "X-LIC-LOCATION:Europe/Helsinki\r\nTZID"),
            "Egen",
            10,
        ),
    ],
)
def test_a_file_s_own_zones_count(defined: str, told: str, expected: float) -> None:
    (begin,) = times(calendar(f"DTSTART;TZID={told}:20270112T120000\r\nDURATION:PT1H", top=defined))
    assert begin[6:11] == f"{int(expected):02}:{int(expected % 1 * 60):02}"


def test_summer_time_of_a_file_s_own_zone_begins_and_ends_when_it_says() -> None:
    own = europe("Egen", "+0100", "+0200")
    daily = "DTSTART;TZID=Egen:20270326T023000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=4"
    here = daily.replace("Egen", "Europe/Stockholm")
    assert times(calendar(daily, top=own)) == times(calendar(here))
    autumn = "DTSTART;TZID=Egen:20271029T023000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=4"
    assert times(calendar(autumn, top=own)) == times(
        calendar(autumn.replace("Egen", "Europe/Stockholm"))
    )
    # the same file read once more: nothing is kept of it
    assert left(calendar(daily)) == [("DTSTART;TZID", Why.UNKNOWN_ZONE)]


def test_what_one_file_says_of_a_zone_does_not_reach_the_next_file() -> None:
    wrong = zone(
        "W. Europe Standard Time", ("STANDARD", "-0500", "-0500", "DTSTART:16010101T000000")
    )
    event = "DTSTART;TZID=W. Europe Standard Time:20270112T090000\r\nDURATION:PT1H"
    assert times(calendar(event, top=wrong)) == ["01-12 14:00-15:00"]
    assert times(calendar(event)) == AT_NINE
    # two calendars in one file have each their own
    assert times(
        calendar(event, top=wrong)
        + calendar(event, uid="UID:2\r\n", top=europe("W. Europe Standard Time", "+0100", "+0200"))
    ) == [*AT_NINE, "01-12 14:00-15:00"]


def test_floating_times_are_the_calendar_s() -> None:
    floating = "DTSTART:20270112T120000\r\nDURATION:PT1H"
    assert times(calendar(floating)) == ["01-12 11:00-12:00"]
    assert times(calendar(floating, top="X-WR-TIMEZONE:Europe/Helsinki\r\n")) == [
        "01-12 10:00-11:00"
    ]
    utc = "DTSTART:20270112T120000Z\r\nDURATION:PT1H"
    assert times(calendar(utc, top="X-WR-TIMEZONE:Europe/Helsinki\r\n")) == ["01-12 12:00-13:00"]


def test_an_end_without_the_start_s_zone_is_read_in_it_and_told_where_that_matters() -> None:
    loose = "DTSTART:20270112T080000Z\r\nDTEND:20270112T100000"
    assert times(calendar(loose)) == ["01-12 08:00-10:00"]
    assert left(calendar(loose)) == [("DTEND", Why.NO_ZONE)]
    ours = "DTSTART;TZID=Europe/Stockholm:20270112T090000\r\nDTEND:20270112T100000"
    assert (times(calendar(ours)), left(calendar(ours))) == (AT_NINE, [])
    book = read(calendar(loose), 10)
    [told] = book.unfolded(EARLY, LATE)[1]
    assert told.could_touch(*(datetime(2027, 1, 12, hour, tzinfo=UTC) for hour in (9, 10)))
    assert not told.could_touch(*(datetime(2027, 1, 12, hour, tzinfo=UTC) for hour in (10, 11)))
    [weekly] = read(calendar(f"{loose}\r\nRRULE:FREQ=WEEKLY"), 10).unfolded(EARLY, LATE)[1]
    assert weekly.could_touch(*(datetime(2027, 5, 18, hour, tzinfo=UTC) for hour in (9, 10)))


def test_a_whole_day_s_end_at_a_time_is_that_time() -> None:
    day = "DTSTART;VALUE=DATE:20270112\r\nDTEND:2027011"
    assert times(calendar(f"{day}3T100000")) == ["01-11 23:00-09:00"]
    assert times(calendar(f"{day}3T100000Z")) == ["01-11 23:00-10:00"]
    assert times(calendar(f"{day}3T000000")) == ["01-11 23:00-23:00"]
    assert times(calendar(f"{day}2T000000")) == ["01-11 23:00-23:00"]


def test_many_unknown_zones_hide_no_known_one() -> None:
    unknown = [f"DTSTART;TZID=Mars/Canal {number}:20270112T120000" for number in range(60)]
    assert times(calendar(*unknown, ONE, uid="")) == AT_NINE
    again = ["DTSTART;TZID=Mars/Olympus:20270112T120000"] * 60
    assert times(calendar(*again, ONE, uid="")) == AT_NINE


# Series


@pytest.mark.parametrize(
    ("told", "days"),
    [
        ("EXDATE;VALUE=DATE:20270112", "05 19 26"),
        ("EXDATE:20270112T090000", "05 19 26"),
        ("EXDATE:20270112T080000Z,20270119T080000Z", "05 26"),
        ("EXDATE;TZID=tzone://Microsoft/Utc:20270112T080000", "05 19 26"),
        ("EXDATE;TZID=Mars/Olympus:20270112T090000", "05 19 26"),
        (f"EXDATE;{STO}:20270112T000000", "05 19 26"),
        ("RDATE;VALUE=DATE:20270114", "05 12 14 19 26"),
        ("RDATE;VALUE=PERIOD:20270114T120000Z/PT3H", "05 12 14 19 26"),
        (f"RDATE;{STO}:20270114T090000\r\nEXDATE;{STO}:20270114T090000", "05 12 19 26"),
        ("RRULE:FREQ=WEEKLY;COUNT=4", "05 12 19 26"),  # the same rule twice
        ("RRULE:FREQ=DAILY;COUNT=2", "05 06 12 19 26"),  # two rules are a union
        ("EXRULE:FREQ=WEEKLY;INTERVAL=2", "12 26"),
    ],
)
def test_series_have_their_exceptions_and_extra_days(told: str, days: str) -> None:
    assert " ".join(one[3:5] for one in times(calendar(f"{WEEKS}\r\n{told}"))) == days


def test_a_period_has_a_length_of_its_own() -> None:
    assert "01-14 12:00-15:00" in times(
        calendar(f"{WEEKS}\r\nRDATE;VALUE=PERIOD:20270114T120000Z/PT3H")
    )
    told = times(calendar(f"{WEEKS}\r\nRDATE;VALUE=PERIOD:20270114T120000Z/20270114T123000Z"))
    assert "01-14 12:00-12:30" in told


@pytest.mark.parametrize(
    ("until", "days"),
    [
        *(
            ("20270119", "05 12 19"),
            ("20270119T080000Z", "05 12 19"),
            ("20270119T075959Z", "05 12"),
        ),
        *(("20270119T090000", "05 12 19"), ("2027-01-19", "05 12 19"), ("20270105T080000Z", "05")),
    ],
)
def test_until_is_a_moment_a_local_time_or_a_whole_last_day(until: str, days: str) -> None:
    weekly = WEEKS.replace("COUNT=4", f"UNTIL={until}")
    assert " ".join(one[3:5] for one in times(calendar(weekly))) == days


@pytest.mark.parametrize(
    "until", ["20270107", "20270107T235959Z", "20270106T230000Z", "20270107T000000"]
)
def test_until_of_whole_days_is_a_day_as_google_and_exchange_write_it(until: str) -> None:
    daily = f"DTSTART;VALUE=DATE:20270105\r\nRRULE:FREQ=DAILY;UNTIL={until}"
    assert [one[:5] for one in times(calendar(daily))] == ["01-04", "01-05", "01-06"]


def test_a_rule_that_ends_before_it_begins_is_the_first_time_and_leaves_the_rest_open() -> None:
    weekly = calendar(WEEKS.replace("COUNT=4", "UNTIL=20261231"))
    assert times(weekly) == ["01-05 08:00-09:00"]
    _, unread = read(weekly, 10).unfolded(EARLY, LATE)
    assert {one.why for one in unread} == {Why.ENDS_BEFORE}
    monday, tuesday = (datetime(2027, 1, day, 8, tzinfo=UTC) for day in (11, 12))
    assert not any(one.could_touch(monday, monday.replace(hour=9)) for one in unread)
    assert any(one.could_touch(tuesday, tuesday.replace(hour=9)) for one in unread)


def test_the_first_time_counts_also_outside_its_rule() -> None:
    weekly = WEEKS.replace("COUNT=4", "BYDAY=WE;COUNT=3")
    assert [one[:5] for one in times(calendar(weekly))] == ["01-05", "01-06", "01-13"]


def test_a_series_of_eleven_years_is_followed() -> None:
    old = WEEKS.replace("20270105", "20160105").replace("COUNT=4", "UNTIL=20270131")
    assert [one[:5] for one in times(calendar(old))] == ["01-05", "01-12", "01-19", "01-26"]


MOVED = f"RECURRENCE-ID{{}}\r\nDTSTART;{STO}:20270112T140000\r\nDTEND;{STO}:20270112T150000"


@pytest.mark.parametrize(
    "place",
    [
        ":20270112T080000Z",
        f";{STO}:20270112T090000",
        ";TZID=Asia/Tokyo:20270112T170000",
        ";VALUE=DATE:20270112",
        ":20270112",
        ":20270112T000000",
        ":20270111T230000Z",
        ";TZID=Mars/Olympus:20270112T090000",
        ";TZID=Europe/Stockholm:20270112T080000Z",
        ":20270112T091500",
    ],
)
def test_an_exception_is_its_moment_else_its_day(place: str) -> None:
    told = calendar(WEEKS, MOVED.format(place))
    assert times(told) == [
        "01-05 08:00-09:00",
        "01-12 13:00-14:00",
        "01-19 08:00-09:00",
        "01-26 08:00-09:00",
    ]
    # in another order, and with a blank at the end of the UID
    spaced = calendar(MOVED.format(place)).replace(b"UID:1\r\n", b"UID:1 \r\n") + calendar(WEEKS)
    assert times(spaced) == times(told)


def test_whole_days_have_exceptions_by_moment() -> None:
    daily = "DTSTART;VALUE=DATE:20270105\r\nRRULE:FREQ=DAILY;COUNT=3"
    for place in ("20270106T000000Z", "20270105T230000Z", "20270106", "20270106T000000"):
        gone = f"RECURRENCE-ID:{place}\r\nDTSTART;VALUE=DATE:20270106\r\nSTATUS:CANCELLED"
        assert [one[:5] for one in times(calendar(daily, gone))] == ["01-04", "01-06"]


def test_an_exception_may_reach_to_all_that_follow() -> None:
    reaching = (
        f"RECURRENCE-ID;RANGE=THISANDFUTURE;{STO}:20270119T090000\r\n"
        f"DTSTART;{STO}:20270119T140000\r\nDTEND;{STO}:20270119T153000"
    )
    expected = ["01-05 08:00-09:00", "01-12 08:00-09:00", "01-19 13:00-14:30", "01-26 13:00-14:30"]
    assert times(calendar(WEEKS, reaching)) == expected
    alone = MOVED.format(f";{STO}:20270126T090000").replace("20270112", "20270126")
    assert times(calendar(WEEKS, reaching, alone)) == [*expected[:3], "01-26 13:00-14:00"]
    assert times(calendar(WEEKS, f"{reaching}\r\nSTATUS:CANCELLED")) == expected[:2]
    # without its series what it reaches to is unknown
    assert left(calendar(reaching)) == [("RECURRENCE-ID;RANGE", Why.RULE)]


def test_the_newest_version_counts() -> None:
    late = WEEKS.replace("T09", "T13").replace("T10", "T14")
    for old, new in (
        (f"SEQUENCE:1\r\n{late}", f"SEQUENCE:2\r\n{WEEKS}"),
        (f"DTSTAMP:20260101T000000Z\r\n{late}", f"DTSTAMP:20260102T000000Z\r\n{WEEKS}"),
        (f"LAST-MODIFIED:20260101T000000Z\r\n{late}", f"LAST-MODIFIED:20260102T000000Z\r\n{WEEKS}"),
    ):
        for order in ((old, new), (new, old)):
            assert times(calendar(*order)) == times(calendar(WEEKS))
    moved = MOVED.format(":20270112T080000Z")
    later = f"SEQUENCE:2\r\n{moved.replace('T14', 'T16').replace('T15', 'T17')}"
    for order in ((moved, later), (later, moved)):
        assert times(calendar(WEEKS, *order))[1] == "01-12 15:00-16:00"
    # nobody knows which is newer: both take time
    assert len(times(calendar(ONE, ONE.replace("T10", "T12")))) == 2
    # a newer series leaves out what an older exception moved
    gone = f"SEQUENCE:2\r\n{WEEKS}\r\nEXDATE:20270112T080000Z"
    assert [one[:5] for one in times(calendar(gone, moved))] == ["01-05", "01-19", "01-26"]


def test_a_cancelling_file_cancels() -> None:
    assert times(calendar(ONE, top="METHOD:CANCEL\r\n")) == []
    assert times(calendar(WEEKS, MOVED.format(":20270112T080000Z") + "\r\nSTATUS:CANCELLED")) == [
        "01-05 08:00-09:00",
        "01-19 08:00-09:00",
        "01-26 08:00-09:00",
    ]
    both = calendar(ONE, top="METHOD:CANCEL\r\n") + calendar(
        ONE, top="METHOD:PUBLISH\r\n", uid="UID:2\r\n"
    )
    assert times(both) == AT_NINE


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        *(("W1 TU #3", "05 12 19"), ("W2 TU TH #3", "05 07 19"), ("D2 #3", "05 07 09")),
        *(("MP1 1+ TU #2", "05 02"), ("MD1 5 #2", "05 05"), ("W1 TU 20270119T080000Z", "05 12 19")),
        *(("YM1 1 #1", "05"), ("W1 TU", "05 12"), ("MD1 LD #2", "05 31")),
    ],
)
def test_rules_of_vcalendar_1_are_read(rule: str, days: str) -> None:
    told = calendar(f"DTSTART:20270105T080000Z\r\nDTEND:20270105T090000Z\r\nRRULE:{rule}")
    assert " ".join(one[3:5] for one in times(told)) == days


def test_texts_and_zone_of_vcalendar_1() -> None:
    event = (
        "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=B6te om=\r\n=20=C3=A5ret\r\n"
        "DTSTART:20270705T090000\r\nDTEND:20270705T100000"
    )
    top = "TZ:+01\r\nDAYLIGHT:TRUE;+02;20270328T010000Z;20271031T010000Z;CET;CEST\r\n"
    told = calendar(event, top=top)
    assert read(told, 10).series[0].first.text_of("SUMMARY") == "Möte om året"
    assert times(told) == ["07-05 07:00-08:00"]


def test_free_and_busy_are_read() -> None:
    part = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nUID:f\r\n"
        b"FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270112T080000Z/PT1H\r\n"
        b"FREEBUSY:20270113T080000Z/20270113T090000Z,20270114T080000Z/P1D\r\n"
        b"FREEBUSY;FBTYPE=FREE:20270115T080000Z/PT1H\r\nFREEBUSY:i morgon\r\n"
        b"END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    book = read(part, 10)
    assert [
        (f"{one.start:%d %H}", f"{one.end:%d %H}", one.is_tentative) for one in book.free_busy
    ] == [
        ("12 08", "12 09", True),
        ("13 08", "13 09", False),
        ("14 08", "15 08", False),
    ]
    assert [(one.property, one.why) for one in book.unread] == [("FREEBUSY", Why.NO_TIME)]


def test_places_and_biographies_stay_at_the_door() -> None:
    told = calendar(f"{ONE}\r\nLOCATION:Storgatan 1\r\nGEO:1;2\r\nCONTACT:Exempel\r\nATTACH:x")
    part = read(told, 10).series[0].first.part
    assert {line.name for line in part.lines} == {"UID", "DTSTART", "DTEND"}


@settings(max_examples=60)
@given(st.text(alphabet="BEGIN:VENTRULDA;=-TZ0123456789\r\n ,\"'\\é\x00", max_size=300))
def test_any_text_is_read_or_unreadable(text: str) -> None:
    told = calendar(re.sub("BEGIN|END", "", text), WEEKS)
    found, _ = read(told, 500).unfolded(EARLY, LATE)
    assert all(one.start.tzinfo is UTC or one.start.tzinfo == ZoneInfo("UTC") for one in found)


@pytest.mark.parametrize(
    "event",
    [
        f"DTSTART;{STO}:20270112T090000\r\nDURATION:P0Y0M0DT1H0M0S",
        f"{ONE}\r\nRRULE:RRULE:FREQ=YEARLY;COUNT=2",
        f"{ONE}\r\nRRULE:FREQ=YEARLY;UNTIL=99991231T235959Z",
    ],
)
def test_what_programs_write_too_much_is_passed_over(event: str) -> None:
    assert times(calendar(event)) == AT_NINE
    assert left(calendar(event)) == []


@pytest.mark.parametrize("told", ["P1M", "P1Y", "-P2D3M", "1:00:00", "PT1.5H"])
def test_years_and_months_are_no_length(told: str) -> None:
    event = f"DTSTART;{STO}:20270112T090000\r\nDURATION:{told}"
    assert left(calendar(event)) == [("DURATION", Why.NO_LENGTH)]


def test_one_called_off_is_so_in_american_spelling_too() -> None:
    assert times(calendar(f"{ONE}\r\nSTATUS:CANCELED")) == []


def test_times_in_a_calendar_s_zone_that_nobody_knows_are_named() -> None:
    event = "DTSTART:20270112T090000\r\nDTEND:20270112T100000"
    content = calendar(event, top="X-WR-TIMEZONE:Kontorstid\r\n")
    assert left(content) == [("X-WR-TIMEZONE", Why.UNKNOWN_ZONE)]
    assert left(calendar(ONE, top="X-WR-TIMEZONE:Kontorstid\r\n")) == []
