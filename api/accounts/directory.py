"""Who is who: bodies, people and functions, handing a function over, and the named contact at NCH."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries
from api.accounts.addresses import work_address
from api.accounts.models import Body, BodyKind, Function, FunctionKind, NchContact, Person, Role
from api.accounts.news import AccountsChanged, FunctionHandedOver
from api.accounts.service import sign_out_everywhere
from api.kit.db import announce
from api.kit.errors import FieldFault, MissingError, StaleError
from api.kit.i18n import Language

SYSTEM = "system"
PEOPLE_LABELS = ("Innehavare", "Ersättare")  # Swedish source texts


def create_body(
    session: Session,
    kind: BodyKind,
    name: str,
    *,
    rc_id: str | None = None,
    county_codes: str = "",
    actor: str = SYSTEM,
) -> Body:
    """Add an RC, county board, NCH or guest body."""
    body = Body(kind=kind, name=_filled("name", name), rc_id=rc_id, county_codes=county_codes)
    session.add(body)
    session.flush()
    _note(session, actor, "created", body, None)
    return body


def create_person(
    session: Session,
    name: str,
    email: str,
    *,
    phone: str = "",
    language: Language = "sv",
    actor: str = SYSTEM,
) -> Person:
    """Add somebody with a work address that nobody else has.

    Raises:
        FieldFault: when the name is empty, or the address is no address or taken.
    """
    address = work_address(email)
    if queries.person_by_email(session, address) is not None:
        raise FieldFault("email", "Adressen %(email)s finns redan.", email=address)
    person = Person(name=_filled("name", name), email=address, phone=phone.strip())
    person.language = language
    session.add(person)
    session.flush()
    _note(session, actor, "created", person, None)
    return person


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What is typed about a person; without an address it is nobody."""

    name: str = ""
    email: str = ""
    phone: str = ""


def person_from(
    session: Session, details: PersonDetails, field: str, actor: str = SYSTEM
) -> Person | None:
    """Return the person with that address, with name and number as typed, added when new.

    Raises:
        FieldFault: on `<field>_name` or `<field>_email`, when one is missing or no address.
    """
    if not (details.name.strip() or details.email.strip()):
        return None
    try:
        address = work_address(details.email)
    except FieldFault as fault:
        raise FieldFault(f"{field}_email", fault.message, **fault.values) from fault
    name = _filled(f"{field}_name", details.name)
    found = queries.person_by_email(session, address)
    if found is None:
        return create_person(session, name, address, phone=details.phone, actor=actor)
    if (found.name, found.phone) != (name, details.phone.strip()):
        change_person(session, found, {"name": name, "phone": details.phone.strip()}, actor)
    return found


def change_person(
    session: Session, person: Person, values: Mapping[str, str], actor: str = SYSTEM
) -> None:
    """Set a person's name or number; the log keeps that they changed, not what they were."""
    for name, text in values.items():
        setattr(person, name, text)
    person.version += 1
    session.add(person)
    session.flush()
    _note(session, actor, "changed", person, None)


def change_body(
    session: Session, body: Body, values: Mapping[str, str], actor: str = SYSTEM
) -> None:
    """Set a body's RC or county codes."""
    before = _values(body)
    for name, text in values.items():
        setattr(body, name, text)
    session.add(body)
    session.flush()
    _note(session, actor, "changed", body, before)


def set_mailbox(session: Session, function: Function, mailbox: str, actor: str = SYSTEM) -> None:
    """Set a function's own address, empty for none."""
    before = _values(function)
    function.mailbox = mailbox
    function.version += 1
    session.add(function)
    session.flush()
    _note(session, actor, "changed", function, before)


def hand_over_to(
    session: Session,
    function_id: str,
    holder: PersonDetails,
    deputy: PersonDetails,
    *,
    version: int,
    actor: str,
    now: datetime,
) -> Function:
    """Hand a function over to the people typed; see `hand_over`."""
    function = queries.function_to_change(session, function_id)
    if function is None:
        raise MissingError
    if function.version != version:  # before people are added or renamed
        _refuse_stale(session, function, holder, deputy)
    hand_over(
        session,
        function,
        person_from(session, holder, "holder", actor),
        deputy=person_from(session, deputy, "deputy", actor),
        version=version,
        actor=actor,
        now=now,
    )
    return function


def _refuse_stale(
    session: Session, function: Function, holder: PersonDetails, deputy: PersonDetails
) -> None:
    theirs = [
        queries.person(session, person_id) if person_id else None
        for person_id in (function.holder_id, function.deputy_id)
    ]
    names = [
        _shown(PersonDetails(row.name, row.email) if row else PersonDetails()) for row in theirs
    ]
    raise StaleError(
        dict(zip(PEOPLE_LABELS, (_shown(holder), _shown(deputy)), strict=True)),
        dict(zip(PEOPLE_LABELS, names, strict=True)),
    )


def _shown(details: PersonDetails) -> str:
    return f"{details.name} ({details.email})" if details.email else "–"


def create_function(  # noqa: PLR0913 - a post's columns, each by its name
    session: Session,
    body: Body,
    kind: FunctionKind,
    title: str,
    role: Role,
    *,
    mailbox: str = "",
    holder: Person | None = None,
    deputy: Person | None = None,
    actor: str = SYSTEM,
) -> Function:
    """Add a post to a body, with its holder and deputy where known."""
    function = Function(
        body_id=body.id,
        kind=kind,
        title=_filled("title", title),
        role=role,
        mailbox=work_address(mailbox) if mailbox else "",
        holder_id=holder.id if holder else None,
        deputy_id=deputy.id if deputy else None,
    )
    session.add(function)
    session.flush()
    _note(session, actor, "created", function, None)
    return function


def _note_free(session: Session, person_id: str, now: datetime) -> None:
    person = queries.person(session, person_id)
    if person is not None and not queries.functions_of(session, person_id):
        person.free_since = now
        session.add(person)


def add_function(
    session: Session,
    body_id: str,
    kind: FunctionKind,
    title: str,
    role: Role,
    mailbox: str,
    actor: str,
) -> Function:
    """Add a post, still vacant, to a body.

    Raises:
        MissingError: when there is no such body.
        FieldFault: when the title is empty or the mailbox is no address.
    """
    body = queries.body(session, body_id)
    if body is None:
        raise MissingError
    try:
        return create_function(session, body, kind, title, role, mailbox=mailbox, actor=actor)
    except FieldFault as fault:
        field = "mailbox" if fault.field == "email" else fault.field
        raise FieldFault(field, fault.message, **fault.values) from fault


def hand_over(
    session: Session,
    function: Function,
    holder: Person | None,
    *,
    deputy: Person | None,
    version: int,
    actor: str,
    now: datetime,
) -> None:
    """Give a function to a new holder (None: vacant) and deputy, in one action.

    Rights follow the function, so sign-in, agendas and invitations move at once. Whoever leaves it
    is signed out everywhere and their unused links end. Higher features move what is theirs on
    `FunctionHandedOver`.

    Raises:
        StaleError: when somebody else changed the function since `version`.
        FieldFault: when holder and deputy are the same person.
    """
    if holder is not None and deputy is not None and holder.id == deputy.id:
        raise FieldFault("deputy", "Ersättaren ska vara en annan person än innehavaren.")
    before = _values(function)
    wanted = {
        **before,
        "holder_id": holder.id if holder else None,
        "deputy_id": deputy.id if deputy else None,
    }
    insist_on_version(function.version, version, wanted, before)
    left = {function.holder_id, function.deputy_id} - {
        person.id for person in (holder, deputy) if person
    }
    previous = function.holder_id
    function.holder_id = holder.id if holder else None
    function.deputy_id = deputy.id if deputy else None
    function.version += 1
    session.add(function)
    session.flush()
    for person in (holder, deputy):
        if person is not None:
            person.free_since = None
            session.add(person)
    for person_id in sorted(person_id for person_id in left if person_id):
        _note_free(session, person_id, now)
        sign_out_everywhere(session, person_id, actor, now)
    _note(session, actor, "handed_over", function, before)
    if function.holder_id != previous:
        news = FunctionHandedOver(function.id, previous, function.holder_id, actor, now)
        announce(session, news)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring at NCH, and the mailbox when nobody answers; `name` is empty while the post is vacant."""

    title: str
    name: str
    email: str
    phone: str
    mailbox: str


def set_contact(session: Session, body: Body, function: Function, actor: str = SYSTEM) -> None:
    """Name the NCH function that a body turns to first."""
    session.merge(NchContact(body_id=body.id, function_id=function.id))
    after: dict[str, object] = {"function_id": function.id}
    announce(session, AccountsChanged(actor, "set_contact", ("body", body.id), None, after))


def choose_contact(session: Session, body_id: str, function_id: str, actor: str) -> None:
    """Name one of NCH's functions as a body's contact.

    Raises:
        MissingError: when there is no such body, or the function is not NCH's.
    """
    body = queries.body(session, body_id)
    of_nch = [row for row, _ in queries.functions_of_kind(session, BodyKind.NCH)]
    chosen = [row for row in of_nch if row.id == function_id]
    if body is None or not chosen:
        raise MissingError
    set_contact(session, body, chosen[0], actor)


def contact_for_rc(session: Session, rc_id: str, mailbox: str = "") -> Contact | None:
    """Return an RC's named contact at NCH; `mailbox` stands in where the function has none."""
    body = queries.body_of_rc(session, rc_id)
    found = queries.nch_contact(session, body.id) if body else None
    if found is None:
        return Contact("", "", "", "", mailbox) if mailbox else None
    function, person = found
    return Contact(
        title=function.title,
        name=person.name if person else "",
        email=person.email if person else "",
        phone=person.phone if person else "",
        mailbox=function.mailbox or mailbox,
    )


def insist_on_version(
    current: int, seen: int, yours: dict[str, object], theirs: dict[str, object]
) -> None:
    """Raise StaleError with both versions unless `seen` is the current one."""
    if current != seen:
        raise StaleError(yours, theirs)


def _filled(field: str, text: str) -> str:
    if not text.strip():
        raise FieldFault(field, "Fyll i fältet.")
    return text.strip()


def _values(row: Body | Person | Function) -> dict[str, object]:
    return row.model_dump(mode="json")


def _note(
    session: Session,
    actor: str,
    action: str,
    row: Body | Person | Function,
    before: dict[str, object] | None,
) -> None:
    """Have the log keep a change; of people it keeps no names, addresses or numbers, only that they changed."""
    kind = row.__tablename__
    after = _values(row)
    if isinstance(row, Person):
        before, after = None, {"id": row.id, "version": row.version}
    announce(session, AccountsChanged(actor, action, (str(kind), row.id), before, after))
