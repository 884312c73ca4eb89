"""An uploaded calendar is read as busy or free: repeats, exceptions, whole days, clock changes, junk."""

import contextlib
import random
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from api.availability import busy, queries, service
from api.availability.busy import answers_from
from api.availability.models import AnswerValue
from api.availability.service import PollDraft, Time
from api.kit.clock import from_local, now
from api.kit.errors import FieldFault
from api.meetings.models import MeetingForm
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from tests.shipped import import_shipped
from tests.web import HIDDEN, browser

YES, MAYBE, NO = AnswerValue.YES, AnswerValue.MAYBE, AnswerValue.NO


def at(year: int, month: int, day: int, hour: int = 9) -> Time:
    start = from_local(datetime(year, month, day, hour))  # noqa: DTZ001 - local
    return Time(start, start + timedelta(hours=1))


def calendar(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\n{text}\r\nEND:VEVENT\r\n" for n, text in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


def said(content: bytes, *times: Time) -> list[AnswerValue | None]:
    answers = answers_from(content, {str(n): one for n, one in enumerate(times)}).answers
    return [answers[str(n)] for n in range(len(times))]


def test_busy_times_are_no_and_the_edges_do_not_touch() -> None:
    one = calendar("DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z\r\nSUMMARY:Hemligt")
    eight, nine, ten = (at(2027, 3, 1, hour) for hour in (8, 9, 10))
    assert said(one, eight, nine, ten) == [YES, NO, YES]


@pytest.mark.parametrize(
    "free", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"]
)
def test_free_and_cancelled_events_do_not_take_time(free: str) -> None:
    one = calendar(f"DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z\r\n{free}")
    assert said(one, at(2027, 3, 1)) == [YES]


def test_whole_days_floating_times_and_durations_are_swedish() -> None:
    whole = calendar("DTSTART;VALUE=DATE:20270301\r\nDTEND;VALUE=DATE:20270303")
    assert said(whole, at(2027, 3, 2), at(2027, 3, 3)) == [NO, YES]
    floating = calendar("DTSTART:20270301T090000\r\nDURATION:PT30M")
    assert said(floating, at(2027, 3, 1), at(2027, 3, 1, 10)) == [NO, YES]


def test_weekly_series_keeps_its_clock_time_over_the_clock_change_and_its_exceptions() -> None:
    weekly = (
        "DTSTART;TZID=Europe/Stockholm:20270301T090000\r\n"
        "DTEND;TZID=Europe/Stockholm:20270301T100000\r\n"
        "RRULE:FREQ=WEEKLY;UNTIL=20270430T000000Z\r\n"
        "EXDATE;TZID=Europe/Stockholm:20270412T090000"
    )
    times = (at(2027, 3, 22), at(2027, 3, 29), at(2027, 4, 12), at(2027, 5, 3))
    assert said(calendar(weekly), *times) == [NO, NO, YES, YES]


def test_a_moved_occurrence_frees_its_old_time() -> None:
    series = "DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z\r\nRRULE:FREQ=DAILY;COUNT=5"
    moved = (
        "BEGIN:VEVENT\r\nUID:0\r\nRECURRENCE-ID:20270302T080000Z\r\n"
        "DTSTART:20270302T120000Z\r\nDTEND:20270302T130000Z\r\nEND:VEVENT\r\n"
    )
    text = calendar(series).decode().replace("END:VCALENDAR", f"{moved}END:VCALENDAR")
    times = (at(2027, 3, 1), at(2027, 3, 2), at(2027, 3, 2, 13), at(2027, 3, 6))
    assert said(text.encode(), *times) == [NO, YES, NO, YES]


def test_free_busy_files_are_read() -> None:
    part = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VFREEBUSY\r\n"
        "FREEBUSY:20270301T080000Z/20270301T090000Z\r\n"
        "FREEBUSY;FBTYPE=FREE:20270301T090000Z/20270301T100000Z\r\n"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    assert said(part.encode(), at(2027, 3, 1), at(2027, 3, 1, 10)) == [NO, YES]


@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe\x00", b"hej", b"BEGIN:VCALENDAR", b"x" * (busy.MOST_BYTES + 1)]
)
def test_what_is_no_calendar_is_told_at_its_field(junk: bytes) -> None:
    with pytest.raises(FieldFault) as caught:
        said(junk, at(2027, 3, 1))
    assert caught.value.field == "calendar"


@pytest.mark.parametrize(
    ("broken", "unread", "later"),
    [
        ("SUMMARY:no start", "DTSTART", None),
        ("DTSTART:20270301T080000Z\r\nRRULE:FREQ=NEVER", "RRULE", None),
        ("DTSTART:20270301T080000Z\r\nRRULE:FREQ=SECONDLY", "RRULE", None),
        ("DTSTART:99990301T080000Z\r\nRRULE:FREQ=YEARLY", "DTSTART", None),
        ("DTSTART:20270301T080000Z\r\nDTEND:20260301T080000Z", "DTEND", YES),
        ("DTSTART:i morgon", "DTSTART", None),
        ("DTSTART;TZID=Mars/Olympus:20270301T120000\r\nDURATION:PT1H", "DTSTART;TZID", YES),
        ("DTSTART;TZID=Mars/Olympus:20270305T170000\r\nDURATION:PT1H", "DTSTART;TZID", None),
        ("DTSTART:20270301T080000Z\r\nDURATION:en timme", "DURATION", None),
        ("DTSTART:20270301T080000Z\r\nRDATE:sedan", "RDATE", None),
        ("DTSTART:20270201T080000Z\r\nRRULE:FREQ=DAILY;UNTIL=20270110T080000Z", "RRULE", None),
    ],
)
def test_what_is_not_understood_is_named_and_never_a_yes(
    broken: str, unread: str, later: AnswerValue | None
) -> None:
    """The other events are read all the same; a time that the broken one could take stays open."""
    good = "DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z"
    content = calendar(broken, good)
    assert said(content, at(2027, 3, 1), at(2027, 3, 5)) == [NO, later]
    told = answers_from(content, {"1": at(2027, 3, 1)})
    assert unread in {one.property for one in told.unread}


@pytest.mark.parametrize("free", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_is_free_leaves_nothing_open_however_broken(free: str) -> None:
    broken = f"DTSTART:20270301T080000Z\r\nRRULE:FREQ=NEVER\r\n{free}"
    assert said(calendar(broken), at(2027, 3, 5)) == [YES]


ATTENDEE = "ATTENDEE;PARTSTAT={}:mailto:{}@example.org"


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ("STATUS:TENTATIVE", MAYBE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", MAYBE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", YES),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", NO),
        (ATTENDEE.format("DECLINED", "jag"), YES),
        (ATTENDEE.format("TENTATIVE", "jag"), MAYBE),
        (ATTENDEE.format("ACCEPTED", "jag"), NO),
        # of several, whose calendar is it? Thunderbird says
        (
            (
                f"{ATTENDEE.format('ACCEPTED', 'annan')}\r\n{ATTENDEE.format('DECLINED', 'jag')}\r\n"
                "X-MOZ-INVITED-ATTENDEE:mailto:jag@example.org"
            ),
            YES,
        ),
        (f"{ATTENDEE.format('ACCEPTED', 'jag')}\r\n{ATTENDEE.format('DECLINED', 'annan')}", NO),
    ],
)
def test_one_s_own_answer_and_outlook_s_marks_count(told: str, answer: AnswerValue) -> None:
    event = f"DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z\r\n{told}"
    assert said(calendar(event), at(2027, 3, 1)) == [answer]


def test_the_owner_of_google_s_export_is_its_name() -> None:
    event = (
        "DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z\r\n"
        f"{ATTENDEE.format('DECLINED', 'jag')}\r\n{ATTENDEE.format('ACCEPTED', 'annan')}"
    )
    for name, answer in (("jag", YES), ("annan", NO)):
        named = calendar(event).replace(
            b"VERSION:2.0\r\n", f"VERSION:2.0\r\nX-WR-CALNAME:{name}@example.org\r\n".encode()
        )
        assert said(named, at(2027, 3, 1)) == [answer]


def test_an_event_without_length_takes_the_moment_that_it_is_at() -> None:
    assert said(calendar("DTSTART:20270301T080000Z"), at(2027, 3, 1), at(2027, 3, 1, 8)) == [
        NO,
        YES,
    ]
    whole = "DTSTART;VALUE=DATE:20270301\r\nDTEND;VALUE=DATE:20270301"
    assert said(calendar(whole), at(2027, 3, 1), at(2027, 3, 2)) == [NO, YES]


def test_a_packed_file_is_told_apart() -> None:
    with pytest.raises(FieldFault) as caught:
        said(b"PK\x03\x04...", at(2027, 3, 1))
    assert "packad" in str(caught.value)


def test_a_file_that_costs_too_much_to_follow_leaves_its_series_open() -> None:
    """Work is counted, not timed: a slow machine reads the same as a fast one."""
    costly = "DTSTART:20270301T080000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=SECONDLY;BYSECOND=30;BYDAY=SU"
    good = "DTSTART:20270302T080000Z\r\nDURATION:PT1H"
    times = at(2027, 3, 2), at(2027, 3, 3), at(2035, 3, 1)
    assert said(calendar(*[costly] * 30, good), *times) == [NO, None, None]


def test_upload_fills_the_form_in_and_stores_nothing(app: FastAPI) -> None:
    day = (now() + timedelta(days=100)).date()
    while day.isoweekday() > 5 or day.month in {5, 6, 12}:
        day += timedelta(days=1)
    asked = at(day.year, day.month, day.day), at(day.year, day.month, day.day, 13)
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        group = Group(Layer.LIKENESS, ("fyrbodal", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
        network = networks.active_networks(session)[0]
        draft = PollDraft("Rutiner", MeetingForm.DIGITAL, asked)
        poll = service.propose(session, network, draft, "p", now())
        address, poll_id = poll.address, poll.id
    stamp = f"{asked[0].starts_at:%Y%m%dT%H%M%SZ}"
    text = calendar(f"DTSTART:{stamp}\r\nDURATION:PT1H\r\nSUMMARY:Hemligt")
    web = browser(app)
    token = dict(HIDDEN.findall(web.get(f"/tid/{address}").text))["form_token"]
    answer = web.post(
        f"/tid/{address}/kalender",
        data={"form_token": token},
        files={"calendar": ("my.ics", text, "text/calendar")},
    )
    assert answer.status_code == 200
    assert "Hemligt" not in answer.text
    checked = [line for line in answer.text.splitlines() if "checked" in line]
    assert ['value="no"' in line for line in checked] == [True, False]
    # something that was not understood: named, and the times stay without an answer
    unclear = calendar(f"DTSTART:{stamp}\r\nRRULE:FREQ=NEVER\r\nSUMMARY:Hemligt")
    open_answer = web.post(
        f"/tid/{address}/kalender",
        data={"form_token": token},
        files={"calendar": ("my.ics", unclear, "text/calendar")},
    ).text
    assert "1 händelse gick inte att läsa helt, och kan vara upptagen." in open_answer
    assert "1 tid står därför öppen. Svara på den själv." in open_answer
    assert "<code>RRULE: FREQ=NEVER</code>" in open_answer
    assert "Hemligt" not in open_answer
    checked = [line for line in open_answer.splitlines() if "checked" in line]
    assert ['value="no"' in line for line in checked] == [True]
    with app.state.database.reading() as session:
        assert queries.answers(session, poll_id) == []
    junk = web.post(
        f"/tid/{address}/kalender",
        data={"form_token": token},
        files={"calendar": ("my.ics", b"hej", "text/calendar")},
    )
    assert junk.status_code == 422
    assert "gick inte att läsa som kalender" in junk.text


def test_mutated_calendars_give_an_answer_or_a_fault_and_nothing_else() -> None:
    draw = random.Random(3)
    series = (
        "DTSTART;TZID=Europe/Stockholm:20270301T090000\r\nDURATION:PT1H\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=9\r\nEXDATE;TZID=Europe/Stockholm:20270308T090000"
    )
    moved = "RECURRENCE-ID:20270315T080000Z\r\nDTSTART:20270315T120000Z\r\nDURATION:PT1H"
    whole = calendar(series, moved)
    for _ in range(300):
        spoiled = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            place = draw.randrange(len(spoiled))
            if draw.random() < 0.5:
                spoiled[place] = draw.choice(b"0123456789:;=,TZ-PA\r\n\x00\xff")
            else:
                del spoiled[place : place + draw.randint(1, 30)]
        with contextlib.suppress(FieldFault):
            assert len(said(bytes(spoiled), at(2027, 3, 1), at(2027, 3, 8))) == 2


def test_a_rule_that_never_fits_takes_no_time_of_others() -> None:
    never = "DTSTART:20260301T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    good = "DTSTART:20270301T080000Z\r\nDTEND:20270301T090000Z"
    # followed to the year 9999, some of these took longer together than any file may
    assert said(calendar(*[never] * 50, good), at(2027, 3, 1), at(2027, 3, 5)) == [NO, YES]
