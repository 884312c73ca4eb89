"""Fixtures for the browser tests: one demonstration, one server, one Chromium for the whole run."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.site import CHROMIUM, Site, make_demo, serving


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served; without a browser the tests are skipped, but in CI they fail."""
    if not CHROMIUM.exists():
        reason = "Chromium is missing: apt-get install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with serving(make_demo(tmp_path_factory.mktemp("demo"))) as made:
        yield made
