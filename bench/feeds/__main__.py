"""`python -m bench.feeds`: alternates a stored feed with FastAPI's bare Response(bytes) in one run.

Each server is a process of its own with one uvicorn worker; 16 connections ask without pause. The
client runs beside the server, so compare figures of one run only, with the median of the rounds.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response

from api.app import create_app
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.feeds.service import create_feed, feed_bytes
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.migrations import upgrade
from api.wiring import connect

CONNECTIONS = 16
NETWORK = Scope(ScopeKind.NETWORK, "bench")


@dataclass(frozen=True)
class Rate:
    """One round: answers a second and the slow end in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def details(number: int, hours: int = 0) -> EventDetails:
    """Return one of the generated events: its text makes a feed of 104 about 50 kB."""
    start = now().replace(minute=0, second=0) + timedelta(days=number % 600, hours=hours)
    return EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv=f"Träff {number}",
        title_en=f"Meeting {number}",
        page=f"/traffar/{number}",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        town="Östersund",
    )


def put_events(database: Database, scope: Scope, count: int) -> None:
    """Fill a scope with events."""
    with database.transaction() as session:
        for number in range(count):
            subject = Subject("bench", f"{scope.id}-{number}")
            put_event(session, subject, details(number), {scope}, now())


def make_feed(url: str) -> tuple[str, bytes]:
    """Make the fed database and return the feed's path and bytes."""
    database = connect(url, "http://127.0.0.1")
    put_events(database, NETWORK, 110)
    with database.transaction() as session:
        feed, token = create_feed(
            session, NETWORK, Level.NEUTRAL, "sv", "Kretsträffar", None, at=now()
        )
        body = feed_bytes(session, feed)
    database.close()
    return f"/feeds/{token}.ics", body


def serve_samkrets(url: str, port: int) -> None:
    """Serve Samkrets as `samkrets serve` does."""
    settings = Settings(database=url, base_url=f"http://127.0.0.1:{port}")
    uvicorn.run(create_app(settings), port=port, access_log=False, log_level="error")


def serve_bare(body: bytes, port: int) -> None:
    """Serve the same bytes as FastAPI's shortest route would."""
    app = FastAPI()

    @app.get("/feed.ics")
    def feed() -> Response:
        return Response(body, media_type="text/calendar; charset=utf-8")

    uvicorn.run(app, port=port, access_log=False, log_level="error")


async def _ask(port: int, request: bytes, until: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"content-length: " in lower:
            length = int(lower.split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
    writer.close()


async def _round(port: int, request: bytes, seconds: float) -> Rate:
    times: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_ask(port, request, until, times) for _ in range(CONNECTIONS)))
    times.sort()
    p99 = times[int(0.99 * (len(times) - 1))]
    return Rate(len(times) / seconds, 1000 * statistics.median(times), 1000 * p99)


def request_of(path: str, *headers: str) -> bytes:
    """Return a GET as octets."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


async def _etag(port: int, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    return next(line[6:] for line in head.split("\r\n") if line.lower().startswith("etag: "))


def start(target: Callable[..., None], *values: object) -> multiprocessing.Process:
    """Start a server in a process of its own."""
    process = multiprocessing.Process(target=target, args=values, daemon=True)
    process.start()
    return process


def measure_serving(folder: Path, rounds: int, seconds: float) -> None:
    """Alternate the three questions and print the medians."""
    url = f"sqlite:///{folder / 'bench.db'}"
    upgrade(url)
    path, body = make_feed(url)
    servers = [start(serve_samkrets, url, 8901), start(serve_bare, body, 8902)]
    time.sleep(6)
    asked = request_of(path)
    etag = asyncio.run(_etag(8901, asked))
    kinds = {
        "FastAPI Response(bytes), 200": (8902, request_of("/feed.ics")),
        "feed, 200": (8901, asked),
        "feed, 304": (8901, request_of(path, f"If-None-Match: {etag}")),
    }
    found: dict[str, list[Rate]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, (port, request) in kinds.items():
            found[kind].append(asyncio.run(_round(port, request, seconds)))
    for server in servers:
        server.terminate()
    print(
        f"{len(body)} octets, {CONNECTIONS} connections, median of {rounds} rounds of {seconds} s"
    )
    bare = statistics.median(rate.per_second for rate in found["FastAPI Response(bytes), 200"])
    for kind, rates in found.items():
        rate = statistics.median(one.per_second for one in rates)
        p50 = statistics.median(one.p50_ms for one in rates)
        p99 = statistics.median(one.p99_ms for one in rates)
        print(
            f"{kind:30} {rate:7.0f}/s  {rate / bare:5.2f} x bare  p50 {p50:5.1f} ms  p99 {p99:5.1f} ms"
        )


def measure_change(folder: Path, feeds: int, events: int) -> None:
    """Change one event that is in all feeds and print how long the transaction takes."""
    url = f"sqlite:///{folder / 'change.db'}"
    upgrade(url)
    database = connect(url, "http://127.0.0.1")
    put_events(database, NETWORK, events)
    with database.transaction() as session:
        for number in range(feeds):
            level = list(Level)[number % 3]
            create_feed(session, NETWORK, level, "sv", f"Kalender {number}", None, at=now())
    times = []
    for hours in range(1, 6):
        begun = time.perf_counter()
        with database.transaction() as session:
            put_event(session, Subject("bench", "bench-7"), details(7, hours), {NETWORK}, now())
        times.append(time.perf_counter() - begun)
    database.close()
    print(
        f"a change in {feeds} feeds of {events} events: {statistics.median(times):.2f} s (median of 5)"
    )


def main() -> None:
    """Run both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_change(Path(folder), 20, 500)
        measure_serving(Path(folder), options.rounds, options.seconds)


if __name__ == "__main__":
    main()
