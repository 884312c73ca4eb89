"""Databases of commit e58799c with the demonstration's rows, as it made them: a SQLite file and a dump of PostgreSQL.

Made by `python -m api demo --once --data D`, and with `--database URL` then
`pg_dump --no-owner --no-privileges --exclude-schema=dbos`; compressed with xz.
"""

import lzma
import subprocess
from pathlib import Path

from api.migrations import upgrade
from tests.migrated import copied
from tests.postgres import Postgres, find_program

STORED = Path(__file__).parent / "databases"
OLD = "e58799c"


def on_sqlite(folder: Path) -> str:
    file = folder / "old.db"
    file.write_bytes(lzma.decompress((STORED / f"{OLD}.db.xz").read_bytes()))
    return f"sqlite:///{file}"


def on_postgres(server: Postgres, name: str) -> str:
    server.create(name)
    program = find_program("psql")
    assert program is not None
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-d", name]
    subprocess.run(
        [program, "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", *where],
        input=lzma.decompress((STORED / f"{OLD}.sql.xz").read_bytes()),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return server.url(name)


def upgraded_on_sqlite(folder: Path) -> str:
    """Return the URL of the stored database at the newest version."""

    def make(new: Path) -> None:
        Path(on_sqlite(new.parent).removeprefix("sqlite:///")).rename(new)
        upgrade(f"sqlite:///{new}")

    return copied(f"upgraded-{OLD}.db", make, folder / "old.db")


def upgraded_on_postgres(server: Postgres) -> str:
    """Return the URL of the stored database at the newest version."""
    template = f"upgraded_{OLD}"
    if server.is_new(template):
        upgrade(on_postgres(server, template))
    return server.url(server.copy(template))
