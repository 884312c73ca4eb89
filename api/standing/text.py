"""What of a calendar's words may be kept: a name and one paragraph, without addresses and numbers."""

import html
import re
from textwrap import shorten

from api.kit.mail import has_address

LONGEST_NAME = 120
LONGEST_FOCUS = 500

_BREAK = re.compile(r"<\s*(?:br|/li)\b[^>]*>", re.IGNORECASE)
_END = re.compile(r"<\s*/(?:p|div)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_RULER = re.compile(r"[_*=~.-]{5}")  # what programs draw above what they add to an invitation


def plain(text: str) -> str:
    """Return a text on one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def first_paragraph(description: str) -> str:
    """Return a description's first paragraph, or nothing when it is what a program wrote to join by.

    Google and Outlook write HTML there; tags are left out.
    """
    text = _END.sub("\n\n", _BREAK.sub("\n", description))
    text = html.unescape(_TAG.sub("", text)).strip()
    first = plain(re.split(r"\n\s*\n", text.replace("\r\n", "\n"), maxsplit=1)[0])
    if has_address(first) or _RULER.search(first):
        return ""
    kept = shorten(first, LONGEST_FOCUS, placeholder=" …")
    return "" if kept == "…" else kept
