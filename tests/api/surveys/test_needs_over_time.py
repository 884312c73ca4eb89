"""Needs over time: asked by link, counted without a name, shown when a round has closed, and what became of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.kit.clock import today
from api.outbox.models import Mail
from api.surveys import evaluations, mailing, queries
from api.surveys.demand import Profile
from api.surveys.disclosure import SMALLEST, Published, publish
from api.surveys.evaluations import BANDS, CHOICES, NEEDS_QUESTIONS, EvaluationDetails, Opinion
from api.surveys.models import (
    Band,
    Evaluation,
    EvaluationCount,
    EvaluationKind,
    RecipientKind,
)
from api.surveys.service import band_of
from api.surveys.web.needs.page import GROUPS, figure_of
from tests.factories import Member, make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.web import Browser, browser

BALLOT = re.compile(r"http://testserver(/(?:en/)?utvardering/[A-Za-z0-9_-]{43})")
OPTIONS = tuple(key for options in CHOICES.values() for key in options)
FOUR = BANDS[EvaluationKind.NEEDS]
# Rounds as they may fall out: whole, small bands, a band alone, everybody of one mind.
SIZES = (
    {Band.PRE_OPERATIONAL: 6, Band.BARNAHUS: 5, Band.OTHER_MODEL: 5},
    {Band.PRE_OPERATIONAL: 4, Band.BARNAHUS: 5, Band.OTHER_MODEL: 3},
    {Band.PRE_OPERATIONAL: 5, Band.BARNAHUS: 1, Band.OTHER_MODEL: 6, Band.OTHER: 1},
    {Band.PRE_OPERATIONAL: 2, Band.BARNAHUS: 2},
)


def _round(session: Session, number: int, sizes: dict[Band, int]) -> Evaluation:
    begun = today() - timedelta(days=700 - 180 * number)
    details = EvaluationDetails(
        f"Exempel behov {number}",
        f"Exempel needs {number}",
        begun,
        begun + timedelta(days=14),
        OPTIONS,
        is_example=True,
        kind=EvaluationKind.NEEDS,
    )
    made = evaluations.make_evaluation(session, "system", details)
    bands = [band for band, size in sizes.items() for _ in range(size)]
    tokens = evaluations.issue_ballots(session, made, bands)
    for place, token in enumerate(tokens):
        levels = {q: 1 + (place * 7 + number + at) % 4 for at, q in enumerate(NEEDS_QUESTIONS)}
        levels["support"] = 4  # of one mind
        chosen = frozenset({"obstacle_time", OPTIONS[place % 5], "wish_visit"})
        evaluations.cast(session, token, Opinion(levels, chosen), begun)
    return made


@pytest.fixture
def asked(app: FastAPI, planner: Member) -> Member:
    with app.state.database.transaction() as session:
        for number, sizes in enumerate(SIZES):
            _round(session, number, sizes)
    return planner


def _truths(session: Session) -> Iterator[tuple[dict[Band, int], dict[Band, int], Published]]:
    """Yield what really was answered to each question of each round, and what is published of it."""
    for shown in evaluations.results(session, today(), EvaluationKind.NEEDS):
        of_round = col(EvaluationCount.evaluation_id) == shown.evaluation.id
        rows = session.exec(select(EvaluationCount).where(of_round)).all()
        for question, published in shown.questions.items():
            mine = [row for row in rows if row.question == question]
            sizes = {band: sum(r.number for r in mine if r.band == band) for band in FOUR}
            agreeing = {
                band: sum(r.number for r in mine if r.band == band and r.level >= 3)
                for band in FOUR
            }
            yield sizes, agreeing, published


def test_no_group_year_or_sum_of_them_reveals_a_single_person(app: FastAPI, asked: Member) -> None:
    """Exhaustive: all views of phase and model together, against every world that would look the same.

    The reader is taken to know how many answered in each band, and to put any bands together.
    """
    assert asked
    reveals = tried = 0
    with app.state.database.reading() as session:
        for sizes, agreeing, published in _truths(session):
            views = {group: figure_of(published, group) for group in GROUPS}
            assert all(one is None or one.number >= SMALLEST for one in views.values())
            worlds = []
            for cells in product(*(range(sizes[band] + 1) for band in FOUR)):
                world = dict(zip(FOUR, cells, strict=True))
                seen = publish({band: (sizes[band], world[band]) for band in FOUR})
                if {group: figure_of(seen, group) for group in GROUPS} == views:
                    worlds.append(world)
            assert agreeing in worlds
            for members in product((False, True), repeat=len(FOUR)):
                group = [band for band, is_in in zip(FOUR, members, strict=True) if is_in]
                people = sum(sizes[band] for band in group)
                sums = {sum(world[band] for band in group) for world in worlds}
                tried += 1
                if people and (sums in ({0}, {people}) or (people < SMALLEST and len(sums) == 1)):
                    reveals += 1
    assert tried == len(SIZES) * len(NEEDS_QUESTIONS) * 2 ** len(FOUR)
    assert reveals == 0


def test_every_filter_shows_rows_of_the_one_table_also_in_files_and_english(
    app: FastAPI, asked: Member
) -> None:
    desk = browser(app, asked.person.id)
    whole = set(_rows(desk.get("/behov").text))
    assert len(whole) == len(SIZES) * len(GROUPS)
    years = sorted({str((today() - timedelta(days=700 - 180 * n)).year) for n in range(len(SIZES))})
    for group, year in product(GROUPS, ["", *years]):
        shown = desk.get(f"/behov?grupp={group}&ar={year}")
        assert set(_rows(shown.text)) <= whole
        assert desk.get(f"/behov/resultat.csv?grupp={group}&ar={year}").status_code == 200
    for query in ("grupp=skane", "grupp=barnahus,other_model", "ar=1999", "grupp=other"):
        assert desk.get(f"/behov?{query}").status_code == 422
        assert desk.get(f"/behov/resultat.xlsx?{query}").status_code == 422
    page = desk.get("/behov").text
    assert page.count("<svg") >= len(NEEDS_QUESTIONS)
    assert "För få svar för att visas" in page
    # Of one mind is never told apart from all but one; what fewer than five chose is not named.
    assert "13–16 av 16 (" in page
    assert "Tiden räcker inte: minst 15" in page
    assert "Långa avstånd" not in page
    english = desk.get("/en/behov").text
    assert "Needs over time" in english
    assert "Time is short: at least 15" in english


def _rows(page: str) -> list[str]:
    table = page[page.index('id="trend-table"') :]
    return re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)


@keeps(
    "Skicka %(num)s mejl",
    "De här får mejlet",
    "När du skickar får varje mottagare en egen länk som kan användas en gång. Svaren är anonyma, så det går inte att se vem som har svarat eller att skicka påminnelser.",
)
@opens("needs_asked")
def test_a_round_is_asked_answered_once_shown_when_closed_and_told_what_became(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.transaction() as session:
        reader = make_member(session, Role.READER).person.id
        for rc_id in ("skane", "kronoberg", "orebro"):
            make_member(session, Role.RC_MEMBER, rc_id=rc_id)
    desk = browser(app, planner.person.id)
    form = desk.get("/planera/behov/ny").text
    assert "Skicka 3 mejl" in form
    assert "Hur är läget?" in form
    fields = {
        "title_sv": "Behov",
        "title_en": "Needs",
        "closes_on": (today() + timedelta(days=9)).isoformat(),
    }
    late = fields | {"closes_on": (today() - timedelta(days=1)).isoformat()}
    for wrong in (late, fields | {"title_sv": ""}, fields | {"closes_on": "x"}):
        assert desk.submit("/planera/behov/ny", "/planera/behov", wrong).status_code == 422
    sent = desk.submit("/planera/behov/ny", "/planera/behov", fields)
    assert sent.status_code == 303
    assert desk.get(sent.headers["location"]).status_code == 200
    second = desk.submit("/planera/behov/ny", "/planera/behov", fields)
    assert (second.status_code, "En omgång är redan öppen" in second.text) == (422, True)
    with app.state.database.reading() as session:
        texts = [text_of(mail) for mail in session.exec(select(Mail)).all()]
        paths = [match.group(1) for text in texts if (match := BALLOT.search(text))]
        assert queries.evaluations(session) == []  # it is no meeting's
    assert len(set(paths)) == 3
    visitor = browser(app)
    asked = visitor.get(paths[0]).text
    assert "Vad hindrar er mest just nu?" in asked
    assert "textarea" not in asked
    whole: dict[str, str | list[str]] = dict.fromkeys(NEEDS_QUESTIONS, "4")
    many = whole | {"obstacle": list(CHOICES["obstacle"][:4])}
    assert visitor.submit(paths[0], paths[0], many).status_code == 422
    done = visitor.submit(paths[0], paths[0], whole | {"wish": ["wish_visit"]})
    assert "Se hur behoven har ändrats" in visitor.get(done.headers["location"]).text
    assert visitor.get(paths[0]).status_code == 410
    page = desk.get("/behov").text
    assert "1 av 3 har svarat." in page
    assert " av 3 (" not in page
    with app.state.database.transaction() as session:
        (made,) = queries.evaluations(session, EvaluationKind.NEEDS)
        made.closes_on = today() - timedelta(days=1)
        session.add(made)
        round_id = made.id
    told = desk.submit(
        "/behov", f"/planera/behov/{round_id}/utfall", {"text": "Två studiebesök till hösten."}
    )
    assert told.status_code == 303
    assert "Två studiebesök till hösten." in browser(app, reader).get("/behov").text
    assert desk.submit("/behov", "/planera/behov/none/utfall", {"text": "x"}).status_code == 404
    long = desk.submit("/behov", f"/planera/behov/{round_id}/utfall", {"text": "x" * 2001})
    assert long.status_code == 422
    _ask_again(app, desk, fields)
    with app.state.database.reading() as session:
        log = str([row.model_dump() for row in session.exec(select(AuditEntry)).all()])
    assert "studiebesök" not in log


def _ask_again(app: FastAPI, desk: Browser, fields: dict[str, str]) -> None:
    """A round that closed yesterday is compared with no other; after three months one is asked."""
    path, new = "/planera/behov", fields | {"title_sv": "Behov igen"}
    soon = desk.submit(f"{path}/ny", path, new)
    assert (soon.status_code, "för mindre än tre månader sedan" in soon.text) == (422, True)
    assert "för mindre än tre månader sedan" in desk.get(f"{path}/ny").text
    with app.state.database.transaction() as session:
        [only] = queries.evaluations(session, EvaluationKind.NEEDS)
        only.closes_on = today() - timedelta(days=90)
        session.add(only)
    assert desk.submit(f"{path}/ny", path, new).status_code == 303


def test_an_answer_counts_in_the_band_of_its_rcs_phase_and_model() -> None:
    def band(phase: str, model: str = "") -> Band:
        return band_of(EvaluationKind.NEEDS, Profile(phase, model))

    assert band("operative", "barnahus") is Band.BARNAHUS
    assert band("operative", "cmv") is Band.OTHER_MODEL
    assert band("operative") is Band.OTHER_MODEL
    assert band("planning", "barnahus") is Band.PRE_OPERATIONAL
    assert band("") is Band.OTHER
    assert band_of(EvaluationKind.NEEDS, None) is Band.OTHER
    assert band_of(EvaluationKind.MEETING, Profile("operative", "barnahus")) is Band.OPERATIONAL


def test_whom_a_mail_goes_to_is_named_and_of_thousands_counted() -> None:
    def post(rc_id: str, number: int) -> mailing.Recipient:
        email, title = f"{number}@example.org", f"Exempel {number}"
        return mailing.Recipient(rc_id, RecipientKind.RC, str(number), email, title, "sv")

    names = {"skane": "Skåne", "jamtland": "Jämtland"}
    few = [post("skane", 1), post("jamtland", 2), post("", 3)]
    assert mailing.named(few, names) == ("Jämtland: Exempel 2", "Skåne: Exempel 1", "Exempel 3")
    many = [post(("skane", "jamtland")[n % 2], n) for n in range(5_000)]
    assert mailing.named(many, names) == ("Jämtland (2500)", "Skåne (2500)")
