"""Who only looks locks nothing, and nobody waits for ever."""

import re
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from api.accounts.models import Body
from api.kit.db import Database, for_change

ROOT = Path(__file__).parents[2]


@pytest.mark.both_databases
def test_a_reader_waits_for_nobody(database: Database) -> None:
    """A page's second session reads what its first one has locked, and does not wait for itself."""
    everything = select(Body)
    read = threading.Event()

    def look() -> None:
        with database.reading() as session:
            session.exec(for_change(session, everything)).all()
        read.set()

    with database.reading() as first, database.reading() as second:
        first.exec(for_change(first, everything)).all()
        second.exec(for_change(second, everything)).all()
    with database.transaction() as session:
        session.exec(for_change(session, everything)).all()
        reader = threading.Thread(target=look)
        reader.start()
        reader.join()
    assert read.is_set()


def test_rows_are_locked_in_one_way() -> None:
    """All but the mails' sender, who takes what nobody else has, lock by `for_change` or by key."""
    found = {
        str(path.relative_to(ROOT)): len(re.findall(r"\.with_for_update\(", path.read_text()))
        for path in sorted((ROOT / "api").rglob("*.py"))
    }
    assert {path: times for path, times in found.items() if times} == {
        "api/kit/db.py": 1,
        "api/outbox/queries.py": 1,
    }
