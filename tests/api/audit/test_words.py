"""Every action and kind of subject that the code writes into the log has words in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.audit.web.words import ACTIONS, SUBJECTS
from api.feeds.service import Ending
from api.kit.i18n import Speaker
from api.surveys.models import SurveyState

API = Path(__file__).parents[3] / "api"
WRITERS = {"record", "AccountsChanged", "_note", "_save", "_log"}  # who write rows, by their names
# Actions that are put together where they happen.
BUILT = {
    *(f"ended_{ending}" for ending in Ending),
    *(state.value for state in SurveyState if state is not SurveyState.DRAFT),
    *("release", "hold", "again", "paused", "resumed"),
}


def _calls() -> Iterator[ast.Call]:
    for file in API.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                func = node.func
                name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
                if name in WRITERS:
                    yield node


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_action_and_subject_in_the_code_has_words() -> None:
    actions, subjects = set(BUILT), set()
    for call in _calls():
        for argument in call.args:
            if isinstance(argument, ast.Tuple):
                subjects |= set(_texts(argument.elts[0]))
            else:
                actions |= set(_texts(argument)) - {"system"}
    assert len(actions) > 30, "the writers have other names now: see WRITERS"
    missing = sorted(actions - ACTIONS.keys()) + sorted(subjects - SUBJECTS.keys())
    assert missing == [], "name them in api/audit/web/words.py"


@pytest.mark.parametrize("word", sorted({*ACTIONS.values(), *SUBJECTS.values()}))
def test_every_word_is_said_in_english_too(word: str) -> None:
    assert Speaker("en").text(word) != word or word in {"person", "organisation"}
