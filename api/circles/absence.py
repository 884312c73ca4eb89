"""Somebody is away for a time: the deputy holds the post and gets everything meanwhile, then it goes back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import directory
from api.accounts import queries as accounts
from api.accounts.directory import PersonDetails
from api.accounts.models import Function
from api.accounts.policy import Viewer, may_plan
from api.circles import queries
from api.circles.models import Absence
from api.kit.clock import day_from, to_local
from api.kit.db import take_version
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.outbox.acts import Data, can_undo_by

UNDO = "absence"
LONGEST = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class AwayWish:
    """What is typed of a time away; the deputy only where the post has none."""

    starts_on: str
    until: str
    deputy: PersonDetails


def go_away(
    session: Session, function_id: str, wish: AwayWish, version: int, actor: str, at: datetime
) -> Absence:
    """Write down that a post's holder is away for a time; what begins today begins at once.

    Raises:
        MissingError: when there is no such post.
        FieldFault: when a day is none or wrong, or nobody can answer meanwhile.
        ConflictError: when nobody holds the post, a time away is there already, or the post's people
            have been changed too often today.
    """
    function = accounts.function_to_change(session, function_id)
    if function is None:
        raise MissingError
    today = to_local(at).date()
    starts_on, until = _day("starts_on", wish.starts_on), _day("until", wish.until)
    if starts_on < today:
        raise FieldFault("starts_on", "Välj i dag eller en senare dag.")
    if not starts_on <= until <= starts_on + LONGEST:
        raise FieldFault("until", "Välj en dag efter den första, högst två år senare.")
    if function.holder_id is None:
        raise ConflictError("Ingen har funktionen.")
    if queries.open_absences(session, [function_id]):
        raise ConflictError("En frånvaro är redan inlagd.")
    take_version(session, function, version, {}, dict)
    directory.insist_on_few(session, function.id, actor, at)
    deputy = directory.person_from(session, wish.deputy, "deputy", actor)
    if deputy is None and function.deputy_id is not None:
        deputy = accounts.person(session, function.deputy_id)
    if deputy is None:
        raise FieldFault("deputy_email", "Skriv vem som svarar under tiden.")
    if deputy.id == function.holder_id:
        raise FieldFault(
            "deputy_email", "Ersättaren måste vara en annan person än den som har funktionen."
        )
    made = Absence(
        function_id=function.id,
        person_id=function.holder_id,
        deputy_id=deputy.id,
        starts_on=starts_on,
        until=until,
        deputy_hands_over=function.deputy_hands_over,
        made_at=at,
    )
    session.add(made)
    session.flush()
    can_undo_by(session, UNDO, {"id": made.id})
    if starts_on <= today:
        _begin(session, made, actor, at)
    return made


def come_back(session: Session, viewer: Viewer, function_id: str, at: datetime) -> Absence:
    """End a time away before its day, or take one that has not begun away.

    Raises:
        MissingError: when there is none, or the viewer is neither of the two nor a planner.
    """
    found = queries.open_absences(session, [function_id]).get(function_id)
    if found is None or not (
        may_plan(viewer) or viewer.person_id in {found.person_id, found.deputy_id}
    ):
        raise MissingError
    can_undo_by(session, UNDO, {"id": found.id, "goes_on": True})
    _end(session, found, viewer.person_id, at)
    return found


def keep_absences(session: Session, at: datetime) -> None:
    """Begin the times away whose day has come, and end those that are over."""
    today = to_local(at).date()
    for one in queries.absences_to_end(session, today):
        _end(session, one, "system", at)
    for one in queries.absences_to_begin(session, today):
        _begin(session, one, "system", at)


def undo_absence(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Take a time away away that was just written down, or let one go on; its hand-over is undone by itself."""
    del actor
    found = queries.absence(session, data["id"])
    if found is not None:
        found.ended_at = None if data.get("goes_on") else at
        found.ended_by = ""
        session.add(found)
        session.flush()


def _begin(session: Session, away: Absence, actor: str, at: datetime) -> None:
    function = accounts.function_to_change(session, away.function_id)
    absent = accounts.person(session, away.person_id)
    if function is None or absent is None or function.holder_id != away.person_id:
        away.ended_at = at  # somebody else holds the post by now
        session.add(away)
        return
    made = directory.hand_over(
        session,
        function,
        accounts.person(session, away.deputy_id),
        deputy=absent,
        version=function.version,
        actor=actor,
        now=at,
    )
    away.begun_at, away.begun_by = at, made.id if made else ""
    session.add(away)
    session.flush()


def _end(session: Session, away: Absence, actor: str, at: datetime) -> None:
    function = accounts.function_to_change(session, away.function_id)
    away.ended_at = at
    session.add(away)
    session.flush()
    if function is None or away.begun_at is None or not _is_as_begun(function, away):
        return
    made = directory.hand_over(
        session,
        function,
        accounts.person(session, away.person_id),
        deputy=accounts.person(session, away.deputy_id),
        version=function.version,
        actor=actor,
        now=at,
        deputy_hands_over=away.deputy_hands_over,
    )
    away.ended_by = made.id if made else ""
    session.add(away)
    session.flush()


def _is_as_begun(function: Function, away: Absence) -> bool:
    return (function.holder_id, function.deputy_id) == (away.deputy_id, away.person_id)


def _day(field: str, text: str) -> date:
    try:
        return day_from(text)
    except ValueError as error:
        raise FieldFault(field, "Skriv dagen som 2027-03-01.") from error
