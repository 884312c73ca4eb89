"""Agencies take turns over the meetings: whoever spoke last waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from api.programme.arrival import queries

DAYS_OF_A_MEETING = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and when each was heard last; both by session key (`agency_police`)."""

    next: tuple[str, ...]
    heard: dict[str, datetime]


def turn(session: Session, meeting_id: str, keys: Sequence[str]) -> Turn:
    """Return who is to speak at a meeting: those that the latest other meeting did not hear.

    Where all of them spoke there, all are to speak again.
    """
    known = queries.agencies_heard(session, meeting_id)
    heard = {key: known[key] for key in keys if key in known}
    latest = max((when.date() for when in heard.values()), default=date.min)

    def has_just_spoken(key: str) -> bool:
        return key in heard and (latest - heard[key].date()).days < DAYS_OF_A_MEETING

    waiting = tuple(key for key in keys if not has_just_spoken(key))
    return Turn(waiting or tuple(keys), heard)
