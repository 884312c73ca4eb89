"""The tables of a meeting's case rounds to print: one sheet a round, for the door of the room."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.accounts.policy import Viewer, insist, may_read_register, may_see_contacts
from api.front.meeting import name_of
from api.front.network import where_of
from api.kit.errors import MissingError
from api.kit.i18n import Speaker, swedish_order
from api.networks import queries as networks
from api.programme.reading import (
    lines,
    programme_for,
    visible_meeting,
)
from api.programme.seating import rounds_of


@dataclass(frozen=True, slots=True)
class Chair:
    """Who sits: RC and function, and the name where the reader may see it."""

    function: str
    name: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with those who sit at it."""

    number: int
    chairs: tuple[Chair, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One round of one session; `round_number` is 0 where the session has only one round."""

    session: str
    when: str
    room: str
    round_number: int
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class TablesPage:
    """All sheets of a meeting."""

    meeting_id: str
    meeting: str
    where: str
    sheets: tuple[Sheet, ...]


def tables_page(session: Session, viewer: Viewer, meeting_id: str, say: Speaker) -> TablesPage:
    """Return the tables of a meeting's case rounds.

    Raises:
        MissingError: when there are none, or they are not for this viewer; a guest, who comes for
            one session, reads the own table in the own agenda.
    """
    meeting, is_guest_view = visible_meeting(session, viewer, meeting_id)
    insist(may_read_register(viewer) and not is_guest_view)
    programme = programme_for(session, viewer, meeting)
    seated = {seat.function_id for seat in programme.seats}
    if not seated:
        raise MissingError
    chairs = _chairs(session, viewer, seated)
    sheets: list[Sheet] = []
    for line in lines(programme, meeting):
        rounds = rounds_of(programme.seats, line.session.id)
        for number, tables in enumerate(rounds, start=1):
            sheets.append(
                Sheet(
                    session=say.either(line.session.title_sv, line.session.title_en),
                    when=say.span(line.slot.starts_at, line.ends_at),
                    room=line.room.name if line.room else "",
                    round_number=number if len(rounds) > 1 else 0,
                    tables=tuple(
                        Table(at, tuple(sorted((chairs[one] for one in people), key=_order)))
                        for at, people in tables.items()
                    ),
                )
            )
    return TablesPage(meeting.id, name_of(say, meeting), where_of(say, meeting), tuple(sheets))


def _order(chair: Chair) -> tuple[tuple[int, ...], str]:
    return (swedish_order(chair.function), chair.name)


def _chairs(session: Session, viewer: Viewer, function_ids: set[str]) -> dict[str, Chair]:
    """Return function -> who it is, named only inside the reader's own networks and to planners."""
    bodies = {body.id: body for body in accounts.bodies(session)}
    near = _rcs_near(session, viewer)
    found = {}
    for function, holder, _ in accounts.functions_with_people(session, function_ids=function_ids):
        body = bodies[function.body_id]
        is_named = viewer.is_planner or (body.kind == BodyKind.RC and body.rc_id in near)
        name = holder.name if holder and is_named else ""
        found[function.id] = Chair(f"{body.name}, {function.title}", name)
    return found


def _rcs_near(session: Session, viewer: Viewer) -> set[str]:
    """Return the RC whose people the viewer sees the names of: the own and its networks'."""
    near = set(viewer.rc_ids)
    active = [network.id for network in networks.active_networks(session)]
    for members in networks.members(session, active).values():
        rc_ids = {member.rc_id for member in members}
        if may_see_contacts(viewer, rc_ids):
            near |= rc_ids
    return near
