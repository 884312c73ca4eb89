"""RC are asked by mail to lead, answer by a button, and the next is asked when one says no."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, SQLModel, col, select

from api.accounts.news import FunctionHandedOver
from api.accounts.service import hash_of
from api.kit.clock import now
from api.kit.db import announce
from api.outbox.models import Mail, MailState
from api.outbox.queries import newest_with
from api.programme import queries as programmes
from api.proposals.asking import queries as asked
from api.proposals.asking.models import AskState, LeaderAsk
from api.proposals.asking.service import led, mail_prefix
from api.proposals.models import Proposal, ProposalKind
from api.proposals.programme import leaders
from api.proposals.programme.drafting import NCH_LEADS
from api.proposals.programme.engine import read_programme
from api.proposals.programme.store import frame_of
from api.registry import queries as registry
from api.surveys import service as surveys
from api.surveys.known import themes_of
from tests.api.proposals.test_programme_workbench import Bench
from tests.api.proposals.test_workbench import _version
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.web import browser

LINK = re.compile(r"http://testserver(/\S*?leda/[\w-]+)\?svar=(ja|nej)")


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    return Bench(app)


def _proposal(session: Session) -> Proposal:
    return session.exec(select(Proposal).where(Proposal.kind == ProposalKind.PROGRAMME)).one()


def _links(app: FastAPI) -> dict[str, str]:
    """Ask id -> the page that its latest mail leads to, found by opening the mails of the outbox."""
    found = {}
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail).order_by(col(Mail.created_at), col(Mail.id))).all()
        for mail in mails:
            for path, _ in LINK.findall(text_of(mail)):
                row = asked.ask_by_hash(session, hash_of(path.rpartition("/")[2]))
                if row is not None:
                    found[row.id] = path
    return found


def _asks(app: FastAPI, meeting_id: str) -> dict[str, list[LeaderAsk]]:
    found: dict[str, list[LeaderAsk]] = {}
    with app.state.database.reading() as session:
        for row in asked.asks(session, meeting_id):
            session.expunge(row)
            found.setdefault(row.session_key, []).append(row)
    return found


def _answer(app: FastAPI, row: LeaderAsk, answer: str) -> None:
    """Press the button of the page that the latest mail leads to."""
    page = _links(app)[row.id]
    assert browser(app).submit(page, page, {"svar": answer}).status_code == 303


def _everything(app: FastAPI) -> dict[str, list[str]]:
    with app.state.database.reading() as session:
        return {
            name: sorted(str(row) for row in session.execute(table.select()))
            for name, table in SQLModel.metadata.tables.items()
        }


@keeps(
    "De som leder och deras ersättare får ett mejl var med en länk att svara på. Säger någon nej frågas nästa.",
    "De har sagt i enkäten att de kan dela med sig av ämnet. Var och en leder högst ett pass, och den som har lett minst frågas först.",
    "tillfrågad, inte svarat",
)
def test_leaders_are_found_asked_refuse_and_are_replaced_and_the_page_says_what_is_true(
    app: FastAPI, bench: Bench
) -> None:
    page = bench.start()
    bench.solve()
    before = bench.web.get(page).text
    assert "Fråga dem som föreslås leda" in before
    assert "inte tillfrågad" in before
    assert not _asks(app, bench.meeting)
    pressed = bench.web.submit(page, f"{page}/fraga-ledare", {})
    assert pressed.status_code == 303
    asks = _asks(app, bench.meeting)
    with app.state.database.reading() as session:
        proposal = _proposal(session)
        wishes = {
            one.theme.id: one for one in surveys.wishes_for_programme(session, bench.survey).topics
        }
        has = {rc.id: themes_of(rc) for rc in registry.rcs(session)}
        first = {one.session: one.leader for one in leaders.standings(session, proposal)}
    assert set(asks) == set(first)
    leading = [rows[0].rc_id for rows in asks.values()]
    assert len(set(leading)) == len(leading)  # one session each
    for topic, rows in asks.items():
        assert wishes[topic].theme.format not in NCH_LEADS
        assert len({row.rc_id for row in rows}) == len(rows)
        assert all(row.rc_id in wishes[topic].offered_by for row in rows)
        assert all(has[row.rc_id].get(topic) is not False for row in rows)
        if wishes[topic].theme.format == "best_case" and topic in has["skane"]:
            assert all(has[row.rc_id][topic] for row in rows)
        assert all(row.is_example for row in rows)
        states = [row.state for row in rows]
        assert states == [AskState.ASKED] * min(2, len(rows)) + [AskState.WAITING] * (len(rows) - 2)
    links = _links(app)
    assert set(links) == {
        row.id for rows in asks.values() for row in rows if row.state is AskState.ASKED
    }
    waiting = bench.web.get(page).text
    assert "frågan är på väg" in waiting
    assert "tillfrågad, inte svarat" not in waiting, "nobody has got the mail yet"
    with app.state.database.transaction() as session:
        first_row, second = (rows[0] for rows in list(asks.values())[:2])
        for row, state in ((first_row, MailState.SENT), (second, MailState.FAILED)):
            mail = newest_with(session, mail_prefix(row.id))
            assert mail is not None
            mail.state = state
            session.add(mail)
    told = bench.web.get(page).text
    assert "tillfrågad, inte svarat" in told
    assert "mejlet kom inte fram" in told


@keeps("Frågan går till dem som föreslås leda och till deras ersättare.")
def test_a_deputy_s_first_link_works_after_the_mail_that_it_leads_now(
    app: FastAPI, bench: Bench
) -> None:
    page = bench.start()
    bench.solve()
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    asked = bench.web.submit(page, f"{page}/fraga-ledare", {})
    assert "Frågan går till dem" in bench.web.get(asked.headers["location"]).text
    app.state.database.info["outbox"].hold = timedelta()
    asks, links = _asks(app, bench.meeting), _links(app)
    rows = next(rows for rows in asks.values() if len(rows) > 1)
    deputy = rows[1]
    first = links[deputy.id]
    with app.state.database.reading() as session:
        question = newest_with(session, mail_prefix(deputy.id))
        asked_by = question.id if question else ""
    _answer(app, rows[0], "nej")
    with app.state.database.reading() as session:
        told_by = newest_with(session, mail_prefix(deputy.id))
        assert told_by is not None
        assert told_by.id != asked_by, "the deputy has been told that it leads now"
    assert browser(app).get(first).status_code == 200
    assert browser(app).submit(first, first, {"svar": "nej"}).status_code == 303
    with app.state.database.reading() as session:
        assert session.get_one(LeaderAsk, deputy.id).state is AskState.NO


@keeps(
    "%(other)s är tillfrågad som ersättare.",
    "frågan är på väg",
    "Öppna ett utkast med Ändra programmet, låt dem som sagt ja leda och publicera. Bara det som skiljer sig skickas.",
)
@opens("leader_asked")
def test_no_get_changes_anything_and_after_a_no_the_next_is_asked_and_leads(
    app: FastAPI, bench: Bench
) -> None:
    page = bench.start()
    bench.solve()
    bench.web.submit(page, f"{page}/fraga-ledare", {})
    asks, links = _asks(app, bench.meeting), _links(app)
    topic, rows = next((topic, rows) for topic, rows in asks.items() if len(rows) > 2)
    visitor = browser(app)
    stored = _everything(app)
    for answer in ("ja", "nej", "kanske"):
        assert visitor.get(f"{links[rows[0].id]}?svar={answer}").status_code == 200
    assert _everything(app) == stored  # no GET changes anything
    opened = visitor.get(f"{links[rows[0].id]}?svar=nej").text
    assert 'name="svar" value="nej" checked' in opened

    _answer(app, rows[0], "nej")
    _answer(app, rows[1], "ja")
    now_asked = _asks(app, bench.meeting)[topic]
    states = [row.state for row in now_asked]
    assert states[:3] == [AskState.NO, AskState.YES, AskState.ASKED]
    assert rows[2].id in _links(app)
    standing = led(now_asked)
    assert standing.leader is not None
    assert standing.leader.function_id == rows[1].function_id
    shown = bench.web.get(page)
    assert "har sagt nej" in shown.text
    assert "har sagt ja" in shown.text
    taken = bench.web.submit(page, f"{page}/ta-in-svar", _version(bench.web, page))
    assert taken.status_code == 303
    bench.web.submit(page, f"{page}/granska", _version(bench.web, page))
    bench.web.submit(page, f"{page}/publicera", _version(bench.web, page))
    with app.state.database.reading() as session:
        programme = programmes.programme(session, bench.meeting)
        led_now = next(one for one in programme.sessions if one.key == topic)
        there = {one.function_id for one in programme.attendances if one.session_id == led_now.id}
        rc = registry.rc(session, rows[1].rc_id)
        assert rc is not None
        assert rc.name in led_now.leader
        assert rows[1].function_id in there
    desk = "/"
    assert "finns kvar i programmet" not in bench.web.get(desk).text
    _answer(app, rows[1], "nej")
    assert "finns kvar i programmet" in bench.web.get(desk).text
    assert "Öppna ett utkast med Ändra programmet" in bench.web.get(page).text


def test_when_all_have_said_no_nch_leads_and_a_link_after_the_meeting_opens_nothing(
    app: FastAPI, bench: Bench
) -> None:
    page = bench.start()
    bench.solve()
    bench.web.submit(page, f"{page}/fraga-ledare", {})
    topic, rows = next(iter(_asks(app, bench.meeting).items()))
    for _ in rows:
        waiting = [one for one in _asks(app, bench.meeting)[topic] if one.state is AskState.ASKED]
        if waiting:
            _answer(app, waiting[0], "nej")
    assert {row.state for row in _asks(app, bench.meeting)[topic]} == {AskState.NO}
    assert (
        bench.web.submit(page, f"{page}/ta-in-svar", _version(bench.web, page)).status_code == 303
    )
    with app.state.database.reading() as session:
        proposal = _proposal(session)
        (standing,) = [one for one in leaders.standings(session, proposal) if one.session == topic]
        hosts = read_programme(proposal.problem)
        nch = {key for key, _ in frame_of(proposal).leaders}
    assert standing.leader is None
    assert not standing.is_other
    assert next(one.hosts for one in hosts.sessions if one.id == topic) <= nch
    assert browser(app).get("/leda/okand").status_code == 404


def test_a_link_ends_with_the_posts_holder_and_the_next_holder_is_asked_anew(
    app: FastAPI, bench: Bench
) -> None:
    page = bench.start()
    bench.solve()
    bench.web.submit(page, f"{page}/fraga-ledare", {})
    row = next(iter(_asks(app, bench.meeting).values()))[0]
    old = _links(app)[row.id]
    assert browser(app).get(old).status_code == 200
    with app.state.database.transaction() as session:
        announce(session, FunctionHandedOver(row.function_id, "somebody", "another", "x", now()))
    assert browser(app).get(old).status_code == 404
    assert browser(app).submit("/logga-in", old, {"svar": "ja"}).status_code == 404
    new = _links(app)[row.id]
    assert new != old
    assert browser(app).get(new).status_code == 200
    _answer(app, row, "ja")
    assert _asks(app, bench.meeting)[row.session_key][0].state is AskState.YES
