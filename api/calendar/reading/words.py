"""Addresses as calendars write them (RFC 5545 3.3.3)."""

import re
from urllib.parse import unquote

_MAILTO = re.compile(r"\bmailto:", re.IGNORECASE)
_BARE = re.compile(r"[^\s<>\"':;,]+@[^\s<>\"':;,]+")


def bare_address(told: str) -> str:
    """Return the mail address in a calendar address, in lower case; the text itself where there is none.

    Left away are `mailto:`, also twice, with its fields (RFC 6068), brackets, blanks and quotes.
    """
    if _MAILTO.search(told):
        told = unquote(told.partition("?")[0])
    found = _BARE.search(told)
    return (found[0] if found else told.strip()).lower()


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_HOSTED = re.compile(r"[^\s<>\"':;,@\[\]]+@[\w.-]*\w(?![^\s>,;])")
_IN_BRACKETS = re.compile(r"<([^<>]*)>")


def sender_address(header: str) -> str:
    """Return the address in a From header, in lower case; empty where there is none, or nobody knows which.

    What stands in brackets counts, never what a name in quotes or a comment looks like.
    """
    plain = _COMMENT.sub(" ", _QUOTED.sub(" ", header))
    told = _IN_BRACKETS.findall(plain) or [plain]
    found = [one.lower() for text in told for one in _HOSTED.findall(text)]
    return found[0] if found and len(set(found)) == 1 else ""
