"""Addresses for the machines that watch the service."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.kit.db import Database
from api.kit.errors import MissingError
from api.operations.metrics import Metrics
from api.operations.service import readiness

pages = APIRouter()


def health(_request: Request) -> Response:
    """Say that this process lives; looks at nothing else."""
    return JSONResponse({"status": "ok"})


def ready(request: Request) -> Response:
    """Say whether requests can be answered: 200, or 503 with what is wrong."""
    database: Database = request.app.state.database
    found = readiness(database, request.app.state.settings)
    proxies = request.app.state.unbelieved.fault or "ok"
    return JSONResponse(
        {**asdict(found), "proxies": proxies}, status_code=200 if found.is_ready else 503
    )


@pages.get("/metrics")
def metrics(request: Request) -> Response:
    """Give Prometheus its figures, where the setting is on."""
    if not request.app.state.settings.metrics:
        raise MissingError
    figures: Metrics = request.app.state.metrics
    text = figures.text(request.app.state.database, request.app.state.settings)
    return Response(text, media_type="text/plain; version=0.0.4")


PROBES = {"/healthz": health, "/readyz": ready}
