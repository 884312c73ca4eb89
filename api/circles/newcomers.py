"""A newcomer in a post: their circles, what is coming, whom to ring, and a buddy from a circle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, Function, HandOver, Person, Role
from api.accounts.policy import Viewer, counted
from api.accounts.service import viewer_for
from api.circles import queries
from api.circles.models import Buddy
from api.meetings import queries as meetings
from api.meetings.audience import concerning
from api.meetings.models import Meeting, MeetingState
from api.meetings.series import next_of_each
from api.networks import queries as networks
from api.networks.models import Layer, Network

NEW_FOR = timedelta(days=180)  # so long a buddy and a newcomer see each other on their start pages
BEGINNER_FOR = timedelta(days=90)  # who is so new is nobody's buddy while somebody else can be
COUNTED_FOR = timedelta(days=365)
MOST_COMING = 5
# Whoever is near is the easiest to meet; after that whoever has the same questions.
_ORDER = (Layer.NEARNESS, Layer.LIKENESS, Layer.EXPERIENCE, Layer.FORUM)


@dataclass(frozen=True, slots=True)
class Circle:
    """A network of an RC, and the other RC that take part in it."""

    network: Network
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody to ring."""

    person_id: str
    name: str
    title: str
    body: str
    phone: str
    email: str


def circles_of(session: Session, rc_id: str) -> list[Circle]:
    """Return an RC's networks with the others in them; who has declined takes no part."""
    ids = networks.networks_of_rc(session, rc_id)
    members = networks.members(session, ids)
    found = []
    for network in (networks.network(session, one) for one in ids):
        if network is None or network.ended_on is not None:
            continue
        rc_ids = [row.rc_id for row in members[network.id] if row.declined_at is None]
        if rc_id in rc_ids:
            found.append(Circle(network, tuple(one for one in rc_ids if one != rc_id)))
    return sorted(found, key=lambda one: (_ORDER.index(one.network.layer), one.network.name_sv))


def give_buddy(
    session: Session, made: HandOver, function: Function, circles: Sequence[Circle], at: datetime
) -> Buddy | None:
    """Ask somebody in a circle to help a newcomer begin: the same post first, whoever is least asked.

    None where no circle has anybody else.
    """
    rank: dict[str, int] = {}
    for circle in circles:
        for rc_id in circle.others:
            rank.setdefault(rc_id, _ORDER.index(circle.network.layer))
    known = {made.to_holder_id, made.from_holder_id, made.to_deputy_id}
    candidates = [
        (one, rc_id)
        for rc_id, functions in accounts.functions_of_rcs(session, list(rank)).items()
        for one in functions
        if one.holder_id not in {None, *known} and one.role in {Role.RC_MEMBER, Role.PLANNER}
    ]
    if not candidates or made.to_holder_id is None:
        return None
    beginners = queries.new_holders(session, [one.id for one, _ in candidates], at - BEGINNER_FOR)
    counts = queries.buddy_counts(session, at - COUNTED_FOR)

    def order(pair: tuple[Function, str]) -> tuple[bool, bool, int, int, str, str]:
        one, rc_id = pair
        is_other = one.kind is not function.kind
        return is_other, one.id in beginners, counts.get(one.id, 0), rank[rc_id], rc_id, one.id

    chosen, _ = min(candidates, key=order)
    buddy = Buddy(
        hand_over_id=made.id,
        function_id=function.id,
        person_id=made.to_holder_id,
        buddy_function_id=chosen.id,
        since=at,
    )
    session.add(buddy)
    session.flush()
    return buddy


def holder_of(session: Session, function_id: str) -> Someone | None:
    """Return who holds a post, to ring."""
    function = accounts.function(session, function_id)
    holder = (
        accounts.person(session, function.holder_id) if function and function.holder_id else None
    )
    home = accounts.body(session, function.body_id) if function else None
    if function is None or holder is None or home is None:
        return None
    return someone(function, holder, home)


def someone(function: Function, holder: Person, home: Body) -> Someone:
    """Return the holder of a post as somebody to ring."""
    return Someone(holder.id, holder.name, function.title, home.name, holder.phone, holder.email)


def colleagues(
    session: Session, circles: Sequence[Circle], but: Collection[str]
) -> dict[str, list[Network]]:
    """Return person -> the networks that they share with an RC, through posts of the others in them."""
    others = sorted({rc_id for circle in circles for rc_id in circle.others})
    found: dict[str, list[Network]] = {}
    for rc_id, functions in accounts.functions_of_rcs(session, others).items():
        shared = [circle.network for circle in circles if rc_id in circle.others]
        for one in functions:
            is_member = one.role in {Role.RC_MEMBER, Role.PLANNER}
            if one.holder_id and one.holder_id not in but and is_member:
                known = found.setdefault(one.holder_id, [])
                known += [network for network in shared if network not in known]
    return found


def coming(session: Session, person: Person, at: datetime) -> list[Meeting]:
    """Return the next meetings that concern a person; of a series only the next."""
    ahead = [
        one
        for one in meetings.meetings(session, at)
        if one.state not in {MeetingState.DRAFT, MeetingState.CANCELLED}
    ]
    return next_of_each(concerning(session, viewer_for(session, person), ahead))[:MOST_COMING]


def is_of_a_circle(function: Function, home: Body) -> bool:
    """Return whether a post's holder takes part in its RC's circles."""
    return home.rc_id is not None and counted(function.role, home.kind) is Role.RC_MEMBER


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who helps the viewer begin, and whom the viewer helps."""

    buddies: tuple[Someone, ...] = ()
    newcomers: tuple[Someone, ...] = ()


def pairs_of(session: Session, viewer: Viewer, at: datetime) -> Pairs:
    """Return whom a viewer turns to as a newcomer, and which newcomers turn to the viewer."""
    own = [post.function_id for post in viewer.posts if post.is_holder]
    since = at - NEW_FOR
    helping = [
        holder_of(session, one.buddy_function_id)
        for one in queries.buddies_of(session, viewer.person_id, own, since)
    ]
    helped = [
        holder
        for one in queries.newcomers_of(session, own, since)
        if (holder := holder_of(session, one.function_id)) and holder.person_id == one.person_id
    ]
    return Pairs(tuple(one for one in helping if one is not None), tuple(helped))
