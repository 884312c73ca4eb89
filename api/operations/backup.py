"""Whole copies of the database: made while it is in use, proven by restoring them, put back into an empty one."""

import hashlib
import itertools
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from api.audit import proof
from api.audit.service import newest_head
from api.audit.service import verify as verify_log
from api.kit.clock import now
from api.kit.db import Database, absence, make_engine, new_id, reason, shown
from api.kit.files import make_private_file, make_private_folder
from api.migrations.schema import examine
from api.operations import queries

log = logging.getLogger("samkrets.backup")

SQLITE_SUFFIX, POSTGRES_SUFFIX = ".db", ".dump"
# What stands beside a SQLite file: its journals, and DBOS's own database with its journals.
SIDE_FILES = ("-wal", "-shm", "-journal", ".jobs", ".jobs-wal", ".jobs-shm", ".jobs-journal")


class BackupError(Exception):
    """A copy could not be made, is not what it says, or has nowhere to go; the message says which."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds, written beside it as <copy>.json."""

    made_at: str
    revision: str
    rows: dict[str, int]
    sha256: str
    contents: dict[str, str] = field(default_factory=dict)  # table -> checksum of its rows
    signature: str = ""  # HMAC of the rest under the log's key; empty: there is no key

    @property
    def moment(self) -> datetime:
        """When the copy was made."""
        return datetime.fromisoformat(self.made_at)


@dataclass(frozen=True, slots=True)
class _Held:
    """What a database holds at one moment: its version, and each table's rows, counted and summed."""

    revision: str
    rows: dict[str, int]
    contents: dict[str, str]


def make(url: str, folder: Path) -> Path:
    """Write a copy of the database into a folder and return its path; files only we can read.

    A copy has its name when it is whole: what is broken off leaves no `samkrets-*` behind.

    Raises:
        BackupError: when there is no database, it is damaged, or PostgreSQL's own program is missing or fails.
    """
    fault = absence(url)
    if fault:
        raise BackupError(fault)
    made_at = now()
    source = make_url(url)
    suffix = SQLITE_SUFFIX if _is_sqlite(source) else POSTGRES_SUFFIX
    make_private_folder(folder)
    part = folder / f".{new_id()}.part"
    try:
        make_private_file(part)
        if suffix == SQLITE_SUFFIX:
            _copy_sqlite(Path(source.database or ""), part)
            held = _held(f"sqlite:///{part}")
        else:
            held = _dump_postgres(source, part)
        digest = _digest(part)
        _sync(part)
        copy = _named(part, folder, f"samkrets-{made_at:%Y%m%d-%H%M%S}", suffix)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise BackupError(f"No copy was made: {reason(error)}") from error
    finally:
        for left in folder.glob(f"{part.name}*"):
            left.unlink()
    manifest = Manifest(made_at.isoformat(), held.revision, held.rows, digest, held.contents)
    manifest = _signed(manifest, url)
    _note_head(url, proof.BACKUP)
    _write_beside(copy, json.dumps(asdict(manifest), indent=1))
    return copy


def verify(copy: Path, url: str) -> Manifest:
    """Restore a copy where it disturbs nobody, and check it: octets, soundness, rows, log's chain.

    `url` is the database in use; with PostgreSQL a scratch database is made beside it, which its
    role must be allowed to (CREATEDB).

    Raises:
        BackupError: naming what does not fit.
    """
    manifest = _proven(copy, url)
    if copy.suffix == SQLITE_SUFFIX:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder) / "scratch.db"
            shutil.copyfile(copy, scratch)
            _check(f"sqlite:///{scratch}", manifest, url)
        return manifest
    target = make_url(url).set(database=f"samkrets_verify_{new_id()[-8:]}")
    if _is_sqlite(target):
        raise BackupError(f"{copy.name} is a copy of PostgreSQL: give --database with its URL.")
    _insist_on_scratch(make_url(url))
    _administer(make_url(url), f'CREATE DATABASE "{target.database}"')
    try:
        _restore_postgres(copy, target)
        _check(target.render_as_string(hide_password=False), manifest, url)
    finally:
        _administer(make_url(url), f'DROP DATABASE "{target.database}" WITH (FORCE)')
    return manifest


def _insist_on_scratch(url: URL) -> None:
    """Refuse before anything is done where the role may make no database to restore into."""
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            may = connection.execute(
                text("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            ).scalar()
    except SQLAlchemyError as error:
        raise BackupError(f"The database does not answer: {reason(error)}") from error
    finally:
        engine.dispose()
    if not may:
        raise BackupError(
            f"Nothing was verified: the role {url.username} may not make a database to restore into."
            f' An administrator grants it (ALTER ROLE "{url.username}" CREATEDB), or give --database'
            " with the URL of a role that may."
        )


def restore(copy: Path, url: str) -> Manifest:
    """Put a copy into an empty database: all of it, proven, or nothing.

    Raises:
        BackupError: when the database holds anything, or the copy does not fit its manifest.
    """
    manifest = _proven(copy, url)
    target = make_url(url)
    if _is_sqlite(target) != (copy.suffix == SQLITE_SUFFIX):
        raise BackupError(f"{copy.name} is a copy of the other kind of database than {shown(url)}.")
    if _is_sqlite(target):
        _restore_sqlite(copy, Path(target.database or ""), manifest, url)
        _note_head(url, proof.RESTORED)
        return manifest
    engine = make_engine(url)
    try:
        found = inspect(engine)
        if found.get_table_names() or found.get_table_names(schema="dbos"):
            raise BackupError("The database is not empty. Nothing was changed.")
    except SQLAlchemyError as error:
        raise BackupError(f"The database does not answer: {reason(error)}") from error
    finally:
        engine.dispose()
    _restore_postgres(copy, target)
    _check(url, manifest, url)
    _note_head(url, proof.RESTORED)
    return manifest


def prune(folder: Path, before: datetime) -> int:
    """Remove copies made before a moment, never the newest; return how many."""
    found = sorted(folder.glob("samkrets-*.json"))
    removed = 0
    for beside in found[:-1]:
        try:
            is_old = read_manifest(beside.with_suffix("")).moment < before
        except BackupError:
            continue  # somebody should look at it
        if is_old:
            beside.with_suffix("").unlink(missing_ok=True)
            beside.unlink()
            removed += 1
    return removed


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


def _digest(file: Path) -> str:
    with file.open("rb") as octets:
        return hashlib.file_digest(octets, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Have a file, or a folder's names, on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _named(part: Path, folder: Path, stem: str, suffix: str) -> Path:
    """Give a whole copy its name; a second one of the same second gets a number."""
    for number in itertools.count(1):
        copy = folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            os.link(part, copy)
        except FileExistsError:
            continue
        _sync(folder)
        return copy
    raise AssertionError


def _write_beside(copy: Path, text: str) -> None:
    beside = _beside(copy)
    part = beside.with_name(f".{beside.name}.part")
    make_private_file(part)
    part.write_text(text, encoding="utf-8")
    _sync(part)
    part.replace(beside)
    _sync(beside.parent)


def _copy_sqlite(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as made:
        live.backup(made)
        made.execute("PRAGMA journal_mode=DELETE")
        [found] = made.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise BackupError(
                f"{source} is damaged, so no copy was made: keep the newest good backup and restore it "
                "(`samkrets restore`)."
            )


def _held(url: str) -> _Held:
    database = Database(url, "")
    try:
        with database.reading() as session:
            return _look(session)
    finally:
        database.close()


def _look(session: Session) -> _Held:
    """Return what the tables that are there hold, whatever version they are of."""
    sums = queries.table_sums(session)
    return _Held(
        queries.revision(session),
        {table: found.rows for table, found in sums.items()},
        {table: found.checksum for table, found in sums.items()},
    )


def _dump_postgres(source: URL, copy: Path) -> _Held:
    """Dump and count in one snapshot, so that what others write meanwhile is in neither."""
    engine = make_engine(source.render_as_string(hide_password=False))
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            session = Session(connection)
            snapshot = queries.export_snapshot(session)
            options = ["--format=custom", "--exclude-schema=dbos", f"--snapshot={snapshot}"]
            _run(["pg_dump", *options, "--file", str(copy)], source)
            return _look(session)
    finally:
        engine.dispose()


def _proven(copy: Path, url: str) -> Manifest:
    """Return a copy's manifest, when the copy is the file that was written and the manifest signed with our key."""
    manifest = read_manifest(copy)
    try:
        digest = _digest(copy)
    except OSError as error:
        raise BackupError(f"{copy} cannot be read: {error.strerror}.") from error
    if digest != manifest.sha256:
        raise BackupError(f"{copy.name} is not the file that was written: its checksum differs.")
    key = proof.key_at(url)
    if key is None or not manifest.signature:
        return manifest
    if not proof.is_signed(key, _text_of(manifest), manifest.signature):
        raise BackupError(f"{_beside(copy).name} is not signed with our key: it was changed.")
    return manifest


def _signed(manifest: Manifest, url: str) -> Manifest:
    key = proof.key_at(url)
    return (
        manifest
        if key is None
        else replace(manifest, signature=proof.sign(key, _text_of(manifest)))
    )


def _text_of(manifest: Manifest) -> str:
    said = asdict(replace(manifest, signature=""))
    if not manifest.contents:  # a copy of before contents were summed
        del said["contents"]
    return "backup " + json.dumps(said, sort_keys=True, separators=(",", ":"))


def _note_head(url: str, why: str) -> None:
    """Note how far the log had come; a folder that cannot be written to keeps nobody from a copy."""
    database = Database(url, "")
    try:
        if examine(database.engine).fault:
            return  # a copy is made of any tables; only ours have a log that is signed
        with database.reading() as session:
            head = newest_head(session, why)
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
            held = _look(session)
            if held.revision != manifest.revision:
                raise BackupError(f"The copy stands at {held.revision}, not {manifest.revision}.")
            # The log of an older release's copy is read when `samkrets migrate` has brought it up.
            is_ours = not examine(database.engine).fault
            found = verify_log(session, in_use, is_copy=True) if is_ours else None
    except SQLAlchemyError as error:
        raise BackupError(f"The copy cannot be read: {reason(error)}") from error
    finally:
        database.close()
    other = [name for name, count in manifest.rows.items() if held.rows.get(name) != count]
    if other:
        raise BackupError(f"Other numbers of rows than when the copy was made: {', '.join(other)}.")
    changed = [name for name, told in manifest.contents.items() if held.contents.get(name) != told]
    if changed:
        raise BackupError(f"Other contents than when the copy was made: {', '.join(changed)}.")
    if found is None:
        return
    if found.fault:
        raise BackupError(found.fault)
    if found.is_proven and found.rows > found.unsigned and not manifest.signature:
        raise BackupError(
            "The manifest is unsigned, though the copy's log is signed: it was changed."
        )


def _restore_sqlite(copy: Path, file: Path, manifest: Manifest, url: str) -> None:
    """Put a copy where no database is: SQLite would play an old journal over it, and DBOS old jobs."""
    there = [
        name for name in (file, *(Path(f"{file}{tail}") for tail in SIDE_FILES)) if name.exists()
    ]
    if there:
        names = ", ".join(map(str, there))
        raise BackupError(f"{names} of another database: move away first. Nothing was changed.")
    make_private_folder(file.parent)
    part = file.with_name(f".{file.name}.restoring")
    _remove_with_side_files(part)  # of a restore that was broken off
    try:
        make_private_file(part)
        shutil.copyfile(copy, part)
        _check(f"sqlite:///{part}", manifest, url)
        _sync(part)
        os.link(part, file)  # never over a file that came meanwhile
        _sync(file.parent)
    except OSError as error:
        raise BackupError(
            f"{file} cannot be written: {reason(error)}. Nothing was changed."
        ) from error
    finally:
        _remove_with_side_files(part)


def _remove_with_side_files(file: Path) -> None:
    for tail in ("", *SIDE_FILES):
        Path(f"{file}{tail}").unlink(missing_ok=True)


def _restore_postgres(copy: Path, target: URL) -> None:
    _run(
        [
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={target.database}",
            str(copy),
        ],
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
