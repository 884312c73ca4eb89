"""The year and the load ledger count the same hours for everybody and every month, whatever is booked."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from api.accounts.directory import create_function
from api.accounts.models import BodyKind, FunctionKind, Role
from api.kit.clock import from_local, now, today
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.proposals.year.building import YearWish, problem_document
from api.proposals.year.engine import calendar_of, read_year
from api.proposals.year.load import by_month, journeys_of, ledger
from api.registry.models import Rc
from api.surveys.models import NeedsSurvey, SurveyState
from matcher.dates.year.problem import Meeting, YearProblem
from matcher.dates.year.rules import cost_of, meetings_of, minutes_of
from tests.api.meetings.test_audience import VISIT
from tests.api.proposals.test_workbench import _version
from tests.api.proposals.test_year import PAGE, Planner, planner
from tests.factories import make_body, make_member, make_person
from tests.web import browser

__all__ = ["planner"]  # a fixture

YEAR = today().year + 1
NATIONAL = replace(
    VISIT, kind=MeetingKind.NATIONAL, host_rc="", visitor_rc="", form=MeetingForm.IN_PERSON
)


def _at(draft: MeetingDraft, month: int, day: int, hours: float, days: int = 1) -> MeetingDraft:
    start = from_local(datetime(YEAR, month, day, 9))  # noqa: DTZ001 - local
    return replace(draft, starts_at=start, ends_at=start + timedelta(days=days - 1, hours=hours))


def _in(town: str, draft: MeetingDraft = NATIONAL) -> MeetingDraft:
    return replace(draft, town=town)


def _book_of_every_kind(session: Session) -> None:
    """Book what the year's series do not look like: other places, lengths, forms, and unknown towns."""
    network_id = networks.active_networks(session)[0].id
    circle = replace(NATIONAL, kind=MeetingKind.NETWORK, network_id=network_id)
    forum = replace(NATIONAL, kind=MeetingKind.SAMVERKANSFORUM)
    for one in (
        _at(_in("Luleå"), 2, 9, 7.0, 2),
        _at(_in(""), 4, 13, 5.0, 2),
        _at(_in("Atlantis"), 5, 18, 6.0, 2),
        _at(_in("Malmö"), 6, 8, 6.0),
        _at(_in("Falun", circle), 9, 14, 4.0),
        _at(replace(circle, town="", form=MeetingForm.DIGITAL), 10, 12, 1.0),
        _at(_in("Örebro", forum), 11, 9, 3.0),
        _at(replace(VISIT, host_rc="skane", visitor_rc="dalarna", town="Malmö"), 11, 23, 5.0),
    ):
        create(session, one, "nch", now())
    session.add(
        NeedsSurvey(
            title_sv="Exempel",
            title_en="Example",
            rc_ids=["dalarna", "skane"],
            theme_ids=[],
            days=[],
            deadline=from_local(datetime(YEAR, 3, 1)),  # noqa: DTZ001 - local
            state=SurveyState.OPEN,
        )
    )
    board = make_body(session, BodyKind.COUNTY_BOARD)
    create_function(
        session,
        board,
        FunctionKind.PROJECT_LEADER,
        "Exempel",
        Role.READER,
        holder=make_person(session),
    )
    for rc_id in ("dalarna", "norrbotten"):
        make_member(session, Role.RC_MEMBER, rc_id=rc_id)
    unknown = session.exec(select(Rc).where(Rc.id == "jamtland")).one()
    unknown.seat_city = unknown.seat_lat = unknown.seat_lon = None
    session.flush()


def _counted(problem: YearProblem, calendar: Mapping[Meeting, date]) -> dict[str, dict[int, int]]:
    """Return the minutes a month that the year counts for each, with the engine's own rule for a cost."""
    found: dict[str, dict[int, int]] = {}
    for person in problem.people:
        mine = found.setdefault(person.id, {})
        spent = [(one.day.month, minutes_of(one.hours)) for one in person.engagements]
        spent += [
            (calendar[one].month, cost_of(problem, person, one))
            for one in meetings_of(problem, person)
            if one in calendar
        ]
        for month, minutes in spent:
            mine[month] = mine.get(month, 0) + minutes
    return {name: {month: n for month, n in mine.items() if n} for name, mine in found.items()}


def _in_the_ledger(session: Session) -> dict[str, dict[int, int]]:
    return {
        one.id: {month: minutes_of(hours) for month, hours in by_month(pieces).items()}
        for one, pieces in ledger(session, YEAR).items()
    }


def _differ(one: dict[str, dict[int, int]], other: dict[str, dict[int, int]]) -> list[object]:
    """Return where two counts are more than rounding apart: a minute for each thing in a month."""
    return [
        (name, month, one[name].get(month), other[name].get(month))
        for name in one.keys() | other.keys()
        for month in one[name].keys() | other[name].keys()
        if abs(one[name].get(month, 0) - other[name].get(month, 0)) > 5
    ]


def test_what_is_booked_costs_the_same_in_the_year_as_in_the_ledger(planner: Planner) -> None:
    with planner.app.state.database.transaction() as session:
        _book_of_every_kind(session)
        document = problem_document(session, YearWish(YEAR), (), now())
        ledgers = _in_the_ledger(session)
    problem = read_year(json.dumps(document))
    booked = {one: held.day for one, held in problem.current.items()}
    assert len(booked) >= 5
    assert _differ(_counted(problem, booked), ledgers) == []
    # Luleå is far from most, and not the town that is taken for granted where none is decided.
    assert ledgers["rc:skane"][2] > ledgers["rc:skane"][4] > minutes_of(2 * 5.0)


def test_a_year_costs_the_same_before_and_after_it_is_booked(planner: Planner) -> None:
    with planner.app.state.database.transaction() as session:
        _book_of_every_kind(session)
    path, web = planner.ask(), planner.web
    problem = read_year(planner.newest().problem)
    promised = _counted(problem, calendar_of(planner.calendar()))
    assert web.submit(PAGE, f"{path}/boka", _version(web, path)).status_code == 303
    with planner.app.state.database.reading() as session:
        assert _differ(promised, _in_the_ledger(session)) == []
    # And again: what was new is booked now, with the same hours.
    planner.ask()
    again = read_year(planner.newest().problem)
    assert _differ(promised, _counted(again, calendar_of(planner.calendar()))) == []


def test_nobodys_journey_is_nothing_because_a_town_is_not_known(planner: Planner) -> None:
    with planner.app.state.database.transaction() as session:
        _book_of_every_kind(session)
        person = make_member(session, Role.PLANNER).person.id
        journeys = journeys_of(session)
        of_one = {
            piece.meeting.town: piece.journey
            for one, pieces in ledger(session, YEAR).items()
            if one.rc_id == "jamtland"
            for piece in pieces
            if piece.meeting is not None and piece.meeting.kind is MeetingKind.NATIONAL
        }
        skane = next(one.id for one in ledger(session, YEAR) if one.rc_id == "skane")
    assert {town: (one.as_to, one.is_home_known) for town, one in of_one.items()} == {
        "Luleå": ("", False),
        "Malmö": ("", False),
        "": (journeys.nearest, False),
        "Atlantis": (journeys.nearest, False),
    }
    farthest = max(journeys.of_rc(one, "Luleå") or 0.0 for one in journeys.seats)
    assert of_one["Luleå"].hours == farthest > 0.0
    page = browser(planner.app, person).get(f"/belastning?ar={YEAR}&post={skane}").text
    assert f"räknat som till {journeys.nearest}, för orten är inte bestämd" in page
    assert "för Samkrets vet inte var Atlantis ligger" in page


def test_the_fullest_month_is_over_everything_that_one_has(planner: Planner) -> None:
    with planner.app.state.database.transaction() as session:
        for day in (3, 4, 5):
            create(session, _at(_in("Ystad"), 2, day, 9.0), "nch", now())
        before = {one.id for one in meetings.meetings(session, now())}
    path, web = planner.ask(), planner.web
    web.submit(PAGE, f"{path}/boka", _version(web, path))
    with planner.app.state.database.reading() as session:
        assert {one.id for one in meetings.meetings(session, now())} > before
        fullest = {
            one.rc_id: max(by_month(pieces).items(), key=lambda item: item[1])
            for one, pieces in ledger(session, YEAR).items()
        }
    month, hours = fullest["dalarna"]
    assert month == 2
    page = web.get(path).text
    assert f"februari: cirka {hours:.0f} tim." in page[page.index("Det här får var och en") :]
