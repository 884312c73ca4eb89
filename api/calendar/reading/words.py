"""Addresses as calendars write them (RFC 5545 3.3.3)."""

import re

_BARE = re.compile(r"[^\s<>\"':;,]+@[^\s<>\"':;,]+")


def bare_address(told: str) -> str:
    """Return the mail address in a calendar address, in lower case; the text itself where there is none.

    Left away are `mailto:`, also twice, brackets, blanks and quotes.
    """
    found = _BARE.search(told)
    return (found[0] if found else told.strip()).lower()
