"""Checks what must be right before people rely on the service; each finding says what to do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from api.accounts.provider import ProviderSilentError
from api.audit import proof
from api.audit.service import verify
from api.kit.apology import in_one_line
from api.kit.clock import now
from api.kit.db import Database, absence
from api.kit.files import open_to_others
from api.kit.settings import OidcProvider, Settings
from api.operations import backup, queries
from api.operations.mail_servers import imap_fault, smtp_fault
from api.operations.service import demo_fault, readiness

SECRET_LENGTH = 32
PATIENCE_S = 5.0  # for the service's own answer
BACKUP_AGE = timedelta(hours=26)  # once a day, with room for a slow night


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, and what is wrong with what to do; nothing wrong is an empty text."""

    name: str
    fault: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield one finding a check."""
    yield Finding("secret", _secret(settings))
    yield Finding("https", _https(settings))
    yield Finding("host", _host(settings))
    yield Finding("proxies", _proxies(settings))
    yield Finding("contact", _contact(settings))
    yield Finding("mail", _mail(settings))
    if imap := settings.imap_url.get_secret_value():
        yield Finding("mailbox server", imap_fault(imap))
    if settings.oidc_issuer and not settings.oidc_client_id:
        fault = "SAMKRETS_OIDC_CLIENT_ID is not set: the button is not shown"
        yield Finding("oidc", fault)
    for provider in settings.providers:
        name = f"oidc {provider.id}".strip()
        yield Finding(name, _oidc(provider, settings.base_url))
    yield from _database(settings)
    yield Finding("backup", _backup(settings))
    yield Finding("files", _files(settings))


def _secret(settings: Settings) -> str:
    if len(settings.secret.get_secret_value()) < SECRET_LENGTH:
        return f"SAMKRETS_SECRET has fewer than {SECRET_LENGTH} characters; forms and answer links would end at each restart"
    return ""


def _https(settings: Settings) -> str:
    return "" if settings.is_https else "SAMKRETS_BASE_URL does not start with https://"


def _host(settings: Settings) -> str:
    host = urlsplit(settings.base_url).hostname or ""
    is_local = host in {"localhost", "127.0.0.1", "::1", ""} or host.startswith("127.")
    if is_local or settings.base_url.endswith("/"):
        return "SAMKRETS_BASE_URL must be the address that others reach, without a last slash"
    return ""


def _proxies(settings: Settings) -> str:
    """Ask the service itself, by the way that others come; one that is not started yet has no fault."""
    if not settings.base_url.startswith(("http://", "https://")):
        return ""
    asking = Request(f"{settings.base_url}/readyz")  # noqa: S310 - the scheme is looked at above
    try:
        with urlopen(asking, timeout=PATIENCE_S) as answer:  # noqa: S310 - the same
            said = json.load(answer)
    except HTTPError as error:  # 503 has the same document
        try:
            said = json.load(error)
        except ValueError:
            return ""
    except (OSError, ValueError):
        return ""
    found = said.get("proxies", "ok") if isinstance(said, dict) else "ok"
    return "" if found == "ok" else str(found)


def _contact(settings: Settings) -> str:
    unset = [
        f"SAMKRETS_{name.upper()}"
        for name in ("contact_mail", "mail_from")
        if getattr(settings, name).endswith("@example.org")
    ]
    return f"{' and '.join(unset)} still at example.org" if unset else ""


def _mail(settings: Settings) -> str:
    url = settings.smtp_url.get_secret_value()
    if not urlsplit(url).hostname:
        return "SAMKRETS_SMTP_URL is not set: nobody can sign in by mail"
    return smtp_fault(url)


def _oidc(provider: OidcProvider, base_url: str) -> str:
    if find_spec("authlib") is None or find_spec("httpx2") is None:
        return "authlib is not installed: pip install 'samkrets[oidc]'"
    from api.accounts.oidc import OpenIdProvider  # noqa: PLC0415 - needs the extra

    url = urlsplit(provider.issuer)
    if url.scheme != "https" and url.hostname not in {"localhost", "127.0.0.1", "::1"}:
        return f"the issuer {provider.issuer} does not start with https://"
    try:
        OpenIdProvider(provider, base_url).describe()
    except ProviderSilentError:
        return f"{provider.issuer} does not describe itself as an OpenID provider"
    return ""


def _database(settings: Settings) -> Iterator[Finding]:
    gone = absence(settings.database)
    if gone:  # looking would make an empty file
        yield Finding("database", gone)
        return
    database = Database(settings.database, settings.base_url)
    try:
        found = readiness(database, settings)
        for name in ("database", "migrations", "queue", "disk", "schedule"):
            if name == "schedule" and found.migrations != "ok":
                continue
            said = getattr(found, name)
            yield Finding(name, "" if said == "ok" else said)
        is_there = found.migrations == "ok"
        if settings.is_demo and is_there:
            yield Finding("demo", demo_fault(database))
        if found.database == "ok":
            yield Finding("pages", _pages(database))
        yield Finding("log", _log(database, settings) if is_there else "unknown")
    except DBAPIError as error:
        yield Finding("database", in_one_line(error))
    finally:
        database.close()


def _pages(database: Database) -> str:
    """Look through every page of a SQLite file: a damaged one is read by nobody until it is needed."""
    with database.reading() as session:
        is_sound = queries.is_sound(session)
    if is_sound:
        return ""
    return "the database file is damaged: restore the newest good backup with `samkrets restore`"


def _log(database: Database, settings: Settings) -> str:
    given = settings.audit_key.get_secret_value()
    if given and len(given) < SECRET_LENGTH:
        return f"SAMKRETS_AUDIT_KEY has fewer than {SECRET_LENGTH} characters"
    with database.reading() as session:
        found = verify(session, settings.database)
    if found.fault:
        return found.fault
    if found.rows > found.unsigned and not found.is_proven:
        return "the key that signed the log is not here: bring its file, or set SAMKRETS_AUDIT_KEY"
    if proof.key_at(settings.database) is None and found.rows:
        return "no row of the log is signed: set SAMKRETS_AUDIT_KEY"
    return ""


def _backup(settings: Settings) -> str:
    folder = settings.data / "backups"
    try:
        newest = backup.newest(folder)
    except backup.BackupError as error:
        return str(error)
    if newest is None:
        return f"no backup in {folder}: run samkrets backup every day"
    age = now() - newest.moment
    return "" if age <= BACKUP_AGE else f"the newest is {age.total_seconds() / 3600:.0f} hours old"


def _files(settings: Settings) -> str:
    backups = settings.data / "backups"
    held = [backups, settings.data / "erased", *backups.glob("samkrets-*")]
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        held += [Path(f"{url.database}{tail}") for tail in ("", *backup.SIDE_FILES)]
    shown = open_to_others(held)
    if not shown:
        return ""
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    return f"other users of the machine may read {shown[0]}{more}: chmod go-rwx"
