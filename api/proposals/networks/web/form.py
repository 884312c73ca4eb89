"""The form of a matching: what may be chosen, read into a `Choice`, all at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData, UploadFile

from api.availability.free import AnsweredPoll
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker, later, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals.networks.building import LAYERS, SIZES, Choice, Wish, weights_of
from api.proposals.networks.web.rules import (
    RulesForm,
    layer_of,
    read_rules,
    rule_fields,
    rules_form,
)
from api.proposals.networks.web.words import WEIGHTING_WORDS
from matcher.groups.files.presets import LIKENESS, REPEATED_PAIR, WEIGHTINGS

OWN = "own"
MOST_WEIGHT = 10.0
# Rows for pairs that a planner wants together, and as many for those to keep apart; a form that holds more has more.
ROWS, MOST_ROWS = 3, 60
# Five times the price that only tells equals apart; all presets are still proven in seconds.
AVOIDED = 0.05
# What it costs that the same RC meet in two circles, in words.
REPEATS: tuple[tuple[float, str], ...] = (
    (0.0, later("Gör inget: de får gärna mötas i två kretsar")),
    (REPEATED_PAIR, later("Spelar in bara när annat väger lika")),
    (AVOIDED, later("Undvik: hellre nya RC, även om kretsen passar lite sämre")),
)
NEVER = "never"
ONCE = later("Får inte ske: ingen ska möta samma RC i mer än en krets")
STABILITIES: tuple[tuple[float, str], ...] = (
    (0.0, later("Spelar ingen roll")),
    (0.2, later("Lite: ändra bara när det blir tydligt bättre")),
    (1.0, later("Mycket: ändra så få som möjligt")),
)
# Whether today's circles may be split, and by which fact no RC may be the only one of a kind.
STAYS, FEW = "1", "few"
STANDINGS: Mapping[str, str] = {
    "": later("Ja, när det blir bättre"),
    FEW: later("Ja, men så få RC som möjligt ska byta krets"),
    STAYS: later("Nej, de är kvar och nya RC kommer till dem"),
}
# More than a circle of eight, and the one that an RC leaves, can cost: no likeness is worth a move.
MOVED = 20.0
ALONES: Mapping[str, str] = {
    "": later("Ja"),
    "model": later("Nej, om någon annan RC har samma modell"),
    "phase_band": later("Nej, om någon annan RC är i samma fas"),
}


@dataclass(frozen=True, slots=True)
class PresetLine:
    """A weighting to choose, with one sentence on what it does."""

    key: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Slider:
    """An attribute of RC and how much it weighs, 0-10."""

    attribute: str
    name: str
    weight: str


@dataclass(frozen=True, slots=True)
class LayerLine:
    """A kind of circle, and the sizes that it may have."""

    key: str
    name: str
    is_chosen: bool
    smallest: str
    largest: str


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two RC to keep together or apart, as chosen so far."""

    field: str
    first: str
    second: str
    layer: str


@dataclass(frozen=True, slots=True)
class MatchingForm:
    """All that may be chosen, as it stands now, and what is wrong with it by field."""

    preset: str
    presets: tuple[PresetLine, ...]
    sliders: tuple[Slider, ...]
    layers: tuple[LayerLine, ...]
    sizes: tuple[int, ...]
    repeats: tuple[tuple[str, str], ...]
    repeated_pair: str
    stabilities: tuple[tuple[str, str], ...]
    stability: str
    standings: tuple[tuple[str, str], ...]
    standing: str
    alones: tuple[tuple[str, str], ...]
    alone: str
    rcs: tuple[tuple[str, str], ...]
    together: tuple[PairLine, ...]
    apart: tuple[PairLine, ...]
    rules: RulesForm
    faults: tuple[FieldFault, ...]


def matching_form(
    say: Speaker,
    names: Mapping[str, str],
    posted: FormData | None = None,
    faults: Iterable[FieldFault] = (),
    polls: Iterable[AnsweredPoll] = (),
) -> MatchingForm:
    """Return the form of a new matching: what RC themselves ask for stands chosen, or what was typed.

    names: RC id -> name. polls: those that circles can be asked to have a time in common by.
    """
    choice = Choice()

    def typed(name: str, otherwise: str) -> str:
        return otherwise if posted is None else str(posted.get(name, otherwise))

    def pair(kind: str, number: int) -> PairLine:
        name = f"{kind}_{number}"
        return PairLine(
            name,
            typed(f"{name}_first", ""),
            typed(f"{name}_second", ""),
            typed(f"{name}_layer", Layer.LIKENESS.value),
        )

    chosen = [str(one) for one in posted.getlist("layers")] if posted else list(choice.layers)
    order = sorted(ATTRIBUTES, key=lambda name: -choice.likeness.get(name, 0.0))
    return MatchingForm(
        preset=typed("preset", choice.preset),
        presets=tuple(
            PresetLine(one.key, *(say.text(words) for words in WEIGHTING_WORDS[one.key]))
            for one in WEIGHTINGS
        ),
        sliders=tuple(
            Slider(
                name,
                say.text(ATTRIBUTES[name][0]),
                typed(f"weight_{name}", f"{choice.likeness.get(name, 0.0):g}"),
            )
            for name in order
        ),
        layers=tuple(
            LayerLine(
                kind.value,
                say.text(LAYER_NAMES[kind]),
                kind.value in chosen,
                *(
                    typed(f"{end}_{kind.value}", str(size))
                    for end, size in zip(("smallest", "largest"), choice.sizes, strict=True)
                ),
            )
            for kind in choice.layers
        ),
        sizes=tuple(range(SIZES[0], SIZES[1] + 1)),
        repeats=(
            *((f"{price:g}", say.text(words)) for price, words in REPEATS),
            (NEVER, say.text(ONCE)),
        ),
        repeated_pair=typed("repeated_pair", f"{choice.repeated_pair:g}"),
        stabilities=tuple((f"{price:g}", say.text(words)) for price, words in STABILITIES),
        stability=typed("stability", f"{choice.stability:g}"),
        standings=tuple((key, say.text(words)) for key, words in STANDINGS.items()),
        standing=typed("standing", ""),
        alones=tuple((key, say.text(words)) for key, words in ALONES.items()),
        alone=typed("alone", ""),
        rcs=tuple(sorted(names.items(), key=lambda one: swedish_order(one[1]))),
        together=tuple(pair("together", number) for number in _rows(posted, "together")),
        apart=tuple(pair("apart", number) for number in _rows(posted, "apart")),
        rules=rules_form(say, posted, polls, choice.layers),
        faults=tuple(faults),
    )


def as_posted(choice: Choice) -> FormData:
    """Return a choice as the form would post it; what has no field there, such as what is locked, is not in it."""
    fields: list[tuple[str, str | UploadFile]] = [
        ("preset", choice.preset or OWN),
        *((f"weight_{name}", f"{choice.likeness.get(name, 0.0):g}") for name in ATTRIBUTES),
        *(("layers", kind.value) for kind in choice.layers),
        ("repeated_pair", NEVER if choice.is_once else f"{choice.repeated_pair:g}"),
        ("stability", f"{choice.stability:g}"),
        ("standing", STAYS if choice.is_standing else FEW if choice.moved else ""),
        ("alone", (*choice.not_alone, "")[0]),
        *rule_fields(choice),
    ]
    for kind in LAYERS:
        sizes = zip(("smallest", "largest"), choice.sizes_of.get(kind, choice.sizes), strict=True)
        fields += [(f"{end}_{kind.value}", str(size)) for end, size in sizes]
    for which in ("together", "apart"):
        pairs = [one for one in choice.wishes if one.kind == which and len(one.rc_ids) == 2]
        for number, wish in enumerate(pairs, 1):
            first, second = wish.rc_ids
            name = f"{which}_{number}"
            fields += [(f"{name}_first", first), (f"{name}_second", second)]
            fields.append((f"{name}_layer", wish.layer.value))
    return FormData(fields)


def read_choice(
    form: FormData,
    known: Mapping[str, str],
    polls: Iterable[AnsweredPoll] = (),
    changed: Choice | None = None,
) -> Choice:
    """Read a posted form; a field that is missing keeps what stood chosen.

    known: the RC that there are, id -> name. polls: those that may be chosen. changed: the choice that the form began
    with, of which what has no field stays.

    Raises:
        FormError: naming each field that cannot be used.
    """
    faults: list[FieldFault] = []
    preset = str(form.get("preset", Choice().preset))
    weighting = next((one for one in WEIGHTINGS if one.key == preset), None)
    likeness = weights_of(weighting.weights) if weighting else {}
    if preset == OWN:
        likeness = _weights(form, faults)
    elif weighting is None:
        faults.append(FieldFault("preset", "Välj ett av valen i listan."))
    layers = tuple(kind for kind in LAYERS if kind.value in form.getlist("layers")) or tuple(LAYERS)
    sizes = _sizes(str(form.get("sizes", "")), "sizes", faults) or (
        LIKENESS.smallest,
        LIKENESS.largest,
    )
    sizes_of = {}
    for kind in LAYERS:
        low, high = (str(form.get(f"{end}_{kind.value}", "")) for end in ("smallest", "largest"))
        own = _sizes(f"{low}-{high}", f"smallest_{kind.value}", faults) if low or high else None
        if own is not None and own != sizes:
            sizes_of[kind] = own
    is_once = form.get("repeated_pair") == NEVER
    standing = _one_of(form, "standing", STANDINGS, faults)
    base = changed or Choice()
    choice = replace(
        base,
        layers=layers,
        preset="" if preset == OWN else preset,
        likeness=likeness or weights_of(LIKENESS.weights),
        sizes=sizes,
        sizes_of=sizes_of,
        stability=_number(form, "stability", LIKENESS.stability, faults),
        repeated_pair=REPEATED_PAIR
        if is_once
        else _number(form, "repeated_pair", REPEATED_PAIR, faults),
        is_once=is_once,
        is_standing=standing == STAYS,
        moved=MOVED if standing == FEW else 0.0,
        not_alone=tuple(filter(None, [_one_of(form, "alone", ALONES, faults)])),
        wishes=tuple(one for one in base.wishes if one.kind == "kept" or len(one.rc_ids) != 2),
        **read_rules(form, layers, known, [one.poll.id for one in polls], faults),
    )
    for wish in _wishes(form, layers, known, faults):
        choice = choice.wished(wish)
    if faults:
        raise FormError(*faults)
    return choice


def _rows(form: FormData | None, kind: str) -> range:
    """Number the rows of pairs that a form has, and one more than are filled."""
    last = 0
    while form and last < MOST_ROWS and f"{kind}_{last + 1}_first" in form:
        last += 1
    is_full = form is not None and bool(form.get(f"{kind}_{last}_first"))
    return range(1, max(ROWS, last + is_full) + 1)


def _weights(form: FormData, faults: list[FieldFault]) -> dict[str, float]:
    weights = {
        name: _number(form, f"weight_{name}", 0.0, faults, MOST_WEIGHT) for name in ATTRIBUTES
    }
    if not any(weights.values()):
        faults.append(FieldFault("preset", "Låt minst en egenskap väga mer än 0."))
    return {name: weight for name, weight in weights.items() if weight}


def _number(
    form: FormData, name: str, otherwise: float, faults: list[FieldFault], most: float = 10.0
) -> float:
    text = str(form.get(name, "")).strip().replace(",", ".")
    if not text:
        return otherwise
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= most:
        faults.append(FieldFault(name, "Skriv ett tal mellan 0 och 10."))
        return otherwise
    return value


def _one_of(form: FormData, name: str, known: Mapping[str, str], faults: list[FieldFault]) -> str:
    value = str(form.get(name, ""))
    if value not in known:
        faults.append(FieldFault(name, "Välj ett av valen i listan."))
        return ""
    return value


def _sizes(text: str, field: str, faults: list[FieldFault]) -> tuple[int, int] | None:
    if not text:
        return None
    parts = text.split("-")
    numbers = sorted(int(part) for part in parts if part.isdecimal() and len(part) < 3)
    if len(parts) != 2 or len(numbers) != 2 or not SIZES[0] <= numbers[0] <= numbers[1] <= SIZES[1]:
        faults.append(FieldFault(field, "En krets har 2–8 RC."))
        return None
    return numbers[0], numbers[1]


def _wishes(
    form: FormData, layers: tuple[Layer, ...], known: Mapping[str, str], faults: list[FieldFault]
) -> list[Wish]:
    """Read the rows of pairs; a row of which nothing is chosen wishes nothing."""
    found = []
    for kind in ("together", "apart"):
        for number in _rows(form, kind):
            name = f"{kind}_{number}"
            first, second = (str(form.get(f"{name}_{end}", "")) for end in ("first", "second"))
            if not first and not second:
                continue
            if first == second or first not in known or second not in known:
                faults.append(FieldFault(f"{name}_first", "Välj två olika RC."))
            elif layer := layer_of(form, f"{name}_layer", layers, faults):
                pair = tuple(sorted((first, second)))
                found.append(Wish("together" if kind == "together" else "apart", layer, pair))
    return found
