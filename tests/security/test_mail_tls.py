"""A mail server is who it says it is, or it is told nothing: no password, no link, no answer read."""

import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from api.invitations.mailbox import poll
from api.kit.clock import now
from api.kit.db import Database
from api.kit.mail import Letter, Outcome, Server, compose, deliver, demands_tls, is_this_machine
from api.operations.mail_servers import imap_fault, smtp_fault
from tests.mailbox import serving

LETTER = Letter(
    message_id="<1@example.org>",
    sender="moten@example.org",
    sender_name="Exempel",
    recipient="a@example.org",
    subject="Logga in",
    text="https://samkrets.example/logga-in/TTT",
    html="<p>TTT</p>",
    date=datetime(2027, 1, 10, tzinfo=UTC),
)


@pytest.fixture(scope="session")
def evil(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed."""
    folder = tmp_path_factory.mktemp("evil")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=evil.example", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


class Listener(socketserver.StreamRequestHandler):
    """An SMTP server that takes everything down that it is told; with STARTTLS where it has a context."""

    heard: list[str]
    context: ssl.SSLContext | None = None
    is_tls_from_start = False

    def handle(self) -> None:
        try:
            if self.is_tls_from_start:
                self._turn_to_tls()
            self._converse()
        except OSError:
            return  # the client has hung up, as it should

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the one in TLS is not the server's to close

    def _turn_to_tls(self) -> None:
        assert self.context is not None
        self.request = self.context.wrap_socket(self.request, server_side=True)
        self.setup()

    def _converse(self) -> None:
        self._say("220 evil.example")
        while line := self.rfile.readline().decode().strip():
            self.heard.append(line)
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                offer = ["STARTTLS"] if self.context and not self.is_tls_from_start else []
                for one in ["evil.example", *offer]:
                    self._say(f"250-{one}")
                self._say("250 AUTH PLAIN LOGIN")
            elif word == "STARTTLS":
                self._say("220 go on")
                self._turn_to_tls()
            elif word == "DATA":
                self._say("354 go on")
            else:
                self._say({"AUTH": "235 OK", "QUIT": "221 bye"}.get(word, "250 OK"))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def listening(
    context: ssl.SSLContext | None = None, *, is_tls_from_start: bool = False
) -> Iterator[tuple[int, list[str]]]:
    heard: list[str] = []
    values = {"heard": heard, "context": context, "is_tls_from_start": is_tls_from_start}
    handler = type("Handler", (Listener,), values)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], heard
        server.shutdown()


def _send(url: str) -> Outcome:
    return deliver(
        compose(LETTER), LETTER.sender, LETTER.recipient, Server(url, timeout_s=20)
    ).outcome


def _words(heard: list[str]) -> set[str]:
    return {line.split(" ")[0].upper() for line in heard}


def test_a_password_or_a_link_is_never_said_in_clear() -> None:
    with listening() as (port, heard):
        assert _send(f"smtp://user:hemligt@127.0.0.1:{port}") is Outcome.LATER
    assert _words(heard) <= {"EHLO", "STARTTLS", "QUIT"}, heard


@pytest.mark.parametrize("is_tls_from_start", [True, False])
def test_a_mail_server_with_a_certificate_of_its_own_is_told_nothing(
    evil: ssl.SSLContext,
    is_tls_from_start: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    scheme = "smtps" if is_tls_from_start else "smtp"
    with listening(evil, is_tls_from_start=is_tls_from_start) as (port, heard):
        assert _send(f"{scheme}://user:hemligt@127.0.0.1:{port}") is Outcome.LATER
    assert _words(heard) <= {"EHLO", "STARTTLS"}, heard


def test_a_certificate_that_is_trusted_gets_the_mail(evil: ssl.SSLContext) -> None:
    """The refusals above are about the certificate: with one that counts, the same server is spoken to."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with listening(evil) as (port, heard):
        server = Server(f"smtp://user:hemligt@127.0.0.1:{port}", timeout_s=20, context=trusting)
        deliver(compose(LETTER), LETTER.sender, LETTER.recipient, server)
    assert {"AUTH", "MAIL", "RCPT", "DATA"} <= _words(heard)


@pytest.mark.parametrize(
    ("url", "demands"),
    [
        ("smtp://user:pw@mail.example.org", True),
        ("smtp://user:pw@127.0.0.1", True),
        ("smtp://user:pw@mail.example.org?tls=never", True),
        ("smtp://mail.example.org", True),
        ("smtp://mail.example.org?tls=never", False),
        ("smtp://127.0.0.1:1025", False),
        ("smtp://localhost", False),
        ("smtp://[::1]:25", False),
        ("smtps://user:pw@mail.example.org", False),
    ],
)
def test_starttls_is_demanded_with_a_password_or_off_this_machine(url: str, demands: bool) -> None:  # noqa: FBT001 - as above
    assert demands_tls(url) is demands


def test_a_name_that_only_looks_near_is_far() -> None:
    assert not any(
        is_this_machine(host) for host in ("127.0.0.1.evil.example", "localhost.evil", "")
    )


def test_a_mailbox_with_a_certificate_of_its_own_is_told_nothing(
    database: Database, evil: ssl.SSLContext
) -> None:
    with (
        listening(evil, is_tls_from_start=True) as (port, heard),
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        poll(database, f"imaps://samkrets:hemligt@127.0.0.1:{port}", now)
    assert heard == []


def test_a_mailbox_off_this_machine_is_told_no_password_without_tls(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is another machine's; the socket is this one's, so that nothing leaves it."""
    create = socket.create_connection
    with serving() as (url, _):
        port = int(url.rpartition(":")[2])
        monkeypatch.setattr(
            socket, "create_connection", lambda _where, *_: create(("127.0.0.1", port))
        )
        with pytest.raises(Exception, match="TLS"):
            poll(database, f"imap://samkrets:hemligt@mail.example.org:{port}", now)


def test_doctor_finds_a_server_that_cannot_prove_itself_or_speaks_in_clear(
    evil: ssl.SSLContext,
) -> None:
    with listening() as (port, heard):
        assert "STARTTLS" in smtp_fault(f"smtp://user:hemligt@127.0.0.1:{port}")
        assert smtp_fault(f"smtp://127.0.0.1:{port}") == ""
    assert "AUTH" not in _words(heard)
    for is_tls_from_start, scheme in ((True, "smtps"), (False, "smtp")):
        with listening(evil, is_tls_from_start=is_tls_from_start) as (port, heard):
            fault = smtp_fault(f"{scheme}://user:hemligt@127.0.0.1:{port}")
        assert "does not prove who it is" in fault
    with listening(evil, is_tls_from_start=True) as (port, heard):
        assert "does not prove" in imap_fault(f"imaps://samkrets:hemligt@127.0.0.1:{port}")
    assert heard == []
    with serving() as (url, _):
        assert imap_fault(url) == ""
    assert "does not answer" in imap_fault(url)
