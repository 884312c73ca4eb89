import json
from pathlib import Path

import pytest
import sqlalchemy
from sqlmodel import Session, SQLModel, select, text

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.kit.db import make_engine
from api.migrations import upgrade
from api.operations import backup, queries
from api.wiring import connect
from tests.factories import make_member
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A database with some rows, made by the migrations, and an empty one of the same kind."""
    if request.param == "sqlite":
        first, second = f"sqlite:///{tmp_path}/first.db", f"sqlite:///{tmp_path}/second.db"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        names = [f"b{abs(hash(tmp_path))}_{number}" for number in (1, 2)]
        for name in names:
            server.create(name)
        first, second = (server.url(name) for name in names)
    upgrade(first)
    database = connect(first, "")
    with database.transaction() as session:
        make_member(session, Role.PLANNER)
        make_member(session, Role.RC_MEMBER, "exempel-rc")
    database.close()
    return first, second


def _dump(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in a fixed order."""
    engine = make_engine(url)
    with Session(engine) as session:
        found = {
            table.name: sorted(
                (tuple(row) for row in session.execute(sqlalchemy.select(table))), key=repr
            )
            for table in SQLModel.metadata.sorted_tables
        }
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


def test_a_copy_is_made_while_somebody_writes(pair: tuple[str, str], tmp_path: Path) -> None:
    database = connect(pair[0], "")
    with database.transaction() as session:
        make_member(session, Role.GUEST)
        session.flush()
        copy = backup.make(pair[0], tmp_path / "copies")
    database.close()
    assert backup.verify(copy, pair[0]).rows["person"] == 2


def test_a_database_that_was_never_migrated_has_no_revision(session: Session) -> None:
    assert queries.revision(session) == ""
    session.rollback()
    assert session.execute(text("SELECT 1")).scalar() == 1
