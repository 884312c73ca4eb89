"""Whole copies of the database: made while it is in use, proven by restoring them, put back into an empty one."""

import hashlib
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from api.audit import proof
from api.audit.service import newest_head
from api.audit.service import verify as verify_log
from api.kit.clock import now
from api.kit.db import Database, make_engine, new_id
from api.operations import queries
from api.operations.service import newest_revision

log = logging.getLogger("samkrets.backup")

SQLITE_SUFFIX, POSTGRES_SUFFIX = ".db", ".dump"


class BackupError(Exception):
    """A copy could not be made, is not what it says, or has nowhere to go; the message says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds, written beside it as <copy>.json."""

    made_at: str
    revision: str
    rows: dict[str, int]
    sha256: str
    signature: str = ""  # HMAC of the rest under the log's key; empty: there is no key

    @property
    def moment(self) -> datetime:
        """When the copy was made."""
        return datetime.fromisoformat(self.made_at)


def make(url: str, folder: Path) -> Path:
    """Write a copy of the database into a folder and return its path.

    Raises:
        BackupError: when PostgreSQL's own program is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made_at = now()
    stem = f"samkrets-{made_at:%Y%m%d-%H%M%S}"
    source = make_url(url)
    if _is_sqlite(source):
        copy = folder / f"{stem}{SQLITE_SUFFIX}"
        _copy_sqlite(Path(source.database or ""), copy)
        revision, rows = _contents(f"sqlite:///{copy}")
    else:
        copy = folder / f"{stem}{POSTGRES_SUFFIX}"
        revision, rows = _dump_postgres(source, copy)
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    manifest = _signed(Manifest(made_at.isoformat(), revision, rows, digest), url)
    _note_head(url, proof.BACKUP)
    _beside(copy).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return copy


def verify(copy: Path, url: str) -> Manifest:
    """Restore a copy where it disturbs nobody, and check it: octets, soundness, rows, log's chain.

    `url` is the database in use; with PostgreSQL a scratch database is made beside it.

    Raises:
        BackupError: naming what does not fit.
    """
    manifest = read_manifest(copy)
    _insist_on_octets(copy, manifest, url)
    if copy.suffix == SQLITE_SUFFIX:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder) / "scratch.db"
            shutil.copyfile(copy, scratch)
            _check(f"sqlite:///{scratch}", manifest, url)
        return manifest
    target = make_url(url).set(database=f"samkrets_verify_{new_id()[:8]}")
    _administer(make_url(url), f'CREATE DATABASE "{target.database}"')
    try:
        _restore_postgres(copy, target)
        _check(target.render_as_string(hide_password=False), manifest, url)
    finally:
        _administer(make_url(url), f'DROP DATABASE "{target.database}" WITH (FORCE)')
    return manifest


def restore(copy: Path, url: str) -> Manifest:
    """Put a copy into an empty database.

    Raises:
        BackupError: when the database holds anything, or the copy does not fit its manifest.
    """
    manifest = read_manifest(copy)
    target = make_url(url)
    if _is_sqlite(target) != (copy.suffix == SQLITE_SUFFIX):
        raise BackupError(f"{copy.name} is a copy of the other kind of database than {url}.")
    _insist_on_octets(copy, manifest, url)
    if _is_sqlite(target):
        file = Path(target.database or "")
        if file.exists():
            raise BackupError(f"{file} exists. Move it away first; nothing was changed.")
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(copy, file)
    else:
        engine = make_engine(url)
        try:
            if inspect(engine).get_table_names():
                raise BackupError("The database is not empty. Nothing was changed.")
        finally:
            engine.dispose()
        _restore_postgres(copy, target)
    _check(url, manifest, url)
    _note_head(url, proof.RESTORED)
    return manifest


def newest(folder: Path) -> Manifest | None:
    """Return the manifest of the newest copy in a folder."""
    copies = sorted(folder.glob("samkrets-*.json"))
    return read_manifest(copies[-1].with_suffix("")) if copies else None


def read_manifest(copy: Path) -> Manifest:
    """Return what is written beside a copy.

    Raises:
        BackupError: when it is missing or unreadable.
    """
    try:
        return Manifest(**json.loads(_beside(copy).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{_beside(copy)} is missing or unreadable.") from error


def _beside(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.json")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _copy_sqlite(source: Path, copy: Path) -> None:
    if not source.is_file():
        raise BackupError(f"{source} does not exist.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as made:
        live.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")


def _contents(url: str) -> tuple[str, dict[str, int]]:
    database = Database(url, "")
    try:
        with database.reading() as session:
            return queries.revision(session), queries.row_counts(session, SQLModel.metadata)
    finally:
        database.close()


def _dump_postgres(source: URL, copy: Path) -> tuple[str, dict[str, int]]:
    """Dump and count in one snapshot, so that what others write meanwhile is in neither."""
    engine = make_engine(source.render_as_string(hide_password=False))
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            session = Session(connection)
            snapshot = queries.export_snapshot(session)
            options = ["--format=custom", "--exclude-schema=dbos", f"--snapshot={snapshot}"]
            _run(["pg_dump", *options, "--file", str(copy)], source)
            return queries.revision(session), queries.row_counts(session, SQLModel.metadata)
    finally:
        engine.dispose()


def _insist_on_octets(copy: Path, manifest: Manifest, url: str) -> None:
    """Refuse a copy that is not the file that was written, or whose manifest is not signed with our key."""
    if hashlib.sha256(copy.read_bytes()).hexdigest() != manifest.sha256:
        raise BackupError(f"{copy.name} is not the file that was written: its checksum differs.")
    key = proof.key_at(url)
    if key is None or not manifest.signature:
        return
    if not proof.is_signed(key, _text_of(manifest), manifest.signature):
        raise BackupError(f"{_beside(copy).name} is not signed with our key: it was changed.")


def _signed(manifest: Manifest, url: str) -> Manifest:
    key = proof.key_at(url)
    return (
        manifest
        if key is None
        else replace(manifest, signature=proof.sign(key, _text_of(manifest)))
    )


def _text_of(manifest: Manifest) -> str:
    said = asdict(replace(manifest, signature=""))
    return "backup " + json.dumps(said, sort_keys=True, separators=(",", ":"))


def _note_head(url: str, why: str) -> None:
    """Note how far the log had come; a folder that cannot be written to keeps nobody from a copy."""
    database = Database(url, "")
    try:
        with database.reading() as session:
            head = newest_head(session, why) if queries.revision(session) else None
        if head is not None:
            proof.note_head(url, head)
    except (OSError, SQLAlchemyError):
        log.exception("the log's head could not be noted")
    finally:
        database.close()


def _check(url: str, manifest: Manifest, in_use: str) -> None:
    """Check a restored copy. `in_use` is the database whose key and noted heads tell about the log."""
    database = Database(url, "")
    try:
        with database.reading() as session:
            if not queries.is_sound(session):
                raise BackupError("The database file is damaged.")
            revision = queries.revision(session)
            if revision != manifest.revision:
                raise BackupError(f"The copy stands at {revision}, not {manifest.revision}.")
            if revision != newest_revision():
                return  # an older release's copy: `samkrets migrate` brings it up, then it can be counted
            rows = queries.row_counts(session, SQLModel.metadata)
            found = verify_log(session, in_use, is_copy=True)
    finally:
        database.close()
    other = [name for name, count in manifest.rows.items() if rows.get(name) != count]
    if other:
        raise BackupError(f"Other numbers of rows than when the copy was made: {', '.join(other)}.")
    if found.fault:
        raise BackupError(found.fault)
    if found.is_proven and found.rows > found.unsigned and not manifest.signature:
        raise BackupError(
            "The manifest is unsigned, though the copy's log is signed: it was changed."
        )


def _restore_postgres(copy: Path, target: URL) -> None:
    _run(
        ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={target.database}", str(copy)],
        target,
    )


def _administer(url: URL, statement: str) -> None:
    _run(["psql", "--no-psqlrc", "--quiet", "--command", statement], url)


def _run(command: list[str], url: URL) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no list shows it."""
    program = shutil.which(command[0]) or _debian(command[0])
    if program is None:
        raise BackupError(f"{command[0]} is missing: install PostgreSQL's client programs.")
    env = {
        **os.environ,
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
    }
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [program, *command[1:]], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise BackupError(f"{command[0]}: {last[0]}")


def _debian(program: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else None
