"""`samkrets serve`: the web service in this process; on an embedded database also a worker beside it."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import typer
import uvicorn

from api.app import create_app
from api.commands.files import BAD_INPUT
from api.commands.running.listening import TimedProtocol
from api.commands.running.migrate import bring_up
from api.commands.running.opening import insist_unless_away, refuse
from api.kit.logs import configure
from api.kit.settings import Settings
from api.operations.service import demo_fault

RESTART_PAUSE_S = 2.0
STOP_S = 10.0
# A proxy must give an idle connection up before we do, else it sends a request into one that we just
# closed: `deploy/` has proxies keep theirs for 60 s.
KEEP_ALIVE_S = 75
GRACE_S = 5  # a request that has not ended by then is cut off, whatever its client does


def serve(
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    port: int = typer.Option(8000, help="Port to listen on."),
) -> None:
    """Serve pages, API and feeds; an embedded database is made or upgraded first."""
    settings = Settings()
    if database:
        settings = settings.model_copy(update={"database": database})
    if settings.database.startswith("sqlite"):
        bring_up(settings.database)
    else:
        insist_unless_away(settings.database)
    run(settings, host, port)


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; no access log, since feed addresses are secrets.

    With SQLite nobody else takes the jobs, so a worker process runs beside the web service.
    """
    app = create_app(settings)
    if settings.is_demo:
        fault = demo_fault(app.state.database)
        if fault:
            refuse(fault, BAD_INPUT)
    configure(as_json=settings.log_json)
    beside: AbstractContextManager[None] = nullcontext()
    if settings.database.startswith("sqlite"):
        beside = worker_beside(settings)
    settle()
    with beside:
        uvicorn.run(
            app,
            host=host,
            port=port,
            access_log=False,
            server_header=False,
            log_config=None,
            forwarded_allow_ips=settings.proxies,
            http=TimedProtocol,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )


def settle() -> None:
    """Leave what is loaded by now to itself: it lives as long as we do, and looking through it takes 0.4 s a time."""
    gc.collect()
    gc.freeze()


@contextmanager
def worker_beside(settings: Settings) -> Iterator[None]:
    """Keep a worker process running during the block; it ends with us, however we end."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(settings, over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(STOP_S)


def _keep_worker(settings: Settings, over: threading.Event) -> None:
    command = [sys.executable, "-m", "api", "worker"]
    # Both write links into the same calendars and mails; the list of processes shows no URL.
    environment = {
        **os.environ,
        "SAMKRETS_DATABASE": settings.database,
        "SAMKRETS_BASE_URL": settings.base_url,
        "SAMKRETS_DATA": str(settings.data),
        "SAMKRETS_IS_DEMO": str(settings.is_demo),
    }
    while not over.is_set():
        with subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--name", "beside-serve", "--with-parent"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as worker:
            while worker.poll() is None and not over.wait(0.5):
                pass
            # Leaving the block closes its standard input, which ends it, and waits for it.
        over.wait(RESTART_PAUSE_S)
