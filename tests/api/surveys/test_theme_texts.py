"""The bank says of every theme why, what to do and how to prepare, for RC that start and RC in operation."""

import re
from itertools import chain

import pytest

from api.surveys.models import Theme
from api.surveys.texts import (
    FIELDS,
    FORMATS,
    LONGEST,
    SessionTexts,
    ThemeTexts,
    said_to,
    shipped_texts,
    texts_of,
)
from api.surveys.themes import shipped_themes

THEMES = [theme.id for theme in shipped_themes()]
# A word of the report lines that each theme rests on (`source` in the bank); the texts name it.
NAMED = {
    "org_startup": "byggdes upp",
    "org_barnahus": "lokaler",
    "org_cmv_vnr": "mandatet",
    "org_models_cases": "checklista",
    "org_mobile": "budget för bil",
    "org_staffing": "25 procent",
    "needs_inventory": "enkäten",
    "application": "april 2024",
    "anchoring": "enhetschef",
    "agreements": "avsiktsförklaring",
    "finance_longterm": "Norrbotten",
    "legal_inform_parents": "vårdnadshavare",
    "legal_low_threshold": "sex samtal",
    "legal_consent": "vuxensamtycke",
    "legal_new_law": "domar",
    "guidelines_national": "likvärdigt",
    "adult_target": "Operation Norrsken",
    "direct_support": "yrkesverksamma",
    "family_treatment": "föräldrastöd",
    "perpetrators": "kollektivt",
    "consult_method": "konsultation",
    "anonymised_cases": "hur skulle ni hantera det här",
    "regional_cultural": "åklagare",
    "fgm_forced_marriage": "bevisbördan",
    "roma_disability": "funktionsnedsättning",
    "research": "olika sidor",
    "values_alignment": "säger samma sak",
    "honour_gangs": "gängkriminalitet",
    "police_prosecutor_role": "fyra gånger om året",
    "region_health": "BUP",
    "social_services_trust": "enhetscheferna",
    "school": "Skolverket",
    "communication": "kampanj",
    "brand": "skyddat boende",
    "statistics": "DioEvidence",
    "nch_role": "regeringsuppdraget",
    "shared_setbacks": "motgångar",
    "pepp": "styrka att fortsätta",
}


def lines_of(theme_id: str, language: str) -> list[str]:
    texts = shipped_texts()[theme_id]
    fields = [name for name in FIELDS if name.endswith(language)]
    return [getattr(band, name) for band in (texts.start_up, texts.operation) for name in fields]


def sentences(text: str) -> list[str]:
    return [part.strip(" .?!:;”’").casefold() for part in re.split(r"(?<=[.?!])\s+", text)]


def test_every_theme_of_the_bank_has_all_its_texts_and_a_format() -> None:
    assert sorted(shipped_texts()) == sorted(THEMES)
    for theme_id, texts in shipped_texts().items():
        assert texts.format in FORMATS
        said = [*lines_of(theme_id, "sv"), *lines_of(theme_id, "en")]
        assert len(said) == 2 * len(FIELDS)
        assert all(20 < len(line) <= LONGEST for line in said), theme_id


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_sentence_is_said_of_two_themes_or_twice_of_one(language: str) -> None:
    said = [
        (sentence, theme_id)
        for theme_id in THEMES
        for sentence in chain.from_iterable(map(sentences, lines_of(theme_id, language)))
    ]
    assert len({sentence for sentence, _ in said}) == len(said)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_sentence_is_another_with_the_themes_name_put_in(language: str) -> None:
    """Two sentences that differ in no more than two words would be one template."""
    said = [
        (theme_id, sentence.split())
        for theme_id in THEMES
        for sentence in chain.from_iterable(map(sentences, lines_of(theme_id, language)))
        if len(sentence.split()) > 5
    ]
    for number, (theme_id, words) in enumerate(said):
        for other_id, others in said[number + 1 :]:
            if theme_id != other_id:
                assert len(set(words) ^ set(others)) > 4, (words, others)


def test_each_theme_names_something_from_its_lines_of_the_report() -> None:
    assert sorted(NAMED) == sorted(THEMES)
    missing = [
        theme_id
        for theme_id, named in NAMED.items()
        if named.casefold() not in " ".join(lines_of(theme_id, "sv")).casefold()
    ]
    assert not missing


def test_a_session_speaks_to_the_band_that_asks_for_it_and_to_both_when_both_do() -> None:
    first = SessionTexts("S", "s", "T", "t", "P", "p")
    second = SessionTexts("S2", "s2", "T2", "t2", "P2", "p2")
    texts = ThemeTexts("talk", first, second)
    assert said_to(texts, 3, 1) == first
    assert said_to(texts, 0, 2) == second
    both = said_to(texts, 2, 2)
    assert both.purpose_sv == "Ni som startar: S Ni som är i drift: S2"
    assert both.preparation_en == "You who are starting: p You who are in operation: p2"
    assert said_to(texts, 0, 0) == both


def test_what_a_planner_wrote_goes_before_what_was_shipped() -> None:
    theme = next(one for one in shipped_themes() if one.id == "pepp")
    assert texts_of(theme) == shipped_texts()["pepp"]
    mine = ThemeTexts("talk", SessionTexts("a"), SessionTexts("b"))
    theme.texts = mine.to_json()
    assert texts_of(theme) == mine
    own = Theme(
        id="own_1", name_sv="", name_en="", category="legal", roles=[], phases=[], formats=[]
    )
    assert texts_of(own) is None
