"""`python -m bench.cosplib WORKBOOK.xlsx --time-limit 60 --out SOLUTION.xlsx`, or `--all FOLDER` for all that are there."""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.cosplib.evaluate import terms
from bench.cosplib.planted import PLANTED, planted
from bench.cosplib.solve import solve
from bench.cosplib.workbook import read_instance, write_schedule
from matcher.proof import Budget

BAD_INPUT, NO_SOLUTION = 2, 4


def main() -> int:
    """Solve one workbook and write the schedule in the library's own format."""
    parser = argparse.ArgumentParser(prog="python -m bench.cosplib", description=__doc__)
    parser.add_argument("workbook", type=Path, nargs="?")
    parser.add_argument(
        "--all", type=Path, help="a folder: each of its workbooks, in a process of its own"
    )
    parser.add_argument(
        "--planted", nargs="*", choices=PLANTED, help="instances whose best value, 0, is known"
    )
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds, reading included")
    parser.add_argument("--out", type=Path, help="the solution workbook")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.all is not None:
        return _all(
            options.all, ["--time-limit", str(options.time_limit), "--seed", str(options.seed)]
        )
    budget = Budget(options.time_limit, options.workers, options.seed)
    if options.planted is not None:
        return _planted(options.planted or list(PLANTED), budget)
    if options.workbook is None or options.out is None:
        parser.error("expected WORKBOOK.xlsx --out SOLUTION.xlsx, --all FOLDER, or --planted")
    began = time.perf_counter()
    instance = read_instance(options.workbook)
    reading = time.perf_counter() - began
    # Writing takes a second at most; it belongs to the time allowed, like the reading.
    budget = replace(budget, seconds=max(budget.seconds - reading - 1.0, 1.0))
    search = solve(instance, budget, lambda line: print(line, file=sys.stderr))
    if search.best is None:
        print(f"{options.workbook}: no schedule within {options.time_limit:g} s", file=sys.stderr)
        return NO_SOLUTION
    write_schedule(options.out, instance, search.best)
    seconds = time.perf_counter() - began
    print(f"{options.workbook.stem}: {search.value} in {seconds:.1f} s")
    for name, count in terms(instance, search.best).items():
        if count and getattr(instance.weights, name):
            print(f"  {name}: {count} x {getattr(instance.weights, name)}")
    return 0


def _planted(names: list[str], budget: Budget) -> int:
    """Solve instances built around a schedule that costs nothing; print what is left of the start's cost."""
    for name in names:
        instance, _ = planted(name)
        lines: list[str] = []
        began = time.perf_counter()
        search = solve(instance, budget, lines.append)
        seconds = time.perf_counter() - began
        first = lines[0].split()[2] if lines else "none"
        print(
            f"{name}: {len(instance.submissions)} talks, start {first}, {search.value} (best 0)"
            f" in {seconds:.1f} s",
            flush=True,
        )
    return 0


def _all(folder: Path, words: list[str]) -> int:
    """Solve each workbook of a folder as the command does, the solutions thrown away; return the worst exit code."""
    worst, workbooks = 0, sorted(folder.glob("*.xlsx"))
    if not workbooks:
        print(f"{folder}: no workbooks", file=sys.stderr)
        return BAD_INPUT
    with tempfile.TemporaryDirectory() as name:
        for workbook in workbooks:
            command = [sys.executable, "-m", "bench.cosplib", str(workbook), *words]
            done = subprocess.run([*command, "--out", f"{name}/solution.xlsx"], check=False)
            worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
