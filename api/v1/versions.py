"""What every answer under /api/v1 to a GET carries: an `ETag`, and 304 to whoever has seen it (RFC 9110)."""

import hashlib
import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"


class Tags:
    """Gives each JSON answer its tag: the thing's `version` where it has one, then a hash of all of it.

    `If-Match` of an act reads the version from it (`api.v1.acting`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer of the API is held until it is whole."""
        is_read = scope["type"] == "http" and scope["method"] == "GET"
        if not is_read or not scope["path"].startswith("/api/v1/"):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if not _is_ours(message):
                    await send(message)
                return
            if start is None or not _is_ours(start):
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await _tagged(scope, start, bytes(body), send)

        await self.app(scope, receive, hold)


def _is_ours(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return bool(start["status"] == 200 and kind.startswith(JSON))


async def _tagged(scope: Scope, start: Message, body: bytes, send: Send) -> None:
    tag = _tag(body)
    headers = MutableHeaders(raw=start["headers"])
    headers["ETag"] = tag
    headers["Cache-Control"] = "private, no-cache"  # may be kept, must be asked for again
    seen = Headers(scope=scope).get("if-none-match", "")
    if tag in [one.strip().removeprefix("W/") for one in seen.split(",")]:
        del headers["content-length"]
        await send({**start, "status": 304})
        await send({"type": "http.response.body", "body": b""})
        return
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _tag(body: bytes) -> str:
    mark = hashlib.sha256(body).hexdigest()[:16]
    document = json.loads(body)
    version = document.get("version") if isinstance(document, dict) else None
    return f'"{version}-{mark}"' if isinstance(version, int) else f'"0-{mark}"'
