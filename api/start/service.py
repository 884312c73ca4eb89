"""What the first page says: what to do now, for the one who looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.accounts.policy import Viewer, may_read_register
from api.circles.newcomers import Pairs, pairs_of
from api.feeds.delivery import has_own_calendar
from api.kit.i18n import later
from api.meetings import queries as meetings
from api.meetings.audience import concerning
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.networks import queries as circles
from api.networks.models import Network
from api.networks.service import networks_for
from api.registry import queries as registry
from api.registry.models import PhaseBand, Rc
from api.start.asked import Asked, asked_of
from api.surveys import queries as surveys
from api.surveys.models import NeedsSurvey, SurveyState

SOON = timedelta(days=365)
NEWS = timedelta(days=14)  # how long the first page says what was decided
_MOST_MEETINGS = 4


ROLE_NAMES = {
    Role.PLANNER: later("Planerare på NCH"),
    Role.RC_MEMBER: later("Medarbetare på ett RC"),
    Role.GUEST: later("Gäst på ett pass, till exempel åklagare"),
    Role.READER: later("Läsare"),
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody invented whom one may be in the demonstration."""

    person_id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A needs survey that is open, and how many of those asked have answered."""

    survey: NeedsSurvey
    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Whom to ring at another RC of a circle of one's own."""

    rc: str
    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Where everything stands, as far as the viewer may see it."""

    rcs: tuple[Rc, ...]
    networks: tuple[tuple[Network, tuple[str, ...]], ...]
    meetings: tuple[Meeting, ...]
    national: Meeting | None
    surveys: tuple[OpenSurvey, ...]
    asked: tuple[Asked, ...]
    decided: tuple[Meeting, ...]  # whose time was decided lately, the newest first
    rc_names: dict[str, str]
    pairs: Pairs
    ring: dict[
        str, tuple[Ring, ...]
    ]  # by circle; only circles that one's own RC is in and has not declined
    has_calendar: bool  # an address of one's own carries all one's meetings

    def names(self, rc_ids: tuple[str, ...]) -> list[str]:
        """Return the names of these RC."""
        return [self.rc_names[rc_id] for rc_id in rc_ids]

    @property
    def operational(self) -> int:
        """How many RC are in the operational band."""
        return sum(rc.phase_band == PhaseBand.OPERATIONAL for rc in self.rcs)

    @property
    def starting(self) -> frozenset[str]:
        """The RC that have not begun."""
        return frozenset(rc.id for rc in self.rcs if rc.phase_band == PhaseBand.PRE_OPERATIONAL)

    @property
    def outside(self) -> tuple[Rc, ...]:
        """The RC that are in no network."""
        inside = {rc_id for _, members in self.networks for rc_id in members}
        return tuple(rc for rc in self.rcs if rc.id not in inside)


def overview(session: Session, viewer: Viewer, at: datetime) -> Overview:
    """Gather what the first page of a signed-in viewer shows."""
    reads = may_read_register(viewer)
    rcs = tuple(registry.rcs(session)) if reads else ()
    names = {rc.id: rc.name for rc in rcs}
    networks = tuple(networks_for(session, viewer))
    ahead = [m for m in meetings.meetings(session, at) if m.state != MeetingState.CANCELLED]
    coming = concerning(session, viewer, ahead)
    national = next((m for m in coming if m.kind == MeetingKind.NATIONAL), None)
    return Overview(
        rcs=rcs,
        networks=networks,
        meetings=tuple(coming[:_MOST_MEETINGS]),
        national=national,
        surveys=tuple(_open_surveys(session, viewer, at)),
        decided=tuple(
            sorted(
                (m for m in coming if m.agreed_at is not None and m.agreed_at > at - NEWS),
                key=lambda m: m.agreed_at or at,
                reverse=True,
            )
        )
        if not viewer.is_planner
        else (),
        asked=tuple(asked_of(session, viewer, _own(viewer, networks), at)),
        rc_names=names,
        pairs=pairs_of(session, viewer, at),
        ring=_ring(session, viewer, networks, names),
        has_calendar=has_own_calendar(session, viewer.person_id, at),
    )


def _ring(
    session: Session,
    viewer: Viewer,
    networks: tuple[tuple[Network, tuple[str, ...]], ...],
    names: dict[str, str],
) -> dict[str, tuple[Ring, ...]]:
    mine = [(one.id, ids) for one, ids in networks if viewer.rc_ids & set(ids)]
    rows = circles.members(session, [key for key, _ in mine])
    # Who has declined a circle is asked nothing about it, nor here.
    kept = {
        key
        for key, found in rows.items()
        if any(one.rc_id in viewer.rc_ids and one.declined_at is None for one in found)
    }
    mine = [(key, ids) for key, ids in mine if key in kept]
    others = {rc_id for _, ids in mine for rc_id in ids if rc_id not in viewer.rc_ids}
    first: dict[str, Ring] = {}
    for rc_id, _, who in accounts.holders_at(session, others) if others else ():
        first.setdefault(rc_id, Ring(names.get(rc_id, rc_id), who.name, who.phone, who.email))
    return {key: tuple(first[rc_id] for rc_id in ids if rc_id in first) for key, ids in mine}


def _own(viewer: Viewer, networks: tuple[tuple[Network, tuple[str, ...]], ...]) -> list[Network]:
    return [network for network, members in networks if viewer.rc_ids & set(members)]


def _open_surveys(session: Session, viewer: Viewer, at: datetime) -> list[OpenSurvey]:
    found = [
        one
        for one in surveys.surveys(session)
        if one.state == SurveyState.OPEN and one.deadline > at
    ]
    answered = surveys.answering(session, [one.id for one in found])
    return [
        OpenSurvey(one, len(answered[one.id]), len(one.rc_ids))
        for one in found
        if viewer.is_planner or (viewer.rc_ids & set(one.rc_ids)) - answered[one.id]
    ]


def demo_people(session: Session) -> tuple[DemoPerson, ...]:
    """Return one invented person a role, for the demonstration's sign-in buttons."""
    chosen: dict[Role, DemoPerson] = {}
    for function, holder, _ in accounts.functions_with_people(session):
        # Whoever holds a real address is nobody's to sign in as, whatever the settings say.
        is_invented = holder is not None and holder.email.endswith("@example.org")
        if holder is not None and is_invented and function.role not in chosen:
            chosen[function.role] = DemoPerson(holder.id, holder.name, function.role)
    order = (Role.PLANNER, Role.RC_MEMBER, Role.GUEST, Role.READER)
    return tuple(chosen[role] for role in order if role in chosen)
