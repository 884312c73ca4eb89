"""The database's edge: engines, column types, and one request, job or command as one transaction."""

import logging
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from fastapi import Request
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Table,
    and_,
    create_engine,
    event,
    false,
    inspect,
    or_,
    update,
)
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import declared_attr, object_session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from api.kit.errors import StaleError
from api.kit.settings import Settings

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

Handler = Callable[[Session, Any], None]
Locking = TypeVar("Locking", bound=SelectOfScalar[Any])

_log = logging.getLogger("samkrets")
_NEWS = "news"
_LOOKS = "looks"
ACT = "act"  # in a session's `info`: the id of what somebody is doing in it; see api.outbox.acts
_BASE_URL = "base_url"
_BUSY_TIMEOUT_MS = 10_000
_TICKS_OF_MS = 4096  # what an identifier counts inside a millisecond
_ticking = threading.Lock()
_last_tick = 0
_CONNECT_TIMEOUT_S = 10


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC: SQLite would give it back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive datetime; store the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"A naive datetime cannot be stored: {value.isoformat()}"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the moment back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[StrEnum]) -> Any:  # noqa: ANN401 - what SQLModel's sa_type takes
    """Return a column type that stores an enum's values as text: a new value needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def in_pairs(first: Any, second: Any, pairs: Iterable[tuple[Any, str]]) -> ColumnElement[bool]:  # noqa: ANN401 - columns and what they hold
    """Return the condition that two columns hold one of these pairs.

    One `IN` for each first value: a chain of `OR` is too deep for SQLite from 1,000 pairs on.
    """
    by_first: dict[Any, list[str]] = {}
    for one, other in sorted(pairs):
        by_first.setdefault(one, []).append(other)
    return or_(
        false(), *(and_(first == one, second.in_(others)) for one, others in by_first.items())
    )


def new_id() -> str:
    """Return an identifier as text, which sorts after those made before it (UUID version 7).

    Moments are stored to the second, so of two rows of one second the identifier tells which is newer. A
    process counts a quarter of a microsecond each time, also where its clock is set back; 62 bits are random
    (RFC 9562, 5.7, and 6.2, method 3).
    """
    global _last_tick  # noqa: PLW0603 - one count for the process
    with _ticking:
        _last_tick = max(time.time_ns() * _TICKS_OF_MS // 1_000_000, _last_tick + 1)
        milliseconds, fraction = divmod(_last_tick, _TICKS_OF_MS)
    bits = milliseconds << 80 | 7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))


def absence(url: str) -> str:
    """Return what is wrong where a SQLite database's file is not there; opening it would make an empty one."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or parts.database in {None, "", ":memory:"}:
        return ""
    if Path(str(parts.database)).is_file():
        return ""
    return f"{parts.database} does not exist: set SAMKRETS_DATABASE, or make it with `samkrets migrate`"


def shown(url: str) -> str:
    """Return a database's URL as it may be shown: its password is left out."""
    return make_url(url).render_as_string(hide_password=True)


def reason(error: Exception) -> str:
    """Return why something failed as one line for an operator, without the statement and its values."""
    cause = getattr(error, "orig", None) or error
    said = getattr(cause, "strerror", None) or str(cause)
    return (said.strip().splitlines() or [type(cause).__name__])[0]


def make_engine(url: str) -> Engine:
    """Open an engine for SQLite (WAL, foreign keys, full sync) or PostgreSQL (checked before use).

    What a statement was given never stands in an error, and so not in a log: it may be about people.
    """
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": _CONNECT_TIMEOUT_S,
                "options": f"-c lock_timeout={_BUSY_TIMEOUT_MS}",
            },
        )
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once; a deferred one would fail half-way with SQLITE_BUSY.
    kind = connection.get_execution_options().get("begin", "IMMEDIATE")
    if kind:
        connection.exec_driver_sql(f"BEGIN {kind}")


def _came_second(error: Exception) -> bool:
    """Tell whether the database refused because another transaction was first; nothing is kept then.

    A version that has gone, a deadlock or a row that cannot be serialised (PostgreSQL 40001 and 40P01),
    or a key that somebody else has taken since we looked (23505; SQLite says it in words).
    """
    if isinstance(error, StaleDataError):
        return True
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    return state in {"40001", "40P01", "23505"} or "UNIQUE constraint failed" in str(cause)


class Database:
    """An engine, and the handlers that hear what a transaction announces before it commits."""

    def __init__(self, url: str, base_url: str | None = None) -> None:
        self.url = url
        self.base_url = Settings().base_url if base_url is None else base_url
        self.engine = make_engine(url)
        self._reader = self.engine.execution_options(begin="DEFERRED")
        self._peeker = self.engine.execution_options(begin="")
        self.info: dict[str, object] = {}  # what every session of it carries, by name
        self._kept = threading.local()
        self._handlers: dict[type, list[Handler]] = {}

    @property
    def is_embedded(self) -> bool:
        """Whether it is SQLite: a file of this machine, read in this process."""
        return self.url.startswith("sqlite")

    def subscribe(self, news: type, handler: Handler) -> None:
        """Call `handler(session, item)` for each announced item of this type, before the commit."""
        self._handlers.setdefault(news, []).append(handler)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session; deliver its news and commit at the end, or roll all of it back.

        Raises:
            StaleError: when somebody else's transaction was first (see `_came_second`).
        """
        with Session(self.engine, info=self._info()) as session:
            try:
                yield session
                self._deliver(session)
                session.commit()
            except (StaleDataError, DBAPIError) as error:
                if not _came_second(error):
                    raise
                _log.warning("came second: %s", type(error).__name__)
                raise StaleError({}, {}) from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session whose changes are never kept."""
        with Session(self._reader, info={**self._info(), _LOOKS: True}) as session:
            yield session
            session.rollback()

    @contextmanager
    def peeking(self) -> Iterator[Connection]:
        """Yield a connection for one statement that reads.

        On SQLite it has no transaction around it and stays open for its thread: opening and giving
        back cost more than the statement.
        """
        if not self.is_embedded:
            with self._peeker.connect() as connection:
                yield connection
            return
        kept: Connection | None = getattr(self._kept, "peek", None)
        if kept is None or kept.closed or kept.invalidated:
            kept = self._kept.peek = self._peeker.connect()
        yield kept

    def state(self, connection: Connection) -> tuple[Connection, int] | None:
        """Return what is another one as soon as anybody else commits; None where nothing tells.

        SQLite's `data_version`, which counts for each connection on its own: much cheaper than asking
        again for what was asked before.
        """
        if not self.is_embedded:
            return None
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - the connection is open
        return connection, driver.execute("PRAGMA data_version").fetchone()[0]

    def _info(self) -> dict[str, object]:
        return {**self.info, _BASE_URL: self.base_url}

    def _deliver(self, session: Session) -> None:
        session.flush()
        news: list[object] = session.info.get(_NEWS, [])
        while news:
            item = news.pop(0)
            for handler in self._handlers.get(type(item), ()):
                handler(session, item)
            session.flush()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def undo(session: Session) -> None:
    """Take back everything that this transaction did and announced, to answer with a form's faults."""
    session.rollback()
    session.info.pop(_NEWS, None)
    session.info.pop(ACT, None)


def announce(session: Session, item: object) -> None:
    """Tell the higher features what happened; they act in the same transaction, before its commit."""
    session.info.setdefault(_NEWS, []).append(item)


class Versioned:
    """Mixin of every table with a `version`: each UPDATE asks in the statement whether it is still there.

    Whoever saves raises the version by one; of two who read the same one, the second gets a
    StaleDataError at the flush, which `Database.transaction` makes a StaleError: a 409.
    """

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, object]:
        """Name the column that every UPDATE and DELETE of a row looks at."""
        table: Table = cls.__table__  # type: ignore[attr-defined]  # declared by the subclass
        return {"version_id_col": table.c.version, "version_id_generator": False}


class HasVersion(Protocol):
    """A row with a version, which each save makes one higher."""

    version: int


def for_change(session: Session, statement: Locking) -> Locking:
    """Return a SELECT that locks its rows until the transaction ends, where the database can.

    In a session that only looks it locks nothing: whoever reads a page holds nobody up, and a page
    that opens a second session never waits for itself.
    """
    return statement if session.info.get(_LOOKS) else statement.with_for_update()


def lock(row: object) -> None:
    """Lock a row and read it anew, until the transaction ends; whoever comes second waits for that.

    Call it before a row's version or state is looked at, and before anything is done.
    """
    session = object_session(row)
    if session is not None:
        session.refresh(row, with_for_update=True)


def take_version(
    session: Session,
    row: HasVersion,
    seen: int,
    yours: Mapping[str, object],
    theirs: Callable[[], Mapping[str, object]],
) -> None:
    """Make a row's next version this transaction's own, or refuse: of all who saw `seen`, one goes on.

    The database decides, in the statement: whoever comes second waits for the first one's commit on
    PostgreSQL, and for the writer's lock on SQLite. Call it before anything is done; `theirs` is
    asked after a refusal, when the row has been read anew.

    Raises:
        StaleError: when the row has another version.
    """
    if row.version == seen:
        session.flush()
        found = inspect(row)
        keys = zip(found.mapper.primary_key, found.identity, strict=True)
        version = found.mapper.columns["version"]
        statement = (
            update(found.mapper.local_table)
            .where(*(column == value for column, value in keys), version == seen)
            .values({version.name: seen + 1})
        )
        if session.connection().execute(statement).rowcount == 1:
            set_committed_value(row, "version", seen + 1)
            return
        session.refresh(row)
    raise StaleError(yours, theirs())


def base_url_of(session: Session) -> str:
    """Return the address that links in calendars and mail start with, without a last slash."""
    found: str | None = session.info.get(_BASE_URL)
    return Settings().base_url if found is None else found


def get_session(request: Request) -> Iterator[Session]:
    """Give a route its transaction: GET and HEAD read and never write, the others commit at the end.

    Use with `Depends(get_session, scope="function")`: FastAPI would else commit after the answer.
    """
    database: Database = request.app.state.database
    reads = request.method in {"GET", "HEAD"}
    with database.reading() if reads else database.transaction() as session:
        yield session
