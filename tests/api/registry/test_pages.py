import io
import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from api.accounts.directory import create_body, create_function, create_person, set_contact
from api.accounts.models import BodyKind, FunctionKind, Role
from api.accounts.queries import body_of_rc
from api.accounts.service import open_session
from api.kit.clock import now
from api.kit.db import Database
from api.kit.i18n import LANGUAGES, Language, Speaker
from api.registry import queries
from api.registry.models import Rc
from api.registry.vocabulary import STATUSES
from tests.factories import make_body, make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser

ROW = r'<th scope="row"><a href="/rc/([a-z]+)">'
SignIn = Callable[[Role], TestClient]
_KINDS = {
    Role.PLANNER: (BodyKind.NCH, FunctionKind.PLANNER),
    Role.RC_MEMBER: (BodyKind.RC, FunctionKind.COORDINATOR),
    Role.GUEST: (BodyKind.GUEST, FunctionKind.PROSECUTOR),
}


@pytest.fixture
def sign_in(app: FastAPI, database: Database) -> SignIn:
    """Return a function that gives a signed-in browser for a role, over the shipped register."""
    with database.transaction() as session:
        import_shipped(session, "system")

    def browser(role: Role) -> TestClient:
        body_kind, function_kind = _KINDS[role]
        with database.transaction() as session:
            body = create_body(session, body_kind, f"Exempel {role}")
            person = create_person(session, f"Exempel {role}", f"{role}@example.org")
            create_function(session, body, function_kind, "Exempel", role, holder=person)
            token = open_session(session, person.id, "test", now())
        made = Browser(app)
        made.cookies.set("samkrets", token)
        return made

    return browser


def _token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_register_shows_every_rc_in_swedish_order_and_guests_do_not_find_it(
    sign_in: SignIn,
) -> None:
    page = sign_in(Role.RC_MEMBER).get("/rc").text
    names = re.findall(ROW, page)
    assert names[:2] == ["dalarna", "fyrbodal"]
    assert names[-2:] == ["orebro", "ostergotland"]
    assert len(names) == 16
    assert "Lägg till ett RC" not in page
    assert sign_in(Role.GUEST).get("/rc").status_code == 404


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_form(app: FastAPI) -> None:
    client = Browser(app, follow_redirects=False)
    answer = client.get("/rc")
    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2Frc")
    refused = client.get("/api/v1/rcs")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


def test_the_register_is_sorted_and_chosen_by_links(sign_in: SignIn) -> None:
    client = sign_in(Role.RC_MEMBER)
    most = client.get("/rc?sort=-population").text
    assert re.findall(ROW, most)[0] == "skane"
    assert 'aria-sort="descending"' in most
    on_their_way = client.get("/rc?band=pre_operational").text
    assert len(re.findall(ROW, on_their_way)) == 6
    assert "6 resurscentrum av 16" in on_their_way


def test_an_rc_shows_its_sources_unknowns_contradictions_and_neighbours(sign_in: SignIn) -> None:
    client = sign_in(Role.RC_MEMBER)
    page = client.get("/rc/jamtland").text
    assert "Rapporten, rad 242–243" in page
    assert "Okänt: " in page
    assert "Jämtland beskrivs som delverksamhet i ett centrum mot våld" in page
    assert "Västernorrland" in page
    assert "Inom Barnahus" in page
    english = client.get("/en/rc/jamtland").text
    assert "The report, line 242–243" in english
    assert client.get("/rc/nowhere").status_code == 404


def test_a_planner_adds_number_seventeen_by_one_form(sign_in: SignIn, database: Database) -> None:
    client = sign_in(Role.PLANNER)
    form = client.get("/rc/nytt").text
    cells = {"id": "stockholm", "name": "Stockholm", "county_code": "01", "services-shown": "1"}
    cells |= {"seat_lat": "59,3294", "seat_lon": "18,0687", "form_token": _token(form)}
    answer = client.post("/rc/nytt", data=cells)
    assert answer.status_code == 200
    assert answer.url.path == "/rc/stockholm"
    assert "Exempel planner lade till" in answer.text
    with database.reading() as session:
        added = queries.rc(session, "stockholm")
        assert added is not None
        assert added.seat_lat == pytest.approx(59.3294)


def test_a_wrong_form_keeps_what_was_typed_and_leads_to_each_fault(sign_in: SignIn) -> None:
    client = sign_in(Role.PLANNER)
    cells = {"id": "X", "name": "Typed name", "county_code": "", "seat_lat": "north"}
    cells["form_token"] = _token(client.get("/rc/nytt").text)
    answer = client.post("/rc/nytt", data=cells)
    assert answer.status_code == 422
    assert "<title>Fel:" in answer.text
    assert 'value="Typed name"' in answer.text
    for name in ("id", "county_code", "seat_lat"):
        assert f'<a href="#{name}">' in answer.text
        assert f'id="{name}-fault"' in answer.text


def test_the_second_of_two_planners_sees_both_versions(sign_in: SignIn) -> None:
    client = sign_in(Role.PLANNER)
    form = client.get("/rc/orebro/andra").text
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version is not None
    shared = {"version": version[1], "form_token": _token(form)}
    first = client.post("/rc/orebro/andra", data={**shared, "huvudman": "Regionen"})
    assert first.status_code == 200
    second = client.post("/rc/orebro/andra", data={**shared, "huvudman": "Kommunen"})
    assert second.status_code == 409
    assert "<td>Kommunen</td><td>Regionen</td>" in second.text
    newer = re.search(r'name="version" value="(\d+)"', second.text)
    assert newer is not None
    third = client.post(
        "/rc/orebro/andra", data={**shared, "version": newer[1], "huvudman": "Kommunen"}
    )
    assert "från ”Regionen” till ”Kommunen”" in third.text


def test_an_upload_is_checked_first_and_read_in_second(sign_in: SignIn, database: Database) -> None:
    client = sign_in(Role.PLANNER)
    token = _token(client.get("/rc/inlasning").text)
    file = b"rc_id,rc_name,county_code\nstockholm,Stockholm,01\n"

    def upload(content: bytes, do: str) -> str:
        files = {"file": ("rc.csv", io.BytesIO(content), "text/csv")}
        return client.post(
            "/rc/inlasning", data={"form_token": token, "do": do, "kind": "facts"}, files=files
        ).text

    assert "Ingenting är sparat än" in upload(file, "check")
    assert "1 fel, ingenting är sparat" in upload(file.replace(b"01", b"99"), "write")
    with database.reading() as session:
        assert queries.rc(session, "stockholm") is None
    assert "Filen är inläst" in upload(file, "write")
    with database.reading() as session:
        assert queries.rc(session, "stockholm") is not None


def test_an_rcs_own_people_correct_their_own_facts_only(
    sign_in: SignIn, app: FastAPI, database: Database
) -> None:
    sign_in(Role.PLANNER)  # brings the register in
    with database.transaction() as session:
        person_id = make_member(session, Role.RC_MEMBER, rc_id="orebro").person.id
    client = browser(app, person_id)
    assert "Rätta en uppgift om oss" in client.get("/rc/orebro").text
    path = "/rc/orebro/andra"
    version = dict(HIDDEN.findall(client.get(path).text))["version"]
    answer = client.submit(path, path, {"version": version, "establishment_status": "operative"})
    assert answer.status_code == 303
    assert "från ”Startar upp” till ”I drift”" in client.get("/rc/orebro").text
    assert "Rätta en uppgift om oss" not in client.get("/rc/skane").text
    assert client.get("/rc/skane/andra").status_code == 404


@pytest.mark.parametrize("path", ["/rc/nytt", "/rc/inlasning", "/rc/orebro/andra"])
def test_only_planners_find_the_forms(sign_in: SignIn, path: str) -> None:
    assert sign_in(Role.RC_MEMBER).get(path).status_code == 404


def test_files_hold_the_whole_register(sign_in: SignIn) -> None:
    client = sign_in(Role.RC_MEMBER)
    text = client.get("/rc/export.csv").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 17
    assert client.get("/rc/export.xlsx").content.startswith(b"PK")


def test_all_counties_are_there_with_their_rc(sign_in: SignIn) -> None:
    page = sign_in(Role.RC_MEMBER).get("/rc/lan").text
    assert page.count('<th scope="row">') == 21
    assert page.count("inget i registret") == 8


def test_the_api_gives_the_same_facts(sign_in: SignIn) -> None:
    client = sign_in(Role.RC_MEMBER)
    items = client.get("/api/v1/rcs").json()["items"]
    assert len(items) == 16
    one = client.get("/api/v1/rcs/kronoberg").json()
    assert one in items
    assert (one["phase_band"], one["sources"]["services"]) == ("operational", "187-189")
    assert one["huvudman"] is None
    near = client.get("/api/v1/rcs/norrbotten/neighbours").json()["items"]
    assert near[0]["id"] == "uppsala"  # by air: nearer in hours than Västernorrland is by road
    missing = client.get("/api/v1/rcs/nowhere")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


@pytest.mark.both_databases
def test_the_list_asks_as_few_questions_of_the_database_with_one_rc_as_with_thirty(
    sign_in: SignIn, database: Database
) -> None:
    client = sign_in(Role.PLANNER)
    before = _queries(client)
    with database.transaction() as session:
        for number in range(14):
            session.add(Rc(id=f"x{number}", name=f"X{number}", county_code="01"))
    assert _queries(client) == before


def _queries(client: TestClient) -> int:
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engine = client.app.state.database.engine  # type: ignore[attr-defined] # a FastAPI app
    event.listen(engine, "before_cursor_execute", note)
    client.get("/rc")
    event.remove(engine, "before_cursor_execute", note)
    return len([text for text in asked if text.startswith("SELECT")])


def test_the_page_of_an_rc_names_its_contact_at_nch_and_else_the_mailbox(
    app: FastAPI, sign_in: SignIn
) -> None:
    reader = sign_in(Role.RC_MEMBER)
    page = reader.get("/rc/dalarna").text
    assert "Kontaktperson på NCH" in page
    assert 'href="mailto:funktionsbrevlada@example.org"' in page.split('id="nch"')[1]
    with app.state.database.transaction() as session:
        nch = make_member(session, Role.PLANNER)
        body = body_of_rc(session, "dalarna") or make_body(session, rc_id="dalarna")
        set_contact(session, body, nch.function)
        name, mail = nch.person.name, nch.person.email
    section = reader.get("/rc/dalarna").text.split('id="nch"')[1].split("</section>")[0]
    assert name in section
    assert f'href="mailto:{mail}"' in section
    assert 'href="mailto:funktionsbrevlada@example.org"' in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_rc_s_phase_is_one_word_wherever_its_badge_stands(
    sign_in: SignIn, database: Database, language: Language
) -> None:
    """The register's list, the RC's own page, those to choose from for a meeting, and study visits."""
    say, way = Speaker(language), "/en" if language == "en" else ""
    web = sign_in(Role.PLANNER)
    with database.transaction() as session:
        rcs = {one.id: one.establishment_status for one in queries.rcs(session)}
    assert set(STATUSES) - set(rcs.values()) <= {"planning"}, "hardly a phase is without its RC"
    pages = {name: web.get(f"{way}{name}").text for name in ("/rc", "/traffar/ny")}
    visits = web.get(f"{way}/planera/studiebesok").text
    for rc_id, status in rcs.items():
        word = re.escape(say.text(STATUSES[status]) if status else "")
        own = web.get(f"{way}/rc/{rc_id}").text
        badges = re.findall(r'<span class="tag (?:op|pre)">([^<]+)</span>', own)
        assert badges[:1] == ([say.text(STATUSES[status])] if status else []), rc_id
        link = f'<th scope="row"><a href="{way}/rc/{rc_id}"'
        row = pages["/rc"].partition(link)[2].partition("</tr>")[0]
        assert re.findall(r'<span class="tag (?:op|pre)">([^<]+)</span>', row) == badges[:1]
        assert re.search(rf'for="rc-{rc_id}">[^<]+<span class="soft">{word}', pages["/traffar/ny"])
    assert {say.text(STATUSES[one]) for one in rcs.values() if one} <= {
        *re.findall(r"</th><td[^>]*>([^<]+)</td>", visits)
    }
