"""Asking, answering, thanking, and making what many wonder a frequent question without names."""

import secrets
import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Role
from api.accounts.news import FunctionHandedOver
from api.accounts.policy import Post, Viewer, insist, may_plan, may_see_question
from api.accounts.queries import Reach
from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.db import base_url_of
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.networks import queries as networks
from api.networks.models import Network
from api.outbox.acts import Data, can_undo_by
from api.outbox.service import Options, queue
from api.questions import queries
from api.questions.models import (
    LONGEST_ANSWER,
    LONGEST_QUESTION,
    Answer,
    Audience,
    Frequent,
    Question,
    QuestionLink,
)
from api.registry import queries as registry

UNDO = "question"  # the kind of step that takes a question back
SHORTEST = 5  # letters of a question or an answer
MOST_A_DAY = 10  # questions by one post: each is a mail to all whom it is for
MOST_BY_ONE = 10  # answers by one post to one question: each is a mail to who asked
FEWEST_FOR_TIME = 5  # answers, before the usual time to one is told


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked, and of whom; a circle by its id."""

    text: str
    audience: Audience
    network_id: str = ""


@dataclass(frozen=True, slots=True)
class QuestionMail:
    """A mail about a question. It holds neither question nor answer: those stand on the page alone."""

    circle: str  # its name, where the question was put to a circle
    asker: str  # the RC or NCH; empty where only the circle may know
    receiver: str  # the body of whoever gets the mail
    url: str


def circles_of(session: Session, viewer: Viewer) -> list[Network]:
    """Return today's circles of the viewer's own RC: those it may ask."""
    own = queries.own_circles(session, viewer)
    return [one for one in networks.active_networks(session) if one.id in own]


def asked_rcs(session: Session, question: Question) -> frozenset[str]:
    """Return the RC that a question was put to; of a circle those that were in it then and still are."""
    if question.audience is Audience.CIRCLE and question.network_id is not None:
        present = networks.members(session, [question.network_id])[question.network_id]
        return frozenset(one.rc_id for one in present if one.rc_id in question.asked_ids)
    if question.audience is Audience.ALL:
        return frozenset(rc.id for rc in registry.rcs(session))
    return frozenset()


def may_see(session: Session, viewer: Viewer | None, question: Question) -> bool:
    """Whether a viewer may see a question; see the policy."""
    return may_see_question(
        viewer,
        asked_rcs(session, question),
        question.rc_id,
        is_of_circle=question.audience is Audience.CIRCLE,
    )


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


def question_for(session: Session, viewer: Viewer | None, question_id: str) -> Question:
    """Return a question that the viewer may see.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found = queries.question(session, question_id)
    if found is None:
        raise MissingError
    insist(may_see(session, viewer, found))
    return found


def ask(session: Session, viewer: Viewer, draft: Draft, at: datetime) -> tuple[Question, int]:
    """Put a question and mail a link to each post it is for; return it, and how many mails go.

    Raises:
        MissingError: when the viewer asks for nobody, or a circle of others.
        FieldFault: when the text cannot be used, or the post has asked as much as it may today.
    """
    text = _words(draft.text, "text", LONGEST_QUESTION)
    network: Network | None = None
    if draft.audience is Audience.CIRCLE:
        network = next(
            (one for one in circles_of(session, viewer) if one.id == draft.network_id), None
        )
        if network is None:
            raise MissingError
    post = _asking_post(session, viewer, network)
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
    _record(session, viewer, made, "put a question")
    sent = sum(_mail_link(session, made, one, at) for one in _receivers(session, made))
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
        text=_words(text, "text", LONGEST_QUESTION),
        asked_at=at,
    )
    session.add(made)
    session.flush()
    _record(session, viewer, made, "put a question")
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
    question = question_for(session, viewer, question_id)
    post = _answering_post(session, viewer, question)
    if post is None:
        raise MissingError
    made, sent = _answer(session, question, post.function_id, post.rc_id or "", text, at)
    _record(session, viewer, question, "answered a question")
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
        insist(body is not None and body.rc_id in asked_rcs(session, question))
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
    _write(session, actor, question, "answered a question")
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
    insist(is_asker(viewer, question))
    if found.thanked_at is None:
        found.thanked_at = at
        session.add(found)
        session.flush()
    return question


def set_closed(
    session: Session, viewer: Viewer, question_id: str, at: datetime, *, is_closed: bool
) -> Question:
    """Close a question, or open it again: who asked does so, and a planner where a planner sees it."""
    question_for(session, viewer, question_id)
    question = queries.question_to_change(session, question_id)
    if question is None:
        raise MissingError
    is_planners = may_plan(viewer) and question.audience is not Audience.CIRCLE
    insist(is_asker(viewer, question) or is_planners)
    question.closed_at = at if is_closed else None
    question.version += 1
    session.add(question)
    session.flush()
    _record(session, viewer, question, "closed" if is_closed else "opened again")
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
    question_for(session, viewer, question_id)
    question = queries.question_to_change(session, question_id)
    if question is None:
        raise MissingError
    insist(_answering_post(session, viewer, question) is not None or is_asker(viewer, question))
    meeting = next_meeting(session, question, at) if is_on else None
    if is_on and meeting is None:
        raise ConflictError("Ingen träff är inplanerad där frågan kan tas upp.")
    question.meeting_id = meeting.id if meeting is not None else None
    question.version += 1
    session.add(question)
    session.flush()
    _record(session, viewer, question, "brought up" if is_on else "took off")
    return question


def to_bring_up(session: Session, viewer: Viewer | None, meeting_id: str) -> list[Question]:
    """Return the questions on a meeting's agenda that the viewer may see."""
    found = queries.of_meeting(session, meeting_id)
    return [one for one in found if may_see(session, viewer, one)]


def offer(
    session: Session, viewer: Viewer, answer_id: str, question: str, text: str, at: datetime
) -> Frequent:
    """Offer one's own answer as a frequent question, in words without names; a planner publishes it.

    Raises:
        MissingError: when the viewer did not write the answer.
        ConflictError: when it is offered already.
        FieldFault: when a text cannot be used.
    """
    found = queries.answer(session, answer_id)
    if found is None or not is_answerer(viewer, found):
        raise MissingError
    if queries.offers_of(session, [found.id]):
        raise ConflictError("Svaret är redan erbjudet.")
    made = Frequent(
        answer_id=found.id,
        question=_words(question, "question", LONGEST_QUESTION),
        answer=_words(text, "answer", LONGEST_ANSWER),
        offered_at=at,
    )
    session.add(made)
    session.flush()
    _write(session, "rc", made, "offered")  # who offered it is the circle's own to know
    return made


def judge(
    session: Session,
    viewer: Viewer,
    frequent_id: str,
    words: tuple[str, str] | None,
    at: datetime,
) -> None:
    """Publish what was offered, with a planner's own `words` for question and answer; None takes it away.

    Raises:
        MissingError: when the viewer is no planner, or nothing is there.
        FieldFault: when a text cannot be used.
    """
    insist(may_plan(viewer))
    found = queries.frequent(session, frequent_id)
    if found is None:
        raise MissingError
    action = "removed"
    if words is None:
        session.delete(found)
    else:
        found.question = _words(words[0], "question", LONGEST_QUESTION)
        found.answer = _words(words[1], "answer", LONGEST_ANSWER)
        found.published_at = found.published_at or at
        found.version += 1
        session.add(found)
        action = "published"
    session.flush()
    _write(session, viewer.person_id, found, action)


def is_asker(viewer: Viewer | None, question: Question) -> bool:
    """Whether the viewer acts for who asked."""
    if viewer is None:
        return False
    if question.rc_id:
        return question.rc_id in viewer.rc_ids
    return viewer.is_planner


def is_answerer(viewer: Viewer | None, found: Answer) -> bool:
    """Whether the viewer acts for who answered."""
    if viewer is None:
        return False
    return found.rc_id in viewer.rc_ids if found.rc_id else viewer.is_planner


def may_answer(session: Session, viewer: Viewer, question: Question) -> bool:
    """Whether the viewer may answer: an open question that was put to them."""
    return question.closed_at is None and _answering_post(session, viewer, question) is not None


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


def published(session: Session) -> list[Frequent]:
    """Return the frequent questions, newest first: offered by who answered, without names."""
    return queries.published(session)


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


def _words(text: str, name: str, most: int) -> str:
    found = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    if len(found) < SHORTEST:
        raise FieldFault(name, "Skriv några ord till.")
    if len(found) > most:
        raise FieldFault(name, "Högst %(most)s tecken.", most=most)
    return found


def _asking_post(session: Session, viewer: Viewer, network: Network | None) -> Post | None:
    """Return the post that asks: of an RC in the circle, else any RC, else a planner's at NCH."""
    members = set(viewer.rc_ids)
    if network is not None:
        rows = networks.members(session, [network.id])[network.id]
        members &= {one.rc_id for one in rows}
    acting = [post for post in viewer.posts if post.acts and post.rc_id in members]
    if network is None and not acting:
        acting = [post for post in viewer.posts if post.role is Role.PLANNER]
    return min(acting, key=lambda post: (not post.is_holder, post.function_id), default=None)


def _answering_post(session: Session, viewer: Viewer, question: Question) -> Post | None:
    """Return the post that answers: of an RC that was asked or asks itself, else a planner's."""
    asked = {*asked_rcs(session, question), question.rc_id} - {""}
    acting = [post for post in viewer.posts if post.acts and post.rc_id in asked]
    if not acting and question.audience is not Audience.CIRCLE:
        acting = [post for post in viewer.posts if post.role is Role.PLANNER]
    return min(acting, key=lambda post: (not post.is_holder, post.function_id), default=None)


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
        text=_words(text, "text", LONGEST_ANSWER),
        answered_at=at,
    )
    session.add(made)
    session.flush()
    if rc_id == locked.rc_id:
        return made, 0
    path = f"/fragor/{locked.id}"
    told = _told_of_answer(session, locked)
    return made, sum(_send(session, "question_answered", locked, one, path, at) for one in told)


def _told_of_answer(session: Session, question: Question) -> list[Reach]:
    """Return who hears of an answer: who asked; in a circle everybody, who answered too.

    Were the one who answers left out, the list of mails would tell who asked in a circle of two.
    """
    if question.audience is Audience.CIRCLE:
        return _receivers(session, question)
    found = accounts.reach(session)
    return [one for one in found if one.id == question.function_id and one.address]


def _receivers(session: Session, question: Question) -> list[Reach]:
    """Return one post for each RC that is asked, or NCH's.

    A circle's question goes to all its members: whoever reads whom mail went to learns not who asked.
    """
    bodies = {body.id: body for body in accounts.bodies(session)}
    asked = asked_rcs(session, question)
    if question.audience is not Audience.CIRCLE:
        asked -= {question.rc_id}
    is_for_nch = question.audience is Audience.NCH

    def is_asked(one: Reach) -> bool:
        body = bodies[one.body_id]
        if is_for_nch:
            return body.kind is BodyKind.NCH and one.role is Role.PLANNER
        return body.rc_id in asked and one.role is Role.RC_MEMBER

    found = accounts.contacts(one for one in accounts.reach(session) if is_asked(one))
    return sorted(found.values(), key=lambda one: one.id)


def _mail_link(session: Session, question: Question, reach: Reach, at: datetime) -> int:
    token = secrets.token_urlsafe(32)
    session.add(
        QuestionLink(token_hash=hash_of(token), question_id=question.id, function_id=reach.id)
    )
    session.flush()
    return _send(session, "question_asked", question, reach, f"/fraga/{token}", at)


def _send(
    session: Session, template: str, question: Question, reach: Reach, path: str, at: datetime
) -> int:
    language = read_by(reach.language)
    circle = networks.network(session, question.network_id) if question.network_id else None
    body = accounts.body(session, reach.body_id)
    page = QuestionMail(
        circle="" if circle is None else (circle.name_en if language == "en" else circle.name_sv),
        asker="" if circle is not None else name_of(session, [question.rc_id])[question.rc_id],
        receiver=body.name if body is not None else "",
        url=f"{base_url_of(session)}{address(language, path)}",
    )
    said = texts(template, language, page)
    options = Options(
        is_secret=True,
        batch=f"question:{question.id}/{template}",  # the mails of one kind stand together
        tells_others=True,
        post=reach.id,
    )
    queue(session, reach.address, said.subject, said.text, said.html, at, options)
    return 1


def name_of(session: Session, rc_ids: Collection[str]) -> dict[str, str]:
    """Return what RC are called, by id; NCH is the empty one."""
    names = {rc.id: rc.name for rc in registry.rcs(session)}
    return {one: names.get(one, one) if one else "NCH" for one in rc_ids}


def _record(session: Session, viewer: Viewer, question: Question, action: str) -> None:
    """Write down that a question was put or answered; of a circle's never by whom."""
    _write(session, viewer.person_id, question, action)


def _write(session: Session, actor: str, row: Question | Frequent, action: str) -> None:
    if isinstance(row, Frequent):
        record(session, actor, action, ("frequent_question", row.id))
        return
    is_hidden = row.audience is Audience.CIRCLE
    who = f"network:{row.network_id}" if is_hidden else actor
    record(session, who, action, ("question", row.id), after={"audience": row.audience.value})
