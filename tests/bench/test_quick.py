"""The gate of quality: no figure that is reckoned without a clock is worse than the one written down."""

from pathlib import Path

import pytest

from bench import __main__ as whole
from bench import quick


@pytest.mark.parametrize("name", quick.FIGURES)
def test_quality_is_no_worse_than_what_is_written_down(name: str) -> None:
    assert not quick.is_worse(quick.FIGURES[name](), quick.recorded()[name])


def test_a_worse_figure_is_told_and_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quick, "RECORD", tmp_path / "quick.json")
    monkeypatch.setattr(quick, "FIGURES", {"cost": lambda: 1.0, "bound": lambda: -2.0})
    monkeypatch.setattr("sys.argv", ["quick", "--write"])
    assert quick.main() == 0
    monkeypatch.setattr("sys.argv", ["quick"])
    monkeypatch.setattr(quick, "FIGURES", {"cost": lambda: 1.0, "bound": lambda: -1.9})
    assert quick.main() == 1
    assert "bound                 -1.900000 recorded    -2.000000 WORSE" in capsys.readouterr().out


def test_one_page_has_the_day_the_machine_and_each_command_with_its_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a measurement that prints one line, one that fails, and one whose files were not given."""
    told = (
        ("Help", "json.tool --help"),
        ("Wrong", "json.tool nowhere"),
        ("Left out", "x --data {data}"),
    )
    monkeypatch.setattr(whole, "MEASUREMENTS", told)
    monkeypatch.setattr("sys.argv", ["bench", "all", "--out", str(tmp_path / "page.md")])
    assert whole.main() == 0
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.startswith("# Measured on 20")
    assert "cores" in page
    assert "    python -m json.tool --help\n\n```\nusage: " in page
    assert "It ended with" in page
    assert "Left out: no folder of public files was given" in page
