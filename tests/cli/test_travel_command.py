"""`samkrets travel`: the quickest usual journey as JSON, and a clear no to a town that nobody knows."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app


def run(*names: str) -> tuple[int, Any, str]:
    result = CliRunner().invoke(app, ["travel", *names])
    return result.exit_code, json.loads(result.stdout) if result.stdout else None, result.stderr


def test_a_journey_is_told_with_its_legs_and_what_it_rests_on() -> None:
    code, found, _ = run("Göteborg", "Stockholm")
    assert code == 0
    assert found == {
        "from": "Göteborg",
        "to": "Stockholm",
        "hours": 3.6,
        "legs": [{"a": "Göteborg", "b": "Stockholm", "mode": "rail", "hours": 3.1}],
        "basis": "table",
    }


def test_a_change_is_counted_and_a_town_outside_the_table_is_rough() -> None:
    _, found, _ = run("Kronoberg", "Orsa")
    assert (found["from"], found["to"], found["basis"]) == ("Växjö", "Orsa", "rough")
    legs = found["legs"]
    assert [leg["a"] for leg in legs[1:]] == [leg["b"] for leg in legs[:-1]]
    assert (legs[0]["a"], legs[-1]["b"], legs[-1]["mode"]) == ("Växjö", "Orsa", "road")
    spent = sum(leg["hours"] for leg in legs) + 0.4 * (len(legs) - 1) + 0.5
    assert found["hours"] == pytest.approx(spent, abs=0.03)


def test_within_a_town_it_is_not_nothing() -> None:
    assert run("Luleå", "lulea")[1]["hours"] == 0.5


def test_unknown_towns_are_asked_for_and_nothing_is_written() -> None:
    code, found, told = run("Göteburg", "xyz")
    assert (code, found) == (2, None)
    assert "FROM: 'Göteburg': expected a Swedish town; nearest: Göteborg" in told
    assert "TO: 'xyz': expected a Swedish town" in told
