"""Thunderbird without a window: one that subscribes to a calendar, and one that is invited by mail and answers."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.needs import need
from tests.readers import Told
from tests.serving import free_port

PROGRAM = Path(os.environ.get("SAMKRETS_THUNDERBIRD", "/usr/bin/thunderbird"))
CALENDAR = "0a4b53a6-8f0e-4a3c-9c1d-6a1f5f0f7b11"  # the subscription's name for itself
PATIENCE = 180.0  # seconds for a start and a fetch; 5-10 is usual, a loaded machine needs more
ALL_DAY = 8  # calStorageHelpers' CAL_ITEM_FLAG.EVENT_ALLDAY
Preference = str | int | bool
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def insist_on_thunderbird() -> None:
    """Skip where there is no Thunderbird; in CI its absence is a failure."""
    need(PROGRAM.exists(), "Thunderbird", "--no-install-recommends thunderbird")


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Thunderbird with the profile in a folder, in New York, until the block ends."""
    profile = str(folder / "profile")
    command = [str(PROGRAM), "--headless", "--no-remote", "--profile", profile]
    with (folder / "thunderbird.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder), "TZ": "America/New_York"},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def prepare(folder: Path, preferences: dict[str, "Preference"]) -> None:
    """Make a fresh profile in a folder."""
    (folder / "profile").mkdir()
    lines = [
        f"user_pref({_js(name)}, {_js(value)});"
        for name, value in (_PREFERENCES | preferences).items()
    ]
    (folder / "profile" / "user.js").write_text("\n".join(lines) + "\n")


class Store:
    """What a calendar of a running Thunderbird has stored."""

    def __init__(self, folder: Path, name: str) -> None:
        self._home = folder
        self._file = folder / "profile" / "calendar-data" / name

    def waits_for(self, expected: list[Told], process: subprocess.Popen[bytes]) -> list[Told]:
        """Wait until it says what is expected or patience ends, and return what it says."""
        deadline = time.monotonic() + PATIENCE
        while (found := self._stored()) != expected and time.monotonic() < deadline:
            assert process.poll() is None, (self._home / "thunderbird.log").read_text()
            time.sleep(0.2)
        return found

    def _stored(self) -> list[Told]:
        """Return the events in it; none while it is being made or written."""
        if not self._file.exists():
            return []
        try:
            with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as store:
                return sorted(_told(*row) for row in store.execute(_EVENTS))
        except sqlite3.OperationalError:
            return []


class Thunderbird:
    """One person's Thunderbird in New York, with one subscription and nothing else to speak to."""

    def __init__(self, folder: Path, url: str) -> None:
        self._home = folder
        self._store = Store(folder, "cache.sqlite")
        subscription: dict[str, Preference] = {
            "type": "ics",
            "uri": url,
            "name": "Samkrets",
            "cache.enabled": True,
            "readOnly": True,
        }
        prepare(
            folder,
            {f"calendar.registry.{CALENDAR}.{name}": value for name, value in subscription.items()},
        )

    def has_stored(self, expected: list[Told]) -> list[Told]:
        """Start it, wait until its store says what is expected or patience ends, and return what it says."""
        with started(self._home) as process:
            return self._store.waits_for(expected, process)


class InvitedThunderbird:
    """One person's Thunderbird with an address: mails are put into its folder and answered by its buttons."""

    def __init__(
        self, folder: Path, process: subprocess.Popen[bytes], line: socket.socket, sent: list[bytes]
    ) -> None:
        self._process = process
        self._store = Store(folder, "local.sqlite")
        self._line, self._rest = line, b""
        self._sent = sent
        self._commands = 0
        assert self._heard()["applicationType"] == "gecko"
        self._say("WebDriver:NewSession", {"capabilities": {}})
        self._say("Marionette:SetContext", {"value": "chrome"})
        self._say("WebDriver:SetTimeouts", {"script": int(PATIENCE * 1000)})
        self._run(_OPEN_CALENDAR)

    def press(self, mail: bytes, button: str) -> None:
        """Show a mail that has come, and press one of the buttons that it is shown with."""
        assert self._run(_PRESS, mail.decode("ascii"), button) == button

    def answer(self, number: int) -> bytes:
        """Return the answer of this number that it has sent, once it has."""
        deadline = time.monotonic() + PATIENCE
        while len(self._sent) < number and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(self._sent) == number
        return self._sent[-1]

    def has_stored(self, expected: list[Told]) -> list[Told]:
        """Wait until its calendar says what is expected or patience ends, and return what it says."""
        return self._store.waits_for(expected, self._process)

    def _run(self, script: str, *arguments: str) -> object:
        told = {"script": script, "args": arguments, "sandbox": "system"}
        return self._say("WebDriver:ExecuteAsyncScript", told)["value"]

    def _say(self, command: str, values: dict[str, Any]) -> dict[str, Any]:
        """Give a command in Marionette's protocol: the length, a colon, and JSON."""
        self._commands += 1
        told = json.dumps([0, self._commands, command, values]).encode()
        self._line.sendall(f"{len(told)}:".encode() + told)
        _, _, fault, found = self._heard()
        assert fault is None, fault
        return dict(found)

    def _heard(self) -> Any:  # noqa: ANN401 - JSON
        while b":" not in self._rest:
            self._rest += self._line.recv(65536)
        length, _, found = self._rest.partition(b":")
        while len(found) < int(length):
            found += self._line.recv(65536)
        self._rest = found[int(length) :]
        return json.loads(found[: int(length)])


class _Catcher:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: object,
        session: object,
        envelope: Any,  # noqa: ANN401 - aiosmtpd's
    ) -> str:
        del server, session
        self.mails.append(bytes(envelope.content))
        return "250 OK"


@contextmanager
def invited_thunderbird(folder: Path, address: str) -> Iterator[InvitedThunderbird]:
    """Start a Thunderbird whose owner has an address; what it sends is caught."""
    port = free_port()
    catcher = _Catcher()
    server = Controller(catcher, hostname="127.0.0.1", port=free_port())
    server.start()
    account: dict[str, Preference] = {
        "marionette.port": port,
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.accountmanager.localfoldersserver": "server1",
        "mail.account.account1.identities": "id1",
        "mail.account.account1.server": "server1",
        "mail.server.server1.type": "none",
        "mail.server.server1.hostname": "Local Folders",
        "mail.server.server1.name": "Local Folders",
        "mail.server.server1.userName": "nobody",
        "mail.server.server1.directory-rel": "[ProfD]Mail/Local Folders",
        "mail.identity.id1.useremail": address,
        "mail.identity.id1.valid": True,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.fcc": False,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.type": "smtp",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": server.port,
        "mail.smtpserver.smtp1.authMethod": 1,
        "mail.smtpserver.smtp1.try_ssl": 0,
    }
    prepare(folder, account)
    try:
        with (
            started(folder, "--marionette", "--remote-allow-system-access") as process,
            closing(_line_to(port)) as line,
        ):
            yield InvitedThunderbird(folder, process, line, catcher.mails)
    finally:
        server.stop()


def _line_to(port: int) -> socket.socket:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


_HELPERS = """
const done = arguments[arguments.length - 1];
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const until = async look => { let found; while (!(found = look())) await new Promise(go => setTimeout(go, 100)); return found; };
"""
# The calendar of a fresh profile is asleep until its owner says whose it is.
_OPEN_CALENDAR = f"""{_HELPERS}
(async () => {{
  const [home] = await until(() => cal.manager.getCalendars().length && cal.manager.getCalendars());
  home.setProperty("disabled", false);
  home.setProperty("imip.identity.key", "id1");
  await until(() => cal.itip.isSchedulingCalendar(home) && cal.acl.isCalendarWritable(home));
  return home.type;
}})().then(done, fault => done(String(fault)));
"""
_PRESS = f"""{_HELPERS}
const [mail, button] = arguments;
(async () => {{
  const root = MailServices.accounts.accounts[0].incomingServer.rootFolder;
  const folder = root.containsChildNamed("Invitations") ? root.getChildNamed("Invitations")
    : root.QueryInterface(Ci.nsIMsgLocalMailFolder).createLocalSubfolder("Invitations");
  const header = folder.QueryInterface(Ci.nsIMsgLocalMailFolder).addMessage(mail);
  const tabs = await until(() => Services.wm.getMostRecentWindow("mail:3pane")?.document.getElementById("tabmail"));
  const tab = await until(() => tabs.openTab("mailMessageTab", {{ messageURI: folder.getUriForMsg(header), background: false }}));
  const shown = () => tab.chromeBrowser.contentDocument?.getElementById(button);
  (await until(() => shown()?.hidden === false && shown())).click();
  await until(() => shown().hidden);
  return button;
}})().then(done, fault => done(String(fault)));
"""
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
