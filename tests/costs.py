"""What each test costs in processor time: its own, and its share of what its file sets up for all its tests.

A fixture of a module, a browser that it closes or a server that it ends would else be put on whichever
test comes first or last, and a run's own PostgreSQL on the last of all.
"""

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

OWN, SHARED = "own processor time", "processor time for its file"


def used() -> float:
    """Return the processor time of this process and of those that it has waited for, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Meter:
    """The processor time of one test after the other."""

    def __init__(self, used: Callable[[], float] = used) -> None:
        self._used = used
        self._began = self._ended = 0.0
        self._for_file = self._for_run = 0.0
        self._depth = 0

    def begin(self) -> None:
        """A test begins."""
        self._began = self._ended = self._used()
        self._for_file = self._for_run = 0.0

    @contextmanager
    def setting_up(self, scope: str) -> Iterator[None]:
        """Note what is set up for more tests than one; what it needs itself is set up within it."""
        began, self._depth = self._used(), self._depth + (scope != "function")
        try:
            yield
        finally:
            if scope != "function":
                self._depth -= 1
                if self._depth == 0:
                    spent = self._used() - began
                    if scope == "session":
                        self._for_run += spent
                    else:
                        self._for_file += spent

    def called(self) -> None:
        """A test is set up, or has been called; the last time before what was set up is ended."""
        self._ended = self._used()

    def costs(self, item: pytest.Item, after: pytest.Item | None) -> dict[str, float]:
        """Return what the test has cost, when everything that ends with it has ended."""
        now = self._used()
        own = self._ended - self._began - self._for_file - self._for_run
        if after is None:  # the run ends
            return {OWN: own, SHARED: self._for_file}
        if after.path == item.path:
            return {OWN: own + now - self._ended, SHARED: self._for_file}
        return {OWN: own, SHARED: self._for_file + now - self._ended}


def of_tests(reports: Iterable[Any]) -> dict[str, float]:
    """Return what each test of a run has cost, with an equal share of what its file has."""
    own: dict[str, float] = {}
    shared: dict[str, float] = {}
    count = Counter[str]()
    for report in reports:
        noted = dict(getattr(report, "user_properties", ()))
        if OWN in noted:
            file = _file(report.nodeid)
            own[report.nodeid] = noted[OWN]
            shared[file] = shared.get(file, 0.0) + noted[SHARED]
            count[file] += 1
    return {
        name: seconds + shared[_file(name)] / count[_file(name)] for name, seconds in own.items()
    }


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


METER = Meter()
NEXT = pytest.StashKey[pytest.Item | None]()
SKIPPED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, Any, Any]:
    """Note where a test begins, with what is set up for it."""
    item.stash[NEXT] = nextitem
    METER.begin()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """Note what is set up for more tests than one."""
    with METER.setting_up(fixturedef.scope):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Tell with a test's last report what it has cost."""
    report = yield
    if call.when != "teardown":
        METER.called()
        item.stash[SKIPPED] = report.skipped
    elif not item.stash[SKIPPED]:
        report.user_properties += METER.costs(item, item.stash[NEXT]).items()
    return report
