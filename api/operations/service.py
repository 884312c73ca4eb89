"""Whether the service is ready: database, migrations and queue."""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from api.kit.clock import now
from api.kit.db import Database, absence
from api.kit.settings import Settings
from api.migrations.schema import Schema, examine
from api.operations import queries
from api.operations.schedule import disk_fault, late

QUEUE_PATIENCE = timedelta(minutes=5)
SCHEMA_HOLDS_S = 60.0  # a probe every few seconds need not compare every column each time

_right: dict[
    str, tuple[Schema, float]
] = {}  # database URL -> its schema, and when it was found right


@dataclass(frozen=True, slots=True)
class Readiness:
    """What must hold before requests are sent here; each is "ok" or a short fault."""

    database: str
    migrations: str
    queue: str
    disk: str = "unknown"
    schedule: str = "unknown"  # is told, but keeps nobody from answering

    @property
    def is_ready(self) -> bool:
        """True when requests can be answered."""
        return {self.database, self.migrations, self.queue, self.disk} == {"ok"}


def readiness(database: Database, settings: Settings | None = None) -> Readiness:
    """Look; a database that does not answer is a finding, not an error."""
    settings = settings or Settings()
    disk = disk_fault(settings, database.url) or "ok"
    if absence(database.url):
        return Readiness("does not answer", "unknown", "unknown", disk)
    try:
        found = schema(database)
        if found.fault:
            return Readiness("ok", found.fault, "unknown", disk)
        with database.reading() as session:
            waiting = queries.waits_since(session, now() - QUEUE_PATIENCE)
            silent = len(queries.silent_jobs(session, now() - QUEUE_PATIENCE))
            schedule = schedule_fault(session)
    except SQLAlchemyError:
        return Readiness("does not answer", "unknown", "unknown", disk)
    queue = f"{waiting} jobs wait for a worker" if waiting else "ok"
    if silent and not waiting:
        queue = f"{silent} jobs run on workers that are silent"
    return Readiness("ok", "ok", queue, disk, schedule or "ok")


def schedule_fault(session: Session) -> str:
    """Return which errands are late; where none was ever begun, whether somebody should have."""
    runs = queries.errand_runs(session)
    if runs:
        return "; ".join(late(runs, now()))
    begun = queries.oldest_change(session)
    is_old = begun is not None and begun < now() - timedelta(days=1)
    return "no worker has run: start `samkrets worker`" if is_old else ""


def schema(database: Database) -> Schema:
    """Look at the tables themselves; what was right a moment ago at the same version is not compared again."""
    with database.reading() as session:
        at = queries.revision(session)
    right = _right.get(database.url)
    if right is not None and right[0].at == at and monotonic() - right[1] < SCHEMA_HOLDS_S:
        return right[0]
    found = examine(database.engine)
    if found.fault:
        _right.pop(database.url, None)
    else:
        _right[database.url] = (found, monotonic())
    return found


def demo_fault(database: Database) -> str:
    """Return why the demonstration's sign-in, which lets anybody in, must not be served on a database."""
    with database.reading() as session:
        held = queries.real_addresses(session, SQLModel.metadata)
    if not held:
        return ""
    return (
        f"SAMKRETS_IS_DEMO lets anybody sign in, and {', '.join(held)} holds addresses outside "
        "example.org: take the setting away, or use a database of `samkrets demo`"
    )
