"""The log's end is taken as a transaction commits: for how long, by how many, and what is lost (nothing)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlmodel import Session, col, func, select

from api.accounts.models import Body, BodyKind
from api.audit import queries
from api.audit.models import AuditEntry
from api.audit.service import first_broken, record, verify
from api.kit.db import Database, undo

pytestmark = pytest.mark.both_databases

_THREADS, _EACH, _ROWS = 12, 8, 3


def _note(session: Session, subject: str) -> None:
    record(session, "system", "imported", ("rc", subject))


def _subjects(database: Database) -> list[str]:
    with database.reading() as session:
        assert first_broken(session) is None
        return [entry.subject_id for entry in queries.entries(session)]


def test_of_many_threads_nothing_is_lost_and_numbers_have_no_holes(database: Database) -> None:
    def work(thread: int) -> None:
        for turn in range(_EACH):
            with database.transaction() as session:
                for row in range(_ROWS):
                    _note(session, f"{thread}-{turn}-{row}")

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(work, range(_THREADS)))
    found = _subjects(database)
    wanted = {
        f"{thread}-{turn}-{row}"
        for thread in range(_THREADS)
        for turn in range(_EACH)
        for row in range(_ROWS)
    }
    assert sorted(found) == sorted(wanted)
    together = [found[at : at + _ROWS] for at in range(0, len(found), _ROWS)]
    assert all(len({name.rsplit("-", 1)[0] for name in rows}) == 1 for rows in together)
    with database.reading() as session:
        verdict = verify(session, database.url)
        assert (verdict.fault, verdict.rows, verdict.unsigned) == ("", len(wanted), 0)


def test_who_has_noted_something_and_goes_on_holds_nobody_up(database: Database) -> None:
    if database.is_embedded:
        pytest.skip("SQLite has one writer in any case")
    noted, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with database.transaction() as session:
            _note(session, "slow")
            session.flush()
            noted.set()
            assert may_end.wait(60)

    with ThreadPoolExecutor(1) as pool:
        slowly = pool.submit(slow)
        assert noted.wait(60)
        try:
            with database.transaction() as session:  # a lock that is held would be waited for 10 s
                _note(session, "quick")
            assert _subjects(database) == ["quick"]
        finally:
            may_end.set()
        slowly.result()
    assert _subjects(database) == ["quick", "slow"]


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(AuditEntry)).one()


_LOOKS: dict[str, Callable[[Session], int]] = {
    "rows": lambda session: len(session.exec(select(AuditEntry)).all()),
    "column": lambda session: len(session.exec(select(AuditEntry.actor)).all()),
    "count": _count,
    "count of a kind": lambda session: queries.count(session, "rc"),
    "about": lambda session: len(queries.entries_about(session, "rc", "one")),
    "get": lambda session: int(session.get(AuditEntry, 1) is not None),
    "beside another": lambda session: len(
        session.exec(
            select(Body.id, AuditEntry.number).join(AuditEntry, col(AuditEntry.number) > 0)
        ).all()
    ),
    "inside another": lambda session: len(
        session.exec(select(Body).where(select(AuditEntry.number).exists())).all()
    ),
}


@pytest.mark.parametrize("look", _LOOKS)
def test_whoever_reads_the_log_sees_what_the_same_transaction_noted(
    session: Session, look: str
) -> None:
    session.add(Body(name="Ett", kind=BodyKind.NCH))
    _note(session, "one")
    assert _LOOKS[look](session) == 1
    _note(session, "two")
    assert _count(session) == 2
    assert first_broken(session) is None


def test_what_is_taken_back_is_not_noted(database: Database) -> None:
    with database.transaction() as session:
        _note(session, "undone")
        undo(session)
        _note(session, "kept")
    with database.transaction() as session:
        _note(session, "before")
        with session.begin_nested() as savepoint:
            _note(session, "in a savepoint")
            with session.begin_nested():
                _note(session, "within that")
            savepoint.rollback()
        with session.begin_nested():
            _note(session, "in one that holds")
    with suppress(RuntimeError), database.transaction() as session:
        _note(session, "broken off")
        raise RuntimeError
    with Session(database.engine) as session:
        _note(session, "never committed")
        session.close()
        _note(session, "committed")
        session.commit()
    assert _subjects(database) == ["kept", "before", "in one that holds", "committed"]


def test_a_row_says_what_was_true_when_it_was_noted(database: Database) -> None:
    after: dict[str, object] = {"names": ["Ö"]}
    with database.transaction() as session:
        record(session, "system", "imported", ("rc", "one"), after=after)
        after["names"] = ["something else"]
    with database.reading() as session:
        assert [entry.after for entry in queries.entries(session)] == [{"names": ["Ö"]}]


def test_what_is_no_json_is_refused_where_it_is_noted(session: Session) -> None:
    with pytest.raises(TypeError):
        record(session, "system", "imported", ("rc", "one"), after={"at": time})
