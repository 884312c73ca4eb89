"""*Det här gäller*: what a proposal was made with, in words, and where that differs from the one before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from api.kit.i18n import Speaker, later, swedish_order
from api.networks import queries as networks
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals import queries
from api.proposals.models import Proposal
from api.proposals.networks.building import LAYERS, Choice, Wish, weights_of
from api.proposals.networks.holding import choice_of
from api.proposals.networks.rules import MOVED, Rule, rules_of
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.form import (
    ALONES,
    FEW,
    ONCE,
    REPEATS,
    STABILITIES,
    STANDINGS,
    STAYS,
)
from api.proposals.networks.web.words import OWN_WEIGHTS, WEIGHTING_WORDS, wish_in_words
from matcher.groups.model.problem import Problem
from matcher.proof import Violation

_WISHES = {
    "together": later("%(names)s ska vara i samma krets (%(layer)s)"),
    "apart": later("%(names)s ska inte vara i samma krets (%(layer)s)"),
    "kept": later("Kretsen %(names)s består som den är (%(layer)s)"),
}

# Rule about circles -> the heading that it stands under.
RULES = {
    "each_pair_once": later("Samma RC i två kretsar"),
    "standing": later("Delas dagens kretsar"),
    MOVED: later("Delas dagens kretsar"),
    "not_alone": later("Ensam av sitt slag"),
    "number_of_networks": later("Hur många kretsar"),
    "at_least": later("Hur många av ett slag"),
    "at_most": later("Hur många av ett slag"),
    "balanced": later("Medelvärden"),
    "in_common": later("Gemensamt"),
    "can_meet": later("Kan ses"),
    "leaders": later("Vilka som leder"),
}


@dataclass(frozen=True, slots=True)
class HoldLine:
    """Something that holds, in words; `is_new` where the proposal before did not have it.

    key: what a wish or a rule goes by when it is taken away; empty for what each proposal has.
    holds: whether the circles keep a rule, and of how many RC nothing is known that it asks.
    """

    heading: str
    text: str
    is_new: bool
    key: str = ""
    holds: str = ""
    alone: str = ""  # what is said where the heading does not stand beside it


@dataclass(frozen=True, slots=True)
class Holding:
    """All that holds in a proposal, and what held in the one before and does not any more."""

    lines: tuple[HoldLine, ...]
    dropped: tuple[str, ...]


class _Chosen(NamedTuple):
    """A part of a proposal's form, as it is said; rule: where it is a rule about circles."""

    heading: str
    text: str
    rule: Rule | None = None

    @property
    def alone(self) -> str:
        """What is said where the heading does not stand beside it: an answer of the form needs its question."""
        is_sentence = self.text.endswith(".")
        return self.text if is_sentence else f"{self.heading}: {self.text}"


def holding(
    session: Session,
    proposal: Proposal,
    say: Speaker,
    names: Mapping[str, str],
    broken: tuple[Violation, ...] | None = None,
) -> Holding:
    """Return what holds in a proposal.

    names: RC id -> name. broken: the rules that its circles break; None where there are no circles.
    """
    choice = choice_of(proposal)
    before_it = proposal.compared_with or _in_force_before(session, proposal)
    before = queries.proposal(session, before_it) if before_it else None
    earlier = None if before is None else choice_of(before)
    old = [] if before is None else [one[:2] for one in _chosen(say, before, names)]
    chosen = _chosen(say, proposal, names)
    problem = NETWORKS.problem_of(proposal)
    lines = [
        HoldLine(
            one.heading,
            one.text,
            is_new=earlier is not None and one[:2] not in old,
            key=one.rule.key if one.rule else "",
            alone=one.alone,
            holds=_holds(say, one.rule, problem, broken) if one.rule and broken is not None else "",
        )
        for one in chosen
    ]
    held = {one.key for one in earlier.wishes} if earlier else set()
    lines += [
        HoldLine(
            say.text("Låst") if wish.kind == "kept" else say.text("Önskemål"),
            _wish(say, wish, names),
            is_new=earlier is not None and wish.key not in held,
            key=wish.key,
            alone=_wish(say, wish, names),
        )
        for wish in choice.wishes
    ]
    now = {one.key for one in choice.wishes}
    gone = [one for one in earlier.wishes if one.key not in now] if earlier else []
    held_now = {one.alone for one in chosen}
    dropped = [
        *(one.alone for one in (_chosen(say, before, names) if before else ()) if one.rule),
        *(_wish(say, wish, names) for wish in gone),
    ]
    return Holding(tuple(lines), tuple(one for one in dropped if one not in held_now))


def _holds(say: Speaker, rule: Rule, problem: Problem, broken: tuple[Violation, ...]) -> str:
    """Return that a rule is kept, where it is, and of how many RC nothing is known that it asks."""
    asked = rule.asked
    is_broken = any(one.rule == asked.rule and asked.layer in {"", one.layer} for one in broken)
    if is_broken or asked.rule == MOVED:
        return ""
    return " ".join(filter(None, [say.text("Uppfyllt."), _unknown(say, rule, problem)]))


def _unknown(say: Speaker, rule: Rule, problem: Problem) -> str:
    """Return how many of those who take part a rule cannot ask."""
    asked = rule.asked
    known = {attribute.name: attribute for attribute in problem.attributes}
    if not asked.subjects or asked.subjects[0] not in known:
        return ""
    among = {
        member
        for layer in problem.layers
        if asked.layer in {"", layer.name}
        for member in problem.participants(layer)
    }
    values = known[asked.subjects[0]].values
    count = sum(values[member] is None for member in among)
    if not count:
        return ""
    if asked.rule == "can_meet":
        return say.plural("%(num)s RC har inte svarat.", "%(num)s RC har inte svarat.", count)
    return say.plural(
        "%(num)s RC saknar uppgiften och räknas inte.",
        "%(num)s RC saknar uppgiften och räknas inte.",
        count,
    )


def _in_force_before(session: Session, proposal: Proposal) -> str | None:
    """Return the proposal of the round that held when this one was made."""
    past = (one for one in networks.rounds(session) if one.published_at < proposal.created_at)
    return next((one.proposal_id for one in past), None)


def locked_in(choice: Choice) -> set[tuple[str, frozenset[str]]]:
    """Return the circles that are locked, as layer and members."""
    return {(one.layer.value, frozenset(one.rc_ids)) for one in choice.wishes if one.kind == "kept"}


def _chosen(say: Speaker, proposal: Proposal, names: Mapping[str, str]) -> list[_Chosen]:
    """Return each part of a proposal's form. names: RC id -> name."""
    choice = choice_of(proposal)
    minutes = _minutes(proposal) if choice.poll else 0
    words = WEIGHTING_WORDS[choice.preset][0] if choice.preset else OWN_WEIGHTS
    found = [
        _Chosen(say.text("Vad väger tyngst"), say.text(words)),
        _Chosen(say.text("Vikter för likhet"), _weights(say, choice.likeness)),
    ]
    for layer, changed in choice.others.items():
        if layer in choice.layers and weights_of(LAYERS[layer].weights) != dict(changed):
            heading = say.text("Vikter: %(layer)s", layer=say.text(LAYER_NAMES[layer]))
            found.append(_Chosen(heading, _weights(say, choice.weights(layer))))
    for layer in choice.layers:
        low, high = choice.sizes_of.get(layer, choice.sizes)
        size = f"{low}" if low == high else f"{low}–{high}"
        heading = say.text("Storlek: %(layer)s", layer=say.text(LAYER_NAMES[layer]))
        found.append(_Chosen(heading, say.text("%(size)s RC", size=size)))
    if not choice.is_once:
        repeats = _nearest(say, REPEATS, choice.repeated_pair)
        found.append(_Chosen(say.text("Samma RC i två kretsar"), repeats))
    stays = _nearest(say, STABILITIES, choice.stability)
    found.append(_Chosen(say.text("Dagens kretsar"), stays))
    found += [
        _Chosen(say.text(RULES[one.asked.rule]), _rule(say, one, names), one)
        for one in rules_of(choice, minutes)
    ]
    return found


def _rule(say: Speaker, rule: Rule, names: Mapping[str, str]) -> str:
    """Return a rule as the form has it, or as a sentence where the form has it in several fields."""
    asked = rule.asked
    as_chosen = {
        "each_pair_once": ONCE,
        "standing": STANDINGS[STAYS],
        MOVED: STANDINGS[FEW],
        "not_alone": ALONES.get((*asked.subjects, "")[0], ""),
    }
    if words := as_chosen.get(asked.rule):
        return say.text(words)
    return wish_in_words(say, asked, dict(names))


def _minutes(proposal: Proposal) -> int:
    """Return for how long the RC of a circle can meet, as the problem has it."""
    layers = NETWORKS.problem_of(proposal).layers
    return next((wish.minutes for layer in layers for wish in layer.can_meet), 0)


def _weights(say: Speaker, weights: Mapping[str, float]) -> str:
    ordered = sorted(weights.items(), key=lambda one: -one[1])
    return say.listing(
        [
            f"{say.text(ATTRIBUTES[name][0])} {say.number(weight, 0 if weight == int(weight) else 1)}"
            for name, weight in ordered
            if weight
        ]
    )


def _nearest(say: Speaker, choices: tuple[tuple[float, str], ...], price: float) -> str:
    return say.text(min(choices, key=lambda one: abs(one[0] - price))[1])


def _wish(say: Speaker, wish: Wish, names: Mapping[str, str]) -> str:
    listed = say.listing(sorted((names.get(one, one) for one in wish.rc_ids), key=swedish_order))
    layer = say.text(LAYER_NAMES[wish.layer])
    return say.text(_WISHES[wish.kind], names=listed, layer=layer)
