"""What may not stand in a stored mail: secret tokens, and the address of the service, which may change.

A token in a link opens what it opens for whoever has it, so a copy of the database must not hold it.
In stored texts it is sealed: 32 octets under a pad of HMAC-SHA256 over a nonce, with a key that lies
outside the database and its backups (the log's, `SAMKRETS_AUDIT_KEY`). It is opened in memory, when the
mail goes. Tokens themselves are stored as hashes, as ever, so links that are out go on working.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from sqlmodel import Session

from api.audit.proof import key_for
from api.kit.db import base_url_of

# Marks of the Private Use Area (Unicode 23.5): in no text that people write.
_BASE = "\ue000base\ue001"
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
_SEALED = re.compile("\ue000([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})\ue001")
_NONCE_OCTETS = 16
_LINE_OCTETS = 75  # RFC 5545 3.1
_CONTINUATION = 0b10  # the first two bits of an octet inside a letter (UTF-8)


class UnsealableError(RuntimeError):
    """A sealed token cannot be opened: the key is not here."""


def seal(session: Session, text: str, *, has_tokens: bool) -> str:
    """Return a text as it is stored; without a key its tokens stay, and the log says that it is missing."""
    base_url = base_url_of(session).rstrip("/")
    sealed = text.replace(base_url, _BASE) if base_url else text
    if not has_tokens or not _TOKEN.search(sealed):
        return sealed
    key = _key(session)
    return sealed if key is None else _TOKEN.sub(lambda found: _sealed(key, found[0]), sealed)


def unseal(session: Session, text: str) -> str:
    """Return a stored text as it is sent, with the service's address as it is now.

    Raises:
        UnsealableError: when it holds a sealed token and the key is not here.
    """
    key = _key(session) if _SEALED.search(text) else None
    return opened(text, base_url_of(session), key)


def opened(text: str, base_url: str, key: bytes | None) -> str:
    """Return a stored text as it is sent; see `unseal`."""
    whole = text.replace(_BASE, base_url.rstrip("/"))
    if not _SEALED.search(whole):
        return whole
    if key is None:
        raise UnsealableError
    return _SEALED.sub(lambda found: _pad(key, found[1], found[2]), whole)


def blinded(session: Session, text: str) -> str:
    """Return a stored text as a page shows it to others than its recipient: without tokens."""
    return _TOKEN.sub("…", opened(_SEALED.sub("…", text), base_url_of(session), None))


def seal_part(session: Session, octets: bytes) -> bytes:
    """Return a calendar object as it is stored: unfolded, and sealed as a text is."""
    unfolded = octets.decode().replace("\r\n ", "").replace("\r\n\t", "")
    return seal(session, unfolded, has_tokens=True).encode()


def unseal_part(session: Session, octets: bytes) -> bytes:
    """Return a stored calendar object as it is sent, its lines folded (RFC 5545 3.1)."""
    lines = unseal(session, octets.decode()).split("\r\n")
    return b"\r\n".join(_folded(line.encode()) for line in lines)


def _folded(line: bytes) -> bytes:
    folded = []
    room = _LINE_OCTETS
    while len(line) > room:
        cut = room
        while line[cut] >> 6 == _CONTINUATION:
            cut -= 1
        folded.append(line[:cut])
        line, room = line[cut:], _LINE_OCTETS - 1
    return b"\r\n ".join((*folded, line))


def _key(session: Session) -> bytes | None:
    key = key_for(session)
    return key_of(key) if key is not None else None


def key_of(key: bytes) -> bytes:
    """Return the key of this purpose, made of the log's."""
    return hmac.digest(key, b"tokens in mails", hashlib.sha256)


def _sealed(key: bytes, token: str) -> str:
    if _text(urlsafe_b64decode(f"{token}=")) != token:
        return token  # a word of 43 letters, but of no 32 octets
    nonce = _text(secrets.token_bytes(_NONCE_OCTETS))
    return f"\ue000{nonce}{_pad(key, nonce, token)}\ue001"


def _pad(key: bytes, nonce: str, token: str) -> str:
    """Return a token with the nonce's pad over it; twice is the token again."""
    pad = hmac.digest(key, nonce.encode(), hashlib.sha256)
    octets = urlsafe_b64decode(f"{token}=")
    return _text(bytes(a ^ b for a, b in zip(octets, pad, strict=True)))


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")
