"""What may be said in one place alone: where it is said twice, the two drift apart. Forms: `test_forms`."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ONCE = {
    "how far apart two places are": (
        r"\basin\(|\barcsin\(|\bacos\(|\barccos\(|\b6371\b",
        "matcher/geo.py",
    ),
    "the grammar of a document": (
        r"jsonschema|TypeAdapter\(.*\.json_schema\(",
        "matcher/documents/schema.py",
    ),
    "a clock time that a form holds": (r"\btime\.fromisoformat\(", "api/kit/clock.py"),
    "how many changes by hand can be taken back": (r"\bMOST_UNDONE\b", "api/proposals/spine.py"),
    "taking a change by hand back": (r"\.undone\(|\.redone\(", "api/proposals/spine.py"),
}


def _modules() -> dict[str, str]:
    return {
        file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
        for house in ("api", "matcher")
        for file in (ROOT / house).rglob("*.py")
    }


@pytest.mark.parametrize("what", ONCE)
def test_it_is_said_in_one_module(what: str) -> None:
    sign, home = ONCE[what]
    assert {name for name, text in _modules().items() if re.search(sign, text)} == {home}


def test_every_step_that_can_be_taken_back_is_laid_on_the_one_stack() -> None:
    laid = re.compile(r"\bpast=(.*)")
    found = {
        (name, rest)
        for name, text in _modules().items()
        if name.startswith("api/proposals/") and not name.endswith("answer.py")
        for rest in laid.findall(text)
    }
    assert len(found) >= 3
    # Emptied where agendas are made anew, and the latest step told anew; nothing else lays a step there.
    kept = ("spine.pushed(", "()", "(*again.past[:-1], ")
    assert {one for one in found if not one[1].startswith(kept)} == set()
