"""Addresses that people type: work e-mail, and the page to return to after signing in."""

from urllib.parse import urlsplit

from api.kit.errors import FieldFault
from api.kit.mail import is_address


def work_address(email: str) -> str:
    """Return an e-mail address in lower case.

    Raises:
        FieldFault: when it cannot be one.
    """
    address = email.strip().lower()
    if not is_address(address) or "." not in address.rpartition("@")[2]:
        raise FieldFault(
            "email",
            "%(email)s ser inte ut som en e-postadress. Exempel: namn@lansstyrelsen.se.",
            email=email.strip() or "–",
        )
    return address


def own_path(path: str) -> str:
    """Return a path inside this service, or the start page: nobody is led to another site."""
    parts = urlsplit(path)
    is_own = not parts.scheme and not parts.netloc and path.startswith("/")
    has_tricks = "\\" in path or path.startswith("//") or not path.isprintable()
    return path if is_own and not has_tricks else "/"
