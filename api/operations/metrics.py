"""Figures for Prometheus, and one structured log line a request; both name the route, never the address."""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.db import Database
from api.operations import queries

log = logging.getLogger("samkrets.request")


class Metrics:
    """Counts since this process started, and the queues' lengths at the moment of asking."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "samkrets_requests",
            "Answers by method, route and status",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "samkrets_request_seconds", "Time to answer", ("route",), registry=self.registry
        )
        self.jobs = Gauge("samkrets_jobs", "Jobs by state", ("state",), registry=self.registry)
        self.mails = Gauge("samkrets_mails", "Mails by state", ("state",), registry=self.registry)

    def text(self, database: Database) -> bytes:
        """Return everything in Prometheus' text format."""
        with database.reading() as session:
            for job_state, number in queries.jobs_by_state(session).items():
                self.jobs.labels(job_state.value).set(number)
            for mail_state, number in queries.mail_by_state(session).items():
                self.mails.labels(mail_state.value).set(number)
        return generate_latest(self.registry)


class RequestLog:
    """Counts and logs each answer by its route's pattern: addresses may hold tokens."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            seconds = time.perf_counter() - begun
            route = route_of(scope)
            self.metrics.requests.labels(scope["method"], route, status).inc()
            self.metrics.seconds.labels(route).observe(seconds)
            log.info(
                "request",
                extra={
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                },
            )


def route_of(scope: Scope) -> str:
    """Return the pattern of the route that answered, e.g. /rc/{rc_id}."""
    return str(getattr(scope.get("route"), "path", "") or _first_part(scope["path"]))


def _first_part(path: str) -> str:
    first = path.split("/")[1] if path.count("/") > 1 else ""
    return f"/{first}/..." if first in {"static", "feeds"} else "unmatched"
