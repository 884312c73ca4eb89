"""GET and HEAD /feeds/{token}.ics, before all routing: it is fetched far more than any page."""

import logging
import re
from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from api.feeds import service
from api.feeds.conditional import accepts_gzip, holds, http_date
from api.feeds.queries import Served
from api.kit.clock import now
from api.kit.db import Database

log = logging.getLogger("samkrets.feeds")

_PATH = re.compile(r"/feeds/([A-Za-z0-9_-]{43})\.ics")
_MOST_BODIES = 256

_ALWAYS = [
    (b"cache-control", b"private, no-cache"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
]
_CALENDAR = [
    (b"content-type", b"text/calendar; charset=utf-8"),
    (b"content-disposition", b'inline; filename="traffar.ics"'),
]
_NOT_FOUND = b"There is no calendar here.\n"

Headers = list[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """An answer, and the address whose fetch is to be written down after it was sent."""

    status: int
    headers: Headers
    body: bytes
    token_id: str | None = None


class FeedServer:
    """Serves stored bytes by secret address; every address that does not hold answers the same 404."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._state: object = None
        self._served: dict[str, Served] = {}  # what was looked up in this state of the database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what lies under /feeds/ and pass the rest on; nothing of the path is logged."""
        if scope["type"] != "http" or not scope["path"].startswith("/feeds/"):
            await self.app(scope, receive, send)
            return
        database: Database = scope["app"].state.database
        method: str = scope["method"]
        if method in {"GET", "HEAD"}:
            # SQLite answers from this process faster than a thread could take over.
            reply = (
                self._reply(database, scope)
                if database.is_embedded
                else await run_in_threadpool(self._reply, database, scope)
            )
        else:
            reply = Reply(405, [*_ALWAYS, (b"allow", b"GET, HEAD")], b"")
        body = b"" if method == "HEAD" else reply.body
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        await send({"type": "http.response.body", "body": body})
        if reply.token_id is not None:
            await run_in_threadpool(_note, database, reply.token_id)

    def _reply(self, database: Database, scope: Scope) -> Reply:
        matched = _PATH.fullmatch(scope["path"])
        if matched is None:
            return _not_found()
        while True:
            at = now()
            found = self._look_up(database, matched[1], at)
            if found is None:
                return _not_found()
            if service.is_stored(found, at):
                answer = service.stored(found, at)
            else:
                with database.reading() as session:
                    answer = service.made(session, found, at)
            reply = self._answer(database, scope, answer)
            if reply is not None:
                return reply

    def _look_up(self, database: Database, token: str, at: datetime) -> Served | None:
        """Look an address up, or remember it where nothing has been written since: programs ask and ask."""
        with database.peeking() as connection:
            state = database.state(connection)
            if state is None:
                return service.holding(service.look_up(connection, token), at)
            if state != self._state or len(self._served) > _MOST_BODIES:
                self._state, self._served = state, {}
            found = self._served.get(token) or service.look_up(connection, token)
        if found is not None:
            self._served[token] = found
        return service.holding(found, at)

    def _answer(self, database: Database, scope: Scope, found: service.Answer) -> Reply | None:
        """Answer with a version; None when a newer one was stored between the two look-ups."""
        wants = dict(scope["headers"])
        is_gzipped = accepts_gzip(_text(wants, b"accept-encoding"))
        etag = f'"{found.etag}-gz"' if is_gzipped else f'"{found.etag}"'
        headers = [
            *_ALWAYS,
            (b"vary", b"Accept-Encoding"),
            (b"etag", etag.encode()),
            (b"last-modified", http_date(found.last_modified).encode()),
        ]
        token_id = found.token_id if found.is_to_be_noted else None
        asked = (_text(wants, b"if-none-match"), _text(wants, b"if-modified-since"))
        if holds(*asked, etag, found.last_modified):
            return Reply(304, headers, b"", token_id)
        body = self._bodies.get((found.feed_id, etag))
        if body is None:
            with database.reading() as session:
                made = service.bytes_of(session, found)
            if made is None:
                return None
            body = made.gzipped if is_gzipped else made.body
            self._keep((found.feed_id, etag), body)
        headers += [*_CALENDAR, (b"content-length", str(len(body)).encode())]
        if is_gzipped:
            headers.append((b"content-encoding", b"gzip"))
        return Reply(200, headers, body, token_id)

    def _keep(self, key: tuple[str, str], body: bytes) -> None:
        self._bodies[key] = body
        while len(self._bodies) > _MOST_BODIES:
            self._bodies.popitem(last=False)


def _not_found() -> Reply:
    length = (b"content-length", str(len(_NOT_FOUND)).encode())
    kind = (b"content-type", b"text/plain; charset=utf-8")
    return Reply(404, [*_ALWAYS, kind, length], _NOT_FOUND)


def _text(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _note(database: Database, token_id: str) -> None:
    """Write the fetch down; a failure here must not look like a failed fetch."""
    try:
        with database.transaction() as session:
            service.note_fetch(session, token_id, now())
    except Exception:  # the answer is sent: a root of its own
        log.exception("a fetch could not be written down")
