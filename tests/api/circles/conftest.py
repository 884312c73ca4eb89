"""The service as it is run: what tells others waits."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.kit.settings import Settings


@pytest.fixture
def held(settings: Settings) -> Iterator[FastAPI]:
    """The service as it is run: what tells others waits."""
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    yield made
    made.state.database.close()
