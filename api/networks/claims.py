"""What can be said of a circle, as claims: a fact, its value, and the RC of whom it is true.

A claim is read off the register's own values, never off averages of differences. What is unknown,
undecided, planned without being decided, or not in operation is never called the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from api.networks.models import Layer
from api.registry.ahead import NOT_YET, SUPPORTS, is_only_likely, model_ahead, model_today
from api.registry.facts import seat_of
from api.registry.models import FundingStatus, PhaseBand, Rc, Support
from matcher.geo import great_circle_km

ClaimKind = Literal["same", "near", "ahead", "offers", "alike_size", "differs"]
Place: TypeAlias = tuple[float, float]
Hours: TypeAlias = Callable[[Place, Place], float]
# What of each RC may be called the same as another's: RC, attribute, value.
Facts: TypeAlias = Mapping[str, Mapping[str, str]]

# Nobody calls what takes longer than this from door to door near.
NEAR_HOURS = 3.5
# Two sizes are alike when neither is more than this many times the other.
ALIKE_FACTOR = 1.5
LEAST, MOST = 3, 6
# How much a claim says about why these RC should meet, by the kind of circle; high comes first.
_WEIGHT: Mapping[Layer, Mapping[ClaimKind, int]] = {
    Layer.LIKENESS: {"same": 5, "alike_size": 4, "offers": 3, "ahead": 2, "near": 1, "differs": 0},
    Layer.NEARNESS: {"near": 5, "same": 4, "ahead": 3, "offers": 2, "alike_size": 1, "differs": 0},
    Layer.EXPERIENCE: {"ahead": 5, "offers": 4, "same": 3, "near": 2, "alike_size": 1, "differs": 0},
}  # fmt: skip
_FACTS = (
    "model",
    "phase_band",
    "km",
    "hours",
    *SUPPORTS,
    "digital_only",
    "funding_status",
    "population",
    "log10_land_km2",
    "grant_group",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that is true of some RC of a circle.

    `fact` is an attribute of the register as matching sees it, `km` (great circle) or `hours` (door
    to door), or the id of a theme. `same`, `near`, `alike_size` and `differs` are about all members
    named; `ahead` about the first, who has come where the others are going; `offers` about who can
    show a theme, and who seeks it. The value of a distance is the largest among the members, that
    of a size how many times the smallest the largest is. `is_likely`: the others are going there by
    a plan that is likely and not decided.
    """

    claim: ClaimKind
    fact: str
    value: str | float | None
    members: tuple[str, ...]
    is_likely: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the claim as outsiders read it."""
        document: dict[str, object] = {
            "claim": self.claim,
            "fact": self.fact,
            "value": self.value,
            "members": list(self.members),
        }
        return {**document, "likely": True} if self.is_likely else document


@dataclass(frozen=True, slots=True)
class Interests:
    """The themes that an RC has asked for and can show, by id."""

    sought: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()


def claims_of(
    rcs: Iterable[Rc], layer: Layer, hours: Hours, interests: Mapping[str, Interests] | None = None
) -> tuple[Claim, ...]:
    """Return the claims that say best why these RC are in a circle of this kind.

    They are at least three where the register has so many, one of them beyond distance, and every
    member is in one where anything is known of it.
    """
    circle = sorted(rcs, key=lambda rc: rc.id)
    facts = {rc.id: _facts_of(rc) for rc in circle}
    found = [
        *_same(circle, facts),
        *_ahead(circle),
        *_offers(circle, interests or {}),
        *_near(circle, hours),
        *_alike_size(circle),
        *_differs(circle, facts),
    ]
    return _chosen(found, layer, circle)


def widest(rcs: Iterable[Rc], hours: Hours) -> tuple[float | None, float | None]:
    """Return (km, hours) between the two seats farthest apart; None where a seat is not known."""
    seats = [seat_of(rc) for rc in rcs]
    known = [seat for seat in seats if seat is not None]
    if len(known) < len(seats) or len(known) < 2:
        return None, None
    pairs = list(combinations(known, 2))
    return max(great_circle_km(*pair) for pair in pairs), max(hours(*pair) for pair in pairs)


def _is_ahead(rc: Rc) -> bool:
    return rc.phase_band == PhaseBand.OPERATIONAL


def _support(rc: Rc, fact: str) -> str | None:
    """Return whether an RC supports somebody; *no* only of one that is in operation."""
    value = getattr(rc, fact)
    if value == Support.YES or (value == Support.NONE and _is_ahead(rc)):
        return str(value.value)
    return None


def _facts_of(rc: Rc) -> dict[str, str]:
    """Return what of an RC may be called the same as another's, by attribute."""
    facts = {"model": model_today(rc), "phase_band": rc.phase_band.value if rc.phase_band else None}
    facts |= {fact: _support(rc, fact) for fact in SUPPORTS}
    facts["grant_group"] = str(rc.grant_group) if rc.grant_group else None
    secured = rc.funding_status == FundingStatus.SECURED
    facts["funding_status"] = FundingStatus.SECURED.value if secured else None
    facts["digital_only"] = "yes" if rc.digital_only else None
    return {fact: value for fact, value in facts.items() if value is not None}


def _same(circle: Sequence[Rc], facts: Facts) -> list[Claim]:
    sharing: dict[tuple[str, str], list[str]] = {}
    for rc in circle:
        for fact, value in facts[rc.id].items():
            sharing.setdefault((fact, value), []).append(rc.id)
    return [
        Claim("same", fact, value, tuple(ids))
        for (fact, value), ids in sharing.items()
        if len(ids) > 1
    ]


def _ahead(circle: Sequence[Rc]) -> list[Claim]:
    """Who has what others are on their way to: a model, operation, a target group."""
    found = []
    beginners = [rc for rc in circle if rc.phase_band == PhaseBand.PRE_OPERATIONAL]
    for rc in circle if beginners else ():
        if not _is_ahead(rc):
            continue
        model = model_today(rc)
        going_there = [one for one in beginners if model is not None and model_ahead(one) == model]
        for is_likely in (False, True):
            going = tuple(one.id for one in going_there if is_only_likely(one) == is_likely)
            if going:
                found.append(Claim("ahead", "model", model, (rc.id, *going), is_likely))
        ids = tuple(one.id for one in beginners)
        found.append(Claim("ahead", "phase_band", PhaseBand.OPERATIONAL.value, (rc.id, *ids)))
        if rc.funding_status == FundingStatus.SECURED:
            lacking = tuple(one.id for one in beginners if one.funding_status in NOT_YET)
            value = FundingStatus.SECURED.value
            found += [Claim("ahead", "funding_status", value, (rc.id, *lacking))] if lacking else []
        for fact in SUPPORTS:
            going = tuple(one.id for one in beginners if getattr(one, fact) == Support.PLANNED)
            if going and getattr(rc, fact) == Support.YES:
                found.append(Claim("ahead", fact, Support.YES.value, (rc.id, *going)))
    return found


def _offers(circle: Sequence[Rc], interests: Mapping[str, Interests]) -> list[Claim]:
    found = []
    for giver in circle:
        for seeker in circle:
            if giver is seeker:
                continue
            shown = interests.get(giver.id, Interests()).offered | {*giver.can_show}
            themes = shown & interests.get(seeker.id, Interests()).sought
            found += [
                Claim("offers", theme, None, (giver.id, seeker.id)) for theme in sorted(themes)
            ]
    return found


def _near(circle: Sequence[Rc], hours: Hours) -> list[Claim]:
    """The largest part of the circle in which nobody is far from anybody, with km and hours."""
    for size in range(len(circle), 1, -1):
        best: tuple[float, float, tuple[str, ...]] | None = None
        for part in combinations(circle, size):
            km, most = widest(part, hours)
            if km is not None and most is not None and most <= NEAR_HOURS:
                one = (most, km, tuple(rc.id for rc in part))
                best = one if best is None else min(best, one)
        if best is not None:
            most, km, ids = best
            return [
                Claim("near", "km", round(km, 1), ids),
                Claim("near", "hours", round(most, 1), ids),
            ]
    return []


def _alike_size(circle: Sequence[Rc]) -> list[Claim]:
    """The largest part of the circle whose sizes are alike, each size by itself."""
    found = []
    for fact, column in (("population", "population"), ("log10_land_km2", "land_area_km2")):
        known = sorted((getattr(rc, column), rc.id) for rc in circle if getattr(rc, column))
        parts = [
            (last - first, known[first][0] / known[last - 1][0], first, last)
            for first in range(len(known))
            for last in range(first + 2, len(known) + 1)
            if known[last - 1][0] <= ALIKE_FACTOR * known[first][0]
        ]
        if parts:
            *_, first, last = max(parts)
            ratio = round(known[last - 1][0] / known[first][0], 2)
            found.append(
                Claim("alike_size", fact, ratio, tuple(sorted(one for _, one in known[first:last])))
            )
    return found


def _differs(circle: Sequence[Rc], facts: Facts) -> list[Claim]:
    """What is known of several and not alike in any two of them."""
    found = []
    for fact in ("model", "phase_band", *SUPPORTS):
        known = {rc.id: facts[rc.id][fact] for rc in circle if fact in facts[rc.id]}
        if len(known) > 1 and len(set(known.values())) == len(known):
            found.append(Claim("differs", fact, None, tuple(known)))
    return found


def unlike(rc: Rc, circle: Iterable[Rc]) -> tuple[Claim, ...]:
    """Return what is known of an RC and is not so of another in its circle, as claims about the two."""
    own = _facts_of(rc)
    others = {one.id: _facts_of(one) for one in sorted(circle, key=lambda one: one.id)}
    return tuple(
        Claim("differs", fact, None, (rc.id, other))
        for fact in ("model", "phase_band", *SUPPORTS, "grant_group")
        for other, facts in others.items()
        if fact in own and facts.get(fact, own[fact]) != own[fact]
    )


def nearest(rc: Rc, circle: Iterable[Rc], hours: Hours) -> Claim | None:
    """Return who of its circle an RC reaches in the fewest hours; None where no journey is known."""
    seat = seat_of(rc)
    if seat is None:
        return None
    reached = [
        (hours(seat, other), one.id)
        for one in circle
        if one.id != rc.id and (other := seat_of(one)) is not None
    ]
    if not reached:
        return None
    spent, near = min(reached)
    return Claim("near", "hours", round(spent, 1), (rc.id, near))


def _told_once(found: Sequence[Claim]) -> list[Claim]:
    """Leave out what some share where it is what they are ahead or behind in."""
    ahead: dict[tuple[str, str | float | None], set[str]] = {}
    behind: dict[str, set[str]] = {"phase_band": set()}
    for one in found:
        if one.claim == "ahead":
            ahead.setdefault((one.fact, one.value), set()).add(one.members[0])
            behind.get(one.fact, set()).update(one.members[1:])
    return [
        one
        for one in found
        if one.claim != "same"
        or not (
            ahead.get((one.fact, one.value), set()).issuperset(one.members)
            or behind.get(one.fact, set()).issuperset(one.members)
        )
    ]


def _chosen(found: Sequence[Claim], layer: Layer, circle: Sequence[Rc]) -> tuple[Claim, ...]:
    """Choose the claims to make: the weightiest, then those that bring in who is in none."""
    weight = _WEIGHT.get(layer, _WEIGHT[Layer.LIKENESS])

    def rank(claim: Claim) -> tuple[int, int, int]:
        fact = _FACTS.index(claim.fact) if claim.fact in _FACTS else len(_FACTS)
        return -weight[claim.claim], -len(claim.members), fact

    ordered = sorted(_told_once(found), key=rank)
    # A distance is told in km and hours or not at all; what sets apart is told where little else is.
    said = [one for one in ordered if one.claim != "differs"]
    kept = said[:MOST]
    if any(one.claim == "near" for one in kept):
        kept += [one for one in said if one.claim == "near" and one not in kept]
    spare = [one for one in (*said, *ordered) if one not in kept]
    for rc in circle:
        if not any(rc.id in one.members for one in kept):
            more = next((one for one in spare if rc.id in one.members), None)
            kept += [more] if more is not None and more not in kept else []
    beyond = next((one for one in spare if one.claim != "near" and one not in kept), None)
    if beyond is not None and all(one.claim == "near" for one in kept):
        kept.append(beyond)
    for one in spare:
        if len(kept) >= LEAST:
            break
        if one not in kept:
            kept.append(one)
    return tuple(kept)
