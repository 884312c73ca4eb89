"""What somebody does that others are told of: one act, one receipt, and one way to undo it.

A route begins the act, and whatever its services do in the same transaction belongs to it: the steps
that they say how to undo, and the mails that they hold. Undoing takes the steps back, last first, and
the mails with them; see docs/architecture.md for how a feature joins in.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import ACT, Database
from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import Said, Speaker
from api.kit.settings import Settings
from api.outbox import queries
from api.outbox.models import Act, ActMail, ActState, Mail, MailState

BY_LINK = "link"  # the actor of what is done by a mailed link, without signing in
KEPT = timedelta(days=1)  # how long an act that cannot be undone any more is remembered

Data = dict[str, Any]  # JSON values: ids, moments as text, and what was there before
Undoer = Callable[[Session, Data, str, datetime], None]  # data, actor, when
_UNDOING, _OUTBOX, _GREETING, _LEFT_OUT = "undoing", "outbox", "greeting", "left out"
_AS_DRAFTS = "as drafts"


@dataclass(frozen=True, slots=True)
class Composer:
    """Who writes the held mails of a kind when their time comes.

    lock: takes what the feature itself locks before it holds a mail, so that nobody waits in a circle.
    write: fills the mail in; False when there is nothing to tell any more.
    """

    kind: str
    lock: Callable[[Session, Mail], None]
    write: Callable[[Session, Mail, datetime], bool]


@dataclass(slots=True)
class Outbox:
    """What a database's transactions know of the outbox: who writes, who undoes, how long mail waits."""

    hold: timedelta
    composers: dict[str, Composer] = field(default_factory=dict)
    undoers: dict[str, Undoer] = field(default_factory=dict)
    in_calendars: set[str] = field(
        default_factory=set
    )  # kinds of steps that calendars follow at once


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the page that acted says: what was done, when whom is told, and whether it can be undone."""

    act_id: str
    text: str
    mails: int  # that wait, or went
    drafts: int  # that a planner reads before they go
    due: str  # "10.42": when they go; empty when none waits
    can_undo: bool
    is_undone: bool
    is_gone: bool  # somebody has got a mail
    is_in_calendars: bool  # calendars have shown it, whoever has had a mail or not


def install(database: Database, hold_minutes: float) -> Outbox:
    """Give a database its outbox; the features' composers and undoers are put into it."""
    made = Outbox(timedelta(minutes=hold_minutes))
    database.info[_OUTBOX] = made
    return made


def outbox_of(session: Session) -> Outbox:
    """Return the outbox that a session's database was given, else one with the settings' hold."""
    found = session.info.get(_OUTBOX)
    return found if isinstance(found, Outbox) else Outbox(hold_of_settings())


def hold_of_settings() -> timedelta:
    """Return how long mail that tells others waits."""
    return timedelta(minutes=Settings().hold_minutes)


def begin_act(
    session: Session, actor: str, at: datetime, said: Said, page: str, *, with_mails: bool = False
) -> None:
    """Let what this transaction does be one act, said so on its receipt; undoing leads to `page`.

    Of a transaction that has begun one already, or that undoes one, nothing is begun. Call it before
    the services. An act without steps can be undone only `with_mails`: then its mails alone are it.
    """
    hold = outbox_of(session).hold
    if not hold or session.info.get(ACT) or session.info.get(_UNDOING):
        return
    made = Act(
        actor=actor,
        said=said.source,
        told=dict(said.values),
        page=page,
        steps=[{"kind": "", "data": {}}] if with_mails else [],
        state=ActState.HELD,
        at=at,
        due_at=at + hold,
    )
    session.add(made)
    session.flush()
    session.info[ACT] = made.id


def can_undo_by(session: Session, kind: str, data: Data) -> None:
    """Say how what was just done is undone: the undoer that is wired as `kind` gets `data`.

    Nothing is kept where no act has begun: what is done on the way of something greater is undone with
    that, or not at all.
    """
    found = _current(session)
    if found is not None:
        found.steps = [*found.steps, {"kind": kind, "data": data}]
        session.add(found)
        session.flush()


def cannot_be_undone(session: Session) -> None:
    """Say that this transaction has done something that no step takes back."""
    found = _current(session)
    if found is not None:
        found.steps = [{"kind": "never", "data": {}}]
        session.add(found)
        session.flush()


def greet(session: Session, words: str) -> None:
    """Put somebody's own words into the mails that this transaction's acts hold."""
    session.info[_GREETING] = words


def greeting_of(session: Session) -> str:
    """Return the words that this transaction's mails begin with; empty when there are none."""
    return str(session.info.get(_GREETING, ""))


def leave_out(session: Session, keys: Collection[str]) -> None:
    """Let nobody hear by a new mail of matters with these keys, whatever this transaction does."""
    session.info[_LEFT_OUT] = frozenset(keys)


def keep_as_drafts(session: Session, keys: Collection[str]) -> None:
    """Let the mails of this transaction about matters with these keys wait as drafts until somebody sends them."""
    session.info[_AS_DRAFTS] = frozenset(keys)


def is_kept_as_draft(session: Session, key: str) -> bool:
    """Return whether this transaction's mail about a matter is to wait for somebody who sends it."""
    return key in session.info.get(_AS_DRAFTS, ())


def is_left_out(session: Session, key: str) -> bool:
    """Return whether a matter is to be told of to nobody by this transaction."""
    return key in session.info.get(_LEFT_OUT, ())


def is_undoing(session: Session) -> bool:
    """Return whether this transaction takes an act back."""
    return bool(session.info.get(_UNDOING))


def join(session: Session, mail: Mail) -> None:
    """Let a mail that is held tell of this transaction's act."""
    found = _current(session)
    if found is not None and not queries.is_joined(session, found.id, mail.id):
        session.add(ActMail(act_id=found.id, mail_id=mail.id))
        session.flush()


def with_receipt(session: Session, path: str) -> str:
    """Return a page's path so that it shows the receipt of this transaction's act."""
    act_id = session.info.get(ACT)
    return showing_receipt(path, act_id) if act_id else path


def showing_receipt(path: str, act_id: str) -> str:
    """Return a page's path so that it shows an act's receipt."""
    before, mark, fragment = path.partition("#")
    return f"{before}{'&' if '?' in before else '?'}kvitto={act_id}{mark}{fragment}"


def receipt_of_this(session: Session, say: Speaker) -> Receipt | None:
    """Return the receipt of this transaction's act, for a page that the act itself answers with."""
    act_id = session.info.get(ACT)
    return receipt(session, act_id, say) if act_id else None


def waiting(session: Session, say: Speaker) -> list[Receipt]:
    """Return the receipts of the acts whose mails wait, the soonest due first."""
    found = (receipt(session, one.id, say) for one in queries.waiting_acts(session))
    return [one for one in found if one is not None]


def receipt(session: Session, act_id: str, say: Speaker) -> Receipt | None:
    """Return what the page that acted says of an act; None when it is forgotten."""
    found = queries.act(session, act_id)
    if found is None:
        return None
    mails = queries.mails_of_act(session, act_id)
    held = [one for one in mails if one.state is MailState.HELD]
    drafts = sum(one.state is MailState.DRAFT for one in mails)
    return Receipt(
        act_id=found.id,
        text=say.text(found.said, **found.told),
        mails=len(held) or len(mails) - drafts,
        drafts=drafts,
        due=say.clock(max(one.due_at for one in held)) if held else "",
        can_undo=may_be_undone(found),
        is_undone=found.state is ActState.UNDONE,
        is_gone=found.state is ActState.GONE,
        is_in_calendars=any(
            step["kind"] in outbox_of(session).in_calendars for step in found.steps
        ),
    )


def may_be_undone(found: Act) -> bool:
    """Return whether an act can be undone as far as its row tells; the statement decides."""
    kinds = {step["kind"] for step in found.steps}
    return found.state is ActState.HELD and bool(kinds) and "never" not in kinds


def undo_act(session: Session, act_id: str, actor: str, at: datetime) -> Act:
    """Take an act back before anybody got a mail of it: its steps, last first, and its mails.

    Raises:
        MissingError: when there is no such act.
        ConflictError: when it cannot be undone, somebody has been told, or something changed since.
    """
    found = queries.act(session, act_id)
    if found is None:
        raise MissingError
    if found.state is ActState.UNDONE:
        raise ConflictError("Det här är redan ångrat.")
    if not may_be_undone(found) or not queries.take_act(session, act_id, at):
        raise ConflictError("Det går inte att ångra längre: mejlen har gått, eller tiden är ute.")
    session.refresh(found)
    session.info[_UNDOING] = True
    undoers = outbox_of(session).undoers
    for step in reversed(found.steps):
        if step["kind"]:
            undoers[step["kind"]](session, step["data"], actor, at)
    _take_mails_back(session, found, at)
    record(session, actor, "undone", ("act", found.id), after={"said": found.said})
    return found


def leave_to_planners(session: Session, person_ids: Collection[str], giving: str) -> None:
    """Let planners alone take back what people did who have lost a post since.

    Steps of the kind `giving` gave the post away: whoever did that may still take it back.
    """
    for one in queries.held_acts_by(session, person_ids):
        if one.id != session.info.get(ACT) and all(step["kind"] != giving for step in one.steps):
            one.actor = ""
            session.add(one)
    session.flush()


def _take_mails_back(session: Session, found: Act, at: datetime) -> None:
    """Drop what was written; what is written when its time comes finds that nothing is to be told.

    A mail that tells of another act too keeps waiting for that.
    """
    alone = [
        one
        for one in queries.mails_of_act(session, found.id)
        if (one.state is MailState.HELD or (one.state is MailState.DRAFT and not one.kind))
        and not queries.held_acts_of(session, one.id)
    ]
    queries.drop(session, [one.id for one in alone if not one.kind])
    for one in alone:
        if one.kind:
            queries.wait_until(session, one.id, at)


def _current(session: Session) -> Act | None:
    act_id = session.info.get(ACT)
    return queries.act(session, act_id) if act_id else None


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Refuse to undo what is no longer as the act left it.

    Raises:
        ConflictError: when a value differs.
    """
    if any(now.get(name) != value for name, value in before.items()):
        raise ConflictError("Det går inte att ångra: något har ändrats sedan dess.")
