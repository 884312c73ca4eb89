"""A rule that is named in one list and forgotten in another fails here, not on a page."""

import ast
from pathlib import Path

from matcher.groups.model.layer import RULES as OF_GROUPS
from matcher.programme.rules.violations import RULES as OF_PROGRAMMES

MODEL = Path("docs/model")
# What draws problems stands before the first test of each.
DRAWING = [
    Path("tests/matcher/groups") / f"test_{name}.py" for name in ("layers", "rules_by_force")
]


def texts_in(file: str) -> set[str]:
    """Return every text that stands in a module."""
    nodes = ast.walk(ast.parse(Path(file).read_text(encoding="utf-8")))
    return {str(one.value) for one in nodes if isinstance(one, ast.Constant)}


def test_every_rule_of_networks_is_judged_in_plain_python_by_its_name() -> None:
    assert {rule.name for rule in OF_GROUPS} <= texts_in("matcher/groups/rules.py")


def test_every_rule_of_networks_is_drawn_where_brute_force_judges_the_solver() -> None:
    drawn = "".join(
        file.read_text(encoding="utf-8").partition("\ndef test_")[0] for file in DRAWING
    )
    assert [rule.name for rule in OF_GROUPS if f"{rule.attribute}=" not in drawn] == []


def test_every_rule_stands_in_the_model_on_paper() -> None:
    groups = (MODEL / "groups.md").read_text(encoding="utf-8")
    programme = (MODEL / "programme.md").read_text(encoding="utf-8")
    assert [rule.name for rule in OF_GROUPS if f"`{rule.name}`" not in groups] == []
    assert [one.__name__ for one in OF_PROGRAMMES if f"`{one.__name__}`" not in programme] == []
