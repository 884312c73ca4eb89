"""`samkrets match`: a members file or a problem in, networks with their proof out."""

from time import perf_counter

from api.commands.engine.matching import Asked, Out, Source, read_asked, with_options
from api.commands.files import answer, progress_line, stopped_by_interrupt
from matcher.groups.model.problem import Problem
from matcher.proof import Budget


@with_options
def match(path: Source, asked: Asked, out: Out = "-") -> None:
    """Put members in small networks, with a proof of how good they are."""

    def solved() -> object:
        start = perf_counter()
        problem, budget = read_asked(path, asked)
        return _solved(problem, budget, start)

    answer(path, solved, out)


def _solved(problem: Problem, budget: Budget, start: float) -> object:
    # The solver takes longer to load than bad input takes to refuse.
    from matcher.groups.files.answer import solution_document  # noqa: PLC0415 - see above
    from matcher.groups.solve import solve  # noqa: PLC0415 - see above

    with stopped_by_interrupt(progress_line()) as follow:
        solution = solve(problem, budget, on_progress=follow)
    return solution_document(problem, solution, budget, perf_counter() - start)
