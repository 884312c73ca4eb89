"""Out and in again is the same programme: as JSON, as XML, through the service, and from pretalx itself."""

import copy
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from unicodedata import normalize

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from api.accounts.models import Role
from api.kit.clock import to_local
from api.kit.exports import to_csv, to_xlsx
from api.kit.i18n import Language, Speaker
from api.kit.table_file import CellFault, TableFileError
from api.meetings import queries as meetings
from api.programme import outlines
from api.programme.content import own_time
from api.programme.models import Focus, ProgrammeSession, Room, Slot, Track
from api.programme.schedules import frab, pretalx, sheets
from api.programme.schedules.schedule import OWN, Hall, Line, Schedule, Span, Talk, plan_of
from api.programme.schedules.taking import Form, moved_to, read
from api.programme.words import FORMATS
from tests.factories import make_meeting, make_member
from tests.web import HIDDEN, Browser, browser

START = datetime(2027, 2, 16, 8, 0, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30).map(
    lambda text: normalize("NFC", text).strip().removeprefix("'")  # as a cell is read
)
NAME = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12).map(
    lambda text: normalize("NFC", text)
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    halls = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    tracks = draw(st.lists(NAME, max_size=2, unique=True))
    spans, talks = [], []
    for number in range(draw(st.integers(1, 4))):
        begin = START + timedelta(hours=2 * number)
        spans.append(Span(f"s{number}", begin, begin + timedelta(minutes=90), name=draw(TEXT)))
        for hall in halls:
            own = {name: text for name in OWN if (text := draw(TEXT))}
            talks.append(
                Talk(
                    guid=draw(NAME),
                    title=draw(NAME),
                    starts_at=begin,
                    minutes=draw(st.sampled_from((30, 45, 90))),
                    room=hall,
                    track=draw(st.sampled_from(["", *tracks])),
                    type=draw(st.sampled_from(sorted(FORMATS))),
                    abstract=draw(TEXT),
                    leader=draw(TEXT),
                    own=own,
                )
            )
        for minutes in draw(st.lists(st.sampled_from((5, 25, 70)), max_size=2, unique=True)):
            beside = own_time(
                begin + timedelta(minutes=minutes), draw(st.sampled_from((20, 45, 120)))
            )
            title, hall = draw(NAME), draw(st.sampled_from(halls))
            spans.append(Span(beside.key, beside.starts_at, beside.ends_at))
            talks.append(
                Talk(draw(NAME), title, beside.starts_at, beside.minutes, hall, type="talk")
            )
    return Schedule(
        id="m",
        title=draw(NAME),
        starts_at=START,
        ends_at=START + timedelta(hours=9),
        halls=tuple(Hall(one, draw(st.integers(0, 500)), draw(st.booleans())) for one in halls),
        tracks=tuple(Line(one, draw(TEXT), draw(st.sampled_from(list(Focus)))) for one in tracks),
        talks=tuple(sorted(talks, key=lambda one: (one.starts_at, one.room, one.title))),
        spans=tuple(spans),
        is_example=draw(st.booleans()),
    )


@given(schedules())
@settings(max_examples=60)
def test_a_schedule_written_and_read_is_the_same(schedule: Schedule) -> None:
    assert pretalx.read(pretalx.write(schedule)) == schedule
    assert frab.read(frab.write(schedule)) == schedule


@given(schedules(), st.sampled_from(["sv", "en"]))
@settings(max_examples=40)
def test_each_format_that_is_given_out_is_taken_in_as_the_same_programme(
    schedule: Schedule, language: Language
) -> None:
    """JSON, XML and the workbook whole; a CSV file has sessions alone: rooms, tracks and times of those."""
    wanted, say = plan_of(schedule), Speaker(language)
    tables = sheets.write("Möte", schedule, say)
    for octets, form in (
        (pretalx.write(schedule), Form.JSON),
        (frab.write(schedule), Form.XML),
        (to_xlsx(tables, language), Form.TABLE),
    ):
        found = read(octets)
        assert (found.form, found.notes) == (form, ())
        assert found.plan.sessions == wanted.sessions
        assert found.plan == wanted
    bare = replace(schedule, spans=(), halls=(), tracks=())
    assert read(to_csv(tables[0], language)).plan.sessions == plan_of(bare).sessions


@given(schedules())
@settings(max_examples=60)
def test_every_talk_stands_as_long_as_it_lasted_whether_its_times_are_told_or_not(
    schedule: Schedule,
) -> None:
    """A table that was saved without its times, too: what lies across others has a time of its own."""
    for told in (schedule, replace(schedule, spans=())):
        plan = plan_of(told)
        outlines.insist_on_order(plan.slots)
        times = {one.key: one for one in plan.slots}
        stands = [times[one.pin_slot or ""] for one in plan.sessions]
        assert [
            (time.starts_at, one.minutes or time.minutes)
            for one, time in zip(plan.sessions, stands, strict=True)
        ] == [(talk.starts_at, talk.minutes) for talk in told.talks]
        assert all(
            (one.minutes or 0) <= time.minutes
            for one, time in zip(plan.sessions, stands, strict=True)
        ), "what is longer than its time would be cut to it"


@given(schedules(), st.integers(-400, 400))
@settings(max_examples=30)
def test_on_another_day_every_clock_time_is_the_same(schedule: Schedule, days: int) -> None:
    plan = plan_of(schedule)
    moved = moved_to(plan, START + timedelta(days=days))
    pairs = list(zip(plan.slots, moved.slots, strict=True))
    clocks = [[f"{to_local(one.starts_at):%H:%M}" for one in pair] for pair in pairs]
    assert all(before == after for before, after in clocks)
    assert {(b.starts_at.date() - a.starts_at.date()).days for a, b in pairs} == {days}
    assert moved_to(moved, START) == plan


# As pretalx 2024.3 exports one (its own fields that we have no use for left out).
PRETALX = {
    "$schema": "https://c3voc.de/schedule/schema.json",
    "generator": {"name": "pretalx", "version": "2024.3.1"},
    "schedule": {
        "url": "https://pretalx.example.org/democon/schedule/",
        "version": "0.1",
        "conference": {
            "acronym": "democon",
            "title": "DemoCon",
            "start": "2027-02-16",
            "end": "2027-02-16",
            "daysCount": 1,
            "timeslot_duration": "00:05",
            "time_zone_name": "Europe/Stockholm",
            "rooms": [{"name": "Stora salen", "slug": "1-stora", "guid": "a", "capacity": 120}],
            "tracks": [{"name": "Start", "slug": "1-start", "color": "#00ff00"}],
            "days": [
                {
                    "index": 1,
                    "date": "2027-02-16",
                    "rooms": {
                        "Stora salen": [
                            {
                                "guid": "g1",
                                "id": 1,
                                "date": "2027-02-16T09:00:00+01:00",
                                "start": "09:00",
                                "duration": "00:45",
                                "room": "Stora salen",
                                "title": "Öppning",
                                "track": "Start",
                                "type": "Talk",
                                "abstract": "Varför vi är här.",
                                "persons": [{"code": "A", "public_name": "Exempel A"}],
                            },
                            {
                                "guid": "g2",
                                "date": "2027-02-16T10:00:00+01:00",
                                "duration": "01:30",
                                "room": "Stora salen",
                                "title": "Verkstad",
                                "track": None,
                                "type": "Workshop",
                                "persons": [],
                            },
                        ]
                    },
                }
            ],
        },
    },
}


def test_an_export_of_pretalx_becomes_content_where_every_talk_stands() -> None:
    plan = plan_of(pretalx.read(json.dumps(PRETALX).encode()))
    assert [(one.name, one.capacity) for one in plan.rooms] == [("Stora salen", 120)]
    assert [(one.starts_at, one.minutes) for one in plan.slots] == [
        (START, 45),
        (START + timedelta(hours=1), 90),
    ]
    first, second = plan.sessions
    assert (first.title_sv, first.leader, first.slot, first.room, first.track) == (
        "Öppning",
        "Exempel A",
        "slot1",
        "room1",
        "track1",
    )
    assert (second.title_sv, second.minutes, second.track) == ("Verkstad", None, None)


def test_each_fault_of_a_schedule_names_its_talk_its_field_and_its_value() -> None:
    document = copy.deepcopy(PRETALX)
    events = document["schedule"]["conference"]["days"][0]["rooms"]["Stora salen"]  # type: ignore[index]
    events[0]["duration"] = "en timme"
    events[1]["date"] = "2027-02-16 10:00"
    del events[1]["title"]
    with pytest.raises(TableFileError) as caught:
        read(json.dumps(document).encode())
    assert {_told(one) for one in caught.value.faults} == {
        (1, "duration", "en timme"),
        (2, "date", "2027-02-16 10:00"),
        (2, "title", "ingenting"),
    }


def _told(one: CellFault) -> tuple[int, str, str]:
    return one.line, one.column, Speaker("sv").said(one.found)


FAR_OFF = (
    '{"schedule":{"conference":{"title":"x","days":[{"rooms":{"a":'
    '[{"title":"x","date":"9999-12-31T23:59:00-12:00","duration":"00:45"}]}}]}}}'
)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[", '{"schedule":{"conference":{"title":"x","days":[]}}}', FAR_OFF),
        *(
            '<?xml version="1.0" encoding="utf-9"?><schedule/>',
            "Titel;Börjar\nx;0001-01-01 00:00\n",
        ),
    ],
)
def test_what_is_no_schedule_is_told(text: str) -> None:
    for reader in (pretalx.read, frab.read, read):
        with pytest.raises(TableFileError):
            reader(text.encode())


def test_entities_are_not_followed() -> None:
    with pytest.raises(TableFileError):
        frab.read(b'<!DOCTYPE x [<!ENTITY a "b">]><schedule>&a;</schedule>')


def _programme(app: FastAPI) -> tuple[str, str, str]:
    """Return a meeting with a published programme, one without, and a planner."""
    with app.state.database.transaction() as session:
        meeting, empty = make_meeting(session), make_meeting(session)
        begin = meeting.starts_at.replace(minute=0, second=0, microsecond=0)
        slots = [
            Slot(meeting_id=meeting.id, key=f"s{n}", starts_at=begin + timedelta(hours=2 * n),
                 ends_at=begin + timedelta(hours=2 * n + 1), is_break=n == 1, name_sv="Lunch")
            for n in range(3)
        ]  # fmt: skip
        rooms = [
            Room(meeting_id=meeting.id, key=f"r{n}", name=f"Sal {n}", capacity=40) for n in "ab"
        ]
        track = Track(
            meeting_id=meeting.id,
            key="t",
            name_sv="Start",
            name_en="Start-up",
            focus=Focus.START_UP,
        )
        session.add_all([*slots, *rooms, track])
        session.flush()
        for slot in (slots[0], slots[2]):
            for room in rooms:
                session.add(
                    ProgrammeSession(
                        meeting_id=meeting.id, key=f"{slot.key}{room.key}", title_sv=f"Pass {room.name}",
                        title_en="Session", purpose_sv="Syfte", purpose_en="Purpose", task_sv="Uppgift",
                        task_en="Task", leader="NCH", preparation_sv="Läs", preparation_en="Read",
                        format="workshop", slot_id=slot.id, room_id=room.id, track_id=track.id,
                        minutes=45 if room is rooms[0] else None,
                    )
                )  # fmt: skip
        planner = make_member(session, Role.PLANNER)
        return meeting.id, empty.id, planner.person.id


def _sessions(web: Browser, meeting_id: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = web.get(f"/api/v1/meetings/{meeting_id}/programme").json()[
        "sessions"
    ]
    return found


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_out_of_the_service_and_in_again_is_the_same_programme(app: FastAPI, kind: str) -> None:
    meeting_id, other_id, person_id = _programme(app)
    web = browser(app, person_id)
    given_out = web.get(f"/api/v1/meetings/{meeting_id}/schedule.{kind}")
    assert given_out.status_code == 200
    spoiled = web.post(
        f"/api/v1/meetings/{other_id}/content/import", json={"format": "json", "text": "{}"}
    )
    page = f"/planera/program/innehall/{other_id}/schema"
    token = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    refused = web.post(page, data={"form_token": token}, files={"file": ("schema.json", b"{}")})
    assert (spoiled.status_code, refused.status_code) == (422, 422)
    assert spoiled.json()["errors"][0]["expected"] in unescape(refused.text)
    taken = web.post(
        f"/api/v1/meetings/{other_id}/content/import",
        json={"format": kind, "text": given_out.text},
    )
    assert taken.json() == {"slots": 3, "rooms": 2, "tracks": 1, "sessions": 4}, taken.text
    table = web.get(f"/api/v1/meetings/{meeting_id}/sessions.csv").text
    assert table.count("Pass Sal") == 4
    assert web.get(f"/api/v1/meetings/{meeting_id}/sessions.xlsx").content[:2] == b"PK"
    doors = load_workbook(BytesIO(web.get(f"/api/v1/meetings/{meeting_id}/doors.xlsx").content))
    told = [str(row[3].value) for sheet in doors.worksheets for row in sheet.iter_rows(min_row=2)]
    assert sorted(told) == sorted(one["title_sv"] for one in _sessions(web, meeting_id))
    assert len(doors.worksheets) == 2  # a sheet a room
    for name in ("agendas.csv", "people.csv"):
        table = web.get(f"/api/v1/meetings/{meeting_id}/{name}").text
        assert table.startswith("\ufeff"), name
    whole = web.get(f"/api/v1/meetings/{meeting_id}/programme.ics")
    assert whole.text.startswith("BEGIN:VCALENDAR")
    again = web.post(
        f"/api/v1/meetings/{other_id}/content/import",
        json={"format": kind, "text": given_out.text},
    )
    assert again.status_code == 409

    wanted = _sessions(web, meeting_id)
    with app.state.database.reading() as session:
        assert meetings.meeting(session, other_id) is not None
        plan = outlines.live_content(session, other_id)
    assert plan is not None
    slots = {one.key: one for one in plan.slots}
    rooms = {one.key: one.name for one in plan.rooms}
    tracks = {one.key: one.name_sv for one in plan.tracks}
    found = {
        (
            one.title_sv, one.title_en, one.purpose_sv, one.task_sv, one.preparation_sv, one.leader,
            one.format, slots[one.pin_slot or ""].starts_at,
            slots[one.pin_slot or ""].starts_at + timedelta(minutes=one.minutes or 60),
            rooms[one.pin_room or ""], tracks[one.track or ""],
        )
        for one in plan.sessions
    }  # fmt: skip
    assert found == {
        (
            one["title_sv"], one["title_en"], one["purpose_sv"], one["task_sv"],
            one["preparation_sv"], one["leader"], one["format"],
            datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"]),
            one["room"], one["track"],
        )
        for one in wanted
    }  # fmt: skip
    assert [one.is_break for one in plan.slots] == [False, True, False]


def test_a_meeting_s_page_leads_to_its_files_and_each_answers_whom_it_is_shown_to(
    app: FastAPI,
) -> None:
    meeting_id, empty_id, planner = _programme(app)
    with app.state.database.transaction() as session:
        reader = make_member(session, Role.READER).person.id
    shown: dict[str, list[str]] = {}
    for who in (planner, reader):
        web = browser(app, who)
        page = web.get(f"/traffar/{meeting_id}").text
        shown[who] = re.findall(rf'href="(/api/v1/meetings/{meeting_id}/[\w.]+)"', page)
        assert {web.get(path).status_code for path in shown[who]} == {200}
    people = [f"/api/v1/meetings/{meeting_id}/people.{kind}" for kind in ("xlsx", "csv")]
    assert sorted(shown[planner]) == sorted([*shown[reader], *people])
    assert len(shown[reader]) == 8
    assert {browser(app, reader).get(path).status_code for path in people} == {404}
    assert "sessions.csv" not in browser(app, planner).get(f"/traffar/{empty_id}").text
    doors = browser(app, reader).get(f"/en/api/v1/meetings/{meeting_id}/doors.xlsx").content
    told = {str(row[3].value) for sheet in load_workbook(BytesIO(doors)) for row in sheet}
    assert told == {"Session"}  # the heading, and in English what each session is called
