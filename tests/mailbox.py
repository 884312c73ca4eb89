"""A small IMAP server of the tests' own, and the answers that calendar programs send to invitations."""

import email.utils
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from sqlmodel import Session, select

from api.audit.proof import key_at
from api.outbox.models import Mail
from api.outbox.sealing import key_of, opened
from tests.calendars import read_calendar


def text_of(mail: Mail, base_url: str = "http://testserver") -> str:
    """Return a stored mail's text as its recipient gets it."""
    return plain(mail.text, base_url)


def plain(stored: str, base_url: str = "http://testserver") -> str:
    """Return a stored text as a recipient gets it: with its tokens and the service's address."""
    key = key_at("sqlite://")
    assert key is not None  # the tests' own, from the environment
    return opened(stored, base_url, key_of(key))


class Mailbox(socketserver.StreamRequestHandler):
    """As much of IMAP4rev1 (RFC 3501) as reading a mailbox needs."""

    mails: list[bytes]
    seen: set[int]
    lines: list[str]  # what the client has said
    drops_before_marking = False
    taken: set[int]  # what bears a mark of the client's own
    keeps_keywords = False

    def handle(self) -> None:
        self.heard: list[str] = type(self).lines
        self._say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            self.heard.append(line)
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
            if box.keeps_keywords:
                self._say("* OK [PERMANENTFLAGS (\\Seen \\*)] Limited")
        elif command == "SEARCH":
            unread = [n for n in range(1, len(box.mails) + 1) if n not in box.seen | box.taken]
            self._say(" ".join(["* SEARCH", *map(str, unread)]))
        elif command == "FETCH":
            octets = box.mails[int(values[0]) - 1]
            partial = re.search(r"<(\d+)\.(\d+)>", " ".join(values))  # RFC 3501 6.4.5
            if partial is not None:
                octets = octets[int(partial[1]) :][: int(partial[2])]
            self._say(f"* {values[0]} FETCH (BODY[] {{{len(octets)}}}")
            self.wfile.write(octets)
            self._say(")")
        elif command == "STORE":
            marked = box.seen if "\\Seen" in values[-1] else box.taken
            marked.add(int(values[0]))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(
    *mails: bytes, drops: bool = False, keywords: bool = False
) -> Iterator[tuple[str, set[int]]]:
    seen: set[int] = set()
    values = {
        "mails": list(mails),
        "seen": seen,
        "drops_before_marking": drops,
        "lines": [],
        "taken": set(),
        "keeps_keywords": keywords,
    }
    handler = type("Handler", (Mailbox,), values)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"imap://moten:hemligt@127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()


def newest_request(session: Session, address: str) -> Mail:
    """Return the invitation that came last to an address: of mails of one second, by SEQUENCE."""
    mails = session.exec(select(Mail).where(Mail.recipient == address, Mail.method == "REQUEST"))
    return max(mails, key=lambda one: (one.created_at, _sequence(one)))


def _sequence(mail: Mail) -> int:
    assert mail.calendar is not None
    return max(int(one.get("SEQUENCE", 0)) for one in read_calendar(mail.calendar).walk("VEVENT"))


def answer_to(
    mail: Mail, partstat: str, *, stamp: str = "20270110T130000Z", number: int = 0
) -> bytes:
    """The mail by which a calendar program answers an invitation (RFC 5546 3.2.3, RFC 6047)."""
    assert mail.calendar is not None
    [event] = read_calendar(mail.calendar).walk("VEVENT")
    body = (
        "BEGIN:VCALENDAR\r\nPRODID:-//x//y//EN\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n"
        f"UID:{event['UID']}\r\nDTSTAMP:{stamp}\r\nSEQUENCE:{event.get('SEQUENCE', 0)}\r\n"
        f"ORGANIZER:{event['ORGANIZER']}\r\nATTENDEE;PARTSTAT={partstat}:mailto:{mail.recipient}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    message = EmailMessage()
    message["From"] = email.utils.formataddr(("Exempel", mail.recipient))
    message["To"] = mail.reply_to or str(event["ORGANIZER"]).removeprefix("mailto:")
    message["Message-ID"] = f"<{number}.{partstat}.{mail.id}@example.org>"
    message.set_content("Svar")
    message.add_alternative(body, subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
