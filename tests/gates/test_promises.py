"""Every sentence that says a mail goes is named by a test that shows it and counts mails (tests/promises.py)."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from api.kit.i18n import LOCALE, Speaker
from api.outbox.models import Mail
from tests.promises import Heard, judge, listening

HERE = Path(__file__).parent
TESTS = HERE.parent
RULES = tomllib.loads((HERE / "promises.toml").read_text("utf-8"))
PATTERN = re.compile(RULES["pattern"], re.IGNORECASE | re.VERBOSE)
MARKS = {"keeps", "keeps_quiet"}


def _sources() -> set[str]:
    return {
        entry.msgid
        for file in (LOCALE / "en").glob("*.po")
        for entry in polib.pofile(str(file))
        if not entry.obsolete
    }


def _is_excused(text: str) -> bool:
    return any(
        text == one.get("text") or ("pattern" in one and re.search(one["pattern"], text))
        for one in RULES["not"]
    )


def _named() -> Iterator[tuple[str, str]]:
    """Return each sentence that a test bears, and the test."""
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            for mark in node.decorator_list:
                name = mark.func.id if _is_mark(mark) else ""  # type: ignore[attr-defined]
                if name in MARKS:
                    for one in mark.args:  # type: ignore[attr-defined]
                        assert isinstance(one, ast.Constant), f"{file}: {ast.unparse(one)}"
                        yield str(one.value), f"{file.name}::{node.name}"


def _is_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_every_sentence_that_says_a_mail_goes_is_kept_by_a_test() -> None:
    promises = {text for text in _sources() if PATTERN.search(text) and not _is_excused(text)}
    lacking = promises - {text for text, _ in _named()}
    assert not lacking, "\n".join(sorted(lacking))


def test_no_test_and_no_excuse_names_a_sentence_that_is_no_more() -> None:
    known = _sources()
    assert {text for text, _ in _named()} <= known
    for one in RULES["not"]:
        found = {
            text
            for text in known
            if text == one.get("text") or ("pattern" in one and re.search(one["pattern"], text))
        }
        assert found, one
        assert one["why"]


def test_a_test_is_believed_only_when_the_sentence_was_said_and_mail_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening(monkeypatch) as heard:
        Speaker("en").text("Boka och bjud in")
        Speaker("sv").plural("%(num)s person får frågan", "%(num)s personer får frågan", 2)
    assert heard.said == {"Boka och bjud in": 0, "%(num)s person får frågan": 0}
    assert judge(heard, {"Boka och bjud in"}, set()) == ["no mail was written"]
    assert judge(heard, {"Bestäm"}, {"Boka och bjud in"}) == [
        "never said: Bestäm",
        "no mail was written",
    ]
    spoke_first = Heard(said={"Ingen får mejl.": 1}, mails=2)
    assert judge(spoke_first, set(), {"Ingen får mejl."}) == [
        "mail was written after: Ingen får mejl."
    ]
    assert Mail.__tablename__ == "mail"
