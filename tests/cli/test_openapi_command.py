"""`samkrets openapi` prints what the service describes at /openapi.json."""

import json

from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app as command


def test_the_command_prints_what_the_service_serves(app: FastAPI) -> None:
    served = TestClient(app).get("/openapi.json").json()
    done = CliRunner().invoke(command, ["openapi"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == served
