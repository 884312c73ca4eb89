"""Groups that meet without being a network: made for a meeting, saved to meet again, and who is in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Attends, Body, Function, FunctionKind, Matter, Role
from api.accounts.policy import Viewer, may_plan
from api.audit.service import record
from api.kit.errors import FieldFault
from api.kit.i18n import later
from api.meetings import queries
from api.meetings.models import GroupPost, MeetingGroup
from api.outbox.acts import Data, can_undo_by

UNDO = "group"  # the kind of step that takes a new group away
LONGEST_NAME = 80
MOST_A_YEAR = 12
# The posts at an RC that a meeting may be for.
POSTS = {
    FunctionKind.COORDINATOR: later("Operativa samordnare"),
    FunctionKind.CURATOR: later("Kuratorer"),
    FunctionKind.PROJECT_LEADER: later("Projektledare"),
    FunctionKind.MANAGER: later("Chefer"),
}


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What a group needs to be made: one that is saved has a name, and may meet a number of times a year."""

    function_ids: Collection[str]
    name: str = ""
    purpose: str = ""
    per_year: int = 0
    is_saved: bool = False
    is_example: bool = False


def make_group(session: Session, draft: GroupDraft, actor: str, at: datetime) -> MeetingGroup:
    """Put some posts together as a group.

    Raises:
        FieldFault: when a saved one has no name, or meets too often.
    """
    name = " ".join(draft.name.split())
    if draft.is_saved and not 0 < len(name) <= LONGEST_NAME:
        raise FieldFault("group_name", "Skriv vad gruppen heter.")
    _insist_on_number(draft.per_year)
    made = MeetingGroup(
        name=name,
        purpose=" ".join(draft.purpose.split()),
        per_year=draft.per_year,
        is_saved=draft.is_saved,
        made_at=at,
        is_example=draft.is_example,
    )
    session.add(made)
    session.flush()
    for function_id in sorted(set(draft.function_ids)):
        session.add(GroupPost(group_id=made.id, function_id=function_id))
    session.flush()
    after: dict[str, object] = {"posts": len(set(draft.function_ids)), "saved": draft.is_saved}
    record(session, actor, "created", ("group", made.id), after=after)
    return made


def _insist_on_number(per_year: int) -> None:
    if not 0 <= per_year <= MOST_A_YEAR:
        message = "Skriv ett helt tal från %(least)s till %(most)s."
        raise FieldFault("per_year", message, least=0, most=MOST_A_YEAR)


def can_be_unmade(session: Session, group: MeetingGroup) -> None:
    """Let the act that goes on take back that it has made a group; said first, so that it is done last."""
    can_undo_by(session, UNDO, {"id": group.id})


def undo_made(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """Take away a group that was just made; one that a closed poll hangs on is in no list any more."""
    found = queries.group(session, data["id"])
    if found is None:
        return
    record(session, actor, "removed", ("group", found.id))
    if not queries.is_group_removed(session, found):
        found.is_saved, found.per_year = False, 0
        found.version += 1
        session.add(found)
        session.flush()


def may_see_group(session: Session, viewer: Viewer | None, group_id: str) -> bool:
    """Planners, and whoever holds one of its posts, see a group."""
    if viewer is None:
        return False
    ids = queries.group_posts(session, [group_id])[group_id]
    return may_plan(viewer) or not viewer.function_ids.isdisjoint(ids)


def posts_of(session: Session, group_id: str) -> list[tuple[Function, Body]]:
    """Return a group's posts that are left, with their bodies."""
    return accounts.functions_with_bodies(
        session, queries.group_posts(session, [group_id])[group_id]
    )


def attending(
    session: Session,
    bodies: Collection[Body],
    matter: Matter | None,
    kinds: Collection[FunctionKind],
) -> list[Function]:
    """Return who comes from each body: the posts of these kinds, or as the body itself has declared.

    A declared post that nobody holds is stood in for by the one that the body has named; where a body
    has declared nothing its coordinators come, else every post that somebody holds. Guests' posts never.
    """
    by_body: dict[str, list[Function]] = {body.id: [] for body in bodies}
    for one, body in accounts.functions_of_bodies(session, list(by_body)):
        if one.role is not Role.GUEST:
            by_body[body.id].append(one)
    if matter is None:
        return [one for rows in by_body.values() for one in rows if one.kind in kinds]
    declared = {one.body_id: one for one in accounts.attends(session, list(by_body), matter)}
    return [
        one
        for body_id, rows in by_body.items()
        for one in _declared([one for one in rows if one.holder_id], declared.get(body_id))
    ]


def _declared(held: list[Function], said: Attends | None) -> list[Function]:
    by_id = {one.id: one for one in held}
    if said is not None:
        for wanted in (said.function_id, said.instead_id):
            if wanted in by_id:
                return [by_id[wanted]]
    return [one for one in held if one.kind is FunctionKind.COORDINATOR] or held


def set_yearly(session: Session, group: MeetingGroup, per_year: int, actor: str) -> None:
    """Say how often a saved group meets a year.

    Raises:
        FieldFault: when that is too often.
    """
    _insist_on_number(per_year)
    before: dict[str, object] = {"per_year": group.per_year}
    group.per_year = per_year
    group.version += 1
    session.add(group)
    session.flush()
    record(session, actor, "changed", ("group", group.id), before, {"per_year": per_year})
