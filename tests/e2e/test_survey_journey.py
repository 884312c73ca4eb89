"""From a planner's survey to an agenda and a trend, in a real browser: one at phone width without script, one by keyboard."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from playwright.sync_api import BrowserContext, Page, expect
from sqlmodel import col, select

from api.accounts.models import Role
from api.commands.demonstration import demo, example
from api.kit.clock import now, today
from api.kit.i18n import JOINER
from api.meetings import queries as meetings
from api.outbox.models import Mail
from api.programme import queries as programmes
from api.registry import queries as registry
from api.surveys import queries, service
from api.surveys.themes import import_theme_bank
from api.wiring import connect
from tests import migrated
from tests.e2e.site import Look, Site, insist_on_chromium, serving
from tests.e2e.test_looks import _axe_faults
from tests.mailbox import text_of
from tests.shipped import import_shipped

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK, PHONE = Look("sv", 1280, "light"), Look("sv", 360, "light")
ENGLISH = Look("en", 1280, "light")
LINK = re.compile(r"http://\S+/(?:enkat|utvardering)/[\w-]+")
MOST_TABS = 200


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, example.People]:
    """A database with the register, the theme bank, a planner and a coordinator for each RC."""
    insist_on_chromium()
    url = migrated.on_sqlite(tmp_path_factory.mktemp("journey") / "journey.db")
    database = connect(url, "http://127.0.0.1")
    with database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        keys = tuple(f"{rc.id}:operative_coordinator" for rc in registry.rcs(session))
        made = example.make_people(session, keys)
    database.close()
    return url, made


@pytest.fixture(scope="module")
def journey(people: tuple[str, example.People]) -> Iterator[Site]:
    with serving(people[0]) as site:
        yield site


def _links(app: FastAPI) -> list[str]:
    """The links of the mails so far, oldest first."""
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail).order_by(col(Mail.created_at), Mail.id)).all()
        found = (LINK.search(text_of(mail, app.state.settings.base_url)) for mail in mails)
        return [match.group() for match in found if match]


def _planner(site: Site, look: Look = DESK) -> BrowserContext:
    return site.context(Role.PLANNER, look)


def _answer(page: Page, link: str, weights: dict[str, int]) -> None:
    page.goto(link)
    for theme, weight in weights.items():
        page.check(f"#weight-{theme}-{weight}")
    page.check("#functions-operative_coordinator")
    page.click("form.survey button[type=submit]")
    expect(page.locator("main")).to_contain_text("Tack, svaret är sparat")


def _answer_in_steps(page: Page, link: str, theme: str) -> None:
    """On a phone with script: a group a screen, kept on the server, looked over before it is sent."""
    page.goto(link)
    expect(page.locator("[data-step]:visible")).to_have_count(1)
    with page.expect_response(lambda answer: answer.url.endswith("/utkast")):
        page.check(f"#weight-{theme}-3")
    page.goto(link)  # as on another device
    expect(page.locator("main")).to_contain_text("Det här är inte skickat än")
    assert page.is_checked(f"#weight-{theme}-3")
    expect(page.locator("main")).to_contain_text("Steg 1 av 7")
    for _ in range(6):
        page.get_by_role("button", name="Nästa").click()
    expect(page.locator("[data-summary]")).to_contain_text("Viktigast")
    expect(page.get_by_role("button", name="Nästa")).to_be_hidden()
    page.get_by_role("button", name="Skicka svaret").click()
    expect(page.locator("main")).to_contain_text("Tack, svaret är sparat")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element, or the radio group that it is in, has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def _answer_by_keyboard(page: Page, link: str, theme: str) -> None:
    page.goto(link)
    _tab_to(page, f"[name='weight-{theme}']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    _tab_to(page, "#must")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "#functions-operative_coordinator")
    page.keyboard.press("Space")
    _tab_to(page, "form.survey button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Tack, svaret är sparat")


def _faults(site: Site, paths: list[str]) -> list[str]:
    """What axe finds on pages, in both languages and both widths."""
    faults = []
    for look in (DESK, ENGLISH, PHONE):
        context = _planner(site, look)
        page = context.new_page()
        for path in paths:
            page.goto(site.url + look.path(path))
            faults += _axe_faults(page, look)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > look.width:
                faults.append(f"{path}: {wide} px wide at {look.width}")
        context.close()
    return faults


def _words(page: Page) -> str:
    return " ".join(page.inner_text("main").replace(JOINER, "").split())


def _reads(page: Page, text: str) -> None:
    """Wait until the page says so, however its lines are broken."""
    expect(page.locator("main")).to_contain_text(text)


def _send_survey(site: Site, planner: Page) -> str:
    """The planner makes a survey, reviews the mail and sends it; return the survey's path."""
    planner.goto(f"{site.url}/planera/enkater/ny")
    planner.fill("#title_sv", "Exempel: inför vårens träff")
    planner.fill("#title_en", "Exempel: before the spring meeting")
    planner.click("text=Spara och granska utskicket")
    _reads(planner, "16 mejl kommer att skickas.")
    hub = planner.url.removeprefix(site.url).rsplit("/", 1)[0]
    planner.click("text=Öppna enkäten och skicka")
    planner.get_by_text("Stäng enkäten").wait_for()
    return hub


def _remind(site: Site, planner: Page, hub: str) -> list[str]:
    """The planner sees who is missing, reviews the reminder and sends it; return its links."""
    planner.goto(site.url + hub)
    _reads(planner, "14 av 16 resurscentrum har svarat.")
    planner.click("text=Granska påminnelsen")
    _reads(planner, "2 mejl kommer att skickas.")
    planner.click("text=Skicka påminnelsen")
    planner.get_by_text("Stäng enkäten").wait_for()
    return _links(site.app)[16:]


def _close(site: Site, planner: Page, hub: str) -> None:
    planner.goto(site.url + hub)
    _reads(planner, "16 av 16 resurscentrum har svarat.")
    planner.click("text=Stäng enkäten")
    planner.get_by_role("dialog").get_by_role("button", name="Stäng nu").click()
    _reads(planner, "Föreslaget fokus")
    _reads(planner, "16 av 16 resurscentrum har svarat.")


def _plan(site: Site, planner: Page, made: example.People, hub: str) -> str:
    """Make the programme of the answers, see it, and return the meeting's id."""
    database = site.app.state.database
    with database.reading() as session:
        wishes = service.wishes_for_programme(session, hub.rsplit("/", 1)[1])
    demo._plan(database, wishes, made, now())
    with database.reading() as session:
        (meeting,) = meetings.national_meetings(session)
        meeting_id, name = meeting.id, meeting.name_sv
        held = {one.theme_id for one in programmes.programme(session, meeting_id).sessions}
    assert held & {topic.theme.id for topic in wishes.topics}
    planner.goto(f"{site.url}/traffar/{meeting_id}")
    assert name in planner.inner_text("h1")
    planner.goto(f"{site.url}{hub}/onskemal")
    assert planner.locator("tbody tr").count() == len(wishes.trace)
    return meeting_id


def _send_ballots(site: Site, planner: Page, meeting_id: str) -> list[str]:
    """The planner has the meeting evaluated; return the ballots' links."""
    planner.goto(f"{site.url}/planera/utvarderingar/ny?traff={meeting_id}")
    planner.select_option("#meeting", "")  # it has not been, and nobody is asked about it yet
    planner.fill("#held_on", today().isoformat())
    planner.fill("#closes_on", (today() + timedelta(days=14)).isoformat())
    planner.click("main form button[type=submit]")
    planner.get_by_role("button", name="Skicka utvärderingen").click()
    expect(planner.locator("h1")).not_to_have_text("Granska utskicket")
    planner.wait_for_load_state()
    return _links(site.app)[18:]


def _evaluate(page: Page, ballots: list[str]) -> None:
    """Everybody answers; every fifth is not content."""
    for number, ballot in enumerate(ballots):
        page.goto(ballot)
        for question in ("purpose", "structure", "useful", "safe"):
            page.check(f"#{question}-{2 if number % 5 == 0 else 4}")
        page.click("form.survey button[type=submit]")
        expect(page.locator("h1")).to_contain_text("Tack för svaret")
    page.goto(ballots[0])
    assert "Länken är redan använd" in page.inner_text("h1")


def _two_weeks_pass(site: Site) -> None:
    with site.app.state.database.transaction() as session:
        (evaluation,) = queries.evaluations(session)
        evaluation.held_on = today() - timedelta(days=20)
        evaluation.closes_on = today() - timedelta(days=1)
        session.add(evaluation)


def test_from_a_survey_to_a_programme_and_from_the_meeting_to_a_trend(
    journey: Site, people: tuple[str, example.People]
) -> None:
    site = journey
    desk, phone = _planner(site), site.context(None, PHONE, script=False)
    visitor = site.context(None, DESK)
    planner, page = desk.new_page(), visitor.new_page()

    hub = _send_survey(site, planner)
    links = _links(site.app)
    assert len(set(links)) == 16
    with site.app.state.database.reading() as session:
        survey = queries.survey(session, hub.rsplit("/", 1)[1])
        assert survey is not None
        themes = list(survey.theme_ids)
    _answer(phone.new_page(), links[0], {themes[0]: 3, themes[1]: 1})
    _answer_by_keyboard(page, links[1], themes[0])
    stepping = site.context(None, PHONE)
    _answer_in_steps(stepping.new_page(), links[2], themes[2])
    stepping.close()
    for number, link in enumerate(links[2:14]):
        _answer(page, link, {themes[number % 4]: 3, themes[(number + 1) % 5]: 2})
    for link in _remind(site, planner, hub):
        _answer(page, link, {themes[0]: 2})
    form = links[0].removeprefix(site.url)
    forms = ["/enkat", form, "/enkat/unknown", f"{hub}/forhandsvisa", "/planera/enkater/ny"]
    assert _faults(site, [*forms, "/planera/amnen"]) == []
    _close(site, planner, hub)

    meeting_id = _plan(site, planner, people[1], hub)
    page.goto(links[0])
    page.click("text=Se träffen och programmet")
    expect(page).to_have_url(re.compile("/logga-in"))  # the programme is for who is signed in

    ballots = _send_ballots(site, planner, meeting_id)
    assert len(set(ballots)) == 16
    assert _faults(site, [ballots[0].removeprefix(site.url), "/planera/utvarderingar/ny"]) == []
    _evaluate(page, ballots)
    planner.goto(f"{site.url}/utvarderingar")
    assert "16 av 16 har svarat." in _words(planner)
    assert planner.locator("#trend-table").count() == 0  # open: no figures yet
    _two_weeks_pass(site)
    planner.reload()
    planner.locator("details:has(#trend-table) > summary").click()
    ranges = re.findall(r"(\d+)(?:–(\d+))? av 16 \(", _words(planner))
    assert len(ranges) == 4
    assert all(int(low) <= 12 <= int(high or low) for low, high in ranges)  # four were not content
    closed = [hub, f"{hub}/onskemal", "/enkater", "/utvarderingar", form, "/utvardering/tack"]
    assert _faults(site, closed) == []
    for context in (desk, phone, visitor):
        context.close()
