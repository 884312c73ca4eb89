"""The child process that runs one handler: `python -m api.jobs.child`, spoken to in lines of JSON.

In: first the task, with its problem's own octets after it, then `stop` when the work should end. Out: `progress`, `best`, and last `result`
or `error`. When its parent dies the pipe closes and the child ends at once, so that no work goes on
that nobody waits for.
"""

import json
import os
import resource
import sys
import threading
import traceback
from dataclasses import asdict
from typing import TextIO

from api.jobs.handlers import JobProgress, Json, find

PARENT_GONE = 70


def main() -> None:
    """Read the task, run it, write its result."""
    lines = _Lines()
    task = json.loads(sys.stdin.buffer.readline())
    payload = task["payload"]
    if task["problem_octets"]:
        payload["problem"] = sys.stdin.buffer.read(task["problem_octets"]).decode()
    limit = int(task["memory_limit_mb"]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()

    def report(progress: JobProgress, best: Json | None = None) -> None:
        lines.write({"progress": asdict(progress), "best": best})

    try:
        lines.write({"result": find(task["handler"])(payload, report, stop.is_set)})
    except MemoryError:
        lines.write({"error": "memory"})
    except Exception:  # noqa: BLE001 - the child's root: the worker logs and records what is written here
        lines.write({"error": "failed", "traceback": traceback.format_exc()})
    lines.close()
    os._exit(0)  # solver threads that still run end here


class _Lines:
    """Standard output kept for the protocol: what a library prints goes to standard error."""

    def __init__(self) -> None:
        self.out: TextIO = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self.lock = threading.Lock()

    def write(self, message: dict[str, object]) -> None:
        """Write one line whole; solver threads may report at once."""
        with self.lock:
            self.out.write(json.dumps(message) + "\n")
            self.out.flush()

    def close(self) -> None:
        """Hand the last line over."""
        self.out.close()


def _listen(stop: threading.Event) -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            stop.set()
    os._exit(PARENT_GONE)


if __name__ == "__main__":
    main()
