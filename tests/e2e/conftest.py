"""Fixtures for the browser tests: one demonstration, one server, one Chromium for the whole run."""

from collections.abc import Iterator

import pytest

from tests.e2e.site import Site, insist_on_chromium, make_demo, serving


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served; without a browser the tests are skipped, but in CI they fail."""
    insist_on_chromium()
    with serving(make_demo(tmp_path_factory.mktemp("demo"))) as made:
        yield made
