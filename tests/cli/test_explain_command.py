"""`samkrets explain` on what `samkrets match` answered: evidence, what if, alternatives and clear faults."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

MEMBERS = "id,phase,model,area\n" + "\n".join(
    f"rc{number},{'early' if number % 3 else 'late'},{'ab'[number % 2] if number else ''},{number * 1.5}"
    for number in range(8)
)
OPTIONS = ("--sizes", "4", "--weights", "model=3,area=1", "--unknown", "0.5")


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    members, result = tmp_path / "members.csv", tmp_path / "result.json"
    members.write_text(MEMBERS, encoding="utf-8")
    code, _, err = run("match", str(members), *OPTIONS, "--out", str(result))
    assert code == 0, err
    return str(members), str(result)


def explained(*words: str) -> tuple[Any, str]:
    code, out, err = run("explain", *words)
    assert code == 0, err
    return json.loads(out), err


def test_every_member_has_a_sentence_its_evidence_and_its_best_group(
    files: tuple[str, str],
) -> None:
    document, said = explained(*files, *OPTIONS)
    matched = json.loads(Path(files[1]).read_text(encoding="utf-8"))
    assert document["objective"] == pytest.approx(matched["objective"])
    assert document["violations"] == []
    rows = {row["id"]: row for row in document["layers"][0]["members"]}
    assert sorted(rows) == sorted(member["id"] for member in matched["members"])
    for member in matched["members"]:
        row = rows[member["id"]]
        assert row["dissimilarity"] == pytest.approx(member["dissimilarity"])
        assert row["sentence"] in said
        assert row["best"]["dissimilarity"] <= row["dissimilarity"] + 1e-12
    assert rows["rc0"]["unknown"] == ["model"]
    assert rows["rc0"]["is_thin"]


def test_a_changed_wish_is_told_as_a_difference_by_the_wishes_as_they_were(
    files: tuple[str, str],
) -> None:
    matched = json.loads(Path(files[1]).read_text(encoding="utf-8"))
    groups = [group["members"] for group in matched["groups"]]
    pair = f"{groups[0][0]},{groups[1][0]}"
    document, said = explained(*files, *OPTIONS, "--if-together", pair)
    found = document["what_if"]
    assert any(set(pair.split(",")) <= set(group) for group in found["networks"]["networks"])
    assert found["cost"] == pytest.approx(found["objective"] - matched["objective"])
    assert found["cost"] >= -1e-9
    assert found["made"]["networks"]
    assert "What if" in said
    same, _ = explained(*files, *OPTIONS, "--if-weights", "model=3")
    assert same["what_if"]["made"] == {"networks": []}
    apart, _ = explained(*files, *OPTIONS, "--if-apart", ",".join(groups[0][:2]))
    assert groups[0][:2] in apart["what_if"]["broken"]["networks"]


def test_alternatives_and_steady_pairs_come_when_asked_for(files: tuple[str, str]) -> None:
    plain, _ = explained(*files, *OPTIONS)
    assert (plain["alternatives"], plain["layers"][0]["steady"]) == ([], [])
    asked, _ = explained(*files, *OPTIONS, "--alternatives", "2", "--stability-of-pairs")
    assert asked["layers"][0]["steady"]
    assert all(pair["share"] >= 0.95 for pair in asked["layers"][0]["steady"])
    for one in asked["alternatives"]:
        assert one["different"] >= asked["clearly_different"]


def test_a_problem_of_several_layers_is_explained_layer_by_layer(tmp_path: Path) -> None:
    members = [{"id": f"m{n}", "values": {"x": n % 3, "y": n}} for n in range(6)]
    layers = [
        {"name": name, "sizes": [3, 3], "weights": {attribute: 1}}
        for name, attribute in (("likeness", "x"), ("nearness", "y"))
    ]
    problem, result = tmp_path / "problem.json", tmp_path / "result.json"
    problem.write_text(json.dumps({"members": members, "layers": layers, "repeated_pair": 0.1}))
    assert run("match", str(problem), "--out", str(result))[0] == 0
    document, said = explained(
        str(problem), str(result), "--layer", "nearness", "--if-apart", "m0,m1"
    )
    assert [layer["layer"] for layer in document["layers"]] == ["likeness", "nearness"]
    assert "nearness:" in said
    assert ["m0", "m1"] in document["what_if"]["broken"]["nearness"]
    code, out, err = run("explain", str(problem), str(result), "--if-apart", "m0,m1")
    assert (code, out) == (2, "")
    assert "--layer" in err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--if-together", "rc0,nobody"], '"nobody"'),
        (["--if-apart", "rc0"], "two or more different ids"),
        (["--if-weights", "colour=1"], "one of model, area"),
        (["--if-weights", "model=-1"], "attribute=weight"),
        (["--layer", "other", "--if-apart", "rc0,rc1"], "one of networks"),
    ],
)
def test_a_wish_that_cannot_be_read_is_one_clear_line(
    files: tuple[str, str], options: list[str], expected: str
) -> None:
    code, out, err = run("explain", *files, *OPTIONS, *options)
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_wishes_that_cannot_all_hold_are_listed_and_nothing_is_written(
    files: tuple[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    wishes = ("--apart", "rc0,rc1", "--if-together", "rc0,rc1", "--out", str(out))
    code, _, err = run("explain", *files, *OPTIONS, *wishes)
    assert code == 3
    assert "rc0" in err
    assert not out.exists()


def test_a_result_of_other_members_is_refused(files: tuple[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"groups":[{"members":["rc0","stranger"]}]}')
    code, _, err = run("explain", files[0], str(other), *OPTIONS)
    assert code == 2
    assert '"stranger"' in err
    other.write_text('{"groups":[{"members":["rc0","rc1"]}]}')
    code, _, err = run("explain", files[0], str(other), *OPTIONS)
    assert code == 2
    assert "rc2" in err
    other.write_text("[]")
    assert run("explain", files[0], str(other), *OPTIONS)[0] == 2


def test_a_broken_rule_of_hand_made_networks_is_named(
    files: tuple[str, str], tmp_path: Path
) -> None:
    made = tmp_path / "made.json"
    groups = [["rc0", "rc1", "rc2", "rc3", "rc4"], ["rc5", "rc6", "rc7"]]
    made.write_text(json.dumps({"groups": [{"members": group} for group in groups]}))
    document, said = explained(files[0], str(made), *OPTIONS)
    assert {broken["rule"] for broken in document["violations"]} == {"sizes"}
    assert "Broken:" in said


def test_the_guides_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = Path(__file__).parents[2] / "docs" / "guide" / "matching.md"
    line = re.search(r"\$ samkrets (explain .*)", guide.read_text(encoding="utf-8"))
    assert line is not None
    words = shlex.split(line[1])
    monkeypatch.chdir(tmp_path)
    rows = (f"{name},{'xy'[place % 2]},{place}" for place, name in enumerate("abcdef"))
    Path(words[1]).write_text("\n".join(("id,model,area", *rows)), encoding="utf-8")
    options = words[3 : words.index("--if-together")]
    assert run("match", words[1], *options, "--out", words[2])[0] == 0
    document, _ = explained(*words[1:])
    assert "what_if" in document
