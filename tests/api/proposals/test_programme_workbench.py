"""A planner's round of a programme: plan, move, undo, review, publish, repair."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Function, Person, Role
from api.calendar.models import Event
from api.commands.demonstration import demo, example
from api.invitations.service import invite
from api.jobs.models import Job, JobState
from api.jobs.service import JobFinished
from api.kit.clock import now
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import create
from api.outbox.models import Mail
from api.programme import queries as programmes
from api.programme.models import Attendance
from api.proposals import queries
from api.proposals.kinds import given, on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme import moving
from api.proposals.programme.engine import read_programme
from api.registry import queries as registry
from api.surveys import service as surveys
from api.surveys.themes import import_theme_bank
from tests.api.proposals.test_workbench import _version
from tests.factories import make_member, make_person
from tests.promises import keeps_quiet
from tests.shipped import import_shipped
from tests.solving import planned
from tests.web import HIDDEN, Browser, browser, press

LIST = "/planera/program"


class Bench:
    """A planner at the workbench, with a meeting and an answered survey."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            import_theme_bank(session)
            keys = tuple(f"{rc.id}:operative_coordinator" for rc in registry.rcs(session))
            example.make_people(session, keys)
            survey = demo._survey(session, now())
            surveys.example_answers(session, survey, 1, now())
            days = example.meeting_days(now())
            self.meeting = create(session, demo._national(*days), "test", now()).id
            self.survey = survey.id
            self.planner = demo._people(session)[0].id
        self.web: Browser = browser(app, self.planner)
        self.page = ""

    def start(self) -> str:
        """Send the form and return the proposal's page."""
        path = f"{LIST}/ny/{self.meeting}"
        guests = re.findall(r'name="guests" value="([^"]+)"', self.web.get(path).text)
        rooms = {"room1": "Stora", "capacity1": "60", "room2": "Lilla", "capacity2": "30"}
        data = {"survey": self.survey, **rooms, "guests": guests[0]}
        return str(self.web.submit(path, path, data).headers["location"])

    def solve(self, problem: str = "") -> None:
        """Do what the worker does for the proposal that waits: run the job's function, bring its news."""
        with self.app.state.database.transaction() as session:
            waiting = select(Proposal).where(Proposal.state == ProposalState.SOLVING)
            proposal = session.exec(waiting).one()
            job = session.get_one(Job, proposal.job_id)
            payload = {**given(session, job), **({"problem": problem} if problem else {})}
            result = planned(payload)
            news = JobFinished("j", "programme", JobState.DONE, payload, result, "x")
            on_job_finished(session, news)

    def newest(self, session: Session) -> Proposal:
        return queries.proposals(session, ProposalKind.PROGRAMME)[0]


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    return Bench(app)


def _invite_hosts(session: Session) -> list[str]:
    """Invite the one who attends each session first; return the sessions' events."""
    events = {one.subject_id: one for one in session.exec(select(Event)).all()}
    attending: dict[str, str] = {}
    for line in session.exec(select(Attendance).order_by(Attendance.function_id)).all():
        attending.setdefault(line.session_id, line.function_id)
    for session_id, function_id in attending.items():
        function = session.get_one(Function, function_id)
        if function.holder_id is None:
            function.holder_id = make_person(session).id
        assert invite(session, events[session_id], function, now()) is not None
    return list(attending)


def _places(page: str) -> dict[str, str]:
    """Session -> the place in the grid that it stands at."""
    found = re.findall(r'data-place="([^"]+)"><div data-held="([^"]+)"', page)
    return {session: place for place, session in found}


def _lost_room(places: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A place where a topic stands, and the form that says that its room is gone then."""
    topics = (key for key in places if key != "opening" and not key.startswith("agency_"))
    place = places[next(topics)]
    slot, _, room = place.partition("|")
    return place, {"room": room, "slots": slot}


def test_a_planner_plans_moves_undoes_publishes_and_repairs(bench: Bench) -> None:
    web, path = bench.web, bench.start()
    assert "Samkrets räknar" in web.get(path).text
    bench.solve()
    page = web.get(path).text
    before = _places(page)
    assert len(before) >= 8
    assert "notice bad" not in page
    assert "This changes when you publish" in web.get(f"/en{path}").text

    opening, other = "opening", next(key for key in before if key != "opening")
    move = {"key": opening, "place": before[other]}
    sent = web.submit(path, f"{path}/flytta", _version(web, path) | move)
    assert sent.status_code == 303
    moved = web.get(path).text
    assert _places(moved)[opening] == before[other]
    assert _places(moved)[other] == before[opening], "who stood there changes places"
    assert "notice bad" in moved
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 409
    assert web.submit(path, f"{path}/flytta", move | {"version": "1"}).status_code == 409
    assert web.submit(path, f"{path}/angra", _version(web, path)).status_code == 303
    assert _places(web.get(path).text) == before
    assert web.submit(path, f"{path}/angra", _version(web, path)).status_code == 409

    assert web.submit(path, f"{path}/publicera", _version(web, path)).status_code == 409
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    pressed = press(web, path, f"{path}/publicera", _version(web, path), 3)
    assert [answer.status_code for answer in pressed] == [303] * 3
    with bench.app.state.database.reading() as session:
        meeting = session.get_one(Meeting, bench.meeting)
        programme = programmes.programme(session, meeting.id)
        running = [one for one in programme.sessions if one.slot_id]  # no agenda holds another
        events = session.exec(select(Event).where(Event.subject_kind == "session")).all()
        assert {one.session_id for one in programme.attendances} <= {one.id for one in running}
        assert meeting.state == MeetingState.PUBLISHED
        assert len(running) == len(before) == len(events)

    gone, frame = _lost_room(before)
    sent = web.submit(path, f"{path}/laga", frame)
    assert sent.status_code == 303
    repair = str(sent.headers["location"])
    bench.solve()
    page = web.get(repair).text
    assert "De här behöver få veta" in page
    assert gone not in _places(page).values()
    kept = sum(_places(page).get(key) == place for key, place in before.items())
    assert kept >= len(before) - 3, "the smallest change leaves nearly all as it was"

    for unknown in ({"leader": "nobody"}, {"room": "cellar"}, {"room": "room1", "slots": "never"}):
        assert web.submit(path, f"{path}/laga", unknown).status_code == 409
    assert web.submit(repair, f"{repair}/granska", _version(web, repair)).status_code == 303
    assert web.submit(repair, f"{repair}/publicera", _version(web, repair)).status_code == 303
    assert "Har något hänt?" in web.get(repair).text
    assert "Har något hänt?" not in web.get(path).text, "it does not hold any more"
    assert web.submit(path, f"{path}/laga", frame).status_code == 409


@keeps_quiet(
    "Inget mejl skickas.",
    "Ingen. Mejl går bara till den som är inbjuden till ett pass som flyttas eller ställs in.",
)
def test_where_nobody_is_invited_publishing_mails_nobody_and_says_so(bench: Bench) -> None:
    web, path = bench.web, bench.start()
    bench.solve()
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    assert "Mejl går bara till den som är inbjuden" in web.get(f"{path}/publicera").text
    assert web.submit(path, f"{path}/publicera", _version(web, path)).status_code == 303


def test_a_programme_that_goes_beyond_its_meetings_hours_says_so_before_it_is_published(
    bench: Bench,
) -> None:
    web, path = bench.web, bench.start()
    bench.solve()
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    beyond = "Ändra det ena innan du publicerar"
    assert beyond not in web.get(f"{path}/publicera").text
    with bench.app.state.database.transaction() as session:
        session.get_one(Meeting, bench.meeting).ends_at -= timedelta(minutes=20)
    page = web.get(f"{path}/publicera").text
    assert beyond in page
    assert f'href="/traffar/{bench.meeting}/uppgifter"' in page


def test_the_page_before_publishing_shows_just_those_who_then_get_mail(bench: Bench) -> None:
    web, path = bench.web, bench.start()
    bench.solve()
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    assert "Inget mejl skickas." in web.get(f"{path}/publicera").text
    assert web.submit(path, f"{path}/publicera", _version(web, path)).status_code == 303
    assert web.get(f"{path}/publicera").status_code == 303, "nothing is left to publish"
    used = [place.split("|") for place in _places(web.get(path).text).values()]
    lost = next(slot for slot, room in used if room == "room2")
    sent = web.submit(path, f"{path}/laga", {"room": "room2", "slots": lost})
    repair = str(sent.headers["location"])
    bench.solve()
    with bench.app.state.database.transaction() as session:
        invited = _invite_hosts(session)
        known = {mail.id for mail in session.exec(select(Mail)).all()}
    assert web.submit(repair, f"{repair}/granska", _version(web, repair)).status_code == 303
    foreseen = web.get(f"{repair}/publicera").text
    assert "Ändrad tid eller plats: " in foreseen or "Inställt: " in foreseen
    assert web.submit(repair, f"{repair}/publicera", _version(web, repair)).status_code == 303
    with bench.app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        told = [mail.recipient for mail in mails if mail.id not in known]
    shown = re.findall(r"<th scope=\"row\">[^<]*<br><span class=\"soft small\">([^<]+)<", foreseen)
    assert sorted(shown) == sorted(told), "just those who were shown"
    assert 0 < len(told) < len(invited), "who is not concerned is not disturbed"

    listed = web.get(f"{LIST}/versioner/{bench.meeting}").text
    assert [n in listed for n in ("Version 2", "Version 1", "Version 3")] == [True, True, False]
    assert "Det första programmet." in listed
    assert f'{path}"' in listed
    assert f'{repair}"' in listed
    assert "flyttas från" in listed or "ställs in" in listed


def test_planning_the_rest_of_a_repair_anew_is_still_the_smallest_change(bench: Bench) -> None:
    web, path = bench.web, bench.start()
    bench.solve()
    before = _places(web.get(path).text)
    assert web.submit(path, f"{path}/granska", _version(web, path)).status_code == 303
    assert web.submit(path, f"{path}/publicera", _version(web, path)).status_code == 303
    gone, frame = _lost_room(before)
    sent = web.submit(path, f"{path}/laga", frame)
    repair = str(sent.headers["location"])
    bench.solve()
    found = _places(web.get(repair).text)
    first, second = [key for key in found if found[key] == before.get(key) and key != "opening"][:2]
    move = _version(web, repair) | {"key": first, "place": found[second]}
    assert web.submit(repair, f"{repair}/flytta", move).status_code == 303
    sent = web.submit(repair, f"{repair}/rakna-om", _version(web, repair))
    again = str(sent.headers["location"])
    bench.solve()
    page = web.get(again).text
    assert "De här behöver få veta" in page
    assert _places(page)[first] == found[second]
    assert gone not in _places(page).values()


def test_what_is_moved_by_hand_is_held_when_the_rest_is_planned_anew(bench: Bench) -> None:
    path = bench.start()
    bench.solve()
    before = _places(bench.web.get(path).text)
    first, second = [key for key in before if key != "opening" and "agency" not in key][:2]
    move = _version(bench.web, path) | {"key": first, "place": before[second]}
    assert bench.web.submit(path, f"{path}/flytta", move).status_code == 303
    sent = bench.web.submit(path, f"{path}/rakna-om", _version(bench.web, path))
    again = str(sent.headers["location"])
    assert again != path
    bench.solve()
    assert _places(bench.web.get(again).text)[first] == before[second]


def test_a_locked_session_stays_and_one_let_loose_is_planned_freely(bench: Bench) -> None:
    web, path = bench.web, bench.start()
    bench.solve()
    key, place = next(
        (key, place) for key, place in _places(web.get(path).text).items() if key != "opening"
    )
    assert f"{path}/rakna-om" not in web.get(path).text, "nothing is locked, nothing to plan around"
    for action, is_locked in (("las", True), ("las-upp", False), ("las", True)):
        sent = web.submit(path, f"{path}/{action}", _version(web, path) | {"key": key})
        assert sent.status_code == 303
        assert ("Lås upp: " in web.get(path).text) is is_locked
    unknown = _version(web, path) | {"key": "no such session"}
    assert web.submit(path, f"{path}/las", unknown).status_code == 409
    sent = web.submit(path, f"{path}/rakna-om", _version(web, path))
    again = str(sent.headers["location"])
    bench.solve()
    page = web.get(again).text
    assert _places(page)[key] == place
    assert "Lås upp: " in page, "it is still locked in the new proposal"
    away = _version(web, again) | {"key": key, "place": "-"}
    assert web.submit(again, f"{again}/flytta", away).status_code == 303
    assert "Lås upp: " not in web.get(again).text, "what does not run cannot be locked"
    assert web.submit(again, f"{again}/angra", _version(web, again)).status_code == 303
    assert "Lås upp: " in web.get(again).text


def test_a_form_without_rooms_names_each_fault_and_queues_nothing(bench: Bench) -> None:
    path = f"{LIST}/ny/{bench.meeting}"
    data = {"survey": bench.survey, "room1": "Stora", "capacity1": "många"}
    answer = bench.web.submit(path, path, data)
    assert answer.status_code == 422
    assert "Skriv antalet platser, 1–2 000." in answer.text
    assert 'value="många"' in answer.text
    with bench.app.state.database.reading() as session:
        assert queries.proposals(session, ProposalKind.PROGRAMME) == []


def test_a_session_that_cannot_be_anywhere_gives_the_rules_that_cannot_all_hold(
    bench: Bench,
) -> None:
    path = bench.start()
    with bench.app.state.database.reading() as session:
        proposal = bench.newest(session)
        problem = read_programme(proposal.problem)
        pinned = next(one for one in problem.sessions if one.is_must_run and one.pin_slot)
        text = proposal.problem.replace(
            f'"id": "{pinned.id}",', f'"id": "{pinned.id}", "unavailable_slots": ["d1-opening"],'
        )
        proposal.problem = text
        session.add(proposal)
    bench.solve(text)
    page = bench.web.get(path).text
    assert "Kraven går inte ihop" in page
    assert bench.web.submit(path, f"{path}/granska", {"version": "3"}).status_code == 409


def test_what_a_planner_holds_in_the_hand_is_said_by_name_to_the_others_until_it_is_let_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.start()
    with bench.app.state.database.transaction() as session:
        name = session.get_one(Person, bench.planner).name
        second = make_member(session, Role.PLANNER).person.id
    other = browser(bench.app, second)
    seen = other.get(f"{path}/version").json()
    assert seen["held"] == {}
    token = dict(HIDDEN.findall(bench.web.get(f"{LIST}/ny/{bench.meeting}").text))

    def hold(key: str) -> None:
        assert bench.web.post(f"{path}/upplockat", data=token | {"key": key}).json() == seen

    hold("opening")
    held = {"opening": f"{name} håller i passet just nu"}
    assert other.get(f"{path}/version").json() == seen | {"held": held}
    english = other.get(f"/en{path}/version").json()["held"]
    assert english == {"opening": f"{name} is holding this session now"}
    hold("")
    assert other.get(f"{path}/version").json() == seen

    hold("opening")
    later = now() + moving.HELD_FOR
    monkeypatch.setattr("api.proposals.programme.web.routes.now", lambda: later)
    assert other.get(f"{path}/version").json() == seen, "whose browser has gone holds nothing"
