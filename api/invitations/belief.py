"""Why an answer by mail is believed: it knows a secret that only the invited was sent, or our server says whose it is.

The From line alone proves nothing: anybody can write it. The secret stands in the ORGANIZER and
Reply-To of each invitation (`svar+SECRET@...`) and in no feed. Where the mail system takes no plus
addresses, the Authentication-Results (RFC 8601) of the own receiving server decide.
"""

import re
import secrets
from collections.abc import Sequence

from api.invitations.incoming import ReadMail
from api.invitations.models import Invitation
from api.kit.mail import is_address
from api.kit.settings import Settings

_COMMENT = re.compile(r"\([^()]*\)")
_SECRET_OCTETS = 10


def plain_organizer() -> str:
    """Return the function mailbox that mail comes from."""
    return Settings().mail_from


def new_organizer() -> str:
    """Return the address that one invitation is answered to; without plus addresses it is everybody's."""
    plain = plain_organizer()
    if not Settings().mail_plus:
        return plain
    name, _, host = plain.rpartition("@")
    own = f"{name}+{secrets.token_hex(_SECRET_OCTETS)}@{host}".lower()
    return own if is_address(own) else plain  # a local part has 64 letters at the most


def organizer_of(invited: Invitation) -> str:
    """Return the ORGANIZER of an invitation's mails; what was sent before there were secrets keeps its own."""
    return invited.organizer or plain_organizer()


def is_believed(mail: ReadMail, invited: Invitation) -> bool:
    """Whether a mail shows that it comes from whoever is invited."""
    own = invited.organizer
    if own and own != plain_organizer().lower() and own in mail.written_to:
        return True
    authserv_id = Settings().mail_authserv_id
    return bool(authserv_id) and passes(
        mail.results, authserv_id, invited.address.rpartition("@")[2]
    )


def passes(results: Sequence[str], authserv_id: str, domain: str) -> bool:
    """Whether the topmost Authentication-Results of a server says that a mail comes from a domain.

    results: the headers' values as they stand, topmost first; those of other servers, and those
    below ours, may have been written by the sender. DMARC decides where it was looked at, else an
    aligned DKIM signature or SPF.
    """
    for header in results:
        server, *methods = _COMMENT.sub(" ", header).split(";")
        if (server.split() or [""])[0].lower() == authserv_id.lower():
            return _says_pass(methods, domain.lower())
    return False


def _says_pass(methods: Sequence[str], domain: str) -> bool:
    found = [_method(one) for one in methods if one.split()]
    dmarc = [(result, told) for name, result, told in found if name == "dmarc"]
    if dmarc:
        return all(
            result == "pass" and told.get("header.from", domain) == domain for result, told in dmarc
        )
    return any(
        result == "pass" and any(_is_aligned(told.get(key, ""), domain) for key in _TOLD[name])
        for name, result, told in found
        if name in _TOLD
    )


_TOLD = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


def _method(text: str) -> tuple[str, str, dict[str, str]]:
    """Return a method, its result and the properties it rests on, in lower case."""
    first, *rest = text.lower().split()
    name, _, result = first.partition("=")
    told = dict(one.partition("=")[::2] for one in rest if "=" in one)
    return name.partition("/")[0], result, {key: value.strip('"') for key, value in told.items()}


def _is_aligned(told: str, domain: str) -> bool:
    host = told.rpartition("@")[2]
    return bool(host) and (domain == host or domain.endswith(f".{host}")) and "." in host
