"""The one policy: who may see and who may do what, asked alike by pages, API, exports and feeds.

Seeing and acting are two questions. Both are asked of a *post*, a function in a body with its role there,
and of the object: what a person may in one body says nothing about another.

- Nobody acts through a reader's or a guest's post, except for what is their own: sessions, calendar
  addresses, and the answer to an invitation that came to them.
- A role counts only where it belongs: a planner's at NCH, a member's in an RC (see `counted`).
- A post is handed over by its holder, by its deputy where the holder allowed that, or by a planner.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from api.accounts.models import BodyKind, Role
from api.kit.errors import MissingError

# What a role counts as where it does not belong; elsewhere it counts as what it is.
_COUNTED = {
    BodyKind.RC: {Role.PLANNER: Role.RC_MEMBER},
    BodyKind.COUNTY_BOARD: {Role.PLANNER: Role.READER},
    BodyKind.NCH: {Role.RC_MEMBER: Role.READER},
    BodyKind.GUEST: {Role.PLANNER: Role.GUEST, Role.RC_MEMBER: Role.GUEST},
}


def counted(role: Role, body: BodyKind) -> Role:
    """Return what a role is worth in a body of this kind: nobody plans but from NCH."""
    return _COUNTED[body].get(role, role)


def grouped(role: Role, body: BodyKind, given: frozenset[Role] | None) -> Role:
    """Return what a post is worth to somebody whose organisation's groups say what they may.

    given: None where no groups decide. The post says where, the groups say what: the most of it that
    counts in such a body. A guest is a guest whatever the groups say.
    """
    own = counted(role, body)
    if given is None or own is Role.GUEST:
        return own
    worth = {counted(one, body) for one in given}
    return next((one for one in (Role.PLANNER, Role.RC_MEMBER) if one in worth), Role.READER)


@dataclass(frozen=True, slots=True)
class Post:
    """A function that somebody holds, or is deputy for, and what it gives there."""

    function_id: str
    body_id: str
    rc_id: str | None  # of the body, when it is an RC
    role: Role  # as it counts
    is_holder: bool = True
    deputy_hands_over: bool = False  # the holder lets the deputy hand it over

    @property
    def acts(self) -> bool:
        """Whether anything of others is changed through it: a reader and a guest only look."""
        return self.role in {Role.PLANNER, Role.RC_MEMBER}

    @property
    def hands_itself_over(self) -> bool:
        """Whether the person may give this post to somebody else."""
        return self.acts and (self.is_holder or self.deputy_hands_over)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks: a signed-in person and what the posts held add up to."""

    person_id: str
    name: str
    roles: frozenset[Role]  # as they count
    function_ids: frozenset[str]
    body_ids: frozenset[str]  # whose people the viewer is among: not as a guest
    rc_ids: frozenset[str]  # that the viewer acts for
    posts: tuple[Post, ...] = ()
    is_curbed: bool = False  # by a key that reaches less than its owner does

    @classmethod
    def of(
        cls, person_id: str, name: str, posts: tuple[Post, ...], *, is_curbed: bool = False
    ) -> "Viewer":
        """Return the viewer that some posts make of a person."""
        return cls(
            person_id=person_id,
            name=name,
            roles=frozenset(post.role for post in posts),
            function_ids=frozenset(post.function_id for post in posts),
            body_ids=frozenset(post.body_id for post in posts if post.role is not Role.GUEST),
            rc_ids=frozenset(post.rc_id for post in posts if post.rc_id and post.acts),
            posts=posts,
            is_curbed=is_curbed,
        )

    @property
    def is_planner(self) -> bool:
        """True for NCH's planners, who see and change everything but others' secrets."""
        return Role.PLANNER in self.roles

    @property
    def initials(self) -> str:
        """The first letters of the first and the last word of the name, for the sign of the own menu."""
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0].upper() for word in dict.fromkeys((*words[:1], *words[-1:])))

    @property
    def home_rc_ids(self) -> frozenset[str]:
        """The RC that the viewer works at, readers too; guests do not."""
        at_home = {post.rc_id for post in self.posts if post.rc_id and post.role is not Role.GUEST}
        return self.rc_ids | at_home


def did(viewer: Viewer | None, actor: str) -> bool:
    """Whether the viewer did something, to see it through or take it back.

    Not with a key that reaches less than its owner does: what was done may have been a planner's act.
    """
    return viewer is not None and viewer.person_id == actor and not viewer.is_curbed


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


def may_see_rc_calendar(viewer: Viewer | None, rc_id: str) -> bool:
    """An RC's own people, readers too, and planners may have its calendar."""
    return viewer is not None and (viewer.is_planner or rc_id in viewer.home_rc_ids)


def may_see_body(viewer: Viewer | None, body_id: str) -> bool:
    """A body's own people (guests apart) and planners see its functions and who holds them."""
    return viewer is not None and (viewer.is_planner or body_id in viewer.body_ids)


def may_hand_over(viewer: Viewer | None, function_id: str) -> bool:
    """A post is given away by its holder, by its deputy where that is granted, and by planners."""
    if viewer is None:
        return False
    own = (post for post in viewer.posts if post.function_id == function_id)
    return viewer.is_planner or any(post.hands_itself_over for post in own)


def may_grant_deputy(viewer: Viewer | None, function_id: str) -> bool:
    """Only the holder and planners say whether the deputy may hand a post over: no deputy grants it."""
    if viewer is None:
        return False
    own = (post for post in viewer.posts if post.function_id == function_id)
    return viewer.is_planner or any(post.acts and post.is_holder for post in own)


def may_change_person(viewer: Viewer | None, person_id: str) -> bool:
    """A person's name and number are changed by that person and by planners, and by no form of others."""
    return viewer is not None and (viewer.is_planner or viewer.person_id == person_id)


def may_see_session(viewer: Viewer | None, invited_function_ids: Iterable[str]) -> bool:
    """A guest sees the sessions that a function of theirs is invited to; members see them all."""
    if viewer is None:
        return False
    if may_read_register(viewer):
        return True
    return not viewer.function_ids.isdisjoint(invited_function_ids)


def may_see_question(
    viewer: Viewer | None, asked: Collection[str], asker: str, *, is_of_circle: bool
) -> bool:
    """A question is seen by the RC that asked and those it was put to; by planners if it left its circle.

    asked: the RC it was put to. Who asks a circle alone is known to nobody else, NCH neither.
    """
    if viewer is None:
        return False
    if not viewer.rc_ids.isdisjoint({*asked, asker}):
        return True
    return viewer.is_planner and not is_of_circle


def may_see_material(
    viewer: Viewer | None, member_rc_ids: Collection[str], *, is_for_all: bool
) -> bool:
    """What is for all is seen by everybody but guests; a circle's own by its members and planners alone."""
    if is_for_all:
        return may_read_register(viewer)
    return may_see_contacts(viewer, member_rc_ids)


def may_keep_material(viewer: Viewer | None, rc_id: str) -> bool:
    """What an RC has put under a theme it renews and takes away itself; planners too."""
    return viewer is not None and (viewer.is_planner or bool(rc_id and rc_id in viewer.rc_ids))


def may_co_host(viewer: Viewer | None, co_hosts: Collection[str]) -> bool:
    """A co-host's holder and its deputy: they see one meeting whole, keep its links, and nothing more.

    It moves nothing, calls nothing off, invites nobody and opens no contacts, circles or other meetings.
    """
    if viewer is None:
        return False
    return any(
        post.function_id in co_hosts and post.role is not Role.READER for post in viewer.posts
    )


def may_give_place(viewer: Viewer | None, function_id: str) -> bool:
    """A function's holder and its deputy decide who takes its places at meetings; a reader does not."""
    if viewer is None:
        return False
    own = (post for post in viewer.posts if post.function_id == function_id)
    return any(post.role is not Role.READER for post in own)


def insist(allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence: insist(may_plan(viewer))
    """Raise MissingError unless allowed: what one may not see does not exist."""
    if not allowed:
        raise MissingError
