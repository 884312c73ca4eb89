"""What a circle's page says of its life: who convenes, what the next time holds, whether it has met."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.circles import queries
from api.circles.convening import (
    ITEMS,
    agenda_of,
    conveners,
    coordinator,
    following,
    taking_part,
)
from api.circles.met import SILENT_AFTER, answer_of, history, silent_circles
from api.circles.models import TurnEnd
from api.kit.clock import to_local
from api.kit.i18n import Speaker, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.networks.models import Network
from api.registry import queries as registry

ASKABLE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A meeting that was to be, with no answer yet to whether it was."""

    id: str
    when: str


@dataclass(frozen=True, slots=True)
class Life:
    """How a circle lives; texts are in the reader's language, names those of RC."""

    convener: str  # empty: nobody
    is_mine: bool
    is_chosen: bool  # by the circle
    candidates: tuple[tuple[str, str], ...]
    items: tuple[tuple[str, str, bool], ...]  # key, text, whether the next time holds it
    line: str
    held: int
    unanswered: tuple[PastMeeting, ...]
    last: str
    resting_until: str
    is_silent: bool
    nudged: str
    takes_over: str  # were the reader to pass the turn on: the RC that has it then; empty: nobody
    takes_over_who: str  # who there gets the mail; empty: nobody is reached
    written_to: tuple[str, ...]  # who gets the mail, were a planner to write to a silent circle

    @property
    def agenda(self) -> tuple[str, ...]:
        """What the next time holds, as text."""
        return tuple(text for _, text, is_chosen in self.items if is_chosen)


def life_of(session: Session, viewer: Viewer, network: Network, say: Speaker, at: datetime) -> Life:
    """Return how a circle lives, for whoever may see its page."""
    names: dict[str, str] = registry.names(session)

    def name_of(rc_id: str) -> str:
        return names.get(rc_id, rc_id)

    part = sorted(taking_part(session, network.id), key=lambda rc_id: swedish_order(name_of(rc_id)))
    turn, care = queries.turn(session, network.id), queries.care(session, network.id)
    chosen = agenda_of(session, network.id)
    known = history(session, network.id, at)
    today = to_local(at).date()
    rests = (
        care.resting_until if care and care.resting_until and care.resting_until >= today else None
    )
    is_mine = turn is not None and turn.rc_id in viewer.rc_ids
    is_silent = (
        any(one.id == network.id for one, _ in silent_circles(session, at))
        if known.last is None or at - known.last > SILENT_AFTER
        else False
    )
    takes_over = following(session, network.id, TurnEnd.DECLINED) if is_mine else None
    who = coordinator(session, takes_over) if takes_over else None
    return Life(
        convener=name_of(turn.rc_id) if turn else "",
        is_mine=is_mine,
        is_chosen=turn is not None and bool(turn.chosen_by),
        candidates=tuple((one, name_of(one)) for one in part),
        items=tuple((key, say.text(text), key in chosen) for key, text in ITEMS.items()),
        line=care.line if care else "",
        held=known.held,
        unanswered=tuple(_unanswered(session, network.id, say, at)),
        last=say.date(to_local(known.last_held).date()) if known.last_held else "",
        resting_until=say.date(rests) if rests else "",
        is_silent=is_silent,
        nudged=say.date(to_local(care.nudged_at).date()) if care and care.nudged_at else "",
        takes_over=name_of(takes_over) if takes_over else "",
        takes_over_who=who.name if who else "",
        written_to=tuple(one.name for _, one in conveners(session, network.id))
        if is_silent and viewer.is_planner
        else (),
    )


def _unanswered(session: Session, network_id: str, say: Speaker, at: datetime) -> list[PastMeeting]:
    past = [
        one
        for one in meetings.meetings_of_network(session, network_id)
        if at - ASKABLE < one.ends_at <= at and one.state is MeetingState.PUBLISHED
    ]
    known = queries.held_of(session, [one.id for one in past])
    return [
        PastMeeting(one.id, say.brief(one.starts_at, one.ends_at))
        for one in past
        if answer_of(known.get(one.id), one) is None
    ]
