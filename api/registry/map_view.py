"""RC as pictures on a page: the map of Sweden, and what a chip shows of one RC."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from api.kit.i18n import Speaker
from api.registry.facts import seat_of
from api.registry.models import AreaScope, PhaseBand, Rc
from api.registry.reference import counties, sweden_map
from api.registry.vocabulary import MODELS, phase_in_words

_CLASSES = {PhaseBand.PRE_OPERATIONAL: "pre", PhaseBand.OPERATIONAL: "op", None: "unknown-band"}


@dataclass(frozen=True, slots=True)
class Outline:
    """An area: its SVG path and its class, pre or op or empty."""

    path: str
    kind: str
    rc_id: str = ""  # whose it is, where an RC covers it


@dataclass(frozen=True, slots=True)
class Seat:
    """An RC's seat on the map, with the number that the table beside repeats."""

    x: float
    y: float
    number: int
    rc_id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """A line between two seats."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class MapView:
    """Everything that the map macro draws."""

    view_box: str
    counties: tuple[Outline, ...]
    areas: tuple[Outline, ...]
    seats: tuple[Seat, ...]
    ties: tuple[Tie, ...]
    attribution: str
    spot: tuple[float, float] | None = None


def map_of(
    rcs: Iterable[Rc],
    chosen: Collection[str] = (),
    ties: Iterable[tuple[str, str]] = (),
    kinds: Mapping[str, str] | None = None,
    spot: tuple[float, float] | None = None,
) -> MapView:
    """Return the map of these RC, numbered in their order; `ties` are pairs of keys to join by a line.

    `kinds` gives each RC's area another class than its phase; `spot` is a (latitude, longitude) to mark.
    """
    drawn = sweden_map()
    numbered = list(enumerate(rcs, start=1))
    whole = {rc.county_code: rc for _, rc in numbered if rc.area_scope in {AreaScope.COUNTY, None}}
    seats = tuple(
        Seat(*drawn.point(*place), number, rc.id, rc.name, rc.id in chosen)
        for number, rc in numbered
        if (place := seat_of(rc)) is not None
    )
    points = {seat.rc_id: (seat.x, seat.y) for seat in seats}
    return MapView(
        view_box=" ".join(map(str, drawn.view_box)),
        counties=tuple(
            Outline(
                drawn.counties[code], _kind(whole.get(code), chosen, kinds), _id(whole.get(code))
            )
            for code in counties()
        ),
        areas=tuple(
            Outline(drawn.areas[rc.id], _kind(rc, chosen, kinds), rc.id)
            for _, rc in numbered
            if rc.id in drawn.areas and rc.area_scope != AreaScope.COUNTY
        ),
        seats=seats,
        ties=tuple(
            Tie(*points[first], *points[second])
            for first, second in ties
            if first in points and second in points
        ),
        attribution=drawn.attribution,
        spot=drawn.point(*spot) if spot is not None else None,
    )


def _id(rc: Rc | None) -> str:
    return rc.id if rc is not None else ""


def _kind(rc: Rc | None, chosen: Collection[str], kinds: Mapping[str, str] | None) -> str:
    if rc is None:
        return ""
    if kinds is not None:
        return kinds.get(rc.id, "")
    return "chosen" if rc.id in chosen else _CLASSES[rc.phase_band]


def looks_of(say: Speaker, rc: Rc) -> tuple[str, str, str, str]:
    """Return an RC's phase and organisation, each as the chip shows it and in words."""
    band = rc.phase_band
    phase = "" if band is None else _CLASSES[band]
    word = phase_in_words(say, rc.establishment_status)
    model = rc.org_model_current or rc.org_model_planned or ""
    if not model:
        return phase, word, "", ""
    words = say.text(MODELS.get(model, model))
    if not rc.org_model_current:
        words = say.text("planerar: %(model)s", model=words)
    return phase, word, model, words


def signs_of(models: Collection[str], say: Speaker) -> tuple[tuple[str, str], ...]:
    """Return the signs of organisations with their words, in the vocabulary's order."""
    return tuple((model, say.text(words)) for model, words in MODELS.items() if model in models)
