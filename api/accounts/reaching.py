"""Whom mail does not reach: addresses that it came back from, marked until something arrives there."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries


@dataclass(frozen=True, slots=True)
class Unreached:
    """A function that mail does not reach: `name` is whose address it is, empty for its own mailbox."""

    function_id: str
    title: str
    body: str
    name: str
    address: str
    since: datetime


def mark(session: Session, address: str, at: datetime) -> None:
    """Write down that mail to an address of somebody here came back; the first time counts."""
    wanted = address.strip().lower()
    if wanted and queries.is_used(session, wanted):
        queries.mark_unreachable(session, wanted, at)


def reached(session: Session, address: str) -> None:
    """Take the mark away: something that only the address's mail holds has come back to us."""
    queries.forget_unreachable(session, [address.strip().lower()])


def unreached(session: Session) -> tuple[Unreached, ...]:
    """Return the functions of which a mailbox, the holder or the deputy cannot be reached by mail."""
    since = queries.unreachable(session)
    if not since:
        return ()
    found = []
    bodies = {one.id: one.name for one in queries.bodies(session)}
    for function, holder, deputy in queries.functions_with_people(session):
        for name, address in (
            ("", function.mailbox.lower()),
            *((one.name, one.email) for one in (holder, deputy) if one is not None),
        ):
            if address in since:
                found.append(
                    Unreached(
                        function.id,
                        function.title,
                        bodies[function.body_id],
                        name,
                        address,
                        since[address],
                    )
                )
    return tuple(found)
