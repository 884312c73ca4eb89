"""Every wish of a problem as a requirement, and the problem without it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from matcher.groups.model.asked import MEMBERS, Asked, Item, Told
from matcher.groups.model.layer import RULES, Group, Layer, Member
from matcher.groups.model.problem import Problem
from matcher.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for, and how to take it back."""

    asked: Requirement
    without: Callable[[Problem], Problem]


def wishes(problem: Problem, *, is_layer_named: bool = False) -> tuple[Wish, ...]:
    """Return every wish that can make a problem impossible, sizes apart.

    They name their layer where there are several, or where asked to.
    An opt-out is none: it is a right, and the problem is that of those who take part.
    """
    found: list[Wish] = []
    for place, layer in enumerate(problem.layers):
        where = layer.name if is_layer_named or len(problem.layers) > 1 else ""
        found += _of_layer(problem, place, layer, where)
    found += _of_members(problem)
    if problem.giver_cap is not None and any(layer.is_experience for layer in problem.layers):
        asked = Requirement("giver_cap", numbers=(problem.giver_cap,))
        found.append(Wish(asked, lambda given: replace(given, giver_cap=None)))
    if problem.each_pair_once and len(problem.layers) > 1:
        once = Requirement("each_pair_once")
        found.append(Wish(once, lambda given: replace(given, each_pair_once=False)))
    return tuple(found)


def of_group(problem: Problem, rule: str, group: Group, where: str) -> Requirement:
    """Return who is to share a network, or not to."""
    asked = tuple(problem.members[number].id for number in group)  # in the order of the wish
    return Requirement(rule, asked, layer=where)


def _of_layer(problem: Problem, place: int, layer: Layer, where: str) -> Iterator[Wish]:
    members = set(problem.participants(layer))
    for rule, groups in (("together", layer.together), ("apart", layer.apart)):
        for place_of, group in enumerate(groups):
            # The same members in another order are the same wish.
            is_new = all(set(group) != set(earlier) for earlier in groups[:place_of])
            if is_new and len(members.intersection(group)) > 1:
                asked = of_group(problem, rule, group, where)
                yield Wish(asked, _changed(place, rule, group))
    for one in RULES:
        for told in one.told(layer):
            asked = _requirement(problem, one, told, where)
            yield Wish(asked, _let_go(place, one, told))
    if layer.longest_travel is not None and layer.longest_travel.otherwise == "never":
        yield Wish(
            Requirement("longest_travel", numbers=(layer.longest_travel.km,), layer=layer.name),
            _set(place, lambda it: replace(it, longest_travel=None)),
        )


def _requirement(problem: Problem, rule: Asked, told: Told, where: str) -> Requirement:
    names = told.names
    if rule.kind is MEMBERS:
        names = tuple(problem.members[number].id for number in names)
    n, m = (f"{number:g}" for number in (*told.numbers, 0, 0)[:2])
    said = rule.sentence.format(*names, n=n, m=m, all=", ".join(names))
    note = f"{rule.name}: {said}" + (f" in {where}" if where else "")
    return Requirement(rule.name, names, told.numbers, where, note)


def _let_go(place: int, rule: Asked, told: Told) -> Callable[[Problem], Problem]:
    def change(layer: Layer) -> Layer:
        # One of several wishes may have gone before.
        left: Any = rule.default if rule.item is None else _others(rule.of(layer), told)
        return replace(layer, **{rule.attribute: left})

    return _set(place, change)


def _others(items: tuple[Item, ...], told: Told) -> tuple[Item, ...]:
    said = (told.names, told.numbers)
    return tuple(each for each in items if (each.names, each.numbers) != said)


def _of_members(problem: Problem) -> Iterator[Wish]:
    for number, member in enumerate(problem.members):
        most = member.most_networks
        if most is not None and problem.networks_of(number) < len(problem.open_layers(number)):
            yield Wish(
                Requirement("most_networks", (member.id,), (most,)),
                _member(number, lambda it: replace(it, most_networks=None)),
            )
        if member.most_asked is not None and member.is_operational:
            # Without a cap of its own a member would come under everybody's.
            none = len(problem.members) * len(problem.layers)
            yield Wish(
                Requirement("giver_cap", (member.id,), (member.most_asked,)),
                _capped(number, none),
            )


def _set(place: int, change: Callable[[Layer], Layer]) -> Callable[[Problem], Problem]:
    def without(problem: Problem) -> Problem:
        layers = list(problem.layers)
        layers[place] = change(layers[place])
        return replace(problem, layers=tuple(layers))

    return without


def _changed(place: int, rule: str, group: Group) -> Callable[[Problem], Problem]:
    def kept(groups: tuple[Group, ...]) -> tuple[Group, ...]:
        return tuple(each for each in groups if set(each) != set(group))

    def change(layer: Layer) -> Layer:
        if rule == "together":
            return replace(layer, together=kept(layer.together))
        return replace(layer, apart=kept(layer.apart))

    return _set(place, change)


def _capped(number: int, most: int) -> Callable[[Problem], Problem]:
    return _member(number, lambda it: replace(it, most_asked=most))


def _member(number: int, change: Callable[[Member], Member]) -> Callable[[Problem], Problem]:
    def without(problem: Problem) -> Problem:
        members = list(problem.members)
        members[number] = change(members[number])
        return replace(problem, members=tuple(members))

    return without
