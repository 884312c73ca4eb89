"""One word for one thing: no text says a word that the glossary has another for (words.toml)."""

import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from jinja2 import nodes

from api.kit.i18n import LOCALE
from api.kit.pages import TEMPLATES, environment

HERE = Path(__file__).parent
API = Path(__file__).parents[2] / "api"
SURVEYS, REGISTER = API / "surveys" / "data", API / "registry" / "data"
BANK, TEXTS = SURVEYS / "themes.csv", SURVEYS / "theme_texts.toml"
RULES: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "words.toml").read_text("utf-8"))
PLACE = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>|&#?\w+;", re.DOTALL)


def _catalogues() -> Iterator[tuple[str, str]]:
    """Every text of the catalogues with its language; a place is one letter, as no word is in it."""
    for file in sorted((LOCALE / "en").glob("*.po")):
        for entry in polib.pofile(str(file)):
            for text in (entry.msgid, entry.msgid_plural):
                yield "sv", text
            for text in (entry.msgstr, *entry.msgstr_plural.values()):
                yield "en", text


def _templates() -> Iterator[tuple[str, str]]:
    """What a template says without the catalogues: in Swedish, if it is words at all."""
    for file in sorted(TEMPLATES.rglob("*")):
        if file.suffix in {".html", ".txt"}:
            tree = environment().parse(file.read_text(encoding="utf-8"))
            said = "".join(data.data for data in tree.find_all(nodes.TemplateData))
            yield "sv", re.sub(r"\s+", " ", re.sub(r"[\w-]+=$|\"", "", TAG.sub(" ", said)))


def _topics() -> Iterator[tuple[str, str]]:
    with BANK.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield "sv", row["theme_sv"]
            yield "en", row["theme_en"]


def _register() -> Iterator[tuple[str, str]]:
    """What the register's pages say of the report's own words, and of where it contradicts itself."""
    for name in ("texts.csv", "contradictions.csv"):
        with (REGISTER / name).open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                for key, value in row.items():
                    if key in {"sv", "en"} or key.endswith(("_sv", "_en")):
                        yield key[-2:], value


def test_what_the_register_came_with_is_said_in_both_languages_without_the_codes_it_was_kept_in() -> (
    None
):
    texts = [(lang, text) for lang, text in _register() if lang in {"sv", "en"}]
    assert len(texts) > 100
    assert [
        text for _, text in texts if not text or re.search(r"seed:|external:|[a-z]_|=", text)
    ] == []


def _sessions() -> Iterator[tuple[str, str]]:
    """What participants read of each topic's session: every text that ends on its language."""
    waiting: list[Any] = [tomllib.loads(TEXTS.read_text("utf-8"))]
    while waiting:
        part = waiting.pop()
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(value, dict | list):
                waiting.append(value)
            elif str(key).endswith(("_sv", "_en")):
                yield str(key)[-2:], str(value)


@pytest.fixture(scope="module")
def texts() -> set[tuple[str, str]]:
    """Every text, with its language."""
    return {
        (lang, text)
        for lang, text in (
            *_catalogues(),
            *_templates(),
            *_topics(),
            *_sessions(),
            *_register(),
        )
        if text
    }


@pytest.mark.parametrize(
    ("language", "rule"),
    [(language, rule) for language, rules in RULES.items() for rule in rules],
    ids=lambda value: value if isinstance(value, str) else value["pattern"],
)
def test_no_text_says_a_word_that_has_another(
    language: str, rule: dict[str, Any], texts: set[tuple[str, str]]
) -> None:
    pattern = re.compile(rule["pattern"], 0 if rule.get("cased") else re.IGNORECASE)
    found = {
        text for lang, text in texts if lang == language and pattern.search(PLACE.sub("§", text))
    }
    allowed = {text for text, reason in rule.get("allowed", []) if reason}
    assert found - allowed == set(), f"say instead: {rule['instead']}"
    assert allowed - found == set(), "no longer needed as an exception"
