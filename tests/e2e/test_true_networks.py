"""Presses counted: one fact corrected, RC 17 added and reached the same day, all wishes of a matching in one form."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from api.accounts.models import Body, Function, Role
from api.calendar.models import Event, EventAudience, ScopeKind
from api.invitations.models import Invitation
from api.kit.clock import now, to_local
from api.meetings.models import Meeting, MeetingKind
from api.outbox.models import Mail
from api.proposals.documents import read
from api.proposals.models import Proposal, ProposalKind
from api.proposals.networks.building import Choice
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK = Look("sv", 1280, "light")
NEW = "sara.ny@example.org"


class Presses:
    """Every press, counted; filling a field is none."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, place: Locator) -> None:
        place.click()
        self.count += 1

    def button(self, page: Page | Locator, name: str | re.Pattern[str]) -> None:
        self(page.get_by_role("button", name=name).first)

    def link(self, page: Page, name: str | re.Pattern[str]) -> None:
        self(page.get_by_role("link", name=name).first)


def test_one_fact_is_corrected_in_three_presses_and_cites_who_knows(site: Site) -> None:
    page, press = site.context(Role.PLANNER, DESK).new_page(), Presses()
    page.goto(f"{site.url}/rc/skane")
    pencil = page.locator("details.pencil", has=page.locator("#funding_detail"))
    press(pencil.locator("summary"))
    pencil.locator("#funding_detail").fill("Telefonlinjen betalas av Region Skåne.")
    pencil.get_by_label("Varifrån vet du det?").fill("styrgruppens beslut 12 mars")
    press.button(pencil, "Spara")
    expect(page).to_have_url(re.compile("/rc/skane"))
    assert press.count <= 3
    told = page.locator("main").inner_text()
    where = told.index("Telefonlinjen betalas av Region Skåne.")
    assert "Källa: styrgruppens beslut 12\u00a0mars" in told[where : where + 200]
    assert "Rapporten" not in told[where : where + 100]
    page.context.close()


def test_rc_seventeen_gets_survey_invitation_and_calendar_the_same_day(site: Site) -> None:
    page, press = site.context(Role.PLANNER, DESK).new_page(), Presses()
    page.goto(f"{site.url}/rc")
    press.link(page, "Lägg till ett RC")
    assert _axe_faults(page, DESK) == []
    page.locator("#name").fill("Södermanland")
    page.locator("#county_code").select_option("04")
    page.locator("#area_scope").select_option("county")
    page.locator("#establishment_status").select_option("start_up")
    page.locator("#started_year").fill("2026")
    page.locator("#seat_city").fill("Nyköping")
    page.locator("#contact_name").fill("Exempel Sara Ny")
    page.locator("#contact_email").fill(NEW)
    press.button(page, "Spara")
    expect(page).to_have_url(re.compile("/rc/sodermanland"))
    assert press.count <= 6
    told = page.locator("main").inner_text()
    assert "Orten är okänd" not in told
    assert re.search(r"\b0 km\b", told) is None
    page.goto(f"{site.url}/planera")
    assert "Kontaktperson saknas för RC: Södermanland" not in page.locator("main").inner_text()
    with site.app.state.database.reading() as session:
        body = session.exec(select(Body).where(Body.rc_id == "sodermanland")).one()
        function = session.exec(select(Function).where(Function.body_id == body.id)).one()
        meeting = session.exec(
            select(Meeting)
            .where(Meeting.kind == MeetingKind.NATIONAL, Meeting.starts_at > now())
            .order_by(col(Meeting.starts_at))
        ).first()
        assert meeting is not None
        meeting_id, function_id = meeting.id, function.id
        event = session.exec(select(Event.id).where(Event.subject_id == meeting_id)).first()
        audience = session.exec(select(EventAudience).where(EventAudience.event_id == event)).all()
        assert (ScopeKind.RC, "sodermanland") in {  # the RC's calendar has the meeting
            (one.scope_kind, one.scope_id) for one in audience
        }
    # A survey.
    page.goto(f"{site.url}/planera/enkater")
    press.link(page, "Gör en enkät")
    page.locator("#title_sv").fill("Vad behöver ni i vår?")
    page.locator("#title_en").fill("What do you need in spring?")
    page.locator("#deadline").fill((to_local(now()) + timedelta(days=20)).date().isoformat())
    assert page.get_by_label("Södermanland").is_checked()
    press.button(page, "Spara utkastet")
    press.link(page, "Granska utskicket")
    assert "ingen mottagare" not in page.locator("main").inner_text()
    press.button(page, "Öppna enkäten och skicka")
    # An invitation.
    page.goto(f"{site.url}/traffar/{meeting_id}/inbjudningar")
    press.link(page, re.compile("^Bjud in"))
    assert "Exempel Sara Ny" in page.locator("main").inner_text()
    press.button(page, re.compile("^Skicka till"))
    expect(page).to_have_url(re.compile("/inbjudningar"))
    with site.app.state.database.reading() as session:
        mails = session.exec(select(Mail).where(Mail.recipient == NEW)).all()
        invited = session.exec(select(Invitation).where(Invitation.function_id == function_id))
        assert len(invited.all()) == 1
        assert any("Vad behöver ni i vår?" in one.subject + one.text for one in mails)
    page.context.close()


def test_together_apart_and_own_weights_are_one_form_and_one_solve(site: Site) -> None:
    page, press = site.context(Role.PLANNER, DESK).new_page(), Presses()
    with site.app.state.database.reading() as session:
        before = len(session.exec(select(Proposal)).all())
    page.goto(f"{site.url}/planera/natverk")
    for kind, first, second in (
        ("together", "skane", "kronoberg"),
        ("apart", "jonkoping", "uppsala"),
    ):
        page.locator(f"#{kind}_1_first").select_option(first)
        page.locator(f"#{kind}_1_second").select_option(second)
    press(page.locator("label[for=preset-own]"))
    sliders = page.locator("details", has=page.locator("#weight_model"))
    if not page.locator("#weight_model").is_visible():
        press(sliders.locator("summary"))
    for attribute, weight in (("model", "2"), ("funding_status", "4")):
        page.locator(f"#weight_{attribute}").fill(weight)
    press.button(page, "Ta fram ett förslag")
    assert press.count <= 3
    expect(page).to_have_url(re.compile("/planera/natverk/.+"))
    with site.app.state.database.reading() as session:
        rows = session.exec(select(Proposal).where(Proposal.kind == ProposalKind.NETWORKS)).all()
        made = max(rows, key=lambda one: one.created_at)
        choice = read(Choice, made.settings)
        assert len(session.exec(select(Proposal)).all()) == before + 1
    assert {(one.kind, one.rc_ids) for one in choice.wishes} == {
        ("together", ("kronoberg", "skane")),
        ("apart", ("jonkoping", "uppsala")),
    }
    assert choice.likeness["funding_status"] == 4
    assert choice.preset == ""
    page.context.close()
