"""What proves the log to somebody who does not trust the database: a key and heads that lie outside it.

Every row is signed with HMAC-SHA256 (RFC 2104) over its hash, and one row of its own holds the signed
head: the newest number and hash. Who can only write the database can therefore neither change a row,
nor hash the chain anew, nor cut its tail off. Putting back an old copy of everything is found by the
heads that are noted outside: in a file, and mailed where a setting says so.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from api.audit import queries
from api.audit.models import AuditEntry
from api.kit.db import new_id
from api.kit.settings import Settings

log = logging.getLogger("samkrets.audit")

FOLDER, KEY_FILE, HEADS_SUFFIX = "audit", "key", ".heads.jsonl"
DAILY, BACKUP, RESTORED = "daily", "backup", "restored"
_KEY_BYTES = 32
_keys: dict[tuple[str, str], bytes] = {}


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log had come: the newest row's number and hash at a moment, and why it was noted."""

    at: str
    number: int
    hash: str
    why: str = DAILY


def sign(key: bytes, text: str) -> str:
    """Return the HMAC-SHA256 of a text, in hexadecimal."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def is_signed(key: bytes, text: str, signature: str) -> bool:
    """Tell whether a signature is ours, in a time that does not depend on where it differs."""
    return hmac.compare_digest(sign(key, text), signature)


def head_text(number: int, digest: str) -> str:
    """Return what is signed of a head."""
    return f"head {number} {digest}"


def key_at(url: str) -> bytes | None:
    """Return the key of a database as it is, from the settings or its file; None where there is none."""
    settings = Settings()
    given = settings.audit_key.get_secret_value()
    if given:
        return given.encode()
    for folder in _folders(make_url(url), settings):
        file = folder / KEY_FILE
        if file.is_file():
            return file.read_bytes().strip()
    return None


def key_for(session: Session) -> bytes | None:
    """Return the key to sign with, made the first time; None where it is missing or cannot be kept.

    It is never made for a log that is signed already: then another process has it, and it must be
    brought here (`samkrets doctor` says so).
    """
    url = session.get_bind().engine.url
    place = (url.render_as_string(hide_password=True), os.environ.get("SAMKRETS_AUDIT_KEY", ""))
    known = _keys.get(place)
    if known is not None:
        return known
    key = key_at(url.render_as_string(hide_password=False))
    if key is None and queries.head(session) is None:
        key = _made(url)
    if key is None:
        log.error("the log's key is missing: its new rows are unsigned; see samkrets doctor")
        return None
    _keys[place] = key
    return key


def _made(url: URL) -> bytes | None:
    """Make a key, readable by the service's own user alone; one that is there already wins."""
    folders = _folders(url, Settings())
    if not folders:
        return None
    file = folders[0] / KEY_FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f".{new_id()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(_KEY_BYTES))
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
        return file.read_bytes().strip()
    except OSError:
        log.exception("the log's key cannot be kept in %s", file.parent)
        return None


def _folders(url: URL, settings: Settings) -> tuple[Path, ...]:
    """Return where a database's key and heads lie: beside an embedded one, and in the data folder."""
    shared = settings.data / FOLDER
    if url.get_backend_name() != "sqlite":
        return (shared,)
    if not url.database or url.database == ":memory:":
        return ()
    return tuple(dict.fromkeys((Path(url.database).parent / FOLDER, shared)))


def heads_file(url: str) -> Path | None:
    """Return the file of a database's heads; None for one that is only in memory."""
    settings = Settings()
    parsed = make_url(url)
    chosen = settings.audit_heads
    is_chosen = chosen is not None and chosen != Path()  # an empty setting is the folder "."
    folders = (chosen,) if chosen is not None and is_chosen else _folders(parsed, settings)
    name = Path(parsed.database or "").name
    return folders[0] / f"{name}{HEADS_SUFFIX}" if folders and name else None


def heads(url: str) -> list[Head]:
    """Return the heads noted since the database was last put back from a copy, oldest first."""
    file = heads_file(url)
    if file is None or not file.is_file():
        return []
    found: list[Head] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            head = Head(**json.loads(line))
        except (ValueError, TypeError):
            continue  # a line that was half written when the machine stopped
        if head.why == RESTORED:
            found.clear()
        found.append(head)
    return found


def note_head(url: str, head: Head) -> bool:
    """Write a head into the file outside the database; False when the same one stands last already."""
    file = heads_file(url)
    known = heads(url)
    is_known = bool(known) and (known[-1].number, known[-1].hash) == (head.number, head.hash)
    if file is None or (is_known and head.why != RESTORED):
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as out:
        out.write(json.dumps(asdict(head)) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return True


def forget_heads(url: str) -> None:
    """Take the heads of a database away that is thrown away whole, as the demonstration's is."""
    file = heads_file(url)
    if file is not None:
        file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log proves. `fault` is one English sentence, empty when all fits.

    unsigned: rows from before the key. is_proven: the signatures could be looked at.
    """

    rows: int
    unsigned: int
    is_proven: bool
    fault: str = ""

    def __str__(self) -> str:
        """Return the verdict in a sentence or two."""
        if self.fault:
            return self.fault
        said = f"The log's chain is whole: {self.rows} rows"
        if self.rows == self.unsigned:
            return f"{said}, all from before the key and unsigned." if self.rows else f"{said}."
        if not self.is_proven:
            return f"{said}. The key is not here, so their signatures were not looked at."
        before = f", {self.unsigned} older than the key and unsigned" if self.unsigned else ""
        return f"{said}, {self.rows - self.unsigned} of them signed{before}."


def verdict(
    session: Session,
    digests: Iterator[tuple[AuditEntry, str]],
    outside: list[Head],
    key: bytes | None,
) -> Verdict:
    """Check signatures, the signed head and the heads from outside, over a chain that fits itself.

    digests: every row with its hash reckoned anew, in the log's order.
    """
    wanted = {head.number: head for head in outside}
    unsigned = rows = 0
    last = ""
    for entry, digest in digests:
        rows, last = rows + 1, digest
        noted = wanted.pop(entry.number, None)
        if noted is not None and noted.hash != digest:
            text = f"Row {entry.number} is not the one that was noted outside on {noted.at}"
            return Verdict(rows, unsigned, key is not None, f"{text}: the log was written anew.")
        if not entry.signature:
            if rows - 1 > unsigned:
                text = f"Row {entry.number} is unsigned, though rows before it are signed."
                return Verdict(rows, unsigned, key is not None, text)
            unsigned += 1
        elif key is not None and not is_signed(key, digest, entry.signature):
            text = f"Row {entry.number} is not signed with our key: it was changed or put in."
            return Verdict(rows, unsigned, is_proven=True, fault=text)
    missing = [head for number, head in wanted.items() if number > 0]
    if missing:
        noted = max(missing, key=lambda head: head.number)
        text = (
            f"The log ends at row {rows}, though row {noted.number} was noted outside on {noted.at}"
        )
        return Verdict(rows, unsigned, key is not None, f"{text}: its newest rows are gone.")
    return Verdict(rows, unsigned, key is not None, _head_fault(session, rows, unsigned, last, key))


def _head_fault(session: Session, rows: int, unsigned: int, last: str, key: bytes | None) -> str:
    head = queries.head(session)
    if head is None:
        return "The log's signed head is gone." if rows > unsigned else ""
    if head.number > rows:
        return f"The log ends at row {rows}, its head says {head.number}: its newest rows are gone."
    if head.number < rows:
        return f"Row {head.number + 1} and those after it stand beyond the log's signed head."
    if head.hash != last or (
        key is not None and not is_signed(key, head_text(head.number, head.hash), head.signature)
    ):
        return "The log's head is not signed with our key."
    return ""
