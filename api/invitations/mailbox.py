"""Reading answers from a mailbox by IMAP: each mail is taken in a transaction of its own, then marked."""

import imaplib
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

from api.invitations.models import ReplyState
from api.invitations.replies import receive
from api.kit.clock import Clock
from api.kit.db import Database

log = logging.getLogger("samkrets.mailbox")

MOST_AT_ONCE = 100
TIMEOUT_S = 30.0


def poll(database: Database, url: str, clock: Clock) -> Counter[ReplyState]:
    """Take the unread mails of an imap:// or imaps:// mailbox and return what became of them.

    A mail is marked as read only after its answer is committed; one that is read twice, since the
    line broke between, is the same Message-ID and changes nothing.
    """
    taken: Counter[ReplyState] = Counter()
    with _opened(url) as box:
        _, found = box.search(None, "UNSEEN")
        for number in found[0].split()[:MOST_AT_ONCE]:
            _, parts = box.fetch(number.decode(), "(BODY.PEEK[])")
            octets = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            with database.transaction() as session:
                state = receive(session, octets, clock()).state
            box.store(number.decode(), "+FLAGS", "\\Seen")
            taken[state] += 1
    if taken:
        log.info("answers by mail: %s", {state.value: number for state, number in taken.items()})
    return taken


@contextmanager
def _opened(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    box: imaplib.IMAP4
    if parts.scheme == "imaps":
        box = imaplib.IMAP4_SSL(host, port or 993, timeout=TIMEOUT_S)
    else:
        box = imaplib.IMAP4(host, port or 143, timeout=TIMEOUT_S)
    try:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):  # the line may be gone already
            box.logout()
        with suppress(OSError):
            box.shutdown()
