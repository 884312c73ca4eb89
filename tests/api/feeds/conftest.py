"""The programs of the calendar clients that the long suite reads with."""

from pathlib import Path

import pytest

import do


@pytest.fixture(scope="session")
def khal_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vdirsyncer and khal, installed from their own lock, apart from ours."""
    folder = tmp_path_factory.mktemp("readers")
    do.make_environment(folder)
    do.fill(folder, ("readers",))
    return folder / "bin"
