"""Answers read from a mailbox over IMAP, from a small server of the test's own."""

import imaplib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api.invitations import queries
from api.invitations.mailbox import poll
from api.invitations.models import ReplyState
from api.kit.clock import now
from api.kit.db import Database


class Mailbox(socketserver.StreamRequestHandler):
    """As much of IMAP4rev1 (RFC 3501) as reading a mailbox needs."""

    mails: list[bytes]
    seen: set[int]
    drops_before_marking = False

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, command, *values = line.split(" ")
            if command == "STORE" and self.drops_before_marking:
                return
            self._answer(command, values)
            self._say(f"{tag} OK done")
            if command == "LOGOUT":
                return

    def _answer(self, command: str, values: list[str]) -> None:
        box = type(self)
        if command == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif command == "SELECT":
            self._say(f"* {len(box.mails)} EXISTS")
        elif command == "SEARCH":
            unread = [n for n in range(1, len(box.mails) + 1) if n not in box.seen]
            self._say(" ".join(["* SEARCH", *map(str, unread)]))
        elif command == "FETCH":
            octets = box.mails[int(values[0]) - 1]
            self._say(f"* {values[0]} FETCH (BODY[] {{{len(octets)}}}")
            self.wfile.write(octets)
            self._say(")")
        elif command == "STORE":
            box.seen.add(int(values[0]))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(*mails: bytes, drops: bool = False) -> Iterator[tuple[str, set[int]]]:
    seen: set[int] = set()
    values = {"mails": list(mails), "seen": seen, "drops_before_marking": drops}
    handler = type("Handler", (Mailbox,), values)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"imap://moten:hemligt@127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()


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
