"""Whom a meeting concerns: a network, a group's posts, the RC of a study visit, a forum's functions, or all RC."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import FunctionKind, Role
from api.accounts.policy import (
    Viewer,
    may_act_in_network,
    may_co_host,
    may_plan,
    may_read_register,
    may_see_network,
)
from api.calendar.models import ScopeKind
from api.calendar.service import Scope
from api.meetings import queries
from api.meetings.models import Meeting, MeetingKind, MeetingSeries, MeetingState
from api.networks import queries as networks
from api.networks.models import NetworkMember

FORUM_OF = {
    MeetingKind.SAMVERKANSFORUM: FunctionKind.PROJECT_LEADER,
    MeetingKind.MANAGERS: FunctionKind.MANAGER,
}
"""The forums by role: a meeting of this kind concerns every function of that kind, and nobody else."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The RC that a meeting concerns (None: all of them), and the functions it names."""

    rc_ids: frozenset[str] | None
    function_ids: frozenset[str] = frozenset()
    # Of them those that hold it together with NCH.
    co_hosts: frozenset[str] = frozenset()
    # RC whose people are away at it; None for all of them.
    occupied: frozenset[str] | None = None
    # RC that see it, but have said no to the circle: it is not in their calendars and they are asked nothing.
    declined: frozenset[str] = frozenset()


def audiences(session: Session, found: Sequence[Meeting]) -> dict[str, Audience]:
    """Return each meeting's audience; the number of queries does not grow with theirs."""
    if not found:
        return {}
    network_ids = sorted({meeting.network_id for meeting in found if meeting.network_id})
    members = networks.members(session, network_ids) if network_ids else {}
    own = queries.rc_ids_invited(session, [meeting.id for meeting in found])
    kinds = {FORUM_OF[meeting.kind] for meeting in found if meeting.kind in FORUM_OF}
    forums = _forums(session, kinds) if kinds else {}
    hosting = queries.co_hosts(session, [meeting.id for meeting in found])
    groups = _groups(session, {meeting.group_id for meeting in found if meeting.group_id})
    concerned = {
        meeting.id: forums[FORUM_OF[meeting.kind]]
        if meeting.kind in FORUM_OF
        else groups[meeting.group_id]
        if meeting.group_id
        else _of_rcs(meeting, members, own)
        for meeting in found
    }
    return {
        key: replace(one, function_ids=one.function_ids | hosting[key], co_hosts=hosting[key])
        if key in hosting
        else one
        for key, one in concerned.items()
    }


def _of_rcs(
    meeting: Meeting, members: Mapping[str, Sequence[NetworkMember]], own: dict[str, frozenset[str]]
) -> Audience:
    if meeting.network_id is None and meeting.id not in own:
        return Audience(rc_ids=None)
    rows = members.get(meeting.network_id or "", ())
    rc_ids = own.get(meeting.id, frozenset()) | {one.rc_id for one in rows}
    declined = frozenset(one.rc_id for one in rows if one.declined_at is not None)
    return Audience(rc_ids=rc_ids, occupied=rc_ids - declined, declined=declined)


def _forums(session: Session, kinds: Collection[FunctionKind]) -> dict[FunctionKind, Audience]:
    functions: dict[FunctionKind, set[str]] = {kind: set() for kind in kinds}
    away: dict[FunctionKind, set[str]] = {kind: set() for kind in kinds}
    for function, body in accounts.functions_of_kinds(session, kinds):
        functions[function.kind].add(function.id)
        if body.rc_id:
            away[function.kind].add(body.rc_id)
    return {
        kind: Audience(frozenset(), frozenset(functions[kind]), frozenset(away[kind]))
        for kind in kinds
    }


def _groups(session: Session, group_ids: Collection[str]) -> dict[str, Audience]:
    """Return the posts of groups as those whom their meetings concern, and nobody else at their RC."""
    if not group_ids:
        return {}
    ids = queries.group_posts(session, group_ids)
    every = {one for posts in ids.values() for one in posts}
    homes = {one.id: body.rc_id for one, body in accounts.functions_with_bodies(session, every)}
    return {
        key: Audience(
            frozenset(),
            frozenset(one for one in posts if one in homes),
            occupied=frozenset(rc for one in posts if (rc := homes.get(one))),
        )
        for key, posts in ids.items()
    }


def audience_of(session: Session, meeting: Meeting) -> frozenset[Scope]:
    """Return whose feeds a meeting is in: its own, its network's, its RC's and their functions'.

    A national meeting comes to functions as sessions of a personal agenda instead.
    """
    audience = audiences(session, [meeting])[meeting.id]
    scopes = {Scope(ScopeKind.MEETING, meeting.id)}
    scopes |= {Scope(ScopeKind.FUNCTION, one) for one in audience.function_ids}
    if audience.rc_ids is None:
        rc_ids = {body.rc_id for body in accounts.bodies(session) if body.rc_id}
        return frozenset(scopes | {Scope(ScopeKind.RC, rc_id) for rc_id in rc_ids})
    if meeting.network_id is not None:
        scopes.add(Scope(ScopeKind.NETWORK, meeting.network_id))
    return scopes_of_rcs(session, audience.rc_ids - audience.declined) | scopes


def audience_of_series(session: Session, series: MeetingSeries) -> frozenset[Scope]:
    """Return whose feeds a series is in: its network's, or its group's posts'."""
    if series.group_id is not None:
        group = _groups(session, [series.group_id])[series.group_id]
        return frozenset(Scope(ScopeKind.FUNCTION, one) for one in group.function_ids)
    return audience_of_network(session, series.network_id or "")


def audience_of_network(session: Session, network_id: str) -> frozenset[Scope]:
    """Return whose feeds a network's series is in: those of its members that take part, and their functions'."""
    rows = networks.members(session, [network_id])[network_id]
    own = Scope(ScopeKind.NETWORK, network_id)
    taking_part = [row.rc_id for row in rows if row.declined_at is None]
    return scopes_of_rcs(session, taking_part) | {own}


def scopes_of_rcs(session: Session, rc_ids: Collection[str]) -> frozenset[Scope]:
    """Return the calendars of some RC and of the functions there."""
    whole = {Scope(ScopeKind.RC, rc_id) for rc_id in rc_ids}
    return frozenset(whole | set(_function_scopes(session, rc_ids)))


def _function_scopes(session: Session, rc_ids: Iterable[str]) -> Iterable[Scope]:
    for rc_id in rc_ids:
        body = accounts.body_of_rc(session, rc_id)
        if body is not None:
            for function in accounts.functions_of_body(session, body.id):
                if function.role is not Role.GUEST:  # sees only the sessions that name it
                    yield Scope(ScopeKind.FUNCTION, function.id)


def seen_by(session: Session, viewer: Viewer | None, found: Sequence[Meeting]) -> list[Meeting]:
    """Return those of the meetings that the viewer may see.

    Drafts are for planners, a network's and a study visit's meetings for their RC, a forum's for
    those who hold its functions, the others for all but guests.
    """
    if may_plan(viewer):
        return list(found)
    return _seen(viewer, found, audiences(session, found))


def _seen(
    viewer: Viewer | None, found: Sequence[Meeting], concerned: Mapping[str, Audience]
) -> list[Meeting]:
    return [
        meeting
        for meeting in found
        if meeting.state != MeetingState.DRAFT and _is_seen(viewer, concerned[meeting.id])
    ]


def _is_seen(viewer: Viewer | None, audience: Audience) -> bool:
    if audience.rc_ids is None:
        return may_read_register(viewer) or is_invited(viewer, audience)
    return may_see_network(viewer, audience.rc_ids) or is_invited(viewer, audience)


def concerning(session: Session, viewer: Viewer | None, found: Sequence[Meeting]) -> list[Meeting]:
    """Return those of the meetings that are the viewer's own; a planner's own are all of them."""
    if viewer is None or may_plan(viewer):
        return list(found) if viewer else []
    concerned = audiences(session, found)
    return [
        meeting
        for meeting in _seen(viewer, found, concerned)
        if (rc_ids := concerned[meeting.id].rc_ids) is None
        or not viewer.home_rc_ids.isdisjoint(rc_ids - concerned[meeting.id].declined)
        or is_invited(viewer, concerned[meeting.id])
    ]


def is_invited(viewer: Viewer | None, audience: Audience) -> bool:
    """Return whether a function of the viewer's is named by the audience."""
    return viewer is not None and not viewer.function_ids.isdisjoint(audience.function_ids)


def may_add_material(session: Session, viewer: Viewer | None, meeting: Meeting) -> bool:
    """Whoever changes a meeting keeps its links, and so do its co-hosts, who change nothing else of it."""
    return meeting.id in adding_material(session, viewer, [meeting])


def adding_material(
    session: Session, viewer: Viewer | None, found: Sequence[Meeting]
) -> frozenset[str]:
    """Return the meetings to which a viewer adds links and files; the queries do not grow with them."""
    concerned = audiences(session, found)
    return frozenset(
        one.id
        for one in found
        if _may_change(viewer, one, concerned[one.id])
        or may_co_host(viewer, concerned[one.id].co_hosts)
    )


def may_change_meeting(session: Session, viewer: Viewer | None, meeting: Meeting) -> bool:
    """Planners change every meeting; an RC changes its network's own and its study visits."""
    return meeting in changing(session, viewer, [meeting])


def changing(session: Session, viewer: Viewer | None, found: Sequence[Meeting]) -> list[Meeting]:
    """Return those of the meetings that a viewer changes; the queries do not grow with them."""
    if may_plan(viewer):
        return list(found)
    concerned = audiences(session, found)
    return [one for one in found if _may_change(viewer, one, concerned[one.id])]


def _may_change(viewer: Viewer | None, meeting: Meeting, concerned: Audience) -> bool:
    if may_plan(viewer):
        return True
    if viewer is None or meeting.kind == MeetingKind.OTHER:  # NCH's own, for chosen RC
        return False
    rc_ids = concerned.rc_ids
    return rc_ids is not None and may_act_in_network(viewer, rc_ids - concerned.declined)
