"""The frame of a programme: who comes, who leads, rooms and days; gathered from the tables, kept as JSON."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Any

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind
from api.kit.errors import FieldFault, FormError
from api.meetings.met import pairs_met
from api.networks import queries as networks
from api.networks.models import NetworkForm
from api.programme import queries as programmes
from api.proposals.programme.drafting import CircleChoice, Delegate, Frame, GuestChoice, RoomChoice
from api.registry import queries as registry
from api.surveys.wishes import Wishes
from matcher.programme.problem import Tables

Json = dict[str, Any]

EXAMPLE = " (Exempel)"
_FEWEST = 2  # RC that make it a circle


def gather(
    session: Session,
    wishes: Wishes,
    days: Sequence[date],
    rooms: Sequence[RoomChoice],
    guest_ids: Sequence[str],
    tables: Tables,
) -> Frame:
    """Return the frame of a meeting: NCH's contacts lead, each function that a survey answer names comes.

    `met` is left empty: see `met_before`.

    Raises:
        FormError: when nobody at NCH can lead, or no function of an answer is in the contacts.
    """
    leaders = leading(session)
    delegates = _delegates(session, wishes) if wishes.survey_id else _one_of_each(session)
    if not leaders:
        raise FormError(
            FieldFault(
                "survey",
                "Ingen på NCH är inlagd som kan leda pass. Lägg till någon under Kontakter.",
            )
        )
    if wishes.survey_id and not wishes.people:
        raise FormError(FieldFault("survey", "Ingen har svarat på enkäten än."))
    if not delegates:
        raise FormError(
            FieldFault(
                "survey",
                "De som ska komma enligt enkäten finns inte under Kontakter. Lägg till dem först.",
            )
        )
    return Frame(
        days=tuple(days),
        rooms=tuple(rooms),
        leaders=leaders,
        delegates=tuple(delegates),
        guests=tuple(one for one in guests(session) if one.function_id in guest_ids),
        tables=tables,
        circles=circles_of(session, delegates),
    )


def circles_of(session: Session, delegates: Sequence[Delegate]) -> tuple[CircleChoice, ...]:
    """Return today's circles of which two RC or more come; those that are far apart are worth the most.

    A circle that meets digitally counts by its kilometres; one that meets in person anyway counts
    next to nothing, so that it sits together only where nobody else is waiting.
    """
    active = networks.active_networks(session)
    members = networks.members(session, [one.id for one in active])
    found = []
    for one in active:
        mine = {member.rc_id for member in members.get(one.id, ()) if member.declined_at is None}
        coming = tuple(who.function_id for who in delegates if who.rc_id in mine)
        if len({who.rc_id for who in delegates if who.rc_id in mine}) < _FEWEST:
            continue
        is_far = one.form is NetworkForm.DIGITAL
        weight = round((one.farthest_km or 0) / 100, 2) if is_far else 0.0
        found.append(CircleChoice(coming, weight))
    return tuple(found)


def met_before(
    session: Session, meeting_id: str, delegates: Sequence[Delegate]
) -> dict[frozenset[str], int]:
    """Return how often two functions have met: meetings of their RC's networks that were held, tables shared.

    Tables are those of other meetings; of this one only the programme that is being planned counts.
    """
    shared = pairs_met(session)
    met: Counter[frozenset[str]] = Counter()
    for one, other in combinations(delegates, 2):
        held = shared[frozenset((one.rc_id, other.rc_id))]
        if held:
            met[frozenset((one.function_id, other.function_id))] += held
    coming = {one.function_id for one in delegates}
    tables: dict[tuple[str, int, int], list[str]] = {}
    for seat in programmes.seats_at_other_meetings(session, meeting_id):
        if seat.function_id in coming:
            table = (seat.session_id, seat.round_number, seat.table_number)
            tables.setdefault(table, []).append(seat.function_id)
    for people in tables.values():
        met.update(frozenset(pair) for pair in combinations(people, 2))
    return dict(met)


def guests(session: Session) -> list[GuestChoice]:
    """Return the guests whom a meeting may invite for one session each, one for each kind of function."""
    found: dict[str, GuestChoice] = {}
    for function, body in accounts.functions_of_kind(session, BodyKind.GUEST):
        name = body.name.removesuffix(EXAMPLE)
        role = function.kind.value.removesuffix("_contact")
        found.setdefault(role, GuestChoice(function.id, role, name, name))
    return list(found.values())


def leading(session: Session) -> tuple[tuple[str, str], ...]:
    """Return NCH's functions that lead sessions, each with its title."""
    ours = [function for function, _ in accounts.functions_of_kind(session, BodyKind.NCH)]
    found = [one for one in ours if one.kind == FunctionKind.CONTACT] or ours
    return tuple((one.id, one.title) for one in found)


def _one_of_each(session: Session) -> list[Delegate]:
    """Return one delegate of each RC, its coordinator first: who comes when nobody was asked."""
    phases = {rc.id: str(rc.phase_band or "") for rc in registry.rcs(session)}
    found: dict[str, Delegate] = {}
    functions = accounts.functions_of_kind(session, BodyKind.RC)
    for function, body in sorted(
        functions, key=lambda one: one[0].kind is not FunctionKind.COORDINATOR
    ):
        if body.rc_id is not None and body.rc_id in phases:
            title = f"{body.name}, {function.title}"
            made = Delegate("", function.id, body.rc_id, phases[body.rc_id], title)
            found.setdefault(body.rc_id, made)
    return [found[rc] for rc in sorted(found)]


def _delegates(session: Session, wishes: Wishes) -> list[Delegate]:
    phases = {rc.id: str(rc.phase_band or "") for rc in registry.rcs(session)}
    posts: dict[tuple[str, str], tuple[str, str]] = {}
    for function, body in accounts.functions_of_kind(session, BodyKind.RC):
        if body.rc_id is not None:
            title = f"{body.name}, {function.title}"
            posts.setdefault((body.rc_id, function.kind.value), (function.id, title))
    found = []
    for person in wishes.people:
        post = posts.get((person.rc_id, person.function))
        if post is not None:
            phase = phases.get(person.rc_id, "")
            found.append(Delegate(person.id, post[0], person.rc_id, phase, post[1]))
    return found
