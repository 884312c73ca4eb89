"""Alembic's environment: one connection, batch mode for SQLite."""

from pathlib import Path

from alembic import context
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import api.tables
from api.kit.db import make_engine

TABLES = api.tables


def ours(_object, name, kind, _reflected, _compare_to) -> bool:
    """Leave the job engine's own tables alone."""
    return not (kind == "table" and name is not None and name.startswith("dbos"))


url = context.config.get_main_option("sqlalchemy.url")
file = make_url(url).database
if url.startswith("sqlite") and file and file != ":memory:":
    Path(file).parent.mkdir(parents=True, exist_ok=True)
engine = make_engine(url)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_object=ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
