"""`python -m bench.programme [NAME ...]`: our solver and its peers on the same instances, one table."""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

from bench.programme.instances import SURVEYS, Json, national_meeting, survey
from bench.programme.peers import PEERS
from bench.programme.survey_rules import attended
from matcher.programme.files.answer import answer_document
from matcher.programme.files.codec import problem_from_document
from matcher.programme.solve import solve
from matcher.proof import Budget

_NATIONAL_SECONDS = 10


def main() -> int:
    """Run the instances named (default: all) and print a line per tool."""
    parser = argparse.ArgumentParser(prog="python -m bench.programme", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"national, {', '.join(SURVEYS)}, or JSON files")
    parser.add_argument("--seed", type=int, default=1, help="seed of the instances")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=None, help="instead of the protocol's")
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    print(
        "| instance | tool | attended | upper bound | gap | first s | seconds | violations | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.names or ["national", *SURVEYS]:
        document, protocol = _instance(name, options.seed)
        seconds = options.seconds or protocol
        _ours(name, document, Budget(seconds, options.workers, 0))
        if not options.ours_only and name in SURVEYS:
            _peers(name, document, seconds)
    return 0


def _instance(name: str, seed: int) -> tuple[Json, float]:
    if name == "national":
        return national_meeting(seed), _NATIONAL_SECONDS
    if name in SURVEYS:
        return survey(name, seed), SURVEYS[name][3]
    document: Json = json.loads(Path(name).read_text(encoding="utf-8"))
    return document, SURVEYS["large"][3]


def _ours(name: str, document: Json, budget: Budget) -> None:
    began = time.perf_counter()
    problem = problem_from_document(document)
    solution = solve(problem, budget)
    seconds = time.perf_counter() - began
    answer = answer_document(problem, solution, budget.seed)
    share = 100 * answer["attended_weight"] / answer["wished_weight"]
    bound = 100 * answer["upper_bound"] / answer["wished_weight"]
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {name} | samkrets | {share:.2f} % | {bound:.2f} % | {100 * answer['gap']:.1f} %"
        f" | {answer['first_feasible_seconds']:.2f} | {seconds:.1f}"
        f" | {len(answer['violations'])} | {megabytes:.0f} |"
    )
    proven = [level["level"] for level in answer["levels"] if level["proven"]]
    if proven:
        print(f"|  | proven: {', '.join(proven)} |  |  |  |  |  |  |  |")


def _peers(name: str, document: Json, seconds: float) -> None:
    for peer, plan in PEERS.items():
        began = time.perf_counter()
        try:
            starts = plan(document, seconds)
        except ImportError as error:
            print(
                f"{peer}: not installed ({error.name}); see requirements/bench.in", file=sys.stderr
            )
            continue
        taken = time.perf_counter() - began
        weight, broken = attended(document, starts)
        wished = sum(sum(person["wishes"].values()) for person in document["people"])
        print(
            f"| {name} | {peer} | {100 * weight / wished:.2f} % |  |  |  | {taken:.1f} | {broken} |  |"
        )


if __name__ == "__main__":
    sys.exit(main())
