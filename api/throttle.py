"""Limits on how often one address may ask for links or guess secret addresses."""

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import TooManyRequestsError

# Addresses whose second part is a secret; a miss there is a guess. Feeds are not among them: Google
# and Exchange fetch many people's from one address, and 256 random bits are not guessed.
SECRET_PATHS = frozenset({"logga-in", "demo", "enkat", "utvardering", "svar", "tid"})
MISSES = "20/minute"
LINKS_PER_CLIENT = "20/minute"
LINKS_PER_ADDRESS = "5/15 minutes"
MISS_STATUSES = frozenset({404, 409})


class Throttle:
    """Counts in this process; several web processes each allow the whole number."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def insist(self, limit: str, *keys: str) -> None:
        """Count one use.

        Raises:
            TooManyRequestsError: when there were too many.
        """
        item = parse(limit)
        if not self._limiter.hit(item, *keys):
            raise TooManyRequestsError(self._wait(item, keys))

    def is_open(self, limit: str, *keys: str) -> bool:
        """Return whether one more use would be allowed, without counting one."""
        return self._limiter.test(parse(limit), *keys)

    def count(self, limit: str, *keys: str) -> None:
        """Count one use that has happened."""
        self._limiter.hit(parse(limit), *keys)

    def _wait(self, item: RateLimitItem, keys: tuple[str, ...]) -> int:
        frees_at = self._limiter.get_window_stats(item, *keys).reset_time
        return max(1, round(frees_at - time.time()))


class MissGuard:
    """Answers 429 to whoever has guessed wrong at secret addresses too often; right ones never count."""

    def __init__(self, app: ASGIApp, *, throttle: Throttle) -> None:
        self.app = app
        self.throttle = throttle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count a miss."""
        kind = scope["path"].split("/")[1] if scope["type"] == "http" else ""
        if kind not in SECRET_PATHS or scope["path"].count("/") < 2:
            await self.app(scope, receive, send)
            return
        key = ("miss", kind, client_of(scope))
        if not self.throttle.is_open(MISSES, *key):
            headers = {"Retry-After": "60"}
            refusal = PlainTextResponse("Too many requests", status_code=429, headers=headers)
            await refusal(scope, receive, send)
            return

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in MISS_STATUSES:
                self.throttle.count(MISSES, *key)
            await send(message)

        await self.app(scope, receive, send_and_count)


def client_of(scope: Scope) -> str:
    """Return the address that a request comes from; a proxy's own header is uvicorn's to read."""
    client = scope.get("client")
    return client[0] if client else "unknown"
