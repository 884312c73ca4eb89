"""Files and folders that only the service's own user may read: they hold people's names and secrets."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder that only we may enter; one that is there stays as its owner set it."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def make_private_file(file: Path) -> None:
    """Make an empty file, or keep the one that is there, readable by us alone; SQLite gives its journals the same."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE)
    try:
        with suppress(PermissionError):  # another user's file, which we may write to
            os.fchmod(descriptor, PRIVATE_FILE)
    finally:
        os.close(descriptor)


def write_private(file: Path, octets: bytes) -> None:
    """Write a file whole, readable by us alone."""
    make_private_file(file)
    file.write_bytes(octets)


def write_private_once(file: Path, text: str) -> None:
    """Write a new file that only we can read, and have it on disk before going on."""
    make_private_folder(file.parent)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Return those that other users of the machine may read or enter."""
    return [path for path in paths if path.exists() and path.stat().st_mode & 0o077]
