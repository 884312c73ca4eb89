"""Signing in by mail: nobody can be kept from it, nobody learns who is known, and its mail comes first."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import select
from starlette.types import Message, Receive, Scope, Send

from api.accounts.models import Role
from api.accounts.web import sign_in
from api.kit.db import Database
from api.kit.mail import MOST_ON_A_LINE, Outcome, Server
from api.outbox import queries as outbox
from api.outbox.models import URGENT, Mail, MailState
from api.outbox.sending import send_due
from api.outbox.service import Options, queue
from api.surveys.web import answering
from tests.factories import make_member
from tests.web import HIDDEN, Browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
SENDER = "moten@example.org"


class Counting(socketserver.StreamRequestHandler):
    """An SMTP server that counts its connections and notes the recipients in their order."""

    recipients: list[str]
    connections: list[int]
    is_silent = False

    def handle(self) -> None:
        self.connections.append(1)
        if self.is_silent:
            self.rfile.read()  # says nothing until the client hangs up
            return
        self._say("220 mail.example.org")
        is_text = False
        while line := self.rfile.readline().decode().rstrip("\r\n") or is_text:
            if is_text:
                is_text = line != "."
                if is_text:
                    continue
                self._say("250 OK")
            elif str(line).startswith("RCPT TO:<"):
                self.recipients.append(str(line)[9:].split(">")[0])
                self._say("250 OK")
            elif line == "DATA":
                is_text = True
                self._say("354 go on")
            else:
                self._say("221 bye" if line == "QUIT" else "250 OK")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def counting(*, is_silent: bool = False) -> Iterator[tuple[Server, list[str], list[int]]]:
    recipients: list[str] = []
    connections: list[int] = []
    values = {"recipients": recipients, "connections": connections, "is_silent": is_silent}
    handler = type("Handler", (Counting,), values)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seconds = 0.3 if is_silent else 30.0
        yield (
            Server(f"smtp://127.0.0.1:{server.server_address[1]}", seconds),
            recipients,
            connections,
        )
        server.shutdown()


def _wait(database: Database, number: int) -> None:
    """Let invitations wait that were written long before the sign-in link."""
    with database.transaction() as session:
        for place in range(number):
            queue(
                session,
                f"a{place:03}@example.org",
                "Träff",
                "Hej\n",
                "<p>Hej</p>",
                AT - timedelta(hours=1),
            )
        urgent = Options(is_secret=True, batch=URGENT)
        queue(session, "signs.in@example.org", "Logga in", "Hej\n", "<p>Hej</p>", AT, urgent)


def test_a_sign_in_link_leads_past_every_other_mail_and_many_share_one_connection(
    database: Database,
) -> None:
    _wait(database, 40)
    with counting() as (server, recipients, connections):
        assert send_due(database, server, SENDER, lambda: AT) == {Outcome.SENT: 41}
    assert recipients[0] == "signs.in@example.org"
    assert sorted(recipients[1:]) == [f"a{place:03}@example.org" for place in range(40)]
    assert MOST_ON_A_LINE > 40
    assert len(connections) == 1


def test_a_silent_server_is_waited_for_once_and_the_rest_waits_untouched(
    database: Database,
) -> None:
    _wait(database, 30)
    with counting(is_silent=True) as (server, recipients, connections):
        assert send_due(database, server, SENDER, lambda: AT) == {Outcome.LATER: 1}
    assert (recipients, len(connections)) == ([], 1)
    with database.reading() as session:
        tried = session.exec(select(Mail.recipient).where(Mail.attempts > 0)).all()
        assert outbox.counts(session) == {MailState.QUEUED: 31}
    assert tried == ["signs.in@example.org"]


def _asking(app: FastAPI, client: str) -> Browser:
    web = Browser(app, follow_redirects=False, raise_server_exceptions=False, client=(client, 1))
    web.get("/logga-in")
    return web


def _links(app: FastAPI, email: str) -> int:
    with app.state.database.reading() as session:
        return sum(mail.recipient == email for mail in outbox.newest(session, None, 1_000))


def test_nobody_can_use_up_somebody_elses_sign_in(app: FastAPI) -> None:
    """Whoever asks for a victim's links is answered as always and sends five; the victim gets in."""
    with app.state.database.transaction() as session:
        victim = make_member(session, Role.RC_MEMBER).person.email
    attacker = _asking(app, "192.0.2.1")
    for _ in range(12):
        answer = attacker.submit("/logga-in", "/logga-in", {"email": victim})
        assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in/skickat")
    assert _links(app, victim) == 5
    answer = _asking(app, "192.0.2.2").submit("/logga-in", "/logga-in", {"email": victim})
    assert answer.status_code == 303
    assert _links(app, victim) == 6


def test_one_client_is_slowed_and_told_when_to_come_back(app: FastAPI) -> None:
    web = _asking(app, "192.0.2.3")
    answers = [
        web.submit("/logga-in", "/logga-in", {"email": f"a{n}@example.org"}) for n in range(21)
    ]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("path", "module", "work"),
    [("/logga-in", sign_in, "_mail_link"), ("/enkat", answering, "_mail_links")],
)
@pytest.mark.both_databases
def test_known_and_unknown_addresses_take_the_same_path_and_the_work_comes_after_the_answer(
    app: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    module: ModuleType,
    work: str,
) -> None:
    with app.state.database.transaction() as session:
        known = make_member(session, Role.RC_MEMBER).person.email
    order: list[str] = []
    statements: list[str] = []

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                order.append("answered")

        await app(scope, receive, noted)

    monkeypatch.setattr(module, work, lambda *_: order.append("worked"))
    web = Browser(recording, follow_redirects=False, client=("192.0.2.4", 1))
    token = dict(HIDDEN.findall(web.get(path).text))["form_token"]
    event.listen(
        app.state.database.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: statements.append(statement),
    )
    told = []
    for email in (known, "nobody@example.org"):
        order.clear()
        statements.clear()
        answer = web.post(path, data={"form_token": token, "email": email})
        assert order == ["answered", "worked"]
        told.append(
            (answer.status_code, answer.headers["location"], answer.content, tuple(statements))
        )
    assert told[0] == told[1]
    assert answer.headers["connection"] == "close"
