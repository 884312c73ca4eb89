"""`python -m bench.groups.planner`: the register's circles by each preset beside a planner's own, and how long each takes.

`--write` puts the tables into docs/model/circles.md, where a test compares them with what the product
makes; `--seconds` measures alone. Nothing in the tables is written by hand but the planner's circles.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from sqlmodel import Session, SQLModel

from api.kit.db import make_engine
from api.networks.claims import Claim, claims_of, widest
from api.networks.models import Layer
from api.networks.naming import circle_names, short
from api.proposals.networks.building import Choice, networks_of, weights_of
from api.proposals.networks.web.form import AVOIDED
from api.registry import queries
from api.registry.ahead import model_ahead, model_today
from api.registry.models import PhaseBand, Rc
from api.registry.service import import_shipped
from api.travel.shipped import shipped_travel
from bench.groups.planners_own import DIFFERS, Own, planners
from bench.groups.register import register as problem_of_register
from matcher.geo import Point
from matcher.groups.files.presets import IN_PERSON_HOURS, REPEATED_PAIR, WEIGHTINGS, Weighting
from matcher.groups.model.problem import Problem, with_journeys
from matcher.groups.rules import cost, violations
from matcher.groups.solve import solve
from matcher.proof import Budget

Hours = Callable[[tuple[float, float], tuple[float, float]], float]
Circles = Mapping[Layer, Sequence[tuple[str, ...]]]
# A layer, the product's circles and the planner's.
Told = tuple[Layer, frozenset[tuple[str, ...]], tuple[Own, ...]]

PAGE = Path(__file__).parents[2] / "docs/model/circles.md"
BEGIN, END = "<!-- made by python -m bench.groups.planner --write -->\n", "<!-- end -->\n"
SOLVE = Budget(60.0)
# What the register's columns are called here, and where what is compared under another name stands.
_SAID = {
    "phase_band": "phase",
    "support_professionals": "supports professionals",
    "support_exposed_any": "supports the exposed",
    "support_exposed_minors": "supports those under 18",
    "support_exposed_adults": "supports adults",
    "funding_status": "funding",
    "grant_group": "grant",
    "log10_land_km2": "land area",
}
_CLAIM = {"ahead": "ahead", "alike_size": "alike"}
_COLUMN = {
    "model": "org_model_current",
    "phase_band": "establishment_status",
    "log10_land_km2": "land_area_km2",
}


def register() -> dict[str, Rc]:
    """Return the shipped register by key."""
    engine = make_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    logging.disable(logging.ERROR)  # the log of a bench needs no signature
    with Session(engine) as session:
        import_shipped(session, "bench")
        found = {rc.id: rc for rc in queries.rcs(session)}
        session.expunge_all()
    logging.disable(logging.NOTSET)
    return found


def hours(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the hours from door to door between two seats."""
    return shipped_travel().hours(Point(*one), Point(*other))


def problem_of(weighting: Weighting) -> Problem:
    """Return the problem that a preset makes of the 16 RC."""
    return by_road(problem_of_register(16, Choice(likeness=weights_of(weighting.weights))))


def by_road(problem: Problem) -> Problem:
    """Return a problem in which who reaches whom within a day decides who meets in person."""
    return with_journeys(problem, hours, IN_PERSON_HOURS)


def ours(problem: Problem) -> Circles:
    """Return the product's circles by layer."""
    solution = solve(problem, SOLVE)
    if not solution.is_optimal:
        raise SystemExit(f"not proven: {solution.proof}")
    return {
        Layer(layer.name): sorted(tuple(sorted(problem.ids(group))) for group in partition)
        for layer, partition in zip(problem.layers, solution.networks, strict=True)
    }


def page() -> str:
    """Return the tables of all presets."""
    rcs = register()
    told: dict[Told, str] = {}
    return "\n".join(line for one in WEIGHTINGS for line in _preset(one, rcs, told))


def _preset(
    weighting: Weighting,
    rcs: Mapping[str, Rc],
    told: dict[Told, str],
) -> Iterator[str]:
    """Tell one preset; `told`: what stands above, and under which preset."""
    problem = problem_of(weighting)
    made = ours(problem)
    own = {layer: planners(weighting.key, layer) for layer in made}
    theirs = {layer: [one.members for one in circles] for layer, circles in own.items()}
    broken = violations(problem, networks_of(problem, theirs))
    price = [cost(problem, networks_of(problem, one)) for one in (made, theirs)]
    yield f"### `{weighting.key}`\n"
    rules = ", ".join(f"{one.rule} ({' '.join(one.subjects)})" for one in broken)
    yield (
        f"Proven. By these weights the planner's circles cost {price[1] / price[0] - 1:.1%} more"
        f" ({price[1]:.3f} against {price[0]:.3f}) and break {rules or 'no rule'}.\n"
    )
    names = _names(made, rcs)
    for layer, circles in own.items():
        same = [one for one in circles if one.members in made[layer]]
        key = layer, frozenset(made[layer]), tuple(circles)
        before = told.setdefault(key, weighting.key)
        share = f"{layer.value}: {len(same)} of {len(circles)} are the planner's"
        if before != weighting.key:
            yield f"**{share}, as by `{before}`.**\n"
            continue
        verdict = DIFFERS[weighting.key, layer] if len(same) < len(circles) else ""
        yield f"**{share}.** {verdict}".rstrip() + "\n"
        yield _HEAD.format("Samkrets' circle", "what is said, with the report's lines")
        for ids in made[layer]:
            group = [rcs[one] for one in ids]
            yield _row(names[layer, ids], group, _lines(claims_of(group, layer, hours), rcs))
        yield ""
        yield _HEAD.format("the planner's circle", "why, with the report's lines")
        for one in circles:
            title = "the same" if one in same else "another"
            yield _row(title, [rcs[key] for key in one.members], one.why)
        yield ""


def _names(circles: Circles, rcs: Mapping[str, Rc]) -> dict[tuple[Layer, tuple[str, ...]], str]:
    groups = [(layer, ids) for layer, of in circles.items() for ids in of]
    names = circle_names([(layer, [rcs[one] for one in ids]) for layer, ids in groups], hours)
    return {group: name.swedish for group, name in zip(groups, names, strict=True)}


_HEAD = (
    "| {} | members | begun | model, today or where it is going | km | hours | {} |\n"
    "|---|---|---|---|---|---|---|"
)


def _row(title: str, group: Sequence[Rc], said: str) -> str:
    km, spent = widest(group, hours)
    begun = sum(rc.phase_band == PhaseBand.OPERATIONAL for rc in group)
    far = f"{km:.0f} | {spent:.1f}" if km is not None and spent is not None else "? | ?"
    members = ", ".join(short(rc) for rc in group)
    models = ", ".join(_model(rc) for rc in group)
    return f"| {title} | {members} | {begun} of {len(group)} | {models} | {far} | {said} |"


def _model(rc: Rc) -> str:
    ahead = model_ahead(rc)
    return model_today(rc) or (f"→ {ahead}" if ahead else "–")


def _lines(claims: Iterable[Claim], rcs: Mapping[str, Rc]) -> str:
    """What is claimed, in the register's words, each with the lines that it rests on."""
    said = []
    for one in claims:
        if one.claim == "near":
            continue
        fact = _SAID.get(one.fact, one.fact)
        value = f" {one.value}" if one.value not in {None, "yes"} else ""
        value = f" within {one.value} times" if one.claim == "alike_size" else value
        found = sorted(
            {line for key in one.members for line in _source(rcs[key], one.fact)},
            key=lambda line: int(line.partition("-")[0]) if line[0].isdigit() else 0,
        )
        first = [rcs[key] for key in one.members[: 1 if one.claim == "ahead" else None]]
        who = ", ".join(short(rc) for rc in first)
        rest = f" [{', '.join(found)}]" if found else ""
        said.append(f"{who} {_CLAIM.get(one.claim, one.claim)}: {fact}{value}{rest}")
    return "; ".join(said)


def _source(rc: Rc, fact: str) -> list[str]:
    column = _COLUMN.get(fact, fact)
    if fact == "model" and rc.org_model_current is None:
        column = "org_model_planned"
    source = rc.sources.get(column, "")
    return [one for one in source.removeprefix("ours:").removeprefix("ext:").split(";") if one]


def seconds() -> None:
    """Print how long each preset takes for 16 and 21 RC, with its proof."""
    print("| RC | sizes | meeting twice | preset | status | gap | s | processor s |")
    print("|---|---|---|---|---|---|---|---|")
    for sizes, price in (((3, 4), REPEATED_PAIR), ((3, 4), AVOIDED), ((3, 8), REPEATED_PAIR)):
        for count in (16, 21):
            for weighting in WEIGHTINGS:
                likeness = weights_of(weighting.weights)
                choice = replace(Choice(), likeness=likeness, sizes=sizes, repeated_pair=price)
                problem = by_road(problem_of_register(count, choice))
                start, began = perf_counter(), process_time()
                proof = solve(problem, SOLVE).proof
                print(
                    f"| {count} | {sizes[0]}-{sizes[1]} | {price} | {weighting.key} | {proof.status}"
                    f" | {proof.gap:.2%} | {perf_counter() - start:.1f} |"
                    f" {process_time() - began:.1f} |",
                    flush=True,
                )


def main() -> None:
    """Print or write the tables, then measure."""
    if "--write" in sys.argv:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}{page()}\n{END}{after}", encoding="utf-8")
        return
    if "--seconds" not in sys.argv:
        print(page())
    seconds()


if __name__ == "__main__":
    main()
