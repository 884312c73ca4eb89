"""Fixtures for the browser tests: the demonstration made once, a server and a Chromium for each file."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.site import Site, insist_on_chromium, make_demo, serving


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the demonstration's database for each file: what one file's tests write, no other's meet."""
    return make_demo(tmp_path_factory.mktemp("demo"))


# Playwright keeps an event loop running in this thread while it is open: a browser that stayed open
# for the whole run would break every later test in the same process that runs a loop of its own.
@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demonstration, served; without a browser the tests are skipped, but in CI they fail."""
    insist_on_chromium()
    with serving(request.getfixturevalue("demo")) as made:
        yield made


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A copy of the demonstration: what is written stays in it. Nobody works its jobs off."""
    insist_on_chromium()
    with serving(make_demo(tmp_path)) as made:
        yield made


@pytest.fixture
def workshop(own_site: Site) -> Iterator[Site]:
    """The same with a worker, for what is solved; it takes four seconds of processor time to start."""
    url = own_site.app.state.settings.database
    worker = subprocess.Popen(
        [sys.executable, "-m", "api", "worker", "--database", url],
        cwd=Path(__file__).parents[2],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield own_site
    finally:
        worker.terminate()
        worker.wait()
