"""`python -m bench.cosplib WORKBOOK.xlsx --time-limit 60 --out SOLUTION.xlsx`."""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.cosplib.evaluate import terms
from bench.cosplib.solve import solve
from bench.cosplib.workbook import read_instance, write_schedule
from matcher.proof import Budget

NO_SOLUTION = 4


def main() -> int:
    """Solve one workbook and write the schedule in the library's own format."""
    parser = argparse.ArgumentParser(prog="python -m bench.cosplib", description=__doc__)
    parser.add_argument("workbook", type=Path)
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds, reading included")
    parser.add_argument("--out", type=Path, required=True, help="the solution workbook")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.perf_counter()
    budget = Budget(options.time_limit, options.workers, options.seed)
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


if __name__ == "__main__":
    sys.exit(main())
