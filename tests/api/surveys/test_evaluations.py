from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import inspect
from sqlmodel import Session, select

from api.audit.models import AuditEntry
from api.kit.errors import ConflictError, FormError, MissingError
from api.surveys import evaluations, queries, themes
from api.surveys.disclosure import Share
from api.surveys.evaluations import (
    FIXED_QUESTIONS,
    BallotState,
    EvaluationDetails,
    Opinion,
    read_opinion,
)
from api.surveys.models import Band, Evaluation, EvaluationBallot, EvaluationCount

HELD, CLOSES, AFTER = date(2027, 3, 11), date(2027, 3, 25), date(2027, 3, 26)
HAPPY = Opinion(dict.fromkeys(FIXED_QUESTIONS, 4), frozenset({"pepp"}))
UNHAPPY = Opinion(dict.fromkeys(FIXED_QUESTIONS, 1))
DETAILS = EvaluationDetails(
    "Exempel: vårens möte",
    "Exempel: spring meeting",
    HELD,
    CLOSES,
    ("pepp", "brand"),
    is_example=True,
)


@pytest.fixture
def evaluation(session: Session) -> Evaluation:
    themes.import_theme_bank(session)
    return evaluations.make_evaluation(session, "planner", DETAILS)


def test_a_ballot_opens_once_and_is_then_used_up(session: Session, evaluation: Evaluation) -> None:
    (token,) = evaluations.issue_ballots(session, evaluation, [Band.OPERATIONAL])
    assert evaluations.open_ballot(session, token, HELD).evaluation == evaluation
    evaluations.cast(session, token, HAPPY, HELD)
    assert evaluations.open_ballot(session, token, HELD).state is BallotState.USED
    with pytest.raises(ConflictError):
        evaluations.cast(session, token, UNHAPPY, HELD)
    numbers = Counter(
        {
            (row.question, row.level): row.number
            for row in queries.counts(session, evaluation.id)
            if row.number
        }
    )
    assert numbers == {**{(question, 4): 1 for question in FIXED_QUESTIONS}, ("next:pepp", 1): 1}
    assert evaluations.turnout(session, evaluation) == (1, 1)


def test_unknown_and_late_ballots_open_nothing(session: Session, evaluation: Evaluation) -> None:
    (token,) = evaluations.issue_ballots(session, evaluation, [Band.OTHER])
    assert evaluations.open_ballot(session, "guess", HELD).state is BallotState.UNKNOWN
    late = evaluations.open_ballot(session, token, AFTER)
    assert (late.state, late.evaluation) == (BallotState.CLOSED, None)
    with pytest.raises(MissingError):
        evaluations.cast(session, "guess", HAPPY, HELD)
    with pytest.raises(ConflictError):
        evaluations.cast(session, token, HAPPY, AFTER)


def test_no_row_ties_an_answer_to_a_person_a_ballot_or_a_moment(
    session: Session, evaluation: Evaluation
) -> None:
    """By construction: the tables have no such column, and answering leaves no new row anywhere."""
    columns = {
        table: {column.name for column in inspect(model).columns}
        for table, model in (("ballot", EvaluationBallot), ("count", EvaluationCount))
    }
    assert columns == {
        "ballot": {"token_hash", "evaluation_id", "band", "is_used"},
        "count": {"evaluation_id", "band", "question", "level", "number"},
    }
    tokens = evaluations.issue_ballots(session, evaluation, [Band.OPERATIONAL] * 3)
    before = (
        len(session.exec(select(EvaluationCount)).all()),
        len(session.exec(select(AuditEntry)).all()),
    )
    for token in tokens:
        evaluations.cast(session, token, HAPPY, HELD)
    after = (
        len(session.exec(select(EvaluationCount)).all()),
        len(session.exec(select(AuditEntry)).all()),
    )
    assert before == after
    rows = [row.model_dump() for row in session.exec(select(EvaluationCount))]
    assert not [value for row in rows for value in row.values() if isinstance(value, datetime)]


def test_figures_are_shown_when_closed_and_not_before(
    session: Session, evaluation: Evaluation
) -> None:
    bands = [Band.PRE_OPERATIONAL] * 6 + [Band.OPERATIONAL] * 10
    for number, token in enumerate(evaluations.issue_ballots(session, evaluation, bands)):
        evaluations.cast(session, token, UNHAPPY if number < 2 else HAPPY, HELD)
    assert evaluations.results(session, CLOSES) == ()
    (shown,) = evaluations.results(session, AFTER)
    assert (shown.issued, shown.answered) == (16, 16)
    assert shown.questions["safe"].bands == {
        Band.PRE_OPERATIONAL: Share(6, 4, 4),
        Band.OPERATIONAL: Share(10, 9, 10),
    }
    assert [(theme.theme_id, theme.number) for theme in shown.next_themes] == [("pepp", 14)]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"purpose": ["4"], "structure": ["4"], "useful": ["4"]}, "safe"),
        ({"purpose": ["5"], "structure": ["4"], "useful": ["4"], "safe": ["1"]}, "purpose"),
        ({**{q: ["3"] for q in FIXED_QUESTIONS}, "next": ["elsewhere"]}, "next"),
        ({**{q: ["3"] for q in FIXED_QUESTIONS}, "next": ["a", "b", "c", "d"]}, "next"),
    ],
)
def test_an_opinion_answers_all_four_questions_with_what_was_offered(
    form: dict[str, list[str]], field: str
) -> None:
    with pytest.raises(FormError) as raised:
        read_opinion(form, _of(["a", "b", "c", "d"]))
    assert [fault.field for fault in raised.value.faults] == [field]


def _of(themes: list[str]) -> Evaluation:
    day = date(2027, 3, 1)
    return Evaluation(title_sv="x", title_en="x", held_on=day, closes_on=day, theme_ids=themes)


def test_an_opinion_is_read_whole() -> None:
    form = {**{question: ["2"] for question in FIXED_QUESTIONS}, "next": ["a", "b"]}
    assert read_opinion(form, _of(["a", "b"])) == Opinion(
        dict.fromkeys(FIXED_QUESTIONS, 2), frozenset({"a", "b"})
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_sv": ""}, "title_sv"),
        ({"closes_on": date(2027, 3, 1)}, "closes_on"),
        ({"theme_ids": ("nothing",)}, "themes"),
    ],
)
@pytest.mark.usefixtures("evaluation")
def test_an_evaluation_that_nobody_can_answer_is_not_made(
    session: Session, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(FormError) as raised:
        evaluations.make_evaluation(session, "planner", replace(DETAILS, **changes))  # type: ignore[arg-type] # by name above
    assert [fault.field for fault in raised.value.faults] == [field]
