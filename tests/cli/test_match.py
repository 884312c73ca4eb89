"""`samkrets match` on members files: answers as the contract has them, one clear line per fault."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

GOOD = "id,phase,model,area,lat,lon\n" + "\n".join(
    f"rc{number},{'early' if number % 3 else 'late'},{'ab'[number % 2]},{number * 1.5},{55 + number},{12 + number}"
    for number in range(8)
)


def run(tmp_path: Path, content: str | bytes, *options: str) -> tuple[int, str, str]:
    path = tmp_path / "members.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = CliRunner().invoke(app, ["match", str(path), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def solved(tmp_path: Path, content: str, *options: str) -> Any:  # noqa: ANN401 - JSON
    code, out, err = run(tmp_path, content, *options)
    assert code == 0, err
    return json.loads(out)


def test_answer_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    answer = solved(tmp_path, GOOD, "--sizes", "2-4", "--weights", "model=3,area=1,geography=1")
    assert answer["status"] == "optimal"
    assert answer["gap"] == 0.0
    assert answer["objective"] == answer["lower_bound"]
    assert (answer["metric"], answer["cost"], answer["sizes"]) == ("gower", "peer-mean", [2, 4])
    assert sum(group["cost"] for group in answer["groups"]) == pytest.approx(answer["objective"])
    seated = sorted(member for group in answer["groups"] for member in group["members"])
    assert seated == sorted(member["id"] for member in answer["members"])
    reasons = answer["members"][0]["reasons"]
    assert [reason["attribute"] for reason in reasons] == ["model", "area", "geography"]
    assert [reason["weight"] for reason in reasons] == [3.0, 1.0, 1.0]
    assert sum(member["dissimilarity"] for member in answer["members"]) == pytest.approx(
        answer["objective"]
    )


def test_history_makes_broken_and_repeated_pairs_cost(tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    run(tmp_path, GOOD, "--sizes", "4", "--out", str(first))
    groups = json.loads(first.read_text())["groups"]
    kept = solved(tmp_path, GOOD, "--sizes", "4", "--history", str(first), "--stability", "5")
    assert kept["groups"] == groups
    assert kept["penalties"] == []
    new = solved(tmp_path, GOOD, "--sizes", "4", "--history", str(first), "--novelty", "5")
    # Two halves of each old network meet again whatever is done: four pairs.
    assert [penalty["rule"] for penalty in new["penalties"]] == ["novelty"] * 4
    assert new["objective"] == pytest.approx(20 + sum(group["cost"] for group in new["groups"]))


def test_together_and_apart_are_kept(tmp_path: Path) -> None:
    answer = solved(tmp_path, GOOD, "--sizes", "4", "--together", "rc0,rc7", "--apart", "rc0,rc1")
    group = next(group["members"] for group in answer["groups"] if "rc0" in group["members"])
    assert "rc7" in group
    assert "rc1" not in group


def test_fair_answer_tells_levels_and_price(tmp_path: Path) -> None:
    answer = solved(tmp_path, GOOD, "--fair")
    costs = sorted((member["dissimilarity"] for member in answer["members"]), reverse=True)
    assert answer["fair"] == {"levels": pytest.approx(costs), "proven": 8}
    assert answer["status"] == "optimal"
    assert answer["price_of_fairness"] == pytest.approx(answer["objective"] / answer["lower_bound"])


FAULTS: list[tuple[str, str | bytes, list[str], str]] = [
    ("duplicate id", "id,x\na,1\nb,2\na,3\n", [], "row 4, field id"),
    ("no id column", "name,x\na,1\nb,2\n", [], "id as the first column"),
    ("empty file", "", [], "row 1"),
    ("no rows", "id,x\n", [], "0 members"),
    ("missing field", "id,x,y\na,1\nb,2,3\n", [], "row 2"),
    ("field too many", "id,x\na,1,9\nb,2\n", [], "row 2"),
    ("column twice", "id,x,x\na,1,1\nb,2,2\n", [], "each column name once"),
    ("column without name", "id,\na,1\nb,2\n", [], "a name for each column"),
    ("latin-1", "id,x\nå,1\nb,2\n".encode("latin-1"), [], "UTF-8"),
    ("open quote", 'id,x\na,"1\nb,2\n', [], "row 2: got a quote that is never closed"),
    ("control character", "id,x\na,\x00\n", [], "a zero byte"),
    ("bell", "id,x\na,\x07\n", [], "row 2"),
    ("latitude out of range", "id,lat,lon\na,95,15\nb,60,15\n", [], "row 2, field lat"),
    ("letter in a latitude", "id,lat,lon\na,x,15\nb,60,15\n", [], "row 2, field lat"),
    ("NaN in a short column", "id,x\na,1\nb,nan\nc,2\n", [], "row 3, field x"),
    ("infinite", "id,x\na,1\nb,-Infinity\nc,2\n", [], "row 3, field x"),
    ("huge numbers alone", "id,x\na,1e308\nb,\nc,2\n", [], "row 2, field x"),
    ("NaN among numbers", GOOD.replace("6.0", "nan"), [], "row 6, field area"),
    ("too large a number", GOOD.replace("6.0", "1e999"), [], "row 6, field area"),
    ("name with sqeuclidean", "id,x\na,1\nb,y\n", ["--metric", "sqeuclidean"], "row 3, field x"),
    ("unknown with sqeuclidean", "id,x\na,1\nb,\n", ["--metric", "sqeuclidean"], "row 3, field x"),
    ("unknown preset", GOOD, ["--preset", "blance"], "one of own_wish, balance, model, phase"),
    (
        "preset and weights",
        GOOD,
        ["--preset", "nearness", "--weights", "area=1"],
        "beside --preset",
    ),
    ("preset without its column", GOOD, ["--preset", "balance"], "no column phase_band"),
    ("bad sizes", GOOD, ["--sizes", "4-3"], "--sizes"),
    ("lonely sizes", GOOD, ["--sizes", "1-3"], "--sizes"),
    ("sizes in letters", GOOD, ["--sizes", "three"], "--sizes"),
    ("unknown weight", GOOD, ["--weights", "colour=1"], '"colour"'),
    ("weight below zero", GOOD, ["--weights", "model=-1"], "--weights"),
    ("weights all zero", GOOD, ["--weights", "model=0"], "weights"),
    ("weight in letters", GOOD, ["--weights", "model=much"], "--weights"),
    ("weight twice", GOOD, ["--weights", "model=1,model=2"], "each column once"),
    ("unknown ordered column", GOOD, ["--ordered", "colour=a<b"], "--ordered"),
    ("one level", GOOD, ["--ordered", "phase=early"], "--ordered"),
    (
        "value outside levels",
        GOOD.replace("rc0,late", "rc0,l"),
        ["--ordered", "phase=early<late"],
        "row 2, field phase",
    ),
    ("unknown id together", GOOD, ["--together", "rc0,nobody"], '"nobody"'),
    ("one id together", GOOD, ["--together", "rc0"], "--together"),
    ("same id apart", GOOD, ["--apart", "rc0,rc0"], "--apart"),
    ("unknown metric", GOOD, ["--metric", "manhattan"], "--metric"),
    ("unknown cost", GOOD, ["--cost", "mean"], "--cost"),
    ("bad unknown", GOOD, ["--unknown", "2"], "--unknown"),
    ("stability nan", GOOD, ["--stability", "nan"], "--stability"),
    ("novelty below zero", GOOD, ["--novelty=-1"], "--novelty"),
    ("no time", GOOD, ["--time-limit", "0"], "--time-limit"),
    ("history missing", GOOD, ["--history", "nowhere.json"], "--history nowhere.json"),
    ("certainty unknown", GOOD, ["--certainty", "model=sure"], '"sure"'),
]


@pytest.mark.parametrize(
    ("content", "options", "expected"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_bad_input_is_refused_in_one_line(
    tmp_path: Path, content: str | bytes, options: list[str], expected: str
) -> None:
    code, out, err = run(tmp_path, content, *options)
    assert (code, out) == (2, "")
    assert expected in err
    assert len(err.splitlines()) == 1


def test_one_name_among_numbers_makes_a_column_of_names_and_says_so(tmp_path: Path) -> None:
    content = "id,x\n" + "".join(f"{name},{name}\n" for name in "12345") + "f,six\n"
    code, out, err = run(tmp_path, content, "--sizes", "3")
    assert code == 0
    assert json.loads(out)["objective"] == 6.0  # all six differ, whatever the numbers
    assert "note: row 7, field x" in err
    assert '"six" is no number' in err
    few = "id,x\na,-\nb,9\nc,1\nd,9\n"  # a sign for what is not known, among few numbers
    _, _, err = run(tmp_path, few, "--sizes", "2")
    assert 'row 2, field x: "-" is no number' in err
    _, quiet, silence = run(tmp_path, content, "--sizes", "3", "--category", "x")
    assert silence == ""
    assert json.loads(quiet)["objective"] == 6.0


def test_a_fault_stays_on_its_line_whatever_the_names_hold(tmp_path: Path) -> None:
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps({"members": [{"id": "a\nb"}, {"id": "a\nb"}]}))
    result = CliRunner().invoke(app, ["match", str(problem)])
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    problem.write_text('{"members": [{"id": "a"}, {"id": "b\\ud83d"}, {"id": "c"}]}')
    result = CliRunner().invoke(app, ["match", str(problem)])
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert "half a surrogate pair" in result.stderr
    problem.write_text('{"members": [{"id": "a"}, {"id": "b\\ud83d\\ude00"}, {"id": "c"}]}')
    assert CliRunner().invoke(app, ["match", str(problem)]).exit_code == 0
    content = 'id,x\n"a\nb",1\nc,2\nd,3\n'
    wishes = ["--together", '"a\nb",c', "--apart", '"a\nb",c']
    code, _, err = run(tmp_path, content, "--sizes", "3", *wishes)
    assert code == 3
    assert [line[:4] for line in err.splitlines()[1:]] == ["  - ", "  - "]


def test_history_that_is_no_result_is_refused(tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    for text in ("{", "[]", "{}", '{"groups": 3}', '{"groups": [{"members": ["rc0", "rc0"]}]}'):
        history.write_text(text)
        code, out, err = run(tmp_path, GOOD, "--history", str(history), "--stability", "1")
        assert (code, out, len(err.splitlines())) == (2, "", 1), text


def test_sizes_that_cannot_cover_the_members_are_infeasible(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, GOOD, "--sizes", "5")
    assert (code, out) == (3, "")
    assert "sizes: networks of 5 cannot hold exactly 8 members" in err


def test_contradicting_wishes_are_told_and_no_others(tmp_path: Path) -> None:
    options = ["--together", "rc0,rc1", "--together", "rc1,rc2", "--together", "rc5,rc6"]
    code, out, err = run(tmp_path, GOOD, *options, "--apart", "rc2,rc0", "--apart", "rc3,rc4")
    assert (code, out) == (3, "")
    rules = [line.strip(" -") for line in err.splitlines()[1:]]
    assert rules == ["together: rc0, rc1", "together: rc1, rc2", "apart: rc2, rc0"]


def test_too_many_together_names_the_size(tmp_path: Path) -> None:
    options = ["--together", "rc0,rc1,rc2", "--together", "rc2,rc3,rc4", "--together", "rc6,rc7"]
    code, _, err = run(tmp_path, GOOD, *options)
    assert code == 3
    rules = [line.strip(" -") for line in err.splitlines()[1:]]
    assert rules == [
        "together: rc0, rc1, rc2",
        "together: rc2, rc3, rc4",
        "sizes: at most 4 members in a network",
    ]


def test_nothing_is_written_where_there_is_no_answer(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code, _, _ = run(tmp_path, GOOD, "--sizes", "5", "--out", str(out))
    assert code == 3
    assert not out.exists()


SAID: list[tuple[str, str, list[str], str]] = [
    ("decimal commas", 'id,x\na,"1,0"\nb,"9,0"\nc,"1,1"\nd,"9,1"\n', [], ""),
    ("semicolons and commas", "\ufeffid;x\na;1,0\nb;9,0\nc;1,1\nd;9,1\n", [], ""),
    ("hard blanks", "id;x\na;1\u00a0000\nb;9\u202f000\nc;1 100\nd;9\u00a0100\n", [], ""),
    ("minus sign", "ID;x\na;\u22129\nb;\u22121\nc;-9,1\nd;-1,1\n", [], ""),
    ("per cent", "Id;x\na;10%\nb;90 %\nc;11\u00a0%\nd;91%\n", [], ""),
    ("dates", "id,x\na,2020-01-01\nb,2024-01-01\nc,2020-01-02\nd,2024-01-02\n", [], ""),
    ("trailing columns", "id,x,,\na,1,,\nb,9,,\nc,1.1,,\nd,9.1,,\n,,,\n", [], ""),
    ("tabs", "id\tx\na\t1\nb\t9\nc\t1,1\nd\t9,1\n", [], ""),
    ("names in another composition", "id,x\na,Malmö\nb,Lund\nc,Malmo\u0308\nd,lund\n", [], "compared as"),
    ("blanks in names", "id,x\na,Norr  ort\nb,Syd\nc,Norr\u00a0ort\nd,Syd \n", [], ""),
    ("its own export's key", "rc_id;x\na;1\nb;9\nc;1,1\nd;9,1\n", [], ""),
    ("stability alone", "id,x\na,1\nb,9\nc,1.1\nd,9.1\n", ["--stability", "2"], "--stability 2 does nothing"),
    ("novelty alone", "id,x\na,1\nb,9\nc,1.1\nd,9.1\n", ["--novelty", "2"], "--novelty 2 does nothing"),
    ("standardised Gower", "id,x\na,1\nb,9\nc,1.1\nd,9.1\n", ["--standardise"], "--standardise does"),
    ("ordered but not counted", "id,x,p\na,1,lo\nb,9,hi\nc,1.1,lo\nd,9.1,hi\n", ["--weights", "x=1", "--ordered", "p=lo<hi"], "--ordered p does"),
    ("places in capitals", "id,Lat,LON\na,59,18\nb,55,13\nc,59.1,18\nd,55.1,13\n", ["--weights", "geography=1"], ""),
    ("half a place", "id,lat\na,59\nb,55\nc,59.1\nd,55.1\n", [], "lat: compared as numbers"),
    ("places by other names", "id,Latitud,Longitud\na,59,18\nb,55,13\nc,59.1,18\nd,55.1,13\n", [], "columns called lat and lon"),
    ("no date among dates", "id,x\na,2020-01-01\nb,2024-01-01\nc,2020-01-01\nd,2024-01-01\ne,2020-01-01\nf,2 jan 2024\n", ["--sizes", "3", "--apart", "a,b", "--together", "a,c,e"], '"2 jan 2024" is no date'),
    ("dates with slashes", "id,x\na,1/2/2020\nb,1/2/2024\nc,1/2/2020\nd,1/2/2024\n", [], "dates 2026-12-24"),
    ("thousands and decimals", 'id,x\na,"1,234.5"\nb,"9,234.5"\nc,"1,234.5"\nd,"9,234.5"\n', [], "numbers are written 1234.5"),
    ("set that does not count", "id,x,p\na,1,r;s\nb,9,r;t\nc,1.1,s\nd,9.1,t\n", ["--weights", "x=1", "--set", "p"], "--set p does"),
    ("thousands or decimals", 'id,x\na,"1,000"\nb,"9,000"\nc,"1,100"\nd,"9,100"\n', [], "decimal comma"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "options", "said"), [f[1:] for f in SAID], ids=[f[0] for f in SAID]
)
def test_what_people_and_spreadsheets_write_is_read_as_they_mean_it(
    tmp_path: Path, content: str, options: list[str], said: str
) -> None:
    code, out, err = run(tmp_path, content, "--sizes", "2", *options)
    assert code == 0, err
    groups = {tuple(sorted({*group["members"]} & {*"abcd"})) for group in json.loads(out)["groups"]}
    assert groups == {("a", "c"), ("b", "d")}
    assert said in err
    assert (err == "") == (said == "")


def test_a_column_where_every_name_differs_is_told(tmp_path: Path) -> None:
    content = "id,x,y\n" + "".join(f"{name},{name}-{name},same\n" for name in "abcd")
    code, _, err = run(tmp_path, content, "--sizes", "2")
    assert code == 0
    assert "field x" in err
    assert "makes no two members alike" in err
    assert "field y" not in err


def test_an_earlier_round_of_other_ids_or_no_round_at_all_is_told(tmp_path: Path) -> None:
    content = "id,x\n1,1\n2,9\n3,1.1\n4,9.1\n"
    earlier = tmp_path / "earlier.json"
    earlier.write_text('{"groups": [{"members": ["01", "02"]}, {"members": ["03", "04"]}]}')
    options = ("--sizes", "2", "--history", str(earlier), "--stability", "100")
    code, _, err = run(tmp_path, content, *options)
    assert code == 0
    assert "none of its 4 ids is in the file" in err
    assert '"01" looks like "1"' in err
    earlier.write_text('{"groups": [{"members": ["1", "2"]}, {"members": ["3", "9"]}]}')
    code, _, err = run(tmp_path, content, *options)
    assert "1 of its 4 ids are not in the file" in err
    earlier.write_text("id,group\n1,1\n2,1\n")
    code, out, err = run(tmp_path, content, *options)
    assert (code, out) == (2, "")
    assert "an earlier JSON result" in err


def test_a_workbook_is_read_as_a_members_file(tmp_path: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - only here

    book = Workbook()
    for row in (["ID", "x"], ["a", 1], ["b", 9], ["c", 1.1], ["d", 9.1]):
        book.worksheets[0].append(row)
    file = tmp_path / "members.xlsx"
    book.save(file)
    result = CliRunner().invoke(app, ["match", str(file), "--sizes", "2"])
    assert result.exit_code == 0, result.stderr
    groups = {tuple(group["members"]) for group in json.loads(result.stdout)["groups"]}
    assert groups == {("a", "c"), ("b", "d")}


def test_rules_of_a_layer_and_rounds_go_with_a_members_file(tmp_path: Path) -> None:
    members = "id,skills,free\na,python; R,2027-01-11T09:00/2027-01-11T10:00\n"
    members += "b,r; Python,2027-01-11T09:00/2027-01-11T11:00\n"
    members += "c,sql,2027-01-11T09:30/2027-01-11T15:00\nd,SQL,2027-01-11T08:00/2027-01-11T15:00\n"
    rules = tmp_path / "rules.json"
    rules.write_text(
        '{"leaders": ["a", "c"], "can_meet": [{"attribute": "free", "minutes": 30}]}', "utf-8"
    )
    options = ("--sizes", "2", "--set", "skills", "--times", "free")
    answer = solved(tmp_path, members, *options, "--rules", str(rules), "--rounds", "2")
    assert [layer["layer"] for layer in answer["layers"]] == ["networks 1", "networks 2"]
    pairs = [tuple(group["members"]) for layer in answer["layers"] for group in layer["groups"]]
    assert sorted(pairs) == [("a", "b"), ("a", "d"), ("b", "c"), ("c", "d")]
    assert all(group["can_meet"]["free"] for layer in answer["layers"] for group in layer["groups"])
    code, _, err = run(tmp_path, members, *options, "--rules", str(rules), "--rounds", "3")
    assert code == 3
    assert "leaders: exactly one of a, c in each network" in err
    code, _, err = run(tmp_path, members, *options, "--rules", str(rules), "--rules", str(rules))
    assert code == 2
    assert "got leaders; expected each rule in one file" in err
    rules.write_text('{"leaders": ["x"], "colour": 1}', "utf-8")
    code, _, err = run(tmp_path, members, *options, "--rules", str(rules))
    assert code == 2
    assert "unknown colour" in err


WRITTEN = {
    "leaders": '{"leaders": ["A\\u030asa", "B"]}',
    "value in another case": '{"at_least": [{"attribute": "ort", "value": "MALMO\u0308", "count": 1}]}',
    "column": '{"not_alone": ["la\u0308n"]}',
    "set": '{"in_common": [{"attribute": "kan", "count": 1}]}',
}


@pytest.mark.parametrize("rule", WRITTEN.values(), ids=list(WRITTEN))
def test_rules_name_members_columns_and_values_as_the_file_does_whatever_counts(
    tmp_path: Path, rule: str
) -> None:
    members = "id,x,ort,län,kan\nÅsa,1,Malmö,n,r\nB,1,Lund,s,r;s\nC,9,malmö,s,s\nD,9,Lund,n,R;S\n"
    rules = tmp_path / "rules.json"
    rules.write_text(rule, "utf-8")
    answer = solved(
        tmp_path, members, "--sizes", "2", "--weights", "x=1", "--set", "kan", "--rules", str(rules)
    )
    groups = {tuple(group["members"]) for group in answer["groups"]}
    assert groups in ({("Åsa", "D"), ("B", "C")}, {("Åsa", "B"), ("C", "D")})
    assert groups == {("Åsa", "B"), ("C", "D")} or "kan" not in rule
    assert [reason["attribute"] for reason in answer["members"][0]["reasons"]] == ["x"]


def test_rules_about_no_column_say_which_there_are(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"not_alone": ["colour"]}', "utf-8")
    code, _, err = run(tmp_path, GOOD, "--weights", "area=1", "--rules", str(rules))
    assert code == 2
    assert '--rules: got "colour"; expected one of the columns phase, model, area, geography' in err


def test_ids_in_options_and_earlier_rounds_are_composed_as_the_file_is(tmp_path: Path) -> None:
    members = "id,x\nÅsa,1\nB,9\nC,1\nD,9\n"
    answer = solved(tmp_path, members, "--sizes", "2", "--together", "A\u030asa,B")
    assert [group["members"] for group in answer["groups"]] == [["Åsa", "B"], ["C", "D"]]
    earlier = tmp_path / "earlier.json"
    earlier.write_text('{"groups": [{"members": ["A\u030asa", "B"]}]}', "utf-8")
    options = ("--sizes", "2", "--history", str(earlier), "--stability", "9")
    code, out, err = run(tmp_path, members, *options)
    assert (code, err) == (0, "")
    assert json.loads(out)["groups"][0]["members"] == ["Åsa", "B"]


def test_an_earlier_round_that_only_rules_look_at_is_not_called_idle(tmp_path: Path) -> None:
    members = "id,x\na,1\nb,9\nc,1\nd,9\n"
    rules, earlier = tmp_path / "rules.json", tmp_path / "earlier.json"
    rules.write_text('{"standing": true}', "utf-8")
    earlier.write_text('{"groups": [{"members": ["a", "b"]}]}', "utf-8")
    code, out, err = run(tmp_path, members, "--sizes", "2", "--rules", str(rules))
    assert code == 0
    assert "--rules, standing does nothing without --history" in err
    options = ("--sizes", "2", "--rules", str(rules), "--history", str(earlier))
    code, out, err = run(tmp_path, members, *options)
    assert (code, err) == (0, "")
    assert json.loads(out)["groups"][0]["members"] == ["a", "b"]


def test_ids_alone_do_where_rules_or_rounds_say_the_rest(tmp_path: Path) -> None:
    ids = "id\n" + "\n".join("abcd")
    assert run(tmp_path, ids, "--sizes", "2")[0] == 2
    answer = solved(tmp_path, ids, "--sizes", "2", "--rounds", "3")
    pairs = {tuple(group["members"]) for layer in answer["layers"] for group in layer["groups"]}
    assert len(pairs) == 6
