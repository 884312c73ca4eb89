"""The specification of peer networks in plain Python: what a solution breaks and what it costs.

Every rule has one name, used here, in the solver, in tests, in docs/model/groups.md and on the pages.
Nothing here knows how a solution was found; a planner's hand-moved groups are judged alike.
"""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from matcher.geo import great_circle_km
from matcher.groups.model.dissimilarity import Measure, measure
from matcher.groups.model.layer import (
    GEOGRAPHY,
    Attribute,
    Group,
    Layer,
    Networks,
    OfAKind,
    Partition,
    Travel,
)
from matcher.groups.model.problem import Problem
from matcher.groups.model.times import starts
from matcher.proof import Penalty, Violation

Pair = tuple[int, int]


def violations(problem: Problem, networks: Networks) -> tuple[Violation, ...]:
    """Return every hard rule that the networks break, layer by layer."""
    found: list[Violation] = []
    for layer, partition in zip(problem.layers, networks, strict=True):
        for rule in (
            placed,
            sizes,
            together,
            apart,
            one_per_body,
            operational_in_each,
            not_alone,
            at_least,
            at_most,
            balanced,
            standing,
            in_common,
            can_meet,
            leaders,
            number_of_networks,
            longest_travel,
        ):
            found += rule(problem, layer, partition)
    found += most_networks(problem, networks)
    found += giver_cap(problem, networks)
    found += each_pair_once(problem, networks)
    return tuple(found)


def cost(problem: Problem, networks: Networks) -> float:
    """Return what the networks cost: dissimilarities of all groups and the price of every wish."""
    total = [penalty.cost for penalty in penalties(problem, networks)]
    for layer, partition in zip(problem.layers, networks, strict=True):
        how = measure(problem, layer)
        total += [layer.weight * group_cost(how, group) for group in partition]
    return math.fsum(total)


def penalties(problem: Problem, networks: Networks) -> tuple[Penalty, ...]:
    """Return every wish that the networks do not grant, with its cost."""
    found: list[Penalty] = []
    for layer, partition in zip(problem.layers, networks, strict=True):
        for rule in (stability, novelty, moved, digital_form, expertise):
            found += rule(problem, layer, partition)
    found += repeated_pair(problem, networks)
    return tuple(found)


def group_cost(how: Measure, group: Group) -> float:
    """Return a group's dissimilarity by its layer's cost function, the layer's weight not counted."""
    pairs = [how.between(first, second) for first, second in combinations(sorted(group), 2)]
    return scale(how.layer, len(group)) * math.fsum(pairs)


def scale(layer: Layer, size: int) -> float:
    """Return the factor on the sum of a group's pair dissimilarities."""
    if layer.cost == "pair-sum":
        return 1.0
    if layer.cost == "sse":
        return 1.0 / size
    return 2.0 / (size - 1) if size > 1 else 0.0


def member_cost(how: Measure, group: Group, member: int) -> float:
    """Return a member's mean dissimilarity to the others of its group."""
    others = [how.between(member, other) for other in group if other != member]
    return math.fsum(others) / len(others) if others else 0.0


def member_costs(problem: Problem, networks: Networks) -> tuple[float, ...]:
    """Return the mean dissimilarity of every member in every layer, worst first: what leximin compares."""
    costs = []
    for layer, partition in zip(problem.layers, networks, strict=True):
        how = measure(problem, layer)
        costs += [member_cost(how, group, member) for group in partition for member in group]
    return tuple(sorted(costs, reverse=True))


def placed(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Each member is in at most one network of a layer, and only in layers open to it (opt-out, role)."""
    seats = Counter(member for group in partition for member in group)
    allowed = set(problem.participants(layer))
    for member, count in seats.items():
        name = problem.members[member].id
        if count > 1:
            yield Violation(
                "placed", (name,), f"{name} is in {count} networks of {layer.name}", layer.name
            )
        if member not in allowed:
            reason = "opted out of" if layer.name in problem.members[member].opt_out else "not in"
            yield Violation("opt_out", (name,), f"{name} has {reason} {layer.name}", layer.name)


def sizes(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Each network has from `smallest` to `largest` members."""
    for group in partition:
        if not layer.smallest <= len(group) <= layer.largest:
            message = f"{len(group)} members; {layer.smallest} to {layer.largest} are allowed"
            yield Violation("sizes", problem.ids(group), f"{layer.name}: {message}", layer.name)


def together(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Members that are to be together share a network, or are all left out of the layer."""
    seat = _seats(partition)
    open_to = set(problem.participants(layer))
    for group in layer.together:
        members = [member for member in group if member in open_to]
        if len({seat.get(member) for member in members}) > 1:
            names = problem.ids(tuple(members))
            yield Violation(
                "together", names, f"{layer.name}: {_listed(names)} are not together", layer.name
            )


def apart(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Members that are to be apart are in different networks."""
    seat = _seats(partition)
    for group in layer.apart:
        for first, second in combinations(group, 2):
            if first in seat and seat[first] == seat.get(second):
                names = problem.ids((first, second))
                yield Violation(
                    "apart", names, f"{layer.name}: {_listed(names)} are together", layer.name
                )


def one_per_body(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """No network holds two members of one body."""
    if not layer.is_one_per_body:
        return
    for group in partition:
        for first, second in combinations(sorted(group), 2):
            body = problem.members[first].body
            if body and body == problem.members[second].body:
                names = problem.ids((first, second))
                message = f"{layer.name}: {_listed(names)} both belong to {body}"
                yield Violation("one_per_body", names, message, layer.name)


def operational_in_each(
    problem: Problem, layer: Layer, partition: Partition
) -> Iterator[Violation]:
    """Each network has at least so many operational members."""
    for group in partition:
        count = sum(problem.members[member].is_operational is True for member in group)
        if count < layer.operational_in_each:
            message = f"{count} operational; at least {layer.operational_in_each} are needed"
            yield Violation(
                "operational_in_each", problem.ids(group), f"{layer.name}: {message}", layer.name
            )


def not_alone(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Nobody is the only one of a kind in its network, by each attribute that the layer names.

    A kind that one alone in the layer has, and an unknown value, ask for nothing.
    """
    for attribute in problem.attributes:
        if attribute.name not in layer.not_alone:
            continue
        everybody = Counter(attribute.values[member] for member in problem.participants(layer))
        for group in partition:
            there = Counter(attribute.values[member] for member in group)
            for member in group:
                kind = attribute.values[member]
                if kind is not None and there[kind] == 1 < everybody[kind]:
                    name = problem.members[member].id
                    message = f"{layer.name}: {name} is the only one with {attribute.name} {kind}"
                    yield Violation("not_alone", (name,), message, layer.name)


def at_least(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Each network has so many members or more with each value that is named."""
    for wish in dict.fromkeys(layer.at_least):
        for group in partition:
            count = of_a_kind(problem, wish, group)
            if count < wish.count:
                message = f"{count} with {wish.attribute} {wish.value}; at least {wish.count}"
                yield Violation(
                    "at_least", problem.ids(group), f"{layer.name}: {message}", layer.name
                )


def at_most(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """No network has more members with a value than is named for it."""
    for wish in dict.fromkeys(layer.at_most):
        for group in partition:
            count = of_a_kind(problem, wish, group)
            if count > wish.count:
                message = f"{count} with {wish.attribute} {wish.value}; {wish.count} at most"
                yield Violation(
                    "at_most", problem.ids(group), f"{layer.name}: {message}", layer.name
                )


def balanced(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """The mean of a number in a network is near everybody's; who is unknown counts in neither."""
    for wish in dict.fromkeys(layer.balanced):
        middle = mean_known(problem, wish.attribute, problem.participants(layer))
        for group in partition:
            mean = mean_known(problem, wish.attribute, group)
            if mean is None or middle is None:
                continue
            if abs(mean - middle) > wish.within + rounding(middle):
                message = f"{wish.attribute} is {mean:g} on the mean, everybody's {middle:g}"
                yield Violation(
                    "balanced", problem.ids(group), f"{layer.name}: {message}", layer.name
                )


def standing(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """What is left of each network of the newest round shares a network, and no two of them share one."""
    if not layer.standing:
        return
    seat = _seats(partition)
    own = standing_networks(problem, layer)
    for group in own:
        if len({seat.get(member) for member in group}) > 1:
            names = problem.ids(group)
            message = f"{layer.name}: {_listed(names)} were in one network and are not"
            yield Violation("standing", names, message, layer.name)
    for one, other in combinations(own, 2):
        both = {seat.get(member) for member in one} & {seat.get(member) for member in other}
        if both - {None}:
            names = problem.ids((*one, *other))
            message = f"{layer.name}: {_listed(names)} were in two networks and share one"
            yield Violation("standing", names, message, layer.name)


def left_of_newest(problem: Problem, layer: Layer) -> tuple[Group, ...]:
    """Return the networks of the newest round, without who has left or does not take part."""
    open_to = set(problem.participants(layer))
    newest = layer.history[0] if layer.history else ()
    left = (tuple(member for member in group if member in open_to) for group in newest)
    return tuple(group for group in left if group)


def standing_networks(problem: Problem, layer: Layer) -> tuple[Group, ...]:
    """Return the networks of the newest round of whom two or more are left."""
    return tuple(group for group in left_of_newest(problem, layer) if len(group) > 1)


def in_common(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """All members of a network share so many values of a set; who is unknown is not asked."""
    for wish in dict.fromkeys(layer.in_common):
        for group in partition:
            held = shared(problem, wish.attribute, group)
            if held is not None and len(held) < wish.count:
                message = f"{len(held)} of {wish.attribute} in common; at least {wish.count}"
                yield Violation(
                    "in_common", problem.ids(group), f"{layer.name}: {message}", layer.name
                )


def can_meet(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """All members of a network are free for so many minutes in a row; who is unknown is not asked."""
    for wish in dict.fromkeys(layer.can_meet):
        for group in partition:
            free = shared(problem, wish.attribute, group)
            if wish.minutes and free is not None and not starts(free, wish.minutes):
                message = f"no {wish.minutes} minutes of {wish.attribute} in common"
                yield Violation(
                    "can_meet", problem.ids(group), f"{layer.name}: {message}", layer.name
                )


def shared(problem: Problem, attribute: str, group: Group) -> frozenset[str] | None:
    """Return what the sets of all members of whom they are known hold; None where no set is known."""
    values = problem.attribute(attribute).values
    known = [value for member in group if isinstance(value := values[member], frozenset)]
    return frozenset.intersection(*known) if known else None


def leaders(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """Each network has exactly one of the leaders who take part; without any there is no rule."""
    own = set(layer.leaders) & set(problem.participants(layer))
    for group in partition if layer.leaders else ():
        count = len(own.intersection(group))
        if count != 1:
            message = f"{layer.name}: {count} leaders; one in each network"
            yield Violation("leaders", problem.ids(group), message, layer.name)


def number_of_networks(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """There are no fewer and no more networks than asked for."""
    del problem
    if layer.number_of_networks is None:
        return
    least, most = layer.number_of_networks
    if not least <= len(partition) <= most:
        message = f"{layer.name}: {len(partition)} networks; {least} to {most} are asked for"
        yield Violation("number_of_networks", (), message, layer.name)


def mean_known(problem: Problem, attribute: str, group: Group) -> float | None:
    """Return the mean of a number over the members of whom it is known; None where it is of nobody."""
    values = problem.attribute(attribute).values
    known = [float(v) for m in group if isinstance(v := values[m], int | float)]
    return math.fsum(known) / len(known) if known else None


def rounding(middle: float) -> float:
    """Return how much two ways to reckon a mean may differ."""
    return 1e-9 * max(1.0, abs(middle))


def of_a_kind(problem: Problem, wish: OfAKind, group: Group) -> int:
    """Count the members of a group that have the value of a wish; who is unknown has it not."""
    values = problem.attribute(wish.attribute).values
    return sum(
        wish.value in own if isinstance(own := values[member], frozenset) else own == wish.value
        for member in group
    )


def longest_travel(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Violation]:
    """No two members of a network that must meet in person live farther apart than the limit."""
    travel = layer.longest_travel
    if travel is None or travel.otherwise == "digital":
        return
    for group in partition:
        km = width_km(problem, group)
        if km > travel.km:
            message = f"{layer.name}: {km:.0f} km apart; {travel.km:g} at most"
            yield Violation("longest_travel", problem.ids(group), message, layer.name)


def most_networks(problem: Problem, networks: Networks) -> Iterator[Violation]:
    """A member is in every layer open to it, or in exactly as many as its own limit allows."""
    seats = Counter(
        member for partition in networks for group in partition for member in set(group)
    )
    for number, member in enumerate(problem.members):
        due = problem.networks_of(number)
        if seats[number] != due:
            message = f"{member.id} is in {seats[number]} networks; {due} are due"
            yield Violation("most_networks", (member.id,), message)


def giver_cap(problem: Problem, networks: Networks) -> Iterator[Violation]:
    """No operational member meets more pre-operational ones in layers of experience than its cap."""
    for number, asked in times_asked(problem, networks).items():
        cap = problem.most_asked(number)
        if cap is not None and asked > cap:
            name = problem.members[number].id
            message = f"{name} would be asked by {asked}; {cap} at most"
            yield Violation("giver_cap", (name,), message)


def each_pair_once(problem: Problem, networks: Networks) -> Iterator[Violation]:
    """No two members meet in more than one of the layers, where that is asked for."""
    if problem.each_pair_once:
        counts = Counter(pair for partition in networks for pair in _pairs(partition))
        for pair, count in sorted(counts.items()):
            if count > 1:
                names = problem.ids(pair)
                message = f"{_listed(names)} meet in {count} networks; 1 at most"
                yield Violation("each_pair_once", names, message)


def stability(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Penalty]:
    """Keep what works: each pair of the newest earlier round that is broken costs."""
    if layer.stability > 0.0:
        for pair in sorted(old_pairs(problem, layer) - _pairs(partition)):
            yield Penalty("stability", problem.ids(pair), layer.stability)


def novelty(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Penalty]:
    """Meet new people: each pair that met in the rounds of the horizon costs."""
    if layer.novelty > 0.0:
        for pair in sorted(met_pairs(problem, layer) & _pairs(partition)):
            yield Penalty("novelty", problem.ids(pair), layer.novelty)


def moved(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Penalty]:
    """Change little: each member that is not where its network of the newest round lives on costs.

    It lives on in the network that has more than half of those left of it. Where that is so of several,
    the network carries on the one that most of its members come from, and of those the first.
    """
    if layer.moved <= 0.0:
        return
    before = left_of_newest(problem, layer)
    for group in partition:
        stay = [set(network) & set(group) for network in before]
        lives = [2 * len(own) > len(network) for own, network in zip(stay, before, strict=True)]
        kept = max(
            (own for own, is_so in zip(stay, lives, strict=True) if is_so), key=len, default=set()
        )
        for member in sorted(set().union(*stay) - kept):
            yield Penalty("moved", problem.ids((member,)), layer.moved)


def digital_form(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Penalty]:
    """A network wider than the longest travel meets digitally, which costs for each member."""
    travel = layer.longest_travel
    if travel is not None and travel.otherwise == "digital":
        near = _near(travel)
        for group in partition:
            if _is_too_wide(problem, travel, near, group):
                price = travel.cost * len(group)
                yield Penalty("longest_travel", problem.ids(group), price)


def expertise(problem: Problem, layer: Layer, partition: Partition) -> Iterator[Penalty]:
    """Each expertise that a member seeks and nobody else in its network offers costs."""
    if layer.expertise <= 0.0:
        return
    for group in partition:
        for number in sorted(group):
            member = problem.members[number]
            offers = {
                offer
                for other in group
                if other != number
                for offer in problem.members[other].offers
            }
            for wanted in dict.fromkeys(member.seeks):
                if wanted not in offers:
                    yield Penalty("expertise", (member.id, wanted), layer.expertise)


def repeated_pair(problem: Problem, networks: Networks) -> Iterator[Penalty]:
    """The same pair in several layers costs, once for each layer beyond the first."""
    if problem.repeated_pair > 0.0:
        counts = Counter(pair for partition in networks for pair in _pairs(partition))
        for pair, count in sorted(counts.items()):
            if count > 1:
                price = problem.repeated_pair * (count - 1)
                yield Penalty("repeated_pair", problem.ids(pair), price)


def times_asked(problem: Problem, networks: Networks) -> dict[int, int]:
    """Return how many pre-operational members each operational one meets in layers of experience."""
    asked: Counter[int] = Counter()
    for layer, partition in zip(problem.layers, networks, strict=True):
        if not layer.is_experience:
            continue
        for group in partition:
            known = [problem.members[member].is_operational for member in group]
            askers = known.count(False)
            for member, is_operational in zip(group, known, strict=True):
                if is_operational:
                    asked[member] += askers
    return dict(asked)


def is_digital(problem: Problem, travel: Travel, group: Group) -> bool:
    """Tell whether a network is too wide to meet in person: by its journeys where known, else by km."""
    return _is_too_wide(problem, travel, _near(travel), group)


def _near(travel: Travel) -> set[frozenset[int]] | None:
    """Return the pairs that can meet in person, to be looked up; None where kilometres decide."""
    return None if travel.near is None else {frozenset(pair) for pair in travel.near}


def _is_too_wide(
    problem: Problem, travel: Travel, near: set[frozenset[int]] | None, group: Group
) -> bool:
    if near is None:
        return width_km(problem, group) > travel.km
    return any(frozenset(pair) not in near for pair in combinations(group, 2))


def width_km(problem: Problem, group: Group) -> float:
    """Return the largest great-circle distance within a group; a member of unknown place counts none."""
    places = place_attribute(problem)
    if places is None:
        return 0.0
    known = [places.values[member] for member in group]
    return max(
        (
            great_circle_km(one, other)
            for one, other in combinations([v for v in known if isinstance(v, tuple)], 2)
        ),
        default=0.0,
    )


def place_attribute(problem: Problem) -> Attribute | None:
    """Return where members are: the attribute `geography`, else the first of kind place."""
    places = [attribute for attribute in problem.attributes if attribute.kind == "place"]
    named = [attribute for attribute in places if attribute.name == GEOGRAPHY]
    return next(iter(named + places), None)


def old_pairs(problem: Problem, layer: Layer) -> set[Pair]:
    """Return the pairs of the newest earlier round whose members both take part still."""
    open_to = set(problem.participants(layer))
    newest = layer.history[0] if layer.history else ()
    return {pair for pair in _pairs(newest) if open_to.issuperset(pair)}


def met_pairs(problem: Problem, layer: Layer) -> set[Pair]:
    """Return the pairs that met in the newest `horizon` rounds and both take part still."""
    open_to = set(problem.participants(layer))
    rounds = layer.history if layer.horizon is None else layer.history[: layer.horizon]
    return {pair for earlier in rounds for pair in _pairs(earlier) if open_to.issuperset(pair)}


def _pairs(partition: Partition) -> set[Pair]:
    return {pair for group in partition for pair in combinations(sorted(group), 2)}


def _seats(partition: Partition) -> dict[int, int]:
    return {member: place for place, group in enumerate(partition) for member in group}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)
