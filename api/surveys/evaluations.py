"""Evaluations after a meeting: ballots that open once, answers kept only as counts, figures when closed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.errors import ConflictError, FieldFault, FormError, MissingError
from api.surveys import queries
from api.surveys.disclosure import NextTheme, Published, publish, publish_next
from api.surveys.models import (
    Band,
    Evaluation,
    EvaluationBallot,
    EvaluationCount,
    EvaluationKind,
)

FIXED_QUESTIONS = ("purpose", "structure", "useful", "safe")
"""Clear purpose, good structure, useful, safe to ask: the same after every meeting, so that trends hold."""

NEEDS_QUESTIONS = ("support", "peers", "time", "funding")
"""Support by NCH, by other RC, time and people, funding: the same each half year, so that trends hold."""

FIXED: Mapping[EvaluationKind, tuple[str, ...]] = {
    EvaluationKind.MEETING: FIXED_QUESTIONS,
    EvaluationKind.NEEDS: NEEDS_QUESTIONS,
}
BANDS: Mapping[EvaluationKind, tuple[Band, ...]] = {
    EvaluationKind.MEETING: (Band.PRE_OPERATIONAL, Band.OPERATIONAL, Band.OTHER),
    EvaluationKind.NEEDS: (
        Band.PRE_OPERATIONAL,
        Band.BARNAHUS,
        Band.OTHER_MODEL,
        Band.OTHER,  # an RC whose phase is not known
    ),
}
"""The one parting of those who answer, so that no two partings can be set against each other."""

OBSTACLES, WISHES = "obstacle", "wish"
CHOICES: Mapping[str, tuple[str, ...]] = {
    OBSTACLES: (
        "obstacle_time",
        "obstacle_funding",
        "obstacle_anchoring",
        "obstacle_cooperation",
        "obstacle_region",
        "obstacle_turnover",
        "obstacle_distance",
        "obstacle_secrecy",
    ),
    WISHES: (
        "wish_circle",
        "wish_visit",
        "wish_templates",
        "wish_training",
        "wish_cases",
        "wish_agencies",
        "wish_leadership",
        "wish_nch",
    ),
}
"""What hinders and what would help: the same each half year, and no text of one's own."""

LEVELS = (1, 2, 3, 4)  # not at all, hardly, mostly, wholly
AGREES = 3  # this level and above
MOST_NEXT = 3  # themes, obstacles or wishes that one may choose
NEXT = "next:"
BETWEEN_ROUNDS = timedelta(days=90)  # from the last day of a round of needs until the next is asked


_OPTIONS = tuple(option for options in CHOICES.values() for option in options)


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
    kind: EvaluationKind = EvaluationKind.MEETING


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
    is_of_meeting = details.kind is EvaluationKind.MEETING
    known = queries.themes_by_id(session, details.theme_ids) if is_of_meeting else _OPTIONS
    if set(details.theme_ids) - set(known):
        faults.append(FieldFault("themes", "Välj bland ämnena i listan."))
    if faults:
        raise FormError(*faults)
    made = Evaluation(
        kind=details.kind,
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
        for band in BANDS[made.kind]
        for question, level in _cells(made)
    )
    after: dict[str, object] = {"title_sv": made.title_sv, "closes_on": made.closes_on.isoformat()}
    record(session, actor, "made", ("evaluation", made.id), after=after)
    return made


def _cells(made: Evaluation) -> list[tuple[str, int]]:
    fixed = [(question, level) for question in FIXED[made.kind] for level in LEVELS]
    return [*fixed, *((NEXT + theme, 1) for theme in made.theme_ids)]


def insist_on_one_round(session: Session, today: date) -> None:
    """Refuse to ask of needs while a round is open or has just closed.

    Minds have hardly changed, so the difference of two such rounds would be the answers of those few who
    were in one of them alone.

    Raises:
        FormError: with the reason.
    """
    last = [one.closes_on for one in queries.evaluations(session, EvaluationKind.NEEDS)]
    if last and max(last) >= today:
        raise FormError(
            FieldFault("closes_on", "En omgång är redan öppen. Vänta tills den har stängt.")
        )
    if last and max(last) + BETWEEN_ROUNDS > today:
        raise FormError(
            FieldFault(
                "closes_on",
                "Förra omgången stängde för mindre än tre månader sedan. Vänta, så att ingen kan räkna ut vad en enda har svarat genom att jämföra dem.",
            )
        )


def tell_outcome(session: Session, actor: str, round_id: str, text: str) -> None:
    """Keep what became of a round of needs; the log says that it was told, not what.

    Raises:
        MissingError: when there is no such round.
    """
    found = queries.evaluation(session, round_id)
    if found is None or found.kind is not EvaluationKind.NEEDS:
        raise MissingError
    found.outcome = text.strip()
    session.add(found)
    record(session, actor, "changed", ("evaluation", found.id))


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


def read_opinion(form: Mapping[str, Sequence[str]], evaluation: Evaluation) -> Opinion:
    """Read the posted form.

    Raises:
        FormError: when one of the four questions has no answer, or a value was not offered.
    """
    faults, levels = [], {}
    for question in FIXED[evaluation.kind]:
        values = form.get(question, ())
        if values and values[-1] in {str(level) for level in LEVELS}:
            levels[question] = int(values[-1])
        else:
            faults.append(FieldFault(question, "Välj ett av alternativen."))
    chosen: frozenset[str] = frozenset()
    for field, offered in choices_of(evaluation).items():
        picked = frozenset(form.get(field, ()))
        if len(picked) > MOST_NEXT:
            faults.append(FieldFault(field, "Välj högst %(most)s.", most=MOST_NEXT))
        elif not picked <= set(offered):
            faults.append(FieldFault(field, "Välj i listan."))
        chosen |= picked
    if faults:
        raise FormError(*faults)
    return Opinion(levels, chosen)


def choices_of(evaluation: Evaluation) -> Mapping[str, Sequence[str]]:
    """Return what one may choose among, by the form's field."""
    if evaluation.kind is EvaluationKind.NEEDS:
        return CHOICES
    return {"next": evaluation.theme_ids}


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


def results(
    session: Session, today: date, kind: EvaluationKind = EvaluationKind.MEETING
) -> tuple[EvaluationResult, ...]:
    """Return what may be shown of every evaluation of a kind that has closed, the earliest first.

    An open one shows nothing: two looks with one answer between them would tell that answer.
    """
    closed = [one for one in queries.evaluations(session, kind) if today > one.closes_on]
    return tuple(_result(session, evaluation) for evaluation in closed)


def turnout(session: Session, evaluation: Evaluation) -> tuple[int, int]:
    """Return how many ballots were used and how many were given out."""
    return queries.ballots_used(session, evaluation.id)


def _result(session: Session, evaluation: Evaluation) -> EvaluationResult:
    counted: dict[tuple[str, Band], dict[int, int]] = {}
    for row in queries.counts(session, evaluation.id):
        counted.setdefault((row.question, row.band), {})[row.level] = row.number
    questions = {}
    for question in FIXED[evaluation.kind]:
        by_band = {}
        for band in BANDS[evaluation.kind]:
            levels = counted.get((question, band), {})
            agreeing = sum(number for level, number in levels.items() if level >= AGREES)
            by_band[band] = (sum(levels.values()), agreeing)
        questions[question] = publish(by_band)
    chosen = {
        theme: sum(
            counted.get((NEXT + theme, band), {}).get(1, 0) for band in BANDS[evaluation.kind]
        )
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
