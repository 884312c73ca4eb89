"""Whether a circle met: asked by mail the day after, answered by a link or on the page, and what it leads to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.models import Person
from api.accounts.policy import Viewer, insist, may_act_in_network
from api.accounts.service import hash_of
from api.audit.service import record
from api.circles import queries
from api.circles.convening import care_of, coordinator, pass_on, taking_part
from api.circles.models import LONGEST_LINE, Held, HeldAnswer, TurnEnd
from api.kit.clock import from_local, to_local
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import Speaker, later, read_by
from api.kit.mail import texts
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import meeting_for
from api.networks import queries as networks
from api.networks.models import Network
from api.outbox.asked import OneQuestion
from api.outbox.service import Options, queue

ASKED_FOR = timedelta(days=14)  # what is older is not asked about any more
WAITS = timedelta(days=7)  # then the turn passes on without an answer
SILENT_AFTER = timedelta(days=60)
ANSWERS = {
    HeldAnswer.YES: later("Ja, vi träffades"),
    HeldAnswer.NO: later("Nej, det blev inte av"),
    HeldAnswer.MOVED: later("Vi flyttade den"),
}
QUESTION = OneQuestion(
    "/traffades",
    {"ja": HeldAnswer.YES, "nej": HeldAnswer.NO, "flyttad": HeldAnswer.MOVED},
)


@dataclass(frozen=True, slots=True)
class MetMail:
    """The one question, and a link for each answer."""

    name: str
    circle: str
    when: str
    day: str
    url: str


def ask_about_yesterday(session: Session, at: datetime) -> None:
    """Ask whoever convened each circle's decided meeting whether it took place, once, the day after."""
    local = to_local(at).replace(tzinfo=None)
    midnight = from_local(local.replace(hour=0, minute=0, second=0, microsecond=0))
    resting = queries.resting(session, local.date())
    over = [
        one
        for one in meetings.meetings(session, at - ASKED_FOR)
        if one.network_id and one.ends_at < midnight and one.state is MeetingState.PUBLISHED
    ]
    known = queries.held_of(session, [one.id for one in over])
    for meeting in over:
        network = networks.network(session, meeting.network_id or "")
        is_asked = is_of(known.get(meeting.id), meeting)
        if is_asked or network is None or network.ended_on is not None:
            continue
        if network.id not in resting:
            _ask(session, meeting, network, at)


def is_of(row: Held | None, meeting: Meeting) -> bool:
    """Whether something is known of a meeting at the time that it has now: a moved one is asked about anew."""
    return row is not None and any(
        moment >= meeting.ends_at for moment in (row.asked_at, row.answered_at) if moment
    )


def answer_of(row: Held | None, meeting: Meeting) -> HeldAnswer | None:
    """Return what is said of a meeting at the time that it has now."""
    return row.answer if row is not None and is_of(row, meeting) else None


def _ask(session: Session, meeting: Meeting, network: Network, at: datetime) -> None:
    turn = queries.turn(session, network.id)
    asked = [turn.rc_id] if turn else taking_part(session, network.id)
    for rc_id in asked:
        who = coordinator(session, rc_id)
        if who is not None:
            token_hash, url = QUESTION.link(session, read_by(who.language))
            row = queries.held(session, meeting.id) or Held(
                meeting_id=meeting.id, network_id=network.id, version=0
            )
            row.rc_id, row.person_id, row.token_hash = rc_id, who.id, token_hash
            row.asked_at, row.answer, row.answered_at, row.is_counted = at, None, None, False
            row.version += 1
            session.add(row)
            session.flush()
            _mail(session, meeting, network, who, url, at)
            return


def _mail(
    session: Session, meeting: Meeting, network: Network, who: Person, url: str, at: datetime
) -> None:
    language = read_by(who.language)
    say = Speaker(language)
    page = MetMail(
        name=who.name,
        circle=say.either(network.name_sv, network.name_en),
        when=say.moment(meeting.starts_at),
        day=say.brief_day(meeting.starts_at),
        url=url,
    )
    said = texts("met", language, page)
    key = f"met:{meeting.id}:{meeting.ends_at:%Y%m%dT%H%M}"
    options = Options(key=key, is_secret=True, is_example=network.is_example)
    queue(session, who.email, said.subject, said.text, said.html, at, options)


def by_token(session: Session, token: str) -> tuple[Held, Meeting]:
    """Return what a link asks about.

    Raises:
        MissingError: when the link is unknown, or who got it has left.
    """
    found = queries.held_by_hash(session, hash_of(token))
    meeting = meetings.meeting(session, found.meeting_id) if found else None
    who = coordinator(session, found.rc_id) if found else None
    if found is None or meeting is None or who is None or who.id != found.person_id:
        raise MissingError
    return found, meeting


def answer_by_link(session: Session, token: str, said: HeldAnswer, line: str, at: datetime) -> Held:
    """Take an answer from the page that a link opens."""
    found, meeting = by_token(session, token)
    return _answer(session, found, meeting, said, line, "", at)


def answer_as(
    session: Session, viewer: Viewer, meeting_id: str, said: HeldAnswer, line: str, at: datetime
) -> Held:
    """Take an answer from somebody in the circle, or a planner.

    Raises:
        MissingError: when it is no circle's meeting, or not the viewer's to answer for.
        ConflictError: when it is not over yet, or was not decided.
    """
    meeting = meeting_for(session, viewer, meeting_id)
    network_id = meeting.network_id or ""
    rows = networks.members(session, [network_id])[network_id]
    insist(bool(network_id) and may_act_in_network(viewer, [row.rc_id for row in rows]))
    if meeting.ends_at > at or meeting.state is not MeetingState.PUBLISHED:
        raise ConflictError("Träffen har inte varit än.")
    found = queries.held(session, meeting_id) or Held(meeting_id=meeting_id, network_id=network_id)
    return _answer(session, found, meeting, said, line, viewer.person_id, at)


def _answer(
    session: Session,
    found: Held,
    meeting: Meeting,
    said: HeldAnswer,
    line: str,
    actor: str,
    at: datetime,
) -> Held:
    line = " ".join(line.split())
    if len(line) > LONGEST_LINE:
        raise FieldFault("line", "Högst %(most)s tecken.", most=LONGEST_LINE)
    network = networks.network(session, found.network_id)
    if found.answer is not said:
        found.answer, found.answered_at, found.answered_by = said, at, actor
        found.version += 1
        meeting.was_held = said is HeldAnswer.YES
        session.add_all((found, meeting))
        session.flush()
        record(
            session,
            actor or "link",
            "answered",
            ("meeting", meeting.id),
            after={"held": said.value},
        )
    if line and network is not None:
        care = care_of(session, network.id)
        care.line = line
        session.add(care)
    if said is HeldAnswer.YES and network is not None:
        _count(session, found, network, at)
    return found


def _count(session: Session, found: Held, network: Network, at: datetime) -> None:
    """Let the turn pass on after a meeting, once; the agenda is as usual again."""
    if found.is_counted or network.ended_on is not None:
        return
    found.is_counted = True
    session.add(found)
    care = care_of(session, network.id)
    care.agenda = []
    session.add(care)
    session.flush()
    pass_on(session, network, TurnEnd.MET, at)


def pass_turns(session: Session, at: datetime) -> None:
    """Let the turn pass on where nobody has answered for a week: most meetings that are decided are held."""
    for found in queries.uncounted(session, at - WAITS):
        network = networks.network(session, found.network_id)
        if network is not None:
            _count(session, found, network, at)


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a circle's meetings.

    last_held: when it last said that it met; last: the same with those that nobody has answered about.
    """

    held: int
    last_held: datetime | None
    last: datetime | None


def history(session: Session, network_id: str, at: datetime) -> History:
    """Return how many meetings a circle has said that it held, and when it last met."""
    past = [
        one
        for one in meetings.meetings_of_network(session, network_id)
        if one.ends_at <= at and one.state is MeetingState.PUBLISHED
    ]
    known = queries.held_of(session, [one.id for one in past])
    answers = {one.id: answer_of(known.get(one.id), one) for one in past}
    held = [one for one in past if answers[one.id] is HeldAnswer.YES]
    open_ones = [one for one in past if answers[one.id] is None]
    last_held = max((one.ends_at for one in held), default=None)
    last = max((one.ends_at for one in (*held, *open_ones)), default=None)
    return History(len(held), last_held, last)


def silent_circles(session: Session, at: datetime) -> list[tuple[Network, datetime | None]]:
    """Return the circles that have not met for two months and have nothing ahead, and when they last did."""
    resting = queries.resting(session, to_local(at).date())
    active = [one for one in networks.active_networks(session) if one.id not in resting]
    ahead = {
        one.network_id
        for one in meetings.meetings(session, at)
        if one.state in {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    }
    members = networks.members(session, [one.id for one in active])
    found = []
    for network in active:
        if network.id in ahead or not members[network.id]:
            continue
        begun = max(row.since for row in members[network.id])
        last = history(session, network.id, at).last
        since = to_local(last).date() if last else begun
        if to_local(at).date() - since > SILENT_AFTER:
            found.append((network, last))
    return found
