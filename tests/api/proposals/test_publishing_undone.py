"""Publishing a programme is taken back while its mails wait, and whoever is unticked gets no mail."""

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.calendar.models import Event
from api.invitations.models import Invitation
from api.kit.clock import now
from api.meetings import queries as meetings
from api.outbox.holding import release_all
from api.outbox.models import Mail, MailState
from api.programme import queries as programmes
from api.proposals.models import ProposalState
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench, _invite_hosts, _places
from tests.api.proposals.test_workbench import _version
from tests.promises import keeps


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    made = Bench(app)
    made.page = made.start()
    made.solve()
    return made


def _undo(bench: Bench, page: str) -> int:
    act = re.search(r'/angra/([^"]+)"', bench.web.get(page).text)
    assert act is not None, "the receipt can be undone"
    return int(bench.web.submit(page, f"/angra/{act[1]}", {}).status_code)


def _publish_now(bench: Bench, path: str, more: dict[str, str | list[str]] | None = None) -> str:
    """Review and publish; return the page with the receipt."""
    assert bench.web.submit(path, f"{path}/granska", _version(bench.web, path)).status_code == 303
    form = _version(bench.web, path) | (more or {})
    sent = bench.web.submit(f"{path}/publicera", f"{path}/publicera", form)
    assert sent.status_code == 303
    return str(sent.headers["location"])


def test_the_first_programme_is_taken_back_as_if_there_had_been_none(bench: Bench) -> None:
    database = bench.app.state.database
    with database.reading() as session:
        meeting = meetings.meeting(session, bench.meeting)
        assert meeting is not None
        state = meeting.state
    page = _publish_now(bench, bench.page)
    with database.reading() as session:
        assert programmes.programme(session, bench.meeting).attendances
    assert _undo(bench, page) == 303
    with database.reading() as session:
        found = programmes.programme(session, bench.meeting)
        assert (found.sessions, found.slots, found.rooms) == ((), (), ())
        assert bench.newest(session).state is ProposalState.REVIEWED
        meeting = meetings.meeting(session, bench.meeting)
        assert meeting is not None
        assert meeting.state == state
        events = session.exec(select(Event).where(Event.subject_kind == "session")).all()
        assert {one.status for one in events} <= {"CANCELLED"}
    form = _version(bench.web, bench.page)
    again = bench.web.submit(bench.page, f"{bench.page}/publicera", form)
    assert again.status_code == 303
    with database.reading() as session:
        assert programmes.programme(session, bench.meeting).attendances


def _written(bench: Bench) -> set[tuple[str, str]]:
    """Return whom a mail has been written to, and about what."""
    with bench.app.state.database.reading() as session:
        return {(one.recipient, one.subject) for one in session.exec(select(Mail)) if one.subject}


def _second_version(bench: Bench) -> tuple[str, dict[str, str]]:
    """A published programme, those who lead invited, and a draft of the next with two sessions swapped."""
    _publish(bench, bench.page)
    with bench.app.state.database.transaction() as session:
        _invite_hosts(session)
    release_all(bench.app.state.database, now())
    stood = _places(bench.web.get(bench.page).text)
    path = str(bench.web.submit(bench.page, f"{bench.page}/andra", {}).headers["location"])
    path = path.partition("#")[0]
    topics = [key for key in stood if key not in {"opening", "closing"} and "agency" not in key]
    moves = ((key, bench.web.get(f"{path}/omdome/{key}").json()["best"]) for key in topics)
    key, place = next(
        (key, one["value"])
        for key, best in moves
        for one in best
        if one["value"].split("|")[0] != stood[key].split("|")[0]
    )
    form = _version(bench.web, path) | {"key": key, "place": place}
    assert bench.web.submit(path, f"{path}/flytta", form).status_code == 303
    return path, stood


@keeps(
    "%(num)s mejl skickas.",
    "De här får mejl",
    "Till exempel varför ni ändrar. Under dem står gammal och ny tid och plats. Mejlen väntar under Utskick så att du hinner läsa, ändra dig eller skicka dem direkt.",
    "Var och en får ett eget mejl",
    "Programmet är publicerat. Bara det som skiljer sig mejlas.",
)
def test_the_version_before_holds_again_and_nobody_is_told(bench: Bench) -> None:
    path, stood = _second_version(bench)
    written = _written(bench)
    page = _publish_now(bench, path, {"asked": [], "told": []})
    assert _undo(bench, page) == 303
    release_all(bench.app.state.database, now())
    assert _written(bench) == written
    with bench.app.state.database.reading() as session:
        programme = programmes.programme(session, bench.meeting)
        slots = {one.id: one.key for one in programme.slots}
        rooms = {one.id: one.key for one in programme.rooms}
        stands = {
            one.key: f"{slots[one.slot_id]}|{rooms[one.room_id or '']}"
            for one in programme.sessions
            if one.slot_id
        }
        assert stands == stood
        assert bench.newest(session).state is ProposalState.REVIEWED


def test_whoever_is_unticked_gets_no_mail_and_all_others_do(bench: Bench) -> None:
    path, _ = _second_version(bench)
    assert bench.web.submit(path, f"{path}/granska", _version(bench.web, path)).status_code == 303
    shown = bench.web.get(f"{path}/publicera").text
    asked = re.findall(r'name="told" value="([^"]+)"', shown)
    assert len(asked) >= 1
    form = _version(bench.web, path) | {"asked": asked, "told": asked[1:]}
    assert bench.web.submit(f"{path}/publicera", f"{path}/publicera", form).status_code == 303
    with bench.app.state.database.reading() as session:
        held = {one.key for one in session.exec(select(Mail).where(Mail.state == MailState.HELD))}
        assert held == set(asked[1:])
        assert session.exec(select(Invitation)).all()


def _drafts(page: str) -> dict[str, tuple[str, list[str]]]:
    """Return key -> subject and paragraphs of each mail that a page shows before it is sent."""
    rows = re.findall(r'name="told" value="([^"]+)".*?<details>(.*?)</details>', page, re.DOTALL)
    found = {}
    for key, inside in rows:
        subject = re.findall(r"<strong>(.*?)</strong>", inside)[0]
        lines = re.findall(r"<p>(?!<strong>)(.*?)</p>", inside, re.DOTALL)
        found[key] = unescape(subject), [unescape(line) for line in lines]
    return found


def test_the_mails_shown_before_publishing_are_those_that_are_sent(bench: Bench) -> None:
    path, _ = _second_version(bench)
    assert bench.web.submit(path, f"{path}/granska", _version(bench.web, path)).status_code == 303
    before = _written(bench)
    keys = list(_drafts(bench.web.get(f"{path}/publicera").text))
    form: dict[str, str | list[str]] = {**_version(bench.web, path), "asked": keys, "told": keys}
    form |= {"drafts": keys[:1], "greeting": "Salen var för liten."}
    shown = bench.web.submit(f"{path}/publicera", f"{path}/mejlen/visa", form)
    assert shown.status_code == 200
    drafts = _drafts(shown.text)
    assert list(drafts) == keys
    assert _written(bench) == before, "who only looks writes nothing"
    assert ">Salen var för liten.</textarea>" in shown.text
    assert bench.web.submit(f"{path}/publicera", f"{path}/publicera", form).status_code == 303
    with bench.app.state.database.reading() as session:
        held = session.exec(select(Mail).where(Mail.state == MailState.HELD)).all()
        ids = {one.id: one.key for one in held}
    assert set(ids.values()) == set(keys)
    release_all(bench.app.state.database, now())
    with bench.app.state.database.reading() as session:
        for mail_id, key in ids.items():
            mail = session.get_one(Mail, mail_id)
            subject, lines = drafts[key]
            assert mail.subject == subject
            own = [line for line in lines if "…" not in line and "http" not in line]
            assert "Salen var för liten." in own
            assert all(line.strip() in mail.text for line in own)
            is_kept = mail.state is MailState.DRAFT
            assert is_kept == (key in keys[:1]), "only what was kept waits for somebody"
