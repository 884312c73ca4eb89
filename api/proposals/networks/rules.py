"""The rules about circles that a choice has, each by itself: what it asks, and the choice without it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from api.networks.models import Layer
from api.proposals.networks.building import FREE_TIMES, Choice, Wish
from matcher.requirement import Requirement

# That as few RC as possible change circles: a price, which clashes with nothing.
MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a choice.

    asked: as the engine names it when it clashes, of all kinds of circles where it has no layer. key: what it goes by in
    forms. without: the choice that does not have it.
    """

    asked: Requirement
    key: str
    without: Choice


def rules_of(choice: Choice, minutes: int = 0) -> tuple[Rule, ...]:
    """Return the rules of a choice, in the order of its form. minutes: of a time in common, where one is asked for."""
    return (*_of_all_kinds(choice), *_of_one_kind(choice, minutes))


def without(choice: Choice, key: str) -> Choice:
    """Return the choice without a wish or a rule, by its key; the same where it has none such."""
    rule = next((one for one in rules_of(choice) if one.key == key), None)
    return choice.without(key) if rule is None else rule.without


def key_of(choice: Choice, clashing: Requirement) -> str:
    """Return what takes back one of the requirements that clash: the key of a wish or a rule; empty for none."""
    for wish in choice.wishes:
        if _is_of(clashing, wish):
            return wish.key
    for rule in rules_of(choice):
        asked = rule.asked
        is_named = asked.subjects == clashing.subjects or asked.rule == "leaders"
        if asked.rule == clashing.rule and is_named and _is_in(clashing, asked.layer):
            is_counted = not asked.numbers or asked.numbers == clashing.numbers
            if is_counted or asked.rule == "can_meet":
                return rule.key
    return ""


def _is_of(clashing: Requirement, wish: Wish) -> bool:
    """Tell whether a requirement is what a wish asks; a circle that is kept asks that its RC be together."""
    kind = "together" if wish.kind == "kept" else wish.kind
    is_same = {*wish.rc_ids} == {*clashing.subjects}
    return clashing.rule == kind and is_same and _is_in(clashing, wish.layer.value)


def _is_in(clashing: Requirement, layer: str) -> bool:
    # A layer is named where there are several.
    return not layer or not clashing.layer or layer == clashing.layer


def _of_all_kinds(choice: Choice) -> Iterator[Rule]:
    if choice.is_once:
        yield _rule(Requirement("each_pair_once"), replace(choice, is_once=False))
    if choice.is_standing:
        yield _rule(Requirement("standing"), replace(choice, is_standing=False))
    if choice.moved:
        yield _rule(Requirement(MOVED), replace(choice, moved=0.0))
    for name in choice.not_alone:
        left = tuple(one for one in choice.not_alone if one != name)
        yield _rule(Requirement("not_alone", (name,)), replace(choice, not_alone=left))


def _of_one_kind(choice: Choice, minutes: int) -> Iterator[Rule]:
    for layer, number in choice.numbers.items():
        rest = {kind: each for kind, each in choice.numbers.items() if kind != layer}
        asked = Requirement("number_of_networks", (), (number, number), layer.value)
        yield _rule(asked, replace(choice, numbers=rest))
    for kind in dict.fromkeys(choice.of_a_kind):
        others = tuple(one for one in choice.of_a_kind if one != kind)
        subjects = (kind.attribute, kind.value)
        asked = Requirement(kind.bound, subjects, (kind.count,), kind.layer.value)
        yield _rule(asked, replace(choice, of_a_kind=others))
    for mean in dict.fromkeys(choice.balanced):
        means = tuple(one for one in choice.balanced if one != mean)
        asked = Requirement("balanced", (mean.attribute,), (mean.within,), mean.layer.value)
        yield _rule(asked, replace(choice, balanced=means))
    for common in dict.fromkeys(choice.in_common):
        shared = tuple(one for one in choice.in_common if one != common)
        asked = Requirement("in_common", (common.attribute,), (common.count,), common.layer.value)
        yield _rule(asked, replace(choice, in_common=shared))
    if choice.poll:
        asked = Requirement("can_meet", (FREE_TIMES,), (minutes,), choice.meeting_layer.value)
        yield Rule(asked, "can_meet", replace(choice, poll=""))
    for layer, leaders in choice.leaders.items():
        left_to_lead: dict[Layer, tuple[str, ...]] = {
            kind: ids for kind, ids in choice.leaders.items() if kind != layer
        }
        asked = Requirement("leaders", leaders, layer=layer.value)
        key = f"leaders:{layer.value}"
        yield Rule(asked, key, replace(choice, leaders=left_to_lead))


def _rule(asked: Requirement, without_it: Choice) -> Rule:
    numbers = (f"{number:g}" for number in asked.numbers)
    key = ":".join(("rule", asked.rule, asked.layer, *asked.subjects, *numbers))
    return Rule(asked, key, without_it)
