"""Who comes to meetings, one by one: every post at an RC or a county board, and an RC without posts as one."""

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

    def is_at(self, audience: Audience) -> bool:
        """Whether a meeting with this audience concerns them."""
        everybody = audience.rc_ids is None
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
        Attending(f"rc:{rc.id}", None, rc.id)
        for rc in registry.rcs(session)
        if rc.id not in staffed
    ]
    return tuple(sorted(found, key=lambda one: one.id))
