"""The page before networks are published: who gets other company, what is called off, and exactly who gets mail."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlmodel import Session

from api.calendar import queries as calendar
from api.invitations import queries as invitations
from api.invitations.models import Place
from api.kit.i18n import LANGUAGES, Language, Speaker, swedish_order
from api.kit.mail import Texts
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.networks.foresight import Change, Succession
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks.web.publishing import Foreseen, Recipient, foresee, letter
from api.registry import queries as registry


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What changes for an RC in one kind of circle."""

    layer: str
    meets: str
    parts: str


@dataclass(frozen=True, slots=True)
class RcChange:
    """An RC that gets other company."""

    name: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A meeting that is called off since its circle ends, and who is told of that at once."""

    title: str
    when: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldLine:
    """Somebody who gets the mail about the new circles."""

    rc: str
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class PublishPage:
    """Everything that the page shows."""

    id: str
    title: str
    version: int
    is_reviewed: bool
    changes: tuple[RcChange, ...]
    unchanged: str
    new: int
    lives_on: int
    ended: tuple[str, ...]
    called_off: tuple[CalledOff, ...]
    told: tuple[ToldLine, ...]
    untold: str
    unreached: str
    letters: tuple[tuple[Language, str, Texts], ...]  # language, the RC it is shown for, the mail


def publish_page(session: Session, proposal: Proposal, say: Speaker, at: datetime) -> PublishPage:
    """Return what publishing would do now.

    Raises:
        ConflictError: when the proposal has no answer yet.
    """
    seen = foresee(session, proposal)
    names = registry.names(session)
    told = [ToldLine(names.get(one.rc_id, one.rc_id), one) for one in seen.recipients]
    changed = {one.rc_id for one in seen.changes}
    same = {rc for group in seen.groups for rc in group.rc_ids} - changed
    return PublishPage(
        id=proposal.id,
        title=proposal.title,
        version=proposal.version,
        is_reviewed=proposal.state == ProposalState.REVIEWED,
        changes=tuple(_changes(say, seen.changes, names)),
        unchanged=_listed(say, same, names),
        new=seen.line.heirs.count(None),
        lives_on=len(seen.line.heirs) - seen.line.heirs.count(None),
        ended=tuple(say.either(one.name_sv, one.name_en) for one in seen.line.ended),
        called_off=tuple(_called_off(session, seen.line, say, at)),
        told=tuple(sorted(told, key=lambda one: swedish_order(one.rc))),
        untold=_listed(say, set(seen.untold), names),
        unreached=_listed(say, set(seen.unreached), names),
        letters=tuple(_letters(session, proposal, seen, names)),
    )


def _changes(say: Speaker, changes: tuple[Change, ...], names: dict[str, str]) -> list[RcChange]:
    order = list(Layer)
    by_rc = sorted(
        changes, key=lambda one: (swedish_order(names.get(one.rc_id, one.rc_id)), one.rc_id)
    )
    found = []
    for rc_id, group in groupby(by_rc, key=lambda one: one.rc_id):
        lines = tuple(
            ChangeLine(
                say.text(LAYER_NAMES[one.layer]),
                _listed(say, set(one.met), names),
                _listed(say, set(one.parted), names),
            )
            for one in sorted(group, key=lambda one: order.index(one.layer))
        )
        found.append(RcChange(names.get(rc_id, rc_id), lines))
    return found


def _called_off(session: Session, line: Succession, say: Speaker, at: datetime) -> list[CalledOff]:
    found = []
    for network in line.ended:
        for meeting in meetings.meetings_of_network(session, network.id):
            if meeting.starts_at <= at or meeting.state == MeetingState.CANCELLED:
                continue
            event = calendar.event_of(session, "meeting", meeting.id)
            everybody = invitations.of_event(session, event.id) if event else []
            told = tuple(
                f"{one.name}, {one.address}" for one in everybody if one.place is Place.INVITED
            )
            name = say.either(meeting.name_sv, meeting.name_en)
            found.append(CalledOff(name, say.span(meeting.starts_at, meeting.ends_at), told))
    return found


def _letters(
    session: Session, proposal: Proposal, seen: Foreseen, names: dict[str, str]
) -> list[tuple[Language, str, Texts]]:
    """One mail for each language that somebody reads, as its first recipient gets it."""
    first = {one.language: one for one in reversed(seen.recipients)}
    return [
        (each, names[first[each].rc_id], letter(session, proposal, seen, first[each].rc_id, each))
        for each in LANGUAGES
        if each in first
    ]


def _listed(say: Speaker, ids: set[str], names: dict[str, str]) -> str:
    return say.listing(sorted((names.get(one, one) for one in ids), key=swedish_order))
