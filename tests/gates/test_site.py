"""The site made of docs/: every link leads somewhere, every page is in the menu, users' pages are in both languages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polib
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
TWINS = {"planerare": "planner", "rc": "rc", "gast": "guest", "kalendrar": "calendars"}
WORDS = re.compile(r"(?<![*\w])\*(?!\*)([^*\n]+)\*(?!\*)")


def _slug(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.lower()).strip()
    return re.sub(r"[\s-]+", "-", words)


def _anchors(page: Path) -> set[str]:
    return {_slug(one) for one in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


def _links(page: Path) -> list[tuple[bool, str]]:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [(bool(mark), target) for mark, target in LINK.findall(text)]


def _menu(part: Any) -> list[str]:  # noqa: ANN401 - YAML
    if isinstance(part, str):
        return [part]
    values = part.values() if isinstance(part, dict) else part
    return [path for value in values for path in _menu(value)]


def test_every_link_between_the_documents_leads_somewhere() -> None:
    lost = []
    for page in PAGES:
        for _, target in _links(page):
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            if not (there.is_file() and there.is_relative_to(DOCS)):
                lost.append(f"{page.relative_to(ROOT)}: {target}")
            elif anchor and anchor not in _anchors(there):
                lost.append(f"{page.relative_to(ROOT)}: {target}: no such heading")
    assert lost == []


def test_every_page_is_in_the_menu_once() -> None:
    menu = _menu(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"])
    pages = {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert len(menu) == len(set(menu))
    assert set(menu) <= pages
    growing = ("adr/", "guide/", "model/")
    assert {page for page in pages - set(menu) if not page.startswith(growing)} == set()


def test_every_picture_is_shown_and_is_one_that_the_command_makes() -> None:
    from tests.e2e.screenshots import GUIDES  # noqa: PLC0415 - needs a browser's package

    made = {f"{name}-{look}.png" for name, _, _, looks in GUIDES for look in looks}
    shown = {
        Path(target).name for page in PAGES for is_picture, target in _links(page) if is_picture
    }
    assert {file.name for file in (DOCS / "pictures").iterdir()} == made == shown


def test_users_pages_are_in_both_languages_with_the_same_parts_and_pictures() -> None:
    for swedish, english in TWINS.items():
        pages = [DOCS / f"users/sv/{swedish}.md", DOCS / f"users/en/{english}.md"]
        texts = [page.read_text(encoding="utf-8") for page in pages]
        parts = [len(re.findall("^## ", text, re.MULTILINE)) for text in texts]
        pictures = [text.count("![") for text in texts]
        assert parts[0] == parts[1], pages
        assert pictures[0] == pictures[1] > 0, pages
    assert {page.stem for page in (DOCS / "users/sv").iterdir()} == set(TWINS)
    assert {page.stem for page in (DOCS / "users/en").iterdir()} == set(TWINS.values())


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_users_pages_quote_stands_on_the_pages(language: str) -> None:
    said: set[str] = set()
    for file in (ROOT / "api/locale/en").glob("*.po"):
        for entry in polib.pofile(str(file)):
            said |= {entry.msgid} if language == "sv" else {entry.msgstr}
    quoted = {
        words
        for page in (DOCS / "users" / language).iterdir()
        for words in WORDS.findall(page.read_text(encoding="utf-8").replace("**", ""))
    }
    assert quoted
    assert quoted - said == set()


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_site_is_made_and_a_link_that_leads_nowhere_is_a_fault(tmp_path: Path) -> None:
    """Needs the package index the first time, as `do.py locks` does, which makes the site in CI."""
    subprocess.run([sys.executable, "do.py", "docs"], cwd=ROOT, check=True)
    for name in (
        "index.html",
        "users/sv/rc.html",
        "users/en/rc.html",
        "pictures/keys-sv-1280-light.png",
    ):
        assert (ROOT / "var/site" / name).stat().st_size > 1000
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    with (tmp_path / "docs/index.md").open("a") as page:
        page.write("\n[away](nowhere.md)\n")
    mkdocs = ROOT / "var/docs-environment/bin/mkdocs"
    done = subprocess.run([mkdocs, "build"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"nowhere.md" in done.stderr
