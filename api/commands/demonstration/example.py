"""The demonstration's invented part: people, rooms, days; everything says that it is an example."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import directory
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Person, Role
from api.kit.clock import to_local
from api.kit.i18n import swedish_order
from api.meetings.service import first_working_day
from api.proposals.programme.drafting import Delegate, GuestChoice, RoomChoice
from api.registry import queries as registry
from api.registry.models import Rc

MARK = "Exempel"
ROOMS = (
    RoomChoice("large", f"Stora salen ({MARK})", 60),
    RoomChoice("small", f"Lilla salen ({MARK})", 30),
)
TOWN = "Linköping"  # the one place that the report names for an earlier national meeting
WEEKS_AHEAD = timedelta(weeks=12)

POSTS = {
    "operative_coordinator": (FunctionKind.COORDINATOR, "Operativ samordnare"),
    "curator": (FunctionKind.CURATOR, "Kurator"),
    "ls_project_leader": (FunctionKind.PROJECT_LEADER, "Projektledare"),
    "manager": (FunctionKind.MANAGER, "Chef"),
}
AGENCIES = (
    ("prosecutor", FunctionKind.PROSECUTOR, "Åklagarmyndigheten", "The Prosecution Authority"),
    ("police", FunctionKind.POLICE, "Polismyndigheten", "The Police Authority"),
)


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part: leaders at NCH (function id, title), the delegates of each RC, the guests."""

    leaders: tuple[tuple[str, str], ...]
    delegates: tuple[Delegate, ...]
    guests: tuple[GuestChoice, ...]


def make_people(session: Session, wish_keys: tuple[str, ...]) -> People:
    """Make bodies, functions and people; `wish_keys` ("rc:function") says who comes to the meeting."""
    nch = directory.create_body(session, BodyKind.NCH, "NCH")
    planner = _person(session, "Planerare NCH", "planerare.nch")
    _function(session, nch, FunctionKind.PLANNER, "Planerare", Role.PLANNER, planner)
    leaders = []
    for number in (1, 2, 3):
        leader = _person(session, f"Processledare {number} NCH", f"processledare{number}.nch")
        title = f"{MARK}: NCH, processledare {number}"
        post = _function(session, nch, FunctionKind.CONTACT, title, Role.PLANNER, leader)
        leaders.append((post.id, title))
    contact = leaders[0][0]
    delegates: list[Delegate] = []
    for rc in sorted(registry.rcs(session), key=lambda one: swedish_order(one.name)):
        body = directory.create_body(
            session, BodyKind.RC, f"RC {rc.name}", rc_id=rc.id, county_codes=rc.county_code
        )
        directory.set_contact(session, body, session.get_one(Function, contact))
        keys = [key for key in wish_keys if key.startswith(f"{rc.id}:")]
        for key in dict.fromkeys([f"{rc.id}:operative_coordinator", *keys]):
            post = _post(session, body, rc, key.partition(":")[2])
            if key in keys:
                phase = str(rc.phase_band or "")
                delegates.append(Delegate(key, post.id, rc.id, phase, f"{body.name}, {post.title}"))
    guests = []
    for role, kind, swedish, english in AGENCIES:
        agency = directory.create_body(session, BodyKind.GUEST, f"{swedish} ({MARK})")
        holder = _person(session, f"Kontakt {swedish}", f"kontakt.{role}")
        post = _function(session, agency, kind, f"{MARK}: kontaktperson", Role.GUEST, holder)
        guests.append(GuestChoice(post.id, role, swedish, english))
    return People(tuple(leaders), tuple(delegates), tuple(guests))


def meeting_days(at: datetime) -> tuple[date, date]:
    """Return two days in a row, a good while ahead, that are no holidays."""
    first = first_working_day(to_local(at + WEEKS_AHEAD).date())
    while first_working_day(first + timedelta(days=1)) != first + timedelta(days=1):
        first = first_working_day(first + timedelta(days=1))
    return first, first + timedelta(days=1)


def _post(session: Session, body: Body, rc: Rc, function: str) -> Function:
    kind, title = POSTS[function]
    holder = _person(session, f"{title} {rc.name}", f"{function.replace('_', '.')}.{rc.id}")
    post = _function(session, body, kind, f"{MARK}: {title.lower()}", Role.RC_MEMBER, holder)
    address = f"ersattare.{function.replace('_', '.')}.{rc.id}"
    post.deputy_id = _person(session, f"Ersättare för {title.lower()} {rc.name}", address).id
    session.add(post)
    return post


def _person(session: Session, name: str, address: str) -> Person:
    phone = "+46 70 174 06 05"  # from the numbers that PTS keeps for fiction
    return directory.create_person(session, f"{MARK} {name}", f"{address}@example.org", phone=phone)


def _function(
    session: Session, body: Body, kind: FunctionKind, title: str, role: Role, holder: Person
) -> Function:
    return directory.create_function(session, body, kind, title, role, holder=holder)
