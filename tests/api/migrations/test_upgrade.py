"""Databases of earlier releases: upgraded with their rows, or seen and named; never "newest" by their number alone."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model
from sqlalchemy import func, select, table, text
from typer.testing import CliRunner

from api.accounts import queries as accounts
from api.app import create_app
from api.cli import app as cli
from api.kit.db import make_engine, new_id
from api.kit.settings import Settings
from api.migrations import HERE, ForkedError, check, configuration, newest, schema, upgrade
from api.operations.service import readiness
from api.wiring import connect
from tests.api.migrations import stored
from tests.api.test_foreign_objects import LEADS_ON, PERSONAL, World, world_on
from tests.api.test_policy_table import ROWS
from tests.postgres import Postgres
from tests.web import Browser, browser

# Made by e58799c and never changed again; only the module that holds `UtcDateTime` may have another address.
FROZEN = {
    "0001_first_tables.py": "dd677f5bf1c0e5043198564901d31b44a218160e21f66df8171d4f5a916817bb"
}


def test_a_migration_that_was_released_is_never_changed() -> None:
    for name, digest in FROZEN.items():
        source = (HERE / "versions" / name).read_bytes().replace(b"api.kit.db", b"api.db")
        found = hashlib.sha256(source).hexdigest()
        assert found == digest, f"{name} was changed: put it back and write a migration of your own"


def test_migrations_stand_in_one_row_and_are_called_by_their_number() -> None:
    script = ScriptDirectory(str(HERE))
    steps = [step.revision for step in script.walk_revisions()]
    # Numbers only rise: who works side by side reserves some, and one may stay unused.
    assert steps == sorted(set(steps), reverse=True)
    assert (steps[0], steps[-1]) == (newest(script), "0001")
    for file in (HERE / "versions").glob("*.py"):
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", file.name), file.name
    assert len(list((HERE / "versions").glob("*.py"))) == len(steps)


def test_two_migrations_after_the_same_one_are_named_with_what_to_do(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(tmp_path))
    config.set_main_option("path_separator", "os")
    for revision, after in (("0001", None), ("0002", "0001"), ("0003", "0001")):
        lines = f"revision = {revision!r}\ndown_revision = {after!r}\n"
        (tmp_path / f"{revision}_words.py").write_text(lines)
    with pytest.raises(ForkedError, match=r"0002_words\.py and 0003_words\.py .* next free number"):
        newest(ScriptDirectory.from_config(config))


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of e58799c with the demonstration's rows."""
    if request.param == "sqlite":
        return stored.on_sqlite(tmp_path)
    return stored.on_postgres(request.getfixturevalue("postgres"), f"old_{new_id()[-8:]}")


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same at the newest version; it is brought there once, as the way there is others' to prove."""
    if request.param == "sqlite":
        return stored.upgraded_on_sqlite(tmp_path)
    return stored.upgraded_on_postgres(request.getfixturevalue("postgres"))


def _change(url: str, *statements: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _counts(url: str) -> dict[str, int]:
    engine = make_engine(url)
    with engine.connect() as connection:
        tables = schema.columns(connection)
        found = {
            name: int(
                connection.execute(select(func.count()).select_from(table(name))).scalar() or 0
            )
            for name in tables
        }
    engine.dispose()
    return found


def _examined(url: str) -> schema.Schema:
    engine = make_engine(url)
    try:
        return schema.examine(engine)
    finally:
        engine.dispose()


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, list(words))
    return done.exit_code, done.output


def test_an_old_database_gets_the_newest_tables_and_keeps_its_rows(old: str) -> None:
    before = _counts(old)
    assert before["meeting"] > 20
    assert _run("migrate", "--database", old) == (0, "The database is at the newest version.\n")
    after = _counts(old)
    assert {name: after.get(name) for name in before} == before
    check(old)
    assert _examined(old) == schema.Schema(newest(), newest())
    assert _run("migrate", "--database", old)[0] == 0


ROLES = {
    "planner": "planerare.nch@example.org",
    "rc_member": "operative.coordinator.skaraborg@example.org",
    "guest": "kontakt.prosecutor@example.org",
}
MOST_OF_A_KIND = 2
# A programme that was published before it had content of its own has none until somebody begins it.
NOT_BEGUN = {
    "/planera/program/innehall/{meeting_id}/pass/{key}": 404,
}
LINK = re.compile(r'(?:href|src)="(/(?!en/|en")[^"#]*)')


@pytest.fixture
def world(upgraded: str) -> Iterator[World]:
    made = world_on(upgraded)
    yield made
    made.app.state.database.close()


def test_every_page_answers_on_an_upgraded_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_solver_in_a_get(monkeypatch)
    faults = []
    planner = world.visitors["planner"]
    for row in ROWS:
        page = row.form or row.path  # a read of the API is its page's
        is_personal = page in PERSONAL or any(name in row.path for name in PERSONAL)
        if row.method != "GET" or is_personal or "{token}" in row.path:
            continue
        wants = {200, 303, 308} if page in LEADS_ON or "{" not in row.path else {200}
        if row.answers["planner"] == "no" or page in NOT_BEGUN:
            wants = {NOT_BEGUN.get(page, 404)}
        status = planner.get(world.path(row), params=world.query(row)).status_code
        if status not in wants:
            faults.append(f"{row.path}: {status}")
    assert not faults, "\n".join(faults)


def _walk(web: Browser) -> dict[str, int]:
    """Follow every link from the first page, a few of each kind; return how each answered."""
    seen: dict[str, int] = {}
    kinds: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"/[^/]*[0-9-][^/]*(?=/|$)", "/*", path.partition("?")[0])
        if path in seen or kinds.get(kind, 0) >= MOST_OF_A_KIND:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = web.get(path)
        seen[path] = answer.status_code
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += [unescape(link) for link in LINK.findall(answer.text)]
    return seen


def _no_solver_in_a_get(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is drawn from what stands; whatever is searched for is a job of the worker's."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a solver was started by a GET")

    monkeypatch.setattr(cp_model.CpSolver, "solve", refuse)
    monkeypatch.setattr(pywraplp.Solver, "Solve", refuse)


def test_every_link_that_an_old_databases_people_are_shown_opens(
    upgraded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_solver_in_a_get(monkeypatch)
    app = create_app(Settings(database=upgraded, base_url="http://testserver"))
    try:
        for role, address in ROLES.items():
            with app.state.database.reading() as session:
                person = accounts.person_by_email(session, address)
                assert person is not None
                person_id = person.id
            found = _walk(browser(app, person_id))
            assert len(found) > 10, role
            closed = {path: status for path, status in found.items() if status not in {200, 303}}
            assert not closed, f"{role}: {closed}"
    finally:
        app.state.database.close()


# Databases whose number says more than their tables hold.


def _everywhere(url: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every place that looks at the schema says this, in one line."""
    monkeypatch.setenv("SAMKRETS_DATABASE", url)
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path / "data"))
    database = connect(url, "")
    try:
        assert re.search(said, readiness(database).migrations)
        assert not readiness(database).is_ready
    finally:
        database.close()
    for words in (["migrate"], ["serve"], ["worker"], ["audit", "verify"], ["erase"]):
        code, output = _run(*words)
        assert code == 1, words
        assert len(output.splitlines()) == 1, (words, output)
        assert re.search(said, output), (words, output)
    code, output = _run("doctor")
    assert code == 1
    [line] = [line for line in output.splitlines() if line.split()[1] == "migrations"]
    assert re.search(said, line)


def test_a_database_of_before_the_first_fixed_version_is_seen_and_named(
    old: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _change(old, "DROP TABLE material", "ALTER TABLE rc DROP COLUMN population")
    before = _counts(old)
    said = r"says that it stands at 0001, but lacks material, rc\.population: .*start with an empty"
    _everywhere(old, said, monkeypatch, tmp_path)
    assert _counts(old) == before


def test_a_copy_is_made_of_any_database_and_what_is_to_be_done_is_said_when_it_is_restored(
    tmp_path: Path,
) -> None:
    old = stored.on_sqlite(tmp_path)
    _change(old, "DROP TABLE material")
    code, path = _run("backup", "--database", old, "--folder", str(tmp_path / "copies"))
    assert code == 0
    target = f"sqlite:///{tmp_path}/again.db"
    code, said = _run("restore", path.strip(), "--database", target)
    assert code == 0
    assert "Before it is used: the database says that it stands at 0001, but lacks material" in said
    assert _counts(target) == _counts(old)


@pytest.mark.both_databases
def test_a_database_of_a_newer_release_is_seen(
    upgraded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _change(upgraded, "UPDATE alembic_version SET version_num = '9999'")
    said = r"stands at 9999, made by a newer release than this one \(\d{4}\): start that release"
    _everywhere(upgraded, said, monkeypatch, tmp_path)


@pytest.mark.both_databases
def test_the_newest_number_on_other_tables_is_seen(
    upgraded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _change(upgraded, "DROP INDEX ix_mail_due_at")
    said = rf"stands at {newest()}, but differs: add index \(ix_mail_due_at\)"
    _everywhere(upgraded, said, monkeypatch, tmp_path)
    _change(upgraded, "ALTER TABLE rc ADD COLUMN of_tomorrow INTEGER")
    _everywhere(upgraded, r"but has rc\.of_tomorrow", monkeypatch, tmp_path)


def test_tables_of_somebody_else_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    _change(url, "CREATE TABLE theirs (x INTEGER)")
    _everywhere(url, "did not make: use an empty database", monkeypatch, tmp_path)
    assert _counts(url) == {"theirs": 0}


@pytest.mark.both_databases
def test_a_readiness_that_was_right_looks_again_when_the_number_changes(
    upgraded: str,
) -> None:
    database = connect(upgraded, "")
    try:
        assert readiness(database).migrations == "ok"
        _change(upgraded, "UPDATE alembic_version SET version_num = '9999'")
        assert "newer release" in readiness(database).migrations
    finally:
        database.close()


@pytest.mark.parametrize("is_new", [True, False])
def test_three_upgrades_at_once_are_one_and_two_that_wait(
    postgres: Postgres, *, is_new: bool
) -> None:
    name = f"three_{new_id()[-8:]}"
    if is_new:
        postgres.create(name)
    url = postgres.url(name) if is_new else stored.on_postgres(postgres, name)
    words = [sys.executable, "-m", "api", "migrate", "--database", url]
    started = [
        subprocess.Popen(words, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert said == ["The database is at the newest version.\n"] * 3
    check(url)


REMAKE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{number}", "{before}"


def upgrade():
    for table in ("person", "body", "meeting", "event"):
        with op.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(sa.Column("extra", sa.Integer(), nullable=True))
"""


def test_rows_that_point_at_a_table_outlive_its_remaking_on_sqlite(tmp_path: Path) -> None:
    """Batch mode makes a table anew; with foreign keys on, SQLite would take its dependants along."""
    url = stored.upgraded_on_sqlite(tmp_path)
    before = _counts(url)
    versions = tmp_path / "versions"
    shutil.copytree(HERE / "versions", versions)
    number = f"{int(newest()) + 1:04}"
    (versions / f"{number}_remake.py").write_text(REMAKE.format(number=number, before=newest()))
    config = configuration(url)
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
    assert _counts(url) == before


def test_a_programme_that_was_impossible_keeps_its_rules_where_the_others_have_theirs(
    old: str,
) -> None:
    upgrade(old, "0012")
    engine = make_engine(old)
    kept = '{"conflict": [{"kind": "must_run", "subjects": ["t1"], "text": "x"}], "held": []}'
    with engine.begin() as connection:
        proposal_id = connection.scalar(
            text("SELECT id FROM proposal WHERE kind = 'programme' AND state = 'published'")
        )
        connection.execute(
            text("UPDATE proposal SET state = 'draft', solution = :kept WHERE id = :id"),
            {"kept": kept, "id": proposal_id},
        )
    upgrade(old)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT state, solution, conflict FROM proposal WHERE id = :id"),
            {"id": proposal_id},
        ).one()
    engine.dispose()
    assert tuple(row) == (
        "withdrawn",
        None,
        '[{"kind": "must_run", "subjects": ["t1"], "text": "x"}]',
    )
