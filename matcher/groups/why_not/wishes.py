"""Every wish of a problem by its one name and a sentence, and the problem without it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from matcher.groups.model.layer import Group, Layer, Member
from matcher.groups.model.problem import Problem


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for: the rule's name, a sentence, and how to take it back."""

    rule: str
    sentence: str
    without: Callable[[Problem], Problem]


def wishes(problem: Problem, *, is_layer_named: bool = False) -> tuple[Wish, ...]:
    """Return every wish that can make a problem impossible, sizes apart.

    Sentences name their layer where there are several, or where asked to.
    An opt-out is none: it is a right, and the problem is that of those who take part.
    """
    found: list[Wish] = []
    for place, layer in enumerate(problem.layers):
        where = f" in {layer.name}" if is_layer_named or len(problem.layers) > 1 else ""
        found += _of_layer(problem, place, layer, where)
    found += _of_members(problem)
    if problem.giver_cap is not None and any(layer.is_experience for layer in problem.layers):
        sentence = f"giver_cap: nobody is asked by more than {problem.giver_cap}"
        found.append(Wish("giver_cap", sentence, lambda given: replace(given, giver_cap=None)))
    return tuple(found)


def group_sentence(problem: Problem, rule: str, group: Group) -> str:
    """Say who is to share a network, or not to."""
    return f"{rule}: {', '.join(problem.members[number].id for number in group)}"


def _of_layer(problem: Problem, place: int, layer: Layer, where: str) -> Iterator[Wish]:
    members = set(problem.participants(layer))
    for rule, groups in (("together", layer.together), ("apart", layer.apart)):
        for place_of, group in enumerate(groups):
            # The same members in another order are the same wish.
            is_new = all(set(group) != set(earlier) for earlier in groups[:place_of])
            if is_new and len(members.intersection(group)) > 1:
                sentence = group_sentence(problem, rule, group) + where
                yield Wish(rule, sentence, _changed(place, rule, group))
    if layer.operational_in_each:
        sentence = f"operational_in_each: {layer.operational_in_each} in each network{where}"
        yield Wish(
            "operational_in_each",
            sentence,
            _set(place, lambda it: replace(it, operational_in_each=0)),
        )
    if layer.is_one_per_body:
        sentence = f"one_per_body: no two members of one body in a network{where}"
        yield Wish(
            "one_per_body", sentence, _set(place, lambda it: replace(it, is_one_per_body=False))
        )
    if layer.longest_travel is not None and layer.longest_travel.otherwise == "never":
        sentence = f"longest_travel: {layer.longest_travel.km:g} km at most in {layer.name}"
        yield Wish(
            "longest_travel", sentence, _set(place, lambda it: replace(it, longest_travel=None))
        )


def _of_members(problem: Problem) -> Iterator[Wish]:
    for number, member in enumerate(problem.members):
        if problem.networks_of(number) < len(problem.open_layers(number)):
            sentence = f"most_networks: {member.id} in {member.most_networks}"
            yield Wish(
                "most_networks",
                sentence,
                _member(number, lambda it: replace(it, most_networks=None)),
            )
        if member.most_asked is not None and member.is_operational:
            sentence = f"giver_cap: {member.id} is asked by {member.most_asked} at most"
            # Without a cap of its own a member would come under everybody's.
            none = len(problem.members) * len(problem.layers)
            yield Wish("giver_cap", sentence, _capped(number, none))


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
