"""`python -m bench.programme.certificate NAME LIMIT`: check that no timetable of a survey grants more than so much.

Prices of topics found beforehand (`NAME.prices.json`) are all that is taken on trust, and any prices would do: every
set of topics that grants more over them than a limit is grown anew, and the bound follows from those sets.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from bench.programme.instances import SURVEYS, survey
from matcher.programme.files.codec import problem_from_document
from matcher.programme.places import Places
from matcher.programme.search.demand import Demand
from matcher.programme.search.proving import most_granted
from matcher.programme.search.rooted import RootedSets
from matcher.programme.search.slot_sets import slots_side_by_side

# Parts of one size beside one choice of popular topics, at most.
_MOST_PARTS = 3_000_000


def main() -> int:
    """Print the bound as a share of the wished weight; 1 where the sets are too many to grow."""
    parser = argparse.ArgumentParser(prog="python -m bench.programme.certificate")
    parser.add_argument("name", choices=list(SURVEYS))
    parser.add_argument("limit", type=float, help="percent of the wished weight")
    options = parser.parse_args()
    places = Places(problem_from_document(survey(options.name, 1)))
    slots, rooms = slots_side_by_side(places), len(places.problem.rooms)
    stored = Path(__file__).with_name(f"{options.name}.prices.json").read_text(encoding="utf-8")
    prices, wished = np.array(json.loads(stored)), float(places.wishes.sum())
    if prices.min() < 0.0:
        print("a price below 0 bounds nothing", file=sys.stderr)
        return 1
    limit = (wished * options.limit / 100 - float(prices.sum())) / slots
    demand = Demand.of(places, slots)
    began = time.process_time()
    above = RootedSets(demand, rooms, _MOST_PARTS, lambda: True).above(prices, limit)
    if above is None or limit < 0.0:
        print("too many sets above the limit: nothing is proven", file=sys.stderr)
        return 1
    bound = 100 * most_granted(demand, prices, slots, limit, above) / wished
    print(
        f"{options.name}: no timetable grants more than {bound:.3f} % of the wished weight"
        f" ({len(above)} sets above the limit; {time.process_time() - began:.0f} s of a processor)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
