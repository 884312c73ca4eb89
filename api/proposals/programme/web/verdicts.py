"""What each place would mean for a session that a planner has picked up: free, at a cost, or a clash, in words."""

from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from api.kit.errors import MissingError
from api.kit.i18n import Speaker
from api.proposals.models import Proposal
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.store import PROGRAMME
from api.proposals.programme.web.grid import NOT_RUN
from api.proposals.programme.web.names import Names
from api.proposals.programme.words import broken_in_words
from matcher.programme.repair.verdicts import Place, Verdict, verdicts
from matcher.programme.rules.scores import scores

MOST_OFFERED = 3
Kind = Literal["free", "costs", "clash"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One place: `value` is what the form sends, `text` what is said before the session is let go.

    what: the same without the place, for where the place itself says which it is.
    """

    value: str
    kind: Kind
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Picked:
    """A session that is picked up: every place judged, and the best of those without a clash."""

    key: str
    title: str
    version: int
    places: tuple[Judged, ...]
    best: tuple[Judged, ...]


def picked(session: Session, proposal: Proposal, key: str, say: Speaker) -> Picked:
    """Judge every place for a session of a draft.

    Raises:
        MissingError: when the draft has no such session.
    """
    problem, timetable = PROGRAMME.problem_of(proposal), PROGRAMME.answer_of(proposal).timetable
    if key not in {one.id for one in problem.sessions}:
        raise MissingError
    names = Names.of(session, proposal, plan_of(session, proposal), say)
    found = verdicts(problem, timetable, key)
    wished = scores(problem, timetable).wished_weight
    judged = {place: _judged(place, one, wished, names, say) for place, one in found.items()}
    in_order = sorted(found, key=lambda place: found[place].key)
    best = tuple(judged[place] for place in in_order if place and not found[place].is_clash)
    places = tuple(judged.values())
    return Picked(key, names[key], proposal.version, places, best[:MOST_OFFERED])


def _judged(place: Place, one: Verdict, wished: float, names: Names, say: Speaker) -> Judged:
    value = "|".join(place) if place else NOT_RUN
    where = names.place(*place) if place else say.text("Utan plats")
    if one.is_clash:
        broken = broken_in_words(say, one.broken[0], names.in_sentences)
        return Judged(value, "clash", f"{where}: {broken}", broken)
    share = round(100 * one.weight / wished, 1) if wished else 0.0
    said = []
    if one.swaps:
        said.append(say.text("byter plats med %(title)s", title=names.titles[one.swaps]))
    if one.musts > 0:
        said.append(say.text("%(num)s missar det som inte får missas", num=one.musts))
    if share:
        said.append(say.text("önskemål %(change)s %%", change=with_sign(share, say)))
    is_worse = one.musts > 0 or share < 0
    what = ", ".join(said) or say.text("ingen förlorar på det")
    return Judged(value, "costs" if is_worse else "free", f"{where}: {what}", what)


def with_sign(percent: float, say: Speaker) -> str:
    """Write a change with its sign."""
    sign = "+" if percent > 0 else "\N{MINUS SIGN}" if percent < 0 else "±"
    return f"{sign}{say.number(abs(percent), 1)}"
