import csv
from math import log10

import pytest
from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.audit.queries import entries_about
from api.kit.errors import FormError, MissingError, StaleError
from api.registry import queries, service
from api.registry.facts import MATCHED, model_of, seat_of
from api.registry.models import Rc
from api.registry.projection import sweref99tm
from api.registry.provenance import read
from api.registry.reference import DATA, contradictions, counties, municipalities, sweden_map
from api.travel.shipped import shipped_travel
from matcher.geo import great_circle_km


@pytest.fixture
def register(session: Session) -> dict[str, Rc]:
    service.import_shipped(session, "system")
    return {rc.id: rc for rc in queries.rcs(session)}


def _viewer(role: Role) -> Viewer:
    return Viewer("p", "P", frozenset({role}), frozenset(), frozenset(), frozenset())


def test_distances_are_those_of_the_shipped_travel_pairs(register: dict[str, Rc]) -> None:
    with (DATA / "travel_pairs.csv").open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    assert len({frozenset((pair["rc_a"], pair["rc_b"])) for pair in pairs}) == len(pairs) == 120
    for pair in pairs:
        one, other = seat_of(register[pair["rc_a"]]), seat_of(register[pair["rc_b"]])
        assert one is not None
        assert other is not None
        assert round(great_circle_km(one, other)) == int(pair["great_circle_km"])


def test_members_take_the_current_model_else_the_planned_one_with_its_certainty(
    register: dict[str, Rc],
) -> None:
    models = {rc_id: model_of(rc) for rc_id, rc in register.items()}
    assert models["kronoberg"] == ("barnahus", 1.0)
    assert models["jonkoping"] == ("barnahus", 1.0)
    assert models["uppsala"] == ("barnahus", 0.7)
    assert models["jamtland"] == ("cmv_subactivity", 0.5)
    assert models["vasternorrland"] == (None, None)  # undecided is no model
    assert models["dalarna"] == (None, None)


def test_matching_is_given_the_logarithm_of_land_area(register: dict[str, Rc]) -> None:
    land = MATCHED["log10_land_km2"].value(register["norrbotten"])
    assert land == pytest.approx(log10(97238.81), abs=1e-6)
    assert register["norrbotten"].phase_band == "operational"
    assert MATCHED["support_professionals"].value(register["jonkoping"]) is None


def test_full_time_posts_are_known_where_the_report_tells_them(register: dict[str, Rc]) -> None:
    told = {rc_id: rc.staff_count for rc_id, rc in register.items() if rc.staff_count is not None}
    assert told == {"goteborg": 6.0, "vastmanland": 1.25}
    given = {name for name, one in register.items() if MATCHED["staff_count"].value(one)}
    assert given == set(told)
    assert all("staff_count" in register[rc_id].sources for rc_id in told)


def test_the_map_puts_each_seat_where_its_outline_was_drawn() -> None:
    drawn = sweden_map()
    x, y = drawn.point(56.8777, 14.8091)  # Växjö; the drawing has (131.9, 853.8) in units of ten
    assert x == pytest.approx(1319, abs=1)
    assert y == pytest.approx(8538, abs=1)
    assert set(drawn.counties) == set(counties())
    assert set(drawn.areas) == {"fyrbodal", "goteborg", "alvsborg", "skaraborg"}


def test_sweref_has_its_false_easting_on_the_central_meridian() -> None:
    north, east = sweref99tm(60.0, 15.0)
    assert east == pytest.approx(500_000)
    assert north == pytest.approx(6_651_411, abs=1)


def test_great_circle_of_a_quarter_of_the_globe() -> None:
    assert great_circle_km((0, 0), (0, 90)) == pytest.approx(10_007.557, abs=0.001)


def test_each_shipped_fact_of_the_report_has_its_lines(register: dict[str, Rc]) -> None:
    for rc in register.values():
        for name in ("establishment_status", "grant_group", "funding_status"):
            assert read(rc.sources[name]).kind in {"report", "ours"}, (rc.id, name)


def test_reference_data_are_whole() -> None:
    assert len(counties()) == 21
    assert len(municipalities()) == 290
    assert [note.number for note in contradictions()] == [*range(1, 9), *range(10, 15)]


def test_those_that_are_quickest_to_reach_come_first(register: dict[str, Rc]) -> None:
    found = service.neighbours(
        register["norrbotten"], list(register.values()), shipped_travel(), most=2
    )
    assert [neighbour.rc.id for neighbour in found] == ["uppsala", "vastmanland"]
    assert [neighbour.hours for neighbour in found] == pytest.approx([4.6, 4.9])


def test_a_guest_does_not_find_the_register(session: Session, register: dict[str, Rc]) -> None:
    assert len(service.rcs_for(session, _viewer(Role.READER))) == len(register)
    with pytest.raises(MissingError):
        service.rcs_for(session, _viewer(Role.GUEST))
    with pytest.raises(MissingError):
        service.rc_for(session, _viewer(Role.PLANNER), "nowhere")


def test_a_correction_is_logged_and_raises_the_version(
    session: Session, register: dict[str, Rc]
) -> None:
    version = register["orebro"].version
    service.correct(session, "orebro", version, {"establishment_status": "operative"}, "p1")
    assert register["orebro"].version == version + 1
    entry = entries_about(session, "rc", "orebro")[0]
    assert (entry.action, entry.after) == ("corrected", {"establishment_status": "operative"})


def test_a_correction_without_a_change_leaves_no_trace(
    session: Session, register: dict[str, Rc]
) -> None:
    before = len(entries_about(session, "rc", "orebro"))
    version = register["orebro"].version
    service.correct(session, "orebro", version, {"establishment_status": "start_up"}, "p1")
    assert register["orebro"].version == version
    assert len(entries_about(session, "rc", "orebro")) == before


def test_a_correction_of_an_older_version_shows_both(
    session: Session, register: dict[str, Rc]
) -> None:
    version = register["orebro"].version
    service.correct(session, "orebro", version, {"huvudman": "Region"}, "p1")
    with pytest.raises(StaleError) as caught:
        service.correct(session, "orebro", version, {"huvudman": "Kommun"}, "p2")
    assert caught.value.yours == {"huvudman": "Kommun"}
    assert caught.value.theirs == {"huvudman": "Region"}


def test_a_form_with_faults_names_every_field(session: Session) -> None:
    with pytest.raises(FormError) as caught:
        service.add(session, {"id": "Å", "name": "", "county_code": "99"}, "p1")
    assert [fault.field for fault in caught.value.faults] == ["id", "name", "county_code"]


def test_the_same_key_cannot_be_added_twice(session: Session, register: dict[str, Rc]) -> None:
    cells = {"id": "skane", "name": "Skåne", "county_code": "12"}
    with pytest.raises(FormError) as caught:
        service.add(session, cells, "p1")
    assert [fault.field for fault in caught.value.faults] == ["id"]
    assert len(queries.rcs(session)) == len(register)
