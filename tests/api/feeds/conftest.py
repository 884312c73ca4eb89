"""The programs of the calendar clients that the long suite reads with."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

LOCK = Path(__file__).parents[3] / "requirements" / "readers.lock"


@pytest.fixture(scope="session")
def khal_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vdirsyncer and khal, found on PATH or else installed from their own lock, apart from ours."""
    found = shutil.which("khal"), shutil.which("vdirsyncer")
    if found[0] and found[1] and Path(found[0]).parent == Path(found[1]).parent:
        return Path(found[0]).parent
    folder = tmp_path_factory.mktemp("readers")
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin" / "pip", "install", "-q", "--require-hashes", "-r", LOCK],
        check=True,
        stdout=sys.stderr,
    )
    return folder / "bin"
