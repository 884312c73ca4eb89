"""What an RC may not miss and does is named with RC, subject and the real reason, and whether more can be had is said."""

import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.programme.outlines import live_content
from api.proposals.documents import write
from api.proposals.programme.publishing import survey_of
from api.proposals.programme.store import PROGRAMME, wishes_from
from api.registry import queries as registry
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench, _places
from tests.api.proposals.test_workbench import _version

PROVEN = "Bevisat: med det här innehållet kan inte fler vara med på det som de inte får missa."
NOT_KNOWN = "Räkningen hann inte visa om fler kan vara med."
TAKEN_OUT = "NCH har tagit bort ämnet ur programmet."


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    made = Bench(app)
    made.page = made.start()
    made.solve()
    return made


def _asking(session: Session, bench: Bench, theme: str) -> set[str]:
    """The RC that may not miss a theme, by name."""
    rcs = {rc.id: rc.name for rc in registry.rcs(session)}
    wishes = wishes_from(session, survey_of(bench.newest(session)))
    return {rcs[one.rc_id] for one in wishes.people if one.must == theme}


def _named(page: str) -> list[str]:
    part = page.partition('<div id="maste">')[2].partition("</ul>")[0]
    return re.findall(r"<li>(.*?)</li>", part)


def test_what_a_planner_takes_out_by_hand_is_said_to_be_taken_out_and_whose_must_it_was(
    bench: Bench,
) -> None:
    web, path = bench.web, bench.page
    assert _named(web.get(path).text) == []
    with bench.app.state.database.reading() as session:
        musts = {one.must for one in wishes_from(session, bench.survey).people if one.must}
        key = min(musts & _places(web.get(path).text).keys())
        asking = _asking(session, bench, key)
        content = live_content(session, bench.meeting)
        assert content is not None
    out = {"key": key, "place": "-"}
    assert web.submit(path, f"{path}/flytta", _version(web, path) | out).status_code == 303
    page = web.get(path).text
    assert {one.partition(":")[0] for one in _named(page)} == asking
    assert all(one.endswith(TAKEN_OUT) for one in _named(page))
    assert "hann inte" not in page, "there is a place, and nobody has looked for one"
    assert PROVEN not in page
    _publish(bench, path)
    draft = str(web.submit(path, f"{path}/andra", {}).headers["location"]).partition("?")[0]
    draft = draft.partition("#")[0]
    page = web.get(draft).text
    assert {one.partition(":")[0] for one in _named(page)} == asking
    assert "hann inte" not in page, "the next version knows why, too"


@pytest.mark.parametrize("is_proven", [True, False])
def test_whether_more_could_be_met_is_said_as_it_is_known(bench: Bench, is_proven: bool) -> None:  # noqa: FBT001
    with bench.app.state.database.transaction() as session:
        made = bench.newest(session)
        answer = PROGRAMME.answer_of(made)
        wishes = wishes_from(session, survey_of(made))
        musts = {(one.rc_id, one.must) for one in wishes.people}
        there = next(
            (person, line)
            for person in PROGRAMME.problem_of(made).people
            for line in answer.timetable.agendas[person.id]
            if (person.body, line.session) in musts
        )
        person, line = there
        agendas = dict(answer.timetable.agendas)
        for one in PROGRAMME.problem_of(made).people:
            if one.body == person.body:
                agendas[one.id] = tuple(x for x in agendas[one.id] if x.session != line.session)
        kept = replace(answer.timetable, agendas=agendas)
        proven = (*(x for x in answer.proven if x != "must_haves"), *["must_haves"][:is_proven])
        made.solution = write(replace(answer, timetable=kept, proven=proven))
        session.add(made)
        name = next(rc.name for rc in registry.rcs(session) if rc.id == person.body)
    page = bench.web.get(bench.page).text
    (said,) = _named(page)
    assert said.startswith(f"{name}: ")
    assert (PROVEN in page) is is_proven
    assert (NOT_KNOWN in page) is not is_proven
