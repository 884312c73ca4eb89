"""`samkrets worker` and `samkrets recover`: take queued jobs; take over from a worker that is gone."""

import os
import socket
import sys
import threading

import typer

from api.commands.running.opening import insist, insist_unless_away
from api.kit.logs import configure
from api.kit.settings import Settings


def worker(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    name: str = typer.Option(
        "", help="This worker's name, the same after each restart; default: the host's name."
    ),
    slots: int = typer.Option(1, min=1, help="Jobs at the same time."),
    with_parent: bool = typer.Option(
        False, hidden=True, help="End when standard input is closed; for `serve`."
    ),
) -> None:
    """Take jobs until stopped; several workers share one queue, each with a name of its own."""
    from api import worker as work  # noqa: PLC0415 - the job engine takes a second to import

    settings = Settings()
    if database:
        settings = settings.model_copy(update={"database": database})
    configure(as_json=settings.log_json)
    insist_unless_away(settings.database)
    told = work.until_told()
    if with_parent:
        threading.Thread(target=_watch_parent, args=(told,), daemon=True).start()
    work.work(settings, name or socket.gethostname(), told, slots=slots)
    sys.stderr.flush()
    os._exit(0)  # children end with us; what was begun is resumed at the next start


def recover(
    name: str = typer.Argument(help="Name of the worker that never comes back."),
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Give the jobs that a lost worker had begun to the other workers."""
    from api.jobs import engine  # noqa: PLC0415 - the job engine takes a second to import

    url = database or Settings().database
    insist(url)
    count = engine.recover(url, name)
    typer.echo(f"{count} jobs of {name} are queued again.", err=True)


def _watch_parent(told: threading.Event) -> None:
    sys.stdin.buffer.read()
    told.set()
