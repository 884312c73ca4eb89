"""Who is asked to lead a session, what they answer, and who is asked next."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.news import FunctionHandedOver
from api.accounts.service import hash_of
from api.audit.proof import key_for
from api.audit.service import record
from api.kit.db import base_url_of
from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import Speaker, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.outbox.acts import Data, can_undo_by, changed
from api.outbox.service import Options, queue
from api.programme.models import ProgrammeSession
from api.proposals.asking import queries
from api.proposals.asking.models import AskState, LeaderAsk

UNDO = "leaders asked"
AT_A_TIME = 2  # a leader and a deputy leader
OPEN = (AskState.ASKED, AskState.YES)


@dataclass(frozen=True, slots=True)
class Possible:
    """A function that could lead, and its RC."""

    function_id: str
    rc_id: str


@dataclass(frozen=True, slots=True)
class SessionToLead:
    """A session that somebody is looked for to lead: its candidates, the one to ask first first."""

    key: str
    title_sv: str
    title_en: str
    candidates: tuple[Possible, ...]


@dataclass(frozen=True, slots=True)
class LeaderMail:
    """What the question says."""

    session: str
    meeting: str
    when: str
    is_deputy: bool
    takes_over: bool  # said yes as a deputy, and leads now
    other: str  # who leads, or who is deputy; empty when nobody is
    yes_url: str
    no_url: str


@dataclass(frozen=True, slots=True)
class Led:
    """How it stands with a session: those who lead and stand in, as far as they have not said no."""

    leader: LeaderAsk | None
    deputy: LeaderAsk | None


def ask(
    session: Session, meeting: Meeting, sessions: Sequence[SessionToLead], actor: str, at: datetime
) -> int:
    """Write down who can lead what, and ask the first two of each session; return how many mails go.

    Who has been asked or has answered already keeps that; new candidates come after them.

    Raises:
        ConflictError: when the meeting is called off.
    """
    if meeting.state is MeetingState.CANCELLED:
        raise ConflictError("Träffen är inställd.")
    sent, asked = 0, list[str]()
    for wanted in sessions:
        rows = queries.asks_to_change(session, meeting.id, wanted.key)
        known = {row.function_id for row in rows}
        for one in wanted.candidates:
            if one.function_id not in known:
                row = LeaderAsk(
                    meeting_id=meeting.id,
                    session_key=wanted.key,
                    title_sv=wanted.title_sv,
                    title_en=wanted.title_en,
                    rc_id=one.rc_id,
                    function_id=one.function_id,
                    place=len(rows),
                    is_example=meeting.is_example,
                )
                rows.append(row)
                session.add(row)
        session.flush()
        waiting = {row.id for row in rows if row.state is AskState.WAITING}
        sent += _ask_next(session, meeting, rows, at, tells_others=True)
        asked += [row.id for row in rows if row.id in waiting and row.state is AskState.ASKED]
    can_undo_by(session, UNDO, {"asks": asked})
    after: dict[str, object] = {"sessions": [one.key for one in sessions], "mails": sent}
    record(session, actor, "asked leaders", ("meeting", meeting.id), after=after)
    return sent


def undo_ask(session: Session, data: Data, _actor: str, _at: datetime) -> None:
    """Take the questions back that nobody has got yet: whoever was asked waits for a turn again.

    Raises:
        ConflictError: when somebody has answered, or was asked anew.
    """
    for ask_id in data["asks"]:
        row = session.get_one(LeaderAsk, ask_id)
        changed({"state": AskState.ASKED}, {"state": row.state})
        row.state, row.token_hash, row.asked_at = AskState.WAITING, None, None
        row.version += 1
        session.add(row)
    session.flush()


def find(session: Session, token: str, at: datetime) -> tuple[LeaderAsk, Meeting]:
    """Return the question behind a link and its meeting; reading changes nothing.

    Raises:
        MissingError: when the link opens nothing, or the meeting is over or called off.
    """
    row = queries.ask_by_hash(session, hash_of(token))
    meeting = meetings.meeting(session, row.meeting_id) if row else None
    if row is None or meeting is None or row.state not in (*OPEN, AskState.NO):
        raise MissingError
    if meeting.state is MeetingState.CANCELLED or meeting.starts_at <= at:
        raise MissingError
    return row, meeting


def answer(session: Session, token: str, *, will_lead: bool, at: datetime) -> LeaderAsk:
    """Keep an answer; after a no the next one is asked.

    Raises:
        MissingError: as `find`.
    """
    found, meeting = find(session, token, at)
    rows = queries.asks_to_change(session, meeting.id, found.session_key)
    row = next(one for one in rows if one.id == found.id)
    _keep(session, meeting, rows, row, will_lead, at)
    return row


def example_answers(session: Session, meeting: Meeting, at: datetime) -> None:
    """Answer for everybody who has been asked: yes, but for one leader, whose deputy takes over.

    Raises:
        ConflictError: when the meeting is no example.
    """
    if not meeting.is_example:
        raise ConflictError("Exempelsvar får bara finnas i en exempelträff.")
    has_refused = False
    for key in dict.fromkeys(row.session_key for row in queries.asks(session, meeting.id)):
        rows = queries.asks_to_change(session, meeting.id, key)
        has_deputy = sum(row.state is AskState.ASKED for row in rows) > 1
        for number, row in enumerate(row for row in rows if row.state is AskState.ASKED):
            refuses = not has_refused and has_deputy and number == 0
            has_refused = has_refused or refuses
            _keep(session, meeting, rows, row, not refuses, at)


def _keep(
    session: Session,
    meeting: Meeting,
    rows: Sequence[LeaderAsk],
    row: LeaderAsk,
    will_lead: bool,  # noqa: FBT001 - the answer itself
    at: datetime,
) -> None:
    before, leader = row.state, led(rows).leader
    row.state = AskState.YES if will_lead else AskState.NO
    row.answered_at = at
    row.version += 1
    session.add(row)
    if row.state is not before:
        changes: tuple[dict[str, object], dict[str, object]] = (
            {"answer": before.value},
            {"answer": row.state.value, "session": row.session_key},
        )
        record(session, f"link:{row.rc_id}", "answered", ("leader_ask", row.id), *changes)
    session.flush()
    _ask_next(session, meeting, rows, at)
    now_leads = led(rows).leader
    if now_leads is not None and now_leads not in (row, leader) and leader is row:
        _mail(session, meeting, rows, now_leads, at, takes_over=now_leads.state is AskState.YES)


def led(rows: Sequence[LeaderAsk]) -> Led:
    """Return who leads and who is deputy, of a session's candidates in order.

    The first who has said yes leads, whoever was asked before; else the first who has been asked.
    """
    standing = [row for row in rows if row.state in OPEN]
    standing.sort(key=lambda row: (row.state is not AskState.YES, row.place))
    first, second, *_ = (*standing, None, None)
    return Led(first, second)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The old holder's links end; the new one is asked by a link of its own what is not answered."""
    for row in queries.asks_of_function(session, news.function_id):
        meeting = meetings.meeting(session, row.meeting_id)
        row.token_hash = None
        row.version += 1
        session.add(row)
        session.flush()
        is_to_come = meeting is not None and meeting.starts_at > news.at
        if meeting is not None and is_to_come and row.state in OPEN:
            rows = queries.asks_to_change(session, row.meeting_id, row.session_key)
            _mail(session, meeting, rows, row, news.at)


def _ask_next(
    session: Session,
    meeting: Meeting,
    rows: Sequence[LeaderAsk],
    at: datetime,
    *,
    tells_others: bool = False,
) -> int:
    """Ask until two of a session's candidates have been asked and none of them has said no."""
    sent = 0
    for row in rows:
        if sum(one.state in OPEN for one in rows) >= AT_A_TIME:
            break
        if row.state is not AskState.WAITING:
            continue
        row.state = AskState.ASKED
        if not _mail(session, meeting, rows, row, at, tells_others=tells_others):
            row.state = AskState.WAITING  # nobody can be reached there now: the one after is asked
            continue
        row.asked_at = at
        row.version += 1
        session.add(row)
        session.flush()
        sent += 1
    return sent


def _mail(
    session: Session,
    meeting: Meeting,
    rows: Sequence[LeaderAsk],
    row: LeaderAsk,
    at: datetime,
    *,
    takes_over: bool = False,
    tells_others: bool = False,
) -> bool:
    """Mail the question, or that a deputy leads now, with a link of its own; False without an address."""
    reach = next((one for one in accounts.reach(session) if one.id == row.function_id), None)
    if reach is None or not reach.address:
        return False
    token = _token(session, row)
    row.token_hash = hash_of(token)
    session.add(row)
    language = read_by(reach.language)
    say = Speaker(language)
    standing = led(rows)
    is_deputy = standing.leader is not None and standing.leader.id != row.id
    other = standing.leader if is_deputy else standing.deputy
    page = f"{base_url_of(session)}{address(language, f'/leda/{token}')}"
    shown = LeaderMail(
        session=say.either(row.title_sv, row.title_en),
        meeting=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        is_deputy=is_deputy,
        takes_over=takes_over,
        other=title_of(session, other) if other else "",
        yes_url=f"{page}?svar=ja",
        no_url=f"{page}?svar=nej",
    )
    said = texts("leader_asked", language, shown)
    options = Options(
        is_secret=True,
        is_example=row.is_example,
        batch=f"leaders:{meeting.id}",
        key=f"{mail_prefix(row.id)}{row.version}/{secrets.token_hex(4)}",
        tells_others=tells_others,
        post=reach.id,
    )
    queue(session, reach.address, said.subject, said.text, said.html, at, options)
    return True


def mail_prefix(ask_id: str) -> str:
    """Return how the keys of all mails about a question begin."""
    return f"leader/{ask_id}/"


def _token(session: Session, row: LeaderAsk) -> str:
    """Return the secret of a question's link: the same in every mail about it, so that none dies.

    It is made with the key that lies outside the database; without one, and once the function has
    been handed over, each mail has its own.
    """
    key = key_for(session)
    if key is not None:
        made = hmac.digest(key, f"link to lead/{row.id}".encode(), hashlib.sha256)
        token = urlsafe_b64encode(made).decode().rstrip("=")
        is_first = row.asked_at is None
        if is_first or row.token_hash == hash_of(token):
            return token
    return secrets.token_urlsafe(32)


def no_longer_led(session: Session, at: datetime) -> list[tuple[LeaderAsk, ProgrammeSession]]:
    """Return the published sessions that still name a leader who has said no since."""
    return [
        (row, planned)
        for row, planned in queries.refusals(session, at)
        if title_of(session, row) in planned.leader
    ]


def title_of(session: Session, row: LeaderAsk) -> str:
    """Return whom a question went to: the body and its function, never a person's name."""
    function = accounts.function(session, row.function_id)
    body = accounts.body(session, function.body_id) if function else None
    return f"{body.name}, {function.title}" if function and body else row.rc_id
