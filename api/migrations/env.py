"""Alembic's environment: one connection and one transaction, batch mode for SQLite."""

from pathlib import Path

from alembic import context
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import api.tables
from api.kit.db import make_engine
from api.kit.files import make_private_file, make_private_folder
from api.kit.finding import triggers
from api.migrations import GOES_DOWN, newest
from api.migrations.schema import ours, revision

TABLES = api.tables
LOCK = 5_271_009_643_118_207_001  # any number that nobody else locks in the same database

url = context.config.get_main_option("sqlalchemy.url")
file = make_url(url).database
if url.startswith("sqlite") and file and file != ":memory:":
    make_private_folder(Path(file).parent)
    make_private_file(Path(file))
engine = make_engine(url)
try:
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Batch mode drops the old table: with foreign keys on, that would delete what points at it.
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=is_sqlite,
            include_object=ours,
            compare_type=True,
            transactional_ddl=True,  # also on SQLite, where we say BEGIN ourselves
        )
        with context.begin_transaction():
            if not is_sqlite:  # which of several at once does it; SQLite has its one write lock
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")  # the others wait for it
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            before = revision(connection)
            goes_down = context.config.attributes.get(GOES_DOWN, False)
            if before != newest() or goes_down or triggers.missing(connection):
                triggers.drop(connection)  # they name tables that a migration makes anew
            context.run_migrations()
            if revision(connection) == newest() and triggers.missing(connection):
                triggers.make(connection)
            if is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    tables = ", ".join(sorted({str(row[0]) for row in broken}))
                    raise RuntimeError(f"Rows would point at nothing in: {tables}")
        connection.commit()
finally:
    engine.dispose()
