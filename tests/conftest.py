"""Fixtures for all tests: both databases, the app, no network, and the switch for the long suites."""

import gc
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlmodel import Session, SQLModel

import api.tables
from api.app import create_app
from api.kit import db
from api.kit.db import Database, make_engine
from api.kit.settings import Settings
from tests import choice, costs, sharing, tiers
from tests.links import app_of, open_every_link_twice, writing
from tests.needs import MISSING, RUN_FOLDER, need
from tests.postgres import Postgres, find_program
from tests.promises import judge, listening

TABLES = api.tables
# What the summary names: the dearest tests, where they cost something.
DEAREST, DEAR_S = 10, 5.0
GOAL_S = 600  # of a developer's run
# Databases of tests share no folder with a service: their logs are signed with a key of the tests' own.
os.environ.setdefault("SAMKRETS_AUDIT_KEY", "the key of the tests, of no use elsewhere")
# Mail is written as things happen; the tests of what waits say for how long.
os.environ.setdefault("SAMKRETS_HOLD_MINUTES", "0")
# What the tests start, and it is a hundred processes, reads what the first of them has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Whoever waits for another's transaction waits as long as a busy machine needs; a test that wants to
# see the end of that patience sets it itself.
db._BUSY_TIMEOUT_MS = 120_000
sharing.share()
# What the suite has loaded stays until it ends: looking through it again and again for garbage was an
# eighth of the processor time of tests of pages.
gc.set_threshold(50_000, 20, 20)
# What is drawn must hold, however long a busy machine takes to draw it.
hypothesis.settings.register_profile(
    "samkrets", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("samkrets")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the long suites")
    parser.addoption(
        "--weigh", action="store_true", help="write tests/dear.txt by what the tests have cost"
    )


@pytest.hookimpl(trylast=True)  # when -k and -m have left out what was not asked for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    if choice.is_broad(config.args, config.invocation_params.dir):
        if tiers.is_ci():
            out = choice.left_out(items)
        else:
            out = choice.left_out(items, choice.on_sqlite)
            out = list(dict.fromkeys([*out, *tiers.left_out(items, tiers.dear())]))
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]
    for item in items:
        if "full" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="long suite: run with --full"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """End on every signal as on Ctrl-C: with what the tests have started."""
    config.pluginmanager.register(costs)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    if RUN_FOLDER not in os.environ:  # its own workers find it there
        folder = tempfile.mkdtemp(prefix="samkrets-tests-")
        os.environ[RUN_FOLDER] = folder
        config.add_cleanup(partial(_forget, folder))


def pytest_collection_finish() -> None:
    """Leave what is loaded now out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def _forget(folder: str) -> None:
    os.environ.pop(RUN_FOLDER, None)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the machine lacks, and what the run has cost."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason in sorted({str(report.longrepr[2]) for report in skipped if report.longrepr}):
        if MISSING in reason:
            terminalreporter.write_line(reason.removeprefix("Skipped: "), yellow=True)
    terminalreporter.write_line(
        f"{costs.used():.0f} s of processor time; a run without CI=true and --full is to take {GOAL_S}"
    )
    spent = costs.of_tests(chain.from_iterable(terminalreporter.stats.values()))
    for name, seconds in sorted(spent.items(), key=lambda one: -one[1])[:DEAREST]:
        if seconds >= DEAR_S:
            terminalreporter.write_line(f"{seconds:5.0f} s {name}")
    before = tiers.dear()
    if terminalreporter.config.getoption("--weigh"):
        lines = tiers.weighed(spent, filter(tiers.stands, before))
        tiers.DEAR.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        for name in tiers.unlisted(spent, before):
            terminalreporter.write_line(f"{name} is dear and not in tests/dear.txt", yellow=True)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a test may speak to another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - socket's own type
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            message = f"a test tried to reach {address!r}"
            raise AssertionError(message)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def promises(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test says that it keeps (tests/promises.py) was said in it, with mails or without."""
    kept, quiet = (
        {text for mark in request.node.iter_markers(name) for text in mark.args}
        for name in ("keeps", "keeps_quiet")
    )
    if not kept | quiet:
        yield
        return
    with listening(monkeypatch) as heard:
        yield
    assert judge(heard, kept, quiet) == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What a test says that it opens (tests/links.py) was mailed in it, and opening its links changes nothing."""
    kinds = {kind for mark in item.iter_markers("opens") for kind in mark.args}
    if not kinds:
        return (yield)
    with writing() as written:
        yield
    opened, number = open_every_link_twice(app_of(item.funcargs), written)  # type: ignore[attr-defined] # a function's
    assert kinds <= opened
    assert number


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the test run's own; in CI its absence is a failure."""
    need(find_program("initdb"), "PostgreSQL", "postgresql")
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A PostgreSQL database with every table, to copy from."""
    name = "template_samkrets"
    postgres.create(name)
    engine = make_engine(postgres.url(name))
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with every table, to copy from."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = make_engine(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "samkrets.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    name = server.borrow(template)
    yield server.url(name)
    server.give_back(name, template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on both databases that is rolled back at the end."""
    with Session(database.engine) as opened:
        yield opened


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database=database_url,
        data=tmp_path / "var",
        base_url="http://testserver",
        secret="a-secret-of-the-tests-0123456789abcdef",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Any]:
    made = create_app(settings)
    yield made
    made.state.database.close()
