"""The shipped register for tests: read in by the importer once in a process, then only its rows are put in."""

from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session, SQLModel, select

from api.accounts.contacts import Register
from api.audit.models import AuditEntry
from api.kit.db import make_engine
from api.kit.finding.triggers import OURS
from api.registry import service
from api.registry.models import Rc
from api.registry.reference import county_names
from tests.rows import rows


def no_register(_session: Session) -> Register:
    """Return what a file of contacts may name, where no register is read in."""
    return Register(dict(county_names("sv")), frozenset({"exempel-rc", "dalarna", "skane"}))


def import_shipped(session: Session, actor: str) -> None:
    """Bring the shipped register in as `service.import_shipped` does; that is a quarter of a second each time."""
    if any(session.exec(select(table)).first() for table in (Rc, AuditEntry)):
        service.import_shipped(session, actor)  # what it changes depends on what is there
        return
    for table, found in _rows(actor):
        session.execute(table.insert(), found)


@cache
def _rows(actor: str) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Every row that the import leaves in an empty database: the RC and the log of their coming."""
    engine = make_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        service.import_shipped(session, actor)
        found: dict[Table, list[dict[str, Any]]] = {}
        for table, row in rows(session):
            if not table.name.startswith(OURS):  # the database writes its own marks
                found.setdefault(table, []).append(dict(row))
    engine.dispose()
    return list(found.items())
