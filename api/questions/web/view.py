"""What the pages about questions show: rows in words, made of records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker
from api.networks import queries as networks
from api.questions import queries, rights, service, telling
from api.questions.models import Audience, Frequent, Question

_SHOWN = 90  # letters of a question in a list
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in a list."""

    id: str
    text: str
    asker: str
    audience: str
    when: str
    answers: int
    is_closed: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class FrequentRow:
    """A frequent question, or one that is offered."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """Everything a viewer may read of questions."""

    waiting: tuple[QuestionRow, ...]
    answered: tuple[QuestionRow, ...]
    closed: tuple[QuestionRow, ...]
    frequent: tuple[FrequentRow, ...]
    offered: tuple[FrequentRow, ...]
    usual_time: str
    may_ask: bool
    faults: tuple[FieldFault, ...] = ()
    faulty: str = ""  # the offered one with a fault


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form for a new question."""

    options: tuple[tuple[str, str], ...]  # value and label: circles first
    chosen: str
    text: str = ""
    faults: tuple[FieldFault, ...] = ()
    has_circles: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer."""

    id: str
    who: str
    text: str
    when: str
    is_thanked: bool
    may_thank: bool
    may_offer: bool
    offer: str  # what has come of it, in words


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in a form that could not be taken, and how the page was come to.

    token: of the mailed link. offering: the answer whose offer has the fault, with the words typed.
    """

    token: str = ""
    is_saved: bool = False
    draft: str = ""
    faults: tuple[FieldFault, ...] = ()
    offering: str = ""
    offered: tuple[str, str] = ("", "")


NOTHING = Typed()


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question with its answers."""

    id: str
    text: str
    asker: str
    audience: str
    when: str
    answers: tuple[AnswerRow, ...]
    is_closed: bool
    may_close: bool
    may_answer: bool
    meeting: tuple[str, str]  # path and name of the meeting where it is brought up, or empty
    next_meeting: str  # where it can be brought up; empty where nowhere
    typed: Typed


def rows(
    session: Session, found: Sequence[Question], viewer: Viewer, say: Speaker
) -> tuple[QuestionRow, ...]:
    """Return questions as rows of a list."""
    names = telling.name_of(session, {one.rc_id for one in found})
    circles = _circles(session, found, say)
    given = queries.answers(session, [one.id for one in found])
    return tuple(
        QuestionRow(
            id=one.id,
            text=one.text if len(one.text) <= _SHOWN else f"{one.text[:_SHOWN].rstrip()} …",
            asker=names[one.rc_id],
            audience=circles[one.id],
            when=say.date(one.asked_at.date()),
            answers=sum(row.rc_id != one.rc_id for row in given[one.id]),
            is_closed=one.closed_at is not None,
            is_own=rights.is_asker(viewer, one),
        )
        for one in found
    )


def list_page(
    session: Session,
    viewer: Viewer,
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
    faulty: str = "",
) -> QuestionsPage:
    """Return the page of all that a viewer may read."""
    found = queries.seen_by(session, viewer)
    shown = rows(session, found, viewer, say)
    given = queries.answers(session, [one.id for one in found])
    usual = service.usual_time(found, given)
    return QuestionsPage(
        waiting=tuple(one for one in shown if not one.is_closed and not one.answers),
        answered=tuple(one for one in shown if not one.is_closed and one.answers),
        closed=tuple(one for one in shown if one.is_closed),
        frequent=tuple(
            FrequentRow(one.id, one.question, one.answer) for one in queries.published(session)
        ),
        offered=tuple(
            FrequentRow(one.id, one.question, one.answer) for one in queries.offered(session)
        )
        if may_plan(viewer)
        else (),
        usual_time="" if usual is None else _long(usual, say),
        may_ask=bool(viewer.rc_ids) or may_plan(viewer),
        faults=faults,
        faulty=faulty,
    )


def ask_page(
    session: Session,
    viewer: Viewer,
    say: Speaker,
    chosen: str = "",
    text: str = "",
    faults: tuple[FieldFault, ...] = (),
) -> AskPage:
    """Return the form, with the viewer's circles first: a circle is asked unless one chooses otherwise."""
    circles = [
        (one.id, say.either(one.name_sv, one.name_en)) for one in rights.circles_of(session, viewer)
    ]
    options = [(key, say.text("Kretsen %(name)s", name=name)) for key, name in circles]
    options.append((Audience.ALL.value, say.text("Alla RC")))
    if viewer.rc_ids:
        options.append((Audience.NCH.value, "NCH"))
    values = [key for key, _ in options]
    first = chosen if chosen in values else values[0]
    return AskPage(tuple(options), first, text, faults, has_circles=bool(circles))


def question_page(
    session: Session,
    viewer: Viewer | None,
    say: Speaker,
    question: Question,
    typed: Typed = NOTHING,
) -> QuestionPage:
    """Return a question with its answers as a viewer sees them, or whoever opened a mailed link."""
    at = now()
    given = queries.answers(session, [question.id])[question.id]
    names = telling.name_of(session, {question.rc_id, *(one.rc_id for one in given)})
    offers = queries.offers_of(session, [one.id for one in given])
    meeting = _meeting(session, question)
    following = service.next_meeting(session, question, at) if viewer else None
    is_asker = rights.is_asker(viewer, question)
    is_planners = may_plan(viewer) and question.audience is not Audience.CIRCLE
    return QuestionPage(
        id=question.id,
        text=question.text,
        asker=names[question.rc_id],
        audience=_circles(session, [question], say)[question.id],
        when=say.date(question.asked_at.date()),
        answers=tuple(
            AnswerRow(
                id=one.id,
                who=names[one.rc_id],
                text=one.text,
                when=say.date(one.answered_at.date()),
                is_thanked=one.thanked_at is not None,
                may_thank=is_asker and one.thanked_at is None and one.rc_id != question.rc_id,
                may_offer=rights.is_answerer(viewer, one) and one.id not in offers,
                offer=_come_of(offers.get(one.id), say),
            )
            for one in given
        ),
        is_closed=question.closed_at is not None,
        may_close=is_asker or is_planners,
        may_answer=question.closed_at is None
        and (
            bool(typed.token)
            or (viewer is not None and rights.may_answer(session, viewer, question))
        ),
        meeting=("", "")
        if meeting is None
        else (f"/traffar/{meeting[0]}", say.either(*meeting[1:])),
        next_meeting=""
        if following is None
        else say.text(
            "%(name)s, %(when)s",
            name=say.either(following.name_sv, following.name_en),
            when=say.brief(following.starts_at, following.ends_at),
        ),
        typed=typed,
    )


def _come_of(offer: Frequent | None, say: Speaker) -> str:
    if offer is None:
        return ""
    if offer.published_at is not None:
        return say.text("Finns bland vanliga frågor.")
    return say.text("Erbjudet till vanliga frågor. NCH läser det först.")


def _meeting(session: Session, question: Question) -> tuple[str, str, str] | None:
    found = service.meeting_of(session, question)
    return None if found is None else (found.id, found.name_sv, found.name_en)


def _circles(session: Session, found: Sequence[Question], say: Speaker) -> dict[str, str]:
    """Return whom each question was put to, in words."""
    known = {}
    for one in found:
        circle = networks.network(session, one.network_id) if one.network_id else None
        if circle is not None:
            known[one.id] = say.either(circle.name_sv, circle.name_en)
        else:
            known[one.id] = say.text("Alla RC") if one.audience is Audience.ALL else "NCH"
    return known


def _long(time: timedelta, say: Speaker) -> str:
    hours = time.total_seconds() / 3600
    if hours < HOURS_A_DAY:
        number = max(1, round(hours))
        return say.plural("%(num)s timme", "%(num)s timmar", number)
    number = round(hours / HOURS_A_DAY)
    return say.plural("%(num)s dag", "%(num)s dagar", number)
