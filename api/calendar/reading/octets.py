"""Octets as content lines: which letters they are, and where lines end and go on (RFC 5545 3.1)."""

import codecs
import re

# Charsets whose letters are not bytes on their own: they are decoded before lines are looked for.
_WHOLE = re.compile(r"utf-?(16|32|7)|iso-2022|ucs|hz", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_END = re.compile(rb"\r\n|\n|\r")
_SOFT = re.compile(rb"[;:][^:]*QUOTED-PRINTABLE", re.IGNORECASE)


def lines_of(octets: bytes, charset: str = "") -> list[str]:
    """Return the unfolded lines of a calendar, blank ones left out.

    `charset` is what a mail says of the part; UTF-8 is tried before it, Windows-1252 after it, line by
    line: files are joined from several programs, and old ones fold inside a character, which is why
    lines are put together before they are decoded.
    """
    plain = _as_bytes(octets, charset)
    return [_text(line, charset) for line in _unfolded(plain)]


def _as_bytes(octets: bytes, charset: str) -> bytes:
    """Return the octets as UTF-8 where they are in an encoding of more than a byte a letter."""
    for mark, name in _MARKS:
        if octets.startswith(mark):
            return octets.decode(name, "replace").encode("utf-8", "replace")
    start = octets[:200].lstrip(b"\r\n \t")
    zeros = start.count(0)
    if zeros > len(start) // 3:
        name = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        return octets.decode(name, "replace").encode("utf-8", "replace")
    if _WHOLE.match(charset) and not start.upper().startswith(b"BEGIN:"):
        try:
            return octets.decode(charset, "replace").encode("utf-8", "replace")
        except LookupError:
            pass
    return octets.removeprefix(codecs.BOM_UTF8)


def _unfolded(octets: bytes) -> list[bytes]:
    found: list[list[bytes]] = []
    is_open = False  # a line that ends softly, as vCalendar 1.0 breaks quoted-printable text
    for line in _END.split(octets):
        if not line.strip(b"\0"):
            continue
        if found and line[:1] in b" \t":
            found[-1].append(line[1:])
        elif found and is_open:
            found[-1].append(line)
        else:
            found.append([line])
        is_open = line.endswith(b"=") and _SOFT.search(found[-1][0]) is not None
    return [b"".join(pieces) for pieces in found]


def _text(line: bytes, charset: str) -> str:
    for name in ("utf-8", charset):
        try:
            return line.decode(name) if name else _western(line)
        except (LookupError, UnicodeError, ValueError):
            continue
    return _western(line)


def _western(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")
