"""A workbook of CoSPLib becomes content; each cell that cannot be used is named."""

import json
from base64 import b64encode
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import Workbook

from api.accounts.models import Role
from api.kit.clock import from_local
from api.kit.i18n import Speaker
from api.kit.table_file import TableFileError
from api.outbox.acts import outbox_of
from api.programme import outlines
from api.programme.schedules.taking import Form, read
from tests.api.v1.test_schedules import PRETALX
from tests.factories import make_meeting, make_member
from tests.web import HIDDEN, browser

DAY = datetime(2027, 2, 16)  # noqa: DTZ001 - a cell has no zone
ROWS: dict[str, list[list[object]]] = {
    "parameters": [["Sessions", None], ["Local time zone:", "GMT+1"]],
    "submissions": [
        [
            "Reference",
            "Track",
            "Required Timeslots",
            "Order",
            "Time Zone",
            "Presenters",
            "Attendees",
        ],
        ["A1 ", "Start", 1, 0, "GMT+1", "P1", None],
        ["A2", "Start", 2, 1, "GMT+1", "P2, P3", "P1"],
        [None, None, None, None, None, None, None],
        ["A3", "Sak", 1, 0, "GMT+1", None, None],
    ],
    "tracks": [["Tracks", "Chairs"], ["Start", None], ["Sak", "P9"]],
    "sessions": [
        ["Sessions", "Max Number of Timeslots", "Date", "Start Time", "End Time"],
        ["Tis1", 2, DAY, time(9), time(10)],
        ["Tis2", 3, DAY, time(10, 30), time(12)],
    ],
    "rooms": [["Rooms"], ["Sal A"], ["Sal B"]],
    "tracks_rooms|penalty": [[None, "Sal A", "Sal B"], ["Start", None, 100]],
}

Changes = dict[tuple[str, int, int], str | int | time]


def workbook(changes: Changes | None = None, without: str = "") -> bytes:
    """Return the octets of the rows above, with cells (sheet, row and column from 1) changed."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in ROWS.items():
        if name != without:
            sheet = book.create_sheet(name)
            for line in rows:
                sheet.append(line)
    for (name, row, column), value in (changes or {}).items():
        book[name].cell(row, column).value = value
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def test_sessions_become_time_slots_and_submissions_sessions_that_nobody_has_placed() -> None:
    found = read(workbook())
    assert found.form is Form.COSPLIB
    clocks = (time(9), time(9, 30), time(10, 30), time(11), time(11, 30))
    starts = [from_local(datetime.combine(DAY, one)) for one in clocks]
    assert [(one.starts_at, one.minutes) for one in found.plan.slots] == [
        (one, 30) for one in starts
    ]
    assert [one.name for one in found.plan.rooms] == ["Sal A", "Sal B"]
    tracks = {one.key: one.name_sv for one in found.plan.tracks}
    assert [
        (one.title_sv, tracks[one.track or ""], one.leader, one.minutes, one.pin_slot)
        for one in found.plan.sessions
    ] == [
        ("A1", "Start", "P1", None, None),
        ("A2", "Start", "P2, P3", 60, None),
        ("A3", "Sak", "", None, None),
    ]


@pytest.mark.parametrize(
    ("changes", "where", "value"),
    [
        ({("submissions", 3, 2): "Okänt"}, "submissions!B3", "Okänt"),
        ({("submissions", 3, 3): "två"}, "submissions!C3", "två"),
        ({("submissions", 5, 1): "A2"}, "submissions!A5", "A2"),
        ({("sessions", 2, 4): "tidigt"}, "sessions!D2", "tidigt"),
        ({("sessions", 2, 3): "i dag"}, "sessions!C2", "i dag"),
        ({("sessions", 3, 4): time(9, 30)}, "sessions!D3", "09:30:00"),
        ({("sessions", 3, 5): time(10, 30)}, "sessions!E3", "10:30:00"),
        ({("sessions", 3, 2): 0}, "sessions!B3", "0"),
        ({("rooms", 3, 1): "Sal A"}, "rooms!A3", "Sal A"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(changes: Changes, where: str, value: str) -> None:
    with pytest.raises(TableFileError) as caught:
        read(workbook(changes))
    assert (where, value) in {
        (one.column, Speaker("sv").said(one.found)) for one in caught.value.faults
    }


def test_a_sheet_that_is_missing_is_named() -> None:
    with pytest.raises(TableFileError) as caught:
        read(workbook(without="rooms"))
    assert [one.column for one in caught.value.faults] == ["rooms"]


def test_a_file_is_shown_first_then_taken_in_and_the_content_before_comes_back(
    app: FastAPI,
) -> None:
    """One walk: faults by row and value, a look that keeps nothing, the content, its place taken, undone twice."""
    with app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
        meeting_id = make_meeting(session).id
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(app, planner)
    content = f"/planera/program/innehall/{meeting_id}"

    def send(name: str, octets: bytes, path: str = f"{content}/schema") -> Any:  # noqa: ANN401
        token = dict(HIDDEN.findall(web.get(path).text))["form_token"]
        return web.post(path, data={"form_token": token}, files={"file": (name, octets)})

    def take(shown: Any) -> str:  # noqa: ANN401 - a page
        answer = web.post(f"{content}/schema", data=dict(HIDDEN.findall(shown.text)))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"].partition("kvitto=")[2])

    def titles() -> list[str] | None:
        with app.state.database.reading() as session:
            plan = outlines.live_content(session, meeting_id)
        return [one.title_sv for one in plan.sessions] if plan else None

    assert f"{content}/schema" in web.get(content).text
    wrong = send("fel.xlsx", workbook({("submissions", 3, 2): "Okänt"}))
    assert wrong.status_code == 422
    assert "Rad 3, submissions!B3: ”Okänt”, ska vara ett av namnen på bladet tracks." in wrong.text
    assert send("tom.json", b"").status_code == 422
    shown = send("program.xlsx", workbook())
    assert "3 pass lästes" in shown.text
    assert "Filen börjar tisdag 16 februari 2027" in shown.text
    assert titles() is None
    first = take(shown)
    assert titles() == ["A1", "A2", "A3"]
    page = web.get(f"{content}?kvitto={first}").text
    assert "Schemat är inläst. Antal pass: 3." in page
    assert "A2" in page

    shown = send("schema.json", json.dumps(PRETALX).encode(), f"/en{content}/schema")
    assert "It is replaced by the file’s" in shown.text
    late = shown
    second = take(shown)
    assert titles() == ["Öppning", "Verkstad"]
    assert "Verkstad" in web.get(content).text  # a form that pretalx calls Workshop
    token = dict(HIDDEN.findall(web.get(f"{content}/schema").text))["form_token"]
    data = {**dict(HIDDEN.findall(late.text)), "form_token": token}
    stale = web.post(f"{content}/schema", data=data)
    assert stale.status_code == 409  # somebody has changed it since it was shown
    assert web.submit(content, f"/angra/{second}").status_code == 303
    assert titles() == ["A1", "A2", "A3"]
    assert web.submit(content, f"/angra/{first}").status_code == 409  # its version is another now
    with app.state.database.transaction() as session:
        other = make_member(session, Role.PLANNER).person.id
    foreign = browser(app, other)
    token = dict(HIDDEN.findall(foreign.get(f"{content}/schema").text))["form_token"]
    data["form_token"] = token
    assert foreign.post(f"{content}/schema", data=data).status_code == 409  # shown to another


def test_the_api_reads_the_same_file_by_the_same_function(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
        meeting_id = make_meeting(session).id
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(app, planner)
    act = f"/api/v1/meetings/{meeting_id}/content/read"
    file = {"filename": "p.xlsx", "base64": b64encode(workbook()).decode()}
    assert web.post(act, json={"file": file}).json()["outcome"] == "shown"
    done = web.post(act, json={"file": file, "take": "yes"}).json()
    assert done["outcome"] == "done"
    assert web.post(f"/api/v1/acts/{done['act']}/undo").status_code == 200
    bad = {**file, "base64": b64encode(workbook({("rooms", 3, 1): "Sal A"})).decode()}
    told = web.post(act, json={"file": bad, "take": "yes"})
    assert told.status_code == 422
    assert "Sal A" in told.json()["errors"][0]["expected"]
