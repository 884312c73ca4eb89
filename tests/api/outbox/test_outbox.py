"""The outbox against a real SMTP server that refuses, delays, hangs and drops the line after DATA."""

import asyncio
import email
import email.policy
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import Session

from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.kit.mail import Outcome, Result, Server
from api.outbox import queries, service
from api.outbox.models import Mail, MailState
from api.outbox.sending import send_due
from api.outbox.service import Options, queue

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
SENDER = "moten@example.org"
PATIENCE_S = 60.0
HOLD_S = 0.3  # how long a hanging server is waited for in these tests


class Difficult:
    """An SMTP server's handler that behaves as told, for a number of times, then well."""

    def __init__(self, behaviour: str, times: int = 1) -> None:
        self.behaviour, self.left = behaviour, times
        self.taken: list[bytes] = []

    def _misbehaves(self, *kinds: str) -> bool:
        if self.behaviour in kinds and self.left > 0:
            self.left -= 1
            return True
        return False

    async def handle_RCPT(self, _server: Any, _s: Any, envelope: Any, to: str, _o: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd's signature
        if self._misbehaves("refuse"):
            return "550 no such user"
        if self._misbehaves("greylist"):
            return "451 come back later"
        if self._misbehaves("hang"):
            await asyncio.sleep(3 * HOLD_S)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd's signature
        if self._misbehaves("full"):
            return "452 no room"
        if self._misbehaves("delay"):
            await asyncio.sleep(HOLD_S / 3)
        if self._misbehaves("lose"):
            server.transport.close()
            return "250 OK"
        self.taken.append(envelope.original_content)
        if self._misbehaves("drop"):
            server.transport.close()
        return "250 OK"


@contextmanager
def serving(handler: Difficult) -> Iterator[Server]:
    controller = Controller(handler, hostname="127.0.0.1", port=0)
    # Port 0: the system chooses; Controller wants to know it, so a free one is asked for first.
    controller.port = free_port()
    controller.start()
    try:
        # One that behaves well is waited for as long as a busy machine needs.
        patience = PATIENCE_S if handler.behaviour == "well" else HOLD_S
        yield Server(f"smtp://127.0.0.1:{controller.port}", timeout_s=patience)
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


class Ticking:
    """A clock that jumps a day at each look: every retry is due at once."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        self.now += timedelta(days=1)
        return self.now


def parsed(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def put(database: Database, number: int = 1) -> list[str]:
    with database.transaction() as session:
        return [
            queue(
                session, f"a{i}@example.org", f"Träff {i}", "Hej på dig\n", "<p>Hej på dig</p>", AT
            ).id
            for i in range(number)
        ]


def states(database: Database) -> Counter[MailState]:
    with database.reading() as session:
        return Counter(queries.counts(session))


@pytest.mark.parametrize(
    ("behaviour", "times", "taken", "state"),
    [
        ("well", 0, 1, MailState.SENT),
        ("refuse", 1, 0, MailState.FAILED),
        ("greylist", 3, 1, MailState.SENT),
        ("full", 2, 1, MailState.SENT),
        ("hang", 2, 1, MailState.SENT),
        ("delay", 1, 1, MailState.SENT),
        ("lose", 1, 1, MailState.SENT),  # dropped before it was kept: the second attempt arrives
        ("drop", 1, 2, MailState.SENT),  # kept, then dropped: the one case of a duplicate
        ("drop", 9, 2, MailState.FAILED),  # never a third: a person judges
    ],
)
def test_no_mail_is_lost_and_only_a_drop_after_data_doubles_one_with_its_message_id(
    database: Database, behaviour: str, times: int, taken: int, state: MailState
) -> None:
    put(database)
    handler = Difficult(behaviour, times)
    clock = Ticking()
    with serving(handler) as server:
        for _ in range(1 + times):  # a server that hangs ends a round
            send_due(database, server, SENDER, clock)
    assert states(database) == {state: 1}
    assert len(handler.taken) == taken
    assert len({parsed(octets)["Message-ID"] for octets in handler.taken}) == min(taken, 1)
    assert len(set(handler.taken)) == min(taken, 1)


def test_a_server_that_is_down_loses_nothing_and_sends_when_it_is_back(database: Database) -> None:
    put(database, 3)
    gone = Server(f"smtp://127.0.0.1:{free_port()}", timeout_s=HOLD_S)
    outcomes = send_due(database, gone, SENDER, lambda: AT)
    assert outcomes == {Outcome.LATER: 1}  # the rest waits untouched
    assert states(database) == {MailState.QUEUED: 3}
    handler = Difficult("well")
    with serving(handler) as server:
        send_due(database, server, SENDER, Ticking())
        send_due(database, server, SENDER, Ticking())
    assert states(database) == {MailState.SENT: 3}
    assert len(handler.taken) == 3


def test_a_sender_that_dies_is_followed_once_under_the_same_message_id(session: Session) -> None:
    mail = queue(session, "a@example.org", "Hej", "Hej", "<p>Hej</p>", AT)
    message_id = mail.message_id
    assert service.claim(session, AT) == [mail]
    assert service.claim(session, AT + timedelta(minutes=9)) == []
    assert service.claim(session, AT + timedelta(minutes=11)) == [mail]
    assert mail.message_id == message_id
    assert service.claim(session, AT + timedelta(minutes=22)) == []
    assert (mail.state, mail.reason) == (MailState.FAILED, "uncertain")


def test_the_same_key_is_queued_once(session: Session) -> None:
    first = queue(session, "a@example.org", "A", "A", "A", AT, Options(key="m1/p1/0/REQUEST"))
    again = queue(session, "a@example.org", "B", "B", "B", AT, Options(key="m1/p1/0/REQUEST"))
    assert again is first


@pytest.mark.parametrize("to", ["", "a", "a@b\r\nBcc: c@example.org", "a b@c.d", "å@example.org"])
def test_what_is_no_address_is_refused(session: Session, to: str) -> None:
    with pytest.raises(FieldFault):
        queue(session, to, "A", "A", "A", AT)


def test_a_subject_cannot_add_headers(session: Session) -> None:
    mail = queue(session, "a@example.org", "Hej\r\nBcc: c@example.org", "A", "A", AT)
    assert mail.subject == "Hej Bcc: c@example.org"


def test_drafts_and_held_mail_wait_for_a_click_and_sent_mail_is_copied(session: Session) -> None:
    mail = queue(session, "a@example.org", "A", "A", "A", AT, Options(is_draft=True))
    assert service.claim(session, AT) == []
    service.release(session, mail.id, AT)
    service.hold(session, mail.id)
    assert service.claim(session, AT) == []
    service.release(session, mail.id, AT)
    service.pause(session, is_paused=True)
    assert service.claim(session, AT) == []
    service.pause(session, is_paused=False)
    assert service.claim(session, AT) == [mail]
    with pytest.raises(ConflictError):
        service.release(session, mail.id, AT)
    service.settle(session, mail.id, Result(Outcome.SENT), AT)
    copy = service.send_again(session, mail.id, AT)
    assert isinstance(copy, Mail)
    assert copy.message_id != mail.message_id


def test_text_and_html_arrive_whole_and_readable_by_an_old_relay(database: Database) -> None:
    put(database)
    handler = Difficult("well")
    with serving(handler) as server:
        send_due(database, server, SENDER, lambda: AT)
    [octets] = handler.taken
    octets.decode("ascii")
    message = parsed(octets)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content() == "Hej på dig\r\n"
    assert "Hej på dig" in html.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Träff 0"


def test_no_address_or_subject_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put(database)
    with serving(Difficult("well")) as server:
        send_due(database, server, SENDER, lambda: AT)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("samkrets")]
    assert ours
    assert not any("example.org" in line or "Träff" in line for line in ours)
