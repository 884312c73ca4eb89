"""Fixtures for the browser tests: the demonstration made once, a server and a Chromium for each file."""

from collections.abc import Iterator

import pytest

from tests.e2e.site import Site, insist_on_chromium, make_demo, serving


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demonstration's database."""
    return make_demo(tmp_path_factory.mktemp("demo"))


# Playwright keeps an event loop running in this thread while it is open: a browser that stayed open
# for the whole run would break every later test in the same process that runs a loop of its own.
@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demonstration, served; without a browser the tests are skipped, but in CI they fail."""
    insist_on_chromium()
    with serving(request.getfixturevalue("demo")) as made:
        yield made
