"""`samkrets travel FROM TO`: the quickest usual journey between two towns, door to door."""

import csv
from pathlib import Path

import typer

from api.commands.files import BAD_INPUT, one_line, write_whole
from api.registry.reference import DATA
from api.travel.shipped import Town, UnknownTownError, shipped_travel, town
from matcher.documents.text import write_json

_DECIMALS = 2


def travel(
    start: str = typer.Argument(..., metavar="FROM", help="A Swedish town, or an RC's key."),
    goal: str = typer.Argument(..., metavar="TO", help="Another."),
    out: str = typer.Option("-", help="File for the result, or - for standard output."),
) -> None:
    """Say how long it takes from door to door, over which legs, and what the figure rests on."""
    ends = [_found(where, name) for where, name in (("FROM", start), ("TO", goal))]
    if None in ends:
        raise typer.Exit(BAD_INPUT)
    one, other = (end for end in ends if end is not None)
    found = shipped_travel().journey(one.point, other.point)
    legs = [
        {
            "a": leg.a or one.name,
            "b": leg.b or other.name,
            "mode": leg.mode,
            "hours": round(leg.hours, _DECIMALS),
        }
        for leg in found.legs
    ]
    document = {
        "from": one.name,
        "to": other.name,
        "hours": round(found.hours, _DECIMALS),
        "legs": legs,
        "basis": found.basis,
    }
    write_whole(write_json(document), out)


def _found(where: str, name: str) -> Town | None:
    try:
        return town(name)
    except UnknownTownError as error:
        seat = _seats().get(name.strip().casefold())
        if seat is not None:
            return town(seat)
        near = f"; nearest: {', '.join(error.near)}" if error.near else ""
        typer.echo(one_line(f"{where}: {name!r}: expected a Swedish town{near}"), err=True)
        return None


def _seats() -> dict[str, str]:
    path: Path = DATA / "rc_areas.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["rc_id"]: row["seat_city"] for row in csv.DictReader(file)}
