"""The judge of the fuzz test objects to every way in which an answer can be wrong."""

import copy
import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.cli.programme_apart import Json
from tests.cli.programme_judge import faults

DOCUMENT: Json = {
    "slots": [
        {"id": "s1", "start": "2027-02-01T09:00", "end": "2027-02-01T10:00"},
        {"id": "s2", "start": "2027-02-01T10:10", "end": "2027-02-01T11:00"},
        {"id": "s3", "start": "2027-02-01T11:10", "end": "2027-02-01T12:00", "kind": "plenary"},
    ],
    "rooms": [
        {"id": "big", "capacity": 9, "digital": True},
        {"id": "small", "capacity": 4, "unavailable_slots": ["s1"]},
    ],
    "tracks": [{"id": "x", "focus": "subject"}, {"id": "y", "focus": "organisation"}],
    "roles": [{"id": "police", "window": 1}],
    "sessions": [
        {
            "id": "law",
            "must_run": True,
            "hosts": ["lead"],
            "focus": "subject",
            "pin": {"slot": "s1"},
        },
        {"id": "case", "prerequisites": ["law"], "tables": {"size": 2}, "track": "x"},
        {"id": "need", "roles": ["police"], "unavailable_slots": ["s1"], "focus": "subject"},
        {"id": "never", "not_before": "2028-01-01T09:00"},
    ],
    "people": [
        {"id": "p1", "wishes": {"law": 2, "case": 1, "never": 1}, "body": "a"},
        {"id": "p2", "wishes": {"law": 1, "case": 2, "need": 0.5}, "body": "a"},
        {"id": "p3", "wishes": {"law": 1, "case": 3}, "body": "b"},
        {"id": "p4", "wishes": {"law": 1, "case": 1}, "form": "digital"},
        {"id": "lead"},
        {"id": "guest", "roles": ["police"], "arrives": "2027-02-01T10:00"},
    ],
    "walking": [{"from": "big", "to": "small", "minutes": 5}],
}
Change = Callable[[Json], object]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Json:
    file = tmp_path_factory.mktemp("judge") / "problem.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    options = ["--time-limit", "2", "--workers", "1"]
    result = CliRunner().invoke(app, ["programme", str(file), *options])
    assert result.exit_code == 0
    found: Json = json.loads(result.stdout)
    return found


def _send(person: str, session: str, slot: str) -> Change:
    line = {"slot": slot, "session": session}
    return lambda answer: answer["people"][person]["agenda"].append(line)


def _stand(session: str, **where: str | None) -> Change:
    return lambda answer: answer["sessions"][session].update(where)


def _say(*path: str, value: object) -> Change:
    def change(answer: Json) -> None:
        *parents, last = path
        for name in parents:
            answer = answer[name]
        answer[last] = value

    return change


WRONG: dict[str, Change] = {
    "sent to what does not run": _send("p1", "never", "s3"),
    "not here yet": _send("guest", "law", "s1"),
    "in nothing although leading": lambda answer: answer["people"]["lead"]["agenda"].clear(),
    "left out of an agenda": lambda answer: answer["people"]["p3"]["agenda"].pop(),
    "not at its pin": _stand("law", slot="s2"),
    "in a taken room": _stand("law", room="small"),
    "under embargo": _stand("never", slot="s2", room="small", reason=""),
    "must run": _stand("law", slot=None),
    "without a reason": _stand("never", reason=""),
    "in another track": _stand("case", track="y"),
    "of another focus": _stand("law", track="y"),
    "too good a score": _say("scores", "wished_weight", value=0.0),
    "too little hopping": _say("scores", "hopping", value=99.0),
    "fairer than it is": _say("fairness", value=[0.0, 0.0]),
    "too much attended": _say("attended_weight", value=99.0),
    "too low a bound": _say("upper_bound", value=1.0),
    "another gap": _say("gap", value=0.5),
    "not as proven as it says": _say("status", value="unknown"),
    "a person's sum": _say("people", "p1", "attended_weight", value=9.0),
    "a missed wish hidden": _say("people", "p1", "missed", value=[]),
    "nobody at a table": _say("tables", value=[]),
    "one alone at a large table": lambda answer: answer["tables"][0].update(
        rounds=[[["p1", "p2", "p3", "p4"]]]
    ),
    "a session forgotten": lambda answer: answer["sessions"].pop("never"),
    "a person forgotten": lambda answer: answer["people"].pop("p4"),
}


def test_the_answer_itself_is_faultless_and_has_all_that_can_be_wrong(answer: Json) -> None:
    assert faults(DOCUMENT, answer) == []
    assert answer["sessions"]["case"]["slot"]
    assert answer["sessions"]["never"]["slot"] is None
    assert answer["tables"]


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_changed_in_one_place_is_objected_to(answer: Json, name: str) -> None:
    changed = copy.deepcopy(answer)
    WRONG[name](changed)
    assert faults(DOCUMENT, changed) != []
