"""The page about the house names every room and door there is, and no function that there is not."""

import importlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# Rooms that go without saying: the pages of a feature, and what Alembic writes.
UNSAID = re.compile(r"/web(/|$)|/versions$|^api$")


def test_every_room_stands_on_the_page_and_no_other() -> None:
    rooms = {
        file.parent.relative_to(ROOT).as_posix()
        for house in ("matcher", "api")
        for file in (ROOT / house).rglob("__init__.py")
    }
    told = set(re.findall(r"^\| `([a-z0-9_/]+)` \|", PAGE, re.MULTILINE))
    assert told == {room for room in rooms if not UNSAID.search(room)}


def test_every_function_that_is_named_exists() -> None:
    missing = [name for name in _named() if not _exists(name)]
    assert missing == []


def test_the_walk_is_a_walk() -> None:
    """Each step of it names something, from the file's table to the feed's octets."""
    walk = PAGE.partition("## One RC's way")[2].partition("\n## ")[0]
    steps = re.split(r"^\d+\. ", walk, flags=re.MULTILINE)[1:]
    assert len(steps) == 10
    assert all("`" in step for step in steps)
    assert "read_table" in steps[0]
    assert "bytes_of" in steps[-1]


def test_the_forms_that_the_data_takes_are_counted_and_each_is_made_by_a_function() -> None:
    section = PAGE.partition("## The forms that the data takes")[2].partition("\n## ")[0]
    told = [int(count) for count in re.findall(r"^From .*, (\d+):$", section, re.MULTILINE)]
    walks = re.split(r"^From .*:$", section, flags=re.MULTILINE)[1:]
    counted = [re.findall(r"^(\d+)\. .*: `(.+)`$", walk, re.MULTILINE) for walk in walks]
    assert told == [len(forms) for forms in counted]
    assert len(told) == 2
    for forms in counted:
        assert [int(number) for number, _ in forms] == list(range(1, len(forms) + 1))
        assert all(_exists(name) for _, name in forms)
        assert len({name for _, name in forms}) == len(forms)


def test_every_door_stands_on_the_page() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    doors = {contract["id"] for contract in settings["tool"]["importlinter"]["contracts"]}
    section = PAGE.partition("## Doors")[2].partition("\n## ")[0]
    assert doors <= set(re.findall(r"`([a-z_]+)`", section))


def test_files_and_pages_that_the_documents_name_exist() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    documents += (ROOT / "docs" / "adr").glob("*.md")
    missing = [
        f"{document.name}: {path}"
        for document in documents
        for path in re.findall(
            r"`((?:api|matcher|tests|bench|docs|templates|requirements)/[\w./-]+\.\w+)`",
            document.read_text(encoding="utf-8"),
        )
        if not (ROOT / path).exists()
    ]
    assert missing == []


def _named() -> list[str]:
    return re.findall(r"`((?:api|matcher)(?:\.\w+)+)`", PAGE)


def _exists(name: str) -> bool:
    """Follow a dotted name as far as modules go, then their attributes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False
