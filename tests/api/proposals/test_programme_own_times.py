"""A session put at any five minutes has a time of its own: judged before, beside the others, and all the way to calendars."""

import re
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.calendar.models import Event
from api.commands.demonstration import demo, example
from api.kit.clock import from_local, now, to_local
from api.meetings.service import create
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan, SlotPlan, is_own_time, own_time
from api.programme.models import ProgrammeSession
from api.programme.outlines import live_content
from api.proposals.programme import store
from api.proposals.programme.problem import is_open_then
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.store import PROGRAMME
from matcher.programme.problem import Problem, Run, Slot, Timetable
from matcher.programme.rules.case import Case
from matcher.programme.rules.violations import violations
from tests.api.proposals.test_programme_workbench import LIST, Bench, _places
from tests.api.proposals.test_workbench import _version

MOMENT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    made = Bench(app)
    made.page = made.start()
    made.solve()
    return made


def _press(bench: Bench, action: str, **more: str) -> int:
    form = _version(bench.web, bench.page) | more
    return int(bench.web.submit(bench.page, f"{bench.page}/{action}", form).status_code)


def _draft(bench: Bench) -> tuple[Problem, Timetable]:
    with bench.app.state.database.reading() as session:
        found = bench.newest(session)
        return PROGRAMME.problem_of(found), PROGRAMME.answer_of(found).timetable


def _slot(problem: Problem, name: str) -> Slot:
    return next(slot for slot in problem.slots if slot.id == name)


def _moment(slot: Slot, minutes: int) -> str:
    assert slot.start is not None
    return f"{slot.start + timedelta(minutes=minutes):{MOMENT}}"


def _topic(bench: Bench) -> tuple[str, Slot, str]:
    """A session that wishes decide, its time of an hour and its room."""
    problem, timetable = _draft(bench)
    for run in timetable.runs:
        slot = _slot(problem, run.slot)
        asked = any(person.wishes.get(run.session) for person in problem.people)
        if asked and slot.kind == "parallel" and slot.start and slot.end:
            lasts = (slot.end - slot.start).total_seconds() / 60
            if lasts == 60:
                return run.session, slot, run.room
    raise AssertionError


def _asked(bench: Bench, key: str, place: str) -> dict[str, str]:
    found: dict[str, str] = bench.web.get(
        f"{bench.page}/omdome/{key}", params={"plats": place}
    ).json()
    return found


def _overlaps(bench: Bench) -> set[tuple[str, str]]:
    """People who would be in two sessions whose clock times meet, by the clock and nothing else."""
    with bench.app.state.database.reading() as session:
        plan = plan_of(session, bench.newest(session))
    slots = {slot.key: slot for slot in plan.slots}
    stands = []
    for one in plan.sessions:
        if one.slot:
            begins = slots[one.slot].starts_at
            ends = (
                begins + timedelta(minutes=one.minutes) if one.minutes else slots[one.slot].ends_at
            )
            stands.append((begins, ends, one))
    return {
        (person, one.key)
        for begins, ends, one in stands
        for starts, stops, other in stands
        if one is not other and begins < stops and starts < ends
        for person in one.function_ids & other.function_ids
    }


def test_what_is_put_at_twenty_five_past_stands_there_and_the_way_back_leads_home(
    bench: Bench,
) -> None:
    key, slot, room = _topic(bench)
    before = _draft(bench)[1]
    assert _press(bench, "langd", key=key, minutes="30") == 303
    place = f"{_moment(slot, 25)}|{room}"
    said = _asked(bench, key, place)
    assert said["value"] == place
    assert said["kind"] in {"free", "costs"}, "the room is its own, and half an hour holds it"
    assert _press(bench, "flytta", key=key, place=place) == 303
    problem, timetable = _draft(bench)
    run = timetable.run_of(key)
    assert run is not None
    own = _slot(problem, run.slot)
    assert slot.start is not None
    assert (own.start, own.end) == (
        slot.start + timedelta(minutes=25),
        slot.start + timedelta(minutes=55),
    )
    assert violations(problem, timetable) == ()
    assert _overlaps(bench) == set(), "nobody is asked to be in two places"
    others = {one for one in timetable.runs if one.session != key}
    assert others == {one for one in before.runs if one.session != key}, "nothing else has moved"
    page = bench.web.get(bench.page).text
    assert _places(page)[key] == f"{own.id}|{room}"
    for minutes in (0, 55):
        left = f'data-place="{_moment(slot, minutes)}|{room}"'
        assert left in page, "what is left of its hour is free before and after it"
    assert f'data-place="{slot.id}|{room}"' not in page, "its hour is not free as a whole"
    ways = bench.web.get(f"{bench.page}/omdome/{key}").json()["places"]
    shown = set(re.findall(r'data-place="([^"]+)"', page)) - {_places(page)[key]}
    assert {one["value"] for one in ways} == shown, "each place of the grid says what it would mean"

    assert _press(bench, "langd", key=key, minutes="35") == 303
    problem, timetable = _draft(bench)
    longer = timetable.run_of(key)
    assert longer is not None
    stands = _slot(problem, longer.slot)
    assert stands.end is not None
    assert own.start is not None
    assert (stands.start, stands.end - own.start) == (own.start, timedelta(minutes=35))
    for _ in range(3):
        assert _press(bench, "angra") == 303
    assert _draft(bench)[1].runs == before.runs
    for _ in range(3):
        assert _press(bench, "gor-om") == 303
    assert _draft(bench)[1].run_of(key) == longer


def test_a_clash_a_break_and_no_moment_at_all_are_told_before(bench: Bench) -> None:
    key, slot, room = _topic(bench)
    problem, timetable = _draft(bench)
    other = next(
        run
        for run in timetable.runs
        if run.session != key and run.room == room and _slot(problem, run.slot).kind == "parallel"
    )
    assert _press(bench, "langd", key=key, minutes="20") == 303
    inside = f"{_moment(_slot(problem, other.slot), 20)}|{room}"
    said = _asked(bench, key, inside)
    assert said["kind"] == "clash"
    assert "är båda i" in said["text"]
    assert _press(bench, "flytta", key=key, place=inside) == 303, "a planner may, and sees it"
    page = bench.web.get(bench.page).text
    assert page.count("is-clash") >= 2, "both sides are marked"
    assert {key, other.session} <= _places(page).keys()
    assert _press(bench, "granska") == 409
    assert _press(bench, "angra") == 303
    pause = next(one for one in problem.slots if one.kind == "break")
    in_break = f"{_moment(pause, 0)}|{room}"
    assert _asked(bench, key, in_break)["kind"] == "clash"
    assert _press(bench, "flytta", key=key, place=in_break) == 409
    for wrong in (
        f"{_moment(slot, 7)}|{room}",  # between the five minutes
        f"2019-01-01T10:00|{room}",
        f"{_moment(slot, 25)}|cellar",
        f"2026-13-41T10:00|{room}",
        f"10.25|{room}",
    ):
        assert _press(bench, "flytta", key=key, place=wrong) == 409, wrong
    assert _press(bench, "angra") == 303
    assert _draft(bench)[1].runs == timetable.runs


def test_without_script_any_moment_is_judged_and_then_taken_with_one_press(bench: Bench) -> None:
    key, slot, room = _topic(bench)
    assert _press(bench, "langd", key=key, minutes="20") == 303
    moment = _moment(slot, 15)
    asked = {"flytta": key, "dag": moment[:10], "kl": moment[11:], "lokal": room}
    page = bench.web.get(bench.page, params=asked).text
    form = page.partition('id="move-session"')[2].partition("</form>")[0]
    assert f'name="best" value="{moment}|{room}"' in form
    assert moment[11:].replace(":", ".") in form
    sent = _version(bench.web, bench.page) | {"key": key, "best": f"{moment}|{room}"}
    assert bench.web.submit(bench.page, f"{bench.page}/flytta", sent).status_code == 303
    problem, timetable = _draft(bench)
    run = timetable.run_of(key)
    assert run is not None
    assert f"{_slot(problem, run.slot).start:{MOMENT}}" == moment


def test_its_own_time_stays_when_the_rest_is_planned_anew_and_reaches_every_calendar(
    bench: Bench,
) -> None:
    key, slot, room = _topic(bench)
    assert _press(bench, "langd", key=key, minutes="30") == 303
    moment = _moment(slot, 25)
    assert _press(bench, "flytta", key=key, place=f"{moment}|{room}") == 303
    sent = bench.web.submit(bench.page, f"{bench.page}/rakna-om", _version(bench.web, bench.page))
    bench.page = str(sent.headers["location"])
    bench.solve()
    problem, timetable = _draft(bench)
    run = timetable.run_of(key)
    assert run is not None
    assert f"{_slot(problem, run.slot).start:{MOMENT}}" == moment
    assert violations(problem, timetable) == ()
    assert [one.session for one in timetable.runs if one.slot == run.slot] == [key]
    assert _press(bench, "granska") == 303
    assert _press(bench, "publicera") == 303
    with bench.app.state.database.reading() as session:
        row = session.exec(select(ProgrammeSession).where(ProgrammeSession.key == key)).one()
        event = session.exec(select(Event).where(Event.subject_id == row.id)).one()
        begins = from_local(datetime.fromisoformat(moment))
        assert (event.starts_at, event.ends_at) == (begins, begins + timedelta(minutes=30))
        times = programmes.programme(session, bench.meeting).slots
        assert sum(is_own_time(one.key) for one in times) == 1
        live = live_content(session, bench.meeting)
        assert live is not None
        assert not any(is_own_time(one.key) for one in live.slots), (
            "the content's times are as they were"
        )
    shown = bench.web.get(f"/traffar/{bench.meeting}").text
    clock = f"{to_local(begins):%H.%M}"
    assert clock in shown

    # What is published comes back: as a draft of the next version, and as a file.
    sent = bench.web.submit(bench.page, f"{bench.page}/andra", {})
    bench.page = str(sent.headers["location"]).partition("#")[0]
    with bench.app.state.database.reading() as session:
        found = bench.newest(session)
        assert store.look_at(found).scores.levels["change"] == 0
    assert _press(bench, "flytta", key=key, place=f"{slot.id}|{room}") == 303
    problem, timetable = _draft(bench)
    assert timetable.run_of(key) == Run(key, slot.id, room)
    assert violations(problem, timetable) == ()
    page = bench.web.get(bench.page).text
    assert f'data-begins="{moment}"' not in page, "a time that nobody stands in is not shown"


def test_a_long_session_fills_its_own_time_alone(bench: Bench) -> None:
    """Elsewhere it fills two times in a row; beside them it needs only its minutes."""
    key, slot, room = _topic(bench)
    assert _press(bench, "langd", key=key, minutes="90") == 303
    problem, _ = _draft(bench)
    assert next(one.duration for one in problem.sessions if one.id == key) > 1
    place = f"{_moment(slot, 5)}|{room}"
    _press(bench, "flytta", key=key, place=place)
    problem, timetable = _draft(bench)
    run = timetable.run_of(key)
    assert run is not None
    if _slot(problem, run.slot).is_whole:
        assert Case(problem, timetable).filled(run) == {run.slot}


def test_the_tray_is_searched_and_sorted_without_script(bench: Bench) -> None:
    problem, timetable = _draft(bench)
    asked = [
        one.session
        for one in timetable.runs
        if any(p.wishes.get(one.session) for p in problem.people)
    ]
    for one in asked[:3]:
        assert _press(bench, "flytta", key=one, place="-") == 303
    page = bench.web.get(bench.page).text

    def tray(**sought: str) -> list[str]:
        shown = bench.web.get(bench.page, params=sought).text.partition("data-tray")[2]
        return re.findall(r'<a class="pass-title"[^>]*>([^<]+)<', shown.partition("</aside>")[0])

    every = tray()
    assert len(every) >= 3
    assert "Sök titel eller ledare" in page
    assert tray(sok=every[0][-12:].upper()) == [every[0]]
    assert tray(sok="finns inte alls") == []
    assert (
        "Inget ämne utan plats heter eller leds så."
        in bench.web.get(f"{bench.page}?sok=finns+inte").text
    )
    assert sorted(tray(ordning="onskemal")) == sorted(every)
    assert tray(ordning="titel") == sorted(every, key=str.casefold)
    assert tray(ordning="hur som helst") == every
    assert f"{len(every)} ämnen utan plats" in bench.web.get(f"{bench.page}?sok=finns+inte").text
    assert f"{LIST}/innehall/{bench.meeting}#tider" in page, (
        "a break is a card with the way to change it"
    )
    assert "i alla lokaler" in page


def test_a_time_of_its_own_gives_way_to_a_break_and_to_another_day() -> None:
    nine = from_local(datetime.fromisoformat("2027-02-23T09:00"))

    def time(key: str, begins: int, ends: int, *, is_break: bool = False) -> SlotPlan:
        return SlotPlan(
            key, nine + timedelta(minutes=begins), nine + timedelta(minutes=ends), is_break
        )

    plan = ProgrammePlan((), (time("a", 0, 60), time("fika", 60, 80, is_break=True)), (), ())
    assert is_open_then(plan, own_time(nine + timedelta(minutes=25), 35))
    assert not is_open_then(plan, own_time(nine + timedelta(minutes=25), 40))
    assert not is_open_then(plan, own_time(nine + timedelta(minutes=70), 30))
    assert not is_open_then(plan, own_time(nine + timedelta(days=1), 30))


def _published(bench: Bench, meeting_id: str) -> set[tuple[str, str, str, str]]:
    """Each session that is published: its title, when it begins and ends, and its room."""
    shown = bench.web.get(f"/api/v1/meetings/{meeting_id}/programme").json()["sessions"]
    return {(one["title_sv"], one["starts_at"], one["ends_at"], one["room"]) for one in shown}


@pytest.mark.parametrize("kind", ["json", "xml", "csv"])
def test_a_time_of_its_own_goes_out_as_a_file_in_again_and_is_published_as_it_was(
    bench: Bench, kind: str
) -> None:
    key, slot, room = _topic(bench)
    assert _press(bench, "langd", key=key, minutes="30") == 303
    place = f"{_moment(slot, 25)}|{room}"
    assert _press(bench, "flytta", key=key, place=place) == 303
    assert _press(bench, "granska") == 303
    assert _press(bench, "publicera") == 303
    wanted = _published(bench, bench.meeting)
    name = "sessions" if kind == "csv" else "schedule"
    octets = bench.web.get(f"/api/v1/meetings/{bench.meeting}/{name}.{kind}").content
    with bench.app.state.database.transaction() as session:
        other = create(session, demo._national(*example.meeting_days(now())), "test", now()).id
    path = f"{LIST}/innehall/{other}"
    sent = bench.web.post(
        f"{path}/schema",
        data={"form_token": bench.web.token(), "take": "yes"},
        files={"file": (f"schema.{kind}", octets)},
    )
    assert sent.status_code == 303, sent.text
    with bench.app.state.database.reading() as session:
        plan = live_content(session, other)
    assert plan is not None
    times = {one.key: one for one in plan.slots}
    stands = {
        (
            one.title_sv,
            times[one.pin_slot or ""].starts_at,
            one.minutes or times[one.pin_slot or ""].minutes,
        )
        for one in plan.sessions
    }
    assert stands == {
        (
            title,
            datetime.fromisoformat(begins),
            (datetime.fromisoformat(ends) - datetime.fromisoformat(begins)).seconds // 60,
        )
        for title, begins, ends, _ in wanted
    }
    bench.page = str(bench.web.submit(path, f"{path}/rakna").headers["location"])
    bench.solve()
    problem, timetable = _draft(bench)
    assert violations(problem, timetable) == ()
    assert _press(bench, "granska") == 303
    assert _press(bench, "publicera") == 303
    assert _published(bench, other) == wanted
