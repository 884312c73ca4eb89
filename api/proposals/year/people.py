"""Who comes to meetings, one by one: every post at an RC or a county board, and an RC without posts as one."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind
from api.meetings.audience import Audience
from api.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Attending:
    """Someone who comes to meetings; `kind` is None for an RC without posts, `rc_id` empty elsewhere.

    `county` is the two digits of the county where a county board's people travel from.
    """

    id: str
    kind: FunctionKind | None
    rc_id: str
    county: str = ""
    is_elsewhere: bool = False  # at NCH or an agency: at the meetings of its own groups alone

    def is_at(self, audience: Audience) -> bool:
        """Whether a meeting with this audience concerns them."""
        everybody = audience.rc_ids is None and not self.is_elsewhere
        return (
            everybody or self.rc_id in (audience.rc_ids or ()) or self.id in audience.function_ids
        )


def attending(session: Session) -> tuple[Attending, ...]:
    """Return everybody who comes to meetings, by id."""
    found = [
        Attending(function.id, function.kind, body.rc_id or "", body.county_codes[:2])
        for kind in (BodyKind.RC, BodyKind.COUNTY_BOARD)
        for function, body in accounts.functions_of_kind(session, kind)
    ]
    staffed = {one.rc_id for one in found}
    found += [
        Attending(f"rc:{rc_id}", None, rc_id)
        for rc_id in registry.names(session)
        if rc_id not in staffed
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def elsewhere(session: Session, function_ids: Collection[str]) -> tuple[Attending, ...]:
    """Return those of some posts that are neither an RC's nor a county board's, by id."""
    found = [
        Attending(function.id, function.kind, "", is_elsewhere=True)
        for function, body in accounts.functions_with_bodies(session, function_ids)
        if body.kind not in {BodyKind.RC, BodyKind.COUNTY_BOARD}
    ]
    return tuple(sorted(found, key=lambda one: one.id))
