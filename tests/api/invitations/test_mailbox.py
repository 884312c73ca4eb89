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


def test_somebody_s_words_stay_unread_and_are_taken_once(database: Database) -> None:
    away = (
        b"From: a@example.org\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <3@x>\r\n\r\nLedig\r\n"
    )
    with serving(mail(1), away, keywords=True) as (url, seen):
        assert poll(database, url, now) == {ReplyState.FOR_A_PERSON: 1, ReplyState.HANDLED: 1}
        assert seen == {2}
        assert poll(database, url, now) == {}
    with database.reading() as session:
        [kept] = queries.replies_for_a_person(session)
        assert (kept.kind, kept.sender) == ("prose", "a1@example.org")


@pytest.mark.parametrize("nobody", [b'"', b"a@"])
def test_words_of_nobody_who_could_be_answered_are_kept_and_marked_as_read(
    database: Database, nobody: bytes
) -> None:
    head = b"From: " + nobody + b"\r\nMessage-ID: <4@x>\r\n\r\nHej\r\n"
    with serving(head, mail(1), keywords=True) as (url, seen):
        assert poll(database, url, now) == {ReplyState.FOR_A_PERSON: 2}
        assert seen == {1}
        assert poll(database, url, now) == {}
    with database.reading() as session:
        found = queries.replies_for_a_person(session)
        told = sorted((kept.sender, kept.reason) for kept in found)
    assert told == [("", "no sender"), ("a1@example.org", "no calendar part")]
