"""A real worker process that knows the tests' kinds: python worker_of_tests.py DATABASE NAME."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from api.kit.settings import Settings
from api.worker import until_told, work
from tests.api.jobs.kinds import KINDS

if __name__ == "__main__":
    work(Settings(database=sys.argv[1]), sys.argv[2], until_told(), kinds=KINDS)
    os._exit(0)
