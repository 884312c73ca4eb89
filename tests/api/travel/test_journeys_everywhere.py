"""Journeys where people meet them: dates and places, first meetings, and an RC of which only the town is known."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Body, BodyKind, Function, FunctionKind, Role
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings.following import least_travel
from api.meetings.models import MeetingForm
from api.meetings.service import create
from api.proposals.placing.service import PlaceWish, Wish, ranking_of
from api.proposals.year.building import YearWish, problem_document
from api.proposals.year.load import journeys_of
from api.proposals.year.people import Attending, attending
from api.registry.facts import seat_of
from api.registry.models import Rc
from api.registry.service import neighbours
from api.travel.models import TravelLeg
from api.travel.service import travel_of
from api.travel.shipped import town
from api.travel.wording import about
from tests.api.meetings.test_audience import VISIT
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser

NOW = datetime(2031, 1, 7, 9, tzinfo=UTC)


def _ranked(session: Session, *places: str) -> list[str]:
    wish = Wish((date(2031, 9, 16),), time(10), time(16), tuple(PlaceWish(one) for one in places))
    ranking = ranking_of(session, wish, (), NOW)
    return [choice.candidate.place.id for choice in ranking.choices if choice.candidate.place]


def test_the_capital_goes_before_towns_that_all_know_to_be_farther(session: Session) -> None:
    import_shipped(session, "system")
    found = _ranked(session, "Östersund", "Luleå", "Stockholm", "Linköping", "Göteborg")
    assert found[0] == "Stockholm"
    assert found.index("Linköping") < found.index("Östersund")


def test_a_correction_counts_at_once_and_only_where_it_is_made(session: Session) -> None:
    import_shipped(session, "system")
    ends = town("Göteborg").point, town("Stockholm").point
    assert travel_of(session).hours(*ends) == 3.6
    for mode in ("air", "rail"):
        session.add(
            TravelLeg(
                a="Göteborg",
                b="Stockholm",
                mode=mode,
                hours=None,
                changed_by="nch",
                changed_at=now(),
            )
        )
    session.flush()
    assert travel_of(session).hours(*ends) > 3.6
    assert travel_of(session).hours(town("Malmö").point, town("Lund").point) == 0.7


def test_an_rc_that_only_names_its_town_is_not_without_a_journey(session: Session) -> None:
    import_shipped(session, "system")
    rc = session.exec(select(Rc)).first()
    assert rc is not None
    rc.seat_city, rc.seat_lat, rc.seat_lon = "Nyköping", None, None
    session.flush()
    assert seat_of(rc) == tuple(town("Nyköping").point)
    near = neighbours(rc, list(session.exec(select(Rc))), travel_of(session))
    assert near
    rc.seat_city = "Atlantis"
    assert seat_of(rc) is None


def test_a_first_meeting_is_in_the_town_with_least_travel(session: Session) -> None:
    import_shipped(session, "system")
    seats = {rc.id: rc.seat_city for rc in session.exec(select(Rc))}
    ids = {city: key for key, city in seats.items()}
    circle = tuple(ids[city] for city in ("Falun", "Gävle", "Uppsala", "Västerås"))
    assert seats[least_travel(session, circle)] in {"Uppsala", "Gävle"}
    north = tuple(ids[city] for city in ("Luleå", "Uppsala", "Linköping"))
    assert seats[least_travel(session, north)] == "Uppsala"


def test_a_town_that_is_not_known_is_asked_for_everywhere_and_counts_as_no_journey_nowhere(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER).person.id
        own = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
        rc = session.exec(select(Rc).where(Rc.id == "dalarna")).one()
        rc.seat_city = rc.seat_lat = rc.seat_lon = None
    web = browser(app, planner)
    day = (now().date() + timedelta(days=100)).isoformat()
    compared = f"?day1={day}&starts=10:00&ends=15:00&length=1&notice=0&form=in_person&place1=Falun"
    asked = 'href="/rc/dalarna/andra#seat_city"'
    for path in (
        "/planera/datum",
        f"/planera/datum{compared}",
        "/planera/studiebesok",
        "/planera/aret",
        "/belastning",
        "/",
    ):
        assert asked in web.get(path).text, path
    assert asked in browser(app, own).get("/belastning").text, "whose town it is can write it"
    assert 'id="seat_city"' in web.get("/rc/dalarna/andra").text
    with app.state.database.reading() as session:
        document = problem_document(session, YearWish(now().year + 1), (), now())
    journeys = {one["id"]: one["journey"] for one in document["people"]}
    without = next(
        one.id for one in _attending(app) if one.rc_id == "dalarna" and one.kind is not None
    )
    assert journeys[without] == max(journeys.values()) > 0.0


def test_a_county_boards_people_travel_from_its_town(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        board = Body(kind=BodyKind.COUNTY_BOARD, name="Exempel: länsstyrelse", county_codes="25")
        session.add(board)
        session.flush()
        session.add(
            Function(
                body_id=board.id,
                kind=FunctionKind.PROJECT_LEADER,
                title="Exempel",
                role=Role.READER,
            )
        )
    one = next(one for one in _attending(app) if not one.rc_id)
    with app.state.database.reading() as session:
        journeys = journeys_of(session)
    assert journeys.there_and_back(one, "Luleå") == 0.0
    assert journeys.there_and_back(one, "Stockholm") == 7.0


def _attending(app: FastAPI) -> tuple[Attending, ...]:
    with app.state.database.reading() as session:
        return attending(session)


def test_a_meeting_in_a_room_says_the_journey_and_the_nights_of_those_who_come(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER).person.id
        own = make_member(session, Role.RC_MEMBER, rc_id="norrbotten").person.id
        draft = replace(
            VISIT,
            form=MeetingForm.IN_PERSON,
            host_rc="dalarna",
            visitor_rc="norrbotten",
            town="Falun",
            starts_at=datetime(2031, 3, 4, 9, tzinfo=UTC),
            ends_at=datetime(2031, 3, 4, 14, tzinfo=UTC),
        )
        meeting = create(session, draft, "nch", now()).id
        digital = create(
            session, replace(draft, form=MeetingForm.DIGITAL, town=""), "nch", now()
        ).id
        away = travel_of(session).hours(town("Luleå").point, town("Falun").point)
    text = browser(app, own).get(f"/traffar/{meeting}").text
    assert "Resan dit för Norrbotten" in text
    assert f"{about(away, Speaker('sv'))}, 1 natt borta" in text
    whole = browser(app, planner).get(f"/traffar/{meeting}").text
    assert "Resan dit för var och en" in whole
    assert "ingen resa" in whole, "the host is at home"
    assert "Resan dit" not in browser(app, planner).get(f"/traffar/{digital}").text
