"""What the networks know stays, used once as RC, county administrative board and NCH: the library, questions, figures, the register."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from api.accounts import queries as accounts
from api.accounts.models import FunctionKind, Role
from api.accounts.service import open_session
from api.kit.clock import now
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults
from tests.factories import make_member

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = Look("sv", 1280, "light")
PHONE = Look("sv", 360, "light")
PAPER: ViewportSize = {"width": 688, "height": 1017}  # an A4 within its margins, at 96 dots an inch
QUESTION = "Hur har ni skrivit samverkansavtalet med regionen?"


def _as(site: Site, look: Look, rc_id: str = "") -> BrowserContext:
    """Open a browser signed in as an RC's coordinator, or as somebody at a county administrative board."""
    context = site.context(None, look)
    with site.app.state.database.transaction() as session:
        body = accounts.body_of_rc(session, rc_id) if rc_id else None
        if body is None:
            holder = make_member(session, Role.READER).person.id
        else:
            [holder, *_] = [
                one.holder_id
                for one in accounts.functions_of_body(session, body.id)
                if one.holder_id and one.kind is FunctionKind.COORDINATOR
            ]
        value = open_session(session, holder, "e2e", now())
    context.add_cookies([{"name": "samkrets", "value": value, "url": site.url}])
    return context


def _is_well(page: Page, look: Look) -> None:
    assert _axe_faults(page, look) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width


def test_an_rc_shares_a_form_others_take_it_and_nch_renews_it(site: Site) -> None:
    """S28."""
    theme = f"{site.url}/bibliotek/amne/agreements"
    page = _as(site, PHONE, "skaraborg").new_page()
    page.goto(theme)
    expect(page.get_by_text("kan lämnas ut som allmän handling")).to_be_visible()
    page.get_by_label("Vad är det?").fill("Mall för samverkansavtal")
    page.set_input_files(
        "#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"Exempel, version 1"}
    )
    page.get_by_label("Slag").select_option("agreement")
    page.get_by_role("button", name="Lägg till").click()
    expect(page.get_by_text("Materialet är tillagt.")).to_be_visible()
    _is_well(page, PHONE)
    board = _as(site, DESK).new_page()
    board.goto(f"{site.url}/bibliotek")
    expect(board.get_by_role("link", name="Mall för samverkansavtal").first).to_be_visible()
    _is_well(board, DESK)
    board.goto(theme)
    expect(board.locator("#having + ul")).to_contain_text("Skaraborg")
    address = board.get_by_role("link", name="Mall för samverkansavtal").get_attribute("href")
    planner = site.context(Role.PLANNER, DESK).new_page()
    planner.goto(f"{site.url}{address}/versioner")
    planner.set_input_files(
        "#file", {"name": "b.txt", "mimeType": "text/plain", "buffer": b"Exempel, version 2"}
    )
    planner.get_by_role("button", name="Lägg upp").click()
    expect(planner.get_by_text("Den nya filen gäller. De äldre finns kvar.")).to_be_visible()
    _is_well(planner, DESK)
    for path, octets in (("", b"Exempel, version 2"), ("/version/1", b"Exempel, version 1")):
        assert board.request.get(f"{site.url}{address}{path}").body() == octets
    for one in (page, board, planner):
        one.context.close()


def test_a_question_becomes_an_answer_and_a_frequent_question(site: Site) -> None:
    """S29."""
    asker = _as(site, DESK, "dalarna").new_page()
    asker.goto(f"{site.url}/fragor/ny")
    expect(asker.get_by_text("kan lämnas ut som allmän handling").first).to_be_visible()
    asker.get_by_label("Alla RC").check()
    asker.get_by_role("textbox", name="Frågan").fill(QUESTION)
    asker.get_by_role("button", name="Skicka frågan").click()
    expect(asker.get_by_text(QUESTION)).to_be_visible()
    where = asker.url.partition("?")[0]
    answerer = _as(site, PHONE, "skaraborg").new_page()
    answerer.goto(where)
    answerer.get_by_label("Ert svar").fill("Vi utgick från länets egen mall.")
    answerer.get_by_role("button", name="Svara", exact=True).click()
    answerer.locator("summary", has_text="Erbjud svaret till vanliga frågor").click()
    answerer.get_by_label("Frågan utan namn").fill("Hur skrivs ett samverkansavtal?")
    answerer.get_by_role("button", name="Erbjud", exact=True).click()
    expect(
        answerer.get_by_text("Erbjudet till vanliga frågor. NCH läser det först.")
    ).to_be_visible()
    planner = site.context(Role.PLANNER, DESK).new_page()
    planner.goto(f"{site.url}/fragor")
    planner.get_by_role("button", name="Publicera").first.click()
    board = _as(site, DESK).new_page()
    board.goto(f"{site.url}/fragor")
    expect(board.locator("summary", has_text="Hur skrivs ett samverkansavtal?")).to_be_visible()
    _is_well(board, DESK)
    for one in (asker, answerer, planner, board):
        one.context.close()


def test_a_year_in_figures_for_leadership_and_on_an_a4(site: Site) -> None:
    """S30."""
    planner = site.context(Role.PLANNER, DESK).new_page()
    planner.goto(f"{site.url}/planera/vad-det-gav")
    expect(planner.get_by_role("heading", level=1)).to_have_text(re.compile(r"Vad \d{4} gav"))
    _is_well(planner, DESK)
    own = _as(site, PHONE, "skaraborg").new_page()
    own.goto(f"{site.url}/rc/skaraborg")
    own.get_by_role("link", name="Vad året gav, på en A4").click()
    expect(own.get_by_role("heading", level=1)).to_contain_text("Skaraborg")
    own.get_by_role("textbox", name="En rad om vad ni lärde er").fill("Börja med avtalet.")
    own.get_by_role("button", name="Publicera raden").click()
    expect(own.get_by_text("Raden är publicerad.")).to_be_visible()
    _is_well(own, PHONE)
    planner.get_by_role("link", name="Året på en A4").click()
    expect(planner.locator("article li", has_text="Börja med avtalet.")).to_be_visible()
    _is_well(planner, DESK)
    planner.set_viewport_size(PAPER)
    planner.emulate_media(media="print")
    for path in ("/planera/vad-det-gav/a4", "/planera/vad-det-gav", "/rc/skaraborg/aret"):
        planner.goto(f"{site.url}{path}")
        assert planner.evaluate("document.documentElement.scrollWidth") <= PAPER["width"], path
        is_sheet = path != "/planera/vad-det-gav"
        high = planner.evaluate("document.documentElement.scrollHeight")
        assert not is_sheet or high <= PAPER["height"], path
    own.get_by_role("button", name="Ta bort: Börja med avtalet.").click()
    expect(own.locator("article li", has_text="Börja med avtalet.")).to_have_count(0)
    board = _as(site, DESK).new_page()
    answer = board.goto(f"{site.url}/planera/vad-det-gav")
    assert answer is not None
    assert answer.status == 404  # not the board's to see as a planner does
    for one in (planner, own, board):
        one.context.close()


def test_an_rc_confirms_its_facts_nch_after_it_and_the_board_lays_two_side_by_side(
    site: Site,
) -> None:
    """S31."""
    own = _as(site, PHONE, "skaraborg").new_page()
    own.goto(f"{site.url}/rc/skaraborg")
    own.get_by_role("link", name="Gå igenom uppgifterna").click()
    own.get_by_label("Hos polisen").fill("Brottsoffersamordnaren i polisområdet")
    own.get_by_role(
        "button", name="Det här stämmer: Kontakter hos region, polis och åklagare"
    ).click()
    expect(own.get_by_text("3 delar är kvar")).to_be_visible()
    _is_well(own, PHONE)
    planner = site.context(Role.PLANNER, DESK).new_page()
    planner.goto(f"{site.url}/planera/registret")
    name = re.compile("^Bekräfta: .*Skaraborg, Kontakter hos region, polis och åklagare$")
    planner.get_by_role("button", name=name).click()
    planner.goto(f"{site.url}/planera/registret")
    expect(planner.get_by_role("button", name=name)).to_have_count(0)
    _is_well(planner, DESK)
    board = _as(site, DESK).new_page()
    board.goto(f"{site.url}/rc/skaraborg")
    expect(board.get_by_text("Brottsoffersamordnaren i polisområdet").first).to_be_visible()
    board.goto(f"{site.url}/rc/jamfor?rc=skaraborg&rc=kronoberg")
    expect(board.get_by_role("columnheader", name="Kronoberg").first).to_be_visible()
    _is_well(board, DESK)
    for one in (own, planner, board):
        one.context.close()
