import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kit.errors import FormError
from api.surveys.questions import (
    FUNCTIONS,
    QUESTIONS,
    Answer,
    CaseRound,
    Fit,
    Focus,
    Form,
    Hosting,
    NetworkWish,
    from_json,
    read_answer,
    to_json,
)

THEMES = ["law", "start", "cases"]
DAYS = ["2027-03-11", "2027-03-18"]


def answers() -> st.SearchStrategy[Answer]:
    return st.builds(
        Answer,
        weights=st.dictionaries(st.sampled_from(THEMES), st.integers(1, 3), min_size=1),
        must=st.none() | st.sampled_from(THEMES),
        offers=st.frozensets(st.sampled_from(THEMES)),
        focus=st.sampled_from(Focus),
        cases=st.sampled_from(CaseRound),
        form=st.sampled_from(Form),
        days=st.fixed_dictionaries({day: st.sampled_from(Fit) for day in DAYS}),
        functions=st.sets(st.sampled_from(FUNCTIONS)).map(
            lambda chosen: tuple(one for one in FUNCTIONS if one in chosen)
        ),
        has_deputy=st.booleans(),
        hosting=st.sampled_from(Hosting),
        network=st.sampled_from(NetworkWish),
    )


def as_form(answer: Answer) -> dict[str, list[str]]:
    """Send an answer as a browser would."""
    return {
        **{f"weight-{theme}": [str(answer.weights.get(theme, 0))] for theme in THEMES},
        "must": [answer.must or ""],
        "offers": sorted(answer.offers),
        "focus": [answer.focus.value],
        "cases": [answer.cases.value],
        "form": [answer.form.value],
        **{f"day-{day}": [fit.value] for day, fit in answer.days.items()},
        "functions": list(answer.functions),
        "deputy": ["yes"] if answer.has_deputy else [],
        "hosting": [answer.hosting.value],
        "network": [answer.network.value],
    }


@settings(max_examples=60)
@given(answers())
def test_an_answer_survives_its_row_and_its_form(answer: Answer) -> None:
    assert from_json(to_json(answer)) == answer
    assert read_answer(as_form(answer), THEMES, DAYS) == answer


def test_there_are_at_most_ten_questions_and_each_feeds_an_engine() -> None:
    assert len(QUESTIONS) <= 10
    assert all(
        feeds.split(":")[0] in {"programme", "dates", "matching"} for feeds in QUESTIONS.values()
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weight-law", "4"),
        ("weight-law", "x"),
        ("must", "nothing"),
        ("offers", "nothing"),
        ("focus", "lunch"),
        ("cases", "1"),
        ("form", "by post"),
        ("day-2027-03-11", "perhaps"),
        ("functions", "governor"),
        ("hosting", "sure"),
        ("network", "why"),
    ],
)
def test_a_value_that_the_page_did_not_offer_is_a_fault_of_its_field(
    field: str, value: str
) -> None:
    with pytest.raises(FormError) as raised:
        read_answer({"weight-start": ["2"], field: [value]}, THEMES, DAYS)
    assert [fault.field for fault in raised.value.faults] == [field]


def test_an_answer_without_any_theme_is_asked_for_one() -> None:
    with pytest.raises(FormError) as raised:
        read_answer({}, THEMES, DAYS)
    assert [fault.field for fault in raised.value.faults] == ["weights"]


def test_fields_that_the_survey_does_not_have_are_left_aside() -> None:
    answer = read_answer({"weight-law": ["1"], "weight-other": ["3"]}, THEMES, DAYS)
    assert answer.weights == {"law": 1}
