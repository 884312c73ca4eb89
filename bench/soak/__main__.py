"""`python -m bench.soak`: 50 people for 30 minutes on two web processes and two workers, on PostgreSQL.

Each person is signed in, thinks, and then opens a page that the last one led to, fetches the own calendar
(asking whether it has changed), or changes something: the own number, a link of a meeting, a new calendar
address. The planner also starts computations, so that the workers work. `--database` names an empty
PostgreSQL database; without it a server is started for the run. Every minute a line says how many answers
came, how long they took, what failed, and what each process holds in memory. It ends with 1 when anything
failed, or when a process holds over a tenth more in the last third than in the one before.
"""

import argparse
import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from sqlmodel import Session, col, select

from api.accounts.models import Function, Role
from api.accounts.service import open_session
from api.kit.clock import now
from api.kit.db import Database
from tests.postgres import Postgres
from tests.security.forms import Form, forms_of
from tests.serving import free_port

WEBS, WORKERS = 2, 2
PATIENCE_S, SAMPLE_S, MINUTE_S = 60.0, 10.0, 60.0
CHANGES, FETCHES = 0.12, 0.25  # of what a person does; the rest is reading
MOST_GROWTH = 1.10
JOB_EVERY_S = 600.0
# Pages that do not lead on, or end what the run needs.
CLOSED = re.compile(
    r"^/(static|en/|logga|feeds|exempel|demo|healthz|readyz|metrics|api)|\.(ics|json|csv|xlsx|txt)"
)
LINK = re.compile(r'href="(/[^"#]*)')
ID = re.compile(r"[\w-]{30,}")
FEED = re.compile(r"/feeds/[\w-]+\.ics")


@dataclass
class Tally:
    """What came back, from all threads: when, how long it took, and what failed."""

    begun: float = field(default_factory=time.monotonic)
    answers: list[tuple[float, float, str]] = field(default_factory=list)  # at, ms, kind
    faults: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  # 404 and 409: somebody else was first

    def since(self, moment: float) -> list[float]:
        """Return the milliseconds of what was asked from a moment on."""
        return [ms for at, ms, _ in self.answers if at >= moment]


class User(threading.Thread):
    """One person: thinks, reads, fetches, changes, until told to stop."""

    def __init__(
        self, bases: list[str], cookie: str, role: Role, number: int, think: float, tally: Tally
    ) -> None:
        super().__init__(daemon=True)
        self.web = httpx2.Client(
            cookies={"samkrets": cookie}, timeout=PATIENCE_S, follow_redirects=True
        )
        self.bases, self.role, self.think, self.tally = bases, role, think, tally
        self.chance = random.Random(number)
        self.links, self.feed, self.tag = ["/"], "", ""
        self.over = threading.Event()
        self.last_job = time.monotonic() - JOB_EVERY_S * self.chance.random()

    def run(self) -> None:
        """Do one thing after another."""
        while not self.over.wait(self.chance.expovariate(1 / self.think)):
            try:
                self._step()
            except httpx2.HTTPError as error:
                self.tally.faults[f"{type(error).__name__}"] += 1

    def _step(self) -> None:
        if self.role is Role.PLANNER and time.monotonic() - self.last_job > JOB_EVERY_S:
            self.last_job = time.monotonic()
            self._press("/planera/natverk", "/planera/natverk", "job")
        elif (drawn := self.chance.random()) < CHANGES:
            self._change()
        elif drawn < CHANGES + FETCHES and self.feed:
            self._ask("GET", self.feed, "feed", headers={"If-None-Match": self.tag})
        else:
            self._read()

    def _read(self) -> None:
        answer = self._ask("GET", self.chance.choice(self.links), "page")
        if answer is not None and "text/html" in answer.headers.get("content-type", ""):
            found = {link for link in LINK.findall(answer.text) if not CLOSED.search(link)}
            self.links = sorted(found) or ["/"]
        else:
            self.links = ["/"]

    def _change(self) -> None:
        if not self.feed:
            typed = {"label": "Exempel"}
            answer = self._press("/prenumerera", "/prenumerera", "subscribe", typed)
            found = FEED.search(answer.text) if answer is not None else None
            self.feed = found[0] if found else ""
            return
        if self.chance.random() < 0.5:
            own = next((link for link in self.links if link.startswith("/personer/")), "/")
            self._press(own, own, "details", {"phone": self._number()})
            return
        meetings = [link for link in self.links if re.fullmatch(r"/traffar/[\w-]{36}", link)]
        if meetings:
            self._keep_link(f"{self.chance.choice(meetings)}/material")
        else:
            self._ask("GET", "/traffar", "page")

    def _keep_link(self, page: str) -> None:
        typed = {"title": "Exempel", "address": f"https://example.org/{self._number()}"}
        gone = "/ta-bort" if self.chance.random() < 0.5 else "/material"
        self._press(page, gone, "link", typed if gone == "/material" else {})

    def _number(self) -> str:
        return f"0700-{self.chance.randrange(10**6):06}"

    def _press(
        self, page: str, action: str, kind: str, typed: dict[str, str] | None = None
    ) -> httpx2.Response | None:
        seen = self._ask("GET", page, "page")
        forms = [one for one in _posted(seen) if action in one.action] if seen is not None else []
        if not forms:
            return None
        form = self.chance.choice(forms)
        return self._ask("POST", form.action, kind, data={**form.fields, **(typed or {})})

    def _ask(
        self,
        method: str,
        path: str,
        kind: str,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response | None:
        place = urlsplit(path)
        target = (
            self.chance.choice(self.bases) + place.path + (f"?{place.query}" if place.query else "")
        )
        begun = time.monotonic()
        answer = self.web.request(method, target, data=data, headers=headers)
        taken = 1000 * (time.monotonic() - begun)
        self.tally.answers.append((begun, taken, kind))
        if kind == "feed":
            self.tag = answer.headers.get("etag", self.tag)
        name = f"{answer.status_code} {method} {ID.sub('*', place.path)}"
        if answer.status_code in {404, 409, 422}:
            self.tally.refused[name] += 1
            return None
        if answer.status_code not in {200, 201, 304}:
            self.tally.faults[name] += 1
            return None
        return answer


def _posted(answer: httpx2.Response) -> list[Form]:
    return [one for one in forms_of(answer.text) if one.method.lower() == "post"]


def main() -> None:
    """Run, print a line each minute, and say whether it held."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--database", default="")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--think", type=float, default=10.0, help="mean seconds between two things")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = options.database or _own_database(stack)
        bases, processes = _site(stack, url, folder)
        database = Database(url, "")
        stack.callback(database.close)
        tally = Tally()
        with database.transaction() as session:
            users = [
                User(bases, cookie, role, number, options.think, tally)
                for number, (cookie, role) in enumerate(_signed_in(session, options.users))
            ]
        sys.exit(0 if _watch(tally, users, processes, 60 * options.minutes) else 1)


def _own_database(stack: contextlib.ExitStack) -> str:
    server = Postgres(fsync=True)
    stack.callback(server.remove)
    server.create("soak")
    return server.url("soak")


def _site(
    stack: contextlib.ExitStack, url: str, folder: Path
) -> tuple[list[str], dict[str, "subprocess.Popen[bytes]"]]:
    """Make the demonstration, and start web processes, workers and a mail server that keeps nothing."""
    mail = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    mail.start()
    stack.callback(mail.stop)
    ports = [free_port() for _ in range(WEBS)]
    environment = {
        **os.environ,
        "SAMKRETS_DATABASE": url,
        "SAMKRETS_DATA": str(folder),
        "SAMKRETS_SECRET": "soak" * 12,
        "SAMKRETS_BASE_URL": f"http://127.0.0.1:{ports[0]}",
        "SAMKRETS_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
    }
    api = [sys.executable, "-m", "api"]
    subprocess.run(
        [*api, "demo", "--once", "--database", url, "--data", str(folder)],
        check=True,
        env=environment,
    )
    wanted = {f"web {one + 1}": ["serve", "--port", str(port)] for one, port in enumerate(ports)}
    wanted |= {
        f"worker {one + 1}": ["worker", "--name", f"soak-{one + 1}"] for one in range(WORKERS)
    }
    processes = {}
    for name, words in wanted.items():
        log = stack.enter_context((folder / f"{name}.log").open("wb"))
        processes[name] = subprocess.Popen([*api, *words], env=environment, stderr=log, stdout=log)
        stack.callback(_stop, processes[name])
    bases = [f"http://127.0.0.1:{port}" for port in ports]
    for base in bases:
        _wait_for(base)
    return bases, processes


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_S)
    process.kill()
    process.wait()


def _wait_for(base: str) -> None:
    end = time.monotonic() + 10 * PATIENCE_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(f"{base}/healthz").status_code == 200:
                return
        time.sleep(0.2)
    sys.exit(f"{base} did not start")


def _signed_in(session: Session, count: int) -> Iterator[tuple[str, Role]]:
    """Yield a session's cookie and role for each user: one planner, else members; people may have two."""
    held = session.exec(
        select(Function).where(col(Function.holder_id).is_not(None)).order_by(Function.id)
    ).all()
    planners = [one for one in held if one.role is Role.PLANNER][:1]
    members = [one for one in held if one.role is Role.RC_MEMBER]
    for number in range(count):
        one = planners[0] if number == 0 else members[number % len(members)]
        yield open_session(session, str(one.holder_id), "soak", now()), one.role


def memory(pid: int) -> float:
    """Return what a process holds in memory, in MB (VmRSS of proc_pid_status(5))."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0.0


def _watch(
    tally: Tally,
    users: list[User],
    processes: dict[str, "subprocess.Popen[bytes]"],
    seconds: float,
) -> bool:
    held: dict[str, list[float]] = {name: [] for name in processes}
    for user in users:
        user.start()
    end, minute = tally.begun + seconds, tally.begun
    while (moment := time.monotonic()) < end:
        time.sleep(min(SAMPLE_S, max(0.1, end - moment)))
        for name, process in processes.items():
            if process.poll() is not None:
                tally.faults[f"{name} ended with {process.returncode}"] += 1
                return _told(tally, held)
            held[name].append(memory(process.pid))
        if time.monotonic() - minute >= MINUTE_S:
            _line(tally, minute, held)
            minute = time.monotonic()
    for user in users:
        user.over.set()
    for user in users:
        user.join(PATIENCE_S)
    return _told(tally, held)


def _line(tally: Tally, minute: float, held: dict[str, list[float]]) -> None:
    taken = tally.since(minute)
    at = round((time.monotonic() - tally.begun) / 60)
    rss = ", ".join(f"{name} {values[-1]:.0f}" for name, values in held.items())
    print(
        f"{at:3} min  {_figures(taken)}  failed {sum(tally.faults.values())}  MB: {rss}", flush=True
    )


def _figures(taken: list[float]) -> str:
    if len(taken) < 2:
        return f"{len(taken)} answers"
    cuts = statistics.quantiles(taken, n=100)
    return f"{len(taken)} answers, ms p50 {cuts[49]:.0f} p95 {cuts[94]:.0f} p99 {cuts[98]:.0f}"


def _told(tally: Tally, held: dict[str, list[float]]) -> bool:
    """Print the whole run; return whether nothing failed and no process grew."""
    print(f"all: {_figures([ms for _, ms, _ in tally.answers])}")
    for kind in sorted({kind for _, _, kind in tally.answers}):
        print(f"  {kind}: {_figures([ms for _, ms, one in tally.answers if one == kind])}")
    grew = False
    for name, values in held.items():
        third = max(1, len(values) // 3)
        before, last = (
            statistics.median(values[-2 * third : -third] or values),
            statistics.median(values[-third:]),
        )
        grew |= last > MOST_GROWTH * before
        print(f"  {name}: first {values[0]:.0f} MB, middle {before:.0f} MB, last {last:.0f} MB")
    print(f"refused, as somebody else was first or the page is not theirs: {dict(tally.refused)}")
    print(f"failed: {dict(tally.faults)}")
    return not tally.faults and not grew


if __name__ == "__main__":
    main()
