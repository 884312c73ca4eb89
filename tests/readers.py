"""Three independent readers of a calendar, each telling the same thing: what happens when, under which UID."""

import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import recurring_ical_events

from tests.needs import need

HERE = Path(__file__).parent / "feeds"
ICAL_JS = HERE / "vendor" / "ical-2.2.1.min.mjs"
YEARS = (2027, 2028)  # what the tests' calendars are about


class Told(NamedTuple):
    """One occurrence as a reader tells it; a moment in UTC, or a day, `end` exclusive."""

    uid: str
    start: str
    end: str
    summary: str
    status: str


def by_recurring_ical_events(octets: bytes) -> list[Told]:
    """Read with icalendar and recurring-ical-events."""
    calendar: Any = icalendar.Calendar.from_ical(octets)
    found = recurring_ical_events.of(calendar).between(
        datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[1], 12, 31, tzinfo=UTC)
    )
    return sorted(
        Told(
            str(event["UID"]),
            _text(event["DTSTART"].dt),
            _text(event["DTEND"].dt),
            str(event["SUMMARY"]),
            str(event["STATUS"]),
        )
        for event in found
    )


def by_ical_js(node: str, octets: bytes) -> list[Told]:
    """Read with ical.js, which Thunderbird reads with, under Node in another zone than Sweden's."""
    done = subprocess.run(
        [node, HERE / "occurrences.mjs", ICAL_JS, *map(str, YEARS)],
        input=octets,
        capture_output=True,
        check=True,
        env={**os.environ, "TZ": "America/New_York"},
        timeout=900,
    )
    return sorted(
        Told(*(str(value).replace(".000Z", "Z") for value in one))
        for one in json.loads(done.stdout)
    )


def by_vdirsyncer_and_khal(programs: Path, folder: Path, octets: bytes) -> list[Told]:
    """Subscribe with vdirsyncer over HTTP, then list with khal; UIDs are empty, since vdirsyncer makes its own."""
    with _serving(octets) as url:
        (folder / "sync.conf").write_text(_SYNC.format(folder=folder, url=url))
        for command in (["discover", "feed"], ["sync"]):
            _run([programs / "vdirsyncer", "-c", folder / "sync.conf", *command], folder, "y\n")
    (folder / "khal.conf").write_text(_KHAL.format(folder=folder))
    days = str((date(YEARS[1], 12, 31) - date(YEARS[0], 1, 1)).days)
    shape = "\x1f{all-day}\x1f{start-long-full}\x1f{end-long-full}\x1f{title}\x1f{status}"
    listed = _run(
        [
            *(programs / "khal", "-c", folder / "khal.conf", "list"),
            *("--day-format", "", "--format", shape + "\x1e"),
            *(f"{YEARS[0]}-01-01", f"{days}d"),
        ],
        folder,
    )
    rows = (row.split("\x1f")[1:] for row in listed.split("\x1e") if "\x1f" in row)
    return sorted(_told_by_khal(*(value.strip() for value in row)) for row in rows)


def _told_by_khal(all_day: str, start: str, end: str, summary: str, status: str) -> Told:
    """khal lists whole days as moments, the last day included."""
    if all_day == "True":
        day_after = date.fromisoformat(end[:10]) + timedelta(days=1)
        start, end = start[:10], day_after.isoformat()
    return Told("", start, end, summary, status)


_SYNC = """\
[general]
status_path = "{folder}/status"
[pair feed]
a = "there"
b = "here"
collections = null
[storage there]
type = "http"
url = "{url}"
[storage here]
type = "filesystem"
path = "{folder}/calendar"
fileext = ".ics"
"""
_KHAL = """\
[calendars]
[[feed]]
path = {folder}/calendar
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%dT%H:%M:00Z
local_timezone = UTC
default_timezone = UTC
"""


def _run(command: list[Any], folder: Path, answers: str = "") -> str:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        command,
        input=answers,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, **home},
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def _serving(octets: bytes) -> Iterator[str]:
    """Serve the octets on this machine as any web server would."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar; charset=utf-8")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the library's name
            """Say nothing: the test tells what matters."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/feed.ics"
    finally:
        server.shutdown()
        server.server_close()


def node() -> str:
    """Return Node's path; without Node the test is skipped."""
    found = shutil.which("node")
    need(found, "Node", "nodejs")
    return str(found)


def _text(when: datetime | date) -> str:
    if isinstance(when, datetime):
        return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return when.isoformat()
