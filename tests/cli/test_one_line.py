"""Every command on every broken database: one line that says what to do, never a traceback."""

import shutil
import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.accounts.models import Person
from api.cli import COMMANDS, app
from api.commands.running.opening import refuse
from api.kit import db
from api.kit.settings import Settings
from api.operations import backup
from api.operations.service import demo_fault
from api.wiring import connect
from tests import migrated
from tests.factories import make_person

# A way to call each command that opens the database; the others read files or only settings.
WORDS: dict[str, list[list[str]]] = {
    "demo": [["--once", "--keep", "--database", "{url}", "--data", "{folder}/demo"]],
    "serve": [[]],
    "worker": [["--name", "x"]],
    "recover": [["x"]],
    "doctor": [[]],
    "backup": [[]],
    "restore": [["{copy}"], ["{copy}", "--verify"], ["{folder}/none.db"]],
    "erase": [[], ["--dry-run"]],
    "audit": [["verify"], ["head"]],
    "migrate": [[]],
    "import": [["--shipped"], ["--shipped", "--dry-run"]],
    "export": [["members"], ["register", "--out", "{folder}/r.csv"]],
}
WITHOUT_DATABASE = {
    *("match", "explain", "programme", "dates", "schema", "settings"),
    *("calendar", "replies", "travel", "openapi"),
}
STATES = ("absent", "empty", "others", "damaged", "page", "readonly", "away", "nonsense")
CALLS = [[name, *words] for name, calls in WORDS.items() for words in calls]


def test_each_command_is_tried_here_or_needs_no_database() -> None:
    assert COMMANDS.keys() - WITHOUT_DATABASE == WORDS.keys()


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as `migrate` makes it, to copy from."""
    file = tmp_path_factory.mktemp("new") / "new.db"
    migrated.on_sqlite(file)
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    return file


def _put(state: str, file: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Bring a database into a state; return its URL."""
    url = f"sqlite:///{file}"
    if state == "empty":
        file.touch()
    elif state == "others":
        with closing(sqlite3.connect(file)) as plain:
            plain.execute("CREATE TABLE theirs (x INTEGER)")
    elif state == "damaged":
        file.write_bytes(b"no database" * 1000)
    elif state == "page":
        shutil.copy(new, file)
        _overwrite_pages(file)
    elif state == "readonly":
        shutil.copy(new, file)
        _only_read(monkeypatch)
    urls = {"away": "postgresql+psycopg://samkrets@127.0.0.1:1/samkrets", "nonsense": "postgre:/x"}
    return urls.get(state, url)


def _overwrite_pages(file: Path) -> None:
    with closing(sqlite3.connect(file)) as plain:
        statement = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        names = ("person", "audit_entry", "rc", "mail", "job")
        pages = [plain.execute(statement, [name]).fetchone()[0] for name in names]
    octets = bytearray(file.read_bytes())
    for page in pages:
        octets[(page - 1) * 4096 : page * 4096] = b"x" * 4096
    file.write_bytes(octets)


def _only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have SQLite answer as for a file that may not be written; the tests may run as root."""
    prepare = db._prepare_sqlite

    def only_reading(connection: Any, record: object) -> None:  # noqa: ANN401 - the driver's own
        prepare(connection, record)
        connection.execute("PRAGMA query_only=ON")

    monkeypatch.setattr(db, "_prepare_sqlite", only_reading)


@pytest.mark.parametrize("state", STATES)
def test_every_command_says_what_is_wrong_in_one_line(
    state: str, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the demonstration makes of a database that is well is told in `test_demo`.
    monkeypatch.setattr(
        "api.commands.demonstration.demo._make_everything", lambda *_: refuse("enough")
    )
    monkeypatch.setattr("api.commands.running.serve.uvicorn.run", lambda *_, **__: None)
    monkeypatch.setattr("api.commands.running.serve.worker_beside", lambda _: nullcontext())
    monkeypatch.setattr("api.commands.running.worker.os._exit", lambda _: None)
    for name in ("serve", "worker"):
        monkeypatch.setattr(f"api.commands.running.{name}.configure", lambda **_: None)
    monkeypatch.setattr("api.worker.work", lambda *_, **__: None)
    copy = backup.make(f"sqlite:///{new}", tmp_path / "copies")
    faults = []
    for number, call in enumerate(CALLS):
        folder = tmp_path / f"{state}{number}"
        folder.mkdir()
        with monkeypatch.context() as patched:
            url = _put(state, folder / "x.db", new, patched)
            patched.setenv("SAMKRETS_DATABASE", url)
            patched.setenv("SAMKRETS_DATA", str(folder / "var"))
            words = [word.format(url=url, folder=folder, copy=copy) for word in call]
            done = CliRunner().invoke(app, words)
        said = " ".join(words[:2])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            faults.append(f"{said}: {done.exception!r}")
        elif done.exit_code not in {0, 1, 2}:
            faults.append(f"{said}: exit {done.exit_code}")
        elif done.exit_code and call[0] != "doctor" and len(done.stderr.strip().splitlines()) != 1:
            faults.append(f"{said}: {done.stderr!r}")
        elif call[0] == "doctor" and "FAULT" not in done.output and state != "nonsense":
            faults.append(f"{said}: {done.output!r}")
        if state == "absent" and call[0] in {"doctor", "erase", "audit", "backup", "worker"}:
            assert not (folder / "x.db").exists(), said  # a look makes nothing
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BASE_URL", "https://rc.example.se/samkrets", "has a path"),
        ("BASE_URL", "https://rc.example.se/?a=b", "has a path"),
        ("RETENTION_PEOPLE_MONTHS", "two", "SAMKRETS_RETENTION_PEOPLE_MONTHS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SAMKRETS_{name}", value)
    for words in (["serve"], ["worker"], ["doctor"], ["settings"], ["backup"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2
        assert len(done.output.strip().splitlines()) == 1
        assert said in done.output


def test_the_demonstrations_sign_in_is_never_served_over_real_addresses(
    new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{shutil.copy(new, tmp_path / 'x.db')}"
    monkeypatch.setattr("api.commands.running.serve.uvicorn.run", lambda *_, **__: None)
    monkeypatch.setattr("api.commands.running.serve.worker_beside", lambda _: nullcontext())
    monkeypatch.setattr("api.commands.running.serve.configure", lambda **_: None)
    for setting, value in (("DATABASE", url), ("IS_DEMO", "true"), ("DATA", str(tmp_path))):
        monkeypatch.setenv(f"SAMKRETS_{setting}", value)
    database = connect(url, "")
    with database.transaction() as session:
        person_id = make_person(session).id
    assert demo_fault(database) == ""
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    for address in ("a@example.org.evil.se", "a@xexample.org", "anna@lansstyrelsen.se"):
        with database.transaction() as session:
            session.get_one(Person, person_id).email = address
        assert "person.email" in demo_fault(database), address
    database.close()
    done = CliRunner().invoke(app, ["serve"])
    assert done.exit_code == 2
    assert "person.email holds addresses outside example.org" in done.output
    assert "FAULT demo" in CliRunner().invoke(app, ["doctor"]).output
    monkeypatch.setenv("SAMKRETS_IS_DEMO", "false")
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert not Settings().is_demo
