"""*Det här gäller*: what a proposal was made with, in words, and where that differs from the one before."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.kit.i18n import Speaker, later, swedish_order
from api.networks import queries as networks
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals import queries
from api.proposals.models import Proposal
from api.proposals.networks.building import LAYERS, Choice, Wish, weights_of
from api.proposals.networks.holding import choice_of
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
from api.proposals.networks.web.words import OWN_WEIGHTS, WEIGHTING_WORDS, rules_in_words

_WISHES = {
    "together": later("%(names)s ska vara i samma krets (%(layer)s)"),
    "apart": later("%(names)s ska inte vara i samma krets (%(layer)s)"),
    "kept": later("Kretsen %(names)s består som den är (%(layer)s)"),
}

# Rule about circles -> the heading that it stands under.
RULES = {
    "number_of_networks": later("Hur många kretsar"),
    "of_a_kind": later("Hur många av ett slag"),
    "balanced": later("Medelvärden"),
    "in_common": later("Gemensamt"),
    "can_meet": later("Kan ses"),
    "leaders": later("Vilka som leder"),
}


@dataclass(frozen=True, slots=True)
class HoldLine:
    """Something that holds, in words; `is_new` where the proposal before did not have it.

    key: what a wish goes by when it is taken away; empty for what is chosen in the form.
    """

    heading: str
    text: str
    is_new: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class Holding:
    """All that holds in a proposal, and what held in the one before and does not any more."""

    lines: tuple[HoldLine, ...]
    dropped: tuple[str, ...]


def holding(
    session: Session, proposal: Proposal, say: Speaker, names: Mapping[str, str]
) -> Holding:
    """Return what holds in a proposal. names: RC id -> name."""
    choice = choice_of(proposal)
    before_it = proposal.compared_with or _in_force_before(session, proposal)
    before = queries.proposal(session, before_it) if before_it else None
    earlier = None if before is None else choice_of(before)
    old = {} if before is None else dict(_chosen(say, before, names))
    lines = [
        HoldLine(heading, text, is_new=earlier is not None and old.get(heading) != text)
        for heading, text in _chosen(say, proposal, names)
    ]
    held = {one.key for one in earlier.wishes} if earlier else set()
    lines += [
        HoldLine(
            say.text("Låst") if wish.kind == "kept" else say.text("Önskemål"),
            _wish(say, wish, names),
            is_new=earlier is not None and wish.key not in held,
            key=wish.key,
        )
        for wish in choice.wishes
    ]
    now = {one.key for one in choice.wishes}
    gone = [one for one in earlier.wishes if one.key not in now] if earlier else []
    return Holding(tuple(lines), tuple(_wish(say, wish, names) for wish in gone))


def _in_force_before(session: Session, proposal: Proposal) -> str | None:
    """Return the proposal of the round that held when this one was made."""
    past = (one for one in networks.rounds(session) if one.published_at < proposal.created_at)
    return next((one.proposal_id for one in past), None)


def locked_in(choice: Choice) -> set[tuple[str, frozenset[str]]]:
    """Return the circles that are locked, as layer and members."""
    return {(one.layer.value, frozenset(one.rc_ids)) for one in choice.wishes if one.kind == "kept"}


def _chosen(say: Speaker, proposal: Proposal, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return heading and text of each part of a proposal's form. names: RC id -> name."""
    choice = choice_of(proposal)
    minutes = _minutes(proposal) if choice.poll else 0
    words = WEIGHTING_WORDS[choice.preset][0] if choice.preset else OWN_WEIGHTS
    found = [
        (say.text("Vad väger tyngst"), say.text(words)),
        (say.text("Vikter för likhet"), _weights(say, choice.likeness)),
    ]
    for layer, changed in choice.others.items():
        if layer in choice.layers and weights_of(LAYERS[layer].weights) != dict(changed):
            heading = say.text("Vikter: %(layer)s", layer=say.text(LAYER_NAMES[layer]))
            found.append((heading, _weights(say, choice.weights(layer))))
    for layer in choice.layers:
        low, high = choice.sizes_of.get(layer, choice.sizes)
        size = f"{low}" if low == high else f"{low}–{high}"
        heading = say.text("Storlek: %(layer)s", layer=say.text(LAYER_NAMES[layer]))
        found.append((heading, say.text("%(size)s RC", size=size)))
    found += [
        (
            say.text("Samma RC i två kretsar"),
            say.text(ONCE) if choice.is_once else _nearest(say, REPEATS, choice.repeated_pair),
        ),
        (say.text("Dagens kretsar"), _nearest(say, STABILITIES, choice.stability)),
    ]
    if choice.is_standing or choice.moved:
        stays = STANDINGS[STAYS if choice.is_standing else FEW]
        found.append((say.text("Delas dagens kretsar"), say.text(stays)))
    found += [(say.text("Ensam av sitt slag"), say.text(ALONES[one])) for one in choice.not_alone]
    said = rules_in_words(say, choice, names, minutes)
    found += [(say.text(heading), said[rule]) for rule, heading in RULES.items() if rule in said]
    return found


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
