"""Asking, answering, thanking, closing and bringing up; how long an answer takes."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.news import FunctionHandedOver
from api.accounts.policy import Viewer, insist, may_plan
from api.accounts.service import hash_of
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.networks import queries as networks
from api.networks.models import Network
from api.outbox.acts import Data, can_undo_by
from api.questions import queries, rights, telling, writing
from api.questions.models import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    Answer,
    Audience,
    Question,
    QuestionLink,
)

UNDO = "question"  # the kind of step that takes a question back
MOST_A_DAY = 10  # questions by one post: each is a mail to all whom it is for
MOST_BY_ONE = 10  # answers by one post to one question: each is a mail to who asked
FEWEST_FOR_TIME = 5  # answers, before the usual time to one is told


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked, and of whom; a circle by its id."""

    text: str
    audience: Audience
    network_id: str = ""


def asked_since(
    session: Session, viewer: Viewer, moment: datetime
) -> list[tuple[tuple[Audience, Network | None], list[Question]]]:
    """Return the open questions since a moment that a viewer may see, by whom they were put to."""
    circles = {one.id: one for one in networks.active_networks(session)}
    found: dict[tuple[str, str], list[Question]] = {}
    for one in queries.seen_by(session, viewer):
        if one.asked_at > moment and one.closed_at is None:
            found.setdefault((one.audience.value, one.network_id or ""), []).append(one)
    return [
        ((Audience(audience), circles.get(network_id)), asked)
        for (audience, network_id), asked in sorted(found.items())
        if not network_id or network_id in circles
    ]


def ask(session: Session, viewer: Viewer, draft: Draft, at: datetime) -> tuple[Question, int]:
    """Put a question and mail a link to each post it is for; return it, and how many mails go.

    Raises:
        MissingError: when the viewer asks for nobody, or a circle of others.
        FieldFault: when the text cannot be used, or the post has asked as much as it may today.
    """
    text = writing.words_of(draft.text, "text", LONGEST_QUESTION)
    network: Network | None = None
    if draft.audience is Audience.CIRCLE:
        network = next(
            (one for one in rights.circles_of(session, viewer) if one.id == draft.network_id), None
        )
        if network is None:
            raise MissingError
    post = rights.asking_post(session, viewer, network)
    if post is None or (post.rc_id is None and draft.audience is not Audience.ALL):
        raise MissingError
    if queries.asked_by(session, post.function_id, at - timedelta(days=1)) >= MOST_A_DAY:
        raise FieldFault(
            "text", "Högst %(most)s frågor på ett dygn. Försök igen om ett dygn.", most=MOST_A_DAY
        )
    members = networks.members(session, [network.id])[network.id] if network else ()
    made = Question(
        function_id=post.function_id,
        rc_id=post.rc_id or "",
        audience=draft.audience,
        network_id=network.id if network else None,
        asked_ids=[one.rc_id for one in members],
        text=text,
        asked_at=at,
    )
    session.add(made)
    session.flush()
    writing.note_by(session, viewer, made, "put a question")
    sent = sum(
        telling.mail_link(session, made, one, at) for one in telling.receivers(session, made)
    )
    can_undo_by(session, UNDO, {"id": made.id})
    return made, sent


def put_from_mail(
    session: Session, viewer: Viewer, function_id: str, text: str, at: datetime
) -> Question:
    """Put what a post of an RC has written to NCH's mailbox as its question to NCH; nobody is mailed.

    Raises:
        MissingError: when the viewer is no planner, or the post is of no RC.
        FieldFault: when the text cannot be used.
    """
    insist(may_plan(viewer))
    function = accounts.function(session, function_id)
    body = accounts.body(session, function.body_id) if function is not None else None
    if body is None or not body.rc_id:
        raise MissingError
    made = Question(
        function_id=function_id,
        rc_id=body.rc_id,
        audience=Audience.NCH,
        text=writing.words_of(text, "text", LONGEST_QUESTION),
        asked_at=at,
    )
    session.add(made)
    session.flush()
    writing.note_by(session, viewer, made, "put a question")
    return made


def undo_asking(session: Session, data: Data, _actor: str, _at: datetime) -> None:
    """Take a question back that nobody has been mailed about.

    Raises:
        ConflictError: when somebody has answered already.
    """
    found = queries.question_to_change(session, str(data["id"]))
    if found is None:
        raise MissingError
    if queries.answers(session, [found.id])[found.id]:
        raise ConflictError("Någon har redan svarat.")
    queries.delete_whole(session, [found.id])


def answer(
    session: Session, viewer: Viewer, question_id: str, text: str, at: datetime
) -> tuple[Answer, int]:
    """Answer as one's own RC or as NCH; who asked is told by mail. Return it, and how many mails go.

    Raises:
        MissingError: when the question is not for this viewer.
        ConflictError: when it is closed.
        FieldFault: when the text cannot be used.
    """
    question = rights.question_for(session, viewer, question_id)
    post = rights.answering_post(session, viewer, question)
    if post is None:
        raise MissingError
    made, sent = _answer(session, question, post.function_id, post.rc_id or "", text, at)
    writing.note_by(session, viewer, question, "answered a question")
    return made, sent


def behind(session: Session, token: str) -> tuple[Question, QuestionLink]:
    """Return the question that a mailed link opens; looking changes nothing.

    Raises:
        MissingError: when it opens nothing, or the post's RC has left the circle that was asked.
    """
    link = queries.link(session, hash_of(token))
    question = queries.question(session, link.question_id) if link is not None else None
    if link is None or question is None:
        raise MissingError
    if question.audience is Audience.CIRCLE:
        function = accounts.function(session, link.function_id)
        body = accounts.body(session, function.body_id) if function is not None else None
        insist(body is not None and body.rc_id in rights.asked_rcs(session, question))
    return question, link


def answer_by_link(session: Session, token: str, text: str, at: datetime) -> Answer:
    """Answer by a mailed link, for the post that it went to.

    Raises:
        MissingError: as `behind`.
        ConflictError: when the question is closed.
        FieldFault: when the text cannot be used.
    """
    question, link = behind(session, token)
    function = accounts.function(session, link.function_id)
    body = accounts.body(session, function.body_id) if function is not None else None
    if body is None:
        raise MissingError
    made, _ = _answer(session, question, link.function_id, body.rc_id or "", text, at)
    actor = f"link:{link.function_id}"
    writing.note(session, actor, question, "answered a question")
    return made


def thank(session: Session, viewer: Viewer, answer_id: str, at: datetime) -> Question:
    """Let who asked thank for an answer; thanking twice changes nothing.

    Raises:
        MissingError: when the viewer did not ask the question.
    """
    found = queries.answer(session, answer_id)
    question = queries.question(session, found.question_id) if found is not None else None
    if found is None or question is None:
        raise MissingError
    insist(rights.is_asker(viewer, question))
    if found.thanked_at is None:
        found.thanked_at = at
        session.add(found)
        session.flush()
    return question


def set_closed(
    session: Session, viewer: Viewer, question_id: str, at: datetime, *, is_closed: bool
) -> Question:
    """Close a question, or open it again: who asked does so, and a planner where a planner sees it."""
    rights.question_for(session, viewer, question_id)
    question = queries.question_to_change(session, question_id)
    if question is None:
        raise MissingError
    is_planners = may_plan(viewer) and question.audience is not Audience.CIRCLE
    insist(rights.is_asker(viewer, question) or is_planners)
    question.closed_at = at if is_closed else None
    question.version += 1
    session.add(question)
    session.flush()
    writing.note_by(session, viewer, question, "closed" if is_closed else "opened again")
    return question


def next_meeting(session: Session, question: Question, at: datetime) -> Meeting | None:
    """Return the next meeting at which a question can be brought up: its circle's, else the national one."""
    if question.network_id is not None:
        known = meetings.meetings_of_network(session, question.network_id)
    elif question.audience is Audience.ALL:
        known = meetings.national_meetings(session)
    else:
        return None
    coming = [one for one in known if one.starts_at > at and one.state != MeetingState.CANCELLED]
    return min(coming, key=lambda one: (one.starts_at, one.id), default=None)


def meeting_of(session: Session, question: Question) -> Meeting | None:
    """Return the meeting where a question is to be brought up."""
    return meetings.meeting(session, question.meeting_id) if question.meeting_id else None


def has_answered(session: Session, question: Question, function_id: str) -> bool:
    """Return whether a post has answered a question."""
    given = queries.answers(session, [question.id])[question.id]
    return any(one.function_id == function_id for one in given)


def bring_up(
    session: Session, viewer: Viewer, question_id: str, at: datetime, *, is_on: bool
) -> Question:
    """Put a question on the agenda of the next meeting, or take it off.

    Raises:
        MissingError: when the question is not for this viewer.
        ConflictError: when no meeting is coming.
    """
    rights.question_for(session, viewer, question_id)
    question = queries.question_to_change(session, question_id)
    if question is None:
        raise MissingError
    insist(
        rights.answering_post(session, viewer, question) is not None
        or rights.is_asker(viewer, question)
    )
    meeting = next_meeting(session, question, at) if is_on else None
    if is_on and meeting is None:
        raise ConflictError("Ingen träff är inplanerad där frågan kan tas upp.")
    question.meeting_id = meeting.id if meeting is not None else None
    question.version += 1
    session.add(question)
    session.flush()
    writing.note_by(session, viewer, question, "brought up" if is_on else "took off")
    return question


def to_bring_up(session: Session, viewer: Viewer | None, meeting_id: str) -> list[Question]:
    """Return the questions on a meeting's agenda that the viewer may see."""
    found = queries.of_meeting(session, meeting_id)
    return [one for one in found if rights.may_see(session, viewer, one)]


def usual_time(questions: Sequence[Question], answers: dict[str, list[Answer]]) -> timedelta | None:
    """Return the median time to a first answer by somebody else; None of fewer than five."""
    times = []
    for one in questions:
        first = next((row for row in answers[one.id] if row.rc_id != one.rc_id), None)
        if first is not None:
            times.append((first.answered_at - one.asked_at).total_seconds())
    if len(times) < FEWEST_FOR_TIME:
        return None
    return timedelta(seconds=statistics.median(times))


def answered_between(
    session: Session, begin: datetime, end: datetime
) -> tuple[int, int, timedelta | None]:
    """Return how many questions to all RC or NCH were asked in a time, how many were answered, and the median time.

    What a circle was asked is its own, and is not counted.
    """
    found = queries.asked_between(session, begin, end)
    given = queries.answers(session, [one.id for one in found])
    answered = sum(any(row.rc_id != one.rc_id for row in given[one.id]) for one in found)
    return len(found), answered, usual_time(found, given)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """The old holder's links end; the new one finds the questions when signed in."""
    queries.end_links_of(session, news.function_id)


def _answer(
    session: Session, question: Question, function_id: str, rc_id: str, text: str, at: datetime
) -> tuple[Answer, int]:
    locked = queries.question_to_change(session, question.id)
    if locked is None:
        raise MissingError
    if locked.closed_at is not None:
        raise ConflictError("Frågan är avslutad. Den som frågade kan öppna den igen.")
    given = queries.answers(session, [locked.id])[locked.id]
    if sum(one.function_id == function_id for one in given) >= MOST_BY_ONE:
        raise FieldFault("text", "Högst %(most)s svar på samma fråga.", most=MOST_BY_ONE)
    made = Answer(
        question_id=locked.id,
        function_id=function_id,
        rc_id=rc_id,
        text=writing.words_of(text, "text", LONGEST_ANSWER),
        answered_at=at,
    )
    session.add(made)
    session.flush()
    if rc_id == locked.rc_id:
        return made, 0
    path = f"/fragor/{locked.id}"
    told = telling.told_of_answer(session, locked)
    return made, sum(
        telling.send(session, "question_answered", locked, one, path, at) for one in told
    )
