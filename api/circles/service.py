"""What pages ask of the life of circles."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.policy import Viewer
from api.circles import queries
from api.circles.newcomers import (
    Circle,
    Someone,
    circles_of,
    colleagues,
    coming,
    holder_of,
    is_of_a_circle,
    pairs_of,
)
from api.kit.i18n import swedish_order
from api.meetings.models import Meeting


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a newcomer needs on the first day."""

    buddies: tuple[Someone, ...]
    nch: tuple[Someone, ...]
    circles: tuple[Circle, ...]
    coming: tuple[Meeting, ...]
    has_phone: bool


def beginning(session: Session, viewer: Viewer, at: datetime) -> Beginning:
    """Return whom a viewer rings, the circles of the viewer's RC, and what is coming."""
    person = accounts.person(session, viewer.person_id)
    circles = {
        one.network.id: one for rc_id in sorted(viewer.rc_ids) for one in circles_of(session, rc_id)
    }
    found = (accounts.nch_contact(session, body_id) for body_id in sorted(viewer.body_ids))
    contacts = dict.fromkeys(one[0].id for one in found if one)
    holders = (holder_of(session, one) for one in contacts)
    return Beginning(
        buddies=pairs_of(session, viewer, at).buddies,
        nch=tuple(one for one in holders if one is not None),
        circles=tuple(circles.values()),
        coming=tuple(coming(session, person, at)) if person else (),
        has_phone=person is not None and bool(person.phone),
    )


def buddy_after(session: Session, hand_over_id: str) -> Someone | None:
    """Return who was asked to help after a hand-over."""
    found = queries.buddy_after(session, hand_over_id)
    return holder_of(session, found.buddy_function_id) if found else None


def has_company(session: Session, rc_id: str | None) -> bool:
    """Return whether somebody in a circle of an RC hears who is new there."""
    return bool(rc_id) and bool(colleagues(session, circles_of(session, rc_id or ""), ()))


def those_who_hear(session: Session, function_id: str, but: Collection[str]) -> tuple[str, ...]:
    """Return the names of those in a post's circles who get a mail when somebody else holds it, or is away."""
    function = accounts.function(session, function_id)
    home = accounts.body(session, function.body_id) if function else None
    if function is None or home is None or not is_of_a_circle(function, home):
        return ()
    holders = {function.holder_id or "", function.deputy_id or ""}
    shared = colleagues(session, circles_of(session, home.rc_id or ""), {*but, *holders})
    return tuple(sorted(accounts.names_of(session, shared).values(), key=swedish_order))
