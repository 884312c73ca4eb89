"""The locks are whole: what is asked for and all that it needs is pinned, with hashes, and once."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import do

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)(?: ; [^\\]*)? \\$", re.MULTILINE)
NAMES = sorted(file.stem for file in do.REQUIREMENTS.glob("*.lock"))
# What of a lock is not installed here, so that what it needs is seen by `do.py locks` alone.
ELSEWHERE = {"readers", "bench", "docs"}


def pins(name: str) -> dict[str, Version]:
    text = (do.REQUIREMENTS / f"{name}.lock").read_text(encoding="utf-8")
    found = PIN.findall(text)
    return {package: Version(version) for package, version in found}


def asked(name: str) -> list[Requirement]:
    """Return what people asked of a lock: its `.in`, and for `run` our own dependencies."""
    lines = (do.REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    if name == "run":
        wanted += _project()["dependencies"]
    return [Requirement(line) for line in wanted]


def _project() -> dict[str, list[str]]:
    text = (do.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project: dict[str, list[str]] = tomllib.loads(text)["project"]
    return project


def test_every_lock_is_tried_by_the_gate() -> None:
    assert {name for names in do.TOGETHER for name in names} == set(NAMES)
    assert {file.stem for file in do.REQUIREMENTS.glob("*.in")} == set(NAMES)


def test_every_extra_has_a_lock_that_asks_the_same() -> None:
    text = (do.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name, wanted in tomllib.loads(text)["project"]["optional-dependencies"].items():
        assert {str(one) for one in asked(name)} == {str(Requirement(line)) for line in wanted}


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_hashes(name: str) -> None:
    entries = re.split(
        r"^(?=[a-z0-9])", (do.REQUIREMENTS / f"{name}.lock").read_text(), flags=re.MULTILINE
    )
    without = [entry.split(" ")[0] for entry in entries[1:] if "--hash=sha256:" not in entry]
    assert without == []
    assert len(entries) - 1 == len(PIN.findall("".join(entries)))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_pinned(name: str) -> None:
    pinned = pins(name)
    for one in asked(name):
        assert one.specifier.contains(pinned[canonicalize_name(one.name)], prereleases=True), one


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE])
def test_what_the_pinned_need_is_pinned_too(name: str) -> None:
    """Each requirement of each package, for this Python and system, extras followed."""
    pinned = pins("run") | pins(name)
    waiting = [(one, extra) for one in asked(name) for extra in ("", *one.extras)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        one, extra = waiting.pop()
        package = canonicalize_name(one.name)
        assert one.specifier.contains(pinned[package], prereleases=True), f"{name}.lock: {one}"
        if (package, extra) in seen:
            continue
        seen.add((package, extra))
        needed = [Requirement(line) for line in importlib.metadata.requires(package) or []]
        waiting += [
            (each, inner)
            for each in needed
            if each.marker is None or each.marker.evaluate({"extra": extra})
            for inner in ("", *each.extras)
        ]


def test_locks_that_are_installed_together_agree() -> None:
    for names in do.TOGETHER:
        agreed: dict[str, Version] = {}
        for name in names:
            for package, version in pins(name).items():
                assert agreed.setdefault(package, version) == version, f"{package} in {name}.lock"


def test_the_image_installs_locks_that_exist() -> None:
    text = (do.ROOT / "Containerfile").read_text(encoding="utf-8")
    for file in re.findall(r"requirements/\w+\.lock", text):
        assert Path(do.ROOT / file).exists(), file


def test_every_dependency_stands_with_its_reason() -> None:
    page = (do.ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    extras: dict[str, list[str]] = tomllib.loads(
        (do.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]["optional-dependencies"]
    wanted = [*_project()["dependencies"], *(one for lines in extras.values() for one in lines)]
    assert [name for name in (Requirement(one).name for one in wanted) if name not in page] == []
    rows = re.findall(r"^\| ([a-z][a-z0-9, -]+) \|", page.partition("## To run")[2], re.MULTILINE)
    told = {name.strip() for row in rows for name in row.split(",")} - {"package"}
    assert told - {Requirement(one).name for one in wanted} <= set(pins("run"))
