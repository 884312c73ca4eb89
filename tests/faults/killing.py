"""Kill an act at each of its steps, and say what the database holds afterwards.

Run as a process of its own (`python -m tests.faults.killing`), with a JSON document on standard input,
because it forks: each act is done by a child that has imported everything already and is ended by
SIGKILL. The child counts steps (SQL statements, commits, mails handed to the line, files renamed,
linked or removed, programs started) and kills itself at one of them, which depends on no clock; it is
also killed from outside at moments between beginning and end. One line of JSON for each kill goes to
standard output.
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import Engine, Enum, event, func, select, update
from sqlmodel import Session, SQLModel, col

import api.tables
from api import migrations
from api.app import create_app
from api.audit.service import verify
from api.kit.clock import now
from api.kit.db import Database, make_engine
from api.kit.mail import Line, Server
from api.kit.settings import Settings
from api.migrations.schema import columns
from api.operations import backup
from api.outbox.models import Mail
from api.outbox.sending import send_due
from api.outbox.service import LEASE
from tests.security.forms import forms_of
from tests.serving import free_port
from tests.web import Browser, browser

TABLES = api.tables
# What signing in, counting guesses and remembering a press leave, whatever comes of the act.
# Not of the act: who signed in, and what the search has to read anew, which any look at it uses up.
ASIDE = {"signed_in", "hit", "acted", "search_mark", "search_entry"}
KILLED, DONE = -signal.SIGKILL, 0


@dataclass(frozen=True)
class Order:
    """What is to be killed: an act of `ACTS` on copies of a database, so many times."""

    act: str
    template: str  # URL of the database that each try begins with
    work: str  # URL of the copy that is written to
    folder: str
    kills: int
    seed: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    copy: str = ""  # a backup


@dataclass(frozen=True)
class Kill:
    """What came of one kill. `state` is what was found at once, `then` after doing the act once more."""

    at: str
    is_dead: bool
    state: str  # "before", "after" or what differs
    then: str
    log: str
    received: dict[str, int] = field(default_factory=dict)  # Message-ID -> how often


@dataclass(frozen=True)
class Pressing:
    """A form that somebody presses: whose, on which page, which of its forms, and what is typed."""

    page: str
    action: str
    who: str = "planner"
    typed: dict[str, str] = field(default_factory=dict)


PRESSED = {
    "publish networks": Pressing("/planera/natverk/{r0}/publicera", "/publicera"),
    "publish programme": Pressing("/planera/program/{h0}/publicera", "/publicera"),
    "book the year": Pressing("/planera/aret/{y4}", "/boka"),
    "answer": Pressing("/svar/{token}", "/svar/{token}", "", {"partstat": "ACCEPTED"}),
    "hand over": Pressing(
        "/funktioner/{f0}/lamna-over",
        "/lamna-over",
        typed={"holder_name": "Exempel Ny", "holder_email": "exempel.ny@example.org"},
    ),
    "move a meeting": Pressing("/traffar/{m3}/tid?day=2027-04-14&starts=10:00&ends=11:00", "/tid"),
}


class Steps:
    """Counts an act's steps in the child, and ends the process at the chosen one."""

    def __init__(self, last: int | None) -> None:
        self.last, self.count = last, 0

    def take(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - SQLAlchemy's and sys' own arguments
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        event.listen(Engine, "before_cursor_execute", self.take)
        event.listen(Engine, "commit", self.take)
        event.listen(Session, "after_commit", self.take)
        sys.addaudithook(self._hear)
        deliver = Line.deliver

        def delivering(line: Line, *words: Any) -> Any:  # noqa: ANN401 - as `Line.deliver`
            self.take()
            found = deliver(line, *words)
            self.take()
            return found

        Line.deliver = delivering  # type: ignore[method-assign, assignment] # in the child alone

    def _hear(self, name: str, _: object) -> None:
        if name in {"os.rename", "os.link", "os.remove", "shutil.copyfile", "subprocess.Popen"}:
            self.take()


class Post:
    """A mail server's memory: how often each Message-ID came."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd's
        found = re.search(rb"(?im)^Message-ID:\s*(\S+)", envelope.original_content)
        assert found
        self.received[found[1].decode()] += 1
        return "250 OK"


def _open(order: Order) -> tuple[FastAPI, Browser, str]:
    """Return the service over the database, whoever presses, and the page that the form stands on."""
    wanted = PRESSED[order.act]
    app = create_app(Settings(database=order.work, base_url="http://testserver"))
    web = browser(app, order.ids[wanted.who] if wanted.who else None)
    page = web.get(wanted.page.format(**order.ids))
    assert page.status_code == 200, page.text
    return app, web, page.text


def warm(order: Order) -> None:
    """Have the children inherit what putting the service together and drawing the page costs (seconds)."""
    if order.act in PRESSED:
        _open(order)[0].state.database.close()


def press(order: Order, steps: Steps) -> None:
    """Press the act's form, as it stands on its page."""
    wanted = PRESSED[order.act]
    app, web, page = _open(order)
    end = wanted.action.format(**order.ids)
    forms = [
        one
        for one in forms_of(page)
        if one.method == "post" and one.action.split("?")[0].endswith(end)
    ]
    assert forms, (end, [one.action for one in forms_of(page)])
    steps.arm()
    answer = web.post(forms[-1].action, data={**forms[-1].fields, **wanted.typed})
    assert answer.status_code in {200, 303}, answer.text
    app.state.database.close()


def send(order: Order, steps: Steps) -> None:
    """Send what waits, as the worker does; a dead worker's lease is over at once."""
    database = Database(order.work, "")
    with database.transaction() as session:
        session.execute(
            update(Mail)
            .values(claimed_at=now() - 2 * LEASE)
            .where(col(Mail.claimed_at).is_not(None))
        )
    steps.arm()
    send_due(database, Server(order.ids["smtp"]), "exempel@example.org", now)
    database.close()


def restore(order: Order, steps: Steps) -> None:
    steps.arm()
    backup.restore(Path(order.copy), order.work)


def migrate(order: Order, steps: Steps) -> None:
    steps.arm()
    migrations.upgrade(order.work)


ACTS: dict[str, Callable[[Order, Steps], None]] = {
    **dict.fromkeys(PRESSED, press),
    "send": send,
    "restore": restore,
    "migrate": migrate,
}


def anew(order: Order) -> None:
    """Put the database back to what it was; nothing for the act that fills an empty one."""
    if order.work.startswith("sqlite"):
        file = Path(order.work.removeprefix("sqlite:///"))
        for old in file.parent.glob(f"*{file.name}*"):
            old.unlink()
        if order.template:
            shutil.copyfile(order.template.removeprefix("sqlite:///"), file)
        return
    with _server(order.work) as connection:
        name = order.work.rpartition("/")[2]
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        like = order.template.rpartition("/")[2] or "template0"
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(like)
            )
        )


@contextlib.contextmanager
def _server(url: str) -> Iterator[Any]:
    plain = url.replace("postgresql+psycopg", "postgresql").rpartition("/")[0]
    with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
        yield connection


def settle(order: Order) -> None:
    """Wait until the killed process' programs and the server's own processes for it are gone."""
    if order.work.startswith("sqlite"):
        return
    name = order.work.rpartition("/")[2]
    with _server(order.work) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        while connection.execute(query, [name]).fetchone()[0]:
            time.sleep(0.01)


def look(url: str) -> dict[str, str]:
    """Return what each table holds: rows, versions added up, and how many rows stand in each state."""
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return {}
    engine = make_engine(url)
    found: dict[str, str] = {}
    try:
        with engine.connect() as connection:
            there = columns(connection)
            for table in SQLModel.metadata.sorted_tables:
                if table.name not in there or table.name in ASIDE:
                    continue
                known = there[table.name]
                rows = select(func.count()).select_from(table)
                if table.name == "audit_entry":  # signing in is not part of the act
                    rows = rows.where(table.c.action != "signed_in")
                said = [str(connection.execute(rows).scalar())]
                for column in table.columns:
                    if column.name not in known:
                        continue
                    if column.name == "version":
                        said.append(str(connection.execute(select(func.sum(column))).scalar()))
                    elif isinstance(column.type, Enum):
                        states = connection.execute(
                            select(column, func.count()).group_by(column).order_by(column)
                        )
                        said.append(" ".join(f"{state}:{times}" for state, times in states))
                found[table.name] = " ".join(said)
    finally:
        engine.dispose()
    return found


def log_fault(url: str) -> str:
    """Return what is wrong with the log."""
    if not look(url):
        return ""
    database = Database(url, "")
    try:
        with database.reading() as session:
            return verify(session, url).fault
    finally:
        database.close()


def difference(one: dict[str, str], other: dict[str, str]) -> str:
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return "; ".join(f"{name}: {one.get(name)} | {other.get(name)}" for name in names)


def child(order: Order, last: int | None, told: int | None = None) -> int:
    """Do the act in a child that dies at a step; return its process number. `told` hears how many steps there are."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        steps = Steps(last)
        ACTS[order.act](order, steps)
        if told is not None:
            os.write(told, str(steps.count).encode())
        status = 0
    except BaseException:  # noqa: BLE001 - a child ends here whatever happens
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(pid: int) -> int:
    """Wait for a child; return its exit code, negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def whole(order: Order) -> tuple[int, float]:
    """Do the act once undisturbed; return how many steps and seconds it takes."""
    hears, tells = os.pipe()
    begun = time.monotonic()
    code = ended(child(order, None, tells))
    took = time.monotonic() - begun
    os.close(tells)
    with os.fdopen(hears) as heard:
        steps = heard.read()
    assert code == DONE, f"{order.act} fails by itself: {code}"
    return int(steps), took


def finish(order: Order, state: str) -> int:
    """Do what is done after a crash: the act once more, unless it was done."""
    return DONE if state == "after" and order.act != "send" else ended(child(order, None))


def run(order: Order, post: Post) -> Iterator[Kill]:
    """Kill the act at steps spread over all of it, then at moments from outside."""
    chance = random.Random(order.seed)
    anew(order)
    warm(order)
    anew(order)
    before = look(order.work)
    steps, seconds = whole(order)
    after = look(order.work)
    assert before != after, f"{order.act} changes nothing that is looked at"
    at_steps = order.kills * 4 // 5
    chosen = sorted({1 + round(n * (steps - 1) / max(1, at_steps - 1)) for n in range(at_steps)})
    moments = [chance.uniform(0, seconds) for _ in range(order.kills - len(chosen))]
    for last, moment in [*((step, 0.0) for step in chosen), *((None, one) for one in moments)]:
        anew(order)
        post.received.clear()
        pid = child(order, last)
        if last is None:
            time.sleep(moment)
            os.kill(pid, signal.SIGKILL)
        code = ended(pid)
        settle(order)
        found = look(order.work)
        state = "before" if found == before else "after" if found == after else "half"
        if order.act == "send":
            state = "sent in part"  # each mail is an act of its own
        elif state == "half":
            state = f"half: {difference(after, found)}"
        again = finish(order, state)
        fault = log_fault(order.work)
        then = difference(after, look(order.work)) or "after"
        if again != DONE:
            then = f"fails: {again}"
        at = f"step {last} of {steps}" if last else f"{moment:.3f} s of {seconds:.3f}"
        yield Kill(at, code == KILLED, state, then, fault, dict(post.received))


def main() -> None:
    order = Order(**json.load(sys.stdin))
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port())
    controller.start()
    order.ids["smtp"] = f"smtp://127.0.0.1:{controller.port}"
    for kill in run(order, post):
        print(json.dumps(asdict(kill)), flush=True)  # noqa: T201 - the parent reads it
    controller.stop()


if __name__ == "__main__":
    main()
