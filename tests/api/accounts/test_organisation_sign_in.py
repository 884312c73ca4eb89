"""Signing in through an OpenID provider that these tests serve: every step goes over HTTP."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import ProviderAccount, Role, SignedIn
from api.accounts.queries import delete_sign_ins_of
from api.app import create_app
from api.kit.settings import Settings
from api.operations.doctor import examine
from tests.factories import make_member, make_person
from tests.openid import CLIENT_ID, CLIENT_SECRET, OpenId, other_key, provider, shared_key
from tests.web import Browser, browser

START, BACK = "/logga-in/organisation", "/logga-in/organisation/svar"


@pytest.fixture
def openid() -> Iterator[OpenId]:
    with provider() as made:
        yield made


@pytest.fixture
def with_openid(settings: Settings, openid: OpenId) -> Settings:
    return settings.model_copy(
        update={
            "oidc_issuer": openid.url,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": type(settings.secret)(CLIENT_SECRET),
            "oidc_name": "Exempelkonto",
        }
    )


@pytest.fixture
def site(with_openid: Settings) -> Iterator[FastAPI]:
    made = create_app(with_openid)
    yield made
    made.state.database.close()


def _known(site: FastAPI, openid: OpenId) -> None:
    with site.state.database.transaction() as session:
        openid.email = make_member(session, Role.RC_MEMBER).person.email


def _leave(web: Browser, path: str = START) -> str:
    """Follow the button to the provider; return the address that it sends the browser back to."""
    away = web.get(path)
    assert away.status_code == 303, away.text
    back = httpx2.get(away.headers["location"])
    assert back.status_code == 303, back.text
    return str(back.headers["location"])


def _back(web: Browser, address: str) -> Any:  # noqa: ANN401 - httpx2's Response
    return web.get(address.removeprefix("http://testserver"))


def _sessions(site: FastAPI) -> int:
    with site.state.database.reading() as session:
        return len(session.exec(select(SignedIn)).all())


def _is_signed_in(web: Browser) -> bool:
    return web.get("/mina-sessioner").status_code == 200


def test_the_button_leads_to_the_provider_and_back_signed_in_where_one_wanted(
    site: FastAPI, openid: OpenId
) -> None:
    _known(site, openid)
    web = browser(site)
    form = web.get("/logga-in?next=/mina-sessioner").text
    assert "Logga in med ditt jobbkonto (Exempelkonto)" in form
    assert 'href="/logga-in/organisation?next=%2Fmina-sessioner"' in form
    entered = _back(web, _leave(web, f"{START}?next=/mina-sessioner"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/mina-sessioner")
    assert _is_signed_in(web)
    assert "samkrets-attempt" not in web.cookies


def test_it_is_the_person_with_that_address_who_is_signed_in_whatever_its_case(
    site: FastAPI, openid: OpenId
) -> None:
    with site.state.database.transaction() as session:
        member = make_member(session, Role.PLANNER).person
        make_member(session, Role.RC_MEMBER)
        openid.email, right = member.email.upper(), member.id
    web = browser(site)
    assert _back(web, _leave(web, f"/en{START}")).headers["location"] == "/en/"
    with site.state.database.reading() as session:
        assert [row.person_id for row in session.exec(select(SignedIn))] == [right]


def test_an_address_without_a_function_is_refused_in_plain_words(
    site: FastAPI, openid: OpenId
) -> None:
    with site.state.database.transaction() as session:
        retired = make_person(session).email
    for email in ("nobody@example.org", retired):
        openid.email = email
        web = browser(site)
        answer = _back(web, _leave(web))
        assert answer.status_code == 422
        assert "Du är inte inlagd i Samkrets än" in answer.text
        assert not _is_signed_in(web)
    assert _sessions(site) == 0


WRONG: dict[str, dict[str, Any]] = {
    "another sign-in's nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another audience": {"claims": {"aud": "another-client"}},
    "another audience that says it was for us": {
        "claims": {"aud": "another-client", "azp": CLIENT_ID}
    },
    "issued to another party": {"claims": {"aud": [CLIENT_ID, "x"], "azp": "x"}},
    "too old": {"claims": {"exp": int(time.time()) - 3600}},
    "an address not vouched for": {"claims": {"email_verified": False}},
    "an address vouched for in other words": {"claims": {"email_verified": "true"}},
    "an address vouched for by a number": {"claims": {"email_verified": 1}},
    "an address that nothing is said of": {"claims": {"email_verified": None}},
    "no lasting name of the account": {"claims": {"sub": None}},
    "no address": {"claims": {"email": None}},
    "another key": {"key": other_key()},
    "a secret that others know too": {"key": shared_key(), "algorithm": "HS256"},
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_id_token_signs_nobody_in(site: FastAPI, openid: OpenId, fault: str) -> None:
    _known(site, openid)
    for name, value in WRONG[fault].items():
        setattr(openid, name, value)
    web = browser(site)
    answer = _back(web, _leave(web))
    assert answer.status_code == 403, fault
    assert "Det gick inte att logga in" in answer.text
    assert not _is_signed_in(web)
    assert _sessions(site) == 0


def test_an_unsigned_id_token_signs_nobody_in(
    site: FastAPI, openid: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    _known(site, openid)
    signed = OpenId.id_token

    def unsigned(self: OpenId, asked: dict[str, str]) -> str:
        _, claims, _ = signed(self, asked).split(".")
        return f"eyJhbGciOiJub25lIn0.{claims}."  # {"alg":"none"}

    monkeypatch.setattr(OpenId, "id_token", unsigned)
    web = browser(site)
    assert _back(web, _leave(web)).status_code == 403
    assert _sessions(site) == 0


def test_an_answer_that_this_browser_did_not_ask_for_is_refused_before_the_provider_is_asked(
    site: FastAPI, openid: OpenId
) -> None:
    _known(site, openid)
    mine, other = browser(site), browser(site)
    address = _leave(other)
    assert _back(mine, address).status_code == 403  # no attempt at all
    _leave(mine)
    assert _back(mine, address).status_code == 403  # another attempt's state
    state = parse_qs(urlsplit(_leave(mine)).query)["state"][0]
    assert mine.get(BACK, params={"state": state, "code": ""}).status_code == 403
    assert mine.get(BACK, params={"error": "access_denied", "state": state}).status_code == 403
    assert "token" not in openid.asked
    mine.cookies.set("samkrets-attempt", "forged")
    assert _back(mine, address).status_code == 403
    assert _sessions(site) == 0


def test_a_code_holds_once(site: FastAPI, openid: OpenId) -> None:
    _known(site, openid)
    web = browser(site)
    address = _leave(web)
    attempt = web.cookies["samkrets-attempt"]
    assert _back(web, address).status_code == 303
    web.cookies.set("samkrets-attempt", attempt)
    assert _back(web, address).status_code == 403
    assert _sessions(site) == 1


def test_a_new_key_of_the_provider_is_fetched_when_it_is_first_met(
    site: FastAPI, openid: OpenId, monkeypatch: pytest.MonkeyPatch
) -> None:
    _known(site, openid)
    web = browser(site)
    assert _back(web, _leave(web)).status_code == 303
    openid.keys.append(other_key())
    assert _back(web, _leave(web)).status_code == 403  # asked a moment ago: not again so soon
    monkeypatch.setattr("api.accounts.oidc.KEYS_PAUSE_S", 0.0)
    assert _back(web, _leave(web)).status_code == 303


def test_it_leads_to_no_other_site_afterwards(site: FastAPI, openid: OpenId) -> None:
    _known(site, openid)
    web = browser(site)
    assert _back(web, _leave(web, f"{START}?next=//evil.example")).headers["location"] == "/"


def test_a_provider_that_is_silent_or_another_is_said_to_be(
    site: FastAPI, openid: OpenId, settings: Settings
) -> None:
    openid.issuer_said = "https://evil.example"
    assert browser(site).get(START).status_code == 502
    update = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": CLIENT_ID}
    nobody_there = create_app(settings.model_copy(update=update))
    answer = browser(nobody_there).get(START)
    nobody_there.state.database.close()
    assert answer.status_code == 502
    assert "Ditt jobbkonto gick inte att nå" in answer.text


def test_without_a_provider_there_is_no_button_and_no_way_in(app: FastAPI) -> None:
    web = browser(app)
    assert "organisation" not in web.get("/logga-in").text
    assert web.get(START).status_code == 404
    assert web.get(BACK).status_code == 404


def test_the_page_of_cookies_names_the_second_one_where_there_is_a_provider(
    site: FastAPI, app: FastAPI
) -> None:
    assert "samkrets-attempt" in browser(site).get("/kakor").text
    assert "samkrets-attempt" not in browser(app).get("/kakor").text


def test_the_doctor_asks_the_provider(with_openid: Settings, openid: OpenId) -> None:
    def said(settings: Settings) -> str:
        return next(found.fault for found in examine(settings) if found.name == "oidc")

    assert said(with_openid) == ""
    assert "CLIENT_ID" in said(with_openid.model_copy(update={"oidc_client_id": ""}))
    openid.issuer_said = "https://evil.example"
    assert "does not describe itself" in said(with_openid)
    far = with_openid.model_copy(update={"oidc_issuer": "http://login.example.org"})
    assert "https://" in said(far)


@pytest.mark.parametrize(
    ("said", "status"), [(None, 303), (True, 303), (False, 403), ("true", 403)]
)
def test_a_setting_believes_a_provider_that_says_nothing_but_not_one_that_denies(
    with_openid: Settings, openid: OpenId, said: object, status: int
) -> None:
    made = create_app(with_openid.model_copy(update={"oidc_trusts_address": True}))
    _known(made, openid)
    openid.claims = {"email_verified": said}
    web = browser(made)
    assert _back(web, _leave(web)).status_code == status
    made.state.database.close()


def test_an_account_is_its_person_whatever_addresses_become(site: FastAPI, openid: OpenId) -> None:
    with site.state.database.transaction() as session:
        first = make_member(session, Role.RC_MEMBER).person
        openid.email, first_id, address = first.email, first.id, first.email

    def enter(subject: str, email: str) -> int:
        openid.claims, openid.email = {"sub": subject}, email
        web = browser(site)
        return int(_back(web, _leave(web)).status_code)

    assert enter("old", address) == 303
    assert enter("old", "new.name@example.org") == 303  # the same person under another address
    assert enter("new", address) == 422  # another person, who was given the address
    with site.state.database.transaction() as session:
        assert {row.person_id for row in session.exec(select(SignedIn))} == {first_id}
        [tied] = session.exec(select(ProviderAccount))
        assert (tied.subject, tied.person_id) == ("old", first_id)
        delete_sign_ins_of(session, first_id)
        assert session.exec(select(ProviderAccount)).all() == []
