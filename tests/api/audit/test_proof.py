"""The log against somebody who can write the database, but has neither its key nor the heads outside it."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import Session, col, delete, select
from typer.testing import CliRunner

from api.accounts.models import Role
from api.audit import proof, queries
from api.audit.chain import digest
from api.audit.models import AuditEntry, AuditHead
from api.audit.service import newest_head, record, verify
from api.cli import app
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.migrations import configuration, upgrade
from api.operations.heads import note_daily_head
from api.outbox.models import Mail
from api.wiring import connect
from tests import migrated
from tests.factories import make_member


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database with ten signed rows; heads lie in a folder of the test's own."""
    monkeypatch.setenv("SAMKRETS_AUDIT_HEADS", str(tmp_path / "heads"))
    database = Database(database_url, "")
    with database.transaction() as session:
        for number in range(10):
            record(session, "system", "imported", ("rc", str(number)), after={"name": f"Ö{number}"})
    database.close()
    return database_url


def _hash_anew(session: Session, *, keep_signatures: bool = True) -> None:
    """Hash the whole chain anew, as who has no key can."""
    previous = "0" * 64
    for number, entry in enumerate(queries.entries(session), start=1):
        entry.number, entry.previous_hash = number, previous
        entry.hash = previous = digest(entry)
        if not keep_signatures:
            entry.signature = ""
        session.add(entry)
        session.flush()


def _change(session: Session) -> None:
    session.exec(select(AuditEntry).where(AuditEntry.number == 5)).one().after = {"name": "other"}
    session.flush()


def _cut_tail(session: Session) -> None:
    session.exec(delete(AuditEntry).where(col(AuditEntry.number) > 6))


def _cut_tail_and_move_head(session: Session) -> None:
    _cut_tail(session)
    last = queries.newest(session)
    head = queries.head(session)
    assert last is not None
    assert head is not None
    head.number, head.hash = last.number, last.hash


def _rehash(session: Session) -> None:
    _change(session)
    _hash_anew(session)


def _take_out(session: Session) -> None:
    session.exec(delete(AuditEntry).where(col(AuditEntry.number) == 5))
    session.expire_all()
    _hash_anew(session)


def _put_in(session: Session) -> None:
    last = queries.newest(session)
    assert last is not None
    made = AuditEntry(**{**last.model_dump(), "number": 11, "previous_hash": last.hash})
    made.hash, made.signature = digest(made), ""
    session.add(made)


def _drop_head(session: Session) -> None:
    session.exec(delete(AuditHead))


@pytest.mark.parametrize(
    "attack",
    [_change, _cut_tail, _cut_tail_and_move_head, _rehash, _take_out, _put_in, _drop_head],
)
def test_who_writes_the_database_alone_is_found(
    url: str, attack: Callable[[Session], None]
) -> None:
    database = Database(url, "")
    with database.transaction() as session:
        assert verify(session, url).fault == ""
    with database.transaction() as session:
        attack(session)
    with database.reading() as session:
        assert verify(session, url).fault != ""
    database.close()


def test_taking_all_signatures_away_or_putting_an_old_log_back_is_found_by_a_head_outside(
    url: str,
) -> None:
    database = Database(url, "")
    with database.reading() as session:
        old = [entry.model_dump() for entry in queries.entries(session)]
        old_head = queries.head(session)
        assert old_head is not None
        kept = old_head.model_dump()
    with database.transaction() as session:
        record(session, "system", "published", ("round", "1"))
    assert note_daily_head(database, Settings(database=url), now())

    with database.transaction() as session:
        session.exec(delete(AuditEntry))
        session.exec(delete(AuditHead))
        session.flush()
        session.add_all([*(AuditEntry(**row) for row in old), AuditHead(**kept)])
    with database.reading() as session:
        assert "newest rows are gone" in verify(session, url).fault

    with database.transaction() as session:
        _hash_anew(session, keep_signatures=False)
        session.exec(delete(AuditHead))
    with database.reading() as session:
        assert verify(session, url).fault != ""
    database.close()


def test_a_head_that_came_by_mail_is_compared(url: str) -> None:
    database = Database(url, "")
    with database.reading() as session:
        head = newest_head(session)
        assert head is not None
        assert verify(session, url, [head]).fault == ""
        other = proof.Head(head.at, head.number, "0" * 64)
        assert "written anew" in verify(session, url, [other]).fault
    database.close()


def test_rows_older_than_the_key_are_unsigned_and_no_fault(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url, "")
    with monkeypatch.context() as before, database.transaction() as session:
        before.setattr(proof, "key_for", lambda _: None)
        for number in range(3):
            record(session, "system", "imported", ("rc", str(number)))
    command.stamp(configuration(database_url), "head")
    result = CliRunner().invoke(app, ["audit", "verify", "--database", database_url])
    assert result.exit_code == 0
    assert "unsigned" in result.stderr
    with database.transaction() as session:
        record(session, "system", "imported", ("rc", "4"))
    with database.reading() as session:
        found = verify(session, database_url)
    assert (found.fault, found.unsigned, found.rows) == ("", 3, 4)
    database.close()


def test_a_database_of_the_first_migration_is_brought_up_with_its_rows_unsigned(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    upgrade(url, "0001")
    entry = AuditEntry(
        number=1, at=now(), actor="system", action="imported", subject_kind="rc", subject_id="1",
        previous_hash="0" * 64, hash="",
    )  # fmt: skip
    database = Database(url, "")
    with database.transaction() as session:
        values = {"at": entry.at.strftime("%Y-%m-%d %H:%M:%S.%f"), "hash": digest(entry)}
        session.execute(
            text(
                "INSERT INTO audit_entry (number, at, actor, action, subject_kind, subject_id,"
                " previous_hash, hash) VALUES (1, :at, 'system', 'imported', 'rc', '1', :first, :hash)"
            ),
            {**values, "first": "0" * 64},
        )
    upgrade(url)
    with database.transaction() as session:
        record(session, "system", "imported", ("rc", "2"))
    with database.reading() as session:
        found = verify(session, url)
    assert (found.fault, found.unsigned, found.rows) == ("", 1, 2)
    database.close()


def test_the_key_is_made_once_beside_an_embedded_database_for_its_own_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAMKRETS_AUDIT_KEY")
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path / "elsewhere"))
    url = migrated.on_sqlite(tmp_path / "own.db")
    database = Database(url, "")
    with database.transaction() as session:
        record(session, "system", "imported", ("rc", "1"))
    file = tmp_path / "audit" / "key"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert file.read_bytes() not in Path(f"{tmp_path}/own.db").read_bytes()
    with database.reading() as session:
        assert verify(session, url).unsigned == 0

    kept = file.read_bytes()
    file.unlink()
    proof._keys.clear()
    with database.transaction() as session:
        record(session, "system", "imported", ("rc", "1"))
    assert not file.exists()  # a second key would make two halves of one log
    with database.reading() as session:
        assert "key is not here" in str(verify(session, url)) or verify(session, url).fault
    file.write_bytes(kept)
    database.close()


def test_the_day_s_head_is_noted_once_and_mailed_once(url: str) -> None:
    database = Database(url, "")
    settings = Settings(database=url, audit_mail="arkiv@example.org")
    at = now()
    assert note_daily_head(database, settings, at)
    assert not note_daily_head(database, settings, at + timedelta(seconds=1))
    heads = proof.heads(url)
    assert [head.number for head in heads] == [10]
    with database.reading() as session:
        mails = list(session.exec(select(Mail)))
        assert [mail.recipient for mail in mails] == ["arkiv@example.org"]
        assert f"10:{heads[0].hash}" in mails[0].text
    database.close()


def _run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout.strip() + result.stderr


@pytest.mark.parametrize("strips_signature", [False, True])
def test_a_tampered_copy_is_refused_also_with_its_manifest_written_anew(
    tmp_path: Path, *, strips_signature: bool
) -> None:
    url = migrated.on_sqlite(tmp_path / "s.db")
    database = connect(url, "")
    with database.transaction() as session:
        make_member(session, Role.GUEST)
    database.close()
    code, said = _run("backup", "--database", url, "--folder", tmp_path / "copies")
    copy = Path(said)
    assert code == 0
    assert _run("restore", copy, "--verify", "--database", url)[0] == 0

    with sqlite3.connect(copy) as made:
        made.execute("UPDATE function SET role = 'planner'")
    made.close()
    beside = copy.with_name(f"{copy.name}.json")
    manifest = json.loads(beside.read_text())
    manifest["sha256"] = hashlib.sha256(copy.read_bytes()).hexdigest()
    manifest["contents"] = {}
    if strips_signature:
        manifest["signature"] = ""
    beside.write_text(json.dumps(manifest))
    code, said = _run("restore", copy, "--verify", "--database", url)
    assert code == 1
    assert "signed" in said
    code, said = _run("restore", copy, "--database", f"sqlite:///{tmp_path}/new.db")
    assert code == 1


def test_a_true_copy_put_back_begins_a_new_line_of_heads(tmp_path: Path) -> None:
    url = migrated.on_sqlite(tmp_path / "s.db")
    database = connect(url, "")
    with database.transaction() as session:
        make_member(session, Role.GUEST)
    copy = Path(_run("backup", "--database", url, "--folder", tmp_path / "copies")[1])
    with database.transaction() as session:
        make_member(session, Role.PLANNER)
    note_daily_head(database, Settings(database=url), now())
    database.close()
    for file in tmp_path.glob("s.db*"):
        file.unlink()
    assert _run("restore", copy, "--database", url)[0] == 0
    code, said = _run("audit", "verify", "--database", url)
    assert code == 0, said
    code, said = _run("audit", "head", "--database", url)
    assert code == 0
    assert _run("audit", "verify", "--database", url, "--head", said)[0] == 0
    assert _run("audit", "verify", "--database", url, "--head", "99:" + "0" * 64)[0] == 1
