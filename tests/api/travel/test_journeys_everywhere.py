"""Journeys where people meet them: dates and places, first meetings, and an RC of which only the town is known."""

from datetime import UTC, date, datetime, time

from sqlmodel import Session, select

from api.kit.clock import now
from api.meetings.following import least_travel
from api.proposals.placing.service import PlaceWish, Wish, ranking_of
from api.registry.facts import seat_of
from api.registry.models import Rc
from api.registry.service import import_shipped, neighbours
from api.travel.models import TravelLeg
from api.travel.service import travel_of
from api.travel.shipped import town

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
