"""A study visit's way: the host is asked first, a yes proposes a day to the two, one line comes home."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.news import FunctionHandedOver
from api.accounts.policy import Viewer
from api.accounts.queries import Reach
from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.db import base_url_of, lock
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import Speaker, later, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import IN_PERSON_HOURS
from api.outbox.acts import Data, can_undo_by
from api.outbox.asked import OneQuestion
from api.outbox.service import Options, queue
from api.proposals.networks.reasons import SURVEY_MEMORY
from api.proposals.visits import queries
from api.proposals.visits.aims import aims_of, sentences, still_true, telling
from api.proposals.visits.models import LONGEST_LINE, VisitAsk, VisitState
from api.proposals.visits.service import Paired, propose_day
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.surveys.queries import themes_by_id
from api.travel.service import travel_of
from api.travel.wording import about, stay
from matcher.geo import Point
from matcher.travel import Travel

MOST_SHOWN = 5
QUESTION = OneQuestion("/besok", {"ja": True, "nej": False})
ANSWERS = {True: later("Ja, de är välkomna"), False: later("Nej, inte nu")}
UNDO = "visit"  # the kind of step that takes a question back


@dataclass(frozen=True, slots=True)
class VisitMail:
    """What the question to a host says, and what the visitor hears when it is answered."""

    visitor: str
    host: str
    why: str  # what the host has of what the visitor is going to, in sentences
    journey: str
    when: str
    yes_url: str = ""
    no_url: str = ""


def ask(session: Session, chosen: Paired, actor: str, at: datetime) -> int:
    """Ask the host of each pair by mail; return how many mails go. Nobody is asked twice.

    Raises:
        ConflictError: when there is no pair, or a pair breaks a rule now.
    """
    if not chosen.pairs or chosen.broken:
        raise ConflictError("De här besöken går inte ihop. Räkna om och försök igen.")
    known = {(one.visitor_rc, one.host_rc) for one in asked(session, at)}
    visitors = {one.id: one for one in chosen.problem.visitors}
    hosts = {one.id: one for one in chosen.problem.hosts}
    sent = 0
    for visitor, host in chosen.pairs:
        if (visitor, host) in known:
            continue
        row = VisitAsk(
            visitor_rc=visitor,
            host_rc=host,
            theme_ids=list(telling(visitors[visitor], hosts[host], chosen.problem.hosts)),
            asked_at=at,
        )
        session.add(row)
        session.flush()
        after: dict[str, object] = {"visitor": visitor, "host": host}
        record(session, actor, "asked", ("visit_ask", row.id), after=after)
        sent += _mail_host(session, row, at)
        can_undo_by(session, UNDO, {"id": row.id})
    return sent


def undo_asking(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """Take a question back as if it had not been asked; its mail has gone to nobody."""
    row = queries.ask(session, str(data["id"]))
    if row is None:
        raise MissingError
    take_back(session, row, actor)


def asked(session: Session, at: datetime) -> list[VisitAsk]:
    """Return the questions of the last year that stand, newest first."""
    return queries.asks_since(session, at - SURVEY_MEMORY)


def find(session: Session, token: str) -> VisitAsk:
    """Return the question behind a link; reading changes nothing.

    Raises:
        MissingError: when the link opens nothing, or the question was taken back.
    """
    row = queries.ask_by_hash(session, hash_of(token))
    if row is None or row.state is VisitState.WITHDRAWN:
        raise MissingError
    return row


def answer_by_link(session: Session, token: str, *, is_yes: bool, at: datetime) -> VisitAsk:
    """Keep the host's own answer.

    Raises:
        MissingError: as `find`.
        ConflictError: when it has said yes and a day is proposed: that is called off on its page.
    """
    row = find(session, token)
    answer(session, row, f"link:{row.host_rc}", is_yes=is_yes, at=at)
    return row


def answer(session: Session, row: VisitAsk, actor: str, *, is_yes: bool, at: datetime) -> None:
    """Keep an answer; a yes proposes a day to the two and tells the visitor.

    Raises:
        ConflictError: when a day is proposed already, the question was taken back, or another host has
            been asked since this one said no.
    """
    lock(row)
    wanted = VisitState.YES if is_yes else VisitState.NO
    if row.state is wanted:
        return
    if row.state in {VisitState.YES, VisitState.WITHDRAWN}:
        raise ConflictError("Besöket är redan bestämt. Ändra eller ställ in det på träffens sida.")
    if is_passed_on(session, row):
        raise ConflictError("Någon annan har fått frågan sedan dess. Hör av er till NCH.")
    row.state, row.answered_at = wanted, at
    row.version += 1
    session.add(row)
    after: dict[str, object] = {"answer": wanted.value}
    record(session, actor, "answered", ("visit_ask", row.id), after=after)
    if is_yes:
        meeting = propose_day(session, row.visitor_rc, row.host_rc, actor, at)
        row.meeting_id = meeting.id
        _tell_visitor(session, row, meeting, at)
    session.flush()


def is_passed_on(session: Session, row: VisitAsk) -> bool:
    """Whether a host's no has led to another host, so that a late yes would make it two visits."""
    return row.state is VisitState.NO and queries.is_asked_since(session, row)


def take_back(session: Session, row: VisitAsk, actor: str) -> None:
    """Ask no more: the link opens nothing.

    Raises:
        ConflictError: when the host has said yes.
    """
    lock(row)
    if row.state is VisitState.YES:
        raise ConflictError("Besöket är redan bestämt. Ändra eller ställ in det på träffens sida.")
    row.state, row.token_hash = VisitState.WITHDRAWN, None
    row.version += 1
    session.add(row)
    session.flush()
    record(session, actor, "withdrew", ("visit_ask", row.id))


def may_bring_home(viewer: Viewer, row: VisitAsk | None, meeting: Meeting, at: datetime) -> bool:
    """Whether a viewer may write what was learnt: somebody of the visitor's, when the visit is over."""
    return (
        row is not None
        and row.visitor_rc in viewer.rc_ids
        and meeting.state != MeetingState.CANCELLED
        and meeting.ends_at <= at
    )


def tell(session: Session, viewer: Viewer, meeting_id: str, line: str, at: datetime) -> None:
    """Keep the one line that the visitor's circles see; an empty one takes it away.

    Raises:
        MissingError: when the viewer may not.
        FieldFault: when the line is too long.
    """
    row, meeting = (
        queries.ask_of_meeting(session, meeting_id),
        meetings.meeting(session, meeting_id),
    )
    if row is None or meeting is None or not may_bring_home(viewer, row, meeting, at):
        raise MissingError
    text = " ".join(line.split())
    if len(text) > LONGEST_LINE:
        raise FieldFault("learnt", "Högst %(most)s tecken.", most=LONGEST_LINE)
    lock(row)
    row.learnt = text
    row.version += 1
    session.add(row)
    session.flush()
    record(session, viewer.person_id, "changed", ("visit_ask", row.id))


def learnt_lines(session: Session, rc_ids: Collection[str], say: Speaker) -> tuple[str, ...]:
    """Return what some RC have brought home from visits, newest first."""
    names = registry.names(session)
    return tuple(
        say.text(
            "%(visitor)s hos %(host)s: %(line)s",
            visitor=names.get(one.visitor_rc, one.visitor_rc),
            host=names.get(one.host_rc, one.host_rc),
            line=one.learnt,
        )
        for one in queries.learnt_by(session, rc_ids, MOST_SHOWN)
    )


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The old holder's links end; the new one is asked by a link of its own what is not answered."""
    for row in queries.asks_of_function(session, news.function_id):
        row.token_hash = None
        row.version += 1
        session.add(row)
        session.flush()
        if row.state is VisitState.ASKED:
            _mail_host(session, row, news.at)


def said_of(session: Session, row: VisitAsk, say: Speaker) -> VisitMail:
    """Return a question in words: who, to see what, how far, and whether over night."""
    return all_said(session, [row], say)[row.id]


def all_said(session: Session, rows: Sequence[VisitAsk], say: Speaker) -> dict[str, VisitMail]:
    """Return questions in words, by their ids; the number of queries does not grow with them."""
    rcs = {rc.id: rc for rc in registry.rcs(session)}
    aims = {key: aims_of(rc, None) for key, rc in rcs.items()}
    bank = themes_by_id(session, {theme for row in rows for theme in row.theme_ids})
    themes = {key: say.either(one.name_sv, one.name_en) for key, one in bank.items()}
    travel = travel_of(session)
    whole = meetings.meetings_by_id(session, [row.meeting_id for row in rows if row.meeting_id])
    when = {one.id: say.span(one.starts_at, one.ends_at) for one in whole}
    found = {}
    for row in rows:
        pair = (row.visitor_rc, row.host_rc)
        seats = [seat_of(rcs[key]) if key in rcs else None for key in pair]
        names = [rcs[key].name if key in rcs else key for key in pair]
        why = ""
        if rcs.keys() >= set(pair):
            things = still_true(row.theme_ids, aims[row.visitor_rc], aims[row.host_rc])
            why = sentences(things, rcs[row.visitor_rc], rcs[row.host_rc], themes, say)
        found[row.id] = VisitMail(
            visitor=names[0],
            host=names[1],
            why=why,
            journey=_journey(travel, seats[0], seats[1], say),
            when=when.get(row.meeting_id or "", ""),
        )
    return found


def _journey(
    travel: Travel, one: tuple[float, float] | None, other: tuple[float, float] | None, say: Speaker
) -> str:
    if one is None or other is None:
        return ""
    found = travel.journey(Point(*one), Point(*other))
    first, last = (float(hour) for hour in IN_PERSON_HOURS)
    return f"{about(found.hours, say, found.basis)}, {stay(found.hours, first, last, say)}"


def is_reached(session: Session, rc_id: str) -> bool:
    """Whether a mail reaches an RC."""
    return _contact(session, rc_id) is not None


def _contact(session: Session, rc_id: str) -> Reach | None:
    """Return whom an RC is asked through: its coordinator, or whoever else can be reached there."""
    body = accounts.body_of_rc(session, rc_id)
    return accounts.contacts(accounts.reach(session)).get(body.id) if body is not None else None


def _mail_host(session: Session, row: VisitAsk, at: datetime) -> bool:
    """Mail the question with a link of its own; False when nobody can be reached there."""
    reach = _contact(session, row.host_rc)
    if reach is None:
        return False
    language = read_by(reach.language)
    row.token_hash, page = QUESTION.link(session, language)
    row.function_id = reach.id
    session.add(row)
    session.flush()
    shown = said_of(session, row, Speaker(language))
    links = VisitMail(
        shown.visitor,
        shown.host,
        shown.why,
        shown.journey,
        shown.when,
        f"{page}?svar=ja",
        f"{page}?svar=nej",
    )
    said = texts("visit_asked", language, links)
    options = Options(is_secret=True, batch=f"visits:{row.id}", tells_others=True, post=reach.id)
    queue(session, reach.address, said.subject, said.text, said.html, at, options)
    return True


def _tell_visitor(session: Session, row: VisitAsk, meeting: Meeting, at: datetime) -> None:
    reach = _contact(session, row.visitor_rc)
    if reach is None:
        return
    language = read_by(reach.language)
    shown = said_of(session, row, Speaker(language))
    page = f"{base_url_of(session)}{address(language, f'/traffar/{meeting.id}')}"
    told = VisitMail(shown.visitor, shown.host, shown.why, shown.journey, shown.when, yes_url=page)
    said = texts("visit_taken", language, told)
    options = Options(batch=f"visits:{row.id}", tells_others=True, post=reach.id)
    queue(session, reach.address, said.subject, said.text, said.html, at, options)
