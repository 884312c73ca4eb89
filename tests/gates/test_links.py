"""Every kind of mail is named by a test that opens all its links twice (tests/links.py)."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.links import KINDS

TESTS = Path(__file__).parents[1]


def _named() -> Iterator[str]:
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "opens":
                    yield from (str(ast.literal_eval(one)) for one in mark.args)


def test_every_kind_of_mail_has_a_test_that_opens_its_links() -> None:
    assert len(KINDS) > 20  # it looked where the mails are
    assert set(_named()) == KINDS
