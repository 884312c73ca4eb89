"""One meeting: every date x place x form enumerated and ordered exactly, level by level."""

import math
from dataclasses import dataclass
from itertools import combinations

from matcher.dates.meeting.problem import Candidate, MeetingProblem, candidates
from matcher.dates.meeting.rules import Figures, figures, violations
from matcher.errors import InfeasibleError
from matcher.proof import Violation
from matcher.requirement import Requirement
from matcher.travel import BANDS, Travel, band_of, steps

# The levels of the order, first to last; a lower value is better on each.
LEVELS = (
    "required",
    "attendance",
    "tentative",
    "form",
    "worst_region",
    "total_travel",
    "rotation",
    "remaining_travel",
    "cost",
)
# Where travel is compared by bands, the worst-off region's debt is told apart in steps of this many
# hours: a smaller gain is within the estimate's error and would use up what rotation may spend.
DEBT_STEP_HOURS = 2.0
# Hours and money closer than this are the same: the figures are 64-bit floats.
_DECIMALS = 6

Level = float | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that breaks no rule: its figures and its value on each of `LEVELS`.

    `cheapest_hours` is what the regions would travel together at the place with the least travel
    for as many people: a later problem's history wants it.
    """

    candidate: Candidate
    figures: Figures
    levels: tuple[Level, ...]
    cheapest_hours: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A candidate that breaks hard rules, and which."""

    candidate: Candidate
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The choices, best first, and the candidates that no rule lets through."""

    choices: tuple[Choice, ...]
    refused: tuple[Refusal, ...]
    compares_bands: bool
    travel: Travel


def rank(problem: MeetingProblem) -> Ranking:
    """Order all candidates; those that the estimates cannot tell apart, by less travel as reckoned.

    Raises:
        InfeasibleError: when every candidate breaks a rule, with the fewest rules that do it.
    """
    refused, open_choices = [], []
    for candidate in candidates(problem):
        broken = violations(problem, candidate)
        if broken:
            refused.append(Refusal(candidate, broken))
        else:
            open_choices.append((candidate, figures(problem, candidate)))
    if not open_choices:
        raise InfeasibleError(*conflict(refused))
    ordered = sorted(
        _with_levels(problem, open_choices),
        key=lambda choice: (choice.levels, _rounded(choice.figures.total_hours)),
    )
    return Ranking(tuple(ordered), tuple(refused), compares_bands(problem), problem.travel)


def compares_bands(problem: MeetingProblem) -> bool:
    """Whether the longest journey is compared by bands alone, so that rotation can decide.

    Without a history nothing can rotate, and journeys are compared as finely as the margin bears.
    """
    resolution = problem.settings.travel_resolution
    return resolution == "band" or (resolution == "auto" and bool(problem.history))


def conflict(refused: list[Refusal]) -> tuple[Requirement, ...]:
    """Return the fewest rules that together refuse every candidate.

    Leaving any one of them out lets a candidate through: a smaller set would have been found first.
    """
    if not refused:
        note = "there is at least one candidate (dates and places are given for the forms)"
        return (Requirement("candidates", note=note),)
    broken = [frozenset(item.rule for item in refusal.violations) for refusal in refused]
    names = sorted(set().union(*broken))
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            if all(rules & set(chosen) for rules in broken):
                return tuple(_conflict_line(name, refused) for name in chosen)
    raise AssertionError("all the rules together refuse every candidate")


def _conflict_line(name: str, refused: list[Refusal]) -> Requirement:
    messages = [v.message for refusal in refused for v in refusal.violations if v.rule == name]
    note = f"{name}: {messages[0]} ({len(messages)} of {len(refused)} candidates)"
    return Requirement(name, (), (len(messages), len(refused)), note=note)


def _with_levels(problem: MeetingProblem, found: list[tuple[Candidate, Figures]]) -> list[Choice]:
    people = [_levels_of_people(problem, *item) for item in found]
    peers: dict[tuple[float, ...], list[Figures]] = {}
    for who, (_, of) in zip(people, found, strict=True):
        peers.setdefault(who, []).append(of)
    compared = {who: _Compared.of(those) for who, those in peers.items()}
    return [
        Choice(
            candidate,
            of,
            (*who, *_levels_of_travel(problem, of, compared[who]), _rounded(of.cost)),
            _regions_hours(compared[who].cheapest),
        )
        for who, (candidate, of) in zip(people, found, strict=True)
    ]


def _levels_of_people(
    problem: MeetingProblem, candidate: Candidate, of: Figures
) -> tuple[float, ...]:
    wanted = problem.settings.prefer_forms
    form = wanted.index(candidate.form) if candidate.form in wanted else len(wanted)
    return (float(of.unmet), float(-of.attending), float(-of.tentative), float(form))


@dataclass(frozen=True, slots=True)
class _Compared:
    """Candidates for as many people: the one with the least travel, and what is within the margin."""

    cheapest: Figures
    worst: dict[float, int]
    total: dict[float, int]
    bands: dict[float, int]

    @classmethod
    def of(cls, those: list[Figures]) -> "_Compared":
        worst = steps(_rounded(of.worst_hours) for of in those)
        least = {step: min(h for h in worst if worst[h] == step) for step in worst.values()}
        return cls(
            min(those, key=lambda of: of.total_hours),
            worst,
            steps(_rounded(of.total_hours) for of in those),
            # The end of a band parts no two journeys that the estimates cannot tell apart.
            {hours: BANDS.index(band_of(least[step])) for hours, step in worst.items()},
        )


def _levels_of_travel(problem: MeetingProblem, of: Figures, peers: _Compared) -> tuple[Level, ...]:
    """Return worst-off region, total travel, rotation and what then remains of travel.

    Hours count in steps of the margin: what the estimates cannot tell apart is equal.
    """
    step = float(round(of.debt[0][1] / DEBT_STEP_HOURS)) if of.debt else 0.0
    rotation = (step,) if problem.history else ()
    total = float(peers.total[_rounded(of.total_hours)])
    if not compares_bands(problem):
        return float(peers.worst[_rounded(of.worst_hours)]), total, rotation, 0.0
    limit = peers.cheapest.total_hours * (1.0 + _allowed_share(problem, peers.cheapest))
    # What rotation may not spend is told apart by the margin too, not by the minute.
    beyond = total + 1.0 if _rounded(of.total_hours) > _rounded(limit) else 0.0
    debt = (_rounded(hours) for _, hours in of.debt)
    return float(peers.bands[_rounded(of.worst_hours)]), beyond, rotation, (total, *debt)


def _allowed_share(problem: MeetingProblem, cheapest: Figures) -> float:
    """Share of the least travel that rotation may add now, counted in the regions' hours.

    Every meeting gives `rotation_slack` of its least travel; what it did not use is kept. A meeting
    whose least travel is not known is taken to have used just what it gave.
    """
    least = _regions_hours(cheapest)
    if least <= 0.0:
        return 0.0
    slack = problem.settings.rotation_slack
    known = [(sum(m.hours.values()), m.cheapest) for m in problem.history if m.cheapest is not None]
    kept = sum((1.0 + slack) * base - spent for spent, base in known)
    return max(0.0, slack + kept / least)


def _regions_hours(of: Figures) -> float:
    return math.fsum(hours for _, hours in of.region_hours)


def _rounded(value: float) -> float:
    return round(value, _DECIMALS)


def is_dominated(choice: Choice, others: tuple[Choice, ...]) -> bool:
    """Whether another choice is as good on every figure a planner trades off, and better on one."""
    mine = _trade_offs(choice)
    return any(
        theirs != mine and all(a <= b for a, b in zip(theirs, mine, strict=True))
        for theirs in map(_trade_offs, others)
    )


def _trade_offs(choice: Choice) -> tuple[float, ...]:
    of = choice.figures
    return (
        float(of.unmet),
        float(-of.attending),
        float(-of.tentative),
        _rounded(of.worst_hours),
        _rounded(of.total_hours),
        _rounded(of.debt[0][1] if of.debt else 0.0),
        _rounded(of.cost),
    )
