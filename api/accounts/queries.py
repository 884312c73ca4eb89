"""All SQL over bodies, functions, people and sign-in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, or_, select, update

from api.accounts.models import (
    ApiKey,
    Attends,
    Body,
    BodyKind,
    Function,
    FunctionKind,
    HandOver,
    Matter,
    NchContact,
    PastDetails,
    Person,
    ProviderAccount,
    Role,
    SignedIn,
    SignInLink,
    UnreachableAddress,
)

_IS_ALIVE = col(Function.ended_at).is_(None)


def knows_domain(session: Session, domain: str, but: Collection[str] = ()) -> bool:
    """Return whether somebody here has an address in a domain; these addresses do not count."""
    ends = col(Person.email).endswith(f"@{domain}", autoescape=True)
    statement = select(Person.id).where(ends, col(Person.email).not_in(but)).limit(1)
    return session.exec(statement).first() is not None


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the person with this work address (compared in lower case)."""
    return session.exec(select(Person).where(Person.email == email.strip().lower())).first()


def is_used(session: Session, address: str) -> bool:
    """Return whether an address, in lower case, is a person's or a function's mailbox."""
    mailbox = select(Function.id).where(func.lower(col(Function.mailbox)) == address).limit(1)
    return (
        person_by_email(session, address) is not None or session.exec(mailbox).first() is not None
    )


def unreachable(session: Session) -> dict[str, datetime]:
    """Return the addresses that mail came back from, and since when."""
    return {one.address: one.since for one in session.exec(select(UnreachableAddress))}


def mark_unreachable(session: Session, address: str, at: datetime) -> None:
    """Write down since when mail comes back from an address, unless it is known."""
    if session.get(UnreachableAddress, address) is None:
        session.add(UnreachableAddress(address=address, since=at))
        session.flush()


def forget_unreachable(session: Session, addresses: Collection[str]) -> None:
    """Take the marks of addresses away."""
    row = UnreachableAddress
    session.exec(delete(row).where(col(row.address).in_(addresses)))


def unused_marks(session: Session) -> list[str]:
    """Return the marked addresses that are nobody's here any more."""
    return [one for one in unreachable(session) if not is_used(session, one)]


def functions_of(session: Session, person_id: str) -> list[tuple[Function, Body]]:
    """Return the functions that a person holds or is deputy for, with their bodies."""
    held = or_(col(Function.holder_id) == person_id, col(Function.deputy_id) == person_id)
    rows = session.exec(select(Function, Body).join(Body).where(held).order_by(Function.id))
    return [(function, body) for function, body in rows]


def sign_in_link(session: Session, token_hash: str) -> SignInLink | None:
    """Return the one-time link with this hash."""
    return session.get(SignInLink, token_hash)


def use_link_up(session: Session, token_hash: str, now: datetime) -> bool:
    """Mark an open link as used; False when it is unknown, used or too old (one winner in a race)."""
    statement = (
        update(SignInLink)
        .where(col(SignInLink.token_hash) == token_hash)
        .where(col(SignInLink.used_at).is_(None))
        .where(col(SignInLink.expires_at) > now)
        .values(used_at=now)
        .returning(col(SignInLink.token_hash))
    )
    return session.exec(statement).first() is not None


def close_links_of(session: Session, person_id: str, now: datetime) -> None:
    """Use every open link of a person up."""
    statement = (
        update(SignInLink)
        .where(col(SignInLink.person_id) == person_id)
        .where(col(SignInLink.used_at).is_(None))
        .values(used_at=now)
    )
    session.exec(statement)


def signed_in(session: Session, token_hash: str) -> tuple[SignedIn, Person] | None:
    """Return the session with this hash and its person."""
    statement = select(SignedIn, Person).join(Person).where(SignedIn.token_hash == token_hash)
    row = session.exec(statement).first()
    return (row[0], row[1]) if row else None


def sessions_of(session: Session, person_id: str, now: datetime) -> list[SignedIn]:
    """Return a person's open sessions, newest first."""
    statement = (
        select(SignedIn)
        .where(SignedIn.person_id == person_id)
        .where(col(SignedIn.ended_at).is_(None))
        .where(col(SignedIn.expires_at) > now)
        .order_by(col(SignedIn.started_at).desc())
    )
    return list(session.exec(statement))


def bodies(session: Session) -> list[Body]:
    """Return every body that has not ended."""
    alive = select(Body).where(col(Body.ended_at).is_(None))
    return list(session.exec(alive.order_by(Body.name)))


def body_of_rc(session: Session, rc_id: str) -> Body | None:
    """Return the body of an RC."""
    return session.exec(select(Body).where(Body.rc_id == rc_id)).first()


def functions_of_body(session: Session, body_id: str) -> list[Function]:
    """Return a body's functions."""
    statement = select(Function).where(Function.body_id == body_id, _IS_ALIVE)
    return list(session.exec(statement.order_by(Function.title)))


def functions_of_rcs(session: Session, rc_ids: Collection[str]) -> dict[str, list[Function]]:
    """Return the functions of these RC, by RC, in one statement."""
    statement = (
        select(Body.rc_id, Function).join(Body).where(col(Body.rc_id).in_(rc_ids), _IS_ALIVE)
    )
    found: dict[str, list[Function]] = {}
    for rc_id, function in session.exec(statement.order_by(Function.title)):
        found.setdefault(rc_id or "", []).append(function)
    return found


def rcs_of_functions(session: Session, function_ids: Collection[str]) -> dict[str, str]:
    """Return the RC of these functions, by function; those of other bodies are left out."""
    statement = select(Function.id, Body.rc_id).join(Body).where(col(Function.id).in_(function_ids))
    return {function_id: rc_id for function_id, rc_id in session.exec(statement) if rc_id}


def functions_of_kind(session: Session, kind: BodyKind) -> list[tuple[Function, Body]]:
    """Return the functions of all bodies of a kind."""
    statement = select(Function, Body).join(Body).where(Body.kind == kind, _IS_ALIVE)
    statement = statement.order_by(Body.name)
    return [(function, body) for function, body in session.exec(statement)]


def functions_of_kinds(
    session: Session, kinds: Collection[FunctionKind]
) -> list[tuple[Function, Body]]:
    """Return the functions of some kinds with their bodies, by the body's name."""
    statement = select(Function, Body).join(Body).where(col(Function.kind).in_(kinds), _IS_ALIVE)
    return [(one, body) for one, body in session.exec(statement.order_by(Body.name, Function.id))]


def functions_of_bodies(session: Session, body_ids: Collection[str]) -> list[tuple[Function, Body]]:
    """Return the functions of these bodies, by the body's name."""
    statement = select(Function, Body).join(Body).where(col(Body.id).in_(body_ids), _IS_ALIVE)
    statement = statement.order_by(Body.name, Function.title, Function.id)
    return [(one, body) for one, body in session.exec(statement)]


def functions_with_bodies(
    session: Session, function_ids: Collection[str]
) -> list[tuple[Function, Body]]:
    """Return those of these functions that have not ended, by the body's name."""
    statement = (
        select(Function, Body).join(Body).where(col(Function.id).in_(function_ids), _IS_ALIVE)
    )
    statement = statement.order_by(Body.name, Function.title, Function.id)
    return [(one, body) for one, body in session.exec(statement)]


def attends(session: Session, body_ids: Collection[str], matter: Matter) -> list[Attends]:
    """Return which post of each of these bodies comes to meetings of a matter, where one has been named."""
    statement = select(Attends).where(col(Attends.body_id).in_(body_ids), Attends.matter == matter)
    return list(session.exec(statement.order_by(Attends.body_id)))


def attends_of(session: Session, body_id: str) -> list[Attends]:
    """Return what a body has declared of who comes to what."""
    return list(session.exec(select(Attends).where(Attends.body_id == body_id)))


def person(session: Session, person_id: str) -> Person | None:
    """Return a person."""
    return session.get(Person, person_id)


def body(session: Session, body_id: str) -> Body | None:
    """Return a body."""
    return session.get(Body, body_id)


def function(session: Session, function_id: str) -> Function | None:
    """Return a function."""
    return session.get(Function, function_id)


def function_to_change(session: Session, function_id: str) -> Function | None:
    """Return a function, locked until the transaction ends (SQLite's writer is alone anyway)."""
    return session.get(Function, function_id, populate_existing=True, with_for_update=True)


def hand_overs(session: Session, function_id: str) -> list[HandOver]:
    """Return the changes of a post's people, newest first."""
    statement = select(HandOver).where(HandOver.function_id == function_id)
    return list(session.exec(statement.order_by(col(HandOver.number).desc())))


def hand_over(session: Session, hand_over_id: str) -> HandOver | None:
    """Return one change of a post's people."""
    return session.get(HandOver, hand_over_id)


def past_details(session: Session, person_id: str) -> list[PastDetails]:
    """Return what a person's name and number were before each change, newest first."""
    statement = select(PastDetails).where(PastDetails.person_id == person_id)
    return list(
        session.exec(statement.order_by(col(PastDetails.at).desc(), col(PastDetails.id).desc()))
    )


def delete_past_details(session: Session, person_id: str) -> None:
    """Delete a person's earlier names and numbers."""
    session.exec(delete(PastDetails).where(col(PastDetails.person_id) == person_id))


def functions_with_people(
    session: Session, *, body_id: str = "", function_ids: Collection[str] | None = None
) -> list[tuple[Function, Person | None, Person | None]]:
    """Return every function with its holder and deputy, or those of one body, or only some."""
    holder, deputy = aliased(Person), aliased(Person)
    statement = (
        select(Function, holder, deputy)
        .outerjoin(holder, col(Function.holder_id) == holder.id)
        .outerjoin(deputy, col(Function.deputy_id) == deputy.id)
        .order_by(Function.title, Function.id)
    )
    if body_id:
        statement = statement.where(Function.body_id == body_id, _IS_ALIVE)
    if function_ids is not None:
        statement = statement.where(col(Function.id).in_(function_ids))
    return [(row[0], row[1], row[2]) for row in session.exec(statement)]


def titles(session: Session) -> list[tuple[str, str, str]]:
    """Return each function's id, body and title, by title, without rows: lists of thousands are read for few."""
    statement = sql_select(col(Function.id), col(Function.body_id), col(Function.title))
    ordered = statement.order_by(col(Function.title), col(Function.id))
    return [(row[0], row[1], row[2]) for row in session.execute(ordered)]


@dataclass(frozen=True, slots=True)
class Reach:
    """A function and how a mail reaches it, without its rows: lists of thousands are read for few."""

    id: str
    body_id: str
    kind: FunctionKind
    role: Role
    title: str
    mailbox: str
    name: str
    email: str
    language: str

    @property
    def address(self) -> str:
        """The function's own mailbox, else its holder's address; empty when neither is there."""
        return self.mailbox or self.email


def reach(session: Session) -> list[Reach]:
    """Return how a mail reaches each function, by title."""
    statement = (
        sql_select(
            col(Function.id),
            col(Function.body_id),
            col(Function.kind),
            col(Function.role),
            col(Function.title),
            col(Function.mailbox),
            func.coalesce(col(Person.name), ""),
            func.coalesce(col(Person.email), ""),
            func.coalesce(col(Person.language), "sv"),
        )
        .outerjoin(Person, col(Function.holder_id) == col(Person.id))
        .where(_IS_ALIVE)
        .order_by(col(Function.title), col(Function.id))
    )
    return [Reach(*row) for row in session.execute(statement)]


_ASKED_FIRST = (FunctionKind.COORDINATOR, FunctionKind.CONTACT, FunctionKind.PLANNER)


def contacts(functions: Iterable[Reach]) -> dict[str, Reach]:
    """Return through whom each body is asked, by its id: its coordinator's function before the others.

    Bodies of which no function can be reached by mail are left out.
    """
    found: dict[str, Reach] = {}
    for one in sorted(functions, key=_rank):
        if one.address:
            found.setdefault(one.body_id, one)
    return found


def _rank(one: Reach) -> tuple[int, str]:
    is_first = one.kind in _ASKED_FIRST
    return _ASKED_FIRST.index(one.kind) if is_first else len(_ASKED_FIRST), one.id


def function_counts(session: Session) -> dict[str, tuple[int, int]]:
    """Return how many functions each body has, and how many of them nobody holds."""
    statement = (
        select(Function.body_id, func.count(), func.count(col(Function.holder_id)))
        .where(_IS_ALIVE)
        .group_by(col(Function.body_id))
    )
    return {body: (number, number - held) for body, number, held in session.exec(statement)}


def holders_at(session: Session, rc_ids: Collection[str]) -> list[tuple[str, Function, Person]]:
    """Return whoever holds a member's function at these RC, with the RC: those with a number first."""
    statement = (
        select(Body.rc_id, Function, Person)
        .join(Function, col(Function.body_id) == Body.id)
        .join(Person, col(Function.holder_id) == Person.id)
        .where(col(Body.rc_id).in_(rc_ids), Function.role == Role.RC_MEMBER, _IS_ALIVE)
    )
    rows = [(rc_id or "", function, person) for rc_id, function, person in session.exec(statement)]
    return sorted(rows, key=lambda row: (not row[2].phone, row[1].title, row[1].id))


def rcs_with_a_member(session: Session) -> set[str]:
    """Return the RC in which somebody holds a member's function."""
    statement = (
        select(Body.rc_id)
        .join(Function)
        .where(Function.role == Role.RC_MEMBER, col(Function.holder_id).is_not(None))
        .distinct()
    )
    return {rc_id for rc_id in session.exec(statement) if rc_id}


def nch_contact(session: Session, body_id: str) -> tuple[Function, Person | None] | None:
    """Return the NCH function that a body turns to, with its holder."""
    statement = (
        select(Function, Person)
        .join(NchContact, col(NchContact.function_id) == Function.id)
        .outerjoin(Person, col(Function.holder_id) == Person.id)
        .where(NchContact.body_id == body_id)
    )
    row = session.exec(statement).first()
    return (row[0], row[1]) if row else None


def forget_contact(session: Session, function_id: str) -> None:
    """Let no body turn to a function any more."""
    session.exec(delete(NchContact).where(col(NchContact.function_id) == function_id))


def take_over_contact(session: Session, body_id: str, into_id: str) -> None:
    """Give a body the NCH contact of another, unless it has one; the other has none any more."""
    given = session.get(NchContact, body_id)
    if given is None:
        return
    if session.get(NchContact, into_id) is None:
        session.add(NchContact(body_id=into_id, function_id=given.function_id))
    session.delete(given)
    session.flush()


def posts(session: Session, ids: Collection[str]) -> list[tuple[Function, Body, Person | None]]:
    """Return these posts that are left, each with its organisation and its holder, by the holder's name."""
    statement = (
        select(Function, Body, Person)
        .join(Body, col(Body.id) == Function.body_id)
        .outerjoin(Person, col(Person.id) == Function.holder_id)
        .where(_IS_ALIVE, col(Function.id).in_(ids))
        .order_by(Person.name, Function.title, Function.id)
    )
    return list(session.exec(statement))


def people(session: Session, person_ids: Collection[str]) -> dict[str, Person]:
    """Return these people, by id."""
    rows = session.exec(select(Person).where(col(Person.id).in_(person_ids)))
    return {person.id: person for person in rows}


def names_of(session: Session, person_ids: Collection[str]) -> dict[str, str]:
    """Return the names of these people, by id."""
    return {key: person.name for key, person in people(session, person_ids).items()}


def plans(session: Session, person_id: str) -> bool:
    """Tell whether a person holds, or is deputy for, a function at NCH that plans."""
    return any(
        function.role is Role.PLANNER and home.kind is BodyKind.NCH
        for function, home in functions_of(session, person_id)
    )


def has_planner(session: Session) -> bool:
    """Tell whether anybody holds, or is deputy for, a function at NCH that plans."""
    filled = or_(col(Function.holder_id).is_not(None), col(Function.deputy_id).is_not(None))
    statement = select(Function.id).join(Body).where(filled)
    statement = statement.where(Body.kind == BodyKind.NCH, Function.role == Role.PLANNER)
    return session.exec(statement.limit(1)).first() is not None


def people_free_since(session: Session, moment: datetime, erased_host: str) -> list[Person]:
    """Return people who have held no function since before the moment and are not erased yet."""
    statement = (
        select(Person)
        .where(col(Person.free_since) <= moment)
        .where(col(Person.email).not_like(f"%@{erased_host}"))
        .order_by(Person.id)
    )
    return list(session.exec(statement))


def all_sessions_of(session: Session, person_id: str) -> list[SignedIn]:
    """Return a person's sessions, ended ones too."""
    statement = select(SignedIn).where(SignedIn.person_id == person_id)
    return list(session.exec(statement.order_by(col(SignedIn.started_at))))


def count_old_sign_ins(session: Session, moment: datetime) -> int:
    """Return how many sessions, links and keys ran out before the moment."""
    sessions = select(func.count()).select_from(SignedIn).where(_is_old_session(moment))
    links = select(func.count()).select_from(SignInLink).where(col(SignInLink.expires_at) <= moment)
    keys = select(func.count()).select_from(ApiKey).where(_is_old_key(moment))
    return sum(session.exec(one).one() for one in (sessions, links, keys))


def delete_old_sign_ins(session: Session, moment: datetime) -> int:
    """Delete sessions, links and keys that ran out before the moment; return how many."""
    number = count_old_sign_ins(session, moment)
    session.exec(delete(SignedIn).where(_is_old_session(moment)))
    session.exec(delete(ApiKey).where(_is_old_key(moment)))
    session.exec(delete(SignInLink).where(col(SignInLink.expires_at) <= moment))
    return number


def delete_sign_ins_of(session: Session, person_id: str) -> None:
    """Delete a person's sessions, links, keys and ties to a provider's accounts."""
    session.exec(delete(ProviderAccount).where(col(ProviderAccount.person_id) == person_id))
    session.exec(delete(SignedIn).where(col(SignedIn.person_id) == person_id))
    session.exec(delete(ApiKey).where(col(ApiKey.person_id) == person_id))
    session.exec(delete(SignInLink).where(col(SignInLink.person_id) == person_id))


def _is_old_key(moment: datetime) -> ColumnElement[bool]:
    return or_(col(ApiKey.expires_at) <= moment, col(ApiKey.ended_at) <= moment)


def _is_old_session(moment: datetime) -> ColumnElement[bool]:
    return or_(col(SignedIn.expires_at) <= moment, col(SignedIn.ended_at) <= moment)


def key(session: Session, token_hash: str) -> tuple[ApiKey, Person] | None:
    """Return a key with its owner."""
    statement = select(ApiKey, Person).join(Person).where(ApiKey.token_hash == token_hash)
    return session.exec(statement).first()


def keys_of(session: Session, person_id: str, now: datetime) -> list[ApiKey]:
    """Return a person's keys that hold, newest first."""
    statement = (
        select(ApiKey)
        .where(ApiKey.person_id == person_id, col(ApiKey.ended_at).is_(None))
        .where(col(ApiKey.expires_at) > now)
        .order_by(col(ApiKey.made_at).desc(), col(ApiKey.id).desc())
    )
    return list(session.exec(statement))


def all_keys_of(session: Session, person_id: str) -> list[ApiKey]:
    """Return a person's keys, ended ones too."""
    statement = select(ApiKey).where(ApiKey.person_id == person_id)
    return list(session.exec(statement.order_by(col(ApiKey.made_at))))


def provider_account(session: Session, issuer: str, subject: str) -> ProviderAccount | None:
    """Return to whom a provider's account is tied."""
    return session.get(ProviderAccount, (issuer, subject))


def forget_groups(session: Session, issuers: list[str]) -> None:
    """Let the groups of all providers but these decide nothing more: no sign-in would say otherwise."""
    session.execute(
        update(ProviderAccount)
        .where(
            col(ProviderAccount.roles).is_not(None),
            func.rtrim(col(ProviderAccount.issuer), "/").not_in(
                [one.rstrip("/") for one in issuers]
            ),
        )
        .values(roles=None)
    )


def roles_by_groups(session: Session, person_id: str) -> frozenset[Role] | None:
    """Return what the groups of a person's providers give; None where no provider's groups decide."""
    statement = select(ProviderAccount.roles).where(
        ProviderAccount.person_id == person_id, col(ProviderAccount.roles).is_not(None)
    )
    said = session.exec(statement).all()
    return frozenset(Role(word) for one in said for word in (one or "").split()) if said else None


def provider_accounts_of(session: Session, person_id: str, issuer: str) -> list[ProviderAccount]:
    """Return the accounts of a provider that are tied to a person."""
    statement = select(ProviderAccount).where(
        ProviderAccount.person_id == person_id, ProviderAccount.issuer == issuer
    )
    return list(session.exec(statement))
