"""Signing in through a real provider (django-oauth-toolkit, a process of its own), and what its groups give here."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from sqlmodel import select

from api.accounts.models import BodyKind, ProviderAccount, Role
from api.accounts.policy import grouped
from api.accounts.queries import forget_groups
from api.app import create_app
from api.kit.settings import OidcProvider, Settings
from api.operations.doctor import examine
from tests.factories import make_member
from tests.openid import CLIENT_ID, CLIENT_SECRET, provider
from tests.serving import free_port
from tests.web import Browser, browser

PASSWORD = "correct horse"
GROUPS = {"samkrets-planerare": "planner", "samkrets-rc": "rc_member", "samkrets-läsare": "reader"}
WAY, FIRST = "/logga-in/organisation/nch", "/logga-in/organisation"


@dataclass
class Directory:
    """The provider's process, and the file of who there is."""

    url: str
    folder: Path

    def say(self, **people: tuple[str, list[str]]) -> None:
        """Write down who there is: address and groups."""
        found = {
            name: {"email": email, "groups": groups} for name, (email, groups) in people.items()
        }
        (self.folder / "people.json").write_text(json.dumps(found))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    folder, port = tmp_path_factory.mktemp("directory"), free_port()
    made = Directory(f"http://127.0.0.1:{port}", folder)
    made.say(anna=("", []), bo=("", []))
    setup = {
        "port": port,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "password": PASSWORD,
        "callbacks": [f"http://testserver{WAY}/svar"],
    }
    (folder / "setup.json").write_text(json.dumps(setup))
    script = Path(__file__).parents[2] / "directory.py"
    process = subprocess.Popen(
        [sys.executable, script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    with process, closing(process.stdin):
        assert process.stdout.readline() == "ready\n"
        yield made
        process.stdin.close()


@pytest.fixture
def chosen(settings: Settings, directory: Directory) -> Settings:
    ours = {
        "id": "nch",
        "name": "NCH:s konto",
        "issuer": f"{directory.url}/o",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "groups": GROUPS,
    }
    return Settings.model_validate(
        {**settings.model_dump(), "base_url": "http://testserver", "oidc_providers": [ours]}
    )


@pytest.fixture
def site(chosen: Settings) -> Iterator[FastAPI]:
    made = create_app(chosen)
    yield made
    made.state.database.close()


def _through(web: Browser, name: str, way: str = WAY) -> Any:  # noqa: ANN401 - httpx2's Response
    """Go to the provider, sign in with its form, and come back."""
    away = web.get(way)
    assert away.status_code == 303, away.text
    with httpx2.Client(follow_redirects=False) as there:
        asked = there.get(away.headers["location"])
        form = there.get(str(httpx2.URL(away.headers["location"]).join(asked.headers["location"])))
        token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)', form.text)[0]
        fields = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
        entered = there.post(str(form.url), data=fields)
        assert entered.status_code == 302, entered.text
        back = there.get(str(form.url.join(entered.headers["location"])))
    assert back.status_code == 302, back.text
    split = urlsplit(back.headers["location"])
    return web.get(f"{split.path}?{split.query}")


def _with(chosen: Settings, **said: object) -> OidcProvider:
    return chosen.oidc_providers[0].model_copy(update=said)


def _roles(web: Browser) -> list[str]:
    answer = web.get("/api/v1/me")
    return answer.json()["roles"] if answer.status_code == 200 else ["nobody"]


def test_the_groups_of_a_real_provider_say_what_its_people_may_here(
    site: FastAPI, directory: Directory
) -> None:
    with site.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.email
        member = make_member(session, Role.RC_MEMBER).person.email
    directory.say(
        anna=(planner, ["all", "samkrets-planerare"]), bo=(member, ["samkrets-planerare"])
    )
    form = browser(site).get("/logga-in?next=/traffar").text
    assert "Logga in med ditt jobbkonto (NCH:s konto)" in form
    assert f'href="{WAY}?next=%2Ftraffar"' in form

    anna, bo = browser(site), browser(site)
    entered = _through(anna, "anna")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert _roles(anna) == ["planner"]
    assert _through(bo, "bo").status_code == 303
    assert _roles(bo) == ["rc_member"]  # nobody plans but from NCH, whatever a group says

    # She leaves the planners' group; another sign-in of hers says so, and the old session too.
    directory.say(anna=(planner, ["samkrets-läsare"]), bo=(member, ["samkrets-rc"]))
    assert _through(browser(site), "anna").status_code == 303
    assert _roles(anna) == ["reader"]
    assert anna.get("/planera/natverk").status_code == 404

    # In no group of ours: refused, and nothing is left to what was open.
    directory.say(anna=(planner, ["others"]), bo=(member, []))
    refused = _through(browser(site), "anna")
    assert refused.status_code == 422
    assert "inte med i någon grupp" in refused.text
    assert _roles(anna) == []

    # The groups are not asked any more: the posts alone say, as before.
    with site.state.database.transaction() as session:
        forget_groups(session, [f"{directory.url}/o/"])
    assert _roles(anna) == []  # its own groups still decide
    with site.state.database.transaction() as session:
        forget_groups(session, [])
    assert _roles(anna) == ["planner"]


def test_two_providers_stand_beside_each_other_and_an_answer_counts_for_the_one_that_was_asked(
    chosen: Settings, directory: Directory
) -> None:
    with provider() as other:
        both = chosen.model_copy(
            update={
                "oidc_issuer": other.url,
                "oidc_client_id": CLIENT_ID,
                "oidc_client_secret": chosen.oidc_providers[0].client_secret,
                "oidc_name": "Länsstyrelsens konto",
                "oidc_domains": "lansstyrelsen.example, example.org",
                "oidc_providers": [_with(chosen, domains=("example.org",))],
            }
        )
        site = create_app(both)
        with site.state.database.transaction() as session:
            person = make_member(session, Role.RC_MEMBER).person
            other.email, address = person.email, person.email
        directory.say(anna=(address, ["samkrets-rc"]), bo=("", []))
        form = browser(site).get("/logga-in").text
        assert form.index("Länsstyrelsens konto") < form.index("NCH:s konto")

        # The answer of one at the address of the other (RFC 9700, mix-up).
        web = browser(site)
        back = httpx2.get(web.get(FIRST).headers["location"]).headers["location"]
        assert web.get(f"{WAY}/svar?{urlsplit(back).query}").status_code == 403
        assert "token" not in other.asked

        web = browser(site)
        back = httpx2.get(web.get(FIRST).headers["location"]).headers["location"]
        assert web.get(back.removeprefix("http://testserver")).status_code == 303
        assert _through(browser(site), "anna").status_code == 303
        with site.state.database.reading() as session:
            tied = {row.issuer: row.roles for row in session.exec(select(ProviderAccount))}
        assert tied == {other.url: None, f"{directory.url}/o": "rc_member"}

        # Another organisation's people are not its own to vouch for, whatever is verified there.
        with site.state.database.transaction() as session:
            make_member(session, Role.PLANNER).person.email = "exempel@region.example"
        directory.say(anna=("", []), bo=("exempel@region.example", ["samkrets-planerare"]))
        assert _through(browser(site), "bo").status_code == 403
        assert {one.name: one.fault for one in examine(both) if one.name.startswith("oidc")} == {
            "oidc": "",
            "oidc nch": "",
        }
        site.state.database.close()
    alone = create_app(chosen)
    assert browser(alone).get(FIRST).status_code == 404
    alone.state.database.close()


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "svar"},
        {"id": "NCH"},
        {"issuer": "login.example.org"},
        {"groups": {"x": "guest"}},
        {"colour": "red"},
    ],
)
def test_a_provider_that_is_set_wrongly_stops_the_start(
    chosen: Settings, fault: dict[str, object]
) -> None:
    ours = chosen.oidc_providers[0].model_dump() | fault
    with pytest.raises(ValidationError):
        Settings.model_validate({"oidc_providers": [ours]})


def test_two_providers_that_could_be_taken_for_each_other_stop_the_start(chosen: Settings) -> None:
    ours = chosen.oidc_providers[0].model_dump() | {"domains": ("example.org",)}
    other = ours | {"id": "another", "issuer": "https://another.example.org"}
    Settings.model_validate({"oidc_providers": [ours, other]})
    for fault in ({"id": ours["id"]}, {"issuer": ours["issuer"]}, {"domains": ()}):
        with pytest.raises(ValidationError):
            Settings.model_validate({"oidc_providers": [ours, other | fault]})


@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("body", list(BodyKind))
def test_groups_give_no_more_than_counts_in_the_body(own: Role, body: BodyKind) -> None:
    for given in (frozenset({Role.PLANNER}), frozenset({Role.RC_MEMBER}), frozenset({Role.READER})):
        worth = grouped(own, body, given)
        assert worth is not Role.PLANNER or (body is BodyKind.NCH and Role.PLANNER in given)
        assert worth is not Role.RC_MEMBER or body in {BodyKind.RC, BodyKind.COUNTY_BOARD}
        assert worth is not Role.GUEST or grouped(own, body, None) is Role.GUEST
