"""Databases at the newest version: the way there is taken once in a run of the tests, and copied after that.

Some sixty migrations take seconds of processor time; the tests of upgrading itself take them each time.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from api.migrations import upgrade
from tests.needs import RUN_FOLDER
from tests.postgres import Postgres


def on_sqlite(file: Path) -> str:
    """Return the URL of a new SQLite file with every table and no rows."""
    return copied("empty.db", lambda new: upgrade(f"sqlite:///{new}"), file)


def on_postgres(server: Postgres) -> str:
    """Return the URL of a new database of a server with every table and no rows."""
    template = "template_migrated"
    if server.is_new(template):
        server.create(template)
        upgrade(server.url(template))
    return server.url(server.copy(template))


def copied(name: str, make: Callable[[Path], None], file: Path) -> str:
    """Return the URL of a copy of a SQLite file that whoever in the run needs it first makes, under a name of its own."""
    folder = Path(os.environ[RUN_FOLDER])
    made = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            half = folder / f"half-{name}"
            make(half)
            half.rename(made)
    shutil.copy(made, file)
    return f"sqlite:///{file}"
