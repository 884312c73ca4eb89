"""One fact is corrected where it stands: with its source, and nothing else is touched."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.i18n import Speaker
from api.networks.claims import claims_of
from api.networks.models import Layer
from api.networks.wording import why
from api.registry import queries
from api.registry.cells import CellError
from api.registry.facts import BY_NAME
from api.registry.models import Rc, Status
from api.registry.web.view import value_text
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, browser


def _dalarna(session: Session) -> Rc:
    rc = queries.rc(session, "dalarna")
    assert rc is not None
    return rc


def _facts(rc: Rc) -> dict[str, object]:
    return rc.model_dump(exclude={"version", "sources", "establishment_status"})


def test_one_fact_is_saved_with_its_source_and_the_rest_stays(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        person = make_member(session, Role.PLANNER).person.id
        before = _facts(_dalarna(session))
    web = browser(app, person)
    page = web.get("/rc/dalarna").text
    assert 'id="source-establishment_status"' in page
    hidden = dict(HIDDEN.findall(page))
    fields = {name: hidden[name] for name in ("form_token", "version")}
    changed = {"establishment_status": "start_up", "source": "Styrgruppens beslut"}
    assert web.post("/rc/dalarna/andra", data=fields | changed).status_code == 303
    with app.state.database.reading() as session:
        rc = _dalarna(session)
        assert rc.establishment_status == Status.START_UP
        assert "Styrgruppens beslut" in rc.sources["establishment_status"]
        assert _facts(rc) == before
    stale = web.post(
        "/rc/dalarna/andra", data=fields | changed | {"establishment_status": "operative"}
    )
    assert stale.status_code == 409
    assert "Någon annan hann före" in stale.text


def test_who_may_not_correct_sees_no_pencil(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        other = make_member(session, Role.RC_MEMBER, rc_id="skane").person.id
    assert "pencil" not in browser(app, other).get("/rc/dalarna").text.partition("<main")[2]
    assert "pencil" in browser(app, other).get("/rc/skane").text.partition("<main")[2]


def test_a_year_has_no_thousands() -> None:
    assert value_text(Speaker("sv"), "started_year", 2021) == "2021"


def test_a_list_goes_on_an_rc_of_2026_tells_its_group_and_model_in_its_own_words(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(app, planner)
    form = {
        "name": "Södermanland",
        "county_code": "04",
        "establishment_status": "operative",
        "started_year": "2026",
        "grant_group": "",
        "grant_group_own": "2026, grupp 4",
        "org_model_current": "",
        "org_model_current_own": " Kommunförbundets  team ",
    }
    assert web.submit("/rc/nytt", "/rc/nytt", form).status_code == 303
    page = web.get("/rc/sodermanland").text
    assert "2026, grupp 4" in page
    assert "Kommunförbundets team" in page
    for path in ("/rc/skane", "/rc/skane/andra", "/rc/nytt", "/en/rc/skane/andra"):
        assert '<option value="Kommunförbundets team"' in web.get(path).text, path
    assert "Kommunförbundets team" in web.get("/rc").text
    shown = web.get("/rc?model=Kommunf%C3%B6rbundets+team").text
    assert re.findall(r'<th scope="row"><a href="/rc/([a-z]+)"', shown) == ["sodermanland"]
    # A known one is known by its words too, in either language.
    with app.state.database.transaction() as session:
        for typed in ("inom barnahus", "Within Barnahus", "BARNAHUS"):
            assert BY_NAME["org_model_current"].parse(typed) == "barnahus", typed
        with pytest.raises(CellError):
            BY_NAME["grant_group"].parse("x" * 41)
        rcs = {rc.id: rc for rc in queries.rcs(session)}
        other = rcs["skane"]
        other.org_model_current, other.grant_group = "Kommunförbundets team", "2026, grupp 4"
        both = [rcs["sodermanland"], other]
        claims = claims_of(both, Layer.LIKENESS, lambda *_: 9.0)
        said = why(Speaker("sv"), claims, [rc.id for rc in both], {}, {})
        assert "har organisationen ”Kommunförbundets team”" in said
        assert "började i omgången ”2026, grupp 4”" in said
