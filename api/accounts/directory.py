"""Who is who: bodies, people and functions, handing a function over, and the named contact at NCH."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries
from api.accounts.addresses import work_address
from api.accounts.keys import end_keys_of
from api.accounts.models import (
    Body,
    BodyKind,
    Function,
    FunctionKind,
    HandOver,
    NchContact,
    PastDetails,
    Person,
    Role,
)
from api.accounts.news import AccountsChanged, FunctionHandedOver, HandOverMade
from api.accounts.policy import counted
from api.accounts.retention import ERASED_HOST
from api.accounts.service import sign_out_everywhere
from api.kit.db import announce, take_version
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.kit.i18n import Language, compared
from api.kit.mail import has_address, has_link

SYSTEM = "system"
LONGEST_NAME = 80
LONGEST_PHONE = 40
MOST_A_DAY = 6  # changes of who has a post, by its own people
PEOPLE_LABELS = ("Har funktionen", "Ersättare")  # Swedish source texts


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
    body = Body(kind=kind, name=filled("name", name), rc_id=rc_id, county_codes=county_codes)
    session.add(body)
    session.flush()
    note(session, actor, "created", body, None)
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
        raise FieldFault("email", "Någon har redan adressen %(email)s i Samkrets.", email=address)
    person = Person(name=filled("name", name), email=address, phone=phone.strip())
    person.language = language
    session.add(person)
    session.flush()
    note(session, actor, "created", person, None)
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
    """Return the person with that address, added when it is new.

    A known address changes nothing about whose it is: name and number are that person's own to
    change, on the own page (see `change_details`).

    Raises:
        FieldFault: on `<field>_name` or `<field>_email`, when one is missing or no address.
    """
    if not (details.name.strip() or details.email.strip()):
        return None
    try:
        address = work_address(details.email)
    except FieldFault as fault:
        raise FieldFault(f"{field}_email", fault.message, **fault.values) from fault
    found = queries.person_by_email(session, address)
    if found is not None:
        return found
    name = plain_name(f"{field}_name", details.name)
    phone = plain_phone(f"{field}_phone", details.phone)
    return create_person(session, name, address, phone=phone, actor=actor)


def change_details(
    session: Session,
    person_id: str,
    name: str,
    phone: str,
    *,
    version: int,
    actor: str,
    at: datetime,
) -> Person:
    """Change a person's name and number; what they were is kept for planners until the person is erased.

    Raises:
        MissingError: when there is no such person.
        FieldFault: when the name is empty or something too long.
        StaleError: when somebody else changed the person since `version`.
    """
    found = queries.person(session, person_id)
    if found is None:
        raise MissingError
    name = plain_name("name", name)
    phone = plain_phone("phone", phone)
    take_version(
        session,
        found,
        version,
        {"Namn": name, "Tjänstetelefon": phone},
        lambda: {"Namn": found.name, "Tjänstetelefon": found.phone},
    )
    _change(session, found, {"name": name, "phone": phone}, actor, at)
    return found


def add_rc_body(
    session: Session, rc_id: str, name: str, contact: PersonDetails, title: str, actor: str
) -> Body:
    """Add an RC's organisation, or join the one of that name that has no RC yet, with its contact.

    Without a contact's name and address nobody is added. Raises FieldFault on `contact_...`.
    """
    plain = compared(name)
    found = next(
        (
            body
            for body in queries.bodies(session)
            if body.kind == BodyKind.RC and body.rc_id is None and compared(body.name) == plain
        ),
        None,
    )
    if found is None:
        found = create_body(session, BodyKind.RC, name, rc_id=rc_id, actor=actor)
    else:
        change_body(session, found, {"rc_id": rc_id}, actor)
    person = person_from(session, contact, "contact", actor)
    if person is not None:
        try:
            create_function(
                session,
                found,
                FunctionKind.COORDINATOR,
                title,
                Role.RC_MEMBER,
                holder=person,
                actor=actor,
            )
        except FieldFault as fault:
            raise FieldFault(f"contact_{fault.field}", fault.message, **fault.values) from fault
    return found


def change_person(
    session: Session, person: Person, values: Mapping[str, str], actor: str, at: datetime
) -> None:
    """Set a person's name or number as a planner's file says, cell by cell; see `change_details`."""
    take_version(session, person, person.version, values, dict)
    _change(session, person, values, actor, at)


def _change(
    session: Session, person: Person, values: Mapping[str, str], actor: str, at: datetime
) -> None:
    past = PastDetails(
        person_id=person.id, at=at, actor=actor, name=person.name, phone=person.phone
    )
    session.add(past)
    for name, text in values.items():
        setattr(person, name, text)
    session.add(person)
    session.flush()
    note(session, actor, "changed", person, None)


def change_body(
    session: Session, body: Body, values: Mapping[str, str], actor: str = SYSTEM
) -> None:
    """Set a body's RC or county codes."""
    before = values_of(body)
    for name, text in values.items():
        setattr(body, name, text)
    session.add(body)
    session.flush()
    note(session, actor, "changed", body, before)


def set_mailbox(session: Session, function: Function, mailbox: str, actor: str = SYSTEM) -> None:
    """Set a function's own address, empty for none."""
    before = values_of(function)
    function.mailbox = mailbox
    function.version += 1
    session.add(function)
    session.flush()
    note(session, actor, "changed", function, before)


def hand_over_to(
    session: Session,
    function_id: str,
    holder: PersonDetails,
    deputy: PersonDetails,
    *,
    version: int,
    actor: str,
    now: datetime,
    deputy_hands_over: bool | None = None,
) -> HandOver | None:
    """Hand a function over to the people typed; see `hand_over`."""
    function = queries.function_to_change(session, function_id)
    if function is None:
        raise MissingError
    if function.version != version:  # before people are added
        _refuse_stale(session, function, holder, deputy)
    insist_on_few(session, function_id, actor, now)
    return hand_over(
        session,
        function,
        person_from(session, holder, "holder", actor),
        deputy=person_from(session, deputy, "deputy", actor),
        version=version,
        actor=actor,
        now=now,
        deputy_hands_over=deputy_hands_over,
    )


def take_back(
    session: Session,
    function_id: str,
    hand_over_id: str,
    *,
    version: int,
    actor: str,
    now: datetime,
) -> Function:
    """Give a post back to those who had it before its last change.

    Invitations and calendars follow, as at any hand-over; addresses of calendars that ended do not
    come back.

    Raises:
        MissingError: when there is no such change.
        ConflictError: when the post's people have changed since, or one of them has been erased.
    """
    made = queries.hand_over(session, hand_over_id)
    function = queries.function_to_change(session, function_id)
    if made is None or function is None or made.function_id != function_id:
        raise MissingError
    is_last = queries.hand_overs(session, function.id)[0].id == made.id
    as_made = (function.holder_id, function.deputy_id) == (made.to_holder_id, made.to_deputy_id)
    if not is_last or not as_made or made.taken_back_at is not None:
        raise ConflictError("Funktionen har ändrats sedan dess. Lämna över den på nytt i stället.")
    people = [
        queries.person(session, person_id) if person_id else None
        for person_id in (made.from_holder_id, made.from_deputy_id)
    ]
    if any(person is not None and person.email.endswith(f"@{ERASED_HOST}") for person in people):
        raise ConflictError(
            "Uppgifterna om den som hade funktionen är raderade. Lämna över den på nytt i stället."
        )
    made.taken_back_at = now
    session.add(made)
    holder, deputy = people
    hand_over(session, function, holder, deputy=deputy, version=version, actor=actor, now=now)
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
        title=filled("title", title),
        role=role,
        mailbox=work_address(mailbox) if mailbox else "",
        holder_id=holder.id if holder else None,
        deputy_id=deputy.id if deputy else None,
    )
    session.add(function)
    session.flush()
    note(session, actor, "created", function, None)
    return function


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
        FieldFault: when the title is empty, the mailbox is no address, or the role does not belong
            in such a body.
    """
    body = queries.body(session, body_id)
    if body is None:
        raise MissingError
    if counted(role, body.kind) is not role:
        raise FieldFault("role", "Den behörigheten går inte att ge i en sådan organisation.")
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
    deputy_hands_over: bool | None = None,
) -> HandOver | None:
    """Give a function to a new holder (None: vacant) and deputy, in one action.

    Rights follow the function, so sign-in, agendas and invitations move at once. Whoever has no
    function left is signed out everywhere and their unused links end. Higher features move what is
    theirs on `FunctionHandedOver`, and tell everybody concerned on `HandOverMade`.

    `deputy_hands_over` says whether the deputy may hand the post over; None leaves it as it is, but a
    new holder grants it anew. Returns what was changed about the people, None when nothing was.

    Raises:
        StaleError: when somebody else changed the function since `version`.
        FieldFault: when holder and deputy are the same person.
    """
    if holder is not None and deputy is not None and holder.id == deputy.id:
        raise FieldFault(
            "deputy", "Ersättaren måste vara en annan person än den som har funktionen."
        )
    before = values_of(function)
    previous = (function.holder_id, function.deputy_id)
    wanted = (holder.id if holder else None, deputy.id if deputy else None)
    take_version(
        session,
        function,
        version,
        {**before, "holder_id": wanted[0], "deputy_id": wanted[1]},
        lambda: values_of(function),
    )
    function.holder_id, function.deputy_id = wanted
    is_kept = wanted[0] == previous[0] and function.deputy_hands_over
    function.deputy_hands_over = is_kept if deputy_hands_over is None else deputy_hands_over
    session.add(function)
    session.flush()
    for person in (holder, deputy):
        if person is not None:
            person.free_since = None
            session.add(person)
    session.flush()
    for person_id in sorted(one for one in {*previous} - {*wanted} if one):
        _leave(session, person_id, actor, now)
    note(session, actor, "handed_over", function, before)
    if wanted[0] != previous[0]:
        news = FunctionHandedOver(function.id, previous[0], function.holder_id, actor, now)
        announce(session, news)
    return None if wanted == previous else _write_down(session, function, previous, actor, now)


def _leave(session: Session, person_id: str, actor: str, now: datetime) -> None:
    """Sign somebody out who has no function left; whoever has another goes on with that one's rights."""
    person = queries.person(session, person_id)
    if person is not None and not queries.functions_of(session, person_id):
        person.free_since = now
        session.add(person)
        sign_out_everywhere(session, person_id, actor, now)
        end_keys_of(session, person_id, actor, now)


def _write_down(
    session: Session,
    function: Function,
    previous: tuple[str | None, str | None],
    actor: str,
    now: datetime,
) -> HandOver:
    made = HandOver(
        number=len(queries.hand_overs(session, function.id)) + 1,
        function_id=function.id,
        at=now,
        actor=actor,
        from_holder_id=previous[0],
        from_deputy_id=previous[1],
        to_holder_id=function.holder_id,
        to_deputy_id=function.deputy_id,
    )
    session.add(made)
    session.flush()
    announce(session, HandOverMade(made.id))
    return made


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


def filled(field: str, text: str) -> str:
    """Return a text without blanks around it, or refuse an empty one."""
    if not text.strip():
        raise FieldFault(field, "Fyll i fältet.")
    return text.strip()


def short(field: str, text: str, most: int, *, is_optional: bool = False) -> str:
    """Return a text on one line, or refuse one that is longer than `most`."""
    found = " ".join(text.split())
    if not found and not is_optional:
        raise FieldFault(field, "Fyll i fältet.")
    if len(found) > most:
        raise FieldFault(field, "Högst %(most)s tecken.", most=most)
    return found


def plain_name(field: str, text: str) -> str:
    """Return a person's name, which stands in our mails to people who have never heard of us.

    Raises:
        FieldFault: when it is empty or too long, or holds an address, a link or a number.
    """
    found = short(field, text, LONGEST_NAME)
    if has_address(found):
        raise FieldFault(field, "Skriv bara namnet, utan adresser och nummer.")
    return found


def plain_phone(field: str, text: str) -> str:
    """Return a telephone number, empty for none.

    Raises:
        FieldFault: when it is too long, or holds an address or a link.
    """
    found = short(field, text, LONGEST_PHONE, is_optional=True)
    if has_link(found):
        raise FieldFault(field, "Skriv bara numret.")
    return found


def insist_on_few(session: Session, function_id: str, actor: str, at: datetime) -> None:
    """Let a post's own people change who has it only so often a day: each change mails whoever is typed.

    Raises:
        ConflictError: when it has been changed too often, unless a planner does it.
    """
    posts = queries.functions_of(session, actor)
    if any(counted(post.role, body.kind) is Role.PLANNER for post, body in posts):
        return
    since = at - timedelta(days=1)
    if sum(one.at > since for one in queries.hand_overs(session, function_id)) >= MOST_A_DAY:
        raise ConflictError(
            "Funktionen har lämnats över flera gånger det senaste dygnet. Försök igen i morgon, eller be en planerare på NCH."
        )


def values_of(row: Body | Person | Function) -> dict[str, object]:
    """Return a row as the log keeps it."""
    return row.model_dump(mode="json")


def note(
    session: Session,
    actor: str,
    action: str,
    row: Body | Person | Function,
    before: dict[str, object] | None,
) -> None:
    """Have the log keep a change; of people it keeps no names, addresses or numbers, only that they changed."""
    kind = row.__tablename__
    after = values_of(row)
    if isinstance(row, Person):
        before, after = None, {"id": row.id, "version": row.version}
    announce(session, AccountsChanged(actor, action, (str(kind), row.id), before, after))
