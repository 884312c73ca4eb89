"""Bodies and functions with their people, as pages show them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries, reaching
from api.accounts.directory import Contact, PersonDetails
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Matter, Person, Role
from api.accounts.policy import Viewer
from api.kit.errors import MissingError
from api.kit.i18n import later, swedish_order

# Swedish source texts
BODY_NAMES = {
    BodyKind.RC: "Regionalt resurscentrum",
    BodyKind.COUNTY_BOARD: "Länsstyrelse",
    BodyKind.NCH: "NCH",
    BodyKind.GUEST: "Gäst",
}
FUNCTION_NAMES = {
    FunctionKind.COORDINATOR: "Operativ samordnare",
    FunctionKind.CURATOR: "Kurator",
    FunctionKind.PROJECT_LEADER: "Projektledare på länsstyrelsen",
    FunctionKind.MANAGER: "Chef",
    FunctionKind.PLANNER: "Planerare på NCH",
    FunctionKind.CONTACT: "Kontaktperson på NCH",
    FunctionKind.POLICE: "Kontaktperson hos Polisen",
    FunctionKind.PROSECUTOR: "Kontaktperson hos Åklagarmyndigheten",
    FunctionKind.REGION: "Kontaktperson hos regionen",
}
MATTERS = {
    Matter.DAILY: later("det dagliga arbetet"),
    Matter.STEERING: later("styrning och pengar"),
    Matter.TRAINING: later("utbildning"),
}
ROLE_NAMES = {
    Role.PLANNER: "Planerare",
    Role.RC_MEMBER: "Medarbetare på ett RC",
    Role.GUEST: "Gäst",
    Role.READER: "Läsare",
}


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A function and who holds it."""

    id: str
    title: str
    kind: FunctionKind
    role: Role
    mailbox: str
    holder: PersonDetails
    deputy: PersonDetails
    version: int
    deputy_hands_over: bool = False
    holder_id: str = ""
    deputy_id: str = ""
    unreached: tuple[reaching.Unreached, ...] = ()  # its addresses that mail comes back from


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body, its functions, and its contact at NCH."""

    id: str
    name: str
    kind: BodyKind
    functions: tuple[FunctionView, ...]
    contact: Contact | None = None
    contact_function_id: str = ""
    version: int = 1
    county_codes: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()  # of its kind, to join it with: id and name
    attends: tuple[
        tuple[str, str, str], ...
    ] = ()  # a matter, the post that comes, and the one instead

    @property
    def vacant(self) -> int:
        """How many of its functions nobody holds."""
        return sum(not function.holder.email for function in self.functions)


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body in the list: how many functions it has, and how many of them nobody holds."""

    id: str
    name: str
    kind: BodyKind
    functions: int
    vacant: int


def bodies(session: Session, viewer: Viewer) -> tuple[BodyLine, ...]:
    """Return all bodies for a planner, one's own for others, by kind and then by name."""
    counts = queries.function_counts(session)
    found = [
        BodyLine(row.id, row.name, row.kind, *counts.get(row.id, (0, 0)))
        for row in queries.bodies(session)
        if viewer.is_planner or row.id in viewer.body_ids
    ]
    order = list(BodyKind)
    return tuple(sorted(found, key=lambda body: (order.index(body.kind), swedish_order(body.name))))


def _attends(session: Session, body_id: str) -> tuple[tuple[str, str, str], ...]:
    said = {one.matter: one for one in queries.attends_of(session, body_id)}
    return tuple(
        (matter.value, said[matter].function_id, said[matter].instead_id or "")
        if matter in said
        else (matter.value, "", "")
        for matter in MATTERS
    )


def body(session: Session, body_id: str) -> BodyView:
    """Return one body with its contact.

    Raises:
        MissingError: when there is none.
    """
    row = queries.body(session, body_id)
    if row is None or row.ended_at is not None:
        raise MissingError
    unreached = reaching.unreached(session)
    functions = tuple(
        replace(
            _function(function, holder, deputy),
            unreached=tuple(one for one in unreached if one.function_id == function.id),
        )
        for function, holder, deputy in queries.functions_with_people(session, body_id=body_id)
    )
    found = queries.nch_contact(session, body_id)
    contact = _contact(*found) if found else None
    return BodyView(
        row.id,
        row.name,
        row.kind,
        functions,
        contact,
        found[0].id if found else "",
        row.version,
        tuple(row.county_codes.split()),
        attends=_attends(session, body_id),
        others=tuple(
            (one.id, one.name)
            for one in queries.bodies(session)
            if one.kind == row.kind and one.id != row.id and not (one.rc_id and row.rc_id)
        ),
    )


def function(session: Session, function_id: str) -> tuple[FunctionView, Body]:
    """Return one function and its body.

    Raises:
        MissingError: when there is none.
    """
    for row, holder, deputy in queries.functions_with_people(session, function_ids=[function_id]):
        if row.ended_at is not None:
            break
        home = queries.body(session, row.body_id)
        assert home is not None  # noqa: S101 - a foreign key
        return _function(row, holder, deputy), home
    raise MissingError


@dataclass(frozen=True, slots=True)
class PastHandOver:
    """A change of a post's people, for planners; names are empty where nobody was, or is known now."""

    id: str
    at: datetime
    by: str
    from_holder: str
    from_deputy: str
    to_holder: str
    to_deputy: str
    is_taken_back: bool


def hand_overs(session: Session, function_id: str) -> tuple[PastHandOver, ...]:
    """Return who has had a post, newest change first."""
    rows = queries.hand_overs(session, function_id)
    ids = {
        one
        for row in rows
        for one in (
            row.actor,
            row.from_holder_id,
            row.from_deputy_id,
            row.to_holder_id,
            row.to_deputy_id,
        )
        if one
    }
    names = queries.names_of(session, ids)
    return tuple(
        PastHandOver(
            row.id,
            row.at,
            names.get(row.actor, ""),
            names.get(row.from_holder_id or "", ""),
            names.get(row.from_deputy_id or "", ""),
            names.get(row.to_holder_id or "", ""),
            names.get(row.to_deputy_id or "", ""),
            row.taken_back_at is not None,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class PastName:
    """What a person was called and rung at before a change."""

    at: datetime
    by: str
    name: str
    phone: str


def person(session: Session, person_id: str) -> Person:
    """Return a person.

    Raises:
        MissingError: when there is none.
    """
    found = queries.person(session, person_id)
    if found is None:
        raise MissingError
    return found


def past_names(session: Session, person_id: str) -> tuple[PastName, ...]:
    """Return a person's earlier names and numbers, newest change first."""
    rows = queries.past_details(session, person_id)
    names = queries.names_of(session, {row.actor for row in rows})
    return tuple(PastName(row.at, names.get(row.actor, ""), row.name, row.phone) for row in rows)


def contact_choices(session: Session) -> tuple[tuple[str, str], ...]:
    """Return NCH's functions as (id, text) pairs to choose a contact from."""
    return tuple((row.id, row.title) for row, _ in queries.functions_of_kind(session, BodyKind.NCH))


def _contact(row: Function, holder: Person | None) -> Contact:
    who = _details(holder)
    return Contact(row.title, who.name, who.email, who.phone, row.mailbox)


def _function(row: Function, holder: Person | None, deputy: Person | None) -> FunctionView:
    return FunctionView(
        row.id,
        row.title,
        row.kind,
        row.role,
        row.mailbox,
        _details(holder),
        _details(deputy),
        row.version,
        row.deputy_hands_over,
        row.holder_id or "",
        row.deputy_id or "",
    )


def _details(row: Person | None) -> PersonDetails:
    return PersonDetails(row.name, row.email, row.phone) if row else PersonDetails()
