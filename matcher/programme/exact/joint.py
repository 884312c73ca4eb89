"""Structure and people in one exact model: each level in turn is made as good as can be, then kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from ortools.sat.python import cp_model

from matcher.cpsat import give_hint, solve_model
from matcher.effort import Effort
from matcher.errors import NoSolutionInTimeError
from matcher.programme.people.model import People, openings_of
from matcher.programme.places import Places
from matcher.programme.problem import Agendas, Run, Timetable
from matcher.programme.rules.scores import Scores, scores
from matcher.programme.structure.levels import idle_slots, kept_runs
from matcher.programme.structure.model import Level, Structure, above
from matcher.programme.structure.tracks import choose_tracks
from matcher.programme.watch import Watch
from matcher.proof import Budget, Progress

# Above so many person-session-slot literals the exact model is too slow to be of use.
_MOST_LITERALS = 60_000
# The same where wishes, seats and hosts are all there is, which the search is made for.
_FEW_LITERALS = 3_000
# A share is counted in so many parts; a body's whole is at most some thousand units of weight.
_PARTS = 10**6
# Levels are whole numbers: a gap below one is none.
_WHOLE = 0.5
_NOTHING = 1e-9  # of a body's wishes, missed
_LEAST_SECONDS = 0.2
# Shares of the time left that a level may use; a level that is proven early gives the rest on.
_LEVEL, _WEIGHT, _PRICE, _FAIRNESS_STEP = 0.25, 0.7, 0.15, 0.125
# The narrow model comes first: much smaller, and where all wishes fit it is all that is needed.
_NARROW = 0.7
# The search for weight starts anew some times from its best, with and without linear relaxation:
# where one way is stuck for long, the next often is not.
_ROUNDS = (0, 1, 0)
# A busy machine needs about a second to read the model and find its hint in it.
_ROUND_SECONDS, _ROUND_WORK = 1.0, 0.2
_FIRST_ROUNDS = 0.5

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
        or problem.leader_pause
        or places.timeline.has_overlaps
    )


def fits_exact_model(places: Places) -> bool:
    """Tell whether structure and people together are small enough for one exact model.

    Where topics depend on nothing but seats and hosts, the search is better unless it is a small one.
    """
    wanted = int((places.wishes > 0).sum() + places.must.sum())
    most = _MOST_LITERALS if is_rich(places) else _FEW_LITERALS
    return wanted * len(places.problem.slots) <= most


def improve_levels(
    places: Places,
    runs: tuple[Run, ...],
    agendas: Agendas,
    effort: Effort,
    watch: Watch,
    *,
    with_prices: bool = True,
) -> Levels:
    """Go through the levels in order from a known plan; each keeps what those above it reached."""
    narrow = effort.part(_NARROW, _LEAST_SECONDS)
    joint = _Joint(places, runs, agendas, narrow, watch, is_narrow=True)
    is_done = joint.raise_people_levels()
    if joint.is_full:
        joint.effort = effort
    else:
        joint = _Joint(places, joint.levels.runs, joint.levels.agendas, effort, watch)
        is_done = joint.raise_people_levels()
    if is_done:
        if with_prices:
            _find_prices(joint)
        joint.raise_fairness()
        joint.raise_level(idle_slots(joint.structure), _LEVEL)
    return joint.levels


def _find_prices(joint: "_Joint") -> None:
    """Find how much more weight there would be without coverage, and without must-haves as well."""
    prices, weight = joint.levels.prices, joint.attended
    best = weight
    for name, without in (("coverage", {"coverage"}), ("must_haves", {"coverage", "must_haves"})):
        prices[name] = 0.0
        if not joint.is_full and joint.matters(name):
            free = _Joint(
                joint.places,
                joint.levels.runs,
                joint.levels.agendas,
                joint.effort.part(_PRICE),
                joint.watch,
            )
            reached = max(free.most_weight(frozenset(without)), best)
            prices[name] = reached - best
            best = reached
    prices["wished_weight"] = 0.0


class _Joint:
    """The model, the incumbent as a hint, and what may still be used."""

    def __init__(
        self,
        places: Places,
        runs: tuple[Run, ...],
        agendas: Agendas,
        effort: Effort,
        watch: Watch,
        *,
        is_narrow: bool = False,
    ) -> None:
        self.effort = effort
        self.watch = watch
        self.structure = Structure(places)
        self.structure.hold_all_rules()
        self._model = self.structure.model
        self.people = People(places, self._model, openings_of(self.structure), is_narrow)
        self.levels = Levels(runs, agendas)
        self.places = places
        self._scores = self._scored(runs, agendas)
        self._hint: Mapping[cp_model.IntVar, int] = {
            **self.structure.hint(runs),
            **self.people.hint(agendas),
        }

    @property
    def attended(self) -> float:
        """The weight attended in the best plan."""
        return self._scores.attended_weight

    @property
    def is_full(self) -> bool:
        """Tell whether every wish is granted."""
        return self._scores.levels["wished_weight"] == 0

    def matters(self, name: str) -> bool:
        """Tell whether there is anything to do in must-haves or coverage."""
        if name == "must_haves":
            return bool(self.places.must.any())
        return any(person.body is not None for person in self.places.problem.people)

    def raise_people_levels(self) -> bool:
        """Raise must-haves, what stands as published, coverage and weight; each keeps those above it.

        Returns whether the time sufficed to go through all of them.
        """
        levels = (
            self.people.must_haves(),
            kept_runs(self.structure),
            self.people.coverage(),
            self.people.weight(),
        )
        shares = (_LEVEL, _LEVEL, _LEVEL, _WEIGHT)
        for number, (level, share) in enumerate(zip(levels, shares, strict=True), 1):
            below = levels[number:]
            if not self.raise_level(level, share, below):
                # Too little time for its share: what is left goes to this level in one piece.
                return self.raise_level(level, 1.0, below) and not below
        return True

    def most_weight(self, without: frozenset[str]) -> float:
        """Return the most weight found when these levels above it count for nothing."""
        above_weight = (
            self.people.must_haves(),
            kept_runs(self.structure),
            self.people.coverage(),
        )
        for level in above_weight:
            if level.name not in without and not self.raise_level(level, _LEVEL):
                return 0.0
        found = self._maximise(self.people.weight().expression, 1.0)
        return found[0] / self.people.scale if found is not None else 0.0

    def raise_level(self, level: Level, share: float, below: Sequence[Level] = ()) -> bool:
        """Raise a level in a share of the time left and keep it; tell whether that was possible.

        The levels `below` are raised with it at factors that do not let them outbid it, so that
        what it leaves open is not lost on the way.
        """
        if self._scores.levels[level.name] == 0 or isinstance(level.expression, int):
            reached = bound = float(level.most)
        else:
            expression, factor = above(level, below)
            found = self._maximise(expression, share, _ROUNDS)
            if found is None:
                return False
            reached, bound = (float(round(value) // factor) for value in found)
        self._keep(level.name, level.expression, reached, bound)
        if level.name == "wished_weight":
            self.levels.weight_bound = bound / self.people.scale
        return True

    def raise_fairness(self) -> None:
        """Leximin over bodies: the sum of the k smallest shares is raised for k = 1, 2, ...

        The sum of the k smallest of some values is the largest k t - sum of max(0, t - value) over
        all t (Ogryczak and Sliwinski 2006), which makes each step one linear level. It ends with the
        bodies that miss something: the others have all they can, whatever is done for them.
        """
        shares = list(self.people.shares(_PARTS).values())
        proven = True
        for count in range(1, len(shares) + 1):
            if count > sum(missed > _NOTHING for missed in self._scores.fairness):
                break
            level = self._model.new_int_var(0, _PARTS, "")
            short = [self._model.new_int_var(0, _PARTS, "") for _ in shares]
            for share, missing in zip(shares, short, strict=True):
                self._model.add(cp_model.LinearExpr.sum([missing, share]) >= level)
            worst = cp_model.LinearExpr.weighted_sum([level, *short], [count] + [-1] * len(short))
            found = self._maximise(worst, _FAIRNESS_STEP)
            if found is None:
                return
            proven = proven and self._keep("", worst, *found)
        if proven:
            self.levels.proven.add("fairness")

    def _keep(
        self, name: str, expression: cp_model.LinearExprT, reached: float, bound: float
    ) -> bool:
        """Keep what a level reached; tell whether it is proven to be the most."""
        if not isinstance(expression, int):
            self._model.add(expression >= round(reached))
        proven = bound - reached < _WHOLE
        if proven and name:
            self.levels.proven.add(name)
        return proven

    def _tell(self, progress: Progress) -> bool:
        """Pass on a message of the solver with the weight attended in place of its own sums."""
        return self.watch(replace(progress, incumbent=self.attended, lower_bound=None))

    def _scored(self, runs: tuple[Run, ...], agendas: Agendas) -> Scores:
        tracks = choose_tracks(self.places.problem, runs)
        return scores(self.places.problem, Timetable(runs, tracks, agendas))

    def _maximise(
        self, expression: cp_model.LinearExprT, share: float, rounds: tuple[int, ...] = (1,)
    ) -> tuple[float, float] | None:
        """Return (value reached, upper bound), or None when what was left gave nothing better."""
        if isinstance(expression, int):
            return expression, expression
        allowed = self.effort.part(share, _ROUND_SECONDS, _ROUND_WORK)
        times = min(allowed.seconds / _ROUND_SECONDS, allowed.work / _ROUND_WORK)
        rounds = rounds[: max(1, int(times))]
        reached, bound = -inf, inf
        self._model.maximize(expression)
        for number, linearization in enumerate(rounds):
            if allowed.is_over or bound - reached < _WHOLE or self.watch.is_stopped:
                break
            # What the first way leaves unproven, others seldom prove in less.
            is_last = number + 1 == len(rounds)
            budget = allowed.budget(1.0 if is_last else _FIRST_ROUNDS)
            budget = replace(budget, seed=budget.seed + number)
            found = self._improve(budget, linearization, allowed)
            if found is not None:
                reached, bound = max(reached, found[0]), min(bound, found[1])
        return None if reached == -inf else (reached, bound)

    def _improve(
        self, budget: Budget, linearization: int, allowed: Effort
    ) -> tuple[float, float] | None:
        """Solve the model as it stands, from the best plan; return (value, upper bound)."""
        give_hint(self._model, self._hint)
        try:
            answer = solve_model(self._model, budget, self._tell, "levels", linearization)
        except NoSolutionInTimeError:
            allowed.spend(budget.work or 0.0)
            return None
        allowed.spend(answer.work)
        runs, agendas = self.structure.placed(answer), self.people.agendas(answer)
        found = self._scored(runs, agendas)
        # A level that could not be raised must not shuffle what stands below it.
        if found.key < self._scores.key:
            self._scores, self.levels.runs, self.levels.agendas = found, runs, agendas
            self.watch.show(Timetable(runs, choose_tracks(self.places.problem, runs), agendas))
            self._hint = {
                self._model.get_int_var_from_proto_index(index): value
                for index, value in enumerate(answer.solver.response_proto.solution)
            }
        return -answer.proof.objective, -answer.proof.lower_bound
