"""What was learnt in a year: lines that an RC or NCH writes of itself, and takes away again."""

from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import record
from api.kit.errors import FieldFault, MissingError
from api.questions import queries
from api.questions.models import LONGEST_LESSON, Lesson

SHORTEST = 5
MOST = 5  # lines a year for each


def may_write(viewer: Viewer | None, rc_id: str) -> bool:
    """Whether the lines are the viewer's own: an RC's by its people alone, NCH's by planners."""
    if viewer is None:
        return False
    return rc_id in viewer.rc_ids if rc_id else may_plan(viewer)


def may_withdraw(viewer: Viewer | None, lesson: Lesson) -> bool:
    """Whether the viewer may take a line away: one's own, and a planner any, should it tell of a case."""
    return may_write(viewer, lesson.rc_id) or may_plan(viewer)


def publish(
    session: Session, viewer: Viewer, rc_id: str, year: int, text: str, at: datetime
) -> Lesson:
    """Publish a line of one's own.

    Raises:
        MissingError: when the RC is somebody else's.
        FieldFault: when the text cannot be used, or the year has its lines already.
    """
    insist(may_write(viewer, rc_id))
    line = " ".join(text.split())
    if len(line) < SHORTEST:
        raise FieldFault("text", "Skriv några ord till.")
    if len(line) > LONGEST_LESSON:
        raise FieldFault("text", "Högst %(most)s tecken.", most=LONGEST_LESSON)
    if len(queries.lessons(session, year, rc_id)) >= MOST:
        raise FieldFault("text", "Högst %(most)s rader om året. Ta bort en först.", most=MOST)
    made = Lesson(rc_id=rc_id, year=year, text=line, published_at=at)
    session.add(made)
    session.flush()
    record(session, viewer.person_id, "published", ("lesson", made.id))
    return made


def withdraw(session: Session, viewer: Viewer, lesson_id: str) -> Lesson:
    """Take a line away.

    Raises:
        MissingError: when there is none, or it is somebody else's.
    """
    found = queries.lesson(session, lesson_id)
    if found is None:
        raise MissingError
    insist(may_withdraw(viewer, found))
    session.delete(found)
    session.flush()
    record(session, viewer.person_id, "withdrew", ("lesson", found.id))
    return found
