"""Structure and people in one exact model: each level in turn is made as good as can be, then kept."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from ortools.sat.python import cp_model

from matcher.cpsat import give_hint, solve_model
from matcher.errors import NoSolutionInTimeError
from matcher.programme.model import Structure
from matcher.programme.people_model import People, openings_of
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Run, Timetable
from matcher.programme.scale import scale_of, stacked
from matcher.programme.scores import body_wishes, scores
from matcher.programme.structure_levels import idle_slots, kept_runs
from matcher.proof import Budget

# Above so many person-session-slot literals the exact model is too slow to be of use.
_MOST_LITERALS = 60_000
# A share is counted in so many parts; a body's whole is at most some thousand units of weight.
_PARTS = 10**6
_PEOPLE_LEVELS = ("must_haves", "coverage", "wished_weight")
# Shares of the time left that a level may use; a level that is proven early gives the rest on.
_FREE_WEIGHT, _LEVEL, _WEIGHT = 0.1, 0.25, 0.55

VALID = "every timetable that keeps the levels above wished weight as they stand (CP-SAT)"


@dataclass
class Levels:
    """What the levels came to: the plan, the bound on attended weight, proofs and prices.

    `prices` says, for the levels above wished weight, how much attended weight each takes from the
    best known without it; the levels below take none, for wished weight is kept to the last unit.
    """

    runs: tuple[Run, ...]
    agendas: Agendas
    weight_bound: float | None = None
    proven: set[str] = field(default_factory=set)
    prices: dict[str, float] = field(default_factory=dict)


def is_rich(places: Places) -> bool:
    """Tell whether the problem has levels or rules beyond wishes, rooms and hosts."""
    problem = places.problem
    coupled = any(
        session.repeats > 1 or session.duration > 1 or session.prerequisites
        for session in problem.sessions
    )
    return bool(
        coupled
        or places.must.any()
        or problem.roles
        or problem.published
        or any(person.body is not None for person in problem.people)
        or any(problem.walking.values())
    )


def fits_exact_model(places: Places) -> bool:
    """Tell whether structure and people together are small enough for one exact model."""
    wanted = int((places.wishes > 0).sum() + places.must.sum())
    return is_rich(places) and wanted * len(places.problem.slots) <= _MOST_LITERALS


def improve_levels(
    places: Places, runs: tuple[Run, ...], agendas: Agendas, budget: Budget
) -> Levels:
    """Go through the levels in order from a known plan; each keeps what those above it reached."""
    joint = _Joint(places, runs, agendas, budget)
    joint.raise_people_levels()
    joint.raise_fairness()
    idle = idle_slots(joint.structure)
    joint.raise_level("role_compactness", idle if isinstance(idle, int) else -idle, _LEVEL)
    joint.raise_level("change", kept_runs(joint.structure), _LEVEL)
    return joint.levels


class _Joint:
    """The model, the incumbent as a hint, and the clock."""

    def __init__(
        self, places: Places, runs: tuple[Run, ...], agendas: Agendas, budget: Budget
    ) -> None:
        self._ends = time.perf_counter() + budget.seconds
        self._budget = budget
        self.structure = Structure(places)
        self.structure.hold_all_rules()
        self._model = self.structure.model
        self.people = People(places, self._model, openings_of(self.structure))
        self.levels = Levels(runs, agendas)
        self._places = places
        self._known = [(runs, agendas)]
        self._hint: Mapping[cp_model.IntVar, int] = {}
        self._value: Callable[[cp_model.LinearExprT], int]

    def raise_people_levels(self) -> None:
        """Raise must-haves, coverage and weight, stacked so that none outbids a higher one.

        The levels above weight are first left out, to know what weight they cost.
        """
        stack = _Stack.of(self.people)
        weights = []
        for first in (2, 1, 0):
            if first == 0 or not isinstance(stack.levels[first - 1], int):
                share = _WEIGHT if first == 0 else _FREE_WEIGHT
                weights.append(self._maximise_stack(stack, first, share))
            else:
                weights.append(None)
        free, without_must, all_kept = weights
        if all_kept is None:
            return
        reached = [value for value in (free, without_must, all_kept) if value is not None]
        between = without_must if without_must is not None else all_kept
        self.levels.prices["must_haves"] = max(between - all_kept, 0) / stack.scale
        self.levels.prices["coverage"] = max(max(reached) - max(between, all_kept), 0) / stack.scale
        self.levels.prices["wished_weight"] = 0.0

    def _maximise_stack(self, stack: "_Stack", first: int, share: float) -> int | None:
        """Maximise the levels from `first` on; with all of them, keep what is reached.

        Returns the weight reached, in whole numbers, or None.
        """
        factors = stack.factors
        expression = sum(
            factors[number] * stack.levels[number] for number in range(first, len(factors))
        )
        self._start_from_best(first)
        found = self._maximise(expression, share)
        if found is None:
            return None
        self._known.append((self.levels.runs, self.levels.agendas))
        bound = round(found[1])
        values = [self._value(level) for level in stack.levels]
        if first > 0:
            return values[-1]
        for name, level, factor, value in zip(
            _PEOPLE_LEVELS, stack.levels, factors, values, strict=True
        ):
            if not isinstance(level, int):
                self._model.add(level >= value)
            if bound // factor <= value:
                self.levels.proven.add(name)
            if name == "wished_weight":
                self.levels.weight_bound = bound / stack.scale
            # What the level above takes of the bound is known; the rest bounds those below.
            bound -= value * factor
        return values[-1]

    def _start_from_best(self, first: int) -> None:
        """Take as the hint the known plan that is best in the levels from `first` on."""

        def key(plan: tuple[tuple[Run, ...], Agendas]) -> tuple[float, ...]:
            levels = scores(self._places.problem, Timetable(plan[0], agendas=plan[1])).levels
            return tuple(levels[name] for name in _PEOPLE_LEVELS[first:])

        self.levels.runs, self.levels.agendas = min(self._known, key=key)
        self._hint = {
            **self.structure.hint(self.levels.runs),
            **self.people.hint(self.levels.agendas),
        }

    def raise_level(self, name: str, expression: cp_model.LinearExprT, share: float) -> bool:
        """Make an expression as large as can be and keep it there; tell whether it was reached."""
        if isinstance(expression, int):
            self.levels.proven.add(name)
            return True
        found = self._maximise(expression, share)
        if found is None:
            return False
        reached, bound = found
        self._model.add(expression >= round(reached))
        if bound - reached < 0.5:  # whole numbers: a gap below one is none
            self.levels.proven.add(name)
        return True

    def raise_fairness(self) -> None:
        """Leximin over bodies: the sum of the k smallest shares is raised for k = 1, 2, ...

        The sum of the k smallest of some values is the largest k t - sum of max(0, t - value) over
        all t (Ogryczak and Sliwinski 2006), which makes each step one linear level.
        """
        shares = list(self.people.shares(_PARTS).values())
        proven = True
        for count in range(1, len(shares) + 1):
            level = self._model.new_int_var(0, _PARTS, "")
            short = [self._model.new_int_var(0, _PARTS, "") for _ in shares]
            for share, missing in zip(shares, short, strict=True):
                self._model.add(cp_model.LinearExpr.sum([missing, share]) >= level)
            name = f"fairness {count}"
            worst = cp_model.LinearExpr.weighted_sum([level, *short], [count] + [-1] * len(short))
            if not self.raise_level(name, worst, _LEVEL / 2):
                return
            proven = proven and name in self.levels.proven
            self.levels.proven.discard(name)
        if proven:
            self.levels.proven.add("fairness")

    def _maximise(
        self, expression: cp_model.LinearExprT, share: float
    ) -> tuple[float, float] | None:
        """Return (value reached, upper bound), or None when the time left gave nothing better."""
        left = self._ends - time.perf_counter()
        if left <= 0 or isinstance(expression, int):
            return None
        self._model.maximize(expression)
        give_hint(self._model, self._hint)
        try:
            answer = solve_model(
                self._model, replace(self._budget, seconds=left * share), phase="levels"
            )
        except NoSolutionInTimeError:
            return None
        self.levels.runs = self.structure.placed(answer)
        self.levels.agendas = self.people.agendas(answer)
        solution = answer.solver.response_proto.solution
        self._hint = {
            self._model.get_int_var_from_proto_index(index): value
            for index, value in enumerate(solution)
        }
        self._value = answer.value
        return -answer.proof.objective, -answer.proof.lower_bound


@dataclass(frozen=True)
class _Stack:
    """The levels of the people, most important first, and factors that let none outbid another."""

    levels: tuple[cp_model.LinearExprT, ...]
    factors: tuple[int, ...]
    scale: int

    @classmethod
    def of(cls, people: People) -> "_Stack":
        """Return the stack of must-haves, coverage and weight."""
        places = people.places
        scale = scale_of(np.unique(places.wishes).tolist())
        covers = body_wishes(places.problem)
        values = [weight for wishes in covers.values() for weight in wishes.values()]
        most_weight = round(float(places.wishes.sum()) * scale)
        most_cover = round(sum(values) * scale_of(set(values)))
        per_cover = stacked(most_weight, most_cover)
        per_must = stacked(most_weight + per_cover * most_cover, int(places.must.sum()))
        levels = (people.must_haves(), people.coverage(), people.weight())
        return cls(levels, (per_must, per_cover, 1), scale)
