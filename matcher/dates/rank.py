"""One meeting: every date x place x form enumerated and ordered exactly, level by level."""

from dataclasses import dataclass
from itertools import combinations

from matcher.dates.problem import Candidate, MeetingProblem, candidates
from matcher.dates.rules import Figures, debts, figures, violations
from matcher.dates.travel import time_step
from matcher.errors import InfeasibleError
from matcher.proof import Violation

# The levels of the order, first to last; a lower value is better on each.
LEVELS = (
    "required",
    "attendance",
    "tentative",
    "form",
    "worst_region",
    "total_travel",
    "rotation",
    "cost",
)
# Hours and money closer than this are the same: the figures are 64-bit floats.
_DECIMALS = 6

Level = float | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate that breaks no rule: its figures and its value on each of `LEVELS`."""

    candidate: Candidate
    figures: Figures
    levels: tuple[Level, ...]


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


def rank(problem: MeetingProblem) -> Ranking:
    """Order all candidates; equal ones keep the order of the file.

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
    ordered = sorted(_with_levels(problem, open_choices), key=lambda choice: choice.levels)
    return Ranking(tuple(ordered), tuple(refused), compares_bands(problem))


def compares_bands(problem: MeetingProblem) -> bool:
    """Whether travel is compared no finer than the estimate bears, so that rotation can decide.

    Without a history nothing can rotate, and the estimated hours are compared as they are.
    """
    resolution = problem.settings.travel_resolution
    return resolution == "band" or (resolution == "auto" and bool(problem.history))


def conflict(refused: list[Refusal]) -> tuple[str, ...]:
    """Return the fewest rules that together refuse every candidate, a sentence each.

    Leaving any one of them out lets a candidate through: a smaller set would have been found first.
    """
    if not refused:
        return ("there is at least one candidate (dates and places are given for the forms)",)
    broken = [frozenset(item.rule for item in refusal.violations) for refusal in refused]
    names = sorted(set().union(*broken))
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            if all(rules & set(chosen) for rules in broken):
                return tuple(_conflict_line(name, refused) for name in chosen)
    raise AssertionError("all the rules together refuse every candidate")


def _conflict_line(name: str, refused: list[Refusal]) -> str:
    messages = [v.message for refusal in refused for v in refusal.violations if v.rule == name]
    return f"{name}: {messages[0]} ({len(messages)} of {len(refused)} candidates)"


def _with_levels(problem: MeetingProblem, found: list[tuple[Candidate, Figures]]) -> list[Choice]:
    people = [_levels_of_people(problem, *item) for item in found]
    if not compares_bands(problem):
        travel = [(_rounded(f.worst_hours), _rounded(f.total_hours)) for _, f in found]
    else:
        steps = [float(time_step(f.worst_hours)) for _, f in found]
        groups = [(*who, step) for who, step in zip(people, steps, strict=True)]
        beyond = _beyond_allowance(problem, groups, [f for _, f in found])
        travel = list(zip(steps, beyond, strict=True))
    return [
        Choice(candidate, of, (*who, *hours, *_last_levels(of)))
        for (candidate, of), who, hours in zip(found, people, travel, strict=True)
    ]


def _levels_of_people(
    problem: MeetingProblem, candidate: Candidate, of: Figures
) -> tuple[float, ...]:
    wanted = problem.settings.prefer_forms
    form = wanted.index(candidate.form) if candidate.form in wanted else len(wanted)
    return (float(of.unmet), float(-of.attending), float(-of.tentative), float(form))


def _last_levels(of: Figures) -> tuple[Level, Level]:
    return tuple(_rounded(hours) for _, hours in of.debt), _rounded(of.cost)


def _beyond_allowance(
    problem: MeetingProblem, groups: list[tuple[float, ...]], of: list[Figures]
) -> list[float]:
    """Return total hours beyond what rotation may spend on top of the cheapest of the same group.

    The allowance is a share of the cheapest total, kept over the whole history: what earlier
    meetings saved is left to spend, what they spent is gone.
    """
    cheapest: dict[tuple[float, ...], Figures] = {}
    for group, figure in zip(groups, of, strict=True):
        best = cheapest.get(group)
        if best is None or figure.total_hours < best.total_hours:
            cheapest[group] = figure
    limits = {
        group: best.total_hours * (1.0 + _allowed_share(problem, best))
        for group, best in cheapest.items()
    }
    return [
        _rounded(max(0.0, figure.total_hours - limits[group]))
        for group, figure in zip(groups, of, strict=True)
    ]


def _allowed_share(problem: MeetingProblem, best: Figures) -> float:
    """Share of the cheapest total that may be added now, counted in regions' hours."""
    cheapest_now = sum(hours for _, hours in best.region_hours)
    if cheapest_now <= 0.0:
        return 0.0
    meetings = len(problem.history)
    spent = sum(debts(problem).values()) / cheapest_now - meetings
    return max(0.0, problem.settings.rotation_slack * (meetings + 1) - spent)


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
