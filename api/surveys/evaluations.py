"""Evaluations after a meeting: ballots that open once, answers kept only as counts, figures when closed."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.errors import ConflictError, FieldFault, FormError, MissingError
from api.surveys import queries
from api.surveys.disclosure import NextTheme, Published, publish, publish_next
from api.surveys.models import Band, Evaluation, EvaluationBallot, EvaluationCount

FIXED_QUESTIONS = ("purpose", "structure", "useful", "safe")
"""Clear purpose, good structure, useful, safe to ask: the same after every meeting, so that trends hold."""

LEVELS = (1, 2, 3, 4)  # not at all, hardly, mostly, wholly
AGREES = 3  # this level and above
MOST_NEXT = 3  # themes that one may choose for next time
NEXT = "next:"


class BallotState(StrEnum):
    """What a ballot's link opens."""

    OPEN = "open"
    USED = "used"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenedBallot:
    """What lies behind a ballot's link; the evaluation is None when it opens nothing."""

    state: BallotState
    evaluation: Evaluation | None = None


@dataclass(frozen=True, slots=True)
class EvaluationDetails:
    """What a planner decides about an evaluation."""

    title_sv: str
    title_en: str
    held_on: date
    closes_on: date
    theme_ids: tuple[str, ...]
    meeting_id: str | None = None
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer, on its way to the counts; it is kept nowhere."""

    levels: Mapping[str, int]  # a fixed question -> its level
    next_themes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What may be shown of one closed evaluation."""

    evaluation: Evaluation
    issued: int  # ballots
    answered: int
    questions: Mapping[str, Published]
    next_themes: tuple[NextTheme, ...]


def make_evaluation(session: Session, actor: str, details: EvaluationDetails) -> Evaluation:
    """Make an evaluation with all its counts at nought: later nothing but a number is changed.

    Raises:
        FormError: when a title is missing, or it closes before the meeting was held.
    """
    faults = [
        FieldFault(field, "Skriv en rubrik på högst 120 tecken.")
        for field, title in (("title_sv", details.title_sv), ("title_en", details.title_en))
        if not title.strip() or len(title.strip()) > 120
    ]
    if details.closes_on < details.held_on:
        faults.append(FieldFault("closes_on", "Välj en dag efter träffen."))
    if len(queries.themes_by_id(session, details.theme_ids)) != len(details.theme_ids):
        faults.append(FieldFault("themes", "Välj bland ämnena i listan."))
    if faults:
        raise FormError(*faults)
    made = Evaluation(
        meeting_id=details.meeting_id,
        title_sv=details.title_sv.strip(),
        title_en=details.title_en.strip(),
        held_on=details.held_on,
        closes_on=details.closes_on,
        theme_ids=list(details.theme_ids),
        is_example=details.is_example,
    )
    session.add(made)
    session.flush()
    session.add_all(
        EvaluationCount(evaluation_id=made.id, band=band, question=question, level=level)
        for band in Band
        for question, level in _cells(made.theme_ids)
    )
    after: dict[str, object] = {"title_sv": made.title_sv, "closes_on": made.closes_on.isoformat()}
    record(session, actor, "made", ("evaluation", made.id), after=after)
    return made


def _cells(theme_ids: Sequence[str]) -> list[tuple[str, int]]:
    fixed = [(question, level) for question in FIXED_QUESTIONS for level in LEVELS]
    return [*fixed, *((NEXT + theme, 1) for theme in theme_ids)]


def issue_ballots(session: Session, evaluation: Evaluation, bands: Sequence[Band]) -> list[str]:
    """Return one token for each entry of `bands`, in the same order; the rows lie in another."""
    tokens = [secrets.token_urlsafe(32) for _ in bands]
    ballots = [
        EvaluationBallot(token_hash=hash_of(token), evaluation_id=evaluation.id, band=band)
        for token, band in zip(tokens, bands, strict=True)
    ]
    ballots.sort(key=_hash_of_ballot)
    session.add_all(ballots)
    session.flush()
    return tokens


def _hash_of_ballot(ballot: EvaluationBallot) -> str:
    return ballot.token_hash


def open_ballot(session: Session, token: str, today: date) -> OpenedBallot:
    """Return what a ballot's link opens; reading changes nothing."""
    ballot = queries.ballot(session, hash_of(token))
    evaluation = queries.evaluation(session, ballot.evaluation_id) if ballot else None
    if ballot is None or evaluation is None:
        return OpenedBallot(BallotState.UNKNOWN)
    if ballot.is_used:
        return OpenedBallot(BallotState.USED)
    if today > evaluation.closes_on:
        return OpenedBallot(BallotState.CLOSED)
    return OpenedBallot(BallotState.OPEN, evaluation)


def read_opinion(form: Mapping[str, Sequence[str]], theme_ids: Collection[str]) -> Opinion:
    """Read the posted form.

    Raises:
        FormError: when one of the four questions has no answer, or a value was not offered.
    """
    faults, levels = [], {}
    for question in FIXED_QUESTIONS:
        values = form.get(question, ())
        if values and values[-1] in {str(level) for level in LEVELS}:
            levels[question] = int(values[-1])
        else:
            faults.append(FieldFault(question, "Välj ett av alternativen."))
    chosen = frozenset(form.get("next", ()))
    if len(chosen) > MOST_NEXT:
        faults.append(FieldFault("next", "Välj högst %(most)s ämnen.", most=MOST_NEXT))
    elif not chosen <= set(theme_ids):
        faults.append(FieldFault("next", "Välj bland ämnena i listan."))
    if faults:
        raise FormError(*faults)
    return Opinion(levels, chosen)


def cast(session: Session, token: str, opinion: Opinion, today: date) -> None:
    """Use a ballot up and add one to each count; there is no log row, for it would hold the moment.

    Raises:
        MissingError: when the link is unknown.
        ConflictError: when the ballot is used or the evaluation closed.
    """
    opened = open_ballot(session, token, today)
    if opened.state is BallotState.UNKNOWN:
        raise MissingError("Länken går inte att använda.")
    if opened.state is BallotState.CLOSED:
        raise ConflictError("Enkäten har stängt, så svaret kunde inte sparas.")
    evaluation = opened.evaluation
    band = queries.use_ballot(session, hash_of(token))
    if evaluation is None or band is None:
        raise ConflictError("Svaret är redan lämnat. Varje länk kan användas en gång.")
    _count(session, evaluation, band, opinion)


def _count(session: Session, evaluation: Evaluation, band: Band, opinion: Opinion) -> None:
    cells = [*opinion.levels.items(), *((NEXT + theme, 1) for theme in opinion.next_themes)]
    for question, level in sorted(cells):  # one order for all: no two voters wait for each other
        queries.add_one(session, evaluation.id, band, question, level)


def results(session: Session, today: date) -> tuple[EvaluationResult, ...]:
    """Return what may be shown of every evaluation that has closed, the earliest meeting first.

    An open one shows nothing: two looks with one answer between them would tell that answer.
    """
    closed = [one for one in queries.evaluations(session) if today > one.closes_on]
    return tuple(_result(session, evaluation) for evaluation in closed)


def result_of(session: Session, evaluation_id: str, today: date) -> EvaluationResult:
    """Return what may be shown of one evaluation.

    Raises:
        MissingError: when there is none.
        ConflictError: when it is still open.
    """
    evaluation = queries.evaluation(session, evaluation_id)
    if evaluation is None:
        raise MissingError
    if today <= evaluation.closes_on:
        raise ConflictError("Resultatet visas när svarstiden har gått ut.")
    return _result(session, evaluation)


def turnout(session: Session, evaluation: Evaluation) -> tuple[int, int]:
    """Return how many ballots were used and how many were given out."""
    return queries.ballots_used(session, evaluation.id)


def _result(session: Session, evaluation: Evaluation) -> EvaluationResult:
    counted: dict[tuple[str, Band], dict[int, int]] = {}
    for row in queries.counts(session, evaluation.id):
        counted.setdefault((row.question, row.band), {})[row.level] = row.number
    questions = {}
    for question in FIXED_QUESTIONS:
        by_band = {}
        for band in Band:
            levels = counted.get((question, band), {})
            agreeing = sum(number for level, number in levels.items() if level >= AGREES)
            by_band[band] = (sum(levels.values()), agreeing)
        questions[question] = publish(by_band)
    chosen = {
        theme: sum(counted.get((NEXT + theme, band), {}).get(1, 0) for band in Band)
        for theme in evaluation.theme_ids
    }
    answered, issued = queries.ballots_used(session, evaluation.id)
    return EvaluationResult(evaluation, issued, answered, questions, publish_next(answered, chosen))


def example_evaluation(
    session: Session,
    actor: str,
    details: EvaluationDetails,
    opinions: Sequence[tuple[Band, Opinion]],
) -> Evaluation:
    """Make an evaluation and count invented opinions in it; for demonstrations.

    Raises:
        ConflictError: when the evaluation is not itself an example.
    """
    if not details.is_example:
        raise ConflictError("Exempelsvar får bara finnas i en exempelenkät.")
    made = make_evaluation(session, actor, details)
    tokens = issue_ballots(session, made, [band for band, _ in opinions])
    for token, (_, opinion) in zip(tokens, opinions, strict=True):
        cast(session, token, opinion, details.held_on)
    return made
