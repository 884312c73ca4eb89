"""All SQL over materials and their files."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, or_, select

from api.kit.db import for_change
from api.library.models import Material, MaterialFile, ReadBy
from api.meetings.models import Meeting


def material(session: Session, material_id: str) -> Material | None:
    """Return a material."""
    return session.get(Material, material_id)


def materials(session: Session, ids: Collection[str]) -> list[Material]:
    """Return the materials with these ids."""
    return list(session.exec(select(Material).where(col(Material.id).in_(ids))))


def material_to_change(session: Session, material_id: str) -> Material | None:
    """Return a material, locked and read anew until the transaction ends."""
    statement = select(Material).where(Material.id == material_id)
    anew = statement.execution_options(populate_existing=True)
    return session.exec(for_change(session, anew)).first()


def of_meetings(session: Session, meeting_ids: Collection[str]) -> dict[str, tuple[Material, ...]]:
    """Return each meeting's materials in the order they came; meetings without any are left out."""
    statement = (
        select(Material)
        .where(col(Material.meeting_id).in_(meeting_ids))
        .order_by(col(Material.added_at), Material.id)
    )
    found: dict[str, tuple[Material, ...]] = {}
    for row in session.exec(statement):
        meeting_id = row.meeting_id or ""
        found[meeting_id] = (*found.get(meeting_id, ()), row)
    return found


def at_place(
    session: Session, meeting_id: str | None, network_id: str | None, theme_id: str | None
) -> list[Material]:
    """Return what lies at a meeting, a circle or a theme, in the order it came."""
    statement = (
        select(Material)
        .where(Material.meeting_id == meeting_id)
        .where(Material.network_id == network_id)
        .where(Material.theme_id == theme_id)
    )
    return list(session.exec(statement.order_by(col(Material.added_at), Material.id)))


def everything(
    session: Session, network_ids: Collection[str] | None, ids: Collection[str] | None = None
) -> list[Material]:
    """Return what (None: of all) is for all, at these circles (None: at any) and at meetings, the newest first."""
    seen: list[ColumnElement[bool]] = [col(Material.read_by) == ReadBy.ALL]
    if network_ids is None:
        seen.append(col(Material.network_id).is_not(None))
    else:
        seen.append(col(Material.network_id).in_(network_ids))
    seen.append(col(Material.meeting_id).is_not(None))
    statement = select(Material).where(or_(*seen))
    if ids is not None:
        statement = statement.where(col(Material.id).in_(ids))
    newest = func.coalesce(col(Material.renewed_at), col(Material.added_at)).desc()
    return list(session.exec(statement.order_by(newest, Material.id)))


def meetings_by_id(session: Session, ids: Collection[str]) -> list[Meeting]:
    """Return the meetings with these ids."""
    if not ids:
        return []
    return list(session.exec(select(Meeting).where(col(Meeting.id).in_(ids))))


def meetings_with_materials(session: Session, since: datetime, until: datetime) -> list[Meeting]:
    """Return the meetings that ended in a span of time and have materials, newest first."""
    having = select(Material.meeting_id).where(col(Material.meeting_id).is_not(None))
    statement = (
        select(Meeting)
        .where(col(Meeting.id).in_(having))
        .where(col(Meeting.ends_at) >= since, col(Meeting.ends_at) < until)
        .order_by(col(Meeting.starts_at).desc(), Meeting.id)
    )
    return list(session.exec(statement))


def versions(session: Session, material_id: str) -> list[MaterialFile]:
    """Return a document's versions without their octets, the newest first."""
    return all_versions(session, [material_id]).get(material_id, [])


def all_versions(session: Session, material_ids: Collection[str]) -> dict[str, list[MaterialFile]]:
    """Return the versions of some documents without their octets, the newest first."""
    statement = (
        select(MaterialFile)
        .where(col(MaterialFile.material_id).in_(material_ids))
        .options(defer(MaterialFile.octets, raiseload=False))  # type: ignore[arg-type]
        .order_by(col(MaterialFile.number).desc())
    )
    found: dict[str, list[MaterialFile]] = {}
    for one in session.exec(statement):
        found.setdefault(one.material_id, []).append(one)
    return found


def version(session: Session, material_id: str, number: int | None) -> MaterialFile | None:
    """Return one version of a document with its octets; None asks for the newest."""
    statement = select(MaterialFile).where(MaterialFile.material_id == material_id)
    if number is not None:
        statement = statement.where(MaterialFile.number == number)
    return session.exec(statement.order_by(col(MaterialFile.number).desc()).limit(1)).first()


def octets_kept(session: Session, rc_id: str | None = None) -> int:
    """Return how many octets all files take, or those of one RC."""
    statement = select(func.coalesce(func.sum(MaterialFile.size), 0))
    if rc_id is not None:
        statement = statement.join(Material, col(Material.id) == col(MaterialFile.material_id))
        statement = statement.where(Material.rc_id == rc_id)
    return int(session.exec(statement).one())


def delete_whole(session: Session, found: Material) -> None:
    """Delete a material with every version of its file."""
    session.execute(delete(MaterialFile).where(col(MaterialFile.material_id) == found.id))
    session.delete(found)
    session.flush()
