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
BANK = Path(__file__).parents[2] / "api" / "surveys" / "data" / "themes.csv"
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


@pytest.fixture(scope="module")
def texts() -> set[tuple[str, str]]:
    """Every text, with its language."""
    return {(lang, text) for lang, text in (*_catalogues(), *_templates(), *_topics()) if text}


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
