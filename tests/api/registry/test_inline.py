"""One fact is corrected where it stands: with its source, and nothing else is touched."""

from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.i18n import Speaker
from api.registry import queries
from api.registry.models import Rc, Status
from api.registry.service import import_shipped
from api.registry.web.view import value_text
from tests.factories import make_member
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
