"""A double click sends and publishes once; every form that does either says so in its route."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlmodel import Session, select
from starlette.datastructures import FormData, UploadFile

from api.accounts.models import Role
from api.app import create_app
from api.calendar import queries as calendar
from api.invitations.models import Invitation
from api.kit.clock import now
from api.kit.once import service
from api.kit.once.models import Acted
from api.kit.settings import Settings
from api.outbox import queries as outbox
from api.outbox.models import Mail, MailState
from api.outbox.service import queue
from api.proposals.models import Proposal, ProposalKind, ProposalState
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser, press

pytestmark = pytest.mark.both_databases

# Words of addresses whose forms publish or send; the rest change only what their editor sees.
SENDS = re.compile(
    r"/(publicera|utskick/\{\w+\}|utskick$|paminn|inbjudningar$|bestam|stall-in|boka|aterkalla|ersattare|ny-tid$|skicka)"
)
# Creates what others are then led to, or starts a computation.
MAKES = {"/planera/natverk", "/planera/enkater", "/planera/utvarderingar"}


def _asks(dependant: Dependant, call: object) -> bool:
    return any(one.call is call or _asks(one, call) for one in dependant.dependencies)


def test_every_form_that_publishes_or_sends_acts_once(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/x.db"))
    posts: dict[str, Dependant] = {
        str(route.path): route.dependant
        for route in iter_route_contexts(app.routes)
        if "POST" in (route.methods or ()) and not str(route.path).startswith("/api/")
    }
    app.state.database.close()
    wanted = {path for path in posts if SENDS.search(path)} | MAKES
    assert len(wanted) > 12
    missing = sorted(path for path in wanted if not _asks(posts[path], service.act_once))
    assert not missing, f"add dependencies=[ACTS_ONCE] to {missing}"


@pytest.fixture
def planner(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def _mails(app: FastAPI) -> list[Mail]:
    with app.state.database.reading() as session:
        found = outbox.newest(session, None, 100)
        session.expunge_all()
        return found


def test_a_mail_is_sent_again_once_however_often_the_button_is_pressed(
    app: FastAPI, planner: Browser
) -> None:
    with app.state.database.transaction() as session:
        mail = queue(session, "a@example.org", "Hej", "Hej", "", now())
        mail.state = MailState.SENT
        path = f"/planera/utskick/{mail.id}"
    answers = press(planner, path, path, {"action": "again"}, 5)
    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["location"] for answer in answers} == {"/planera/utskick", path}
    assert len(_mails(app)) == 2
    assert (
        planner.submit(path, path, {"action": "again"}).status_code == 303
    )  # shown anew, meant anew
    assert len(_mails(app)) == 3


def test_inviting_twice_sends_each_person_one_mail(app: FastAPI, planner: Browser) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        members = [
            make_member(session, Role.RC_MEMBER, rc_id) for rc_id in ("skane", "dalarna", "gotland")
        ]
        meeting = make_meeting(session)
        event = calendar.event_of(session, "meeting", meeting.id)
        assert event is not None
        path = f"/traffar/{meeting.id}/inbjudningar"
        shown = ",".join(member.function.id for member in members)
        form = {"event_id": event.id, "recipients": shown}
    answers = press(planner, path, path, form, 4)
    assert {answer.status_code for answer in answers} == {303}
    with app.state.database.reading() as session:
        invited = len(session.exec(select(Invitation)).all())
    assert invited == len(_mails(app))
    assert invited == 3


def _reviewed(session: Session) -> Proposal:
    made = Proposal(
        kind=ProposalKind.NETWORKS,
        state=ProposalState.REVIEWED,
        title="Exempel",
        settings="{}",
        problem="{}",
        engine_version="test",
        created_at=now(),
        created_by="system",
    )
    session.add(made)
    session.flush()
    return made


def test_a_key_is_free_again_when_acting_failed(app: FastAPI, planner: Browser) -> None:
    with app.state.database.transaction() as session:
        mail = queue(session, "a@example.org", "Hej", "Hej", "", now())
        mail_id = mail.id
    path = f"/planera/utskick/{mail_id}"
    token = dict(HIDDEN.findall(planner.get(path).text))["form_token"]
    data = {"form_token": token, "action": "again"}
    assert planner.post(path, data=data).status_code == 409  # it is still on its way
    with app.state.database.transaction() as session:
        found = outbox.mail(session, mail_id)
        assert found is not None
        found.state = MailState.SENT
    assert planner.post(path, data=data).status_code == 303
    assert planner.post(path, data=data).headers["location"] == path
    assert planner.post(f"/en{path}", data=data).headers["location"] == f"/en{path}"
    assert len(_mails(app)) == 2


def test_two_buttons_of_one_page_are_two_actions(app: FastAPI, planner: Browser) -> None:
    with app.state.database.transaction() as session:
        path = f"/planera/utskick/{queue(session, 'a@example.org', 'S', 'T', '', now()).id}"
    token = dict(HIDDEN.findall(planner.get(path).text))["form_token"]
    for action, state in (("hold", MailState.PAUSED), ("release", MailState.QUEUED)):
        answer = planner.post(path, data={"form_token": token, "action": action})
        assert answer.headers["location"] == "/planera/utskick"
        assert [mail.state for mail in _mails(app)] == [state]


def test_the_api_acts_once_for_an_idempotency_key(
    app: FastAPI, planner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[str] = []

    def publish(_session: Session, found: Proposal, *_: object) -> None:
        published.append(found.id)

    monkeypatch.setattr("api.proposals.networks.web.routes.publish_and_tell", publish)
    with app.state.database.transaction() as session:
        paths = [f"/api/v1/proposals/{_reviewed(session).id}/publish" for _ in range(2)]
    for path in paths:
        for _ in range(3):
            answer = planner.post(path, json={"version": 1}, headers={"Idempotency-Key": "one"})
            assert answer.status_code == 200
    assert len(published) == len(set(published)) == 2
    assert planner.post(paths[0], json={"version": 1}).status_code == 200  # without a key it acts
    assert len(published) == 3
    long = {"Idempotency-Key": "x" * 256}
    assert planner.post(paths[0], json={"version": 1}, headers=long).status_code == 422


def test_old_keys_are_forgotten(session: Session) -> None:
    at = now()
    for name, moment in (("old", at - timedelta(days=2)), ("new", at)):
        session.add(Acted(key=name, at=moment))
    session.flush()
    service.forget(session, at)
    assert [row.key for row in session.exec(select(Acted))] == ["new"]


def test_a_file_that_no_form_asked_for_is_closed(
    planner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the page's form and by the API's act, whether it is refused or not."""
    left: list[FormData] = []
    read = Request.form

    async def noted(self: Request, **named: float) -> FormData:
        form = await read(self, **named)  # type: ignore[arg-type] # as it is asked
        left.append(form)
        return form

    monkeypatch.setattr(Request, "form", noted)
    path = "/planera/program/innehall/unknown/rakna"
    token = dict(HIDDEN.findall(planner.get("/logga-in").text))["form_token"]
    file = {"file": ("a.csv", b"a")}
    assert planner.post(path, data={"form_token": token}, files=file).status_code == 404
    sent = {"file": {"filename": "a.csv", "base64": "YQ=="}}
    act = "/api/v1/meetings/unknown/content/plan"
    assert planner.post(act, json=sent).status_code == 404
    files = [one for form in left for one in form.values() if isinstance(one, UploadFile)]
    assert files
    assert all(one.file.closed for one in files)
