import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session, select, text

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.kit.db import make_engine
from api.operations import backup, queries
from api.wiring import connect
from tests import migrated
from tests.factories import make_member
from tests.postgres import Postgres
from tests.rows import everything


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A database with some rows, made by the migrations, and an empty one of the same kind."""
    if request.param == "sqlite":
        first = migrated.on_sqlite(tmp_path / "first.db")
        second = f"sqlite:///{tmp_path}/second.db"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        name = f"b{abs(hash(tmp_path))}_2"
        server.create(name)
        first, second = migrated.on_postgres(server), server.url(name)
    database = connect(first, "")
    with database.transaction() as session:
        make_member(session, Role.PLANNER)
        make_member(session, Role.RC_MEMBER, "exempel-rc")
    database.close()
    return first, second


def _dump(url: str) -> dict[str, list[str]]:
    engine = make_engine(url)
    with Session(engine) as session:
        found = everything(session)
    engine.dispose()
    return found


def test_a_copy_is_proven_and_restored_row_for_row(pair: tuple[str, str], tmp_path: Path) -> None:
    first, second = pair
    copy = backup.make(first, tmp_path / "copies")
    assert backup.verify(copy, first).rows["audit_entry"] == 6
    backup.restore(copy, second)
    assert _dump(second) == _dump(first)
    assert backup.newest(tmp_path / "copies") == backup.read_manifest(copy)


def test_a_changed_copy_is_refused(pair: tuple[str, str], tmp_path: Path) -> None:
    copy = backup.make(pair[0], tmp_path / "copies")
    octets = bytearray(copy.read_bytes())
    octets[-100] ^= 1
    copy.write_bytes(octets)
    with pytest.raises(backup.BackupError, match="checksum"):
        backup.verify(copy, pair[0])


def test_a_copy_with_other_rows_or_a_broken_chain_is_refused(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    copy = backup.make(pair[0], tmp_path / "copies")
    beside = copy.with_name(f"{copy.name}.json")
    said = json.loads(beside.read_text())
    said["rows"]["person"], said["signature"] = 7, ""
    beside.write_text(json.dumps(said))
    with pytest.raises(backup.BackupError, match="person"):
        backup.verify(copy, pair[0])

    engine = make_engine(pair[0])
    with Session(engine) as session:
        session.exec(select(AuditEntry).where(AuditEntry.number == 2)).one().action = "forged"
        session.commit()
    engine.dispose()
    forged = backup.make(pair[0], tmp_path / "forged")
    with pytest.raises(backup.BackupError, match="row 2"):
        backup.verify(forged, pair[0])


def test_nothing_is_written_over(pair: tuple[str, str], tmp_path: Path) -> None:
    first, _ = pair
    copy = backup.make(first, tmp_path / "copies")
    before = _dump(first)
    with pytest.raises(backup.BackupError, match=r"[Nn]othing was changed"):
        backup.restore(copy, first)
    assert _dump(first) == before


DIES_AFTER_WRITING = """
import os, sys
from api.kit.db import make_engine
connection = make_engine(sys.argv[1]).connect()
connection.exec_driver_sql("UPDATE person SET name = 'EFTER KOPIAN'")
connection.commit()
os._exit(0)  # as a machine dies: the journal stays beside the file
"""


def test_a_copy_is_never_mixed_with_the_journal_of_a_database_that_died(tmp_path: Path) -> None:
    file = tmp_path / "first.db"
    url = migrated.on_sqlite(file)
    database = connect(url, "")
    with database.transaction() as session:
        make_member(session, Role.PLANNER)
    database.close()
    copy = backup.make(url, tmp_path / "copies")
    before = _dump(url)
    subprocess.run([sys.executable, "-c", DIES_AFTER_WRITING, url], check=True)
    journal = Path(f"{file}-wal")
    assert journal.stat().st_size > 0
    file.rename(tmp_path / "broken.db")
    jobs = Path(f"{file}.jobs")
    jobs.write_bytes(b"jobs of then")

    with pytest.raises(
        backup.BackupError, match=r"first\.db-wal.*first\.db\.jobs.*Nothing was changed"
    ):
        backup.restore(copy, url)
    assert not file.exists()
    for name in (journal, Path(f"{file}-shm"), jobs):
        name.unlink(missing_ok=True)
    backup.restore(copy, url)
    assert _dump(url) == before
    assert {name.name for name in tmp_path.glob("*first.db*")} <= {
        "first.db",
        "first.db-wal",
        "first.db-shm",
    }


def test_a_restore_that_was_broken_off_leaves_nothing_that_the_next_one_takes(
    tmp_path: Path,
) -> None:
    url, target = migrated.on_sqlite(tmp_path / "first.db"), tmp_path / "second.db"
    copy = backup.make(url, tmp_path / "copies")
    (tmp_path / ".second.db.restoring").write_bytes(b"half")
    (tmp_path / ".second.db.restoring-wal").write_bytes(b"half")
    backup.restore(copy, f"sqlite:///{target}")
    assert _dump(f"sqlite:///{target}") == _dump(url)
    assert not list(tmp_path.glob(".second.db*"))


def test_a_copy_with_the_same_number_of_other_rows_is_refused_and_leaves_no_database(
    pair: tuple[str, str], tmp_path: Path
) -> None:
    """As a copy was changed and its manifest's octets counted anew, or a restore took other rows in."""
    copy = backup.make(pair[0], tmp_path / "copies")
    beside = copy.with_name(f"{copy.name}.json")
    said = json.loads(beside.read_text())
    said["contents"]["person"], said["signature"] = "0" * 64, ""
    beside.write_text(json.dumps(said))
    with pytest.raises(backup.BackupError, match=r"Other contents .*: person"):
        backup.verify(copy, pair[0])
    with pytest.raises(backup.BackupError, match=r"Other contents .*: person"):
        backup.restore(copy, pair[1])
    if pair[1].startswith("sqlite"):
        assert not (tmp_path / "second.db").exists()


def test_copies_and_their_folder_are_ours_alone(pair: tuple[str, str], tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        copy = backup.make(pair[0], tmp_path / "var" / "copies")
    finally:
        os.umask(umask)
    files = list(copy.parent.iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert {file.name for file in files} == {copy.name, f"{copy.name}.json"}
    for folder in (copy.parent, copy.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_two_copies_of_one_second_are_two(pair: tuple[str, str], tmp_path: Path) -> None:
    first, second = (backup.make(pair[0], tmp_path / "copies") for _ in range(2))
    assert first != second
    for copy in (first, second):
        backup.verify(copy, pair[0])


def test_a_damaged_database_is_no_copy(tmp_path: Path) -> None:
    file = tmp_path / "first.db"
    migrated.on_sqlite(file)
    octets = bytearray(file.read_bytes())
    with sqlite3.connect(file) as plain:
        [page] = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mail'").fetchone()
    plain.close()
    octets[(page - 1) * 4096 : page * 4096] = b"x" * 4096
    file.write_bytes(octets)
    with pytest.raises(backup.BackupError, match=r"damaged|No copy was made"):
        backup.make(f"sqlite:///{file}", tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_is_made_while_somebody_writes(pair: tuple[str, str], tmp_path: Path) -> None:
    database = connect(pair[0], "")
    with database.transaction() as session:
        make_member(session, Role.GUEST)
        session.flush()
        copy = backup.make(pair[0], tmp_path / "copies")
    database.close()
    assert backup.verify(copy, pair[0]).rows["person"] == 2


def test_verifying_with_a_role_that_makes_no_databases_says_so_and_tries_nothing(
    postgres: Postgres, tmp_path: Path
) -> None:
    name = f"b{abs(hash(tmp_path))}_plain"
    url = migrated.on_postgres(postgres)
    copy = backup.make(url, tmp_path / "copies")
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f'CREATE ROLE "{name}" LOGIN'))
    plain = url.replace("postgres@", f"{name}@")
    with pytest.raises(backup.BackupError, match=r"CREATEDB") as refused:
        backup.verify(copy, plain)
    assert "\n" not in str(refused.value)
    with engine.begin() as connection:
        connection.execute(text(f'ALTER ROLE "{name}" CREATEDB'))
        made = connection.execute(
            text("SELECT count(*) FROM pg_database WHERE datname LIKE 'samkrets_verify_%'")
        ).scalar()
        connection.execute(text(f'DROP ROLE "{name}"'))
    engine.dispose()
    assert made == 0


def test_a_database_that_was_never_migrated_has_no_revision(session: Session) -> None:
    assert queries.revision(session) == ""
    session.rollback()
    assert session.execute(text("SELECT 1")).scalar() == 1
