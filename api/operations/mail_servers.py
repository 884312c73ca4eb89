"""Whether the mail servers answer and prove who they are, as the worker will ask of them."""

import imaplib
import smtplib
import ssl
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from api.kit.mail import demands_tls, is_this_machine

TIMEOUT_S = 5.0
TLS_PORT, SUBMISSION_PORT = 465, 587
IMAPS_PORT, IMAP_PORT = 993, 143


def smtp_fault(url: str) -> str:
    """Return what is wrong with the server that mail goes out by, in English; nothing wrong is empty."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "smtps"
    port = parts.port or (TLS_PORT if is_tls else SUBMISSION_PORT)
    context = ssl.create_default_context()
    try:
        with (
            smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
            if is_tls
            else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        ) as line:
            line.ehlo()
            if demands_tls(url):
                if not line.has_extn("starttls"):
                    return f"{host}:{port} offers no STARTTLS: nothing is sent to it in clear"
                line.starttls(context=context)
    except ssl.SSLCertVerificationError as error:
        return f"{host}:{port} does not prove who it is: {error.verify_message}"
    except OSError as error:
        return f"{host}:{port} does not answer as a mail server: {type(error).__name__}"
    return ""


def imap_fault(url: str) -> str:
    """Return what is wrong with the mailbox that answers come to; see `smtp_fault`."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "imaps"
    port = parts.port or (IMAPS_PORT if is_tls else IMAP_PORT)
    context = ssl.create_default_context()
    try:
        box = (
            imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_S)
            if is_tls
            else imaplib.IMAP4(host, port, timeout=TIMEOUT_S)
        )
    except ssl.SSLCertVerificationError as error:
        return f"{host}:{port} does not prove who it is: {error.verify_message}"
    except (OSError, imaplib.IMAP4.error) as error:
        return f"{host}:{port} does not answer as a mailbox: {type(error).__name__}"
    try:
        if not is_tls and not is_this_machine(host):
            box.starttls(context)
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
    except ssl.SSLCertVerificationError as error:
        return f"{host}:{port} does not prove who it is: {error.verify_message}"
    except (OSError, imaplib.IMAP4.error) as error:
        return f"{host}:{port} does not let us in over TLS: {type(error).__name__}"
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()
        with suppress(OSError):
            box.shutdown()
    return ""
