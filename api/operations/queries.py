"""SQL over the whole database, for checks and copies."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlmodel import AutoString, Session, SQLModel, col, func, or_, select, text

from api.audit.models import AuditEntry
from api.jobs.models import Job, JobState
from api.kit.clock import CLOCKS_DIFFER
from api.migrations import schema
from api.operations.models import ErrandRun
from api.outbox.models import Mail, MailState


def revision(session: Session) -> str:
    """Return the migration that the database says it stands at; empty when it was never migrated."""
    return schema.revision(session.connection())


NAMES_A_PERSON = re.compile(r"(^|_)(person|holder|deputy)_id$|^actor$|_by$")
NEVER_TOLD = re.compile(r"hash|token|signature|secret|sealed|nonce")
CONTENTS = sqlalchemy.JSON | sqlalchemy.LargeBinary  # of many people's matters


def rows_of_person(
    session: Session, person_id: str, but: Collection[str]
) -> dict[str, list[dict[str, object]]]:
    """Return what each table, but some, holds under a person's id: no secrets, and nobody else's id.

    Of what was done (the log, calculations): that and when; its contents may tell of others.
    """
    found: dict[str, list[dict[str, object]]] = {}
    for table in SQLModel.metadata.sorted_tables:
        columns = [
            one
            for one in table.columns
            if not NEVER_TOLD.search(one.name) and not isinstance(one.type, CONTENTS)
        ]
        names = [
            one
            for one in columns
            if NAMES_A_PERSON.search(one.name) and isinstance(one.type, AutoString)
        ]
        if table.name in but or not names:
            continue
        statement = sqlalchemy.select(*columns).where(or_(*(one == person_id for one in names)))
        others = {one.name for one in names}
        rows = session.connection().execute(statement.order_by(*table.primary_key)).mappings()
        if kept := [
            {key: one for key, one in row.items() if key not in others or one == person_id}
            for row in rows
        ]:
            found[table.name] = kept
    return found


def waits_since(session: Session, moment: datetime) -> int:
    """Return how many jobs have waited for a worker since before the moment."""
    statement = (
        select(func.count())
        .select_from(Job)
        .where(Job.state == JobState.QUEUED)
        .where(col(Job.created_at) < moment)
    )
    return session.exec(statement).one()


def jobs_by_state(session: Session) -> dict[JobState, int]:
    """Return the number of jobs in each state."""
    rows = session.exec(select(Job.state, func.count()).group_by(col(Job.state)))
    found = {JobState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in JobState}


def mail_by_state(session: Session) -> dict[MailState, int]:
    """Return the number of mails in each state."""
    rows = session.exec(select(Mail.state, func.count()).group_by(col(Mail.state)))
    found = {MailState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in MailState}


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table holds, and one checksum of them all, whatever their order."""

    rows: int
    checksum: str


def table_sums(session: Session) -> dict[str, TableSum]:
    """Return the rows of every table that is there, counted and summed as the database gives them."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        session.execute(text("SET LOCAL TIME ZONE 'UTC'"))  # moments are read alike everywhere
    found = schema.columns(connection)
    return {name: _sum(session, name, sorted(found[name])) for name in sorted(found)}


def _sum(session: Session, name: str, columns: list[str]) -> TableSum:
    count = total = 0
    untyped = sqlalchemy.table(name, *(sqlalchemy.column(each) for each in columns))
    for row in session.execute(sqlalchemy.select(untyped).execution_options(yield_per=1000)):
        count += 1
        total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest())
    return TableSum(count, f"{total % 2**256:064x}")


def export_snapshot(session: Session) -> str:
    """Return a name by which PostgreSQL shows another connection what this transaction sees."""
    return str(session.execute(text("SELECT pg_export_snapshot()")).scalar())


def is_sound(session: Session) -> bool:
    """Return what SQLite says of its own file; PostgreSQL checks as it restores."""
    if session.get_bind().dialect.name != "sqlite":
        return True
    return session.execute(text("PRAGMA quick_check(1)")).scalar() == "ok"


def real_addresses(session: Session, tables: sqlalchemy.MetaData) -> list[str]:
    """Return where the database holds a mail address that is not under example.org: "table.column", sorted."""
    found = []
    for table in tables.sorted_tables:
        for column in table.columns:
            is_text = isinstance(column.type, AutoString | sqlalchemy.String)
            if not is_text or isinstance(column.type, sqlalchemy.Enum):
                continue
            is_address = (
                column.like("%_@_%.%"),
                *(column.not_like(f"%{sign}%") for sign in (" ", "<", "/", "@%@", ":")),
                column.not_like("%@example.org"),
                column.not_like("%@%.example.org"),
            )
            statement = select(sqlalchemy.literal(1)).select_from(table).where(*is_address).limit(1)
            if session.execute(statement).first() is not None:
                found.append(f"{table.name}.{column.name}")
    return sorted(found)


def claim(
    session: Session,
    name: str,
    since: datetime,
    moment: datetime,
    held_until: datetime,
    worker: str,
) -> bool:
    """Take an errand that was not done since a moment and that nobody holds; False when it is not to be had.

    What was done or is held farther ahead than any clock may differ was written under a wrong clock.
    """
    session.execute(
        text(
            "INSERT INTO errand_run (name, worker, fault) VALUES (:name, '', '') ON CONFLICT DO NOTHING"
        ),
        {"name": name},
    )
    statement = (
        sqlalchemy.update(ErrandRun)
        .where(col(ErrandRun.name) == name)
        .where(
            col(ErrandRun.done_at).is_(None)
            | (col(ErrandRun.done_at) < since)
            | (col(ErrandRun.done_at) > moment + CLOCKS_DIFFER)
        )
        .where(
            col(ErrandRun.held_until).is_(None)
            | (col(ErrandRun.held_until) <= moment)
            | (col(ErrandRun.begun_at) > moment + CLOCKS_DIFFER)
        )
        .values(worker=worker, begun_at=moment, held_until=held_until)
    )
    return bool(session.connection().execute(statement).rowcount)


def note_done(session: Session, name: str, moment: datetime) -> None:
    """Write that an errand went well, as of the moment that it began."""
    statement = sqlalchemy.update(ErrandRun).where(col(ErrandRun.name) == name)
    session.execute(statement.values(done_at=moment, held_until=None, fault=""))


def note_failed(session: Session, name: str, fault: str, again_at: datetime) -> None:
    """Write that an errand failed, and from when it is tried again."""
    statement = sqlalchemy.update(ErrandRun).where(col(ErrandRun.name) == name)
    session.execute(statement.values(held_until=again_at, fault=fault))


def errand_run(session: Session, name: str) -> ErrandRun | None:
    """Return an errand's last runs."""
    return session.get(ErrandRun, name)


def errand_runs(session: Session) -> list[ErrandRun]:
    """Return every errand's last runs, by name."""
    return list(session.exec(select(ErrandRun).order_by(col(ErrandRun.name))))


def silent_jobs(session: Session, before: datetime) -> list[Job]:
    """Return running jobs whose worker was not heard of since before the moment."""
    unheard = (col(Job.seen_at) < before) | (col(Job.seen_at) > before + CLOCKS_DIFFER)
    return list(session.exec(select(Job).where(Job.state == JobState.RUNNING).where(unheard)))


def oldest_change(session: Session) -> datetime | None:
    """Return when the log's first row was written."""
    return session.exec(select(func.min(AuditEntry.at))).one()
