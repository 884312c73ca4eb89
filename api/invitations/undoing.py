"""How what was done with places is undone: invited, passed on, taken back, let in."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.calendar import queries as calendar
from api.invitations import queries
from api.invitations.models import Invitation, Partstat, Place, ReplyState, Substitution
from api.invitations.series import PlaceChanged, follow
from api.invitations.telling import owe
from api.kit.db import announce, take_version
from api.outbox.acts import Data, can_undo_by, changed

KIND = "place"
REPLY = "reply"  # a proposal by mail that was accepted: it waits for an answer again
_KEPT = (
    "name",
    "address",
    "language",
    "organizer",
    "is_optional",
    "unconfirmed",
    "answer_sequence",
)


def before_of(invited: Invitation) -> Data:
    """Return what of a place an undoing brings back, as JSON values."""
    found: Data = {name: getattr(invited, name) for name in _KEPT}
    answered_at = invited.answered_at
    return found | {
        "place": invited.place.value,
        "partstat": invited.partstat.value,
        "answered_at": answered_at.isoformat() if answered_at else "",
    }


def changed_place(
    session: Session, invited: Invitation, before: Data, passed: Substitution | None = None
) -> None:
    """Let the act that goes on know how a place was; `passed` is the row that says to whom it went."""
    _can_undo(session, invited, before, passed)


def made_place(session: Session, invited: Invitation) -> None:
    """Let the act that goes on know that a place is new."""
    _can_undo(session, invited, None, None)


def _can_undo(
    session: Session, invited: Invitation, before: Data | None, passed: Substitution | None
) -> None:
    session.flush()
    data: dict[str, Any] = {
        "id": invited.id,
        "before": before,
        "after": _whose(invited),
        "passed": passed.id if passed else "",
    }
    can_undo_by(session, KIND, data)


def _whose(invited: Invitation) -> Data:
    return {"address": invited.address, "place": invited.place.value}


def undo_place(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Bring a place back to what it was.

    Raises:
        ConflictError: when somebody has changed it since.
    """
    del actor
    invited = queries.invitation(session, data["id"])
    now = _whose(invited) if invited is not None else {}
    changed(data["after"], now)
    event = calendar.event(session, invited.event_id) if invited is not None else None
    if invited is None or event is None:
        return
    take_version(session, invited, invited.version, {}, dict)
    address, before = invited.address, data["before"]
    if before is None:
        invited.place = Place.WITHDRAWN
    else:
        for name in _KEPT:
            setattr(invited, name, before[name])
        invited.place, invited.partstat = Place(before["place"]), Partstat(before["partstat"])
        answered_at = before["answered_at"]
        invited.answered_at = datetime.fromisoformat(answered_at) if answered_at else None
    session.add(invited)
    session.flush()
    if data["passed"]:
        queries.delete_substitution(session, data["passed"])
    follow(session, invited, address)
    announce(session, PlaceChanged(invited.event_id, invited.function_id))
    for one in sorted({address, invited.address}):
        owe(session, event, invited, one, at)


def undo_reply(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Let a mail that somebody must look at wait for that again."""
    del actor, at
    found = queries.reply_with_id(session, data["id"])
    if found is not None:
        found.state = ReplyState.FOR_A_PERSON
        session.add(found)
        session.flush()
