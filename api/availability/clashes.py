"""Who is at another meeting when: read once, asked for many times."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.availability.service import Time
from api.kit.i18n import swedish_order
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import MeetingState
from api.registry import queries as registry

_STANDING = {MeetingState.PROPOSED, MeetingState.PUBLISHED}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Other meetings of some RC: the time of each, and which of the RC it takes."""

    spans: tuple[tuple[Time, frozenset[str]], ...]
    names: Mapping[str, str]

    def at(self, asked: Time) -> list[str]:
        """Return the names of the RC that are at another meeting at a time, in Swedish order."""
        away = {
            rc_id
            for span, rc_ids in self.spans
            for rc_id in rc_ids
            if span.starts_at < asked.ends_at and asked.starts_at < span.ends_at
        }
        return sorted((self.names[one] for one in away), key=swedish_order)


def elsewhere(
    session: Session,
    rc_ids: Collection[str] | None,
    since: datetime,
    but: Collection[str] = frozenset(),
) -> Elsewhere:
    """Return the meetings after a moment that take these RC (None: all), but for some meetings."""
    names = registry.names(session)
    own = frozenset(names if rc_ids is None else names.keys() & rc_ids)
    others = [
        one
        for one in meetings.meetings(session, since)
        if one.id not in but and one.state in _STANDING
    ]
    concerned = audiences(session, others)
    spans = []
    for one in others:
        taken = concerned[one.id].occupied
        spans.append((Time(one.starts_at, one.ends_at), own if taken is None else own & taken))
    return Elsewhere(tuple(spans), names)
