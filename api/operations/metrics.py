"""Figures for Prometheus, and one structured log line a request; both name the route, never the address."""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.operations import queries
from api.operations.schedule import free_octets
from api.operations.service import QUEUE_PATIENCE

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
        self.silent = Gauge(
            "samkrets_jobs_silent", "Running jobs whose worker is silent", registry=self.registry
        )
        self.done = Gauge(
            "samkrets_errand_done_timestamp_seconds",
            "When each errand of the schedule was last done",
            ("errand",),
            registry=self.registry,
        )
        self.failing = Gauge(
            "samkrets_errand_failing",
            "1 when its last run failed",
            ("errand",),
            registry=self.registry,
        )
        self.free = Gauge(
            "samkrets_disk_free_bytes", "Least free space where we write", registry=self.registry
        )
        self.mails = Gauge("samkrets_mails", "Mails by state", ("state",), registry=self.registry)

    def text(self, database: Database, settings: Settings) -> bytes:
        """Return everything in Prometheus' text format."""
        self.free.set(free_octets(settings, database.url) or 0)
        with database.reading() as session:
            for job_state, number in queries.jobs_by_state(session).items():
                self.jobs.labels(job_state.value).set(number)
            for mail_state, number in queries.mail_by_state(session).items():
                self.mails.labels(mail_state.value).set(number)
            self.silent.set(len(queries.silent_jobs(session, now() - QUEUE_PATIENCE)))
            for run in queries.errand_runs(session):
                self.done.labels(run.name).set(run.done_at.timestamp() if run.done_at else 0)
                self.failing.labels(run.name).set(1 if run.fault else 0)
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
