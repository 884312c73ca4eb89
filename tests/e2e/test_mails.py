"""Every mail fits a narrow telephone and a wide window, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.kit.mail import TEMPLATES, texts
from tests.api.outbox.test_mails import LONG, Page
from tests.e2e.site import CHROMIUM, insist_on_chromium

WIDTHS = (320, 600)
COLOURS = """() => {
  const sheet = document.querySelector('.sheet');
  return [getComputedStyle(sheet).backgroundColor, getComputedStyle(document.body).color];
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    insist_on_chromium()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_no_mail_is_wider_than_its_window_and_dark_is_dark(chromium: Browser) -> None:
    page = Page(title=LONG, session=LONG, part="holds", agenda="En rad\nEn till")
    too_wide, colours = [], set()
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            context = chromium.new_context(
                viewport={"width": width, "height": 800},
                color_scheme="light" if scheme == "light" else "dark",
            )
            tab = context.new_page()
            for file in sorted(TEMPLATES.glob("*.html")):
                tab.set_content(texts(file.stem, "sv", page).html)
                if tab.evaluate("document.documentElement.scrollWidth") > width:
                    too_wide.append((file.stem, width, scheme))
                colours.add((scheme, *tab.evaluate(COLOURS)))
            context.close()
    assert too_wide == []
    assert len(colours) == 2  # one pair for each scheme, of every mail
