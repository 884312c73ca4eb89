"""Answers read from a mailbox over IMAP, from a small server of the test's own."""

import imaplib

import pytest

from api.invitations import queries
from api.invitations.mailbox import poll
from api.invitations.models import ReplyState
from api.kit.clock import now
from api.kit.db import Database
from tests.mailbox import serving


def mail(number: int) -> bytes:
    return f"From: a{number}@example.org\r\nMessage-ID: <{number}@x>\r\n\r\nHej\r\n".encode()


def test_unread_mails_are_taken_marked_and_not_taken_again(database: Database) -> None:
    with serving(mail(1), mail(2)) as (url, seen):
        assert poll(database, url, now) == {ReplyState.FOR_A_PERSON: 2}
        assert seen == {1, 2}
        assert poll(database, url, now) == {}
    with database.reading() as session:
        assert len(queries.replies_for_a_person(session)) == 2


def test_a_line_that_breaks_before_the_mark_takes_no_mail_twice(database: Database) -> None:
    lost = (OSError, imaplib.IMAP4.error)
    with serving(mail(1), drops=True) as (url, _), pytest.raises(lost):
        poll(database, url, now)
    with serving(mail(1)) as (url, seen):
        poll(database, url, now)
        assert seen == {1}
    with database.reading() as session:
        assert len(queries.replies_for_a_person(session)) == 1
