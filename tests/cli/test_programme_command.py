import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

MINIMAL: dict[str, Any] = {
    "slots": [{"id": "s1"}, {"id": "s2"}],
    "rooms": [{"id": "r1", "capacity": 40}],
    "sessions": [{"id": "t1", "hosts": ["p9"], "unavailable_slots": ["s2"]}],
    "people": [{"id": "p1", "wishes": {"t1": 3.0}}],
}


def run(tmp_path: Path, text: str, *options: str) -> tuple[int, str, str]:
    path = tmp_path / "problem.json"
    path.write_text(text, encoding="utf-8")
    arguments = ["programme", str(path), "--time-limit", "1", "--workers", "1", *options]
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_minimal_form_is_planned(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, json.dumps(MINIMAL))
    answer = json.loads(out)
    assert code == 0
    assert answer["sessions"]["t1"]["slot"] == "s1"
    assert answer["people"] == {
        "p1": {
            "agenda": [{"slot": "s1", "session": "t1"}],
            "attended_weight": 3.0,
            "missed": [],
        }
    }
    assert answer["violations"] == []
    assert (answer["attended_weight"], answer["wished_weight"], answer["gap"]) == (3.0, 3.0, 0.0)


def test_fault_names_its_json_path_value_and_expectation(tmp_path: Path) -> None:
    document = copy.deepcopy(MINIMAL)
    document["rooms"][0]["capacity"] = -1
    document["people"][0]["wishes"] = {"t1": "much"}
    code, out, err = run(tmp_path, json.dumps(document))
    assert (code, out) == (2, "")
    assert "$.rooms[0].capacity: got -1" in err
    document["rooms"][0]["capacity"] = 1
    code, out, err = run(tmp_path, json.dumps(document))
    assert '$.people[0].wishes.t1: got "much"; expected a number from 0' in err


def test_nothing_is_written_when_pins_contradict(tmp_path: Path) -> None:
    document = copy.deepcopy(MINIMAL)
    document["sessions"] = [
        {"id": "t1", "pin": {"slot": "s1"}},
        {"id": "t2", "pin": {"slot": "s1"}},
    ]
    out = tmp_path / "out.json"
    code, _, err = run(tmp_path, json.dumps(document), "--out", str(out))
    assert code == 3
    assert "t1 is pinned to s1" in err
    assert "t2 is pinned to s1" in err
    assert not out.exists()


def test_contradiction_of_a_role_and_pins_names_the_fewest_rules_and_no_others(
    tmp_path: Path,
) -> None:
    document = copy.deepcopy(MINIMAL)
    document["slots"] = [{"id": f"s{number}"} for number in range(4)]
    document["rooms"] = [{"id": "r1"}, {"id": "r2"}]
    document["roles"] = [{"id": "police", "window": 1}]
    document["sessions"] = [
        {"id": "t1", "roles": ["police"], "pin": {"slot": "s0"}},
        {"id": "t2", "roles": ["police"], "pin": {"slot": "s3"}},
        {"id": "t3", "pin": {"slot": "s1", "room": "r1"}, "prerequisites": ["t1"]},
        {"id": "t4", "must_run": True},
    ]
    document["people"] = []
    code, out, err = run(tmp_path, json.dumps(document))
    assert (code, out) == (3, "")
    for rule in ("t1 is pinned to s0", "t2 is pinned to s3", "the sessions for police fit 1 slot"):
        assert rule in err
    assert "t3" not in err
    assert "t4" not in err


def test_time_that_ends_before_a_first_timetable_exits_4_and_writes_nothing(tmp_path: Path) -> None:
    sessions: list[dict[str, Any]] = [{"id": f"t{number}"} for number in range(150)]
    for number in range(1, 150):
        sessions[number]["prerequisites"] = [f"t{number // 2}"]
        sessions[number]["must_run"] = True
    document = {
        "slots": [{"id": f"s{number}"} for number in range(30)],
        "rooms": [{"id": f"r{number}", "capacity": 30} for number in range(6)],
        "sessions": sessions,
        "people": [{"id": "p1", "wishes": {"t1": 1}}],
    }
    out = tmp_path / "out.json"
    code, printed, err = run(
        tmp_path, json.dumps(document), "--time-limit", "0.1", "--out", str(out)
    )
    assert (code, printed) == (4, "")
    assert "time" in err.lower()
    assert not out.exists()


def test_schema_of_a_programme_is_printed() -> None:
    result = CliRunner().invoke(app, ["schema", "programme"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["required"] == ["slots", "rooms", "sessions", "people"]


RICH: dict[str, Any] = {
    "slots": [
        {"id": "s1", "start": "2026-10-01T09:00", "end": "2026-10-01T10:00"},
        {"id": "s2", "start": "2026-10-01T10:15", "end": "2026-10-01T11:00"},
        {"id": "s3", "start": "2026-10-02T09:00", "end": "2026-10-02T10:00", "kind": "plenary"},
    ],
    "rooms": [
        {"id": "r1", "capacity": 4, "digital": True},
        {"id": "r2", "accessible": True, "equipment": ["screen"], "unavailable_slots": ["s1"]},
    ],
    "tracks": [{"id": "start", "focus": "organisation"}, {"id": "matters", "focus": "subject"}],
    "roles": [{"id": "police", "window": 1}],
    "sessions": [
        {"id": "t1", "hosts": ["p1"], "repeats": 2, "track": "start"},
        {"id": "t2", "roles": ["police"], "focus": "subject", "needs": {"digital": True}},
        {"id": "t3", "prerequisites": ["t1"], "tables": {"size": 2, "rounds": 2}},
        {"id": "t4", "pin": {"slot": "s3"}, "must_run": True, "not_before": "2026-10-02T08:00"},
    ],
    "people": [
        {"id": "p1", "wishes": {"t2": 1, "t3": 2}, "body": "rc1", "must": ["t4"]},
        {"id": "p2", "wishes": {"t1": 2, "t3": 1}, "body": "rc1", "group": "early"},
        {"id": "p3", "wishes": {"t1": 3}, "departs": "2026-10-01T12:00", "form": "digital"},
        {"id": "p4", "roles": ["police"], "arrives": "2026-10-01T10:00", "accessible": False},
    ],
    "bodies": [{"id": "rc1", "wishes": {"t1": 2}}],
    "walking": [{"from": "r1", "to": "r2", "minutes": 20}],
    "met": [{"people": ["p1", "p2"], "times": 2}],
    "published": [{"session": "t1", "slot": "s1", "room": "r1"}],
}


def test_every_optional_field_is_planned_without_violations(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, json.dumps(RICH))
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["violations"] == []
    assert answer["sessions"]["t4"]["slot"] == "s3"


def mutated(document: dict[str, Any], draw: random.Random) -> str:
    """Return a problem file with one to three things wrong, as people and programs make them."""
    copied = copy.deepcopy(document)
    for _ in range(draw.randint(1, 3)):
        holder: Any = copied
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw.choice(keys)
            if isinstance(holder[key], dict | list) and draw.random() < 0.8:
                holder = holder[key]
                continue
            action = draw.randrange(4)
            if action == 0:
                del holder[key]
            elif action == 1 and isinstance(holder, dict):
                holder[draw.choice(("", "idd", "å", "slots"))] = holder.pop(key)
            elif action == 2 and isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            else:
                holder[key] = draw.choice(
                    (None, -1, 0, 1e308, 1.5, "", "x", True, [], {}, [[]], "2026-13-45T99:99")
                )
            break
    text = json.dumps(copied)
    if draw.random() < 0.1:
        cut = draw.randrange(len(text))
        text = text[:cut] + draw.choice(("", "}", '"', "NaN", "\x00")) + text[cut + 1 :]
    return text


def check_mutations(tmp_path: Path, count: int, seed: str) -> None:
    draw = random.Random(seed)
    for number in range(count):
        text = mutated(RICH if number % 2 else MINIMAL, draw)
        code, out, err = run(tmp_path, text, "--time-limit", "0.2")
        assert code in {0, 2, 3, 4}, text
        assert bool(out) == (code == 0), text
        assert "Traceback" not in err, text
        assert code == 0 or err.strip(), text


def test_mutated_problem_files_give_plain_lines(tmp_path: Path) -> None:
    check_mutations(tmp_path, 40, "quick")


@pytest.mark.full
def test_500_mutated_problem_files_give_no_traceback(tmp_path: Path) -> None:
    check_mutations(tmp_path, 500, "full")
