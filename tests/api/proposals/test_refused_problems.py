"""Why the engine takes no problem is said in the reader's language, never in the engine's own words."""

import json
import re
from dataclasses import replace

import pytest
from defusedxml.ElementTree import fromstring
from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.i18n import LANGUAGES, Speaker
from api.kit.table_file import TableFileError
from api.programme.schedules import frab, pretalx
from api.proposals.words import fault_in_words
from matcher.errors import InvalidProblemError
from matcher.groups.model.layer import Attribute, Layer, Member, Weight
from matcher.groups.model.problem import Problem
from tests.factories import make_member
from tests.web import browser

MEMBERS = tuple(Member(one) for one in "abcd")
PHASE = Attribute("phase", "category", ("pre", "pre", "op", "op"))
LAYER = Layer("likeness", 2, 2, (Weight("phase", 1.0),))
PROBLEMS = {
    "nobody": ((), (replace(PHASE, values=()),), LAYER),
    "sizes": (MEMBERS, (PHASE,), replace(LAYER, smallest=3)),
    "weights": (MEMBERS, (PHASE,), replace(LAYER, weights=(Weight("phase", 0.0),))),
    "together": (MEMBERS, (PHASE,), replace(LAYER, together=((1,),))),
    "a value": (MEMBERS, (replace(PHASE, kind="number"),), LAYER),
    "an attribute": (MEMBERS, (PHASE, PHASE), LAYER),
}


@pytest.mark.parametrize("about", PROBLEMS)
def test_each_kind_of_fault_is_words_of_ours(about: str) -> None:
    members, attributes, layer = PROBLEMS[about]
    with pytest.raises(InvalidProblemError) as caught:
        Problem(members, attributes, (layer,))
    said = {one: Speaker(one).said(fault_in_words(caught.value)) for one in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    fault = caught.value.faults[0]
    for text in said.values():
        assert fault.expected not in text
        assert fault.where not in text.split()


@pytest.mark.parametrize("page", ["/planera/natverk", "/en/planera/natverk"])
def test_an_empty_register_is_told_on_the_page_in_its_language(app: FastAPI, page: str) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(app, planner)
    answer = web.submit(page, page)
    assert answer.status_code == 409
    told = re.sub(r"<[^>]+>", " ", answer.text)
    wanted = "there are no RCs" if page.startswith("/en") else "det finns inga RC"
    assert wanted in told
    assert "got " not in told
    assert "expected" not in told


@pytest.mark.parametrize("octets", [b'{"schedule":\n nothing}', b"<schedule>\n <a></schedule>"])
def test_a_document_that_no_library_reads_is_told_in_both_languages(octets: bytes) -> None:
    read = pretalx.read if octets.startswith(b"{") else frab.read
    with pytest.raises(TableFileError) as caught:
        read(octets)
    [fault] = caught.value.faults
    assert fault.line == 2
    said = {Speaker(one).said(fault.found) for one in LANGUAGES}
    assert len(said) == 2
    for library in (json.loads, fromstring):
        with pytest.raises(Exception) as own:  # noqa: PT011 - whatever it says
            library(octets)
        assert not any(str(own.value) in one for one in said)
