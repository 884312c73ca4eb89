"""What the review page says of who leads: who is asked, what each has answered, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.kit.i18n import Speaker, swedish_order
from api.outbox import queries as outbox
from api.outbox.models import MailState
from api.programme.content import ProgrammePlan
from api.proposals.asking.models import AskState
from api.proposals.asking.service import mail_prefix
from api.proposals.models import Proposal
from api.proposals.programme.leaders import Standing, standings


@dataclass(frozen=True, slots=True)
class LedLine:
    """A session that an RC can lead: who leads, who stands in, and how far the question has come."""

    title: str
    leader: str
    leader_state: str
    deputy: str
    deputy_state: str
    refused: str
    may_ask: bool
    is_other: bool


def led_lines(
    session: Session,
    proposal: Proposal,
    plan: ProgrammePlan,
    names: Mapping[str, str],
    say: Speaker,
) -> tuple[LedLine, ...]:
    """Return a line for each session of a draft that an RC can lead, by title; plan: the draft as it stands."""
    found = [_line(session, one, names, say) for one in standings(session, proposal, plan)]
    return tuple(sorted(found, key=lambda line: swedish_order(line.title)))


def _asked(session: Session, state: AskState, ask_id: str | None, say: Speaker) -> str:
    """Say how far a question has come: what its mail tells of it, not what was meant."""
    if state is AskState.WAITING:
        return say.text("inte tillfrågad")
    if state is AskState.YES:
        return say.text("har sagt ja")
    mail = outbox.newest_with(session, mail_prefix(ask_id)) if ask_id else None
    if mail is not None and mail.state is MailState.FAILED:
        return say.text("mejlet kom inte fram")
    if mail is not None and mail.state is not MailState.SENT:
        return say.text("frågan är på väg")
    return say.text("tillfrågad, inte svarat")


def _line(session: Session, one: Standing, names: Mapping[str, str], say: Speaker) -> LedLine:
    refused = say.listing([names.get(who, who) for who in one.refused])
    return LedLine(
        title=names.get(one.session, one.session),
        leader=names.get(one.leader, one.leader) if one.leader else say.text("NCH"),
        leader_state=_asked(session, one.leader_state, one.leader_ask, say) if one.leader else "",
        deputy=names.get(one.deputy, one.deputy) if one.deputy else "",
        deputy_state=_asked(session, one.deputy_state, one.deputy_ask, say) if one.deputy else "",
        refused=say.text("%(who)s har sagt nej", who=refused) if refused else "",
        may_ask=one.leader is not None and one.leader_state is AskState.WAITING,
        is_other=one.is_other,
    )
