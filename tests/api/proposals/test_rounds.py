"""Rounds at tables, from the form to everybody's calendar and back: nobody sits with the same RC twice."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import FunctionKind, Role
from api.accounts.queries import functions_with_bodies
from api.app import create_app
from api.calendar.days import holiday_name
from api.jobs.handlers import JobProgress, Json
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.clock import now, to_local
from api.kit.settings import Settings
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.models import Mail
from api.proposals import queries
from api.proposals.kinds import on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import jobs
from api.proposals.rounds.service import ROUNDS, choice_of, who_meets
from api.registry import queries as registry
from tests.factories import Member, make_member
from tests.promises import keeps
from tests.shipped import import_shipped
from tests.solving import SECONDS
from tests.web import Browser, browser

PAGE = "/planera/bord"
CIRCLE = ("skane", "kronoberg", "jonkoping")
WISH: dict[str, str | list[str]] = {
    "rounds": "3",
    "smallest": "4",
    "largest": "4",
    "mix": "mixed",
    "new_company": "1",
}


@pytest.fixture
def held(settings: Settings) -> Iterator[FastAPI]:
    """The pages as people have them: mail that tells others waits."""
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    yield made
    made.state.database.close()


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        publish_round(session, "one", [Group(Layer.NEARNESS, CIRCLE, {}, 9.0)], "nch", now())
        session.flush()
        session.expunge_all()
    return made


def _solved(app: FastAPI) -> Proposal:
    """Do the worker's work on the newest proposal, as far as the first rounds that it tells of."""
    with app.state.database.transaction() as session:
        proposal = queries.proposals(session, ProposalKind.ROUNDS)[0]
        payload = {"problem": proposal.problem, "seconds": SECONDS, "seed": 0}
        told: list[float | None] = [None]

        def hear(progress: JobProgress, best: Json | None = None) -> None:
            del best
            told[0] = progress.incumbent

        result = jobs.match(payload, hear, lambda: told[0] is not None)
        payload["proposal"] = proposal.id
        news = JobFinished(proposal.job_id or "", "rounds", JobState.DONE, payload, result, "x")
        on_job_finished(session, news)
        session.flush()
        session.refresh(proposal)
        session.expunge_all()
    return proposal


def _asked(web: Browser, app: FastAPI, **other: str | list[str]) -> str:
    """Ask for rounds of all RC; what is given as nothing is a box that is not ticked."""
    with app.state.database.reading() as session:
        known = list(registry.names(session))
    wish = {**WISH, "rcs": known, **other}
    answer = web.submit(PAGE, PAGE, {name: value for name, value in wish.items() if value})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _workdays(count: int) -> list[date]:
    day = to_local(now()).date() + timedelta(days=30)
    found: list[date] = []
    while len(found) < count:
        day += timedelta(days=1)
        found += [] if holiday_name(day, "sv") else [day]
    return found


def test_who_sits_where_is_shown_with_what_is_true_of_each_table_and_whom_each_never_meets(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    assert PAGE in web.get("/planera/natverk").text
    path = _asked(web, app)
    assert "Samkrets räknar" in web.get(path).text
    proposal = _solved(app)
    with app.state.database.reading() as session:
        names = registry.names(session)
        phases = {rc.id: rc.phase_band for rc in registry.rcs(session)}
    answer, choice = ROUNDS.answer_of(proposal), choice_of(proposal)
    assert len(answer.rounds) == 3
    assert ROUNDS.broken(ROUNDS.problem_of(proposal), answer) == ()
    tables = [table for tables in answer.rounds for table in tables]
    for tables_of_round in answer.rounds:
        assert sorted(rc for table in tables_of_round for rc in table) == sorted(names)
    sat = [frozenset(pair) for table in tables for pair in combinations(table, 2)]
    assert len(sat) == len(set(sat)) == 3 * 24  # of sixteen at tables of four
    # Where two of a circle can be kept apart, they are; and the page says so of each table.
    assert not {frozenset(pair) for pair in combinations(CIRCLE, 2)} & set(sat)
    # Mixed by phase, as far as there are RC in both.
    assert any(len({phases[rc] for rc in table}) > 1 for table in tables)

    page = web.get(path).text
    assert page.count("Ingen av dem är i samma krets i dag.") == len(tables)
    assert "Redan i samma krets:" not in page
    assert (
        "72 par av 120 sitter vid samma bord en gång, 48 aldrig. Inget par mer än en gång." in page
    )
    assert "Inget av paren är redan i samma krets." in page
    english = web.get(f"/en{path}").text
    assert (
        "72 of 120 pairs sit at the same table once, 48 never. No pair more than once." in english
    )
    met = who_meets(answer.rounds, choice.rc_ids)
    for row in re.findall(r"<tr><th scope=\"row\".*?</tr>", page, re.DOTALL):
        name, *cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        rc_id = next(key for key, one in names.items() if one == re.sub("<[^>]+>", "", name))
        told = {key for key, one in names.items() if one in cells[-1]}
        assert told >= {other for pair in met.never if rc_id in pair for other in pair - {rc_id}}
        assert "9" in cells[-2]

    (listed,) = web.get("/api/v1/table-proposals").json()
    assert path.endswith(listed["id"])
    whole = web.get(f"/api/v1/table-proposals/{listed['id']}").json()
    assert whole["solution"]["rounds"] == [[[*one] for one in tables] for tables in answer.rounds]

    rows = web.get(f"{path}/bord.csv").text.lstrip("\ufeff").splitlines()[1:]
    found = {tuple(row.split(";")[:3]) for row in rows}
    assert found == {
        (str(number), str(place), names[rc])
        for number, tables in enumerate(answer.rounds, 1)
        for place, table in enumerate(tables, 1)
        for rc in table
    }
    assert web.get(f"{path}/bord.xlsx").content[:2] == b"PK"
    sheet = web.get(f"{path}/a4").text
    assert sheet.count('class="sheet new-leaf"') == 3
    assert all(name in sheet for name in names.values())
    assert web.submit(path, f"{path}/dra-tillbaka", {"version": "2"}).status_code == 303
    assert path not in web.get(PAGE).text


def test_two_of_a_circle_at_a_table_are_named_where_they_may_sit_together(
    app: FastAPI, planner: Member
) -> None:
    """By likeness, and with circles left out of account, the near ones of a circle meet."""
    web = browser(app, planner.person.id)
    path = _asked(web, app, rounds="2", mix="alike", new_company="")
    proposal = _solved(app)
    with app.state.database.reading() as session:
        names = registry.names(session)
    tables = [table for tables in ROUNDS.answer_of(proposal).rounds for table in tables]
    together = [{*table} & {*CIRCLE} for table in tables]
    assert any(len(one) > 1 for one in together)
    page = web.get(path).text
    assert page.count("Redan i samma krets:") == sum(len(one) > 1 for one in together)
    for one in (each for each in together if len(each) == 2):
        first, second = sorted(names[each] for each in one)
        assert re.search(f"Redan i samma krets: ({first} med {second}|{second} med {first})", page)


def test_what_cannot_be_asked_for_is_told_at_its_field_with_the_rest_kept(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    for typed, fault in (
        ({"rounds": "1"}, "Skriv ett helt tal från 2 till 12."),
        ({"rounds": "fyra"}, "Skriv ett helt tal från 2 till 12."),
        ({"smallest": "9"}, "Skriv ett helt tal från 2 till 8."),
        ({"smallest": "5"}, "Det minsta bordet är större än det största."),
        ({"mix": "?"}, "Välj ett av valen i listan."),
        ({"rcs": "atlantis"}, "Välj bland de RC som finns."),
        ({"rcs": "skane"}, "Välj minst 5 RC, fler än vid ett bord."),
    ):
        answer = web.submit(PAGE, PAGE, {**WISH, **typed})
        assert (answer.status_code, fault in answer.text) == (422, True), typed
        kept = re.search(r'name="rounds"[^>]*value="([^"]*)"', answer.text)
        assert kept is not None
        assert kept[1] == typed.get("rounds", "3")
    with app.state.database.reading() as session:
        assert queries.proposals(session, ProposalKind.ROUNDS) == []


def test_more_rounds_than_there_are_rc_to_meet_say_what_does_not_go_together(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    path = _asked(web, app, rounds="6")
    assert _solved(app).state == ProposalState.WITHDRAWN
    page = web.get(path).text
    assert "Ingen ska sitta med samma RC i mer än en omgång." in page
    assert "16 RC ska sitta vid bord om 4 RC i varje omgång." in page
    assert "16 RCs are to sit at tables of 4 in each round." in web.get(f"/en{path}").text
    assert "Lägg in och bjud in" not in page
    again = re.search(r'href="([^"]+)">Ändra och räkna om', page)
    assert again is not None
    assert _typed(web.get(again[1]).text) == {**WISH, "rounds": "6"}
    assert "6 rounds at tables" in web.get(f"/en{PAGE}").text


def test_what_was_chosen_stands_in_the_form_again(app: FastAPI, planner: Member) -> None:
    """Also of a proposal that is there to be booked, and another's address shows nothing."""
    web = browser(app, planner.person.id)
    with app.state.database.reading() as session:
        some = list(registry.names(session))[:12]
    path = _asked(
        web, app, rounds="2", smallest="3", largest="4", mix="alike", new_company="", rcs=some
    )
    _solved(app)
    again = re.search(r'href="([^"]+)">Ändra och räkna om', web.get(path).text)
    assert again is not None
    form = web.get(again[1]).text
    wanted = {"rounds": "2", "smallest": "3", "largest": "4", "mix": "alike"}
    assert _typed(form) == wanted
    assert set(re.findall(r'name="rcs" value="([^"]+)" checked', form)) == {*some}
    assert web.get(f"{PAGE}?som=nobody").status_code == 404


def _typed(form: str) -> dict[str, str]:
    """What a form about rounds holds, but for the RC."""
    rounds = re.search(r'name="rounds"[^>]*value="([^"]*)"', form)
    assert rounds is not None
    chosen = {
        name: re.search(rf'<select id="{name}".*?value="([^"]*)" selected', form, re.DOTALL)
        for name in ("smallest", "largest")
    }
    ticked = re.findall(r'name="(mix|new_company)" value="([^"]*)" checked', form)
    return {
        "rounds": rounds[1],
        **{name: one[1] for name, one in chosen.items() if one},
        **dict(ticked),
    }


def _invited(session: Session, meeting: Meeting) -> set[str]:
    posts = meetings.group_posts(session, [meeting.group_id or ""])[meeting.group_id or ""]
    return {body.rc_id or "" for _, body in functions_with_bodies(session, posts)}


@keeps(
    "Varje bord blir en digital träff. De som sitter där bjuds in med mejl, som går först när du har hunnit ångra.",
    "Lägg in och bjud in",
)
def test_booked_tables_are_meetings_of_those_who_sit_there_and_one_press_takes_all_back(
    held: FastAPI,
) -> None:
    with held.state.database.transaction() as session:
        import_shipped(session, "system")
        known = list(registry.names(session))
        members = {rc_id: make_member(session, Role.RC_MEMBER, rc_id) for rc_id in known[1:]}
        addresses = {one.person.email for one in members.values()}
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(held, planner)
    path = _asked(web, held, rounds="2")
    proposal = _solved(held)
    days = _workdays(2)
    form: dict[str, str | list[str]] = {
        "version": str(proposal.version),
        "name": "Fallrunda",
        "name_en": "Case round",
        "focus_sv": "Exempel",
        "starts": "13:00",
        "ends": "14:00",
        "posts": [FunctionKind.COORDINATOR.value],
        "day1": days[0].isoformat(),
        "day2": days[1].isoformat(),
    }
    assert "(finns hos 15 av 16 RC)" in web.get(path).text
    for typed, fault in (
        ({"day2": days[0].isoformat()}, "En annan omgång är redan den dagen."),
        ({"day1": "2026-02-30"}, "Välj en dag."),
        ({"day1": "2020-02-04"}, "Tiden har redan varit."),
        ({"day1": f"{days[0].year + 1}-12-25"}, "Den dagen är helgdag: "),
        ({"ends": "12:00"}, "Träffen måste sluta efter att den har börjat."),
        ({"name": " "}, "Skriv vad träffarna heter."),
        ({"posts": ["boss"]}, "Välj minst en funktion."),
    ):
        refused = web.submit(path, f"{path}/boka", {**form, **typed})
        assert (refused.status_code, fault in refused.text) == (422, True), fault
    with held.state.database.reading() as session:
        assert session.exec(select(Meeting)).all() == []

    booked = web.submit(path, f"{path}/boka", form)
    assert booked.status_code == 303, re.findall(r"class=\"fault\".*", booked.text)
    answer = ROUNDS.answer_of(proposal)
    with held.state.database.reading() as session:
        made = {one.name_sv: one for one in session.exec(select(Meeting)).all()}
        assert len(made) == sum(map(len, answer.rounds)) == 8
        for number, tables in enumerate(answer.rounds, 1):
            for place, table in enumerate(tables, 1):
                one = made[f"Fallrunda: omgång {number}, bord {place}"]
                assert to_local(one.starts_at).date() == days[number - 1]
                assert _invited(session, one) == {*table} & {*members}
        mails = session.exec(select(Mail)).all()
        assert sorted(one.recipient for one in mails) == sorted([*addresses, *addresses])
    page = web.get(booked.headers["location"]).text
    assert "8 träffar från förslaget gäller." in page
    with held.state.database.reading() as session:
        alone = registry.names(session)[known[0]]
    assert f"ingen därifrån är inbjuden: {alone}." in page
    assert "30 mejl" in page
    stale = web.submit(path, f"{path}/boka", form)
    assert stale.status_code == 409

    (action,) = re.findall(r'action="(/angra/[^"]+)"', page)
    assert web.submit(path, action, {}).status_code == 303
    with held.state.database.reading() as session:
        assert [one.state for one in session.exec(select(Meeting)).all()] == []
        back = queries.proposal(session, proposal.id)
        assert back is not None
        assert back.state == ProposalState.DRAFT
        assert ROUNDS.answer_of(back).made == {}
    assert "Lägg in och bjud in" in web.get(path).text
