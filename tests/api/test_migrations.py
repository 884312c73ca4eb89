from pathlib import Path

from sqlalchemy import inspect

from api.kit.db import make_engine
from api.migrations import check, downgrade, upgrade
from tests.postgres import Postgres


def _tables(url: str) -> set[str]:
    engine = make_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names - {"alembic_version"}


def _up_down_up(url: str) -> None:
    upgrade(url)
    made = _tables(url)
    check(url)
    downgrade(url, "base")
    assert _tables(url) == set()
    upgrade(url)
    assert _tables(url) == made


def test_migrations_lead_up_and_down_and_match_the_models_on_sqlite(tmp_path: Path) -> None:
    _up_down_up(f"sqlite:///{tmp_path}/m.db")


def test_migrations_lead_up_and_down_and_match_the_models_on_postgresql(postgres: Postgres) -> None:
    postgres.create("migrated")
    _up_down_up(postgres.url("migrated"))
