"""A worker process that knows the bench's jobs: python -m bench.jobs.worker DATABASE."""

import os
import sys

from api.kit.settings import Settings
from api.worker import until_told, work
from bench.jobs.kinds import KINDS

if __name__ == "__main__":
    work(Settings(database=sys.argv[1]), "bench", until_told(), kinds=KINDS)
    os._exit(0)
