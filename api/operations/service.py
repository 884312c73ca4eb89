"""Whether the service is ready: database, migrations and queue."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from api.kit.clock import now
from api.kit.db import Database
from api.migrations import configuration
from api.operations import queries

QUEUE_PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What must hold before requests are sent here; each is "ok" or a short fault."""

    database: str
    migrations: str
    queue: str

    @property
    def is_ready(self) -> bool:
        """True when all is well."""
        return {self.database, self.migrations, self.queue} == {"ok"}


def readiness(database: Database) -> Readiness:
    """Look; a database that does not answer is a finding, not an error."""
    try:
        with database.reading() as session:
            queries.answers(session)
            at = queries.revision(session)
            if at != newest_revision():
                return Readiness("ok", f"at {at or 'nothing'}, want {newest_revision()}", "unknown")
            waiting = queries.waits_since(session, now() - QUEUE_PATIENCE)
    except SQLAlchemyError:
        return Readiness("does not answer", "unknown", "unknown")
    return Readiness("ok", "ok", f"{waiting} jobs wait for a worker" if waiting else "ok")


@cache
def newest_revision() -> str:
    """Return the migration that this program was written for."""
    return str(ScriptDirectory.from_config(configuration("")).get_current_head())
