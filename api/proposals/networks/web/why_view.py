"""The page that answers why: who is far, where little is known, what else could have been, and what if."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from sqlmodel import Session

from api.kit.i18n import Speaker, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals.models import Proposal
from api.proposals.networks import building as matching
from api.proposals.networks import service
from api.proposals.networks.reasons import Reasons, reasons
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.matrix import Matrix, matrix
from api.proposals.networks.web.words import WEIGHTING_WORDS
from api.registry import queries as registry
from api.registry.vocabulary import VALUES
from matcher.groups.model.dissimilarity import measure
from matcher.groups.model.layer import GEOGRAPHY, Networks
from matcher.groups.model.problem import Problem
from matcher.groups.why.explain import Evidence, evidence

Names = Mapping[str, str]
_Row = TypeVar("_Row")
MOST_MEMBERS = 240  # rows of the tables on one page, of all kinds of circles together
PAGE_SIZE = 100  # rows on each of several pages


@dataclass(frozen=True, slots=True)
class MemberLine:
    """Why one RC is where it is, and the best it could have had."""

    rc_id: str
    name: str
    mates: str
    ties: str
    apart: str
    unknown: str
    is_thin: bool
    far: str
    best: str
    price: str


@dataclass(frozen=True, slots=True)
class LayerStudy:
    """All that is said about one kind of network."""

    key: str
    name: str
    members: tuple[MemberLine, ...]
    steady: tuple[str, ...]
    is_studied: bool
    attributes: tuple[tuple[str, str], ...]
    page_number: int = 1
    last: int = 1


@dataclass(frozen=True, slots=True)
class Alternative:
    """Clearly different networks that cost nearly as little."""

    price: str
    layers: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class WayLine:
    """With whom each RC would be in the first kind of circles, by each ready-made choice."""

    name: str
    mates: tuple[tuple[str, bool], ...]
    """In the order of `ways`, and whether that is as in the proposal."""


@dataclass(frozen=True, slots=True)
class UnknownLine:
    """A fact that is not known, what it could be, and whose circles would then be others."""

    rc_id: str
    text: str
    moved: str


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything that the page shows."""

    id: str
    title: str
    is_studied: bool
    is_outdated: bool
    job_id: str | None
    layers: tuple[LayerStudy, ...]
    alternatives: tuple[Alternative, ...]
    rcs: tuple[tuple[str, str], ...]
    heat: Matrix | None
    heat_layer: str
    ways: tuple[str, ...] = ()
    way_lines: tuple[WayLine, ...] = ()
    unknown: tuple[UnknownLine, ...] = ()
    shown: tuple[LayerStudy, ...] = ()
    """Whose tables stand on this page: all, or the chosen one where there are too many RC."""
    other_layers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """A page of a long list; one page of everything where it is short."""

    number: int = 1
    last: int = 1

    @classmethod
    def of(cls, rows: int, number: int) -> Self:
        """Return a page of so many rows, the nearest one to the number asked for."""
        last = max(1, math.ceil(rows / PAGE_SIZE))
        return cls(min(max(1, number), last), last)

    def stretch(self, rows: Sequence[_Row]) -> Sequence[_Row]:
        """Return this page's rows."""
        if self.last == 1:
            return rows
        return rows[(self.number - 1) * PAGE_SIZE : self.number * PAGE_SIZE]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a planner looks at, where there are too many RC for one page or one picture."""

    layer: str = ""
    page_number: int = 1
    rc: int = 1  # the RC of the picture, by its number


def study_page(
    session: Session, proposal: Proposal, say: Speaker, looked: Looked = Looked()
) -> StudyPage:
    """Return the page; what takes long is there once its job has found it.

    Raises:
        ConflictError: when the engine has not answered yet.
    """
    groups = service.groups_in(proposal)
    problem = NETWORKS.problem_of(proposal)
    networks = matching.networks_of(problem, groups)
    names = names_of(session, problem)
    found: dict[str, Any] = json.loads(proposal.study) if proposal.study else {}
    is_current = found.get("networks") == {layer.value: rows for layer, rows in groups.items()}
    studied: dict[str, Any] = {row["layer"]: row for row in found["layers"]} if is_current else {}
    keys = [layer.name for layer in problem.layers]
    is_long = sum(len(group) for layer in networks for group in layer) > MOST_MEMBERS
    wanted = looked.layer if looked.layer in keys else keys[0]
    pages = Pages.of(len(problem.members), looked.page_number) if is_long else Pages()
    teller = _Teller(say, reasons(session), problem, networks, names, studied)
    layers = tuple(
        teller.layer(place, pages, is_shown=not is_long or key == wanted)
        for place, key in enumerate(keys)
    )
    shown = tuple(one for one in layers if not is_long or one.key == wanted)
    weighed = next((n for n, layer in enumerate(problem.layers) if layer.weights), None)
    return StudyPage(
        id=proposal.id,
        title=proposal.title,
        is_studied=is_current,
        is_outdated=bool(found) and not is_current,
        job_id=proposal.study_job_id,
        layers=layers,
        alternatives=tuple(
            _alternative(say, one, names, found["objective"])
            for one in (found["alternatives"] if is_current else ())
        ),
        rcs=tuple(sorted(names.items(), key=lambda one: swedish_order(one[1]))),
        heat=None if weighed is None else _heat(say, problem, networks, weighed, names, looked.rc),
        heat_layer="" if weighed is None else layers[weighed].name,
        ways=tuple(
            say.text(WEIGHTING_WORDS[one["key"]][0])
            for one in (found.get("weighed", ()) if is_current else ())
        ),
        way_lines=_ways(say, problem, networks, names, found.get("weighed", []), pages)
        if is_current
        else (),
        unknown=_unknown(say, names, found.get("unknown", [])) if is_current else (),
        shown=shown,
        other_layers=tuple((one.key, one.name) for one in layers if one not in shown),
    )


def names_of(session: Session, problem: Problem) -> dict[str, str]:
    """Return the names of a problem's RC; one that has left the register goes by its id."""
    known = registry.names(session)
    return {member.id: known.get(member.id, member.id) for member in problem.members}


def listed(say: Speaker, ids: list[str] | tuple[str, ...], names: Names) -> str:
    """Return RC by name, in Swedish order."""
    return say.listing(sorted((names.get(one, one) for one in ids), key=swedish_order))


class _Teller:
    """Tells of each RC why it is where it is."""

    def __init__(
        self,
        say: Speaker,
        known: Reasons,
        problem: Problem,
        networks: Networks,
        names: Names,
        studied: dict[str, Any],
    ) -> None:
        self.say, self.known, self.problem, self.networks = say, known, problem, networks
        self.names, self.studied = names, studied

    def layer(self, place: int, pages: Pages, *, is_shown: bool) -> LayerStudy:
        """Return what is said of a kind of circles; of its RC only those that the page shows."""
        say, layer = self.say, self.problem.layers[place]
        studied = self.studied.get(layer.name)
        members: tuple[MemberLine, ...] = ()
        if is_shown:
            best = {row["id"]: row.get("best") for row in studied["members"]} if studied else {}
            seated = sorted(
                (member for group in self.networks[place] for member in group),
                key=lambda one: swedish_order(self.names[self.problem.members[one].id]),
            )
            asked = pages.stretch(seated)
            found = {one.member: one for one in evidence(self.problem, self.networks, place, asked)}
            members = tuple(
                self._member(Layer(layer.name), found[member], best) for member in asked
            )
        return LayerStudy(
            key=layer.name,
            name=say.text(LAYER_NAMES[Layer(layer.name)]),
            members=members,
            steady=tuple(
                listed(say, pair["members"], self.names)
                for pair in (studied["steady"] if studied else ())
            ),
            is_studied=studied is not None,
            attributes=tuple(
                (weight.attribute, say.text(ATTRIBUTES[weight.attribute][0]))
                for weight in layer.weights
            ),
            page_number=pages.number,
            last=pages.last,
        )

    def _member(self, layer: Layer, one: Evidence, best: dict[str, Any]) -> MemberLine:
        say, problem, names = self.say, self.problem, self.names
        rc_id = problem.members[one.member].id
        said = self.known.of_one(say, layer, problem.ids(one.group), rc_id, beside_circle=True)
        mates = [each for each in problem.ids(one.group) if each != rc_id]
        unknown = dict.fromkeys(say.text(ATTRIBUTES[each][0]) for each in one.unknown)
        return MemberLine(
            rc_id=rc_id,
            name=names[rc_id],
            mates=listed(say, mates, names),
            ties=said.ties,
            apart=said.apart,
            unknown=say.listing(unknown),
            is_thin=one.is_thin,
            far=said.far if _weighs_journeys(problem, layer) else "",
            best=_best(say, best.get(rc_id), rc_id, names),
            price=_price(say, best.get(rc_id)),
        )


def _weighs_journeys(problem: Problem, kind: Layer) -> bool:
    return any(
        weight.attribute == GEOGRAPHY and weight.weight
        for layer in problem.layers
        if layer.name == kind.value
        for weight in layer.weights
    )


def _best(say: Speaker, best: dict[str, Any] | None, rc_id: str, names: Names) -> str:
    if best is None:
        return ""
    if best["is_own"]:
        return say.text("Den bästa möjliga.")
    return listed(say, [each for each in best["group"] if each != rc_id], names)


def _price(say: Speaker, best: dict[str, Any] | None) -> str:
    if best is None or best["is_own"]:
        return ""
    if best["cost_to_others"] is None:
        if best["is_impossible"]:
            return say.text("Går inte: då får inte alla andra plats i någon krets.")
        return say.text("Hann inte räknas.")
    if best["cost_to_others"] <= 0.005:
        return say.text("Inget.")
    price = say.number(best["cost_to_others"], 2)
    return say.text(
        "De andras kretsar hade passat sämre: skillnaden ökar med %(price)s.", price=price
    )


def _ways(
    say: Speaker,
    problem: Problem,
    networks: Networks,
    names: Names,
    found: list[dict[str, Any]],
    pages: Pages,
) -> tuple[WayLine, ...]:
    """Return what each ready-made choice would give, RC by RC, in the first kind of circles."""
    layer = problem.layers[0].name
    groups = [[*problem.ids(group)] for group in networks[0]]
    own = {rc: {*group} for group in groups for rc in group}
    ways = [{rc: {*group} for group in one["networks"][layer] for rc in group} for one in found]
    if not ways:
        return ()
    return tuple(
        WayLine(
            names[rc],
            tuple(
                (listed(say, sorted(way.get(rc, set()) - {rc}), names), way.get(rc) == own[rc])
                for way in ways
            ),
        )
        for rc in pages.stretch(sorted(own, key=lambda one: swedish_order(names[one])))
    )


MOST_UNKNOWN = 12


def _unknown(say: Speaker, names: Names, found: list[dict[str, Any]]) -> tuple[UnknownLine, ...]:
    """Return the facts that are not known and would change most, the weightiest first."""
    lines = []
    for one in found[:MOST_UNKNOWN]:
        text = say.text(
            "%(name)s, %(attribute)s: %(value)s",
            name=names.get(one["id"], one["id"]),
            attribute=say.text(ATTRIBUTES[one["attribute"]][0]),
            value=say.text(VALUES.get(one["value"], one["value"])),
        )
        lines.append(UnknownLine(one["id"], text, listed(say, one["moved"], names)))
    return tuple(lines)


def _alternative(say: Speaker, one: dict[str, Any], names: Names, objective: float) -> Alternative:
    percent = say.number(100 * one["cost"] / (abs(objective) or 1.0), 1)
    pairs = say.plural("%(num)s nytt par.", "%(num)s nya par.", one["pairs"])
    price = say.text("%(percent)s procent sämre, %(pairs)s", percent=percent, pairs=pairs)
    layers = tuple(
        (
            say.text(LAYER_NAMES[Layer(layer)]),
            tuple(listed(say, group, names) for group in groups),
        )
        for layer, groups in one["networks"].items()
    )
    return Alternative(price, layers)


def _heat(
    say: Speaker, problem: Problem, networks: Networks, place: int, names: Names, chosen: int
) -> Matrix:
    how = measure(problem, problem.layers[place])
    order = [member for group in networks[place] for member in group]
    seat = {m: number for number, group in enumerate(networks[place]) for m in group}

    def between(row: int, column: int) -> tuple[float, str]:
        value = how.between(order[row], order[column])
        return 1.0 - value, say.number(value, 2)

    return matrix(
        say.text("Skillnad mellan varje par: 0 är lika, 1 är så olika det går"),
        [names[problem.members[member].id] for member in order],
        between,
        lambda row, column: seat[order[row]] == seat[order[column]],
        chosen,
    )
