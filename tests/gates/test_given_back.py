"""A PostgreSQL database that tests share one after the other is as good as new each time."""

import psycopg
import pytest
from sqlmodel import Session, select

from api.audit.models import AuditEntry
from api.kit.db import make_engine
from api.registry.models import Rc
from api.registry.service import import_shipped
from tests.postgres import Postgres


@pytest.fixture
def lent(postgres: Postgres, postgres_template: str) -> tuple[Postgres, str, str]:
    return postgres, postgres_template, postgres.borrow(postgres_template)


def test_rows_are_gone_and_so_is_whoever_hangs_on(lent: tuple[Postgres, str, str]) -> None:
    server, template, name = lent
    engine = make_engine(server.url(name))
    with Session(engine) as session:
        import_shipped(session, "system")
        session.commit()
    with server._open(name) as hanging:
        hanging.execute("BEGIN; LOCK TABLE rc")
        server.give_back(name, template)
        renamed = server.borrow(template)
        assert renamed != name
        with pytest.raises(psycopg.OperationalError):
            hanging.execute("SELECT 1")
    engine.dispose()
    engine = make_engine(server.url(renamed))
    with Session(engine) as session:
        assert session.exec(select(Rc)).all() == []
        assert session.exec(select(AuditEntry)).all() == []
    engine.dispose()
    server.give_back(renamed, template)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (a int)",
        "ALTER TABLE rc ADD more int",
        "CREATE SCHEMA dbos CREATE TABLE x (a int)",
    ],
)
def test_one_whose_tables_were_changed_is_not_lent_again(
    lent: tuple[Postgres, str, str], change: str
) -> None:
    server, template, name = lent
    with psycopg.connect(server.url(name).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(change.encode())
    free = list(server.free)
    server.give_back(name, template)
    assert server.free == free
