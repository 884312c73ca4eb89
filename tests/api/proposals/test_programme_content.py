"""Everything of a programme is its planner's: written, pasted, copied, kept through plans, changed when published."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from openpyxl import Workbook
from sqlmodel import Session, col, select

from api.accounts import queries as accounts
from api.calendar.models import Event
from api.commands.demonstration import demo, example
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings.models import Meeting
from api.meetings.service import create
from api.outbox.models import Mail, MailState
from api.programme import outlines
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan, SlotPlan, read, write
from api.programme.models import Focus, ProgrammeSession
from api.programme.words import FORMAT_EXPECTED, FORMATS
from api.proposals.models import Proposal
from api.proposals.programme import solving
from api.proposals.programme.drafting import TRACKS
from api.proposals.programme.engine import read_programme
from api.proposals.programme.problem import _fitting, problem_of
from api.proposals.programme.store import PROGRAMME, settings_of, wishes_from
from api.proposals.programme.telling import whom
from api.proposals.programme.writing.pasting import (
    Known,
    blank,
    read_pasted,
    rows_of,
)
from tests.api.proposals.test_programme_workbench import Bench, bench
from tests.api.proposals.test_workbench import _version
from tests.links import opens
from tests.promises import keeps, keeps_quiet
from tests.web import HIDDEN

__all__ = ["bench"]

ENDS = ("opening", "closing", "agency")
BASE = "/planera/program/innehall"
START = datetime(2027, 2, 23, 9, 0, tzinfo=UTC)


def slots(*minutes: int, gap: int = 0) -> tuple[SlotPlan, ...]:
    found, begins = [], START
    for number, lasts in enumerate(minutes):
        ends = begins + timedelta(minutes=lasts)
        found.append(SlotPlan(f"s{number}", begins, ends))
        begins = ends + timedelta(minutes=gap)
    return tuple(found)


@pytest.mark.parametrize(
    ("lasts", "times", "expected"),
    [
        (None, slots(60, 30), (1, {"s0", "s1"})),
        (30, slots(60, 30), (1, {"s0", "s1"})),
        (45, slots(60, 30), (1, {"s0"})),
        (60, slots(30, 30, gap=20), (2, set())),  # never over a break: it has no place
        (60, slots(30, 30), (2, {"s0", "s1"})),
        (80, slots(30, 60, 30, 60), (2, {"s0", "s1", "s2", "s3"})),
        (80, slots(60, 30, 30, 60), (2, {"s0", "s1"})),  # the middle two would be too short
    ],
)
def test_a_session_begins_where_its_minutes_fit(
    lasts: int | None, times: tuple[SlotPlan, ...], expected: tuple[int, set[str]]
) -> None:
    found = _fitting(replace(blank("A"), minutes=lasts), times)
    assert (found[0], set(found[1])) == expected


def test_content_is_the_same_when_it_has_been_stored() -> None:
    one = replace(blank("A"), minutes=45, leaders=("f",), could_lead=("g",), equipment=("tavla",))
    plan = ProgrammePlan(TRACKS, slots(60), (example.ROOMS[0],), (one,))
    assert read(write(plan)) == plan


def test_rows_with_and_without_headings_are_read_and_what_is_not_understood_is_named() -> None:
    known = Known({"sakfrågor": "t1"}, {"nch, processledare 1": "f1"})
    rows = "Titel\tMinuter\tSpår\tLeds av\nA\t45 min\tSakfrågor\tNCH,  processledare 1\nB\tlänge\tX\tEn gäst\n"
    read = read_pasted(rows_of(rows.encode()), known)
    first, second = read.sessions
    assert (first.title_sv, first.minutes, first.track, first.leaders) == ("A", 45, "t1", ("f1",))
    assert (second.title_sv, second.minutes, second.track, second.leader) == (
        "B",
        None,
        None,
        "En gäst",
    )
    assert [(one.row, one.field, one.found) for one in read.faults] == [
        (3, "minutes", "länge"),
        (3, "track", "X"),
    ]
    bare = 'A\t"Syfte på\ntvå rader"\tUppgift\t\tFörberedelse\tAnna\t20\tarbetspass\n\tutan titel\n'
    read = read_pasted(rows_of(bare.encode()), known)
    assert (read.sessions[0].purpose_sv, read.sessions[0].format) == (
        "Syfte på\ntvå rader",
        "workshop",
    )
    assert [(one.row, one.field) for one in read.faults] == [(2, "title")]


def test_a_format_is_understood_in_both_languages_and_what_is_expected_names_them_all() -> None:
    for language in ("sv", "en"):
        say = Speaker(language)
        rows = "".join(f"A\t{say.text(name)}\n" for name in FORMATS.values())
        read = read_pasted(rows_of(("Titel\tFormat\n" + rows).encode()), Known({}, {}))
        assert [one.format for one in read.sessions] == list(FORMATS)
        assert not read.faults
        assert all(say.text(name) in say.text(FORMAT_EXPECTED) for name in FORMATS.values())
    told = read_pasted(rows_of("Titel\tForm\nA\tFöreläsning\nB\tbåtfärd\n".encode()), Known({}, {}))
    assert [(one.row, one.found) for one in told.faults] == [(3, "båtfärd")]
    assert told.sessions[0].format == "talk"


FIELDS = (
    re.compile(r'<textarea id="([^"]+)"[^>]*>([^<]*)</textarea>'),
    re.compile(r'<input id="([^"]+)" name="[^"]+" type="text" value="([^"]*)"'),
    re.compile(r'<input type="checkbox" id="[^"]+" name="([^"]+)" value="([^"]*)" checked'),
)
SELECT = re.compile(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)


def _form(page: str) -> dict[str, object]:
    """Fill the session form in as it stands on the page, as a browser does."""
    data: dict[str, object] = dict(HIDDEN.findall(page))
    for fields in FIELDS:
        data |= dict(fields.findall(page))
    leaders: list[str] = []
    for name, options in SELECT.findall(page):
        chosen = re.search(r'value="([^"]*)" selected', options)
        if name == "leaders":
            leaders.append(chosen[1] if chosen else "")
        else:
            data[name] = chosen[1] if chosen else ""
    return data | {"leaders": leaders}


def test_what_is_planned_in_one_press_is_what_was_stored_letter_for_letter(bench: Bench) -> None:
    bench.start()
    with bench.app.state.database.transaction() as session:
        pressed = bench.newest(session)
        meeting = session.get_one(Meeting, bench.meeting)
        frame = settings_of(pressed).frame
        again = solving.from_content(session, meeting, frame, "test", now())
        assert (again.problem, again.settings) == (pressed.problem, pressed.settings)


def _write(bench: Bench, key: str, **changes: object) -> int:
    """Open a session's form, change some fields and save; return the status."""
    path = f"{BASE}/{bench.meeting}/pass/{key}"
    data = _form(bench.web.get(path).text) | changes
    return int(
        bench.web.post(path, data={k: v for k, v in data.items() if v is not None}).status_code
    )


def _first_topic(bench: Bench) -> str:
    with bench.app.state.database.reading() as session:
        plan = outlines.live_content(session, bench.meeting)
    assert plan is not None
    return next(one.key for one in plan.sessions if one.theme_id and one.minutes is None)


def _publish(bench: Bench, page: str) -> None:
    for action in ("granska", "publicera"):
        data = _version(bench.web, page)
        assert bench.web.submit(page, f"{page}/{action}", data).status_code == 303


@keeps_quiet("Kryssar du ingen får ingen mejl: kalendrarna och träffens sida visar texten ändå.")
def test_what_a_planner_writes_stays_through_plans_and_shows_at_once_when_published(
    bench: Bench,
) -> None:
    page = bench.start()
    bench.solve()
    key = _first_topic(bench)
    assert _write(bench, key, title_sv="Så får vi med skolan", purpose_sv="Ni har en plan.") == 303
    assert "Så får vi med skolan" in bench.web.get(page).text
    again = bench.start()  # planned anew from the same answers
    bench.solve()
    assert "Så får vi med skolan" in bench.web.get(again).text
    _publish(bench, again)
    with bench.app.state.database.reading() as session:
        row = _row(session, key)
        assert (row.title_sv, row.title_en, row.purpose_sv) == (
            "Så får vi med skolan",
            "Så får vi med skolan",
            "Ni har en plan.",
        )
        before = _event(session, row)
        seen = (before.sequence, before.starts_at)
    assert _write(bench, key, task_sv="Skriv tre meningar.") == 303
    with bench.app.state.database.reading() as session:
        row = _row(session, key)
        assert row.task_sv == "Skriv tre meningar."
        event = _event(session, row)
        assert "Skriv tre meningar." in event.agenda_sv
        assert (event.sequence, event.starts_at) == seen  # said anew, not moved
        kept = session.exec(select(Proposal).where(Proposal.meeting_id == bench.meeting)).all()
        assert len(kept) == 2  # no new version for a word


@keeps("Vilka ska få mejl om den nya texten?")
@opens("session_words")
def test_of_new_words_in_what_is_published_those_are_told_who_are_ticked_and_it_can_be_undone(
    bench: Bench,
) -> None:
    bench.app.state.database.info["outbox"].hold = timedelta(minutes=10)
    page = bench.start()
    bench.solve()
    _publish(bench, page)
    key = _first_topic(bench)
    with bench.app.state.database.reading() as session:
        row = _row(session, key)
        was, groups = row.purpose_sv, whom(session, bench.meeting, key)
        address = {one.id: one.address for one in accounts.reach(session)}
        leaders = {address[one] for one in groups["leaders"]}
        others = {address[one] for one in groups["others"]}
    assert leaders
    assert others - leaders

    assert _write(bench, key, purpose_sv="Ni vet vem som gör vad.") == 303
    assert _told(bench) == [], "who ticks nobody tells nobody"

    shown = bench.web.get(f"/planera/program/innehall/{bench.meeting}/pass/{key}").text
    assert "Vilka ska få mejl om den nya texten?" in shown
    assert f"alla andra som är med ({len(groups['others'])})" in shown
    path = f"{BASE}/{bench.meeting}/pass/{key}"
    changes = {"purpose_sv": "Ni vet vem som ringer vem.", "tell": "leaders"}
    answer = bench.web.post(path, data=_form(bench.web.get(path).text) | changes)
    assert answer.status_code == 303
    mails = _told(bench)
    assert {to for to, _, _ in mails} == leaders
    assert all("Ni vet vem som ringer vem." in text and was not in text for _, text, _ in mails)
    assert {state for _, _, state in mails} == {MailState.HELD}

    receipt = bench.web.get(str(answer.headers["location"])).text
    assert "Passet är sparat." in receipt
    act = re.search(r'action="(/angra/[^"]+)"', receipt)
    assert act is not None
    assert bench.web.submit(str(answer.headers["location"]), act[1], {}).status_code == 303
    with bench.app.state.database.reading() as session:
        row = _row(session, key)
        assert row.purpose_sv == "Ni vet vem som gör vad."
        assert "Ni vet vem som gör vad." in _event(session, row).agenda_sv
    assert MailState.HELD not in {state for _, _, state in _told(bench)}


def _told(bench: Bench) -> list[tuple[str, str, MailState]]:
    with bench.app.state.database.reading() as session:
        found = session.exec(select(Mail).where(col(Mail.batch).startswith("words:"))).all()
        return [(one.recipient, one.text, one.state) for one in found]


def _row(session: Session, key: str) -> ProgrammeSession:
    return session.exec(select(ProgrammeSession).where(ProgrammeSession.key == key)).one()


def _event(session: Session, row: ProgrammeSession) -> Event:
    return session.exec(select(Event).where(Event.subject_id == row.id)).one()


def test_two_who_write_in_different_sessions_both_keep_their_words_and_in_one_the_second_is_told(
    bench: Bench,
) -> None:
    bench.start()
    with bench.app.state.database.reading() as session:
        plan = outlines.live_content(session, bench.meeting)
    assert plan is not None
    one, other = [each.key for each in plan.sessions if each.theme_id][:2]
    forms = {
        key: _form(bench.web.get(f"{BASE}/{bench.meeting}/pass/{key}").text) for key in (one, other)
    }
    for key in (one, other):
        data = forms[key] | {"title_sv": f"Nytt {key}"}
        assert bench.web.post(f"{BASE}/{bench.meeting}/pass/{key}", data=data).status_code == 303
    late = forms[one] | {"title_sv": "För sent"}
    assert bench.web.post(f"{BASE}/{bench.meeting}/pass/{one}", data=late).status_code == 409
    with bench.app.state.database.reading() as session:
        plan = outlines.live_content(session, bench.meeting)
    assert plan is not None
    assert [plan.session(key).title_sv for key in (one, other)] == [f"Nytt {one}", f"Nytt {other}"]  # type: ignore[union-attr]


def test_sixteen_sessions_are_pasted_planned_and_published_without_any_survey(app: FastAPI) -> None:
    bench = Bench(app)
    with app.state.database.transaction() as session:
        days = example.meeting_days(now())
        bench.meeting = create(session, demo._national(*days), "test", now()).id
    path = f"{BASE}/{bench.meeting}"
    presses = [
        bench.web.submit(path, f"{path}/borja"),
        bench.web.submit(
            path,
            f"{path}/lokaler",
            {
                "room1": "Stora",
                "capacity1": "60",
                "room2": "Lilla",
                "capacity2": "40",
                "room3": "C",
                "capacity3": "40",
            },
        ),
    ]
    head = "Titel\tSyfte\tUppgift\tFörberedelse\tLeds av\tMinuter\tFormat\n"
    rows = head + "".join(
        f"Pass {n}\tSyfte {n}\tUppgift {n}\tLäs {n}\tFöreläsare {n}\t{(20, 45, 60)[n % 3]}\tarbetspass\n"
        for n in range(16)
    )
    read = bench.web.submit(path, f"{path}/klistra", {"rows": rows})
    assert read.status_code == 200
    assert "16 pass lästes" in read.text
    token = dict(HIDDEN.findall(read.text))["form_token"]
    data = {"rows": rows, "take": "yes", "form_token": token}
    presses.append(bench.web.post(f"{path}/klistra", data=data))
    presses.append(bench.web.submit(path, f"{path}/rakna"))
    assert [one.status_code for one in presses] == [303] * 4
    bench.solve()
    page = str(presses[-1].headers["location"])
    _publish(bench, page)
    with app.state.database.reading() as session:
        found = programmes.programme(session, bench.meeting)
        running = {one.title_sv: one for one in found.sessions if one.slot_id}
        assert {f"Pass {n}" for n in range(16)} <= running.keys()
        assert running["Pass 1"].minutes == 45
        event = _event(session, running["Pass 1"])
        assert (event.starts_at and event.ends_at and event.ends_at - event.starts_at) == timedelta(
            minutes=45
        )
        there = {one.session_id for one in found.attendances}
        assert {one.id for one in running.values()} <= there  # whoever is free goes there


def test_a_file_is_read_like_what_is_pasted(bench: Bench) -> None:
    bench.start()
    book = Workbook()
    sheet = book.create_sheet("Pass", 0)
    del book["Sheet"]
    for row in (
        ("Titel", "Minuter", "För vem"),
        ("Värdegrund", 30, "alla"),
        ("Nytt från NCH", 20, "alla"),
    ):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    path = f"{BASE}/{bench.meeting}"
    token = dict(HIDDEN.findall(bench.web.get(path).text))["form_token"]
    read = bench.web.post(
        f"{path}/klistra", data={"form_token": token}, files={"file": ("p.xlsx", file.getvalue())}
    )
    assert "2 pass lästes" in read.text
    rows = re.search(r'<textarea name="rows"[^>]*>\n([^<]*)</textarea>', read.text)
    assert rows is not None
    data = {**dict(HIDDEN.findall(read.text)), "rows": rows[1]}
    assert bench.web.post(f"{path}/klistra", data=data).status_code == 303
    with bench.app.state.database.reading() as session:
        plan = outlines.live_content(session, bench.meeting)
    assert plan is not None
    own = [one for one in plan.sessions if one.key.startswith("own")]
    assert [(one.title_sv, one.minutes, one.audience) for one in own] == [
        ("Värdegrund", 30, "all"),
        ("Nytt från NCH", 20, "all"),
    ]
    assert bench.web.submit(path, f"{path}/klistra", {"rows": "  "}).status_code == 422


def test_times_rooms_and_tracks_are_the_meeting_s_and_every_plan_uses_them(bench: Bench) -> None:
    bench.start()
    path = f"{BASE}/{bench.meeting}"
    page = bench.web.get(path).text
    named = dict(re.findall(r'name="(trackkey\d+)" value="([^"]*)"', page))
    tracks = {
        **named,
        "track1": "Komma i gång",
        "english1": "Getting started",
        "focus1": "start_up",
    }
    tracks |= {"track3": "Forskning", "focus3": "subject_matters"}
    assert bench.web.submit(path, f"{path}/spar", tracks).status_code == 303
    wrong = {"day1": "2027-02-23", "from1": "10:00", "to1": "09:00"}
    assert bench.web.submit(path, f"{path}/tider", wrong).status_code == 422
    both = {
        "day1": "2027-02-23",
        "from1": "9.00",
        "to1": "10.00",
        "day2": "2027-02-23",
        "from2": "09:30",
        "to2": "11:00",
    }
    answer = bench.web.submit(path, f"{path}/tider", both)
    assert answer.status_code == 422
    assert "går in i varandra" in answer.text
    with bench.app.state.database.reading() as session:
        plan = outlines.live_content(session, bench.meeting)
    assert plan is not None
    assert [(one.name_sv, one.focus) for one in plan.tracks] == [
        ("Komma i gång", Focus.START_UP),
        ("Forskning", Focus.SUBJECT),
    ]
    assert all(one.track in {None, plan.tracks[0].key} for one in plan.sessions)
    assert 'value="Stora"' in bench.web.get(f"/planera/program/ny/{bench.meeting}").text


def test_the_stored_problem_is_given_out_byte_for_byte(bench: Bench) -> None:
    page = bench.start()
    with bench.app.state.database.reading() as session:
        stored = bench.newest(session).problem
    answer = bench.web.get(f"{page}/problem.json")
    assert answer.content == stored.encode()
    assert read_programme(answer.text).sessions


def test_a_published_programme_is_changed_in_a_draft_of_the_next_version(bench: Bench) -> None:
    page = bench.start()
    bench.solve()
    _publish(bench, page)
    with bench.app.state.database.reading() as session:
        before = PROGRAMME.answer_of(bench.newest(session)).timetable
        events = {one.subject_id: one.sequence for one in session.exec(select(Event)).all()}
    draft = str(bench.web.submit(page, f"{page}/andra").headers["location"]).partition("#")[0]
    assert draft != page
    shown = bench.web.get(draft).text
    assert "Inget pass flyttas." in shown
    key = next(run.session for run in before.runs if not run.session.startswith(ENDS))
    data = {**_version(bench.web, draft), "key": key, "place": "-"}
    bench.web.submit(draft, f"{draft}/flytta", data)
    _publish(bench, draft)
    with bench.app.state.database.reading() as session:
        changed = {
            one.subject_id
            for one in session.exec(select(Event)).all()
            if one.sequence != events.get(one.subject_id, one.sequence)
        }
        assert changed == {_row(session, key).id}  # nobody hears of what stands as it stood
    assert bench.web.submit(page, f"{page}/andra").status_code == 409  # no longer in force


def test_a_meeting_begins_like_one_before_with_its_words_and_its_own_days(bench: Bench) -> None:
    bench.start()
    key = _first_topic(bench)
    assert _write(bench, key, title_sv="Som förra gången") == 303
    with bench.app.state.database.transaction() as session:
        began = session.get_one(Meeting, bench.meeting).starts_at
        first, last = (day + timedelta(days=70) for day in example.meeting_days(now()))
        new = create(session, demo._national(first, last), "test", now()).id
    path = f"{BASE}/{new}"
    assert bench.web.submit(path, f"{path}/borja", {"source": bench.meeting}).status_code == 303
    with bench.app.state.database.reading() as session:
        meeting = session.get_one(Meeting, new)
        plan = outlines.live_content(session, new)
        assert plan is not None
        assert {one.title_sv for one in plan.sessions} >= {"Som förra gången"}
        assert meeting.starts_at <= plan.slots[0].starts_at
        assert plan.slots[-1].ends_at <= meeting.ends_at
        assert meeting.starts_at - began > timedelta(days=60)


def test_a_leader_s_pause_and_rooms_that_suit_reach_the_next_plan(bench: Bench) -> None:
    bench.start()
    path, topic = f"{BASE}/{bench.meeting}", _first_topic(bench)
    assert _write(bench, topic, **{"in-room1": "rather", "in-room2": "never"}) == 303
    page = bench.web.get(path).text
    times = dict(re.findall(r'name="((?:key|day|from|to|name)\d+)" value="([^"]*)"', page))
    kinds = re.findall(r'<select name="(kind\d+)"(.*?)</select>', page, re.DOTALL)
    for name, options in kinds:
        chosen = re.search(r'value="([^"]*)" selected', options)
        times[name] = chosen[1] if chosen else "session"
    with bench.app.state.database.reading() as session:
        before = outlines.live_content(session, bench.meeting)
    bad = bench.web.submit(path, f"{path}/tider", times | {"pause": "länge"})
    assert bad.status_code == 422
    assert bench.web.submit(path, f"{path}/tider", times | {"pause": "25"}).status_code == 303
    assert 'value="25"' in bench.web.get(path).text
    with bench.app.state.database.transaction() as session:
        plan = outlines.live_content(session, bench.meeting)
        assert plan is not None
        assert before is not None
        assert plan.slots == before.slots
        frame = settings_of(bench.newest(session)).frame
        problem = problem_of(plan, wishes_from(session, bench.survey), frame)
    assert problem.leader_pause == 25
    one = next(one for one in problem.sessions if one.id == topic)
    assert one.preferred_rooms == frozenset({"room1"})
    assert one.forbidden_rooms == frozenset({"room2"})
    again = bench.web.get(f"{path}/pass/{topic}").text
    assert re.search(r'name="in-room2".*?value="never" selected', again, re.DOTALL)
