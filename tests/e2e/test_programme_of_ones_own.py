"""A planner's whole road in under 40 presses: from a day and a town to content from answers, own items, texts,
leaders asked, published, one ill.

Counted is every press of the mouse: links between pages too, into each field, and two for a choice in a list.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from api.accounts.models import Role
from api.accounts.service import hash_of
from api.commands.demonstration import example
from api.kit.clock import now
from api.proposals.asking.models import AskState, LeaderAsk
from api.surveys.models import SurveyAnswer
from tests.e2e.keyboard import SOLVED_MS
from tests.e2e.site import Look, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOK = Look("sv", 1280, "light")
OWN = "Titel\tSyfte\tUppgift\tFörberedelse\tLeds av\tMinuter\tFör vem\n" + "".join(
    f"{title}\tVi vet var vi står.\tSäg vad det betyder hos er.\tLäs en sida.\tNCH\t30\t{who}\n"
    for title, who in (("Vår värdegrund", "alla"), ("Nytt från NCH", ""), ("Frågestund", ""))
)


class Presses:
    """Every press of the planner and of whoever answers, counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, place: Locator) -> None:
        place.click()
        self.count += 1

    def button(self, page: Page, name: str) -> None:
        self(page.get_by_role("button", name=name, exact=True).first)

    def link(self, page: Page, name: str) -> None:
        self(page.get_by_role("link", name=name, exact=True).first)

    def write(self, field: Locator, text: str) -> None:
        """Press into a field and write."""
        self(field)
        field.fill(text)

    def choose(self, field: Locator, number: int) -> None:
        """Open a list and press a line of it."""
        self(field)
        field.select_option(index=number)
        self.count += 1


def _book(page: Page, press: Presses) -> str:
    """Book two days for a national meeting from the first page; return the meeting's id."""
    press.link(page, "Träffar")
    press(page.locator('main a[href$="/planera/datum"]').first)
    day = example.meeting_days(now())[0] + timedelta(days=70)
    press.write(page.locator("#day1"), day.isoformat())
    press.choose(page.locator("#length"), 1)
    press.button(page, "Jämför")
    press.write(page.locator("#focus_sv"), "Det som RC har bett om.")
    press.button(page, "Boka träffen")
    expect(page).to_have_url(re.compile("/traffar/[^/]+$"))
    return page.url.rpartition("/")[2]


def _answered(site: Site) -> int:
    with site.app.state.database.reading() as session:
        return len(session.exec(select(SurveyAnswer)).all())


def _links(site: Site, meeting: str) -> list[str]:
    """Give two RC that have been asked a link that the test knows, as their mails hold one."""
    with site.app.state.database.transaction() as session:
        statement = select(LeaderAsk).where(LeaderAsk.meeting_id == meeting)
        rows = session.exec(statement.where(LeaderAsk.state == AskState.ASKED)).all()
        assert len(rows) >= 2
        for number, row in enumerate(rows[:2]):
            row.token_hash = hash_of(f"known-link-{number}")
            session.add(row)
        return ["/leda/known-link-0", "/leda/known-link-1"]


def _publish(page: Page, press: Presses) -> None:
    press.button(page, "Jag har granskat programmet")
    press.button(page, "Publicera programmet")
    expect(page).to_have_url(re.compile("/traffar/[^/]+$"))


def test_a_meeting_of_ones_own_takes_under_forty_presses(workshop: Site) -> None:
    assert _answered(workshop) == 16
    press = Presses()
    page = workshop.context(Role.PLANNER, LOOK).new_page()
    page.goto(workshop.url)
    meeting = _book(page, press)
    press(page.locator(f'main a[href$="/planera/program/ny/{meeting}"]').first)
    for number, (name, seats) in enumerate((("Stora", "60"), ("Lilla", "30")), start=1):
        press.write(page.locator(f"#room{number}"), name)
        press.write(page.locator(f"#capacity{number}"), seats)
    press.button(page, "Skriv innehållet först")
    expect(page.locator("#faults")).to_have_count(0)
    press.write(page.locator("#rows"), OWN)
    press.button(page, "Läs raderna")
    press(page.get_by_role("button", name=re.compile("Ta in 3 pass")))

    press(page.get_by_role("link", name="Vår värdegrund", exact=True))
    press.write(page.locator("#purpose_sv"), "Vi vet vad som bär oss.")
    expect(page.locator("#autosaved")).not_to_be_empty()
    page.reload()  # nothing was pressed and no field was left: the draft has saved itself
    expect(page.locator("#purpose_sv")).to_have_value("Vi vet vad som bär oss.")
    press.button(page, "Spara")
    press.button(page, "Ta fram ett program")
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    proposal = page.url

    press.button(page, "Fråga dem som föreslås leda")
    visitor = workshop.context(None, LOOK).new_page()
    for link, choice in zip(_links(workshop, meeting), ("nej", "ja"), strict=True):
        visitor.goto(workshop.url + link)
        press(visitor.locator(f"input[name='svar'][value='{choice}']"))
        press.button(visitor, "Spara svaret")
        expect(visitor.get_by_role("status")).to_be_visible()
    _publish(page, press)
    expect(page.get_by_text("Vi vet vad som bär oss.").first).to_be_attached()

    press(page.locator('a[href*="/planera/program/"]').first)
    expect(page).to_have_url(re.compile(re.escape(proposal.partition("#")[0])))
    press.choose(page.locator("#ill"), 1)
    press.button(page, "Gör så här")
    expect(page.locator(".board-bar")).to_be_visible(timeout=SOLVED_MS)
    assert page.url != proposal
    _publish(page, press)
    assert press.count < 40
