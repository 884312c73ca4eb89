"""Evaluations as a browser sees them, and every filter combination tried for what it gives away."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import openpyxl
import pytest
from fastapi import FastAPI
from sqlmodel import Session, SQLModel, select

from api.accounts.models import Role
from api.kit.clock import today
from api.outbox.models import Mail
from api.surveys import evaluations, queries
from api.surveys.disclosure import SMALLEST, Published, publish
from api.surveys.evaluations import FIXED_QUESTIONS, EvaluationDetails
from api.surveys.examples import example_opinions
from api.surveys.models import Band, EvaluationCount
from api.surveys.web.evaluation_page import GROUPS, figure_of
from tests.factories import Member, make_meeting, make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.web import HIDDEN, browser

THEMES = ("pepp", "legal_consent", "brand")
SIZES = [
    {Band.PRE_OPERATIONAL: 6, Band.OPERATIONAL: 10},
    {Band.PRE_OPERATIONAL: 4, Band.OPERATIONAL: 9, Band.OTHER: 2},
    {Band.PRE_OPERATIONAL: 6, Band.OPERATIONAL: 8, Band.OTHER: 1},
    {Band.OPERATIONAL: 3},
]
BALLOT = re.compile(r"http://testserver(/utvardering/[\w-]+)")


@pytest.fixture
def evaluated(app: FastAPI, planner: Member) -> Member:
    """Four meetings with example answers: all sizes of groups that matter."""
    with app.state.database.transaction() as session:
        for number, sizes in enumerate(SIZES):
            held = today() - timedelta(days=400 - 100 * number)
            details = EvaluationDetails(
                f"Exempel möte {number}",
                f"Exempel meeting {number}",
                held,
                held + timedelta(days=14),
                THEMES,
                is_example=True,
            )
            made = evaluations.make_evaluation(session, "system", details)
            bands = [band for band, size in sizes.items() for _ in range(size)]
            opinions = example_opinions(bands, THEMES, seed=number)
            tokens = evaluations.issue_ballots(session, made, bands)
            for token, opinion in zip(tokens, opinions, strict=True):
                evaluations.cast(session, token, opinion, held)
    return planner


@dataclass(frozen=True)
class Truth:
    """What really was answered to one question after one meeting."""

    sizes: dict[Band, int]
    agreeing: dict[Band, int]
    published: Published


def _truths(session: Session) -> Iterator[Truth]:
    for shown in evaluations.results(session, today()):
        rows = session.exec(
            select(EvaluationCount).where(EvaluationCount.evaluation_id == shown.evaluation.id)
        ).all()
        for question, published in shown.questions.items():
            of_question = [row for row in rows if row.question == question]
            sizes = {band: sum(r.number for r in of_question if r.band == band) for band in Band}
            agreeing = {
                band: sum(r.number for r in of_question if r.band == band and r.level >= 3)
                for band in Band
            }
            yield Truth(sizes, agreeing, published)


def test_no_filter_combination_of_the_example_data_reveals_a_single_person(
    app: FastAPI, evaluated: Member
) -> None:
    """Exhaustive: all views of all filters together, against every world that would look the same.

    The reader is taken to know how many answered in each band. An answer is revealed when in all
    those worlds everybody, or nobody, of a person's group agrees, or a small group's sum is fixed.
    """
    assert evaluated
    reveals, tried = 0, 0
    with app.state.database.reading() as session:
        for truth in _truths(session):
            views = {group: figure_of(truth.published, group) for group in GROUPS}
            worlds = []
            for agreeing in product(*(range(truth.sizes[band] + 1) for band in Band)):
                world = dict(zip(Band, agreeing, strict=True))
                seen = publish({band: (truth.sizes[band], world[band]) for band in Band})
                if {group: figure_of(seen, group) for group in GROUPS} == views:
                    worlds.append(world)
            assert truth.agreeing in worlds
            for members in product((False, True), repeat=len(Band)):
                group = [band for band, is_in in zip(Band, members, strict=True) if is_in]
                people = sum(truth.sizes[band] for band in group)
                sums = {sum(world[band] for band in group) for world in worlds}
                tried += 1
                if people and (sums in ({0}, {people}) or (people < SMALLEST and len(sums) == 1)):
                    reveals += 1
    assert tried == len(SIZES) * len(FIXED_QUESTIONS) * 2 ** len(Band)
    assert reveals == 0


def test_every_filter_shows_rows_of_the_one_published_table(
    app: FastAPI, evaluated: Member
) -> None:
    desk = browser(app, evaluated.person.id)
    years = {str((today() - timedelta(days=400 - 100 * n)).year) for n in range(len(SIZES))}
    whole = {group: _cells(desk.get(f"/utvarderingar?grupp={group}").text) for group in GROUPS}
    for group, year in product(GROUPS, ["", *sorted(years)]):
        cells = _cells(desk.get(f"/utvarderingar?grupp={group}&ar={year}").text)
        assert set(cells) <= set(whole[group])


def _cells(page: str) -> list[str]:
    table = page[page.index('id="trend-table"') :]
    return re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)


@pytest.mark.parametrize(
    "query",
    ["grupp=skane", "grupp=pre_operational,other", "ar=1999", "ar=2026-03", "grupp=operative"],
)
def test_a_filter_that_would_make_a_new_group_is_refused(
    app: FastAPI, evaluated: Member, query: str
) -> None:
    desk = browser(app, evaluated.person.id)
    assert desk.get(f"/utvarderingar?{query}").status_code == 422
    assert desk.get(f"/utvarderingar/resultat.csv?{query}").status_code == 422


def test_the_files_show_what_the_page_shows_and_no_more(app: FastAPI, evaluated: Member) -> None:
    desk = browser(app, evaluated.person.id)
    page = desk.get("/utvarderingar?grupp=pre_operational").text
    file = desk.get("/utvarderingar/resultat.xlsx?grupp=pre_operational").content
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    for row in sheet.iter_rows(min_row=2, min_col=2, values_only=True):
        assert all(str(cell) in page for cell in row)
    assert "För få svar för att visas" in page
    assert page.count("Exempel") > 2


@keeps(
    "%(num)s mejl kommer att skickas.",
    "När du skickar får varje mottagare en egen länk som kan användas en gång. Svaren är anonyma, så det går inte att se vem som har svarat eller att skicka påminnelser.",
)
@opens("evaluation")
def test_a_planner_sends_ballots_and_a_ballot_is_answered_once(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.transaction() as session:
        for rc_id in ("skane", "kronoberg", "orebro"):
            make_member(session, Role.RC_MEMBER, rc_id=rc_id)
    desk = browser(app, planner.person.id)
    fields = {
        "title_sv": "Exempel: vårens möte",
        "title_en": "Exempel: spring meeting",
        "held_on": today().isoformat(),
        "closes_on": (today() + timedelta(days=14)).isoformat(),
    }
    shown = desk.submit("/planera/utvarderingar/ny", "/planera/utvarderingar", fields)
    assert "3 mejl kommer att skickas." in shown.text
    assert "Utvärdering: Exempel: vårens möte" in shown.text
    with app.state.database.reading() as session:
        assert session.exec(select(Mail)).all() == []
        assert queries.evaluations(session) == []
    sent = desk.post("/planera/utvarderingar", data=dict(HIDDEN.findall(shown.text)))
    assert sent.status_code == 303
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        paths = [match.group(1) for mail in mails if (match := BALLOT.search(text_of(mail)))]
    assert len(set(paths)) == 3
    visitor = browser(app)
    before = _rows(app)
    assert {visitor.get(paths[0]).status_code for _ in range(100)} == {200}
    assert _rows(app) == before
    faulty = visitor.submit(paths[0], paths[0], {"purpose": "4"})
    assert faulty.status_code == 422
    assert 'id="purpose-4" name="purpose" value="4" checked' in faulty.text
    whole = dict.fromkeys(FIXED_QUESTIONS, "4")
    assert visitor.submit(paths[0], paths[0], whole).status_code == 303
    assert "Tack för svaret" in visitor.get("/utvardering/tack").text
    used = visitor.get(paths[0])
    assert (used.status_code, "redan använd" in used.text) == (410, True)
    assert "vårens" not in used.text
    assert visitor.submit("/enkat", paths[0], whole).status_code == 410
    assert visitor.get("/utvardering/unknown").status_code == 404
    page = desk.get("/utvarderingar").text
    assert "1 av 3 har svarat." in page
    assert " av 3 (" not in page
    with app.state.database.reading() as session:
        (evaluation,) = queries.evaluations(session)
        assert evaluations.turnout(session, evaluation) == (1, 3)


def test_nothing_is_asked_of_what_has_not_been(app: FastAPI, planner: Member) -> None:
    with app.state.database.transaction() as session:
        meeting_id = make_meeting(session).id
    desk, tomorrow = browser(app, planner.person.id), today() + timedelta(days=1)
    fields = {"title_sv": "x", "title_en": "x", "closes_on": (tomorrow).isoformat(), "do": "send"}
    for when in (
        {"held_on": tomorrow.isoformat()},
        {"held_on": today().isoformat(), "meeting": meeting_id},
    ):
        page = desk.submit("/planera/utvarderingar/ny", "/planera/utvarderingar", fields | when)
        assert page.status_code == 422
        assert "Träffen har inte varit än." in page.text
    with app.state.database.reading() as session:
        assert session.exec(select(Mail)).all() == []
        assert queries.evaluations(session) == []


def test_a_faulty_evaluation_is_not_sent(app: FastAPI, planner: Member) -> None:
    desk = browser(app, planner.person.id)
    fields = {"title_sv": "", "title_en": "x", "held_on": "2026-03-11", "closes_on": "2026-03-01"}
    page = desk.submit("/planera/utvarderingar/ny", "/planera/utvarderingar", fields)
    assert page.status_code == 422
    assert "Välj en dag efter träffen." in page.text
    assert 'value="2026-03-11"' in page.text


def _rows(app: FastAPI) -> dict[str, list[str]]:
    with app.state.database.reading() as session:
        return {
            name: sorted(str(row) for row in session.execute(table.select()))
            for name, table in SQLModel.metadata.tables.items()
        }
