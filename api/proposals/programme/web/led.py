"""What the review page says of who leads: who is asked, what each has answered, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.kit.i18n import Speaker, swedish_order
from api.proposals.asking.models import AskState
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
    session: Session, proposal: Proposal, names: Mapping[str, str], say: Speaker
) -> tuple[LedLine, ...]:
    """Return a line for each session of a draft that an RC can lead, by title."""
    found = [_line(one, names, say) for one in standings(session, proposal)]
    return tuple(sorted(found, key=lambda line: swedish_order(line.title)))


def _line(one: Standing, names: Mapping[str, str], say: Speaker) -> LedLine:
    words = {
        AskState.WAITING: say.text("inte tillfrågad"),
        AskState.ASKED: say.text("tillfrågad, inte svarat"),
        AskState.YES: say.text("har sagt ja"),
    }
    refused = say.listing([names.get(who, who) for who in one.refused])
    return LedLine(
        title=names.get(one.session, one.session),
        leader=names.get(one.leader, one.leader) if one.leader else say.text("NCH"),
        leader_state=words.get(one.leader_state, "") if one.leader else "",
        deputy=names.get(one.deputy, one.deputy) if one.deputy else "",
        deputy_state=words.get(one.deputy_state, "") if one.deputy else "",
        refused=say.text("%(who)s har sagt nej", who=refused) if refused else "",
        may_ask=one.leader is not None and one.leader_state is AskState.WAITING,
        is_other=one.is_other,
    )
