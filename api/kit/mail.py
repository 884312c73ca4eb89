"""The door to mail: texts from templates, messages as octets, and one delivery to an SMTP server."""

import asyncio
import hashlib
import ipaddress
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, formataddr, parseaddr
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.kit.i18n import Language, Speaker, tied_page
from api.kit.settings import Settings

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"

# The last one is a host's name alone: mail programs make links of those too.
_MAIL_OR_LINK = re.compile(
    r"\S@\S|://|\bwww\.|\b(mailto|tel):|[\w-]{2,}\.[^\W\d_]{2,}", re.IGNORECASE
)
_NUMBER = re.compile(r"\d(?:[ \-/.]?\d){5}")  # telephone numbers, identity numbers, meeting codes
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LONGEST_SUBJECT = 60  # what a telephone shows
_IN_SHORT = re.compile(r"\(([^()]+)\)\s*$")
MOST_ON_A_LINE = 50  # servers tire of those who never hang up
_REFUSAL = 500  # 5yz is permanent (RFC 5321 4.2.1)
_HANGING_UP = 421


class Outcome(StrEnum):
    """What came of one attempt to deliver."""

    SENT = "sent"
    LATER = "later"  # certainly not taken; try again
    REFUSED = "refused"  # certainly not taken; trying again is no use
    UNCERTAIN = "uncertain"  # the line broke after the text was on its way


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome and its short reason: a code or a kind of error, never the server's own words."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes out: smtp://[user:password@]host[:port], or smtps:// for TLS from the start.

    Its certificate is always checked; see `demands_tls` for when smtp:// must turn to TLS.
    """

    url: str
    timeout_s: float = 30.0
    context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one recipient, before it becomes octets."""

    message_id: str
    sender: str
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str
    date: datetime
    calendar: bytes | None = None
    method: str = ""
    reply_to: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """A mail's texts in one language."""

    subject: str
    text: str
    html: str


def has_link(text: str) -> bool:
    """Whether a text holds a mail address or a link, or what a mail program takes for one."""
    return bool(_MAIL_OR_LINK.search(text))


def has_address(text: str) -> bool:
    """Whether a text holds a mail address, a link, or a number of six digits or more."""
    return has_link(text) or bool(_NUMBER.search(text))


def is_address(text: str) -> bool:
    """Return whether a text can be a mail address (no names, no comments, no international local part)."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


@cache
def _environment(*, is_html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=is_html,  # noqa: S701 - the same templates as plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def texts(name: str, language: Language, page: object) -> Texts:
    """Fill templates/mail/<name>.html with one dataclass, twice: the text says what the HTML says.

    Only the HTML is tied (`tied_page`): who reads the text can copy it as it is typed.

    A mail's template extends `layout` and is made of the macros `m` of `templates/mail/parts`: its
    blocks are `subject`, `preheader` (what lists show after the subject: time and place), `content`
    and `why` (why the reader gets it, and how to stop it). `subject(first, title)` keeps 60 letters.
    """
    html, plain = (_environment(is_html=one) for one in (True, False))
    values = _values(language, page)
    said = plain.get_template(f"{name}.html")
    told = values | _parts(plain, "txt")
    subject = "".join(said.blocks["subject"](said.new_context(told)))
    return Texts(
        subject=" ".join(subject.split()),
        text=re.sub(r"\n{3,}", "\n\n", said.render(told)).strip() + "\n",
        html=tied_page(html.get_template(f"{name}.html").render(values | _parts(html, "html"))),
    )


def _values(language: Language, page: object) -> dict[str, object]:
    say, settings = Speaker(language), Settings()
    return {
        "page": page,
        "say": say,
        "_": say.text,
        "ngettext": say.plural,
        "subject": subject_of,
        "authority": settings.authority,
        "contact": contact_line(say),
    }


def _parts(environment: Environment, kind: str) -> dict[str, object]:
    macros = environment.get_template(f"parts/macros.{kind}").module
    return {"m": macros, "layout": f"parts/letter.{kind}"}


def contact_line(say: Speaker) -> str:
    """Return whom to ask: a telephone number where one is set, and the function mailbox."""
    settings = Settings()
    if settings.contact_phone:
        return say.text(
            "Frågor? Ring %(phone)s eller skriv till %(mail)s.",
            phone=settings.contact_phone,
            mail=settings.contact_mail,
        )
    return say.text("Frågor? Skriv till %(mail)s.", mail=settings.contact_mail)


def sender_name() -> str:
    """Return the name that mail comes from: "NCH via Samkrets"."""
    authority = Settings().authority
    found = _IN_SHORT.search(authority)
    return f"{found[1] if found else authority} via Samkrets"


def subject_of(first: str, title: str) -> str:
    """Return "first: title" in 60 letters: the title is cut at a word, what and when never.

    A question ends with its own sign.
    """
    title = " ".join(title.split())
    first = first if first.endswith("?") else f"{first}:"
    room = LONGEST_SUBJECT - len(first) - 1
    if len(title) <= room:
        return f"{first} {title}"
    kept = title[: max(room - 1, 0)]
    head, _, _ = kept.rpartition(" ")
    return f"{first} {(head if len(head) > room // 2 else kept).rstrip(' ,.:;–-')}…"


class _Policy(EmailPolicy):
    """SMTP's, but headers with other letters than ASCII are encoded whole.

    The library's own folding leaves a space between two encoded words where a text has one, and
    readers drop what stands between them (RFC 2047 6.2): "Rutiner för" became "Rutinerför".
    """

    def fold(self, name: str, value: str) -> str:
        """Return a header as it goes on the wire."""
        text = str(value)
        if text.isascii() and "=?" not in text:
            folded: str = super().fold(name, value)
            return folded
        if name.lower() in _ADDRESSED:
            display, address = parseaddr(text)
            return f"{name}: {_encoded(display, most=0)}\r\n <{address}>\r\n"
        return f"{name}: {_encoded(text)}\r\n"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as octets."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


_ADDRESSED = {"from", "to", "reply-to"}
_POLICY = _Policy(linesep="\r\n")


def _encoded(text: str, most: int = 76) -> str:
    """Return a text as encoded words that hold every space of it (RFC 2047); 0: as one word."""
    made = Header(text, "utf-8", header_name="Subject")
    return made.encode(linesep="\r\n", maxlinelen=most)


def compose(letter: Letter) -> EmailMessage:
    """Return the message; a calendar part as RFC 6047 and Outlook want it.

    multipart/mixed(multipart/alternative(text, html, calendar inline), calendar attached).
    """
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(letter.date)
    name = letter.sender_name
    is_plain = name.isascii() and "=?" not in name
    shown = formataddr((name, letter.sender)) if is_plain else ""
    message["From"] = shown or f"{_encoded(name, most=0)} <{letter.sender}>"
    message["To"] = letter.recipient
    message["Subject"] = _encoded(letter.subject, most=0)  # else "=?" in a title would be read
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # Quoted-printable: an old relay must not be able to break an å.
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        part: Mapping[str, str] = {
            "method": letter.method,
            "charset": "UTF-8",
            "component": "VEVENT",
        }
        message.add_alternative(
            letter.calendar, maintype="text", subtype="calendar", cte="base64", params=part
        )
        message.add_attachment(
            letter.calendar,
            maintype="application",
            subtype="ics",
            cte="base64",
            filename="invite.ics",
        )
    _set_boundaries(message)
    return message


def _set_boundaries(message: EmailMessage) -> None:
    """Make the message the same octets at every attempt: boundaries follow from the Message-ID."""
    digest = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{digest}_{number}")


class Line:
    """One connection to the mail server, opened at need and used for many mails; close it when done."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.is_silent = False  # it did not answer: what else waits would wait for nothing
        self._runner = asyncio.Runner()
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def deliver(self, message: EmailMessage, sender: str, recipient: str) -> Result:
        """Hand one message over and say what came of it; never raises for what the network does."""
        return self._runner.run(self._deliver(message.as_bytes(), sender, recipient))

    def close(self) -> None:
        """Hang up."""
        self._runner.run(self._hang_up())
        self._runner.close()

    async def _deliver(self, octets: bytes, sender: str, recipient: str) -> Result:
        step = "connect"
        try:
            async with asyncio.timeout(4 * self.server.timeout_s):
                client = await self._connected(sender)
                step = "envelope"
                await client.mail(sender)
                await client.rcpt(recipient)
                step = "data"
                await client.data(octets)
        except aiosmtplib.SMTPResponseException as error:
            self._drop()  # the next mail begins anew, whatever the server thinks of this one
            self.is_silent = step == "connect"
            return Result(_meaning(error.code, step), str(error.code))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._drop()
            self.is_silent = step == "connect" or isinstance(error, TimeoutError)
            outcome = Outcome.UNCERTAIN if step == "data" else Outcome.LATER
            return Result(outcome, type(error).__name__)
        return Result(Outcome.SENT)

    async def _connected(self, sender: str) -> aiosmtplib.SMTP:
        if self._client is not None and (
            self._used >= MOST_ON_A_LINE or not self._client.is_connected
        ):
            await self._hang_up()
        if self._client is None:
            self._client, self._used = _client(self.server, sender), 0
            await self._client.connect()
        self._used += 1
        return self._client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
        if client is not None:
            client.close()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def deliver(message: EmailMessage, sender: str, recipient: str, server: Server) -> Result:
    """Hand one message to the server on a line of its own."""
    with Line(server) as line:
        return line.deliver(message, sender, recipient)


def _meaning(code: int, step: str) -> Outcome:
    """Read a reply code: at the door (greeting, TLS, sign-in) nothing is said of the mail itself."""
    if code == _HANGING_UP and step == "data":
        return Outcome.UNCERTAIN  # the server may say so after it took the text
    return Outcome.REFUSED if code >= _REFUSAL and step != "connect" else Outcome.LATER


def is_this_machine(host: str) -> bool:
    """Return whether what is sent to a host never leaves this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def demands_tls(url: str) -> bool:
    """Return whether a smtp:// server must take STARTTLS: for a password, or off this machine.

    `?tls=never` is for a mail catcher without TLS beside the service; a password is never sent so.
    """
    parts = urlsplit(url)
    if parts.scheme == "smtps":
        return False  # TLS from the start
    if parts.password:
        return True
    is_near = is_this_machine(parts.hostname or "127.0.0.1")
    return not is_near and parts.query != "tls=never"


def _client(server: Server, sender: str) -> aiosmtplib.SMTP:
    parts = urlsplit(server.url)
    return aiosmtplib.SMTP(
        hostname=parts.hostname or "127.0.0.1",
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        local_hostname=sender.rpartition("@")[2],
        use_tls=parts.scheme == "smtps",
        start_tls=True if demands_tls(server.url) else None,  # None: where the server offers it
        timeout=server.timeout_s,
        tls_context=server.context,
    )
