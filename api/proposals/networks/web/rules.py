"""The rules of a matching that most never need, in its form: what each circle has, shares, and who leads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from api.availability.free import AnsweredPoll
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later
from api.networks.models import Layer
from api.networks.wording import ATTRIBUTES
from api.proposals.networks.building import (
    SIZES,
    Bound,
    Choice,
    CommonWish,
    MeanWish,
    OfAKindWish,
)
from api.proposals.networks.web.words import KINDS
from api.registry.facts import MATCHED

# How many RC of a kind each circle is to have; rows for such rules.
BOUNDS: Mapping[str, str] = {"at_least": later("Minst"), "at_most": later("Högst")}
OF_A_KIND_ROWS = 4
# Facts whose means may be balanced: numbers that people know by their own unit.
BALANCED = ("population", "staff_count")
SHARED = tuple(name for name, how in MATCHED.items() if how.kind == "set")
MOST_IN_COMMON = 5
# No circle's mean of people or posts is farther from everybody's.
LARGEST_MEAN = 20_000_000.0
MOST_CIRCLES = 500
_FROM_THE_LIST = later("Välj ett av valen i listan.")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule about each circle of a layer, as chosen so far: its kind of RC or fact, and its number."""

    field: str
    which: str
    count: str
    layer: str
    bound: str = ""


@dataclass(frozen=True, slots=True)
class RulesForm:
    """The rules that may be chosen, as they stand now."""

    bounds: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    of_a_kind: tuple[RuleLine, ...]
    means: tuple[tuple[str, str], ...]
    mean: RuleLine
    shared: tuple[tuple[str, str], ...]
    common: RuleLine
    polls: tuple[tuple[str, str], ...]
    poll: RuleLine
    leaders: tuple[str, ...]
    leaders_layer: str
    numbers: Mapping[str, str]

    @property
    def is_chosen(self) -> bool:
        """Whether something is chosen."""
        lines = (*self.of_a_kind, self.mean, self.common, self.poll)
        return bool(self.leaders or any(self.numbers.values()) or any(one.which for one in lines))


def rules_form(
    say: Speaker, posted: FormData | None, polls: Iterable[AnsweredPoll], layers: Iterable[Layer]
) -> RulesForm:
    """Return the rules with nothing chosen, or as they were typed."""

    def typed(name: str, otherwise: str) -> str:
        return otherwise if posted is None else str(posted.get(name, otherwise))

    def line(name: str, count: str = "1") -> RuleLine:
        return RuleLine(
            name,
            typed(f"{name}_which", ""),
            typed(f"{name}_count", count),
            typed(f"{name}_layer", Layer.LIKENESS.value),
            typed(f"{name}_bound", "at_least"),
        )

    def called(fact: str) -> str:
        said = say.text(ATTRIBUTES[fact][0])
        return f"{said[:1].upper()}{said[1:]}"

    return RulesForm(
        bounds=tuple((key, say.text(words)) for key, words in BOUNDS.items()),
        kinds=tuple(
            (f"{what}:{value}", f"{called(what)}: {say.text(words)}")
            for (what, value), words in KINDS.items()
        ),
        of_a_kind=tuple(line(f"kind_{number}") for number in range(1, OF_A_KIND_ROWS + 1)),
        means=tuple((fact, called(fact)) for fact in BALANCED),
        mean=line("mean", ""),
        shared=tuple((fact, called(fact)) for fact in SHARED),
        common=line("common"),
        polls=tuple(
            (
                one.poll.id,
                say.text(
                    "%(theme)s (%(number)s RC har svarat)",
                    theme=one.poll.theme,
                    number=one.answered,
                ),
            )
            for one in polls
        ),
        poll=line("poll"),
        leaders=tuple(str(one) for one in posted.getlist("leaders")) if posted else (),
        leaders_layer=typed("leaders_layer", Layer.LIKENESS.value),
        numbers={kind.value: typed(f"number_{kind.value}", "") for kind in layers},
    )


def rule_fields(choice: Choice) -> list[tuple[str, str]]:
    """Return the rules of a choice as the form's fields, so that they can be changed."""
    lines: list[tuple[str, str, str, str]] = []  # name, which, count, layer
    fields: list[tuple[str, str]] = []
    for number, kind in enumerate(choice.of_a_kind[:OF_A_KIND_ROWS], 1):
        which, name = f"{kind.attribute}:{kind.value}", f"kind_{number}"
        lines.append((name, which, str(kind.count), kind.layer.value))
        fields.append((f"{name}_bound", kind.bound))
    for mean in choice.balanced:
        within = int(mean.within) if mean.within.is_integer() else mean.within
        lines.append(("mean", mean.attribute, str(within), mean.layer.value))
    lines += [
        ("common", one.attribute, str(one.count), one.layer.value) for one in choice.in_common
    ]
    if choice.poll:
        lines.append(("poll", choice.poll, "", choice.meeting_layer.value))
    for name, which, count, layer in lines:
        fields += [(f"{name}_which", which), (f"{name}_count", count), (f"{name}_layer", layer)]
    for layer_led, leaders in choice.leaders.items():
        fields += [("leaders_layer", layer_led.value), *(("leaders", one) for one in leaders)]
    fields += [(f"number_{kind.value}", str(number)) for kind, number in choice.numbers.items()]
    return fields


def read_rules(
    form: FormData,
    layers: tuple[Layer, ...],
    known: Mapping[str, str],
    polls: Iterable[str],
    faults: list[FieldFault],
) -> dict[str, Any]:
    """Read the rules as fields of a `Choice`; of a row in which nothing is chosen nothing is asked.

    known: RC id -> name. polls: ids of those that have been answered.
    """
    read = _Reading(form, layers, faults)
    mean, common = read.line("mean", BALANCED), read.line("common", SHARED)
    found: dict[str, Any] = {
        "of_a_kind": read.of_a_kind(),
        "leaders": read.leaders(known),
        "numbers": read.numbers(),
        "balanced": tuple(MeanWish(layer, fact, read.within()) for fact, layer in mean),
        "in_common": tuple(
            CommonWish(layer, fact, read.count("common_count", MOST_IN_COMMON))
            for fact, layer in common
        ),
    }
    found |= {"poll": "", "meeting_layer": Layer.LIKENESS}
    for poll, layer in read.line("poll", tuple(polls)):
        found |= {"poll": poll, "meeting_layer": layer}
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    """A posted form, the kinds of circles that are to be made, and the faults found so far."""

    form: FormData
    layers: tuple[Layer, ...]
    faults: list[FieldFault]

    def line(self, name: str, known: tuple[str, ...]) -> list[tuple[str, Layer]]:
        """Read what a row is about and of which circles; nothing where none is chosen or one is wrong."""
        which = str(self.form.get(f"{name}_which", ""))
        if not which:
            return []
        if which not in known:
            self.faults.append(FieldFault(f"{name}_which", _FROM_THE_LIST))
            return []
        layer = layer_of(self.form, f"{name}_layer", self.layers, self.faults)
        return [] if layer is None else [(which, layer)]

    def count(self, name: str, most: int) -> int:
        """Read a choice of 1 to `most`."""
        text = str(self.form.get(name, ""))
        if text not in map(str, range(1, most + 1)):
            self.faults.append(FieldFault(name, _FROM_THE_LIST))
            return 1
        return int(text)

    def within(self) -> float:
        """Read how far a mean may be from everybody's, in the fact's own unit."""
        text = "".join(str(self.form.get("mean_count", "")).split()).replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= LARGEST_MEAN:
            self.faults.append(
                FieldFault("mean_count", "Skriv hur långt medelvärdet får vara från allas.")
            )
            return 0.0
        return value

    def numbers(self) -> dict[Layer, int]:
        """Read how many circles there are to be of each kind."""
        found = {}
        for layer in self.layers:
            text = str(self.form.get(f"number_{layer.value}", "")).strip()
            if text.isdecimal() and 1 <= int(text[:9]) <= MOST_CIRCLES:
                found[layer] = int(text)
            elif text:
                self.faults.append(
                    FieldFault(f"number_{layer.value}", "Skriv ett helt tal, eller inget.")
                )
        return found

    def of_a_kind(self) -> tuple[OfAKindWish, ...]:
        """Read the rows of kinds."""
        found = []
        kinds = tuple(f"{what}:{value}" for what, value in KINDS)
        for name in (f"kind_{number}" for number in range(1, OF_A_KIND_ROWS + 1)):
            bound: Bound = "at_most" if self.form.get(f"{name}_bound") == "at_most" else "at_least"
            for which, layer in self.line(name, kinds):
                what, _, value = which.partition(":")
                count = self.count(f"{name}_count", SIZES[1])
                found.append(OfAKindWish(bound, layer, what, value, count))
        return tuple(found)

    def leaders(self, known: Mapping[str, str]) -> dict[Layer, tuple[str, ...]]:
        """Read who leads the circles of a layer; with nobody ticked nothing is asked for."""
        chosen = tuple(dict.fromkeys(str(one) for one in self.form.getlist("leaders")))
        if not chosen:
            return {}
        layer = layer_of(self.form, "leaders_layer", self.layers, self.faults)
        if not known.keys() >= {*chosen}:
            self.faults.append(FieldFault("leaders", "Välj bland de RC som finns."))
        return {} if layer is None else {layer: chosen}


def layer_of(
    form: FormData, name: str, layers: tuple[Layer, ...], faults: list[FieldFault]
) -> Layer | None:
    """Read which of the kinds of circles that are to be made a rule is about."""
    where = str(form.get(name, Layer.LIKENESS.value))
    layer = next((one for one in layers if one.value == where), None)
    if layer is None:
        faults.append(FieldFault(name, "Välj ett slags krets som ska räknas fram."))
    return layer
