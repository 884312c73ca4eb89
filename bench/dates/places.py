"""Where 16 RC meet: 17 places ranked beside the table of legs, and ten years of rotation beside the cheapest.

For the years, each meeting has offers from five RC, drawn anew: where all 17 places are open each time,
Stockholm is both the cheapest and the fairest.

The table's own sums are worked out here by another algorithm (all shortest ways at once) from the file
alone. Run from the repository's root: `python -m bench.dates.places [--years N]`.
"""

import argparse
import csv
import random
from collections.abc import Iterable
from importlib import resources

from api.travel.shipped import shipped_travel, town
from bench.dates.rotation import regions
from matcher.dates.meeting.problem import (
    DateOption,
    MeetingProblem,
    PastMeeting,
    Person,
    Place,
    Settings,
)
from matcher.dates.meeting.rank import Choice, rank
from matcher.dates.meeting.rules import farthest
from matcher.errors import InfeasibleError
from matcher.travel import CHANGE_HOURS, DOOR_HOURS

MEETINGS_A_YEAR = 2
OFFERS = 5
# As the page counts: three years of meetings, and nobody longest more than twice running.
REMEMBERED, MOST_IN_A_ROW = 3 * MEETINGS_A_YEAR, 2


def places() -> list[Place]:
    """Return the towns where RC have their seats, and Stockholm."""
    names = dict.fromkeys([*(row["seat_city"] for row in _areas()), "Stockholm"])
    return [Place(name, name, town(name).point) for name in names]


def problem(
    history: Iterable[PastMeeting] = (),
    rule: int | None = None,
    offers: Iterable[Place] | None = None,
) -> MeetingProblem:
    """Return one meeting of all RC, with every place a candidate unless some are offered."""
    people = tuple(Person(name, body=name, home=home) for name, home in regions())
    settings = Settings(most_in_a_row=rule)
    option = (DateOption("day"),)
    return MeetingProblem(
        option,
        tuple(places() if offers is None else offers),
        people,
        (),
        tuple(history),
        settings,
        shipped_travel(),
    )


def table_sums() -> dict[str, float]:
    """Return all RC's hours to each place from the file of legs alone (Floyd 1962), door to door."""
    legs = _rows("api.travel", "travel_legs.csv")
    names = sorted({leg[end] for leg in legs for end in "ab"})
    hours = {(one, other): 0.0 if one == other else 1e9 for one in names for other in names}
    for leg in legs:
        for way in ((leg["a"], leg["b"]), (leg["b"], leg["a"])):
            # Each leg with a change; the last one of a way needs none, which is taken off below.
            hours[way] = min(hours[way], float(leg["hours"]) + CHANGE_HOURS)
    for via in names:
        for one in names:
            for other in names:
                there = hours[one, via] + hours[via, other]
                hours[one, other] = min(hours[one, other], there)
    seats = [row["seat_city"] for row in _areas()]
    return {
        place.id: sum(
            DOOR_HOURS + (hours[seat, place.id] - CHANGE_HOURS if seat != place.id else 0.0)
            for seat in seats
        )
        for place in places()
    }


def show_ranking() -> None:
    """Print the places as the engine ranks them by hours, beside the table's sums."""
    ranking = rank(problem())
    sums = table_sums()
    ordered = sorted(ranking.choices, key=lambda choice: choice.figures.total_hours)
    print("| place | all RC, engine (h) | from the table (h) | longest (h) | rank on the page |")
    print("|---|---|---|---|---|")
    for choice in ordered:
        of, name = choice.figures, choice.candidate.place.id if choice.candidate.place else ""
        rank_of = ranking.choices.index(choice) + 1
        longest = f"{of.worst_region} {of.worst_hours:.1f}"
        print(f"| {name} | {of.total_hours:.1f} | {sums[name]:.1f} | {longest} | {rank_of} |")


def show_rotation(years: int, seed: int) -> None:
    """Print years of the engine's first choice beside the offer with least travel each time."""
    draw = random.Random(seed)
    seats = [place for place in places() if place.id != "Stockholm"]
    fair: list[PastMeeting] = []
    cheap: list[PastMeeting] = []
    print(
        "| year | places in turn (RC that travels longest) | the cheapest offers (RC that travels longest) |"
    )
    print("|---|---|---|")
    for year in range(1, years + 1):
        ours, theirs = [], []
        for _ in range(MEETINGS_A_YEAR):
            offers = draw.sample(seats, OFFERS)
            chosen = _first(fair[-REMEMBERED:], offers)
            least = min(
                rank(problem(offers=offers)).choices, key=lambda one: one.figures.total_hours
            )
            fair.append(_past(chosen))
            cheap.append(_past(least))
            ours.append(_said(chosen))
            theirs.append(_said(least))
        print(f"| {year} | {', '.join(ours)} | {', '.join(theirs)} |")
    (name, most), (other, others) = _worst(fair), _worst(cheap)
    sums = [sum(sum(past.hours.values()) for past in one) for one in (fair, cheap)]
    print(
        f"most over {years} years: {name} {most:.0f} h; by the cheapest {other} {others:.0f} h ({most / others - 1.0:+.1%})"
    )
    print(
        f"all together: {sums[0]:.0f} h; by the cheapest {sums[1]:.0f} h ({sums[0] / sums[1] - 1.0:+.1%})"
    )
    runs = [_runs(one) for one in (fair, cheap)]
    print(f"longest three times running: {runs[0]}; by the cheapest {runs[1]}")


def _first(history: list[PastMeeting], offers: list[Place]) -> Choice:
    """Return the engine's first choice; where no offer keeps the rule, the first without it."""
    try:
        return rank(problem(history, MOST_IN_A_ROW, offers)).choices[0]
    except InfeasibleError:
        return rank(problem(history, None, offers)).choices[0]


def _runs(past: list[PastMeeting]) -> int:
    """Count how often one RC travels longest for at least the third time running, beyond the margin."""
    longest = [farthest(one.hours) for one in past]
    return sum(
        one is not None and longest[n - 2 : n] == [one, one]
        for n, one in enumerate(longest)
        if n >= MOST_IN_A_ROW
    )


def _said(choice: Choice) -> str:
    place = choice.candidate.place
    return f"{place.id if place else ''} ({choice.figures.worst_region})"


def _worst(past: list[PastMeeting]) -> tuple[str, float]:
    names = {name for meeting in past for name in meeting.hours}
    sums = {name: sum(meeting.hours.get(name, 0.0) for meeting in past) for name in names}
    worst = max(sums, key=lambda name: (sums[name], name))
    return worst, sums[worst]


def _past(choice: Choice) -> PastMeeting:
    return PastMeeting(dict(choice.figures.region_hours), choice.cheapest_hours)


def _areas() -> list[dict[str, str]]:
    return _rows("api.registry", "rc_areas.csv")


def _rows(package: str, name: str) -> list[dict[str, str]]:
    file = resources.files(package).joinpath("data", name)
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    show_ranking()
    print()
    show_rotation(options.years, options.seed)


if __name__ == "__main__":
    main()
