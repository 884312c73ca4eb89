"""Seconds from pressing Stop to the page's answer, to the job's end, and to a free processor.

python -m bench.jobs [--runs 5] [--database URL]: a real worker process and a real web process.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import uvicorn

from api.accounts import directory
from api.accounts.models import BodyKind, FunctionKind, Role
from api.accounts.service import open_session
from api.app import create_app
from api.jobs import service
from api.jobs.models import ENDS
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.migrations import upgrade
from bench.jobs.kinds import KINDS

ANSWER_S, FREE_S = 2.0, 5.0  # what issue and documentation promise
PATIENCE_S = 60.0
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')

Row = tuple[str, float, float, float]


def main() -> None:
    """Print a row for each run, and whether the promises were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--database", default="", help="an empty database; default: a SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/bench.db"
        upgrade(url)
        rows = list(_measure(url, options.runs))
    print(f"{'job':<10} {'answer s':>9} {'ended s':>9} {'free s':>9}")
    for kind, answered, ended, free in rows:
        print(f"{kind:<10} {answered:>9.2f} {ended:>9.2f} {free:>9.2f}")
    is_kept = all(answered <= ANSWER_S and free <= FREE_S for _, answered, _, free in rows)
    print(f"answer in <= {ANSWER_S:.0f} s, processor free in <= {FREE_S:.0f} s: {is_kept}")
    sys.exit(0 if is_kept else 1)


def _measure(url: str, runs: int) -> Iterator[Row]:
    with _site(url) as (database, web), _worker(url) as worker:
        for kind in [kind for kind in KINDS for _ in range(runs)]:
            yield _stop_one(database, web, worker, kind)


def _stop_one(
    database: Database, web: httpx2.Client, worker: "subprocess.Popen[bytes]", kind: str
) -> Row:
    with database.transaction() as session:
        job_id = service.submit(session, kind, {}, f"{kind}{time.monotonic_ns()}").id
    _wait(lambda: _state(database, job_id)[1])
    page = f"/jobb/{job_id}"
    token = TOKEN.findall(web.get(page).text)[-1]
    begun = time.monotonic()
    answer = web.post(f"{page}/stoppa", data={"form_token": token})
    answered = time.monotonic() - begun
    answer.raise_for_status()
    _wait(lambda: not _children_of(worker.pid))
    free = time.monotonic() - begun
    _wait(lambda: _state(database, job_id)[0])
    return kind, answered, time.monotonic() - begun, free


def _state(database: Database, job_id: str) -> tuple[bool, bool]:
    """Return whether a job has ended, and whether it has found something."""
    with database.reading() as session:
        job = service.follow(session, job_id)
        return job.state in ENDS, job.best is not None


@contextmanager
def _site(url: str) -> Iterator[tuple[Database, httpx2.Client]]:
    app = create_app(Settings(database=url, base_url="http://127.0.0.1"))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    database: Database = app.state.database
    with database.transaction() as session:
        body = directory.create_body(session, BodyKind.NCH, "Exempel")
        person = directory.create_person(session, "Exempel", "exempel@example.org")
        directory.create_function(
            session, body, FunctionKind.PLANNER, "Exempel", Role.PLANNER, holder=person
        )
        cookie = open_session(session, person.id, "bench", now())
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", cookies={"samkrets": cookie}, follow_redirects=True
        ) as web:
            yield database, web
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _worker(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.jobs.worker", url], stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [*map(int, listed), *(int(c) for t in threads for c in t.read_text().split())]


def _wait(condition: Callable[[], object]) -> None:
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > PATIENCE_S:
            raise TimeoutError
        time.sleep(0.01)


if __name__ == "__main__":
    main()
