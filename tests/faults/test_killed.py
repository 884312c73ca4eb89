"""SIGKILL in the middle of what matters: nothing is lost, nothing is half, no mail goes twice but the one in hand.

Quick: a few steps of some acts, each on one database (tests/choice.py). `--full`: seventeen kills of each of nine, over a hundred and fifty on each database.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from api.app import create_app
from api.kit.db import Database
from api.kit.settings import Settings
from api.operations import backup
from tests.api.migrations import stored
from tests.e2e.site import make_demo
from tests.faults.killing import ACTS, PRESSED, Kill, Order
from tests.postgres import Postgres
from tests.world import copy_rows, furnish

ROOT = Path(__file__).parents[2]
FEW, MANY = 3, 17
# One of each kind; the long suite kills the others, which write in the same ways.
QUICK = {"answer", "hand over", "send", "restore", "migrate"}


@dataclass
class Ground:
    """Where acts are killed: the furnished demonstration on both databases."""

    folder: Path
    templates: dict[str, str]
    ids: dict[str, str]
    server: Postgres

    def work(self, kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self.folder}/{name}/work.db"
        return self.server.url(f"killed_{name}")


@pytest.fixture(scope="module")
def ground(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("killed")
    url = make_demo(folder)
    app = create_app(Settings(database=url, base_url="http://testserver"))
    database: Database = app.state.database
    ids = furnish(database)
    database.close()
    postgres.create("killed")
    copy_rows(url, postgres.url("killed"))
    yield Ground(folder, {"sqlite": url, "postgresql": postgres.url("killed")}, ids, postgres)
    postgres.drop("killed")


def _order(ground: Ground, kind: str, act: str, kills: int) -> Order:
    name = act.replace(" ", "_")
    (ground.folder / name).mkdir(exist_ok=True)
    template, copy = ground.templates[kind], ""
    if act == "restore":
        copy = str(backup.make(template, ground.folder / f"copies_{kind}"))
        template = ""
    if act == "migrate":
        template = (
            stored.on_sqlite(ground.folder / name)
            if kind == "sqlite"
            else stored.on_postgres(ground.server, "killed_old")
        )
    work = ground.work(kind, name)
    return Order(act, template, work, str(ground.folder), kills, ids=dict(ground.ids), copy=copy)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("act", "kills"),
    [(act, FEW) for act in ACTS if act in QUICK]
    + [pytest.param(act, MANY, marks=pytest.mark.full) for act in ACTS],
)
def test_what_is_killed_is_whole_or_undone(ground: Ground, act: str, kind: str, kills: int) -> None:
    order = _order(ground, kind, act, kills)
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killing"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = [Kill(**json.loads(line)) for line in done.stdout.splitlines()]
    assert len(found) == kills
    # Those at a step always die there; a moment from outside may come too late.
    assert all(kill.is_dead for kill in found if kill.at.startswith("step"))
    assert [kill for kill in found if kill.log] == []
    assert [kill for kill in found if kill.then != "after"] == []
    if act == "send":
        most = {mail: 0 for kill in found for mail in kill.received}
        for kill in found:
            assert set(kill.received) == set(most), "a mail was lost"
            assert sum(times - 1 for times in kill.received.values()) <= 1
    else:
        assert {kill.state for kill in found} <= {"before", "after"}
    if act in PRESSED:
        assert "before" in {kill.state for kill in found}
