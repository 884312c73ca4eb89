"""`samkrets dates` and `samkrets schema dates`: exit codes, faults by path, nothing written on failure."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from api.cli import app
from tests.matcher.dates.meetings import random_meeting

GOOD: dict[str, Any] = {
    "dates": ["2027-03-01", {"id": "b", "start": "2027-03-02T10:00", "end": "2027-03-02T15:00"}],
    "places": [{"id": "gavle", "lat": 60.67, "lon": 17.14, "capacity": 30}],
    "people": [
        {"id": "p", "role": "police", "body": "skane", "availability": {"b": "yes"}},
    ],
}
JUNK: tuple[Any, ...] = (None, -1, 1e300, "", "x", "2027-02-30", [], {}, True, [[]], {"id": 1}, 7)


def run(tmp_path: Path, text: str) -> tuple[int, str, str]:
    problem = tmp_path / "problem.json"
    problem.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["dates", str(problem), "--out", str(tmp_path / "out.json")])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    out = tmp_path / "out.json"
    written = out.read_text(encoding="utf-8") if out.exists() else ""
    return result.exit_code, written, result.stderr


def test_choices_are_written_with_figures_and_reasons(tmp_path: Path) -> None:
    code, written, told = run(tmp_path, json.dumps(GOOD))
    choices = json.loads(written)["choices"]
    assert code == 0
    assert [(c["rank"], c["date"], c["place"]) for c in choices] == [
        (1, "b", "gavle"),
        (2, "2027-03-01", "gavle"),
    ]
    assert choices[1]["loses_because"] == "0 attend, 1 at the choice above"
    assert "travel is an estimate" in told


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"dates": []}, "$.dates"),
        ({"dates": ["2027-02-29"]}, "$.dates[0]"),
        ({"dates": [{"id": "b", "start": "2027-03-02", "end": "2027-03-01"}]}, "$.dates[0].end"),
        ({"places": [{"id": "a", "lat": 91, "lon": 0}]}, "$.places[0].lat"),
        ({"places": [{"id": "a"}, {"id": "a"}]}, "$.places[1].id"),
        ({"people": [{"id": "p", "availability": {"b": "perhaps"}}]}, "$.people[0].availability"),
        ({"people": [{"id": "p", "availability": {"c": "yes"}}]}, "$.people[0].availability"),
        ({"history": [{"place": "nowhere"}]}, "$.history[0].place"),
        ({"settings": {"notice_weeks": 6}}, "$.settings.notice_weeks"),
        ({"setings": {}}, "$"),
    ],
)
def test_bad_input_exits_2_with_the_path_and_writes_nothing(
    tmp_path: Path, change: dict[str, Any], path: str
) -> None:
    code, written, told = run(tmp_path, json.dumps({**GOOD, **change}))
    assert (code, written) == (2, "")
    assert f"problem.json: {path}" in told


def test_no_choice_left_exits_3_with_the_rules(tmp_path: Path) -> None:
    people = [{"id": f"p{n}"} for n in range(31)]
    code, written, told = run(tmp_path, json.dumps({**GOOD, "people": people}))
    assert (code, written) == (3, "")
    assert "capacity: gavle holds 30, 31 may come" in told


@pytest.mark.parametrize("count", [25, pytest.param(250, marks=pytest.mark.full)])
def test_mutated_files_never_end_in_a_traceback(tmp_path: Path, count: int) -> None:
    draw = random.Random(9)
    for number in range(count):
        document = copy.deepcopy(random_meeting(number % 7))
        _spoil(document, draw)
        code, _, told = run(tmp_path, json.dumps(document))
        assert code in {0, 2, 3}
        assert "Traceback" not in told
        (tmp_path / "out.json").unlink(missing_ok=True)


def _spoil(document: dict[str, Any], draw: random.Random) -> None:
    """Replace, remove or double one value somewhere in the document."""
    at: Any = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return
        key = draw.choice(keys)
        if isinstance(at[key], dict | list) and at[key] and draw.random() < 0.8:
            at = at[key]
            continue
        if isinstance(at, list) and draw.random() < 0.3:
            at.append(at[key])
        elif draw.random() < 0.3:
            del at[key]
        else:
            at[key] = draw.choice(JUNK)
        return


YEAR: dict[str, Any] = {
    "first": "2027-01-04",
    "last": "2027-06-30",
    "series": [
        {"id": "forum", "count": 2, "part": "morning", "min_gap_days": 60},
        {"id": "added", "count": 2, "attached_to": "forum"},
    ],
    "people": [{"id": "a", "unavailable": ["2027-03-01"]}],
    "closed": ["2027-01-06", {"first": "2027-02-15", "last": "2027-02-19", "name": "break"}],
}


def test_year_is_laid_out_with_weeks_and_proof(tmp_path: Path) -> None:
    code, written, told = run(tmp_path, json.dumps(YEAR))
    found = json.loads(written)
    assert code == 0
    assert (found["kind"], found["status"], found["gap"]) == ("year", "optimal", 0.0)
    assert [meeting["series"] for meeting in found["meetings"]] == ["added", "forum"] * 2
    assert all(meeting["week"].startswith("2027-W") for meeting in found["meetings"])
    assert "4 meetings: moved 0, absent 0, crowded 0" in told


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"last": "2026-01-01"}, "$.last"),
        ({"last": "2036-01-01"}, "$.last"),
        ({"series": [{"id": "s"}]}, "$.series[0]"),
        ({"series": [{"id": "s", "count": 1, "people": ["x"]}]}, "$.series[0].people"),
        ({"series": [{"id": "s", "count": 1, "attached_to": "s"}]}, "$.series[0].attached_to"),
        ({"current": [{"series": "x", "number": 1, "date": "2027-02-01"}]}, "$.current[0].series"),
        ({"kind": "years"}, "$.kind"),
    ],
)
def test_bad_year_exits_2_with_the_path(tmp_path: Path, change: dict[str, Any], path: str) -> None:
    code, written, told = run(tmp_path, json.dumps({**YEAR, **change}))
    assert (code, written) == (2, "")
    assert f"problem.json: {path}" in told


def test_impossible_year_exits_3_and_no_time_exits_4(tmp_path: Path) -> None:
    tight = {"id": "s", "count": 9, "min_gap_days": 60}
    code, written, told = run(tmp_path, json.dumps({**YEAR, "series": [tight]}))
    assert (code, written) == (3, "")
    assert "9 meetings of s at least 60 days apart" in told
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(YEAR), encoding="utf-8")
    result = CliRunner().invoke(app, ["dates", str(problem), "--time-limit", "0.001"])
    assert (result.exit_code, result.stdout) == (4, "")


def test_schema_is_a_valid_json_schema_and_accepts_the_good_file() -> None:
    result = CliRunner().invoke(app, ["schema", "dates"])
    schema = json.loads(result.stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert [list(validator.iter_errors(good)) for good in (GOOD, YEAR)] == [[], []]
    assert list(validator.iter_errors({**YEAR, "kind": "visits"}))


def test_unknown_schema_exits_2() -> None:
    assert CliRunner().invoke(app, ["schema", "x"]).exit_code == 2
