"""A guest's page and calendar hold the way in and whom to ring, also after the phone has changed."""

import pytest
from fastapi import FastAPI

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Function, Person
from api.accounts.news import AccountsChanged
from api.calendar import queries as calendar
from api.kit.db import announce
from api.programme import queries as programmes
from tests.api.proposals.test_programme_workbench import Bench
from tests.api.proposals.test_workbench import _version

WAY_IN = "Entrén mot torget, säg ditt namn i receptionen"


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    return Bench(app)


def _published(bench: Bench) -> str:
    page = bench.start()
    bench.solve()
    for step in ("granska", "publicera"):
        answer = bench.web.submit(page, f"{page}/{step}", _version(bench.web, page))
        assert answer.status_code == 303
    return page


def _events(app: FastAPI, meeting_id: str) -> dict[str, str]:
    """Format -> what the calendar shows of the session, one session of each."""
    with app.state.database.reading() as session:
        found = {}
        for one in programmes.programme(session, meeting_id).sessions:
            event = calendar.event_of(session, "session", one.id)
            if event is not None and one.slot_id:
                found[one.format] = f"{event.agenda_sv}\n{event.agenda_en}"
        return found


def test_the_way_in_and_whom_to_ring_stand_in_the_guests_event_and_follow_the_phone(
    app: FastAPI, bench: Bench
) -> None:
    _published(bench)
    lacking = "säger inte hur de kommer in"
    assert lacking in bench.web.get(f"/traffar/{bench.meeting}").text
    page = f"/traffar/{bench.meeting}/vagen-in"
    with app.state.database.transaction() as session:
        contact, _ = accounts.functions_of_kind(session, BodyKind.NCH)[0]
        person = session.get_one(Person, contact.holder_id)
        person.phone = "010-111 11 11"
        contact_id, person_id, title = contact.id, person.id, contact.title
    data = {"version": "0", "way_in": f" {WAY_IN} ", "contact": contact_id}
    assert bench.web.submit(page, page, data | {"contact": "nobody"}).status_code == 422
    assert bench.web.submit(page, page, data | {"way_in": "x" * 201}).status_code == 422
    assert bench.web.submit(page, page, data).status_code == 303
    assert bench.web.submit(page, page, data).status_code == 409  # somebody wrote it first
    assert lacking not in bench.web.get(f"/traffar/{bench.meeting}").text
    shown = _events(app, bench.meeting)
    assert f"Vägen in: {WAY_IN}" in shown["agency"]
    assert f"Ring: {title}, 010-111 11 11" in shown["agency"]
    assert "Det ger ni oss" in shown["agency"]
    assert "Det ger vi er" in shown["agency"]
    assert WAY_IN not in "".join(text for key, text in shown.items() if key != "agency")
    with app.state.database.transaction() as session:
        session.get_one(Person, person_id).phone = "010-222 22 22"
        announce(session, AccountsChanged("test", "changed", ("person", person_id)))
    assert "010-222 22 22" in _events(app, bench.meeting)["agency"]
    assert "010-111 11 11" not in _events(app, bench.meeting)["agency"]
    with app.state.database.reading() as session:
        guest = next(
            one
            for one in programmes.programme(session, bench.meeting).sessions
            if one.format == "agency"
        )
        path = f"/traffar/{bench.meeting}/pass/{guest.id}"
        assert session.get_one(Function, contact_id).title == title
    text = bench.web.get(path).text
    assert WAY_IN in text
    assert "tel:010-2222222" in text


def test_what_is_for_all_belongs_to_no_track_and_to_the_calendar_of_each(
    app: FastAPI, bench: Bench
) -> None:
    _published(bench)
    with app.state.database.reading() as session:
        programme = programmes.programme(session, bench.meeting)
        running = [one for one in programme.sessions if one.slot_id]
        common = [one for one in running if one.format in {"plenary", "agency"}]
        assert {one.format for one in common} == {"plenary", "agency"}
        for one in running:
            event = calendar.event_of(session, "session", one.id)
            assert event is not None
            told = {id_ for kind, id_ in calendar.audience(session, event.id) if kind == "track"}
            every = {track.id for track in programme.tracks}
            assert told == (every if one in common else {one.track_id}), one.title_sv
    page = bench.web.get(f"/traffar/{bench.meeting}").text
    assert "samling · för alla" in page
    assert "vad en myndighet behöver · för alla" in page
