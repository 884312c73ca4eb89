"""Reading answers from a mailbox by IMAP: each mail has a fence of its own, and is marked once it is taken."""

import imaplib
import logging
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

from api.invitations.incoming import MOST_OCTETS, Kind, ReadMail, read_mail, unread
from api.invitations.models import ReplyState
from api.invitations.replies import take
from api.kit.apart import TooMuchError, apart
from api.kit.clock import Clock
from api.kit.db import Database
from api.kit.mail import is_this_machine

log = logging.getLogger("samkrets.mailbox")

MOST_AT_ONCE = 100
# The keyword (RFC 3501 2.3.2) of a mail that has been taken but stays unread for a person.
LOOKED_AT = "SamkretsTaken"
TIMEOUT_S = 30.0


def poll(
    database: Database, url: str, clock: Clock, context: ssl.SSLContext | None = None
) -> Counter[ReplyState]:
    """Take the unread mails of an imap:// or imaps:// mailbox and return what became of them.

    Each is read apart, outside any transaction, and taken in one of its own. One that cannot be read
    or taken is kept for a person with the reason, so that it keeps no other from being read. A mail
    is marked as read only after that is committed; one that is read twice, since the line broke
    between, is the same Message-ID and changes nothing.
    """
    taken: Counter[ReplyState] = Counter()
    with _opened(url, context) as box:
        keeps_keywords = _keeps_keywords(box)
        _, found = box.search(None, "UNSEEN", "UNKEYWORD", LOOKED_AT)
        for number in (found[0] or b"").split()[:MOST_AT_ONCE]:
            # One octet more than is read tells that it is too large; the rest is never fetched.
            _, parts = box.fetch(number.decode(), f"(BODY.PEEK[]<0.{MOST_OCTETS + 1}>)")
            octets = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            state, is_for_reading = _take(database, octets, clock)
            taken[state] += 1
            mark = LOOKED_AT if is_for_reading and keeps_keywords else "\\Seen"
            box.store(number.decode(), "+FLAGS", mark)
    if taken:
        log.info("answers by mail: %s", {state.value: number for state, number in taken.items()})
    return taken


def _keeps_keywords(box: imaplib.IMAP4) -> bool:
    """Whether the mailbox takes marks of our own (RFC 3501 7.1, PERMANENTFLAGS)."""
    _, told = box.response("PERMANENTFLAGS")
    return any(b"\\*" in one for one in told or () if isinstance(one, bytes))


def _take(database: Database, octets: bytes, clock: Clock) -> tuple[ReplyState, bool]:
    """Take one mail and return what became of it, and whether it is to lie unread for a person.

    What cannot be taken as it was read is kept as one that nobody could read.

    When that cannot be kept either it is no fault of the mail, and the round ends.
    """
    try:
        mail = apart(read_mail, octets)
    except TooMuchError as error:
        mail = unread(octets, f"too much to read: {error}")
    try:
        return _kept(database, mail, clock)
    except Exception as error:
        reason = f"not taken: {type(error).__name__}"
        log.exception("a mail could not be taken; it is kept for a person")
    return _kept(database, unread(octets, reason), clock)


def _kept(database: Database, mail: ReadMail, clock: Clock) -> tuple[ReplyState, bool]:
    """Keep a mail; somebody's words stay unread, but not those of nobody who could be answered."""
    with database.transaction() as session:
        kept = take(session, mail, clock())
        has_words = kept.kind == Kind.UNREADABLE or (kept.kind == Kind.PROSE and "@" in kept.sender)
        return kept.state, kept.state is ReplyState.FOR_A_PERSON and has_words


@contextmanager
def _opened(url: str, context: ssl.SSLContext | None) -> Iterator[imaplib.IMAP4]:
    """Sign in to the mailbox; the server's certificate is checked, and off this machine TLS is demanded."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    checked = context or ssl.create_default_context()
    box: imaplib.IMAP4
    if parts.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, port or 993, ssl_context=checked, timeout=TIMEOUT_S)
    else:
        box = imaplib.IMAP4(host, port or 143, timeout=TIMEOUT_S)
    try:
        if parts.scheme != "imaps" and not is_this_machine(host):
            box.starttls(checked)
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):  # the line may be gone already
            box.logout()
        with suppress(OSError):
            box.shutdown()
