"""A planner reads standing meetings in from a file: Swedish at a desk, English on a phone."""

from datetime import timedelta

import pytest

from api.accounts.models import Role
from api.kit.clock import now
from tests.e2e.site import QUICK, Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WORDS = {
    "sv": ("Kontrollera filen", "Läs in de valda", "7 nya träffar", "Är en heldag."),
    "en": ("Check the file", "Import the chosen ones", "7 new meetings", "Is a whole day."),
}


def _file() -> bytes:
    day = f"{now() + timedelta(days=50):%Y%m%d}"
    series = f"UID:1\r\nSUMMARY:Exempel serie\r\nDTSTART:{day}T080000Z\r\nDURATION:PT1H"
    events = (
        f"{series}\r\nRRULE:FREQ=WEEKLY;COUNT=6",
        f"UID:2\r\nSUMMARY:Exempel möte\r\nDTSTART:{day}T120000Z\r\nDURATION:PT1H",
        f"UID:3\r\nSUMMARY:Exempel heldag\r\nDTSTART;VALUE=DATE:{day}",
    )
    body = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


@pytest.mark.parametrize("look", QUICK, ids=str)
def test_a_file_is_checked_and_read_in(own_site: Site, look: Look) -> None:
    check, read_in, new, whole_day = WORDS[look.language]
    site = own_site
    page = site.context(Role.PLANNER, look).new_page()
    page.goto(site.url + look.path("/traffar"))
    page.locator('.way a[href$="/planera/aret"]').click()
    page.locator('main nav a[href$="/planera/traffar/las-in"]').click()
    page.get_by_role("button", name=check).click()
    page.locator("#whose-fault").wait_for()
    assert _axe_faults(page, look) == []
    page.locator("#file").set_input_files(
        files={"name": "kalender.ics", "mimeType": "text/calendar", "buffer": _file()}
    )
    page.locator("#whose").select_option("other")
    page.locator("#focus").fill("Exempel på fokus")
    page.get_by_role("button", name=check).click()
    page.get_by_text(whole_day).wait_for()
    page.locator("summary").first.click()
    assert _axe_faults(page, look) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width
    page.get_by_role("button", name=read_in).click()
    page.get_by_text(new).wait_for()
    assert _axe_faults(page, look) == []
    page.goto(site.url + look.path("/traffar"))
    assert page.get_by_role("link", name="Exempel serie").count() == 6
