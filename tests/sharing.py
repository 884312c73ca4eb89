"""What all tests of a process share, though each has a database and an app of its own: compiled statements, one loop.

SQLAlchemy compiles a statement for a dialect, and every engine makes one: a test would compile all
its statements anew, a fifth of its processor time. Starlette's client starts a thread and a loop for
each request, as long again as a small page takes; a server has one loop, and so have the tests.
"""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection

from api.kit import db

MOST_STATEMENTS = 10_000
_first: dict[str, Engine] = {}  # by dialect, once it has asked its server what it is
_create, _prepare_sqlite = create_engine, db._prepare_sqlite


def share() -> None:
    """Let every engine and every client of this process be made so."""
    db.create_engine = make_engine  # type: ignore[attr-defined, assignment]
    db._prepare_sqlite = prepare_sqlite
    TestClient._portal_factory = portal_of  # type: ignore[method-assign, assignment]


def make_engine(url: str, **how: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own signature
    """Make an engine that goes on with what the first one of its kind has learnt and compiled."""
    made = _create(url, query_cache_size=MOST_STATEMENTS, **how)
    first = _first.get(made.dialect.name)
    if first is None:
        _learn(made)
        return made
    made.dialect.initialize = _known  # type: ignore[method-assign, assignment]
    made.dialect = made.pool._dialect = first.dialect
    made._compiled_cache = first._compiled_cache
    return made


def _learn(made: Engine) -> None:
    asks = made.dialect.initialize

    def once(connection: Connection) -> None:
        asks(connection)
        _first.setdefault(made.dialect.name, made)

    made.dialect.initialize = once  # type: ignore[method-assign]


def _known(_connection: Connection) -> None:
    """Ask the server nothing: the first engine has."""


def prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Prepare a connection as the service does, but wait for no disk: only a power cut would tell."""
    _prepare_sqlite(connection, _record)
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


@contextmanager
def portal_of(client: TestClient) -> Iterator[BlockingPortal]:
    """Yield the loop that answers a client: its own while it is open, else the one of all."""
    yield client.portal or _portal()


@cache
def _portal() -> BlockingPortal:
    opened = start_blocking_portal()
    portal = opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)
    return portal
