"""How long invitations keep names: of a meeting long past only how many came stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.invitations import queries
from api.invitations.models import CalendarPart, Invitation, MailReply, Substitution, Told
from api.kit.clock import to_local

ERASED = "–"


@dataclass(frozen=True, slots=True)
class Due:
    """Invitations to events that ended long ago, who came in whose place, and mailed replies of that age."""

    invitations: tuple[Invitation, ...]
    substitutions: tuple[Substitution, ...]
    replies: tuple[MailReply, ...]
    parts: tuple[CalendarPart, ...] = ()  # what went to their calendars
    told: tuple[Told, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, (self.invitations, self.substitutions, self.replies, self.told)))

    def export(self) -> dict[str, object]:
        """Return all of it as JSON values."""
        return {
            "invitations": [row.model_dump(mode="json") for row in self.invitations],
            "substitutions": [row.model_dump(mode="json") for row in self.substitutions],
            "replies": [row.model_dump(mode="json") for row in self.replies],
            "calendar_parts": [row.model_dump(mode="json") for row in self.parts],
            "told": [row.model_dump(mode="json") for row in self.told],
        }


def due(session: Session, before: datetime) -> Due:
    """Return what is older than a moment and not erased yet."""
    past = queries.of_events_before(session, before, to_local(before).date(), ERASED)
    history = tuple(row for one in past for row in queries.substitutions(session, one.id))
    parts = queries.parts_of_events(session, {one.event_id for one in past})
    replies = queries.replies_before(session, before)
    return Due(tuple(past), history, tuple(replies), tuple(parts))


def of_address(session: Session, address: str, at: datetime) -> Due:
    """Return what past invitations, answers by mail and lists of who came instead hold of an address."""
    return Due(
        tuple(queries.past_invitations_to(session, address, at, to_local(at).date(), ERASED)),
        tuple(queries.substitutions_of(session, address)),
        tuple(queries.replies_from(session, address)),
        tuple(queries.parts_to(session, address)),
        tuple(queries.told_to(session, address)),
    )


def erase(session: Session, found: Due) -> None:
    """Take names, addresses and answer links away; the answers stay, as numbers."""
    for row in (*found.substitutions, *found.replies, *found.parts, *found.told):
        if row in session:  # not gone already with a person who was erased
            session.delete(row)
    for invited in found.invitations:
        queries.delete_tokens(session, invited.id)
        queries.delete_told(session, invited.id)
        invited.name = ERASED
        invited.address = f"{ERASED}{invited.id}"  # nobody's, and no two alike
        session.add(invited)
    session.flush()
