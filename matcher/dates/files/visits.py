"""Study visits from JSON, and the pairs to JSON with why each host and why not a nearer one."""

from collections import Counter
from typing import Any

from matcher.dates.files.reading import point_of
from matcher.dates.files.schema import VISITS_SCHEMA
from matcher.dates.visits.problem import (
    Aim,
    Host,
    Pairing,
    Visitor,
    VisitProblem,
    hours_of,
    kilometres,
    minutes,
    missed,
    obstacle,
)
from matcher.documents.fields import read_fields
from matcher.documents.reader import Reader
from matcher.documents.schema import check_schema
from matcher.geo import Point
from matcher.travel import Travel, band_of


def visits_from(document: object, travel: Travel | None = None) -> VisitProblem:
    """Read a visits problem from a parsed document; without a table, journeys are rough.

    Raises:
        InvalidProblemError: with one fault per place, JSON path first.
    """
    check_schema(document, VISITS_SCHEMA)
    whole: Any = document
    reader = Reader()
    reader.unique("$.visitors", whole["visitors"])
    hosts = reader.unique("$.hosts", whole["hosts"])
    for number, item in enumerate(whole["visitors"]):
        reader.known(
            f"$.visitors[{number}].visited", item.get("visited", []), hosts, "the id of a host"
        )
    reader.finish()
    visitors = tuple(
        Visitor(home=_home(item), aims=_aims(item), **read_fields(Visitor, item))
        for item in whole["visitors"]
    )
    received = tuple(Host(home=_home(item), **read_fields(Host, item)) for item in whole["hosts"])
    longest = whole.get("settings", {}).get("longest_hours")
    return VisitProblem(visitors, received, longest, travel or Travel())


def pairing_document(problem: VisitProblem, pairing: Pairing) -> dict[str, Any]:
    """Write the pairs, near first for the reader too, and who has no host and why."""
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    host_of = dict(pairing.pairs)
    load = Counter(host_of.values())
    rows = [_pair(problem, visitors[one], other, load) for one, other in pairing.pairs]
    left = [visitor for visitor in problem.visitors if visitor.id not in host_of]
    is_proven = pairing.left_out.status == pairing.minutes.status == "optimal"
    return {
        "status": "optimal" if is_proven else "feasible",
        "travel": "estimate",
        "pairs": sorted(rows, key=lambda row: (row["hours"], row["visitor"])),
        "unpaired": [{"visitor": one.id, "reasons": _reasons(problem, one)} for one in left],
        "hosts": [
            {"id": host.id, "visits": load[host.id], "capacity": host.capacity}
            for host in problem.hosts
        ],
        "goals_missed": _missed(problem, pairing),
        "total_hours": round(minutes(problem, pairing.pairs) / 60.0, 1),
        "total_km": round(_total_km(problem, pairing), 1),
        "gap": max(pairing.left_out.gap, pairing.minutes.gap),
    }


def _missed(problem: VisitProblem, pairing: Pairing) -> int:
    """Return how many aims the hosts have nothing of."""
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    return sum(len(missed(visitors[one], hosts[other])) for one, other in pairing.pairs)


def _total_km(problem: VisitProblem, pairing: Pairing) -> float:
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    return sum(kilometres(visitors[one], hosts[other]) for one, other in pairing.pairs)


def _aims(item: dict[str, Any]) -> tuple[Aim, ...]:
    """Return a visitor's aims; its `goal` weighs more than all the others together."""
    others = tuple(Aim(**read_fields(Aim, one)) for one in item.get("aims", []))
    if not item.get("goal"):
        return others
    return (Aim(frozenset(item["goal"]), 1 + sum(one.weight for one in others)), *others)


def _home(item: dict[str, Any]) -> Point:
    home = point_of(item)
    if home is None:
        raise AssertionError("the schema asks for lat and lon")
    return home


def _pair(
    problem: VisitProblem, visitor: Visitor, chosen: str, load: Counter[str]
) -> dict[str, Any]:
    hosts = {host.id: host for host in problem.hosts}
    hours = hours_of(problem, visitor, hosts[chosen])
    nearer = [
        host
        for host in problem.hosts
        if host.id != visitor.id and hours_of(problem, visitor, host) < hours
    ]
    reasons = []
    for host in sorted(nearer, key=lambda host: hours_of(problem, visitor, host)):
        why = obstacle(problem, visitor, host)
        if why is None:
            room = "is full" if load[host.id] >= host.capacity else "is kept for another"
            why = f"{room} ({load[host.id]} of {host.capacity})"
        reasons.append({"host": host.id, "why_not": why})
    return {
        "visitor": visitor.id,
        "host": chosen,
        "hours": round(hours, 2),
        "band": band_of(hours),
        "nearer": reasons,
    }


def _reasons(problem: VisitProblem, visitor: Visitor) -> list[dict[str, str]]:
    full = "all its visits are taken"
    return [
        {"host": host.id, "why_not": obstacle(problem, visitor, host) or full}
        for host in problem.hosts
    ]
