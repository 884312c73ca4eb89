"""A schedule that was read becomes a meeting's content, in the place of what there was, until it is undone."""

from dataclasses import dataclass, replace
from datetime import datetime

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session

from api.audit.service import record
from api.kit.db import lock
from api.kit.errors import ConflictError
from api.kit.guard import FORM_TOKEN_LIFETIME_S
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.outbox.acts import Data, can_undo_by, changed
from api.programme import content, outlines
from api.programme.content import ProgrammePlan
from api.programme.schedules.taking import moved_to
from api.surveys import queries as surveys

UNDO = "content taken in"
_SALT = "schedule"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a planner was shown of a file, and the version of the content that it takes the place of (0: none)."""

    meeting_id: str
    version: int
    plan: ProgrammePlan


def pack(seen: Seen, person_id: str, key: str) -> str:
    """Return what was shown as a signed text: nothing is kept meanwhile."""
    told = [person_id, seen.meeting_id, seen.version, content.write(seen.plan)]
    return URLSafeTimedSerializer(key, salt=_SALT).dumps(told)


def unpack(text: str, person_id: str, key: str) -> Seen:
    """Return what was shown.

    Raises:
        ConflictError: when it is not ours, too old, or was shown to somebody else.
    """
    try:
        who, meeting_id, version, plan = URLSafeTimedSerializer(key, salt=_SALT).loads(
            text, max_age=FORM_TOKEN_LIFETIME_S
        )
    except BadData as error:
        raise ConflictError("Kontrollen av filen gäller inte längre. Välj filen igen.") from error
    if who != person_id:
        raise ConflictError("Kontrollen av filen gäller inte längre. Välj filen igen.")
    return Seen(meeting_id, version, content.read(plan))


def fitted(session: Session, meeting: Meeting, plan: ProgrammePlan) -> ProgrammePlan:
    """Return content that was read as a meeting has it: on its own days, of topics that there are.

    Raises:
        FieldFault: when its times go into each other.
    """
    known = {one.id for one in surveys.themes(session)}
    sessions = tuple(
        one if one.theme_id in known else replace(one, theme_id="") for one in plan.sessions
    )
    made = moved_to(replace(plan, sessions=sessions), meeting.starts_at)
    outlines.insist_on_order(made.slots)
    return made


def take_in(
    session: Session,
    meeting: Meeting,
    plan: ProgrammePlan,
    version: int | None,
    actor: str,
    at: datetime,
) -> None:
    """Make what was read a meeting's content.

    version: of the content that its place is taken of, as the planner saw it; None: whichever.

    Raises:
        ConflictError: when that has changed since.
    """
    found = outlines.outline_of(session, meeting.id)
    if found is not None:
        lock(found)
    if version is not None and version != (found.version if found else 0):
        raise ConflictError("Innehållet har ändrats sedan du såg det. Välj filen igen.")
    before = found.content if found else ""
    survey_id = found.survey_id if found else ""
    made = outlines.begin(session, meeting, plan, survey_id, actor, at)
    data = {"meeting": meeting.id, "before": before, "after": {"version": made.version}}
    can_undo_by(session, UNDO, data)


def undo_taking(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Give a meeting back the content that it had, or none.

    Raises:
        ConflictError: when somebody has changed it since.
    """
    meeting = meetings.meeting(session, data["meeting"])
    found = outlines.outline_of(session, meeting.id) if meeting else None
    if meeting is None or found is None:
        raise ConflictError("Det går inte att ångra: något har ändrats sedan dess.")
    lock(found)
    changed(data["after"], {"version": found.version})
    if data["before"]:
        plan = content.read(data["before"])
        outlines.write(session, found, plan, actor, at, {"sessions": len(plan.sessions)})
        return
    session.delete(found)
    session.flush()
    record(session, actor, "removed", ("programme_outline", meeting.id))
