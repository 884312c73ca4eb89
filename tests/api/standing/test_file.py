"""What a planner's file tells: files as Outlook, Google and Apple write them, and all that is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.kit.errors import FieldFault
from api.kit.mail import has_address
from api.standing.file import MOST_BYTES, MOST_EVENTS, FileEvent, read_events
from api.standing.text import LONGEST_FOCUS, first_paragraph

SAMPLES = Path(__file__).with_name("samples")
AT = datetime(2026, 12, 1, tzinfo=UTC)
HEAD = "DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z"


def calendar(*events: str, top: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\n" for text in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{top}{body}END:VCALENDAR\r\n".encode()


def sample(name: str) -> dict[str, FileEvent]:
    found = read_events((SAMPLES / f"{name}.ics").read_bytes(), AT)
    return {event.name: event for event in found}


def times(event: FileEvent) -> list[str]:
    return [f"{one.starts_at:%m-%d %H:%M}-{one.ends_at:%H:%M}" for one in event.told]


def why(text: str) -> str:
    (event,) = read_events(calendar(text), AT)
    assert event.told == ()
    return "" if event.reason is None else event.reason.text % event.reason.values


def test_outlook() -> None:
    found = sample("outlook")
    forum = found["Samverkansforum: månadsmöte"]
    # the second Thursday; March is left out, April moved a week, summer time from the end of March
    assert times(forum) == [
        "01-14 08:00-09:30",
        "02-11 08:00-09:30",
        "04-15 11:00-12:30",
        "05-13 07:00-08:30",
    ]
    assert {one.focus for one in forum.told} == {"Nuläge i varje län och en fråga att ta med hem."}
    private, odd = found["Tandläkaren"].reason, found["Möte i egen tidszon"].reason
    assert private is not None
    assert private.text == "Är markerad som privat i din kalender."
    assert odd is not None
    assert odd.values == {"zone": "Customized Time Zone 2"}


def test_google() -> None:
    found = sample("google")
    assert times(found["Rutiner"]) == [
        "03-16 12:00-13:00",
        "03-23 12:00-13:00",
        "03-30 11:00-12:00",
        "04-06 11:00-12:00",
    ]
    assert found["Rutiner"].told[0].focus == "Rutiner vid skydd & placering."
    whole_day = found["Första maj"].reason
    assert whole_day is not None
    assert whole_day.text.startswith("Är en heldag. Träffar har klockslag")
    assert [one.focus for one in found["Bara en länk"].told] == [""]


def test_apple() -> None:
    found = sample("apple")
    assert times(found["Chefsgruppen"]) == ["02-02 09:00-11:00"]
    assert times(found["Flytande tid"]) == ["03-03 14:00-14:45"]
    endless = found["Varje dag för alltid"].reason
    assert endless is not None
    assert endless.values == {"most": 110}


def test_no_person_address_or_place_of_a_file_is_in_what_was_read() -> None:
    for name in ("outlook", "google", "apple"):
        told = repr(sample(name))
        assert "Exempel" not in told
        assert "@" not in told
        assert "gatan" not in told
        assert "http" not in told


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{HEAD}\r\nSUMMARY:Utan UID", "Saknar det id-nummer (UID)"),
        ("UID:1\r\nSUMMARY:Utan start", "Saknar starttid"),
        ("UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z", "Saknar sluttid"),
        (
            "UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDURATION:PT0S",
            "Sluttiden är inte senare",
        ),
        (
            "UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDURATION:-PT1H",
            "Sluttiden är inte senare",
        ),
        (
            "UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDTEND:20260301T080000Z",
            "Sluttiden är inte senare",
        ),
        ("UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDURATION:P8D", "Pågår längre"),
        ("UID:1\r\nSUMMARY:x\r\nDTSTART;VALUE=DATE:20270301", "Är en heldag"),
        (f"UID:1\r\n{HEAD}", "Saknar namn"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY: \x01 ", "Saknar namn"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:{'x' * 121}", "Har ett namn som är längre än 120"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:Ring exempel@example.org", "Har en adress"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:Ring 08-123 45 67", "Har en adress"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nCLASS:CONFIDENTIAL", "Är markerad som privat"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=HOURLY", "Upprepas fler än 110"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=SECONDLY", "Upprepas oftare än Samkrets"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=WEEKLY;BYDAY=XX", "Upprepas på ett sätt"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=DAILY;COUNT=111", "Upprepas fler än 110"),
        (f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=DAILY;COUNT=999999999", "Upprepas fler"),
        ("UID:1\r\nSUMMARY:x\r\nDTSTART:20290101T080000Z\r\nDURATION:PT1H", "Ligger mer än 24"),
        ("UID:1\r\nSUMMARY:x\r\nDTSTART;TZID=Mars/Olympus:20270301T080000", "Har tidszonen ”Mars"),
        (
            "UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDTEND;TZID=Nej:20270301T080000",
            "Har tidszonen ”Nej”",
        ),
        (
            f"UID:1\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270301T080000Z\r\n{HEAD}\r\nSUMMARY:x",
            "Upprepas på ett sätt",
        ),
        (f"UID:1\r\n{HEAD}\r\nDTSTART:20270302T080000Z\r\nSUMMARY:x", "Går inte att läsa: DTSTART"),
        (
            "UID:1\r\nSUMMARY:x\r\nDTSTART:20270301T080000Z\r\nDURATION:1 timme",
            "Går inte att läsa: DURATION är ”1 timme”",
        ),
    ],
)
def test_an_event_that_cannot_be_a_meeting_says_why(text: str, reason: str) -> None:
    assert why(text).startswith(reason)


def test_a_hundred_times_are_read_and_what_has_been_is_left_out() -> None:
    daily = f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=DAILY;COUNT=100"
    (event,) = read_events(calendar(daily), AT)
    assert len(event.told) == 100
    (half,) = read_events(calendar(daily), datetime(2027, 4, 20, 8, tzinfo=UTC))
    assert len(half.told) == 49
    (over,) = read_events(calendar(f"UID:1\r\n{HEAD}\r\nSUMMARY:x"), AT + timedelta(days=365))
    assert (over.told, over.passed) == ((), frozenset({""}))


def test_old_and_endless_weeks_are_read_as_far_as_plans_go() -> None:
    weekly = "UID:1\r\nSUMMARY:x\r\nDTSTART:20120103T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY"
    (event,) = read_events(calendar(weekly), AT)
    assert event.reason is None
    assert len(event.told) == 105
    assert times(event)[0] == "12-01 08:00-09:00"


def test_a_date_that_is_named_by_its_day_moves_and_is_not_doubled() -> None:
    series = f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:1\r\nSUMMARY:x\r\nRECURRENCE-ID{}\r\nDTSTART:20270308T130000Z\r\nDURATION:PT1H"
    for named in (";VALUE=DATE:20270308", ":20270308T000000", ":20270308T080000Z"):
        (event,) = read_events(calendar(series, moved.format(named)), AT)
        assert times(event) == ["03-01 08:00-09:00", "03-08 13:00-14:00", "03-15 08:00-09:00"]
        assert event.told[1].recurrence_id == "20270308T080000Z"


def test_a_date_that_a_newer_series_leaves_out_stays_away() -> None:
    series = (
        f"UID:1\r\n{HEAD}\r\nSUMMARY:x\r\nSEQUENCE:2\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20270308T080000Z"
    )
    moved = (
        "UID:1\r\nSUMMARY:x\r\nSEQUENCE:1\r\nRECURRENCE-ID:20270308T080000Z\r\n"
        "DTSTART:20270308T130000Z\r\nDURATION:PT1H"
    )
    (event,) = read_events(calendar(series, moved), AT)
    assert times(event) == ["03-01 08:00-09:00", "03-15 08:00-09:00"]


def test_each_calendar_of_a_file_has_its_own_method() -> None:
    gone = calendar(f"UID:1\r\n{HEAD}", top="METHOD:CANCEL\r\n")
    living = calendar(f"UID:2\r\n{HEAD}\r\nSUMMARY:x", top="METHOD:PUBLISH\r\n")
    first, second = read_events(gone + living, AT)
    assert [one.is_cancelled for one in first.told] == [True]
    assert [one.is_cancelled for one in second.told] == [False]


def test_the_hour_that_is_not_and_the_hour_that_comes_twice() -> None:
    text = "UID:{0}\r\nSUMMARY:x\r\nDTSTART;TZID=Europe/Stockholm:{0}T023000\r\nDURATION:PT1H"
    march, october = read_events(calendar(text.format(20270328), text.format(20271031)), AT)
    assert times(march) == ["03-28 01:30-02:30"]
    assert times(october) == ["10-31 00:30-01:30"]


def test_the_same_event_twice_is_one_and_the_newest_counts() -> None:
    old = f"UID:1\r\n{HEAD}\r\nSUMMARY:Gammal\r\nSEQUENCE:1"
    new = "UID:1\r\nDTSTART:20270302T080000Z\r\nDURATION:PT1H\r\nSUMMARY:Ny\r\nSEQUENCE:2"
    for content in (calendar(old, new), calendar(new, old), calendar(new) + calendar(old)):
        (event,) = read_events(content, AT)
        assert [one.name for one in event.told] == ["Ny"]


def test_a_file_that_cancels_cancels_all() -> None:
    for content in (
        calendar(f"UID:1\r\n{HEAD}", top="METHOD:CANCEL\r\n"),
        calendar(f"UID:1\r\n{HEAD}\r\nSTATUS:CANCELLED"),
    ):
        (event,) = read_events(content, AT)
        assert [one.is_cancelled for one in event.told] == [True]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "gick inte att läsa"),
        (b"hej", "gick inte att läsa"),
        (calendar(HEAD)[:-5], "gick inte att läsa"),
        (calendar(), "inga händelser"),
        (b"x" * (MOST_BYTES + 1), "större än 1 MB"),
        ("BEGIN:VCALENDAR".encode("utf-16"), "gick inte att läsa"),
        (calendar(*[HEAD] * (MOST_EVENTS + 1)), "högst 500 händelser"),
        (
            calendar(
                *(f"UID:{n}\r\n{HEAD}\r\nSUMMARY:x\r\nRRULE:FREQ=DAILY;COUNT=99" for n in range(21))
            ),
            "fler än 2000 träffar",
        ),
    ],
)
def test_a_file_that_is_refused_whole_says_why(content: bytes, words: str) -> None:
    with pytest.raises(FieldFault) as caught:
        read_events(content, AT)
    assert caught.value.field == "file"
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("description", "focus"),
    [
        ("Ett stycke.\n\nEtt annat.", "Ett stycke."),
        ("Två\nrader.", "Två rader."),
        ("<p>Med <b>fet</b> text.</p><p></p><p>Mer</p>", "Med fet text."),
        ("Skriv till exempel@example.org", ""),
        ("Se www.example.org", ""),
        ("________________\nMicrosoft Teams", ""),
        ("Mötes-ID: 123 456 789", ""),
        ("Född 19800101-1234", ""),
        ("<" * 5000, ""),
        ("ord " * 200, "ord " * 123 + "ord …"),
        ("", ""),
    ],
)
def test_the_focus_is_the_first_paragraph_without_addresses(description: str, focus: str) -> None:
    assert first_paragraph(description) == focus
    assert len(first_paragraph(description)) <= LONGEST_FOCUS
    assert not has_address(first_paragraph(description))
