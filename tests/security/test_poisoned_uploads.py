"""Poisoned calendar files at one upload, one after the other: every good one between them is read, and nobody waits."""

import base64
import random
import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.app import UPLOADS, create_app
from api.availability import service
from api.availability.service import PollDraft, Time
from api.availability.web import polls
from api.kit.apart import apart
from api.kit.clock import from_local, now
from api.kit.settings import Settings
from api.kit.table_file import read_lines
from api.meetings.models import MeetingForm
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.registry.service import import_shipped
from api.v1.acts import ACTS
from tests.factories import make_meeting, make_member
from tests.security.test_poison import (
    QUICK,
    WHOLE,
    Mutation,
    _cut,
    _doubled,
    _many,
    _put,
    _shuffled,
    _turned,
    _zero,
)
from tests.web import HIDDEN, Browser, browser

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:e1\r\nDTSTAMP:20270101T000000Z\r\n"
TAIL = "SUMMARY:Hemligt\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

MUTATIONS: tuple[Mutation, ...] = (
    *(_cut, _turned, _shuffled, _doubled, _many, _zero),
    _put(b"DTSTART", b":00010101T000000", b":99991231T235959Z", b";TZID=\0:20270101T000000", b":" + b"2" * 9_000),
    _put(b"DURATION:", b"PT1H\r\nRRULE:FREQ=SECONDLY", b"P99999999999D", b"-P1D", b"PT" + b"9" * 400 + b"H"),
    _put(b"DURATION:", b"PT1H\r\nRRULE:FREQ=YEARLY;BYDAY=MO,TU;BYMONTHDAY=31;BYMONTH=2", b"PT1H" + b"\r\nEXDATE:20270101T080000Z" * 30_000),
    _put(b"DURATION:", b"PT1H" + b"\r\nRDATE:20270101T080000Z" * 30_000, b"PT1H\r\nRRULE:FREQ=DAILY;COUNT=" + b"9" * 30),
    lambda _dice, octets: b"BEGIN:VCALENDAR\r\n" * 2_000 + octets,
    lambda _dice, octets: octets + b"x" * 1_900_000,
    lambda dice, _octets: dice.randbytes(dice.choice((1, 100, 10_000))),
    lambda _dice, octets: octets.replace(b"SUMMARY:", b"SUMMARY:" + b"\r\n " * 50_000),
    lambda _dice, octets: octets.decode().encode("utf-16"),
)  # fmt: skip


def _asked() -> tuple[Time, Time]:
    day = (now() + timedelta(days=100)).date()
    while day.isoweekday() > 5 or day.month in {5, 6, 12}:
        day += timedelta(days=1)
    begins = [from_local(datetime(day.year, day.month, day.day, hour)) for hour in (9, 13)]  # noqa: DTZ001 - local
    first, second = (Time(one, one + timedelta(hours=1)) for one in begins)
    return first, second


def _poll(app: FastAPI, asked: tuple[Time, Time]) -> str:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        group = Group(Layer.LIKENESS, ("fyrbodal", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
        network = networks.active_networks(session)[0]
        draft = PollDraft("Rutiner", MeetingForm.DIGITAL, asked)
        return str(service.propose(session, network, draft, "p", now()).address)


def _upload(web: Browser, address: str, token: str, octets: bytes) -> Any:  # noqa: ANN401 - httpx2's Response
    files = {"calendar": ("my.ics", octets, "text/calendar")}
    return web.post(f"/tid/{address}/kalender", data={"form_token": token}, files=files)


def _busy_at(time: Time) -> bytes:
    stamp = f"{time.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{HEAD}DTSTART:{stamp}\r\nDURATION:PT1H\r\n{TAIL}".encode()


def _marks(text: str) -> list[bool]:
    """Whether each time is filled in as one that does not suit."""
    return ['value="no"' in line for line in text.splitlines() if "checked" in line]


def _poison(app: FastAPI, poisons: int) -> None:
    dice, asked = random.Random(28), _asked()
    address, web = _poll(app, asked), browser(app)
    token = dict(HIDDEN.findall(web.get(f"/tid/{address}").text))["form_token"]
    good = {(True, False): _busy_at(asked[0]), (False, True): _busy_at(asked[1])}
    for number in range(poisons):
        octets = MUTATIONS[number % len(MUTATIONS)](dice, _busy_at(dice.choice(asked)))
        assert _upload(web, address, token, octets).status_code in {200, 422}, octets[:200]
        if number % 3 == 0:
            marks, octets = dice.choice(list(good.items()))
            answer = _upload(web, address, token, octets)
            assert (answer.status_code, tuple(_marks(answer.text))) == (200, marks)


@pytest.mark.both_databases
def test_every_good_file_between_poisoned_ones_is_read(app: FastAPI) -> None:
    _poison(app, QUICK)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_every_good_file_between_500_poisoned_ones_is_read(app: FastAPI) -> None:
    _poison(app, WHOLE)


FILES = {
    "/tid/{token}/kalender": ("calendar", _busy_at),
    "/natverk/{network_id}/ny-tid/forslag": ("calendar", _busy_at),
    "/planera/traffar/las-in": ("file", _busy_at),
}
TABLE = b"id;namn\r\nskane;Exempel\r\n"


def _send(
    web: Browser, path: str, data: dict[str, str], field: str, octets: bytes, *, as_json: bool
) -> Any:  # noqa: ANN401 - httpx2's Response
    """Send a form with its file, or the act of the API that stands for it."""
    if not as_json:
        return web.post(path, data=data, files={field: ("exempel", octets, "text/plain")})
    sent = {"filename": "exempel", "base64": base64.b64encode(octets).decode()}
    return web.post(path, json={**data, field: sent})


def test_no_file_is_read_while_its_route_keeps_others_from_saving(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every route that takes a file, on the database that has one writer: another saves while it is read."""
    shutil.copy(sqlite_template, tmp_path / "samkrets.db")
    app = create_app(
        Settings(database=f"sqlite:///{tmp_path}/samkrets.db", data=tmp_path, base_url="http://t")
    )
    read: list[bool] = []

    def watched(reader: Any) -> Any:  # noqa: ANN401 - a reader and one that looks first
        def looking(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - the reader's own
            with sqlite3.connect(tmp_path / "samkrets.db", timeout=0) as other:
                try:
                    other.execute("BEGIN IMMEDIATE")
                    read.append(True)
                except sqlite3.OperationalError:
                    read.append(False)
            return reader(*words, **named)

        return looking

    for original in (read_lines, apart):  # a table within its limits, anything else apart
        for module in [one for name, one in sys.modules.items() if name.startswith("api.")]:
            if getattr(module, original.__name__, None) is original:
                monkeypatch.setattr(module, original.__name__, watched(original))
    asked = _asked()
    address = _poll(app, asked)
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        meeting_id, network_id = make_meeting(session).id, networks.active_networks(session)[0].id
    web = browser(app, planner)
    token = dict(HIDDEN.findall(web.get("/logga-in").text))["form_token"]
    forms = {f"/api/v1{act.path}": act.form for act in ACTS}
    for route in UPLOADS:
        form = forms.get(route, route)
        if form == "/planera/traffar/las-in/bekrafta":  # it carries what was read
            continue
        path = route.format(
            token=address,
            network_id=network_id,
            meeting_id=meeting_id,
            theme_id="legal_consent",
            material_id="none",  # a file is read before its place is looked for
        )
        field, octets = "file", TABLE
        if form in FILES:
            field, make = FILES[form]
            octets = make(asked[0])
        read.clear()
        data = {
            "form_token": token,
            "length": "1",
            "form": "digital",
            "whose": "other",
            "town": "",
            "focus": "Rutiner",
        }
        answer = _send(web, path, data, field, octets, as_json=route != form)
        assert answer.status_code in {200, 303, 404, 422}, (
            route,
            answer.text,
        )  # 404: no content yet
        assert read, route
        assert all(read), route
    read.clear()  # a schedule comes as the text of a JSON body
    path = f"/api/v1/meetings/{meeting_id}/content/import"
    web.post(path, json={"format": "json", "text": "{}"})
    assert read == [True]
    app.state.database.close()


def test_nobody_who_saves_waits_for_a_file_to_be_read(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a file is read the route holds no lock: another transaction writes and commits meanwhile."""
    saved: list[int] = []

    def meanwhile(*_: object) -> dict[str, object]:
        with app.state.database.transaction() as session:
            saved.append(import_shipped(session, "somebody else") is not None)
        return {}

    asked = _asked()
    address, web = _poll(app, asked), browser(app)
    token = dict(HIDDEN.findall(web.get(f"/tid/{address}").text))["form_token"]
    monkeypatch.setattr(polls, "apart", meanwhile)
    assert _upload(web, address, token, _busy_at(asked[0])).status_code == 200
    assert len(saved) == 1
