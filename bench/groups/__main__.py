"""Run the grouping bench: `python -m bench.groups [random|tarragona|census|skewed|uneven|wider|large|5000|...] --data DIR`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from api.proposals.networks.building import Choice
from bench.groups.growth import growth
from bench.groups.instances import (
    Instance,
    clustered,
    five_thousand,
    random_points,
    skewed,
    table,
    uneven,
    wider,
)
from bench.groups.memory import watched
from bench.groups.peers import PEERS, sse
from bench.groups.register import register as problem_of_register
from bench.groups.workers import passes, workers
from matcher.groups.files.codec import write_problem

# Beyond so many members Ward's table and k-means-constrained's flow take longer than ours may.
PEER_LIMIT = {"MDAV": 100_000, "Ward + repair": 5_000, "k-means-constrained": 1_500}
OURS = [sys.executable, "-m", "api", "match"]


def ours(instance: Instance, folder: Path, seed: int) -> dict[str, float | str]:
    """Run the command as a whole process; return its figures, wall seconds and peak megabytes."""
    members, answer = folder / "members.csv", folder / "answer.json"
    instance.write(members)
    command = [*OURS, str(members), "--metric", "sqeuclidean", "--cost", instance.cost]
    command += ["--sizes", f"{instance.smallest}-{instance.largest}", "--seed", str(seed)]
    command += ["--time-limit", str(instance.seconds), "--out", str(answer)]
    if instance.standardise:
        command.append("--standardise")
    start = perf_counter()
    peak = watched(command)
    wall = perf_counter() - start
    result = json.loads(answer.read_text(encoding="utf-8"))
    return {
        "status": result["status"],
        "objective": result["objective"],
        "lower_bound": result["lower_bound"],
        "gap": result["gap"],
        "wall": wall,
        "peak": peak,
    }


def report(instance: Instance, folder: Path, seed: int, *, with_peers: bool) -> None:
    """Print one line for us and one per peer."""
    figures = ours(instance, folder, seed)
    objective = float(figures["objective"])
    # The plain share of the total sum of squares is the field's measure for `sse`.
    values = instance.values
    whole = float(((values - values.mean(axis=0)) ** 2).sum())
    share = 100.0 / whole if instance.cost == "sse" else 1.0
    print(
        f"{instance.name:34} samkrets            {objective * share:12.5f} "
        f"bound {float(figures['lower_bound']) * share:12.5f} gap {float(figures['gap']):8.3%} "
        f"{figures['status']:8} {float(figures['wall']):7.1f} s {float(figures['peak']):6.0f} MB",
        flush=True,
    )
    if not with_peers or instance.cost != "sse":
        return
    for name, peer in PEERS.items():
        if len(values) > PEER_LIMIT[name]:
            continue
        start = perf_counter()
        groups = peer(instance)
        if groups is None:
            print(f"{instance.name:34} {name:19} not installed (requirements/bench.lock)")
            continue
        value = sse(values, groups)
        print(
            f"{instance.name:34} {name:19} {value * share:12.5f} ours / peer {objective / value:.4f} "
            f"{perf_counter() - start:7.1f} s",
            flush=True,
        )


def register(seed: int) -> None:
    """Match the register's members with the likeness preset's weights, as a whole process."""
    with tempfile.TemporaryDirectory() as name:
        members, answer = Path(name) / "members.csv", Path(name) / "answer.json"
        database = ["--database", f"sqlite:///{name}/register.db"]
        api = [sys.executable, "-m", "api"]
        subprocess.run([*api, "migrate", *database], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*api, "import", "--shipped", *database], check=True)
        subprocess.run([*api, "export", "members", *database, "--out", str(members)], check=True)
        start = perf_counter()
        weights = "model=3,phase_band=2,log10_land_km2=1,geography=1"
        command = [*OURS, str(members), "--sizes", "3-4", "--unknown", "0.5", "--weights", weights]
        subprocess.run([*command, "--seed", str(seed), "--out", str(answer)], check=True)
        result = json.loads(answer.read_text(encoding="utf-8"))
        print(
            f"register {result['status']} {result['objective']:.6f} {perf_counter() - start:.1f} s"
        )


def municipalities(seed: int) -> None:
    """Match 290 members like the register's in three layers, sizes 3-5, as a whole process of a minute."""
    problem = problem_of_register(290, Choice(sizes=(3, 5)))
    with tempfile.TemporaryDirectory() as name:
        file, answer = Path(name) / "problem.json", Path(name) / "answer.json"
        file.write_text(json.dumps(write_problem(problem)), encoding="utf-8")
        start = perf_counter()
        peak = watched(
            [*OURS, str(file), "--seed", str(seed), "--time-limit", "60", "--out", str(answer)]
        )
        result = json.loads(answer.read_text(encoding="utf-8"))
        print(
            f"{'290 members, three layers':34} samkrets            {result['objective']:12.5f} "
            f"bound {result['lower_bound']:12.5f} gap {result['gap']:8.3%} "
            f"{result['status']:8} {perf_counter() - start:7.1f} s {peak:6.0f} MB",
            flush=True,
        )


# Instances made from a seed.
MADE = {
    "skewed": skewed,
    "uneven": uneven,
    "wider": wider,
    "large": clustered,
    "5000": five_thousand,
}
# Parts that are not made of instances.
OF_THEIR_OWN = {
    "register": register,
    "growth": growth,
    "municipalities": municipalities,
    "workers": workers,
    "passes": passes,
}


def instances(part: str, data: Path | None, seed: int) -> list[Instance]:
    """Make or read the instances of one part of the bench."""
    if part == "random":
        return random_points(seed, duplicated=False) + random_points(seed, duplicated=True)
    if part in MADE:
        return MADE[part](seed)
    if data is None or not (data / f"{part}.csv").exists():
        print(f"{part}: no {part}.csv; give its folder with --data")
        return []
    return table(data / f"{part}.csv")


def main() -> None:
    """Read the arguments and run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["random", "tarragona", "census", *MADE, *OF_THEIR_OWN]
    parser.add_argument("part", nargs="*", help=f"of {', '.join(parts)}; default: all of them")
    parser.add_argument("--data", type=Path, help="folder of tarragona.csv and census.csv")
    parser.add_argument("--only", default="", help="instances whose name has these words")
    parser.add_argument("--seed", type=int, default=0, help="of the points and of the solver")
    given = parser.parse_args()
    if unknown := set(given.part) - set(parts):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; expected {', '.join(parts)}")
    with tempfile.TemporaryDirectory() as name:
        for part in given.part or parts:
            if part in OF_THEIR_OWN:
                OF_THEIR_OWN[part](given.seed)
                continue
            for instance in instances(part, given.data, given.seed):
                if given.only in instance.name:
                    report(instance, Path(name), given.seed, with_peers=part != "random")


if __name__ == "__main__":
    main()
