"""All SQL over materials."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from api.library.models import Material
from api.meetings.models import Meeting


def material(session: Session, material_id: str) -> Material | None:
    """Return a material."""
    return session.get(Material, material_id)


def of_meetings(session: Session, meeting_ids: Collection[str]) -> dict[str, tuple[Material, ...]]:
    """Return each meeting's materials in the order they came; meetings without any are left out."""
    statement = (
        select(Material)
        .where(col(Material.meeting_id).in_(meeting_ids))
        .order_by(col(Material.added_at), Material.id)
    )
    found: dict[str, tuple[Material, ...]] = {}
    for row in session.exec(statement):
        found[row.meeting_id] = (*found.get(row.meeting_id, ()), row)
    return found


def meetings_with_materials(session: Session, since: datetime, until: datetime) -> list[Meeting]:
    """Return the meetings that ended in a span of time and have materials, newest first."""
    having = select(Material.meeting_id)
    statement = (
        select(Meeting)
        .where(col(Meeting.id).in_(having))
        .where(col(Meeting.ends_at) >= since, col(Meeting.ends_at) < until)
        .order_by(col(Meeting.starts_at).desc(), Meeting.id)
    )
    return list(session.exec(statement))
