"""`python -m bench slow`: the same commands at full speed and slowed to a tenth; their answers must be the same.

A slowed process is stopped nine tenths of the time, as on a machine that nine others use. One worker, a seed,
and a time limit that neither reaches.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

from bench.groups.instances import random_points
from bench.groups.register import random_rules, register
from matcher.groups.files.codec import write_problem

# Of each turn so many seconds run, and so many stand still.
RUNS, STANDS = 0.02, 0.18
LIMIT = "900"


def cases(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Write the problems; name each and the words of its command."""
    problems = {"register, three layers": register(), "random rules, 40": random_rules(40, 0)}
    for number, (name, problem) in enumerate(problems.items()):
        file = folder / f"{number}.json"
        file.write_text(json.dumps(write_problem(problem)), encoding="utf-8")
        yield name, [str(file)]
    for instance in random_points(0, duplicated=True)[12:15]:
        file = folder / f"{instance.name.replace(' ', '-')}.csv"
        instance.write(file)
        words = ["--metric", "sqeuclidean", "--cost", instance.cost]
        yield instance.name, [str(file), *words, "--sizes", "2-4"]


def answer(words: list[str], *, is_slowed: bool) -> tuple[dict[str, object], float]:
    """Run `samkrets match`; return its answer without the seconds, and the seconds."""
    command = [sys.executable, "-m", "api", "match", *words, "--seed", "7", "--workers", "1"]
    start = perf_counter()
    with subprocess.Popen(
        [*command, "--time-limit", LIMIT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        while is_slowed and process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            sleep(STANDS)
            process.send_signal(signal.SIGCONT)
            sleep(RUNS)
        out, _ = process.communicate()
    told: dict[str, object] = json.loads(out)
    told.pop("seconds")
    return told, perf_counter() - start


def main() -> int:
    """Print a line for each case; return 1 where two answers differ."""
    code = 0
    with tempfile.TemporaryDirectory() as name:
        for case, words in cases(Path(name)):
            (one, quick), (other, slow) = (answer(words, is_slowed=it) for it in (False, True))
            says = "the same" if one == other else "DIFFERS"
            code |= one != other
            print(
                f"{case:28} {one['status']!s:9} {says}: {quick:.1f} s and {slow:.1f} s", flush=True
            )
    return code
