"""Sending what is due: claim in one transaction, deliver outside any, write the result in another."""

import logging
from collections import Counter

from sqlmodel import Session

from api.kit.clock import Clock
from api.kit.db import Database
from api.kit.mail import Letter, Line, Outcome, Result, Server, compose, sender_name
from api.outbox.models import Mail
from api.outbox.sealing import UnsealableError, unseal, unseal_part
from api.outbox.service import claim, settle

log = logging.getLogger("samkrets.outbox")


def send_due(database: Database, server: Server, sender: str, clock: Clock) -> Counter[Outcome]:
    """Send everything that is due over one connection and return how many attempts ended how.

    The most urgent comes first, looked up anew for each. A server that does not answer ends the
    round: the rest waits untouched instead of waiting for it one mail after the other.

    A process that dies between the two transactions leaves the mail as *sending*; its lease runs
    out and it is tried once more under the same Message-ID. Logs hold the mail's id, no address.
    """
    outcomes: Counter[Outcome] = Counter()
    with Line(server) as line:
        while (
            not line.is_silent
        ):  # one at a time, so that a sign-in link that is asked for now is next
            with database.transaction() as session:
                claimed = [
                    (mail.id, _opened(session, mail, sender)) for mail in claim(session, clock(), 1)
                ]
            if not claimed:
                break
            [(mail_id, letter)] = claimed
            if letter is None:
                result = Result(Outcome.REFUSED, "no key")
            else:
                result = line.deliver(compose(letter), letter.sender, letter.recipient)
            with database.transaction() as session:
                settle(session, mail_id, result, clock())
            outcomes[result.outcome] += 1
            log.info("mail %s: %s %s", mail_id, result.outcome, result.reason)
    return outcomes


def _opened(session: Session, mail: Mail, sender: str) -> Letter | None:
    """Return a mail as a letter; None where the key of its links is not on this machine."""
    try:
        return letter_of(session, mail, sender)
    except UnsealableError:
        log.exception("mail %s: its links are sealed with a key that is not here", mail.id)
        return None


def letter_of(session: Session, mail: Mail, sender: str) -> Letter:
    """Return a stored mail as a letter; its date is when it was written, so each attempt is the same.

    Its links lead to where the service is now, and the tokens in them stand in clear here alone.
    """
    return Letter(
        message_id=mail.message_id,
        sender=sender,
        sender_name=sender_name(),
        recipient=mail.recipient,
        subject=mail.subject,
        text=unseal(session, mail.text),
        html=unseal(session, mail.html),
        date=mail.created_at,
        calendar=unseal_part(session, mail.calendar) if mail.calendar is not None else None,
        method=mail.method,
        reply_to=mail.reply_to,
        unsubscribe_url=unseal(session, mail.unsubscribe_url),
    )
