"""`samkrets serve`: the web service in this process."""

import typer
import uvicorn

from api.app import create_app
from api.migrations import upgrade
from api.settings import Settings


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
        upgrade(settings.database)
    run(settings, host, port)


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; no access log, since feed addresses are secrets."""
    uvicorn.run(create_app(settings), host=host, port=port, access_log=False, server_header=False)
