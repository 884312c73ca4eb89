"""One bad item or errand keeps no other from its turn; a database that is away makes nobody's mail bad."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from api import worker
from api.invitations import mailbox, queries
from api.invitations.models import ReplyState
from api.invitations.replies import take
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.operations import schedule
from tests.mailbox import serving

pytestmark = pytest.mark.both_databases


def _mail(number: int) -> bytes:
    return f"From: a{number}@example.org\r\nMessage-ID: <{number}@x>\r\n\r\nHej\r\n".encode()


def test_a_mail_that_cannot_be_taken_is_kept_for_a_person_and_the_next_is_taken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:

    def taking(session: Any, mail: Any, at: Any) -> Any:  # noqa: ANN401 - stands in for `take`
        if mail.message_id == "<1@x>":
            raise OverflowError("Python int too large to convert to SQLite INTEGER")
        return take(session, mail, at)

    monkeypatch.setattr(mailbox, "take", taking)
    with serving(_mail(1), _mail(2)) as (url, seen):
        assert mailbox.poll(database, url, now) == {ReplyState.FOR_A_PERSON: 2}
        assert seen == {1, 2}
    with database.reading() as session:
        reasons = {kept.reason for kept in queries.replies_for_a_person(session)}
    assert reasons == {"not taken: OverflowError", "no calendar part"}


def test_while_the_database_is_away_no_mail_is_marked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the database is away"))

    with serving(_mail(1), _mail(2)) as (url, seen):
        with monkeypatch.context() as patched:
            patched.setattr(mailbox, "take", away)
            with pytest.raises(OperationalError):
                mailbox.poll(database, url, now)
        assert seen == set()
        assert mailbox.poll(database, url, now) == {ReplyState.FOR_A_PERSON: 2}


def test_each_errand_of_the_house_has_a_fence_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tidying fails, mending fails, the mailbox fails: every one is still tried, round after round."""
    done: list[str] = []
    until = threading.Event()

    def failing(what: str) -> Any:  # noqa: ANN401 - stands in for an errand
        def errand(*_: object) -> None:
            done.append(what)
            if done.count("poll") == 2:
                until.set()
            raise RuntimeError(what)

        return errand

    monkeypatch.setattr(worker, "HOUSE_INTERVAL_S", 0.01)
    monkeypatch.setattr(schedule, "RETRY_AFTER", timedelta(0))
    monkeypatch.setattr(worker, "tidy", failing("tidy"))
    monkeypatch.setattr(worker, "mend_calendars", failing("mend"))
    monkeypatch.setattr(worker, "note_daily_head", failing("note"))
    monkeypatch.setattr(worker, "poll", failing("poll"))
    worker._keep_house(database, Settings(imap_url="imap://127.0.0.1"), until)
    assert done == ["tidy", "mend", "note", "poll"] * 2
