"""A year for 21 RC, 8 networks, 4 national meetings and 6 forum meetings, and a repair of it.

Run from the repository's root: `python -m bench.dates.year [--seeds N] [--time-limit SECONDS]`.
"""

import argparse
import random
import time
from dataclasses import replace
from datetime import date, timedelta

import holidays

from matcher.dates.meeting.problem import ClosedDays
from matcher.dates.year.problem import Attendee, Calendar, Held, Series, YearProblem
from matcher.dates.year.rules import YEAR_LEVELS, levels, violations
from matcher.dates.year.solve import solve_year
from matcher.proof import Budget, Proof

RC, NETWORKS, NATIONAL, FORUM, NETWORK_MEETINGS, STUDY_VISITS = 21, 8, 4, 6, 4, 3


def closed_days(year: int) -> tuple[ClosedDays, ...]:
    """Swedish public holidays and eves, July, and one made-up school break (an example)."""
    free = holidays.country_holidays("SE", years=[year], categories=("public", "de_facto"))
    spans = [ClosedDays(day, day, name) for day, name in sorted(free.items())]
    spans.append(ClosedDays(date(year, 6, 28), date(year, 8, 6), "summer", "other"))
    spans.append(ClosedDays(date(year, 10, 25), date(year, 10, 29), "example", "school_break"))
    return tuple(spans)


def instance(seed: int, year: int = 2027) -> YearProblem:
    """Return a year whose RC are each in one or two networks and away on some days."""
    draw = random.Random(seed)
    rc = [f"rc{n:02d}" for n in range(RC)]
    people = tuple(Attendee(name, _away(draw, year), heads=3) for name in rc)
    shuffled = draw.sample(rc, RC) + draw.sample(rc, RC)
    size = len(shuffled) // NETWORKS + 1
    networks = [
        Series(
            f"network{n}",
            NETWORK_MEETINGS,
            frozenset(shuffled[n * size : (n + 1) * size]),
            form="digital",
            part="morning" if n % 2 else "afternoon",
            min_gap_days=42,
        )
        for n in range(NETWORKS)
    ]
    everyone = frozenset(rc)
    midweek = frozenset({2, 3, 4})
    visits = Series("study_visit", STUDY_VISITS, frozenset(rc[:4]), min_gap_days=60)
    national = Series("national", NATIONAL, everyone, days=2, weekdays=midweek, min_gap_days=60)
    forum = Series("forum", FORUM, everyone, part="morning", min_gap_days=35)
    managers = Series("managers", FORUM, everyone, part="morning", attached_to="forum")
    return YearProblem(
        date(year, 1, 11),
        date(year, 12, 17),
        (national, forum, managers, visits, *networks),
        people,
        closed_days(year),
        today=date(year - 1, 11, 2),
        notice_weeks=8,
    )


def repaired(problem: YearProblem, calendar: Calendar, budget: Budget) -> tuple[int, ...]:
    """Take the days of two meetings away from a finished year, lay it out again, return the levels."""
    current = {meeting: Held(day) for meeting, day in calendar.items()}
    free = [meeting for meeting in sorted(calendar) if problem.carrier(meeting) == meeting]
    lost = free[::20][:2]
    shut = tuple(ClosedDays(calendar[one], calendar[one], "lost", "other") for one in lost)
    changed = replace(problem, current=current, closed=(*problem.closed, *shut))
    again, _ = solve_year(changed, budget)
    return levels(changed, again)


def _away(draw: random.Random, year: int) -> frozenset[date]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    return frozenset(draw.sample(days, 25))


def main() -> None:
    """Print a row per seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(f"levels in order: {', '.join(YEAR_LEVELS)}; value (lower bound)")
    for seed in range(options.seeds):
        problem = instance(seed)
        began = time.perf_counter()
        calendar, proofs = solve_year(problem, Budget(options.time_limit, options.workers, seed))
        seconds = time.perf_counter() - began
        worth = dict(zip(YEAR_LEVELS, levels(problem, calendar), strict=True))
        # A level that the time did not reach has nothing proven but that it is not negative.
        proven = {
            name: Proof(value, proofs[name].lower_bound if name in proofs else 0)
            for name, value in worth.items()
        }
        shown = [f"{proof.objective:g} ({proof.lower_bound:g})" for proof in proven.values()]
        worst = max(proof.gap for proof in proven.values())
        broken = len(violations(problem, calendar))
        print(
            f"seed {seed}: {len(calendar)} meetings, {'; '.join(shown)},"
            f" gap {worst:.1%}, violations {broken}, {seconds:.1f} s"
        )
        budget = Budget(options.time_limit, options.workers, seed)
        began = time.perf_counter()
        after = repaired(problem, calendar, budget)
        seconds = time.perf_counter() - began
        print(f"        two days lost: {after[0]} meetings moved, levels {after}, {seconds:.1f} s")


if __name__ == "__main__":
    main()
