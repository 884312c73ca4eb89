"""Thunderbird without a window: a fresh profile that subscribes to a calendar, and what it then has stored."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.needs import need
from tests.readers import Told

PROGRAM = Path(os.environ.get("SAMKRETS_THUNDERBIRD", "/usr/bin/thunderbird"))
CALENDAR = "0a4b53a6-8f0e-4a3c-9c1d-6a1f5f0f7b11"  # the subscription's name for itself
PATIENCE = 180.0  # seconds for a start and a fetch; 5-10 is usual, a loaded machine needs more
ALL_DAY = 8  # calStorageHelpers' CAL_ITEM_FLAG.EVENT_ALLDAY
Preference = str | int | bool
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def insist_on_thunderbird() -> None:
    """Skip where there is no Thunderbird; in CI its absence is a failure."""
    need(PROGRAM.exists(), "Thunderbird", "--no-install-recommends thunderbird")


class Thunderbird:
    """One person's Thunderbird in New York, with one subscription and nothing else to speak to."""

    def __init__(self, folder: Path, url: str) -> None:
        self._home = folder
        self._profile = folder / "profile"
        self._profile.mkdir()
        subscription: dict[str, Preference] = {
            "type": "ics",
            "uri": url,
            "name": "Samkrets",
            "cache.enabled": True,
            "readOnly": True,
        }
        preferences = _PREFERENCES | {
            f"calendar.registry.{CALENDAR}.{name}": value for name, value in subscription.items()
        }
        lines = [f"user_pref({_js(name)}, {_js(value)});" for name, value in preferences.items()]
        (self._profile / "user.js").write_text("\n".join(lines) + "\n")

    def has_stored(self, expected: list[Told]) -> list[Told]:
        """Start it, wait until its store says what is expected or patience ends, and return what it says."""
        arguments = ["--headless", "--no-remote", "--profile", str(self._profile)]
        with (self._home / "thunderbird.log").open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, *arguments],
                stdout=log,
                stderr=log,
                env={**os.environ, "HOME": str(self._home), "TZ": "America/New_York"},
                start_new_session=True,
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while (found := self._stored()) != expected and time.monotonic() < deadline:
                assert process.poll() is None, (self._home / "thunderbird.log").read_text()
                time.sleep(0.2)
            return found
        finally:
            _end(process)

    def _stored(self) -> list[Told]:
        """Return the events in its store; none while the store is being made or written."""
        file = self._profile / "calendar-data" / "cache.sqlite"
        if not file.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as store:
                return sorted(_told(*row) for row in store.execute(_EVENTS))
        except sqlite3.OperationalError:
            return []


_EVENTS = "SELECT id, event_start, event_end, title, ical_status, flags FROM cal_events"
_PREFERENCES: dict[str, Preference] = {
    # Its store is read while it runs.
    "storage.sqlite.exclusiveLock.enabled": False,
    "calendar.timezone.useSystemTimezone": True,
    # No first-run pages, and nobody but this machine to speak to.
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1",
    "toolkit.telemetry.enabled": False,
}


def _told(uid: str, start: int, end: int, title: str, status: str, flags: int) -> Told:
    """Thunderbird stores microseconds since 1970 in UTC, a day as its midnight."""
    shape = "%Y-%m-%d" if flags & ALL_DAY else "%Y-%m-%dT%H:%M:%SZ"
    begins, ends = (
        (EPOCH + timedelta(microseconds=moment)).strftime(shape) for moment in (start, end)
    )
    return Told(uid, begins, ends, title, status)


def _js(value: Preference) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it and its children to stop; what does not is stopped."""
    for signalled in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signalled)
            process.wait(timeout=600)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=600)
