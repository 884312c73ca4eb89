"""What circles are called: a name that people would use, made of what is true of all members, each once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from api.kit.i18n import swedish_order
from api.networks.claims import NEAR_HOURS, Hours
from api.networks.models import Layer
from api.registry.ahead import model_today
from api.registry.facts import seat_of
from api.registry.models import PhaseBand, Rc, Support


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Swedish and English."""

    swedish: str
    english: str


# Counties by SCB's code -> the part of the country that all of them lie in, the smallest first.
REGIONS: tuple[tuple[frozenset[str], Name], ...] = (
    (frozenset({"13", "14"}), Name("i väst", "in the west")),
    (frozenset({"06", "07", "08"}), Name("i Småland", "in Småland")),
    (frozenset({"20", "21"}), Name("i Gävleborg och Dalarna", "in Gävleborg and Dalarna")),
    (frozenset({"01", "03", "04", "18", "19"}), Name("i Mälardalen", "in the Mälaren Valley")),
    (frozenset({"06", "07", "08", "10", "12", "13"}), Name("i syd", "in the south")),
    (frozenset({"01", "03", "04", "05", "09", "18", "19"}), Name("i öst", "in the east")),
    (frozenset({"21", "22", "23", "24", "25"}), Name("i norr", "in the north")),
    (frozenset({"01", "03", "04", "17", "18", "19", "20"}), Name("i Svealand", "in Svealand")),
    (
        frozenset({"05", "06", "07", "08", "09", "10", "12", "13", "14"}),
        Name("i Götaland", "in Götaland"),
    ),
)
MODELS = {
    "barnahus": Name("Barnahus", "Barnahus"),
    "cmv_subactivity": Name("Centrum mot våld", "Centres against violence"),
    "digital_vnr_joint": Name("Digitalt", "Digital"),
    "per_agency_vnr": Name("Hos varje myndighet", "At each agency"),
    "standalone_teams": Name("Egna team", "Teams of their own"),
}
PROFESSIONALS = Name("Stöd till yrkesverksamma", "Support to professionals")
STARTING = Name("På väg att starta", "About to start")
RUNNING = Name("Kommit i gång", "Under way")
# Of a circle of which nothing is true of all: where it is says more than a likeness that is not there.
PLAIN = Name("Krets", "Circle")
NEIGHBOURS = Name("RC", "RCs")
STARTERS = Name("Starthjälp", "Start-up help")
EXPERIENCED = Name("Erfarna RC", "Experienced RCs")
# Beginners are named in the name of their circle up to so many, and all members up to so many.
NAMED, LISTED = 2, 4
# A circle has no more names than so many before they are numbered.
_UNNUMBERED = 8


def circle_names(
    circles: Iterable[tuple[Layer, Sequence[Rc]]], hours: Hours, taken: Collection[str] = ()
) -> list[Name]:
    """Return a name for each circle, no two alike in either language and none that is taken."""
    used = {name.casefold() for name in taken}
    found = []
    for layer, rcs in circles:
        name = next(
            one
            for one in _proposals(layer, rcs, hours)
            if not {one.swedish.casefold(), one.english.casefold()} & used
        )
        used |= {name.swedish.casefold(), name.english.casefold()}
        found.append(name)
    return found


def still_holds(name: Name, layer: Layer, rcs: Sequence[Rc], hours: Hours) -> bool:
    """Tell whether a name is one that would be proposed for these RC by what is true of them today."""
    return name in islice(_proposals(layer, rcs, hours), _UNNUMBERED)


def short(rc: Rc) -> str:
    """Return what an RC is called among RC: *Skaraborg*, not *Västra Götaland – Skaraborg*."""
    return rc.name.split(" – ")[-1]


def _proposals(layer: Layer, rcs: Sequence[Rc], hours: Hours) -> Iterator[Name]:
    """Names for a circle, the best first; each is true of all its members."""
    theme, region, middle = _theme(layer, rcs), _region(rcs), _middle(rcs, hours)
    if layer == Layer.EXPERIENCE:
        beginners = sorted(
            (short(rc) for rc in rcs if rc.phase_band == PhaseBand.PRE_OPERATIONAL),
            key=swedish_order,
        )
        if 0 < len(beginners) <= NAMED:
            yield Name(
                f"{STARTERS.swedish} för {' och '.join(beginners)}",
                f"{STARTERS.english} for {' and '.join(beginners)}",
            )
    if region is not None:
        yield Name(f"{theme.swedish} {region.swedish}", f"{theme.english} {region.english}")
    elif layer == Layer.LIKENESS and theme != PLAIN:
        yield theme
    if middle:
        yield Name(f"{theme.swedish} kring {middle}", f"{theme.english} around {middle}")
    members = sorted((short(rc) for rc in rcs), key=swedish_order)
    if theme == PLAIN and 1 < len(members) <= LISTED:
        first, last = ", ".join(members[:-1]), members[-1]
        yield Name(f"{first} och {last}", f"{first} and {last}")
    listed = ", ".join(members)
    whole = Name(f"{theme.swedish}: {listed}", f"{theme.english}: {listed}")
    yield whole
    for number in count(2):
        yield Name(f"{whole.swedish} ({number})", f"{whole.english} ({number})")


def _theme(layer: Layer, rcs: Sequence[Rc]) -> Name:
    if layer == Layer.NEARNESS:
        return NEIGHBOURS
    begun = {rc.phase_band for rc in rcs}
    if layer == Layer.EXPERIENCE:
        return STARTERS if PhaseBand.PRE_OPERATIONAL in begun else EXPERIENCED
    models = {model_today(rc) for rc in rcs}
    if len(models) == 1 and (model := models.pop()) in MODELS:
        return MODELS[model or ""]
    tests: tuple[tuple[Name, Callable[[Rc], bool]], ...] = (
        (PROFESSIONALS, _only_professionals),
        (STARTING, lambda rc: rc.phase_band == PhaseBand.PRE_OPERATIONAL),
        (RUNNING, lambda rc: rc.phase_band == PhaseBand.OPERATIONAL),
    )
    return next((name for name, holds in tests if all(map(holds, rcs))), PLAIN)


def _only_professionals(rc: Rc) -> bool:
    return (
        rc.phase_band == PhaseBand.OPERATIONAL
        and rc.support_professionals == Support.YES
        and rc.support_exposed_any == Support.NONE
    )


def _region(rcs: Sequence[Rc]) -> Name | None:
    counties = {rc.county_code for rc in rcs}
    return next((name for whole, name in REGIONS if counties <= whole), None)


def _middle(rcs: Sequence[Rc], hours: Hours) -> str:
    """Return the town of the member that the others reach in the fewest hours in all, if all are near it."""
    seats = {rc.id: seat for rc in rcs if rc.seat_city and (seat := seat_of(rc)) is not None}
    towns = {rc.id: rc.seat_city or "" for rc in rcs}
    if not seats:
        return ""
    journeys = {one: [hours(seats[one], other) for other in seats.values()] for one in seats}
    middle = min(journeys, key=lambda one: (sum(journeys[one]), one))
    return towns[middle] if max(journeys[middle]) <= NEAR_HOURS else ""
