"""A PostgreSQL server that the tests start for themselves, as Debian's own user when we are root."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from api.kit.db import new_id


def find_program(name: str) -> str | None:
    """Return PostgreSQL's program, which Debian keeps outside PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Truncated, as rows laid into the gaps of deleted ones come back in any order. Sequences begin anew.
_EMPTY = """
SET lock_timeout = '20s';
DO $$
DECLARE name text; is_filled boolean; filled text := '';
BEGIN
  FOR name IN SELECT oid::regclass FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_filled;
    IF is_filled THEN filled := filled || ', ' || name; END IF;
  END LOOP;
  IF filled <> '' THEN EXECUTE 'TRUNCATE ' || substr(filled, 3) || ' CASCADE'; END IF;
  FOR name IN SELECT oid::regclass FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
  LOOP
    PERFORM setval(name::regclass, 1, false);
  END LOOP;
END $$
"""
_SHAPE = """
SELECT n.nspname, c.relname, c.relkind::text, c.relchecks, c.relhastriggers, a.attname,
  a.atttypid::regtype::text, a.attnotnull
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2, a.attnum
"""


class Postgres:
    """One server on a free port of 127.0.0.1, with its data in a folder of its own."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="samkrets-pg-"))
        self.fsync = "on" if fsync else "off"
        self.user: dict[str, Any] = {}
        self.free: list[str] = []  # databases that were given back
        self.shapes: dict[str, Any] = {}
        self.templates: set[str] = set()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self.root, account.pw_uid, account.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        data = str(self.root / "data")
        encoding = ["-E", "UTF8", "--locale=C.UTF-8", "-N"]
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", *encoding)
        self.start()

    def start(self) -> None:
        """Start the server as a child of ours that ends when we do, however we end."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.root),
            "fsync": self.fsync,
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_program("postgres"), "-D", self.root / "data", "-p", str(self.port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - it calls the kernel alone
                **self.user,
            )
        while not self._answers():
            told = (self.root / "log").read_text(encoding="utf-8")
            assert self.process.poll() is None, f"PostgreSQL did not start: {told}"
            time.sleep(0.02)

    def stop(self, mode: str = "immediate") -> None:
        """Stop: at once as after a power cut, or `fast`, with everything written."""
        self.process.send_signal(signal.SIGQUIT if mode == "immediate" else signal.SIGINT)
        self.process.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> None:
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def is_new(self, template: str) -> bool:
        """Whether a template is still to be made; asked once, it counts as made."""
        is_new = template not in self.templates
        self.templates.add(template)
        return is_new

    def copy(self, template: str) -> str:
        name = _new_name()
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def borrow(self, template: str) -> str:
        """Return an empty copy of the template: one that was given back, or a new one.

        Making and dropping a database costs a third of a second, emptying the few tables that a
        test has filled a fiftieth.
        """
        return self.free.pop() if self.free else self.copy(template)

    def give_back(self, name: str, template: str) -> None:
        """Take a database back; one that cannot be made like the template again is dropped.

        It gets a new name: what is kept outside a database, as the heads of its log, is kept by name.
        """
        try:
            with self._open(name) as connection:
                connection.execute(_END_OTHERS)
                connection.execute(_EMPTY)
                is_like_new = self._shape(connection) == self._shape_of(template)
            if is_like_new:
                renamed = _new_name()
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                self._execute(rename.format(sql.Identifier(name), sql.Identifier(renamed)))
                self.free.append(renamed)
                return
        except psycopg.Error:
            pass  # somebody holds on to it
        self.drop(name)

    def _shape_of(self, template: str) -> Any:  # noqa: ANN401 - a row
        if template not in self.shapes:
            with self._open(template) as connection:
                self.shapes[template] = self._shape(connection)
        return self.shapes[template]

    def _shape(self, connection: psycopg.Connection[Any]) -> Any:  # noqa: ANN401 - a row
        return connection.execute(_SHAPE).fetchall()

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _open(self, name: str) -> psycopg.Connection[Any]:
        where = f"host=127.0.0.1 port={self.port} user=postgres dbname={name}"
        return psycopg.connect(where, autocommit=True)

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with self._open("postgres") as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [_program(program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd="/",
            **self.user,
        )


def _new_name() -> str:
    return f"t_{new_id().replace('-', '')}"


def _program(name: str) -> str:
    path = find_program(name)
    assert path is not None
    return path


def _end_with_parent() -> None:
    """On Linux a test run that is killed takes its server along."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG
