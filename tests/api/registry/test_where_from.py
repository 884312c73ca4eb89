"""Each fact cites where it is known from now: never what it rested on before it was changed."""

from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import BodyKind, Role
from api.accounts.queries import body_of_rc, functions_of_body
from api.kit.clock import today
from api.kit.db import Database
from api.registry import queries
from api.registry.facts import MATCHED
from api.registry.importer import ImportKind, import_file
from api.registry.models import Rc, Support
from api.registry.provenance import from_file, read
from api.registry.reference import wordings
from tests.factories import make_body, make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser


class _Form(HTMLParser):
    """What a browser would send of the form whose action ends in `path`, untouched."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path, self.values = path, dict[str, list[str]]()
        self._inside, self._select, self._area = False, "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self._inside = (at.get("action") or "").endswith(self.path)
        if not self._inside:
            return
        name = at.get("name") or ""
        kind = at.get("type") or "text"
        if tag == "input" and (kind not in {"checkbox", "radio"} or "checked" in at):
            self.values.setdefault(name, []).append(at.get("value") or "")
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in at:
            self.values[self._select] = [at.get("value") or ""]
        if tag == "textarea":
            self._area = name
            self.values[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "form":
            self._inside = False


@pytest.fixture
def planner(app: FastAPI, database: Database) -> Browser:
    with database.transaction() as session:
        import_shipped(session, "system")
        person = make_member(session, Role.PLANNER).person.id
    return browser(app, person)


def _correct(client: Browser, rc_id: str, **cells: str) -> None:
    path = f"/rc/{rc_id}/andra"
    values = {
        name: ";".join(cell) for name, cell in _Form(client.get(path).text, path).values.items()
    }
    answer = client.post(path, data=values | cells)
    assert answer.status_code in {200, 303}, answer.text


def _fact(page: str, label: str) -> str:
    """Return what the page says of a fact and its source, without the form that corrects it."""
    said = page.split(f">{label}</dt>")[1].split("</dd>", maxsplit=1)[0]
    before, _, after = said.partition("<form")
    return before + after.partition("</form>")[2]


def test_a_corrected_fact_cites_who_corrected_it_and_the_report_no_more(planner: Browser) -> None:
    before = planner.get("/rc/skane").text
    assert "rad 309–318" in _fact(before, "Om finansieringen")
    text = "Telefonlinjen betalas nu av Region Skåne."
    _correct(planner, "skane", funding_detail=text, source="Regionstyrelsens beslut 12 mars 2026")
    page = planner.get("/rc/skane").text
    shown = _fact(page, "Om finansieringen")
    assert text in shown
    assert "Regionstyrelsens beslut 12 mars 2026" in shown
    assert "Rapporten" not in shown
    assert "rad 217" in _fact(page, "Huvudman")  # what nobody touched still rests on the report
    _correct(planner, "skane", funding_detail="Någon annan betalar.", source="")
    shown = _fact(planner.get("/rc/skane").text, "Om finansieringen")
    assert "utan källa" in shown
    assert "Regionstyrelsen" not in shown


def test_a_new_population_is_not_counted_on_the_old_day(
    planner: Browser, database: Database
) -> None:
    _correct(planner, "skane", population="1 424 000", source="SCB")
    with database.reading() as session:
        skane = session.get_one(Rc, "skane")
        assert (skane.population, skane.population_on) == (1_424_000, None)


def test_a_file_of_facts_is_the_source_of_those_that_it_changes(session: Session) -> None:
    import_shipped(session, "system")
    shipped = {rc.id: dict(rc.sources) for rc in queries.rcs(session)}
    assert not [
        one for each in shipped.values() for one in each.values() if read(one).kind == "file"
    ]
    content = b"rc_id;establishment_status;huvudman\norebro;operative;\nskane;partly;\n"
    import_file(session, content, ImportKind.FACTS, "planner", dry_run=False)
    orebro, skane = session.get_one(Rc, "orebro"), session.get_one(Rc, "skane")
    assert orebro.sources["establishment_status"] == from_file(today())
    assert "huvudman" not in skane.sources  # what is unknown now has no source
    assert skane.sources["establishment_status"] == shipped["skane"]["establishment_status"]


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("rc_id", ["skane", "goteborg", "norrbotten", "alvsborg"])
def test_a_form_saved_as_it_was_shown_changes_nothing(
    planner: Browser, database: Database, language: str, rc_id: str
) -> None:
    path = f"{language}/rc/{rc_id}/andra"
    shown = _Form(planner.get(path).text, f"/rc/{rc_id}/andra").values
    with database.reading() as session:
        before = session.get_one(Rc, rc_id).model_dump()
    answer = planner.post(path, data=shown)
    assert answer.status_code in {200, 303}
    with database.reading() as session:
        assert session.get_one(Rc, rc_id).model_dump() == before


def test_no_swedish_form_shows_english_or_codes(planner: Browser) -> None:
    with planner.app.state.database.reading() as session:  # type: ignore[attr-defined] # a FastAPI app
        ids = [rc.id for rc in queries.rcs(session)]
    foreign = [text for text, said in wordings().items() if said["sv"] != text]
    for rc_id in ids:
        shown = _Form(planner.get(f"/rc/{rc_id}/andra").text, f"/rc/{rc_id}/andra").values
        texts = [
            cell
            for name in ("notes", "seat_basis", "area_basis", "funding_detail")
            for cell in shown[name]
        ]
        assert not set(texts) & set(foreign), rc_id
        assert not any(letter.isdigit() for letter in shown["municipality_codes"][0]), rc_id


def test_number_seventeen_has_its_organisation_and_its_contact_from_the_same_form(
    planner: Browser, database: Database
) -> None:
    form = _Form(planner.get("/rc/nytt").text, "/rc/nytt").values
    typed = {"name": ["Södermanland"], "county_code": ["04"], "seat_city": ["nyköping"]}
    typed |= {"area_scope": ["county"], "started_year": ["2026"]}
    typed |= {"contact_name": ["Exempel Sara Ny"], "contact_email": ["sara.ny@example.org"]}
    answer = planner.post("/rc/nytt", data=form | typed)
    assert answer.status_code in {200, 303}, answer.text
    page = planner.get("/rc/sodermanland").text
    assert "2026" in _fact(page, "Började år")
    assert "Orten är okänd" not in page
    with database.reading() as session:
        rc = session.get_one(Rc, "sodermanland")
        assert rc.seat_lat == pytest.approx(58.75, abs=0.05)
        assert (rc.population, len(rc.municipality_codes)) == (288_097, 9)
        body = body_of_rc(session, "sodermanland")
        assert body is not None
        function = functions_of_body(session, body.id)[0]
        assert (function.role, function.holder_id is not None) == (Role.RC_MEMBER, True)
    assert "Kontaktperson saknas för RC: Södermanland" not in planner.get("/").text


def test_an_organisation_of_that_name_that_is_there_already_is_joined(
    planner: Browser, database: Database
) -> None:
    with database.transaction() as session:
        body = make_body(session, BodyKind.RC, name="Södermanland")
        body_id = body.id
    form = _Form(planner.get("/rc/nytt").text, "/rc/nytt").values
    planner.post("/rc/nytt", data=form | {"name": ["södermanland"], "county_code": ["04"]})
    with database.reading() as session:
        joined = body_of_rc(session, "sodermanland")
        assert joined is not None
        assert joined.id == body_id


def test_a_wrong_contact_keeps_the_rc_out_and_a_town_that_nobody_knows_is_asked_for(
    planner: Browser, database: Database
) -> None:
    form = _Form(planner.get("/rc/nytt").text, "/rc/nytt").values
    typed = form | {"name": ["Södermanland"], "county_code": ["04"]}
    wrong = planner.post("/rc/nytt", data=typed | {"contact_name": ["Exempel"]})
    assert wrong.status_code == 422
    assert 'id="contact_email-fault"' in wrong.text
    unknown = planner.post("/rc/nytt", data=typed | {"seat_city": ["Nyköpimg"]})
    assert unknown.status_code == 422
    assert "Menar du Nyköping" in unknown.text
    with database.reading() as session:
        assert queries.rc(session, "sodermanland") is None
        assert body_of_rc(session, "sodermanland") is None


def test_what_is_not_in_operation_is_unknown_to_matching_and_never_alike(session: Session) -> None:
    import_shipped(session, "system")
    ostergotland = session.get_one(Rc, "ostergotland")
    assert ostergotland.support_exposed_any == Support.NOT_IN_OPERATION
    rows = {one.id: one for one in queries.rcs(session)}
    support, model = MATCHED["support_exposed_any"].value, MATCHED["model"].value
    assert support(rows["ostergotland"]) is None
    assert support(rows["norrbotten"]) == Support.NONE
    assert model(rows["vasternorrland"]) is None


def test_the_register_reads_the_report_as_it_is(planner: Browser) -> None:
    norrbotten = planner.get("/rc/norrbotten").text
    assert "Regionalt kompetensteam Heder" in _fact(norrbotten, "Kallar sig")
    assert "Vår tolkning av rapporten, rad 402" in _fact(norrbotten, "Egen lokal")
    assert "Ja" in _fact(planner.get("/rc/goteborg").text, "Mobilt: åker dit det behövs")
    assert "samtycken" in _fact(planner.get("/rc/jamtland").text, "Kan visa andra")
    skane = planner.get("/rc/skane").text
    assert "målgruppsanalys" in _fact(skane, "Gör i dag")
    assert "målgruppsanalys" not in _fact(skane, "Planerar")
    assert "Vår tolkning av rapporten, rad 216–227" in _fact(skane, "Fas")
    assert "Ingen verksamhet än" in planner.get("/rc/ostergotland").text
