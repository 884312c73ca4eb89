"""Signing in by one-time link, and sessions; bodies, people and functions are in `directory`."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries, reaching
from api.accounts.addresses import own_path, work_address
from api.accounts.models import BodyKind, Person, ProviderAccount, SignedIn, SignInLink
from api.accounts.news import AccountsChanged, SignInLinkMade
from api.accounts.policy import Post, Viewer, grouped
from api.accounts.provider import Vouched
from api.kit.db import announce
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import Language

LINK_LIFETIME = timedelta(minutes=15)
DEMO_LINK_LIFETIME = timedelta(days=30)
IDLE_LIFETIME = timedelta(hours=8)
LONGEST_LIFETIME = timedelta(days=30)
RENEWAL_INTERVAL = timedelta(minutes=5)  # how exactly seen_at is kept


def hash_of(token: str) -> str:
    """Return what is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_sign_in_link(
    session: Session,
    person: Person,
    now: datetime,
    *,
    next_path: str = "/",
    is_direct: bool = False,
) -> str:
    """Make a one-time link for a person and return its token, which is stored only as a hash.

    `is_direct` is for the demonstration: such a link signs in when it is opened, without a button.
    """
    token = secrets.token_urlsafe(32)
    link = SignInLink(
        token_hash=hash_of(token),
        person_id=person.id,
        expires_at=now + (DEMO_LINK_LIFETIME if is_direct else LINK_LIFETIME),
        next_path=own_path(next_path),
        is_direct=is_direct,
    )
    session.add(link)
    return token


def demo_sign_in_path(session: Session, person: Person, now: datetime, next_path: str = "/") -> str:
    """Return the path of a page that signs the person in once, for the demonstration only."""
    token = new_sign_in_link(session, person, now, next_path=next_path, is_direct=True)
    return f"/demo/logga-in/{token}"


def ask_for_link(
    session: Session, email: str, next_path: str, language: Language, now: datetime
) -> None:
    """Have a one-time link mailed; an unknown address, or one without a function, gets silence."""
    person = queries.person_by_email(session, work_address(email))
    if person is None or not queries.functions_of(session, person.id):
        return
    token = new_sign_in_link(session, person, now, next_path=next_path)
    path = f"/logga-in/{token}"
    until = now + LINK_LIFETIME
    announce(session, SignInLinkMade(person.id, person.name, person.email, path, until, language))


def is_link_open(session: Session, token: str, now: datetime) -> bool:
    """Return whether a one-time link could still be used; looking at it does not use it up."""
    link = queries.sign_in_link(session, hash_of(token))
    return link is not None and link.used_at is None and link.expires_at > now


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session just opened: the token for the cookie, and the page to show first."""

    token: str
    next_path: str


def sign_in(session: Session, token: str, device: str, now: datetime) -> OpenedSession:
    """Use a one-time link up and open a session.

    Raises:
        ConflictError: when the link is unknown, used or too old; the answer is the same.
    """
    if not queries.use_link_up(session, hash_of(token), now):
        raise ConflictError("Länken gäller inte längre. Be om en ny länk.")
    link = queries.sign_in_link(session, hash_of(token))
    assert link is not None  # noqa: S101 - it was just used up
    person = queries.person(session, link.person_id)
    if person is not None:
        reaching.reached(session, person.email)  # the link came by mail
    return OpenedSession(open_session(session, link.person_id, device, now), link.next_path)


def sign_in_directly(session: Session, token: str, device: str, now: datetime) -> OpenedSession:
    """Use one of the demonstration's links up and open a session.

    Raises:
        MissingError: for every link that was not made for the demonstration.
        ConflictError: when the link was used before.
    """
    link = queries.sign_in_link(session, hash_of(token))
    if link is None or not link.is_direct:
        raise MissingError
    return sign_in(session, token, device, now)


def sign_in_vouched(session: Session, vouched: Vouched, device: str, now: datetime) -> str:
    """Open a session for whom the organisation vouches for.

    The first sign-in ties the provider's account to the person with its address. From then on the
    account is that person, whatever its address becomes, and the person is that account: an address
    that was given to somebody new opens nothing of the old holder's. Where the provider's groups
    decide, what they give now is kept with the account, and counts wherever the person is met: in
    other sessions, keys and feeds too.

    Raises:
        FieldFault: when nobody with a function here has that address, it is tied to another account, or
            none of its groups may do anything here.
    """
    tied = queries.provider_account(session, vouched.issuer, vouched.subject)
    person = (
        queries.person(session, tied.person_id)
        if tied is not None
        else queries.person_by_email(session, vouched.address)
    )
    if tied is not None:
        tied.roles = _words(vouched.roles)
    if vouched.roles is not None and not vouched.roles:
        raise FieldFault(
            "email",
            "Ditt jobbkonto är inte med i någon grupp som får använda Samkrets. Be den som sköter konton hos er.",
        )
    if person is None or not queries.functions_of(session, person.id):
        raise FieldFault(
            "email",
            "Du är inte inlagd i Samkrets än (%(email)s). Be NCH eller din företrädare lägga in dig.",
            email=vouched.address[:254],
        )
    if tied is None:
        if queries.provider_accounts_of(session, person.id, vouched.issuer):
            raise FieldFault(
                "email",
                "%(email)s har använts av någon annan i din organisation. Be NCH eller din företrädare lägga in dig.",
                email=vouched.address[:254],
            )
        session.add(
            ProviderAccount(
                issuer=vouched.issuer,
                subject=vouched.subject,
                person_id=person.id,
                since=now,
                roles=_words(vouched.roles),
            )
        )
    return open_session(session, person.id, device, now)


def _words(roles: frozenset[str] | None) -> str | None:
    return None if roles is None else " ".join(sorted(roles))


def open_session(session: Session, person_id: str, device: str, now: datetime) -> str:
    """Open a session for a person whose identity is established; return the cookie's token."""
    opaque = secrets.token_urlsafe(32)
    opened = SignedIn(
        token_hash=hash_of(opaque),
        person_id=person_id,
        started_at=now,
        seen_at=now,
        expires_at=now + LONGEST_LIFETIME,
        device=device[:200],
    )
    session.add(opened)
    announce(session, AccountsChanged(person_id, "signed_in", ("session", opened.id)))
    return opaque


def viewer_of(session: Session, token: str, now: datetime) -> tuple[Viewer, bool] | None:
    """Return who is behind a session cookie, and whether its last noted use is older than RENEWAL_INTERVAL.

    None is returned when it has ended or was idle too long.
    """
    found = _alive(session, token, now)
    if found is None:
        return None
    opened, person = found
    return viewer_for(session, person), opened.seen_at + RENEWAL_INTERVAL <= now


def renew(session: Session, token: str, now: datetime) -> None:
    """Note that a session was used now."""
    found = _alive(session, token, now)
    if found is not None:
        found[0].seen_at = now


def _alive(session: Session, token: str, now: datetime) -> tuple[SignedIn, Person] | None:
    found = queries.signed_in(session, hash_of(token))
    if found is None:
        return None
    opened = found[0]
    ended = opened.ended_at is not None or opened.expires_at <= now
    return None if ended or opened.seen_at + IDLE_LIFETIME <= now else found


def viewer_now(session: Session, viewer: Viewer) -> Viewer:
    """Return what the viewer may after what this transaction has changed."""
    person = queries.person(session, viewer.person_id)
    return viewer_for(session, person) if person else Viewer.of(viewer.person_id, "", ())


def viewer_for(session: Session, person: Person) -> Viewer:
    """Return a person's rights, gathered from the functions held, as far as a provider's groups let them."""
    given = queries.roles_by_groups(session, person.id)
    posts = tuple(
        Post(
            function.id,
            body.id,
            body.rc_id if body.kind is BodyKind.RC else None,
            grouped(function.role, body.kind, given),
            is_holder=function.holder_id == person.id,
            deputy_hands_over=function.deputy_hands_over,
        )
        for function, body in queries.functions_of(session, person.id)
        if given is None or given
    )
    return Viewer.of(person.id, person.name, posts)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session behind a cookie."""
    found = queries.signed_in(session, hash_of(token))
    if found is not None and found[0].ended_at is None:
        _end(session, found[0], found[1].id, now)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's open sessions, as its owner sees it."""

    id: str
    device: str
    started_at: datetime
    seen_at: datetime
    is_this: bool

    @property
    def browser(self) -> str:
        """The browser's everyday name, read from what it says of itself: a Swedish source text."""
        return next((name for mark, name in BROWSERS if mark in self.device), "Okänd webbläsare")


# Order matters: Edge and Chrome also say Safari, Edge also says Chrome.
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def open_sessions(
    session: Session, person_id: str, token: str, now: datetime
) -> tuple[OpenSession, ...]:
    """Return a person's open sessions, newest first; the one behind `token` is marked."""
    this = hash_of(token)
    return tuple(
        OpenSession(row.id, row.device, row.started_at, row.seen_at, row.token_hash == this)
        for row in queries.sessions_of(session, person_id, now)
        if row.seen_at + IDLE_LIFETIME > now
    )


def end_session(session: Session, person_id: str, session_id: str, now: datetime) -> None:
    """End one of one's own sessions.

    Raises:
        MissingError: when it is not one's own, or has ended.
    """
    for row in queries.sessions_of(session, person_id, now):
        if row.id == session_id:
            _end(session, row, person_id, now)
            return
    raise MissingError


def end_other_sessions(session: Session, person_id: str, token: str, now: datetime) -> int:
    """End all of a person's sessions but the one behind `token`; return how many."""
    others = [
        row
        for row in queries.sessions_of(session, person_id, now)
        if row.token_hash != hash_of(token)
    ]
    for row in others:
        _end(session, row, person_id, now)
    return len(others)


def sign_out_everywhere(session: Session, person_id: str, actor: str, now: datetime) -> None:
    """End all sessions and unused links of a person."""
    for row in queries.sessions_of(session, person_id, now):
        _end(session, row, actor, now)
    queries.close_links_of(session, person_id, now)


def _end(session: Session, row: SignedIn, actor: str, now: datetime) -> None:
    row.ended_at = now
    session.add(row)
    announce(session, AccountsChanged(actor, "signed_out", ("session", row.id)))
