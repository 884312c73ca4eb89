"""A move by hand in words: what it costs, for whom it is better and worse, and which rules it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from api.kit.i18n import Speaker, later
from api.networks.models import Layer
from api.proposals.models import Proposal
from api.proposals.networks.moving import SAME, Effect
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.why_view import listed, names_of
from api.proposals.networks.web.words import broken_in_words

BETTER = {
    Layer.LIKENESS: later("Mer lika de andra i kretsen: %(names)s."),
    Layer.NEARNESS: later("Närmare de andra i kretsen: %(names)s."),
}
WORSE = {
    Layer.LIKENESS: later("Mindre lika de andra i kretsen: %(names)s."),
    Layer.NEARNESS: later("Längre till de andra i kretsen: %(names)s."),
}
FITS_BETTER = later("Passar bättre i sin krets: %(names)s.")
FITS_WORSE = later("Passar sämre i sin krets: %(names)s.")


@dataclass(frozen=True, slots=True)
class EffectWords:
    """What the page says of a move; `rc` and `place` are what the form has chosen."""

    layer: str
    rc: str
    place: str
    lead: str
    cost: str
    better: str
    worse: str
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one circle would say of an RC that is held over it: in a few words, and as a kind."""

    place: str
    kind: Literal["here", "better", "same", "worse", "broken"]
    text: str


@dataclass(frozen=True, slots=True)
class EffectPage:
    """The part of a proposal's page that says what a move would do."""

    effect: EffectWords


def effect_words(
    session: Session, proposal: Proposal, effect: Effect, say: Speaker, *, is_done: bool
) -> EffectWords:
    """Return a move, wished for or done, in the reader's words."""
    names = names_of(session, NETWORKS.problem_of(proposal))
    layer = effect.move.layer
    better = BETTER.get(layer, FITS_BETTER)
    worse = WORSE.get(layer, FITS_WORSE)
    return EffectWords(
        layer=layer.value,
        rc=effect.move.rc_id,
        place=effect.move.place,
        lead=_lead(say, effect, names, is_done=is_done),
        cost=_cost(say, effect),
        better=_about(say, better, effect.better, names),
        worse=_about(say, worse, effect.worse, names),
        broken=tuple(broken_in_words(say, one, names) for one in effect.broken),
    )


def verdict_of(say: Speaker, effect: Effect, names: Mapping[str, str]) -> Verdict:
    """Return what a circle says before the drop."""
    place = effect.move.place
    if not effect.is_change:
        return Verdict(place, "here", say.text("är här nu"))
    if effect.broken:
        return Verdict(place, "broken", broken_in_words(say, effect.broken[0], names))
    change = effect.after - effect.before
    if abs(change) < SAME:
        return Verdict(place, "same", say.text("lika bra"))
    percent = say.number(abs(100 * change / effect.before), 1) if effect.before else ""
    if change < 0:
        return Verdict(place, "better", say.text("%(percent)s procent bättre", percent=percent))
    return Verdict(place, "worse", say.text("%(percent)s procent sämre", percent=percent))


def _lead(say: Speaker, effect: Effect, names: Mapping[str, str], *, is_done: bool) -> str:
    name = names[effect.move.rc_id]
    target = effect.move.target
    if not effect.is_change:
        return say.text("%(name)s är redan där.", name=name)
    if isinstance(target, str):
        text = later("Om %(name)s och %(other)s byter plats:")
        if is_done:
            text = later("%(name)s och %(other)s har bytt plats:")
        return say.text(text, name=name, other=names[target])
    text = later("Om %(name)s flyttas till krets %(number)s:")
    if is_done:
        text = later("%(name)s är flyttat till krets %(number)s:")
    return say.text(text, name=name, number=target + 1)


def _cost(say: Speaker, effect: Effect) -> str:
    if not effect.is_change:
        return ""
    change = effect.after - effect.before
    after, before = say.number(effect.after, 2), say.number(effect.before, 2)
    if abs(change) < SAME:
        return say.text("skillnaden inom kretsarna är oförändrad, %(after)s.", after=after)
    text = later(
        "skillnaden inom kretsarna blir %(amount)s mindre, %(after)s mot %(before)s förut."
    )
    if change > 0:
        text = later(
            "skillnaden inom kretsarna blir %(amount)s större, %(after)s mot %(before)s förut."
        )
    return say.text(text, amount=say.number(abs(change), 2), after=after, before=before)


def _about(say: Speaker, text: str, ids: tuple[str, ...], names: Mapping[str, str]) -> str:
    return say.text(text, names=listed(say, ids, dict(names))) if ids else ""
