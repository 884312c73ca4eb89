"""The one policy: who may see and do what, asked alike by pages, API, exports and feeds."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from api.accounts.models import Role
from api.kit.errors import MissingError


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks: a signed-in person with the roles of the functions held."""

    person_id: str
    name: str
    roles: frozenset[Role]
    function_ids: frozenset[str]
    body_ids: frozenset[str]
    rc_ids: frozenset[str]

    @property
    def is_planner(self) -> bool:
        """True for NCH's planners, who see and change everything but others' secrets."""
        return Role.PLANNER in self.roles


def may_plan(viewer: Viewer | None) -> bool:
    """Planners match, plan, publish and correct."""
    return viewer is not None and viewer.is_planner


def may_read_register(viewer: Viewer | None) -> bool:
    """Everybody who is signed in but guests reads the register and the public parts of meetings."""
    return viewer is not None and bool(viewer.roles & {Role.PLANNER, Role.RC_MEMBER, Role.READER})


def may_see_network(viewer: Viewer | None, member_rc_ids: Collection[str]) -> bool:
    """A network is seen by its members, planners and readers."""
    if viewer is None:
        return False
    if viewer.roles & {Role.PLANNER, Role.READER}:
        return True
    return Role.RC_MEMBER in viewer.roles and not viewer.rc_ids.isdisjoint(member_rc_ids)


def may_see_contacts(viewer: Viewer | None, member_rc_ids: Collection[str]) -> bool:
    """Names, addresses and phone numbers are shown inside one's own networks, and to planners."""
    if viewer is None:
        return False
    return viewer.is_planner or not viewer.rc_ids.isdisjoint(member_rc_ids)


def may_act_in_network(viewer: Viewer | None, member_rc_ids: Collection[str]) -> bool:
    """Any member of a network proposes, books, moves and calls off its own meetings; so do planners."""
    return viewer is not None and (viewer.is_planner or not viewer.rc_ids.isdisjoint(member_rc_ids))


def may_act_for_rc(viewer: Viewer | None, rc_id: str) -> bool:
    """An RC's own people and planners act for the RC."""
    return viewer is not None and (viewer.is_planner or rc_id in viewer.rc_ids)


def may_see_body(viewer: Viewer | None, body_id: str) -> bool:
    """A body's own people (guests apart) and planners see its functions and hand them over."""
    if viewer is None:
        return False
    return viewer.is_planner or (Role.GUEST not in viewer.roles and body_id in viewer.body_ids)


def may_see_session(viewer: Viewer | None, invited_function_ids: Iterable[str]) -> bool:
    """A guest sees the sessions that a function of theirs is invited to; members see them all."""
    if viewer is None:
        return False
    if may_read_register(viewer):
        return True
    return not viewer.function_ids.isdisjoint(invited_function_ids)


def may_give_place(viewer: Viewer | None, function_id: str) -> bool:
    """A function's holder and its deputy decide who takes its places at meetings."""
    return viewer is not None and function_id in viewer.function_ids


def insist(allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence: insist(may_plan(viewer))
    """Raise MissingError unless allowed: what one may not see does not exist."""
    if not allowed:
        raise MissingError
