"""Peak memory of a command with all the processes that it starts."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

# Seconds between two looks.
_LOOK = 0.25


def watched(command: Sequence[str]) -> float:
    """Run a command; return the most megabytes that it and its workers held at any look.

    Pages that processes share are counted once (Pss, Linux); elsewhere the figure is 0.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    peak = 0
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while True:
            peak = max(peak, sum(_kilobytes(pid) for pid in _tree(process.pid)))
            try:
                code = process.wait(_LOOK)
            except subprocess.TimeoutExpired:
                continue
            if code:
                raise subprocess.CalledProcessError(code, command)
            return peak / 1024


def _tree(pid: int) -> list[int]:
    """List a process and its descendants."""
    found = [pid]
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [each for child in file.read_text().split() for each in _tree(int(child))]
        except OSError:
            continue  # the thread has ended
    return found


def _kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # the process has ended
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
