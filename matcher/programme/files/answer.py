"""A solution as the JSON document that `samkrets programme` writes."""

from typing import Any

from matcher.programme.explain import missed_wishes
from matcher.programme.problem import Problem, Run
from matcher.programme.rules.scores import attended_weights
from matcher.programme.rules.violations import violations
from matcher.programme.solve import Solution

Json = dict[str, Any]


def answer_document(problem: Problem, solution: Solution, seed: int) -> Json:
    """Return everything a reader needs: timetable, agendas, scores, bounds and reasons."""
    timetable = solution.timetable
    broken = violations(problem, timetable)
    return {
        "status": "optimal" if solution.gap == 0 else "feasible",
        "attended_weight": solution.scores.attended_weight,
        "wished_weight": solution.scores.wished_weight,
        "upper_bound": solution.upper_bound,
        "bound_valid_for": solution.bound_method,
        "gap": solution.gap,
        "seconds": round(solution.seconds, 3),
        "first_feasible_seconds": round(solution.first_seconds, 3),
        "seed": seed,
        "scores": dict(solution.scores.levels),
        "levels": _levels(solution),
        "fairness": list(solution.scores.fairness),
        "unmet_musts": [
            {"person": one.person, "session": one.session, "reason": one.reason.message}
            for one in missed_wishes(problem, timetable)
            if one.is_must
        ],
        "violations": [
            {"rule": one.rule, "subjects": list(one.subjects), "message": one.message}
            for one in broken
        ],
        "sessions": _sessions(problem, solution),
        "people": _people(problem, solution),
        "tables": [
            {
                "session": run.session,
                "slot": run.slot,
                "rounds": [[list(table) for table in tables] for tables in rounds],
            }
            for run, rounds in timetable.tables.items()
        ],
    }


def _levels(solution: Solution) -> list[Json]:
    return [
        {
            "level": level,
            "value": value,
            "proven": level in solution.proven,
            "price": solution.prices.get(level),
        }
        for level, value in solution.scores.levels.items()
    ]


def _sessions(problem: Problem, solution: Solution) -> Json:
    order = {slot.id: place for place, slot in enumerate(problem.slots)}
    runs: dict[str, list[Run]] = {}
    for run in sorted(solution.timetable.runs, key=lambda one: order[one.slot]):
        runs.setdefault(run.session, []).append(run)
    sizes = dict.fromkeys(solution.timetable.runs, 0)
    at = {(run.slot, run.session): run for run in sizes}
    for agenda in solution.timetable.agendas.values():
        for line in agenda:
            sizes[at[line.slot, line.session]] += 1
    return {
        session.id: _session(session.id, runs.get(session.id, []), sizes, solution)
        for session in problem.sessions
    }


def _session(name: str, runs: list[Run], sizes: dict[Run, int], solution: Solution) -> Json:
    if not runs:
        reason = solution.reasons[name]
        return {
            "slot": None,
            "room": None,
            "track": None,
            "reason": reason.message,
            "reason_kind": reason.kind,
        }
    document: Json = {
        "slot": runs[0].slot,
        "room": runs[0].room,
        "track": solution.timetable.tracks.get(name),
        "attendance": sizes[runs[0]],
    }
    if len(runs) > 1:
        document["repeats"] = [
            {"slot": run.slot, "room": run.room, "attendance": sizes[run]} for run in runs[1:]
        ]
    return document


def _people(problem: Problem, solution: Solution) -> Json:
    weights = attended_weights(problem, solution.timetable)
    missed: dict[str, list[Json]] = {person.id: [] for person in problem.people}
    for one in missed_wishes(problem, solution.timetable):
        missed[one.person].append(
            {
                "session": one.session,
                "weight": one.weight,
                "reason": one.reason.message,
                "reason_kind": one.reason.kind,
                **({"must": True} if one.is_must else {}),
            }
        )
    return {
        person.id: {
            "agenda": [
                {"slot": line.slot, "session": line.session}
                for line in solution.timetable.agendas.get(person.id, ())
            ],
            "attended_weight": weights[person.id],
            "missed": missed[person.id],
        }
        for person in problem.people
    }
