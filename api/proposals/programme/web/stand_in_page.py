"""The page of who takes over when somebody who leads falls ill, with what each choice costs in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.kit.i18n import Speaker, later
from api.proposals.models import Proposal
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.standing_in import OUT, Candidate, Gap, gaps
from api.proposals.programme.web.names import Names
from api.proposals.programme.web.verdicts import with_sign

WHY = {
    "agreed": later("har sagt ja till att vara ersättare"),
    "offered": later("har erbjudit ämnet"),
    "nch": later("NCH, ledig då"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody to choose, or that the session is not held, and what it costs."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class GapCard:
    """A session without its leader."""

    key: str
    title: str
    when: str
    choices: tuple[Choice, ...]  # the best first


@dataclass(frozen=True, slots=True)
class StandInPage:
    """Everything that the page shows."""

    id: str
    leader: str
    name: str
    gaps: tuple[GapCard, ...]


def stand_in_page(session: Session, proposal: Proposal, leader: str, say: Speaker) -> StandInPage:
    """Return the page of one who cannot lead.

    Raises:
        ConflictError: as `gaps`.
    """
    found = gaps(session, proposal, leader)
    names = Names.of(session, proposal, plan_of(session, proposal), say)
    return StandInPage(
        proposal.id,
        leader,
        names.get(leader, leader),
        tuple(
            GapCard(
                gap.run.session,
                names.get(gap.run.session, gap.run.session),
                names.place(gap.run.slot, gap.run.room),
                tuple(_choices(gap, names, say)),
            )
            for gap in found
        ),
    )


def _choices(gap: Gap, names: Names, say: Speaker) -> list[Choice]:
    found = [Choice(one.function_id, _label(one, names, say)) for one in gap.candidates]
    for place in gap.elsewhere:
        text = say.text(
            "flyttas till %(where)s: %(who)s leder då",
            where=names.place(place.slot, place.room),
            who=names.get(place.function_id, place.function_id),
        )
        if place.minutes:
            text = say.text(
                "kortas till %(num)s minuter och flyttas till %(where)s: %(who)s leder då",
                num=place.minutes,
                where=names.place(place.slot, place.room),
                who=names.get(place.function_id, place.function_id),
            )
        change = say.text("önskemål %(change)s %%", change=with_sign(place.percent, say))
        found.append(Choice(place.value, f"{text}, {change}" if place.percent else text))
    loss = say.plural(
        "passet utgår: %(num)s person är utan det",
        "passet utgår: %(num)s personer är utan det",
        gap.losing,
    )
    if gap.asked_by:
        more = say.plural("%(num)s RC bad om det", "%(num)s RC bad om det", gap.asked_by)
        loss = f"{loss}, {more}"
    if gap.is_guest:
        loss = f"{loss} ({say.text('ingen annan talar för myndigheten')})"
    return [*found, Choice(OUT, loss)]


def _label(one: Candidate, names: Mapping[str, str], say: Speaker) -> str:
    who = names.get(one.function_id, one.function_id)
    label = f"{who}: {say.text(WHY[one.why])}"
    if one.misses:
        title = names.get(one.misses, one.misses)
        label += say.text(", missar själv %(title)s", title=title)
    return label
