"""`python -m bench all [--data DIR] [--out FILE]` writes one dated page of every solver's tables; `bench quick` and `bench slow` alone are gates."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from api.kit.clock import now
from bench import quick, slow

# What is run, under its heading, beginning with the shortest; `{data}`: the folder of public files.
MEASUREMENTS: tuple[tuple[str, str], ...] = (
    ("Quality that no load changes", "bench quick"),
    ("The same answer at a tenth of the speed", "bench slow"),
    ("The register's layers, fairness, random rules", "bench.groups.register"),
    ("290 members in three layers, 60 s", "bench.groups municipalities"),
    ("Random points", "bench.groups random"),
    ("Public tables", "bench.groups tarragona census --data {data}"),
    ("Skewed and uneven tables, beside peers", "bench.groups skewed uneven wider"),
    ("Thousands of members, beside peers", "bench.groups large 5000 growth"),
    ("1, 2 and 4 workers, processes and a cluster", "bench.groups workers"),
    ("Programmes, beside peers", "bench.programme"),
    ("CoSPLib's instances, 60 s each", "bench.cosplib --all {data}/cosplib"),
    ("A year of meetings", "bench.dates year"),
    ("Places and journeys", "bench.dates places"),
    ("Places in turn", "bench.dates rotation"),
)


def machine() -> str:
    """Say what the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "ortools"))
    return f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}, {packages}"


def page(measurements: list[tuple[str, str]], data: Path | None) -> Iterator[str]:
    """Run each measurement and yield the page, a part at a time as it is known."""
    yield f"# Measured on {now():%Y-%m-%d}\n\n{machine()}.\n"
    for heading, words in measurements:
        command = words.format(data=data)
        yield f"\n## {heading}\n\n    python -m {command}\n\n"
        if data is None and "{data}" in words:
            yield "Left out: no folder of public files was given (`--data`).\n"
            continue
        load, start = os.getloadavg()[0], perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", *command.split()], capture_output=True, text=True, check=False
        )
        told = done.stdout.rstrip() or "(nothing was printed)"
        yield f"```\n{told}\n```\n\nLoad before {load:.1f}; {perf_counter() - start:.0f} s.\n"
        # A peer that is not there is told on standard error, between lines of progress.
        lacking = [line for line in done.stderr.splitlines() if "not installed" in line]
        yield "".join(f"\n{line}\n" for line in dict.fromkeys(lacking))
        if done.returncode:
            yield f"It ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}\n"


def main() -> int:
    """Read the arguments and do as told."""
    gates = {"quick": quick.main, "slow": slow.main}
    if gate := gates.get(next(iter(sys.argv[1:]), "")):
        del sys.argv[1]
        return gate()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", choices=["all", *gates])
    parser.add_argument("--data", type=Path, help="folder of tarragona.csv and census.csv")
    parser.add_argument("--only", default="", help="measurements whose command has this word")
    parser.add_argument("--out", type=Path, help="the page; default: standard output")
    given = parser.parse_args()
    chosen = [one for one in MEASUREMENTS if given.only in one[1]]
    if given.out is not None:
        given.out.write_text("", encoding="utf-8")
    for part in page(chosen, given.data):
        if given.out is None:
            print(part, end="", flush=True)
        else:
            with given.out.open("a", encoding="utf-8") as stream:
                stream.write(part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
