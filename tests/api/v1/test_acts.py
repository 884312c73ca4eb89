"""An act of the API by a key: done as on the page, once for each key, refused as the page refuses."""

import base64
import logging
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.accounts import keys
from api.accounts.keys import KeyWish, Scope
from api.accounts.models import ApiKey, Body, Role
from api.kit.clock import now
from api.kit.logs import without_secrets
from api.outbox.models import Act, ActState
from tests.factories import make_meeting, make_member
from tests.web import browser

ALL = frozenset(Scope)


def _key(app: FastAPI, person_id: str, scopes: frozenset[Scope] = ALL, days: int = 30) -> str:
    with app.state.database.transaction() as session:
        return keys.make_key(session, person_id, KeyWish("Exempel", scopes, days), now())


def _client(app: FastAPI, key: str) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {key}"}, follow_redirects=False)


def _planner(app: FastAPI) -> str:
    with app.state.database.transaction() as session:
        return make_member(session, Role.PLANNER).person.id


def test_an_act_is_done_once_for_a_key_and_refused_with_its_faults(app: FastAPI) -> None:
    person_id = _planner(app)
    web = _client(app, _key(app, person_id))
    wanted = {"kind": "guest", "name": "Exempelpolisen"}
    once = {"Idempotency-Key": "a"}

    first = web.post("/api/v1/bodies/add", json=wanted, headers=once)
    again = web.post("/api/v1/bodies/add", json=wanted, headers=once)
    other = web.post("/api/v1/bodies/add", json={**wanted, "name": "En annan"}, headers=once)
    assert first.status_code == 200, first.text
    assert first.json()["outcome"] == "done"
    assert first.json()["page"].startswith("/organisationer/")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    with app.state.database.reading() as session:
        made = session.exec(select(Body).where(Body.name == "Exempelpolisen")).all()
    assert len(made) == 1

    faulty = web.post("/api/v1/bodies/add", json={"kind": "guest", "name": ""})
    assert faulty.status_code == 422
    assert faulty.headers["content-type"].startswith("application/problem+json")
    assert [fault["where"] for fault in faulty.json()["errors"]] == ["name"]
    as_form = web.post("/api/v1/bodies/add", content=b"{}", headers={"Content-Type": "text/plain"})
    assert as_form.status_code == 422  # what another site's form could send
    nested = web.post("/api/v1/bodies/add", json={"name": {"a": 1}})
    assert nested.status_code == 422
    english = web.post("/en/api/v1/bodies/add", json={"kind": "guest", "name": ""})
    assert english.json()["title"] == "Check the form"


def test_a_version_comes_in_the_body_or_as_if_match(app: FastAPI) -> None:
    person_id = _planner(app)
    web = _client(app, _key(app, person_id))
    with app.state.database.transaction() as session:
        meeting_id = make_meeting(session).id
    path = f"/api/v1/meetings/{meeting_id}/protect"
    tag = web.get(f"/api/v1/meetings/{meeting_id}").headers["etag"]

    done = web.post(path, json={"protected": True}, headers={"If-Match": tag})
    assert done.status_code == 200, done.text
    assert done.json()["resource"] == f"/api/v1/meetings/{meeting_id}"
    stale = web.post(path, json={"protected": False}, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert web.post(path, json={"version": 1}).status_code == 409
    assert web.post(path, json={}).status_code == 422


def test_a_file_is_sent_in_base64_and_looked_at_before_anything_is_kept(app: FastAPI) -> None:
    web = _client(app, _key(app, _planner(app)))
    octets = base64.b64encode(b"rc,funktion\nx,y\n").decode()
    sent = {"file": {"filename": "kontakter.csv", "base64": octets}}
    looked = web.post("/api/v1/bodies/import", json=sent)
    assert looked.status_code in {200, 422}, looked.text
    broken = web.post("/api/v1/bodies/import", json={"file": {"filename": "a", "base64": "?"}})
    assert broken.status_code == 422


def test_a_key_reaches_what_its_scopes_say_and_no_page(app: FastAPI) -> None:
    person_id = _planner(app)
    reads = _client(app, _key(app, person_id, frozenset({Scope.READ})))
    changes = _client(app, _key(app, person_id, frozenset({Scope.READ, Scope.CHANGE})))
    wanted = {"kind": "guest", "name": "Exempel"}
    assert reads.get("/api/v1/rcs").status_code == 200
    assert reads.post("/api/v1/bodies/add", json=wanted).status_code == 403
    assert changes.post("/api/v1/bodies/add", json=wanted).status_code == 404  # does not plan
    assert changes.get("/api/v1/rounds").status_code == 404
    assert reads.get("/mina-nycklar").status_code == 303  # the sign-in form


def test_a_key_that_does_not_plan_takes_nothing_back_that_its_owner_planned(app: FastAPI) -> None:
    person_id = _planner(app)
    changes = _client(app, _key(app, person_id, frozenset({Scope.READ, Scope.CHANGE})))
    with app.state.database.transaction() as session:
        done = Act(
            actor=person_id,
            said="Exempel",
            told={},
            page="/",
            steps=[{"kind": "", "data": {}}],
            state=ActState.HELD,
            at=now(),
            due_at=now() + timedelta(minutes=9),
        )
        session.add(done)
        session.flush()
        act_id = done.id
    assert changes.post(f"/api/v1/acts/{act_id}/undo", json={}).status_code == 404
    assert changes.post(f"/api/v1/acts/{act_id}/send-now", json={}).status_code == 404
    whole = _client(app, _key(app, person_id))
    assert whole.post(f"/api/v1/acts/{act_id}/undo", json={}).status_code == 200


def test_a_key_is_shown_once_kept_as_a_hash_and_ends(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    person_id = _planner(app)
    web = browser(app, person_id)
    form: dict[str, str | list[str]] = {
        "label": "Kalkylblad",
        "scopes": ["read", "change"],
        "days": "30",
    }
    with caplog.at_level(logging.DEBUG):
        made = web.submit("/mina-nycklar", "/mina-nycklar", form)
        assert made.status_code == 201
        [token] = re.findall(r"samkrets_[\w-]{43}", made.text)
        api = _client(app, token)
        assert api.get("/api/v1/agenda").status_code == 200
    assert token not in caplog.text
    assert without_secrets(f"Bearer {token} x") == "Bearer samkrets_… x"
    listed = web.get("/mina-nycklar").text
    assert "Kalkylblad" in listed
    assert token not in listed
    with app.state.database.reading() as session:
        [row] = session.exec(select(ApiKey)).all()
        assert token not in str(row.model_dump())
        assert row.used_at is not None
        key_id, row_hash = row.id, row.token_hash

    own = api.get("/api/v1/me/data").json()
    assert own["person"]["id"] == person_id
    assert [one["label"] for one in own["keys"]] == ["Kalkylblad"]
    assert row_hash not in str(own)

    web.submit("/mina-nycklar", f"/mina-nycklar/{key_id}/avsluta")
    assert "Kalkylblad" not in web.get("/mina-nycklar").text
    refused = api.get("/api/v1/agenda")
    assert refused.status_code == 401
    assert refused.headers["content-type"].startswith("application/problem+json")

    late = _key(app, person_id, days=1)
    with app.state.database.transaction() as session:
        newest = keys.keys_of(session, person_id, now())[0]
        newest.expires_at = now() - timedelta(seconds=1)
        session.add(newest)
    assert _client(app, late).get("/api/v1/agenda").status_code == 401
    unchosen = web.submit("/mina-nycklar", "/mina-nycklar", {"label": "", "days": "999"})
    assert unchosen.status_code == 422
