"""Counting uses against limits, in a moving window over the database that all web processes share."""

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from limits import RateLimitItem, parse
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import TooManyRequestsError
from api.kit.logs import SECRET_PATHS
from api.kit.throttle import queries
from api.kit.throttle.models import Hit

# A miss at a secret address is a guess. Feeds are not among them: Google and Exchange fetch many
# people's from one address, and 256 random bits are not guessed.
MISSES = "20/minute"
LINKS_PER_CLIENT = "20/minute"
LINKS_PER_ADDRESS = "5/15 minutes"
MISS_STATUSES = frozenset({404, 409})
IPV6_PREFIX = 64

log = logging.getLogger("samkrets.proxies")


LOOK_BACK = queries.LONGEST_WINDOW


class Throttle:
    """Counts uses in a transaction of their own: what came of the request does not matter."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret.encode()

    def insist(self, limit: str, *keys: str) -> None:
        """Count one use; call it before the request's own transaction has begun.

        Raises:
            TooManyRequestsError: when there were too many.
        """
        wait = self._take(limit, *keys)
        if wait is not None:
            raise TooManyRequestsError(wait)

    def allows(self, limit: str, *keys: str) -> bool:
        """Count one use, and return whether it was within the limit; what is beyond is not counted."""
        return self._take(limit, *keys) is None

    def _take(self, limit: str, *keys: str) -> int | None:
        """Count one use; return None, or how many seconds to wait when there were too many."""
        item, at = parse(limit), now()
        key, since = self._key(item, keys), at - timedelta(seconds=item.get_expiry())
        with self._database.transaction() as session:
            queries.take_turns(session, key)
            if queries.count(session, key, since) < item.amount:
                session.add(Hit(key=key, at=at))
                return None
            first = queries.oldest(session, key, since) or at
        return max(1, round((first - since).total_seconds()))

    def is_open(self, limit: str, *keys: str) -> bool:
        """Return whether one more use would be allowed, without counting one."""
        item = parse(limit)
        since = now() - timedelta(seconds=item.get_expiry())
        with self._database.reading() as session:
            return queries.count(session, self._key(item, keys), since) < item.amount

    def count(self, limit: str, *keys: str) -> None:
        """Count one use that has happened."""
        with self._database.transaction() as session:
            session.add(Hit(key=self._key(parse(limit), keys), at=now()))

    def _key(self, item: RateLimitItem, keys: tuple[str, ...]) -> str:
        """Return what is stored of whose use it was: neither an address nor who asked can be read from it."""
        return hmac.new(self._secret, item.key_for(*keys).encode(), hashlib.sha256).hexdigest()


def forget(session: Session, at: datetime) -> None:
    """Delete what no limit looks back to."""
    queries.forget(session, at - LOOK_BACK)


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
        if not await run_in_threadpool(self.throttle.is_open, MISSES, *key):
            headers = {"Retry-After": "60"}
            refusal = PlainTextResponse("Too many requests", status_code=429, headers=headers)
            await refusal(scope, receive, send)
            return

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in MISS_STATUSES:
                await run_in_threadpool(self.throttle.count, MISSES, *key)
            await send(message)

        await self.app(scope, receive, send_and_count)


def client_of(scope: Scope) -> str:
    """Return whom a request counts for; a proxy's own header is uvicorn's to read.

    Whoever has one IPv6 address has 2**64 of them (RFC 6177): the network counts, not the address.
    """
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        at = ip_address(client[0])
    except ValueError:
        return str(client[0])
    if isinstance(at, IPv4Address):
        return str(at)
    if at.ipv4_mapped is not None:
        return str(at.ipv4_mapped)
    return str(ip_network((at.packed, IPV6_PREFIX), strict=False))


class ForwardedWatch:
    """Notices a proxy that tells whom it asks for and is not believed: then everybody counts as one client."""

    def __init__(self, app: ASGIApp, *, found: "Unbelieved") -> None:
        self.app = app
        self.found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; uvicorn has put the told address in the place of a believed proxy's."""
        if scope["type"] == "http" and not self.found.proxy and scope.get("client"):
            told = dict(scope["headers"]).get(b"x-forwarded-for", b"").decode("latin-1")
            peer = scope["client"][0]
            if told and peer not in {part.strip() for part in told.split(",")}:
                self.found.proxy = peer
                log.warning("%s", self.found.fault)
        await self.app(scope, receive, send)


@dataclass(slots=True)
class Unbelieved:
    """The first proxy whose X-Forwarded-For this process did not believe."""

    proxy: str = ""

    @property
    def fault(self) -> str:
        """What is wrong and what to do, or nothing."""
        if not self.proxy:
            return ""
        return (
            f"{self.proxy} sends X-Forwarded-For but SAMKRETS_PROXIES does not name it: "
            "all who come by it count as one client"
        )
