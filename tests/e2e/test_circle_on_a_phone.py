"""A tired person on a phone: whom to ring and when we meet are seen at once."""

import pytest
from playwright.sync_api import Page, expect

from api.accounts.models import Role
from tests.e2e.site import Look, Site
from tests.e2e.test_looks import _axe_faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = Look("sv", 360, "light")


def _phone(site: Site, *, script: bool = True) -> Page:
    page = site.context(Role.RC_MEMBER, PHONE, script=script).new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(site.url)
    return page


def _bottom(page: Page, selector: str) -> float:
    """Return where the first of some elements ends, in pixels from the top of the page."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    scrolled: float = page.evaluate("window.scrollY")
    return box["y"] + scrolled + box["height"]


@pytest.mark.parametrize("script", [True, False])
def test_whom_to_ring_and_when_we_meet_within_the_first_screen(site: Site, script: bool) -> None:  # noqa: FBT001 - a case
    page = _phone(site, script=script)
    circle = 'main a[href^="/natverk/"]:not([href*="#"])'
    page.locator(circle).first.click()  # one press from the start page
    assert _bottom(page, 'main a[href^="tel:"]') <= 640
    assert _bottom(page, ".next-meeting") <= 640
    assert _bottom(page, ".site-header") <= 120
    expect(page.locator("#figures table").first).not_to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    if script:
        assert _axe_faults(page, PHONE) == []
    page.context.close()


@pytest.mark.parametrize("role", [Role.PLANNER, Role.RC_MEMBER, Role.GUEST])
def test_the_start_page_s_header_leaves_the_phone_to_what_is_asked(site: Site, role: Role) -> None:
    page = site.context(role, PHONE).new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(site.url)
    assert _bottom(page, ".site-header") <= 120
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE.width
    page.context.close()


def test_what_must_be_answered_stands_before_the_meetings_and_the_agenda_last(site: Site) -> None:
    page = _phone(site)
    page.goto(f"{site.url}/traffar")
    order = [_bottom(page, one) for one in ("#asked", ".month-heading", "#agenda")]
    assert order == sorted(order)
    assert page.locator(".asked li").count() >= 1
    assert _axe_faults(page, PHONE) == []
    page.context.close()
