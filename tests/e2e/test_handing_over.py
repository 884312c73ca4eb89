"""Somebody stops: found from the start page on a phone, three presses, and undone by whoever it signed out."""

import re

import pytest

from api.accounts.models import Role
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = Look("sv", 360, "light")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mail that tells others wait, as it does where the service is run."""
    monkeypatch.setenv("SAMKRETS_HOLD_MINUTES", "10")


@pytest.mark.usefixtures("waits")
def test_handing_over_takes_three_presses_from_the_start_page(own_site: Site) -> None:
    page = own_site.context(Role.RC_MEMBER, PHONE).new_page()
    page.goto(own_site.url)
    page.get_by_role("main").get_by_role("link", name="Jag slutar eller lämnar över").click()
    assert _axe_faults(page, PHONE) == []
    page.get_by_role("link", name=re.compile("^Lämna över")).first.click()
    page.get_by_label("Namn på den som ska ha funktionen").fill("Exempel Ny")
    page.get_by_label("E-postadress till den som ska ha funktionen").fill(
        "exempel.ny.samordnare@example.org"
    )
    assert _axe_faults(page, PHONE) == []
    page.get_by_role("button", name="Spara överlämningen").click()
    page.get_by_text("Exempel Ny är nu").wait_for()
    assert _axe_faults(page, PHONE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    page.get_by_role("button", name="Ångra").click()
    page.get_by_role("heading", name="Du har kvar funktionen").wait_for()
    page.context.close()
