"""What a year gave: every figure against meetings, answers and journeys counted here by hand."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.front.gains.figures import RcYear, YearFigures, year_figures, years_with_meetings
from api.front.gains.page import FEWEST, parts
from api.invitations import service as invitations
from api.invitations.models import Partstat
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks.foresight import Group
from api.networks.models import Layer, Network, NetworkMember
from api.networks.service import publish_round
from api.questions.models import Answer, Audience, Frequent, Question
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.registry.models import Rc
from api.registry.service import import_shipped
from api.travel.service import travel_of
from api.travel.shipped import town
from matcher.geo import Point
from tests.factories import Member, make_member
from tests.web import Browser, browser

BEGIN = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
LATER = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
CIRCLE = ("fyrbodal", "goteborg", "skaraborg")
COMING, NOT_COMING = ("fyrbodal", "goteborg", "jamtland"), ("skaraborg",)


@dataclass(frozen=True)
class World:
    """A national meeting in Linköping, and three of a circle: one held, one not, one that nobody told of."""

    app: FastAPI
    planner: Member
    members: dict[str, Member]
    guest: Member


def _put(
    session: Session, days: int, kind: MeetingKind, form: MeetingForm, place: str, circle: str = ""
) -> Meeting:
    start = BEGIN + timedelta(days=days)
    draft = MeetingDraft(
        kind=kind,
        name_sv=f"Exempel {days}",
        name_en=f"Example {days}",
        focus_sv="Exempel på fokus",
        focus_en="Example of a focus",
        form=form,
        starts_at=start,
        ends_at=start + timedelta(hours=6),
        town=place,
        network_id=circle or None,
        is_example=True,
    )
    return create(session, draft, "system", now())


@pytest.fixture
def world(app: FastAPI) -> Iterator[World]:
    with time_machine.travel(BEGIN, tick=False) as clock:
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            members = {
                rc: make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in (*CIRCLE, "jamtland")
            }
            planner, guest = (make_member(session, role) for role in (Role.PLANNER, Role.GUEST))
            group = Group(Layer.LIKENESS, CIRCLE, {}, 92.0)
            publish_round(session, "one", [group], "nch", now())
            session.flush()
            session.expunge_all()
        with app.state.database.transaction() as session:
            circle = session.exec(select(Network)).one().id
            for row in session.exec(select(NetworkMember)):
                row.since = BEGIN.date()
                session.add(row)
            national = _put(session, 10, MeetingKind.NATIONAL, MeetingForm.IN_PERSON, "Linköping")
            event = calendar.event_of(session, "meeting", national.id)
            assert event is not None
            for rc, member in members.items():
                invited = invitations.invite(session, event, member.function, now())
                assert invited is not None
                said = Partstat.DECLINED if rc in NOT_COMING else Partstat.ACCEPTED
                invited.partstat = said
                session.add(invited)
            for days, form, place, told in (
                (20, MeetingForm.IN_PERSON, "Trollhättan", True),
                (30, MeetingForm.DIGITAL, "", False),
                (40, MeetingForm.DIGITAL, "", None),
            ):
                made = _put(session, days, MeetingKind.NETWORK, form, place, circle)
                made.was_held = told
                session.add(made)
            session.flush()
            session.expunge_all()
        clock.move_to(LATER)
        yield World(app, planner, members, guest)


def _journeys(session: Session, rcs: tuple[str, ...], place: str) -> float:
    """Hours there and back, from the register's seats and the table of journeys alone."""
    seats = {rc.id: seat_of(rc) for rc in registry.rcs(session)}
    travel, goal = travel_of(session), town(place).point
    found = 0.0
    for rc in rcs:
        seat = seats[rc]
        assert seat is not None
        own = Point(*seat)
        found += 0.0 if own == goal else 2 * travel.hours(own, goal)
    return found


def test_a_year_counts_what_was_held_and_nothing_else(world: World) -> None:
    with world.app.state.database.reading() as session:
        found = year_figures(session, 2027, now())
        linkoping = _journeys(session, COMING, "Linköping")
        trollhattan = _journeys(session, CIRCLE, "Trollhättan")
        assert years_with_meetings(session, now()) == (2027,)
        session.expunge_all()
    assert (found.national, found.national_unanswered) == (1, 0)
    assert (found.held, found.not_held, found.unanswered) == (1, 1, 1)
    assert (found.circles_met, found.circles_today) == (1, 1)
    assert found.is_example
    rcs = {one.rc.id: one for one in found.rcs}
    assert {key for key, one in rcs.items() if one.national} == set(COMING)
    assert {key for key, one in rcs.items() if one.circle} == set(CIRCLE)
    assert rcs["fyrbodal"].met == {"goteborg", "jamtland", "skaraborg"}
    assert rcs["skaraborg"].met == {"fyrbodal", "goteborg"}
    first, second = found.trips
    assert first.hours == pytest.approx(linkoping)
    assert first.rcs == len(COMING)
    assert second.hours == pytest.approx(trollhattan)
    assert second.rcs == len(CIRCLE)
    assert sum(one.hours for one in found.rcs) == pytest.approx(linkoping + trollhattan)
    _nowhere_is_nearer(world, found)


def _nowhere_is_nearer(world: World, found: YearFigures) -> None:
    with world.app.state.database.reading() as session:
        for trip, there in zip(found.trips, (COMING, CIRCLE), strict=True):
            cheapest = _journeys(session, there, trip.cheapest)
            assert trip.cheapest_hours == pytest.approx(cheapest)
            for name in (
                "Linköping",
                "Göteborg",
                "Trollhättan",
                "Skövde",
                "Stockholm",
                "Östersund",
            ):
                assert cheapest <= _journeys(session, there, name) + 1e-9


def test_nothing_that_is_still_to_come_or_of_another_year_is_counted(world: World) -> None:
    with world.app.state.database.reading() as session:
        before = year_figures(session, 2027, BEGIN + timedelta(days=15))
        other = year_figures(session, 2026, now())
    assert (before.national, before.held, before.unanswered) == (1, 0, 0)
    assert (other.national, other.held, len(other.trips)) == (0, 0, 0)


def test_planners_see_all_rc_an_rc_its_own_and_others_nothing(world: World) -> None:
    planner = browser(world.app, world.planner.person.id)
    page = planner.get("/planera/vad-det-gav").text
    assert "1 blev inte av, om 1 har ingen svarat" in page
    assert "1 kretsar finns i dag" not in page
    assert "Exempel" in page
    assert "What 2027 gave" in planner.get("/en/planera/vad-det-gav").text
    assert planner.get("/planera/vad-det-gav", params={"year": "2019"}).status_code == 404
    own = browser(world.app, world.members["skaraborg"].person.id)
    shown = own.get("/rc/skaraborg/aret")
    assert shown.status_code == 200
    assert "RC som ni har träffat" in shown.text
    assert own.get("/rc/fyrbodal/aret").status_code == 404
    assert planner.get("/rc/fyrbodal/aret").status_code == 200
    for other in (own, browser(world.app, world.guest.person.id)):
        assert other.get("/planera/vad-det-gav").status_code == 404
        assert other.get("/planera/vad-det-gav.xlsx").status_code == 404


def test_the_workbook_holds_numbers(world: World) -> None:
    with world.app.state.database.transaction() as session:
        for question, published in (
            ("Hur skrev ni?", now()),
            ("Förra året?", BEGIN.replace(year=2026)),
            ("Erbjuden?", None),
        ):
            session.add(
                Frequent(question=question, answer="Så.", offered_at=BEGIN, published_at=published)
            )
    planner = browser(world.app, world.planner.person.id)
    answer = planner.get("/planera/vad-det-gav.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.worksheets) == 6
    learnt = [row[1].value for row in book.worksheets[5].iter_rows(min_row=2)]
    assert learnt == ["Hur skrev ni?"]
    page = planner.get("/planera/vad-det-gav").text
    assert ("Hur skrev ni?" in page, "Förra året?" in page, "Erbjuden?" in page) == (
        True,
        False,
        False,
    )
    rows = {row[1].value: row for row in book.worksheets[1].iter_rows(min_row=2)}
    with world.app.state.database.reading() as session:
        names = {rc.id: rc.name for rc in registry.rcs(session)}
    national, circle, met = (rows[names["fyrbodal"]][column].value for column in (2, 3, 4))
    assert (national, circle, met) == (1, 1, 3)


def test_few_rc_have_no_average() -> None:
    few = [
        RcYear(Rc(id=str(n), name=str(n), county_code="25", norrland=True))
        for n in range(FEWEST - 1)
    ]
    many = [
        RcYear(Rc(id=f"s{n}", name=f"s{n}", county_code="12", norrland=False))
        for n in range(FEWEST)
    ]
    lines = parts([*few, *many], Speaker("sv"))
    # Nor has the rest of the country: all less the rest would be the few.
    assert [one.values[0] for one in lines] == ["0,0", "", "", "", ""]
    others = [
        RcYear(Rc(id=f"n{n}", name=f"n{n}", county_code="25", norrland=True)) for n in range(FEWEST)
    ]
    assert [one.values[0] for one in parts([*others, *many], Speaker("sv"))[:3]] == ["0,0"] * 3
    assert [one.values[0] for one in parts(many, Speaker("sv"))[:3]] == ["0,0", "", "0,0"]


LINE = "Gå igenom avtalet med regionen innan ni söker pengar."


def _lines(web: Browser, path: str) -> list[str]:
    return re.findall(r'action="(/lardomar/[^"]+/ta-bort)"', web.get(path).text)


def test_an_rc_publishes_its_own_line_and_takes_it_away_and_nobody_does_it_for_it(
    world: World,
) -> None:
    own = browser(world.app, world.members["skaraborg"].person.id)
    other = browser(world.app, world.members["fyrbodal"].person.id)
    planner = browser(world.app, world.planner.person.id)
    guest = browser(world.app, world.guest.person.id)
    page, sheet = "/rc/skaraborg/aret", "/planera/vad-det-gav/a4"
    form = {"text": LINE, "year": "2027"}
    assert "kan lämnas ut som allmän handling" in own.get(page).text
    for who in (other, planner, guest):
        assert who.submit("/logga-in", page, form).status_code == 404
    for text, said in (("", "Skriv några ord till."), ("x" * 201, "Högst 200 tecken.")):
        refused = own.submit(page, page, form | {"text": text})
        assert (refused.status_code, said in refused.text) == (422, True)
    assert own.submit(page, page, form | {"year": "2019"}).status_code == 404
    assert own.submit(page, page, form).status_code == 303
    assert planner.submit(sheet, sheet, form | {"text": "NCH lärde sig fråga."}).status_code == 303
    assert LINE in own.get(page).text
    assert LINE in planner.get(page).text
    assert LINE not in other.get("/rc/fyrbodal/aret").text
    for path in ("/planera/vad-det-gav", sheet, "/en/planera/vad-det-gav/a4"):
        shown = planner.get(path).text
        assert LINE in shown
        assert "NCH lärde sig fråga." in shown
        around = shown[shown.index(LINE) - 200 : shown.index(LINE) + 200]
        assert "Skaraborg" not in around  # no line tells whose it is
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/planera/vad-det-gav.xlsx").content))
    sheets = [[row[1].value for row in one.iter_rows(min_row=2)] for one in book.worksheets]
    assert {LINE, "NCH lärde sig fråga."} in [set(one) for one in sheets]
    [action] = _lines(own, page)
    assert other.submit("/logga-in", action).status_code == 404
    assert own.submit(page, action).status_code == 303
    assert LINE not in own.get(page).text + planner.get(sheet).text
    for number in range(5):
        assert own.submit(page, page, form | {"text": f"Rad nummer {number}"}).status_code == 303
    assert "Högst 5 rader om året" in own.submit(page, page, form).text
    assert len(_lines(planner, sheet)) == 6
    assert planner.submit(sheet, _lines(planner, sheet)[0]).status_code == 303
    for who in (own, guest):
        assert who.get(sheet).status_code == 404


def test_questions_of_the_year_are_counted_with_how_soon_they_were_answered(world: World) -> None:
    """Those of circles are theirs alone, and what the asker adds is no answer."""
    with world.app.state.database.transaction() as session:
        circle = session.exec(select(Network)).one().id
        post = world.members["skaraborg"].function.id
        mate = world.members["fyrbodal"].function.id
        for number in range(9):
            audience = (Audience.ALL, Audience.NCH, Audience.CIRCLE)[number // 4]
            asked = Question(
                function_id=post,
                rc_id="skaraborg",
                audience=audience,
                network_id=circle if audience is Audience.CIRCLE else None,
                text="Vad?",
                asked_at=BEGIN - timedelta(days=400 if number == 7 else 0),
            )
            session.add(asked)
            session.flush()
            for by, rc_id, days in ((post, "skaraborg", 0), (mate, "fyrbodal", number + 1)):
                if number != 6 or by == post:
                    at = asked.asked_at + timedelta(days=days)
                    answer = Answer(
                        question_id=asked.id,
                        function_id=by,
                        rc_id=rc_id,
                        text="Så.",
                        answered_at=at,
                    )
                    session.add(answer)
    planner = browser(world.app, world.planner.person.id)
    page = re.sub(r"<[^>]+>", " ", planner.get("/planera/vad-det-gav/a4").text)
    page = re.sub(r"\s+", " ", page)
    assert "Frågor till alla RC eller NCH som har fått svar 6 av 7" in page
    # After 1, 2, 3, 4, 5 and 6 days.
    assert "hälften av de besvarade frågorna hade sitt första svar 3,5" in page
