"""Every action and kind of subject that the code writes into the log has words in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.accounts.models import Body, Function
from api.audit.web.fields import FIELDS, OWN, VALUES
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


SAME = {"person", "organisation", "RC", "NCH", "forum", "Form", "Organisation", "Status"}  # in both


def _name(call: ast.Call) -> str:
    func = call.func
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def _calls() -> Iterator[ast.Call]:
    for file in API.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node) in WRITERS:
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


KEPT = {
    "before",
    "after",
    "changed",
    "frozen",
    "what",
    "where",
}  # what is to be written, by its names


def _written(file: Path) -> Iterator[ast.expr | None]:
    """The values that a module which writes rows puts together for them, where they stand in braces."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    calls = [
        node for node in ast.walk(module) if isinstance(node, ast.Call) and _name(node) in WRITERS
    ]
    makers = {
        _name(one)
        for call in calls
        for part in (*call.args, *call.keywords)
        for one in ast.walk(part)
        if isinstance(one, ast.Call)
    }
    for call in calls:
        yield from (*call.args, *(one.value for one in call.keywords))
    for node in ast.walk(module) if calls else ():
        if isinstance(node, ast.FunctionDef) and node.name in makers:
            yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return))
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id in KEPT for one in targets):
                yield node.value


def test_every_field_that_the_code_writes_has_a_name_for_people() -> None:
    found = {
        key.value
        for file in API.rglob("*.py")
        for value in _written(file)
        if isinstance(value, ast.Dict)
        for key in value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    found |= Body.model_fields.keys() | Function.model_fields.keys()
    assert len(found) > 60, "the writers put their values together in other ways now"
    missing = sorted(found - FIELDS.keys() - OWN)
    assert missing == [], "name them in api/audit/web/fields.py"


@pytest.mark.parametrize(
    "word", sorted({*ACTIONS.values(), *SUBJECTS.values(), *FIELDS.values(), *VALUES.values()})
)
def test_every_word_is_said_in_english_too(word: str) -> None:
    assert Speaker("en").text(word) != word or word in SAME
