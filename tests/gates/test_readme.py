"""What the README shows is what the commands print."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.e2e.site import steps_of_demo

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What differs from machine to machine, or with what a time limit allows.
VARYING = re.compile(r"\d+(?:\.\d+)? s\b|\d+% of|\d+ sessions")


def _shown() -> list[tuple[str, list[str]]]:
    """Commands that begin with `$`, each with the lines shown under it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ python3 do.py "), []))
            elif found and block.startswith("$ "):
                found[-1][1].append(line)
    return found


def test_the_readme_names_the_two_commands() -> None:
    assert "python3 do.py demo\npython3 do.py test\n" in README


@pytest.mark.timeout(600)
def test_the_readmes_commands_print_what_it_shows(tmp_path: Path) -> None:
    """The first is what the run's own demonstration was made by, so that it is made once."""
    (first, steps), *rest = _shown()
    assert first == "demo --once"
    assert _steady(steps_of_demo()) == _steady(steps)
    for command, lines in rest:
        words = [sys.executable, "-m", "api", *shlex.split(command)]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert _steady((done.stdout + done.stderr).splitlines()) == _steady(lines)


def _steady(lines: list[str]) -> list[str]:
    return [VARYING.sub("#", line) for line in lines]


def test_the_changelog_begins_with_this_version_and_says_a_thing_once() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    versions = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    numbers = [tuple(map(int, one.split("."))) for one in versions]
    assert (
        versions[0]
        == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "version"
        ]
    )
    assert numbers == sorted(set(numbers), reverse=True)
    said = [line for line in lines if line.startswith("- ")]
    assert len(said) == len(set(said))
