"""A year of meetings: laid out without clashes around what is booked, moved by hand, and booked at once."""

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day
from api.calendar.fragments import as_vevent
from api.calendar.models import Level
from api.invitations.service import invite
from api.jobs.models import Job, JobState
from api.jobs.service import JobFinished
from api.kit.clock import from_local, now, to_local, today
from api.kit.i18n import LANGUAGES
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.meetings.service import confirm, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.models import Mail
from api.proposals import queries
from api.proposals.kinds import given, on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.year.building import YearWish, problem_document
from api.proposals.year.engine import read_year
from tests.api.meetings.test_audience import VISIT
from tests.api.proposals.test_workbench import _version
from tests.factories import make_member
from tests.promises import keeps, keeps_quiet
from tests.shipped import import_shipped
from tests.solving import laid_out
from tests.web import Browser, browser

PAGE = "/planera/aret"
YEAR = today().year + 1
ASKED = {
    "year": str(YEAR),
    "national": "2",
    "national_days": "2",
    "forum": "2",
    "managers": "0",
    "per_network": "3",
    "notice_weeks": "6",
    "max_hours": "24",
}
GROUPS = (("dalarna", "gavleborg", "uppsala"), ("norrbotten", "vasternorrland", "jamtland"))


@dataclass
class Planner:
    """A planner with two circles to plan for."""

    app: FastAPI
    web: Browser
    path: str = ""
    latest: str = ""  # the proposal that was solved last; two may be made in one second

    def newest(self) -> Proposal:
        with self.app.state.database.reading() as session:
            found: Proposal = session.get_one(Proposal, self.latest)
            session.expunge(found)
            return found

    def ask(self, **changed: str) -> str:
        """Ask for a year, do the worker's work, and return the proposal's page."""
        path = str(self.web.submit(PAGE, PAGE, ASKED | changed).headers["location"])
        self.path = path
        self.solve()
        return path

    def solve(self) -> None:
        with self.app.state.database.transaction() as session:
            waiting = queries.proposals(session, ProposalKind.YEAR)
            (proposal,) = [one for one in waiting if one.state == ProposalState.SOLVING]
            self.latest = proposal.id
            payload = given(session, session.get_one(Job, proposal.job_id))
            result = laid_out(payload)
            news = JobFinished(proposal.job_id or "", "year", JobState.DONE, payload, result, "x")
            on_job_finished(session, news)

    def calendar(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.newest().solution or "{}")["calendar"]
        return found


@pytest.fixture
def planner(app: FastAPI) -> Planner:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        person = make_member(session, Role.PLANNER).person.id
        publish_round(
            session,
            "one",
            [Group(Layer.NEARNESS, rc_ids, {}, 400.0) for rc_ids in GROUPS],
            "nch",
            now() - timedelta(days=400),
        )
    return Planner(app, browser(app, person))


def test_a_year_has_no_clashes_and_keeps_what_is_booked(planner: Planner) -> None:
    with planner.app.state.database.reading() as session:
        booked = [m for m in meetings.meetings(session, now()) if m.network_id]
        days = {to_local(one.starts_at).date() for one in booked}
    page = planner.web.get(planner.ask())
    assert page.status_code == 200
    calendar = planner.calendar()
    assert len([key for key in calendar if key.startswith("national")]) == 2
    assert len([key for key in calendar if key.startswith("network:")]) == 6
    assert {day for day in days if day.year == YEAR} <= set(
        map(date.fromisoformat, calendar.values())
    )
    assert "Krock:" not in page.text
    for text in calendar.values():
        day = date.fromisoformat(text)
        assert day.isoweekday() in {2, 3, 4}
        assert holiday_name(day) is None
        assert day in days or not is_squeeze_day(day)
    assert "The year" in planner.web.get("/en" + planner.ask()).text


def test_a_clash_by_hand_is_named_undone_and_mended_by_the_rest(planner: Planner) -> None:
    path = planner.ask()
    calendar = planner.calendar()
    national = date.fromisoformat(calendar["national|2"])
    key = next(k for k in calendar if k.startswith("network:") and k.endswith("|3"))
    web = planner.web

    def press(action: str, **fields: str) -> int:
        sent = {**_version(web, path), **fields}
        return int(web.submit(path, f"{path}/{action}", sent).status_code)

    assert press("flytta", key=key, day=str(national)) == 303
    assert "någon är med på två träffar samtidigt" in web.get(path).text
    assert press("boka") == 409
    assert press("angra") == 303
    assert planner.calendar() == calendar
    assert press("flytta", key=key, day=str(national)) == 303
    assert press("rakna-om") == 303
    planner.solve()
    again = planner.calendar()
    assert again[key] == str(national)
    assert again["national|2"] != str(national)
    moved = [name for name in again if again[name] != calendar.get(name)]
    assert set(moved) == {key, "national|2"}, "the smallest change"
    assert press("flytta", key=key, day="snart") == 409
    assert press("flytta", key="network:x|1", day=str(national)) == 409


@keeps_quiet(
    "I kalendrarna syns träffarna som förslag hos dem som de gäller. Inget mejl går ut, kretsarna kan själva byta tid, och du kan ta tillbaka alla på en gång. Utkast ser bara planerare.",
    "%(num)s träff syns som förslag i kalendrarna hos dem som står i tabellen. Inget mejl går ut. Kretsarna kan själva byta tid. Vad träffen ska handla om lägger ni till sedan.",
)
def test_booking_is_a_draft_first_and_goes_into_calendars_as_one(planner: Planner) -> None:
    path, web = planner.ask(), planner.web
    with planner.app.state.database.transaction() as session:
        before = {one.id for one in meetings.meetings(session, now())}
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
    sent = _version(web, path)
    assert web.submit(PAGE, f"{path}/boka", sent).status_code == 303
    assert web.submit(PAGE, f"{path}/boka", sent).status_code == 409
    count = len(planner.calendar()) - len(json.loads(planner.newest().solution or "{}")["booked"])

    def made() -> list[Meeting]:
        with planner.app.state.database.reading() as session:
            found = [one for one in meetings.meetings(session, now()) if one.id not in before]
            session.expunge_all()
        return found

    drafts = made()
    assert [one.state for one in drafts] == count * [MeetingState.DRAFT]
    theirs = browser(planner.app, member)
    circle = next(one for one in drafts if one.network_id)
    assert theirs.get(f"/traffar/{circle.id}").status_code == 404
    page = web.get(path).text
    assert "Det här får var och en" in page
    assert "Dalarna" in page[page.index("Det här får var och en") :]
    refused = web.submit(PAGE, f"{path}/flytta", {**_version(web, path), "key": "x", "day": ""})
    assert refused.status_code == 409

    assert web.submit(PAGE, f"{path}/visa", _version(web, path)).status_code == 303
    found = made()
    assert [one.state for one in found] == count * [MeetingState.PROPOSED]
    national = [one for one in found if one.kind == MeetingKind.NATIONAL]
    assert [(to_local(m.ends_at) - to_local(m.starts_at)).days for m in national] == [1, 1]
    with planner.app.state.database.reading() as session:
        assert all(calendar.event_of(session, "meeting", one.id) for one in found)
    assert "bokat sedan förut" in web.get(planner.ask()).text


def test_a_booked_year_is_taken_back_as_one_but_for_what_somebody_changed(planner: Planner) -> None:
    path, web = planner.ask(), planner.web
    with planner.app.state.database.reading() as session:
        before = {one.id for one in meetings.meetings(session, now())}
    web.submit(PAGE, f"{path}/boka", _version(web, path))
    web.submit(PAGE, f"{path}/ta-tillbaka", _version(web, path))
    with planner.app.state.database.reading() as session:
        assert {one.id for one in meetings.meetings(session, now())} == before, "drafts are gone"
    web.submit(PAGE, f"{path}/boka", _version(web, path))
    web.submit(PAGE, f"{path}/visa", _version(web, path))
    with planner.app.state.database.transaction() as session:
        new = [one for one in meetings.meetings(session, now()) if one.id not in before]
        kept = new[0].id
        confirm(session, new[0], new[0].version, "nch", now())
        others = [one.id for one in new[1:]]
    assert web.submit(PAGE, f"{path}/ta-tillbaka", _version(web, path)).status_code == 303
    with planner.app.state.database.reading() as session:
        states = {one.id: one.state for one in meetings.meetings(session, now())}
        events = [calendar.event_of(session, "meeting", key) for key in others]
        assert {one.status for one in events if one is not None} == {"CANCELLED"}
    assert states.pop(kept) == MeetingState.PUBLISHED
    assert {states[key] for key in others} == {MeetingState.CANCELLED}


@keeps("Den som redan är inbjuden får mejl om att träffen är inställd.")
def test_a_booked_year_says_what_is_true_of_it_now_and_who_is_invited_hears_of_its_end(
    planner: Planner,
) -> None:
    path, web = planner.ask(), planner.web
    assert "att boka." in web.get(path).text
    with planner.app.state.database.transaction() as session:
        before = {one.id for one in meetings.meetings(session, now())}
    web.submit(path, f"{path}/boka", _version(web, path))
    assert "att boka." not in web.get(path).text
    web.submit(path, f"{path}/visa", _version(web, path))
    assert "att boka." not in web.get(path).text
    with planner.app.state.database.transaction() as session:
        new = [one for one in meetings.meetings(session, now()) if one.id not in before]
        national = next(one for one in new if one.kind == MeetingKind.NATIONAL)
        event = calendar.event_of(session, "meeting", national.id)
        assert event is not None
        says = {
            language: as_vevent(event, Level.NEUTRAL, language, "x").location
            for language in LANGUAGES
        }
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna")
        invite(session, event, member.function, now())
        address = member.person.email
        decided = next(one for one in new if one.network_id)
        confirm(session, decided, decided.version, "nch", now())
        key = national.id
    assert says == {
        "sv": "På plats, orten är inte bestämd",
        "en": "In person, the town is not decided",
    }
    assert "på plats, orten är inte bestämd" in web.get(f"/traffar/{key}").text
    assert "på plats, orten är inte bestämd" in web.get("/traffar?typ=alla").text
    assert "Den som redan är inbjuden får mejl" in web.get(path).text
    planner.app.state.database.info["outbox"].hold = timedelta(minutes=10)
    answer = web.submit(path, f"{path}/ta-tillbaka", _version(web, path))
    told = web.get(answer.headers["location"]).text
    assert "utom de som någon har flyttat eller bestämt" in told
    with planner.app.state.database.reading() as session:
        mails = session.exec(select(Mail).where(Mail.recipient == address)).all()
        assert len(mails) == 3, "invited to both, and one is off"


def test_showing_a_year_and_calling_it_off_are_undone_from_their_receipts(planner: Planner) -> None:
    path, web = planner.ask(), planner.web
    planner.app.state.database.info["outbox"].hold = timedelta(minutes=10)
    with planner.app.state.database.reading() as session:
        before = {one.id for one in meetings.meetings(session, now())}

    def states() -> set[tuple[MeetingState, str]]:
        with planner.app.state.database.reading() as session:
            found = [one for one in meetings.meetings(session, now()) if one.id not in before]
            events = [calendar.event_of(session, "meeting", one.id) for one in found]
            return {
                (one.state, event.status if event else "")
                for one, event in zip(found, events, strict=True)
            }

    def press_and_undo(act: str) -> None:
        answer = web.submit(path, f"{path}/{act}", _version(web, path))
        assert answer.status_code == 303
        receipt = web.get(answer.headers["location"]).text
        (action,) = re.findall(r'action="(/angra/[^"]+)"', receipt)
        undone = web.submit(path, action, {})
        assert undone.status_code == 303
        assert "Kalendrar som hann hämta ändringen" in web.get(undone.headers["location"]).text

    press_and_undo("visa")  # without drafts before
    assert {state for state, _ in states()} == {MeetingState.DRAFT}
    assert {status for _, status in states()} == {"CANCELLED"}, "and out of calendars again"
    web.submit(path, f"{path}/visa", _version(web, path))
    assert states() == {(MeetingState.PROPOSED, "TENTATIVE")}
    press_and_undo("ta-tillbaka")
    assert states() == {(MeetingState.PROPOSED, "TENTATIVE")}
    web.submit(path, f"{path}/ta-tillbaka", _version(web, path))
    assert {state for state, _ in states()} == {MeetingState.CANCELLED}


def test_the_first_page_asks_for_the_usual_year_in_one_press(planner: Planner) -> None:
    """What the form would have said is taken, and once a year is begun nothing offers to begin it."""
    wording = "Ta fram ett förslag för"
    assert wording in planner.web.get("/").text
    answer = planner.web.submit("/", PAGE, {})
    assert answer.headers["location"].startswith(f"{PAGE}/")
    assert wording not in planner.web.get("/").text


def test_what_cannot_hold_is_named(planner: Planner) -> None:
    path = planner.ask(national="12", notice_weeks="52")
    page = planner.web.get(path).text
    assert "Det går inte att planera året så här" in page
    assert "ett av kraven" not in page
    again = re.search(r'href="([^"]+)">Ändra och räkna om', page)
    assert again is not None
    form = planner.web.get(again[1]).text
    for name, value in (ASKED | {"national": "12", "notice_weeks": "52"}).items():
        assert re.search(rf'name="{name}"[^>]*value="{value}"|value="{value}" selected', form), name


@pytest.mark.parametrize(("field", "value"), [("forum", "13"), ("national", "två"), ("year", "")])
def test_a_number_that_cannot_be_used_is_named(planner: Planner, field: str, value: str) -> None:
    refused = planner.web.submit(PAGE, PAGE, ASKED | {field: value})
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text


def test_breaks_and_study_visits_are_kept_free(planner: Planner) -> None:
    start = now() + timedelta(days=150)
    with planner.app.state.database.transaction() as session:
        make_member(session, Role.RC_MEMBER, rc_id="dalarna")
        visit = replace(VISIT, starts_at=start, ends_at=start + timedelta(hours=4))
        create(session, replace(visit, host_rc="dalarna", visitor_rc="skane"), "nch", now())
        breaks = (SchoolBreak(date(YEAR, 2, 8), date(YEAR, 2, 12), "Exempel: sportlov"),)
        document = problem_document(session, YearWish(YEAR), breaks, now())
    day = to_local(start).date().isoformat()
    away = {one["id"] for one in document["people"] if day in one["unavailable"]}
    assert len(away) == 2 or start.year != YEAR
    closed = [one for one in document["closed"] if one["kind"] == "school_break"]
    assert [one["first"] for one in closed] == [f"{YEAR}-02-08"]
    assert read_year(json.dumps(document)).notice_weeks == 6


def test_a_booked_meeting_in_summer_opens_neither_summer_nor_a_break(planner: Planner) -> None:
    """What is asked is the database after booking, not the sentence that promises free days."""
    breaks = f"{YEAR}-02-15,{YEAR}-02-19,Exempel: sportlov"
    with planner.app.state.database.transaction() as session:
        circle = networks.active_networks(session)[0].id
        for month, day in ((2, 16), (7, 6)):
            start = from_local(datetime(YEAR, month, day, 9))  # noqa: DTZ001 - local
            draft = replace(
                VISIT,
                kind=MeetingKind.NETWORK,
                network_id=circle,
                starts_at=start,
                ends_at=start + timedelta(hours=2),
            )
            create(session, draft, "nch", now())
    sent = {"text": breaks, "action": "write"}
    assert planner.web.submit("/planera/skollov", "/planera/skollov", sent).status_code == 303
    page = planner.web.get(planner.ask(per_network="5", forum="4"))
    closed = page.text[page.text.index("Dagar som hålls fria") :]
    assert "Exempel: sportlov" in closed
    assert f"14 augusti {YEAR}" in closed
    for act in ("boka", "visa"):
        planner.web.submit(PAGE, f"{planner.path}/{act}", _version(planner.web, planner.path))
    with planner.app.state.database.reading() as session:
        days = [to_local(one.starts_at).date() for one in meetings.meetings(session, now())]
    spans = ((date(YEAR, 6, 22), date(YEAR, 8, 14)), (date(YEAR, 2, 15), date(YEAR, 2, 19)))
    inside = [day for day in days if any(first <= day <= last for first, last in spans)]
    assert sorted(inside) == [date(YEAR, 2, 16), date(YEAR, 7, 6)]
