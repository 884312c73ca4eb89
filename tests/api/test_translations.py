"""Both languages are whole: every source text has an English one, with the same places to fill."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polib
import pytest
from jinja2 import nodes

from api.kit.i18n import (
    JOINER,
    LANGUAGES,
    LOCALE,
    NO_BREAK,
    Language,
    Speaker,
    tied,
    tied_page,
    with_whole_ranges,
)
from api.kit.pages import TEMPLATES, environment

API = Path(__file__).parents[2] / "api"
PLACES = re.compile(r"%\((\w+)\)s|%s|%%")
# Calls in Python whose first text is shown to people, and those whose second is.
FIRST = {"text", "ConflictError", "MissingError", "later", "_"}
SECOND = {"FieldFault"}
PLURAL = {"plural", "ngettext"}


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _in_python(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and _constant(node.value):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if names == ["title"] and file.name == "errors.py":
                yield str(_constant(node.value))
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        is_sql = isinstance(node.func, ast.Name) and name == "text"  # SQLAlchemy's
        if name in FIRST and not is_sql:
            yield from filter(None, map(_constant, node.args[:1]))
        if name in SECOND:
            yield from filter(None, map(_constant, node.args[1:2]))
        if name in PLURAL:
            yield from filter(None, map(_constant, node.args[:1]))


def _in_template(file: Path) -> Iterator[str]:
    tree = environment().parse(file.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in {"_", "ngettext"}:
            continue
        for text in call.args[:1]:
            yield from _template_texts(text)


def _template_texts(node: nodes.Expr) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, nodes.CondExpr):
        for branch in (node.expr1, node.expr2):
            if branch is not None:
                yield from _template_texts(branch)


def _sources() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(TEMPLATES.rglob("*")):
        if file.suffix in {".html", ".txt"}:
            found |= dict.fromkeys(_in_template(file), str(file.relative_to(TEMPLATES)))
    for file in sorted(API.rglob("*.py")):
        found |= dict.fromkeys(_in_python(file), str(file.relative_to(API)))
    return found


CATALOGUES = sorted((LOCALE / "en").glob("*.po"))


def _english() -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for file in CATALOGUES for entry in polib.pofile(str(file))}


def test_every_source_text_has_an_english_one() -> None:
    english = _english()
    missing = {text: place for text, place in _sources().items() if text not in english}
    assert missing == {}


def test_a_text_has_one_translation_in_all_catalogues() -> None:
    said: dict[str, set[str]] = {}
    for file in CATALOGUES:
        for entry in polib.pofile(str(file)):
            said.setdefault(entry.msgid, set()).add(entry.msgstr or str(entry.msgstr_plural))
    assert {text: english for text, english in said.items() if len(english) > 1} == {}


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_no_translation_is_empty_fuzzy_or_lacks_a_place(file: Path) -> None:
    faults = []
    for entry in polib.pofile(str(file)):
        forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        wanted = set(PLACES.findall(entry.msgid + entry.msgid_plural))
        if wanted:  # a text with places is always filled in, so that %% in it is one %
            wanted.add("")
        if (
            entry.fuzzy
            or not all(form.strip() for form in forms)
            or any(set(PLACES.findall(form)) - wanted for form in forms)
        ):
            faults.append(entry.msgid)
    assert faults == []


def test_no_catalogue_holds_a_text_that_nothing_says() -> None:
    known = _sources()
    root = API.parent
    files = [
        file
        for folder in (API, root / "matcher", TEMPLATES)
        for file in folder.rglob("*")
        if file.suffix in {".py", ".html", ".txt", ".csv", ".json"}
    ]
    # A text that goes over a line's end in Python is one text.
    said = re.sub(r'"\s*\n\s*f?"', "", "\n".join(file.read_text("utf-8") for file in files))
    dead = [text for text in _english() if text not in known and text not in said]
    assert dead == []


# What belongs together, told apart from the rule that ties it: `tests.e2e.test_looks` looks for it on every page.
TORN = re.compile(
    r"\b(?:kl\.|at) \d|\bvecka \d|\bden \d|\d (?:%|km\b|min\b|RC\b|mars\b|May\b|jan\b)"
)


def test_no_text_of_a_catalogue_breaks_between_a_figure_and_what_it_belongs_to() -> None:
    texts = {text for one in _english().values() for text in (one.msgid, one.msgstr)}
    filled = {PLACES.sub(lambda one: "%" if one[0] == "%%" else "15", text) for text in texts}
    assert sum(bool(TORN.search(text)) for text in filled) > 20, "there is something to tie"
    assert [text for text in filled if TORN.search(tied(text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_day_its_month_and_its_year_are_one_whatever_the_month(
    language: Language, month: int
) -> None:
    say, day = Speaker(language), date(2026, month, 12)
    at = datetime(2026, month, 12, 12, tzinfo=UTC)
    for said in (say.plain_date(day), say.date(day), say.stamp(at), say.month_and_year(at)):
        assert re.search(r"[^\W\d]{3,} 2026", said)
        assert not re.search(r"\b12 \w| 2026", tied(said))


def test_a_page_is_tied_in_its_texts_and_not_in_attributes_or_fields() -> None:
    page = '<p title="3 mars">den 3 mars 2026 kl. 9</p><textarea>3 mars</textarea><b>15 %, 3 km, 1\u00a0424</b><i>Västra Götaland – Skaraborg</i><u>at 13:20, 15 minuter</u>'
    tied_there = page.replace(
        "den 3 mars 2026 kl. 9", NO_BREAK.join(["den", "3", "mars", "2026"]) + " kl.\u00a09"
    )
    for pair in ("15 %", "3 km", "Götaland –", "at 13:20", "15 minuter"):
        tied_there = tied_there.replace(pair, pair.replace(" ", NO_BREAK))
    assert tied_page(page) == tied_there


def test_a_range_keeps_its_line_in_texts_alone() -> None:
    page = '<p title="44–86">44–86 %, 9.00–10.30, Umeå – 3 km</p><textarea>44–86</textarea>'
    whole = page.replace(">44–86 %, 9.00–10", f">44–{JOINER}86 %, 9.00–{JOINER}10")
    assert with_whole_ranges(page) == whole
