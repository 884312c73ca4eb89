"""The door of every request: its octets are counted, timed and looked through before anything parses them.

What is let in is a whole body of bounded size, without a zero octet (PostgreSQL stores none), with
texts of bounded length. A form's fields are looked through by the guard that reads forms anyway.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.errors import (
    ServiceError,
    TooLargeError,
    TooLongTextError,
    TooManyRequestsError,
    TooSlowError,
    UnusableTextError,
)

MOST_OCTETS = 256_000
BODY_S = 30.0  # a whole body must have come by then
UPLOAD_S = 120.0
MOST_NESTED = 32  # of a JSON document; ours need 3
# What all bodies may hold in memory at one time: one client's, and everybody's larger ones. A limit on
# each request alone is none on a hundred that stop just before their end.
CLIENT_OCTETS = 12_000_000
UPLOAD_OCTETS = 48_000_000
RETRY_S = 5
# What is read, and not kept, of a body that is refused: a proxy with the same limit has given up by then.
GO_BY_OCTETS = 16_000_000
GO_BY_S = 5.0
_BODY_HEADERS = {b"content-length", b"transfer-encoding"}

LONGEST_TEXT = 4_000
# What is longer by nature (lists of ids, a file's text, a plan that a page carries on), and what
# ends in mails and calendars and is short by nature. A field that is not here may have 4,000 letters.
LENGTHS: Final[Mapping[str, int]] = {
    "recipients": 250_000,
    "plan": 2_000_000,
    "text": 200_000,
    "base64": 11_000_000,  # a file in a JSON body
    "address": 254,
    "email": 254,
    "mail": 254,
    "mailbox": 254,
    "holder_email": 254,
    "deputy_email": 254,
    "name": 200,
    "name_sv": 200,
    "name_en": 200,
    "holder_name": 200,
    "deputy_name": 200,
    "label": 200,
    "title": 200,
    "place": 300,
    "phone": 50,
    "holder_phone": 50,
    "deputy_phone": 50,
}

Answer = Callable[[Request, Exception], Response]


class Room:
    """How much of what has come in is held at one time, counted while it comes."""

    def __init__(self, most: int = UPLOAD_OCTETS, most_of_one: int = CLIENT_OCTETS) -> None:
        self.most, self.most_of_one = most, most_of_one
        self.large = 0
        self.of_one: Counter[str] = Counter()

    @contextmanager
    def holding(self, client: str) -> Iterator[Callable[[int], None]]:
        """Yield what counts a body's octets as they come; all of them are let go of at the end.

        Raises (from what is yielded):
            TooManyRequestsError: when this client, or all large bodies together, hold too much.
        """
        body = 0

        def grow(octets: int) -> None:
            nonlocal body
            large = max(0, body + octets - MOST_OCTETS) - max(0, body - MOST_OCTETS)
            body += octets
            self.large += large
            self.of_one[client] += octets
            if self.of_one[client] > self.most_of_one or (large and self.large > self.most):
                raise TooManyRequestsError(RETRY_S)

        try:
            yield grow
        finally:
            self.large -= max(0, body - MOST_OCTETS)
            self.of_one[client] -= body
            if not self.of_one[client]:
                del self.of_one[client]


class Door:
    """Reads each request's body whole, within its limits, and answers what may not come in."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Answer,
        uploads: Mapping[str, int],
        client_of: Callable[[Scope], str],
        room: Room | None = None,
        body_s: float = BODY_S,
        upload_s: float = UPLOAD_S,
    ) -> None:
        self.app = app
        self.answer = answer
        self.client_of = client_of
        self.room = room or Room()
        self.body_s, self.upload_s = body_s, upload_s
        self.uploads = [(_pattern(path), octets) for path, octets in uploads.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body read; a client that has gone away gets no answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if not _announces_body(scope):
            await self._let_in(scope, receive, send, None)
            return
        with self.room.holding(self.client_of(scope)) as grow:
            await self._let_in(scope, receive, send, grow)

    async def _let_in(
        self, scope: Scope, receive: Receive, send: Send, grow: Callable[[int], None] | None
    ) -> None:
        """Let a request in whose body is within its limits; `grow` is None where there is none to read."""
        try:
            _insist_on_address(scope)
            body = b"" if grow is None else await self._read(scope, receive, grow)
            if body and "json" in Headers(scope=scope).get("content-type", ""):
                _insist_on_json(body)
        except ServiceError as refusal:
            if isinstance(refusal, TooLargeError):
                await _let_go_by(receive, Headers(scope=scope).get("content-length", "0"))
            answer = self.answer(Request(scope), refusal)
            answer.headers["Connection"] = "close"  # what else comes of the body is not read
            await answer(scope, receive, send)
            return
        if body is not None:
            await self.app(scope, receive if grow is None else _replay(body, receive), send)

    async def _read(
        self, scope: Scope, receive: Receive, grow: Callable[[int], None]
    ) -> bytes | None:
        most = next(
            (octets for path, octets in self.uploads if path.fullmatch(scope["path"])), MOST_OCTETS
        )
        if not _is_within(Headers(scope=scope).get("content-length", "0"), most):
            raise TooLargeError(most)
        seconds = self.body_s if most == MOST_OCTETS else self.upload_s
        try:
            async with asyncio.timeout(seconds):
                return await _whole(receive, most, grow)
        except TimeoutError as error:
            raise TooSlowError from error


def _is_within(told: str, most: int) -> bool:
    return told.isdigit() and len(told) <= len(str(most)) and int(told) <= most


def _announces_body(scope: Scope) -> bool:
    """Whether a body may follow the headers: one who only looks sends none without these (RFC 9112 6.3)."""
    return scope["method"] not in {"GET", "HEAD"} or any(
        name in _BODY_HEADERS for name, _ in scope["headers"]
    )


async def _whole(receive: Receive, most: int, grow: Callable[[int], None]) -> bytes | None:
    """Return the body, or None when the client goes away before it has come."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        come = message.get("body", b"")
        grow(len(come))
        body += come
        if len(body) > most:
            raise TooLargeError(most)
        if not message.get("more_body", False):
            return bytes(body)


async def _let_go_by(receive: Receive, told: str) -> None:
    """Read a refused body and keep nothing of it: a close amid it would reset the answer away (RFC 9112 9.6).

    told: its length as its header has it. One that is too long even for that is not begun.
    """
    come = 0 if _is_within(told, GO_BY_OCTETS) else GO_BY_OCTETS
    with suppress(TimeoutError):
        async with asyncio.timeout(GO_BY_S):
            while come < GO_BY_OCTETS:
                message = await receive()
                come += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def _replay(body: bytes, receive: Receive) -> Receive:
    told = [False]

    async def again() -> Message:
        if told[0]:
            return await receive()
        told[0] = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _insist_on_address(scope: Scope) -> None:
    query: bytes = scope.get("query_string", b"")
    path: str = scope["path"]
    # Every feed address that does not hold has one answer, this one too.
    if ("\0" in path and not path.startswith("/feeds/")) or b"%00" in query or b"\0" in query:
        raise UnusableTextError


def _insist_on_json(body: bytes) -> None:
    """Look through a JSON body's texts; one that is no JSON is the route's to refuse."""
    if b"\0" in body:
        raise UnusableTextError
    try:
        document = json.loads(body)
    except ValueError:
        return
    except RecursionError as error:
        raise UnusableTextError from error
    insist_on_texts(_texts("", document))


def _texts(name: str, value: object, depth: int = 0) -> Iterable[tuple[str, str]]:
    """Yield the texts of a JSON document, each with the name of its nearest field."""
    if depth > MOST_NESTED:
        raise UnusableTextError
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(name, one, depth + 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield "", key
            yield from _texts(key, one, depth + 1)


def insist_on_texts(texts: Iterable[tuple[str, str]]) -> None:
    """Refuse a field's text that nothing here can keep.

    Raises:
        UnusableTextError: when it holds a zero octet, or half a surrogate pair (no UTF-8 has one).
        TooLongTextError: when it is longer than its field may be.
    """
    for name, text in texts:
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise UnusableTextError
        most = LENGTHS.get(name, LONGEST_TEXT)
        if len(text) > most:
            raise TooLongTextError(name, most)
