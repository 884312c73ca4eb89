"""Every claim about a circle is asked of the register by code of its own, on hundreds of random registers."""

import math
import random
import re
from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pytest
from sqlmodel import Session

from api.kit.i18n import Language, Speaker
from api.networks.claims import Claim, Interests, claims_of, nearest, unlike
from api.networks.models import Layer
from api.networks.wording import unlike_said, why
from api.registry.models import (
    CurrentModel,
    FundingStatus,
    GrantGroup,
    PhaseBand,
    PlanCertainty,
    PlannedModel,
    Rc,
    Status,
    Support,
)
from api.registry.queries import rcs
from api.travel.wording import in_halves
from tests.shipped import import_shipped

SUPPORTS = [name for name in Rc.model_fields if name.startswith("support_")]
LAYERS = (Layer.LIKENESS, Layer.NEARNESS, Layer.EXPERIENCE)
THEMES = ("t1", "t2", "t3")


def random_rc(chance: random.Random, number: int) -> Rc:
    def maybe(values: Iterable[object]) -> Any:  # noqa: ANN401 - a value of any column
        return chance.choice([None, *values])

    has_seat = chance.random() < 0.9
    supports: dict[str, Any] = {name: maybe(Support) for name in SUPPORTS}
    return Rc(
        id=f"rc{number:02d}",
        name=f"Län {number}",
        county_code="01",
        establishment_status=maybe(Status),
        org_model_current=maybe([*CurrentModel, "Eget team"]),
        org_model_planned=maybe([*PlannedModel, "Eget team"]),
        org_model_planned_certainty=maybe(PlanCertainty),
        grant_group=maybe([*GrantGroup, "grupp 4"]),
        funding_status=maybe(FundingStatus),
        population=maybe([60_000, 90_000, 130_000, 300_000, 1_300_000]),
        land_area_km2=maybe([1_500.0, 4_000.0, 5_500.0, 40_000.0]),
        digital_only=maybe([True, False]),
        seat_lat=chance.uniform(55.5, 66.0) if has_seat else None,
        seat_lon=chance.uniform(12.0, 20.0) if has_seat else None,
        **supports,
    )


def seat(rc: Rc) -> tuple[float, float]:
    return float(rc.seat_lat or 0), float(rc.seat_lon or 0)


def crow_km(one: Rc, other: Rc) -> float:
    """Great-circle km by the law of cosines: another formula than the product's."""
    (a, b), (c, d) = (tuple(map(math.radians, seat(rc))) for rc in (one, other))
    inner = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6371.0088 * math.acos(min(1.0, inner))


def hours(one: tuple[float, float], other: tuple[float, float]) -> float:
    return 0.5 + math.dist(one, other)


def is_true(  # noqa: C901, PLR0911 - one line a kind of claim
    claim: Claim, circle: dict[str, Rc], interests: dict[str, Interests]
) -> bool:
    """Ask the register itself."""
    people = [circle[one] for one in claim.members]
    if len(people) < 2 or len(set(claim.members)) < len(people):
        return False
    first, rest = people[0], people[1:]
    match claim.claim:
        case "same":
            return all(holds(one, claim.fact, claim.value) for one in people)
        case "ahead" if claim.fact == "model":
            goes = [
                one.org_model_current is None
                and one.org_model_planned == claim.value
                and one.org_model_planned_certainty in {"stated", "probable"}
                for one in rest
            ]
            return holds(first, "model", claim.value) and starts(rest) and all(goes)
        case "ahead" if claim.fact == "phase_band":
            return first.phase_band == "operational" == claim.value and starts(rest)
        case "ahead" if claim.fact == "funding_status":
            without = all(one.funding_status in {"planned", "lacking"} for one in rest)
            return first.funding_status == claim.value == "secured" and without and starts(rest)
        case "ahead":
            planned = all(getattr(one, claim.fact) == "planned" for one in rest)
            return getattr(first, claim.fact) == claim.value == "yes" and planned and starts(rest)
        case "offers":
            giver, seeker = claim.members
            shows, seeks = interests[giver].offered, interests[seeker].sought
            return claim.fact in shows and claim.fact in seeks
        case "near":
            kms = [crow_km(*pair) for pair in combinations(people, 2)]
            times = [hours(seat(a), seat(b)) for a, b in combinations(people, 2)]
            value = max(kms) if claim.fact == "km" else max(times)
            return abs(value - float(claim.value or 0)) < 0.06 and max(times) <= 3.5
        case "alike_size":
            column = {"population": "population", "log10_land_km2": "land_area_km2"}[claim.fact]
            sizes = [float(getattr(one, column)) for one in people]
            ratio = max(sizes) / min(sizes)
            return abs(ratio - float(claim.value or 0)) < 0.006 and ratio <= 1.5
        case "differs":
            values = [value_of(one, claim.fact) for one in people]
            return None not in values and len(set(values)) == len(values)
    return False


def starts(rest: list[Rc]) -> bool:
    return all(one.phase_band == PhaseBand.PRE_OPERATIONAL for one in rest)


def value_of(rc: Rc, fact: str) -> object:
    return rc.org_model_current if fact == "model" else getattr(rc, fact)


def holds(rc: Rc, fact: str, value: object) -> bool:
    """Unknown, undecided, contradicted or not in operation is never the same."""
    if fact == "model":
        return rc.org_model_current == value and rc.org_model_planned_certainty != "conflicting"
    if fact == "digital_only":
        return rc.digital_only is True and value == "yes"
    if fact == "funding_status":
        return rc.funding_status == value == "secured"
    if value == "none" and rc.phase_band != "operational":
        return False
    return getattr(rc, fact) == value and value not in {None, "planned"}


@pytest.mark.parametrize("start", range(0, 500, 50))
def test_every_claim_of_random_registers_is_true(start: int) -> None:
    for seed in range(start, start + 50):
        chance = random.Random(seed)
        register = [random_rc(chance, number) for number in range(12)]
        interests = {
            rc.id: Interests(
                frozenset(chance.sample(THEMES, 1)), frozenset(chance.sample(THEMES, 1))
            )
            for rc in register
            if chance.random() < 0.5
        }
        for layer in LAYERS:
            chosen = chance.sample(register, chance.choice((2, 3, 3, 4, 5)))
            circle = {rc.id: rc for rc in chosen}
            for claim in claims_of(chosen, layer, hours, interests):
                assert is_true(claim, circle, interests), (seed, claim)


@pytest.mark.parametrize("spoken", ["sv", "en"])
def test_every_number_and_name_in_the_reasons_stands_in_a_claim(spoken: Language) -> None:
    for seed in range(60):
        chance = random.Random(seed)
        chosen = [random_rc(chance, number) for number in chance.sample(range(10, 99), 3)]
        claims = claims_of(chosen, Layer.LIKENESS, hours)
        names = {rc.id: f"RC-{rc.id[2:]}-län" for rc in chosen}
        said = why(Speaker(spoken), claims, [*names], names, {})
        numbers = re.findall(r"\d+(?:[.,]\d+)?", said.replace("\u00a0", ""))
        known = {str(round(float(one.value))) for one in claims if isinstance(one.value, float)}
        known |= {f"{one.value:.1f}" for one in claims if isinstance(one.value, float)}
        # An estimate of hours bears no more than halves.
        told = [one.value for one in claims if one.fact == "hours"]
        known |= {in_halves(one, Speaker("en")) for one in told if isinstance(one, float)}
        known |= {rc.id[2:] for rc in chosen} | {"18", "2018", "2021", "2023", "4"}
        assert {one.replace(",", ".") for one in numbers} <= known, said
        named = {rc for rc, name in names.items() if name in said}
        assert named <= {one for claim in claims for one in claim.members}


def test_the_register_s_own_circles_say_what_the_report_says(session: Session) -> None:
    import_shipped(session, "system")
    register = {rc.id: rc for rc in rcs(session)}
    names = {rc.id: rc.name for rc in register.values()}

    def said(layer: Layer, *ids: str) -> str:
        claims = claims_of([register[one] for one in ids], layer, hours)
        return why(Speaker("sv"), claims, ids, names, {})

    west = said(Layer.LIKENESS, "fyrbodal", "skaraborg", "alvsborg")
    assert west.startswith("Ni sitter i Barnahus, har kommit i gång och stöder yrkesverksamma")
    without = said(Layer.LIKENESS, "gavleborg", "kronoberg", "norrbotten")
    assert "stöder yrkesverksamma och stöder inte våldsutsatta." in without
    beginner = said(Layer.EXPERIENCE, "jonkoping", "kronoberg", "skaraborg")
    assert beginner.startswith(
        "Kronoberg och Västra Götaland – Skaraborg sitter i Barnahus, dit Jönköping är på väg."
    )
    undecided = said(Layer.LIKENESS, "jonkoping", "uppsala", "vasternorrland")
    assert "Barnahus" not in undecided
    assert "samma" not in undecided
    assert "grannar" not in said(Layer.NEARNESS, "kronoberg", "skane", "alvsborg")


def test_a_circle_of_which_nothing_is_known_says_so() -> None:
    unknown = [Rc(id=one, name=one, county_code="01") for one in ("a", "b")]
    assert claims_of(unknown, Layer.LIKENESS, hours) == ()
    said = why(Speaker("sv"), (), ["a", "b"], {"a": "A", "b": "B"}, {})
    assert said == "Vi vet för lite om er för att kunna säga varför."


@pytest.mark.parametrize("seed", range(100))
def test_what_tells_one_apart_and_who_is_nearest_is_true_of_both(seed: int) -> None:
    chance = random.Random(seed)
    circle = {rc.id: rc for rc in (random_rc(chance, number) for number in range(5))}
    for rc in circle.values():
        told = unlike(rc, circle.values())
        for claim in told:
            assert claim.members[0] == rc.id
            assert is_true(claim, circle, {}), claim
        names = {one: f"Län {one}" for one in circle}
        said = unlike_said(Speaker("sv"), told, names)
        assert names[rc.id] not in said
        assert {one for one, name in names.items() if name in said} == {
            claim.members[1] for claim in told
        }
        near = nearest(rc, circle.values(), hours)
        reached = [
            hours(seat(rc), seat(other))
            for other in circle.values()
            if other is not rc and other.seat_lat is not None
        ]
        if rc.seat_lat is None or not reached:
            assert near is None
        else:
            assert near is not None
            assert near.value == round(min(reached), 1)
