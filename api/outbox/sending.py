"""Sending what is due: claim in one transaction, deliver outside any, write the result in another."""

import logging
from collections import Counter

from api.kit.clock import Clock
from api.kit.db import Database
from api.kit.mail import Letter, Line, Outcome, Server, compose
from api.outbox.models import Mail
from api.outbox.service import claim, settle

log = logging.getLogger("samkrets.outbox")

SENDER_NAME = "Samkrets"


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
                    (mail.id, letter_of(mail, sender)) for mail in claim(session, clock(), 1)
                ]
            if not claimed:
                break
            [(mail_id, letter)] = claimed
            result = line.deliver(compose(letter), letter.sender, letter.recipient)
            with database.transaction() as session:
                settle(session, mail_id, result, clock())
            outcomes[result.outcome] += 1
            log.info("mail %s: %s %s", mail_id, result.outcome, result.reason)
    return outcomes


def letter_of(mail: Mail, sender: str) -> Letter:
    """Return a stored mail as a letter; its date is when it was written, so each attempt is the same."""
    return Letter(
        message_id=mail.message_id,
        sender=sender,
        sender_name=SENDER_NAME,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        date=mail.created_at,
        calendar=mail.calendar,
        method=mail.method,
        reply_to=mail.reply_to,
        unsubscribe_url=mail.unsubscribe_url,
    )
