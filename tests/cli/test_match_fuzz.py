"""`samkrets match` on random small files, written as spreadsheets write them, against every partition there is."""

import json
import random
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from tests.cli.match_apart import Asked, Groups, Value, allowed, total, worst_first

NAMES = ("Malmö", "Östersund", "Åre", "Barnahus", "eget team")
LEVELS = ("lo", "mid", "hi")
EXACT = 1e-6


def random_asked(chance: random.Random) -> Asked:
    count = chance.choice((1, 2, 4, 5, 6, 6, 7, 7, 8))
    ids = tuple(f"rc{number}" for number in chance.sample(range(10, 99), count))
    is_square = chance.random() < 0.2
    hole = 0.0 if is_square else chance.choice((0.0, 0.0, 0.3))

    def column(make: object) -> list[Value]:
        return [None if chance.random() < hole else make() for _ in ids]  # type: ignore[operator]

    # Few different values: ties are common.
    columns: dict[str, list[Value]] = {
        "yta": column(lambda: chance.choice((-2.5, 0.0, 0.1, 7.25, 1234.5))),
        "antal": column(lambda: float(chance.choice((3, 3, 8)))),
    }
    weights = {name: chance.choice((0.0, 0.5, 1.0, 1.0, 3.0)) for name in columns}
    ordered: dict[str, tuple[str, ...]] = {}
    places: list[tuple[float, float] | None] = []
    if not is_square:
        columns["modell"] = column(lambda: chance.choice(NAMES))
        columns["fas"] = column(lambda: chance.choice(LEVELS))
        ordered = {"fas": LEVELS} if chance.random() < 0.7 else {}
        weights |= {name: chance.choice((0.0, 1.0, 2.0)) for name in ("modell", "fas")}
        if chance.random() < 0.5:
            places = [
                None
                if chance.random() < hole
                else (chance.uniform(55.5, 66.0), chance.uniform(12.0, 20.0))
                for _ in ids
            ]
            weights["geography"] = chance.choice((0.0, 1.0, 2.0))
    if not any(weights.values()):
        weights["yta"] = 1.0
    smallest = chance.choice((2, 2, 3, 3, 4))
    asked = Asked(
        ids=ids,
        columns=columns,
        weights=weights,
        sizes=(smallest, min(8, smallest + chance.choice((0, 1, 1, 2)))),
        places=places,
        ordered=ordered,
        unknown=chance.choice((None, 0.5)),
        metric="sqeuclidean" if is_square else "gower",
        is_standardised=is_square and chance.random() < 0.5,
        cost=chance.choice(("peer-mean", "peer-mean", "pair-sum", "sse")),
    )
    if count > 2 and chance.random() < 0.5:
        wishes = tuple(tuple(chance.sample(ids, chance.choice((2, 2, 3)))) for _ in range(2))
        asked = replace(asked, together=wishes[:1], apart=wishes[1:])
    if count > 3 and chance.random() < 0.4:
        earlier = tuple(_earlier(chance, ids) for _ in range(chance.choice((1, 2))))
        asked = replace(asked, rounds=earlier, stability=chance.choice((0.0, 0.3)), novelty=0.2)
    return asked


def _earlier(chance: random.Random, ids: tuple[str, ...]) -> Groups:
    """A round in which some were not there yet, and somebody was who has left."""
    mixed = ["gone", *chance.sample(ids, len(ids) - chance.choice((0, 1)))]
    chance.shuffle(mixed)
    return tuple(tuple(mixed[start : start + 3]) for start in range(0, len(mixed), 3))


def as_spreadsheet(chance: random.Random, asked: Asked) -> bytes:
    """Write the file in one of the ways that programs and people do."""
    between = chance.choice((",", ";", "\t"))
    decimal = chance.choice((".", ",")) if between != "," else "."
    minus = chance.choice(("-", "\u2212"))
    tail = [""] * chance.choice((0, 0, 2))

    def cell(value: Value) -> str:
        if isinstance(value, str):
            spelt = unicodedata.normalize(chance.choice(("NFC", "NFD")), value)
            return chance.choice((spelt, spelt, f" {spelt} "))
        if value is None:
            return ""
        text = f"{abs(value):.2f}".rstrip("0").rstrip(".").replace(".", decimal)
        if abs(value) > 1000:
            text = text.replace("1234", "1" + chance.choice(("", "\u00a0", "\u202f", " ")) + "234")
        return f"{minus if value < 0 else ''}{text}"

    head = [
        chance.choice(("id", "ID", "Id")),
        *asked.columns,
        *(["lat", "lon"] if asked.places else []),
    ]
    lines = [head]
    for number, one in enumerate(asked.ids):
        place = asked.places[number] if asked.places else None
        spot = [repr(axis).replace(".", decimal) for axis in place] if place else ["", ""]
        row = [one, *(cell(values[number]) for values in asked.columns.values())]
        lines.append([*row, *(spot if asked.places else [])])
    text = "".join(
        between.join([*line, *tail]) + chance.choice(("\n", "\n", "\r\n")) for line in lines
    )
    return text.encode(chance.choice(("utf-8", "utf-8-sig")))


def run(
    asked: Asked, content: bytes, folder: Path, *more: str
) -> tuple[int, dict[str, object], str]:
    file = folder / "members.csv"
    file.write_bytes(content)
    low, high = asked.sizes
    options = ["--sizes", f"{low}-{high}" if high > low else str(low), "--cost", asked.cost]
    options += ["--weights", ",".join(f"{name}={weight}" for name, weight in asked.weights.items())]
    options += ["--unknown", "0.5"] if asked.unknown is not None else ["--unknown", "skip"]
    if asked.metric == "sqeuclidean":
        options += [
            "--metric",
            "sqeuclidean",
            *(["--standardise"] if asked.is_standardised else []),
        ]
    for name, levels in asked.ordered.items():
        options += ["--ordered", f"{name}={'<'.join(levels)}"]
    for kind, wishes in (("--together", asked.together), ("--apart", asked.apart)):
        for wish in wishes:
            options += [kind, ",".join(wish)]
    for number, groups in enumerate(asked.rounds):
        earlier = folder / f"earlier{number}.json"
        earlier.write_text(json.dumps({"groups": [{"members": list(one)} for one in groups]}))
        options += ["--history", str(earlier)]
    if asked.rounds:
        options += ["--stability", str(asked.stability), "--novelty", str(asked.novelty)]
    result = CliRunner().invoke(app, ["match", str(file), *options, *more])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


def judge(seed: int, folder: Path) -> None:
    """Ask for the best networks, then for the fairest, and compare with all that there are."""
    chance = random.Random(seed)
    asked = random_asked(chance)
    content = as_spreadsheet(chance, asked)
    ways = list(allowed(asked))
    for more in ((), ("--fair",)):
        code, answer, told = run(asked, content, folder, *more)
        if not ways:
            assert code == 3, (seed, code, told)
            assert told
            assert answer == {}
            continue
        assert code == 0, (seed, told)
        groups = tuple(tuple(one["members"]) for one in answer["groups"])  # type: ignore[attr-defined]
        alike = {frozenset(frozenset(group) for group in way): way for way in ways}
        assert frozenset(frozenset(group) for group in groups) in alike, seed
        objective = float(str(answer["objective"]))
        assert objective == pytest.approx(total(asked, groups), abs=EXACT), seed
        assert answer["status"] == "optimal", seed
        best = min(total(asked, way) for way in ways)
        assert float(str(answer["lower_bound"])) <= best + EXACT, seed
        if not more:
            assert objective == pytest.approx(best, abs=EXACT), seed
            continue
        levels = min([round(one, 7) for one in worst_first(asked, way)] for way in ways)
        assert worst_first(asked, groups) == pytest.approx(levels, abs=1e-5), seed


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_random_files_get_the_best_networks_there_are(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + 10):
        judge(seed, tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("start", range(1000, 2000, 50))
def test_many_random_files_get_the_best_networks_there_are(start: int, tmp_path: Path) -> None:
    for seed in range(start, start + 50):
        judge(seed, tmp_path)


@pytest.mark.parametrize(
    ("content", "options", "code", "said"),
    [
        ("id,x\na,1\na,2\nb,3\n", ["--sizes", "3"], 2, "a"),  # the same name twice
        ("id,x\na,1\nA,2\nb,3\nc,4\n", ["--sizes", "2"], 0, ""),  # ids that differ in case are two
        ("id,x\na,1\n", ["--sizes", "3-4"], 3, "1"),  # one alone
        ("id,x\na,1\nb,2\nc,3\nd,4\n", ["--sizes", "2", "--weights", "x=0"], 2, "weight"),
        ("id,x\na,1\nb,2\nc,3\nd,4\n", ["--sizes", "2", "--weights", "y=1"], 2, "y"),
        (
            "id,x\na,1\nb,2\nc,3\nd,4\n",
            ["--sizes", "2", "--together", "a,b", "--apart", "b,a"],
            3,
            "a",
        ),
        (
            "id,x\na,1\nb,2\nc,3\nd,4\n",
            ["--sizes", "2", "--together", "a,b", "--together", "b,c"],
            3,
            "b",
        ),
        ("id,x\na,1\nb,2\nc,3\nd,4\n", ["--sizes", "2", "--together", "a,e"], 2, "e"),
        ("id,x\na,\nb,\nc,\nd,\n", ["--sizes", "2"], 0, ""),  # nothing is known of anybody
    ],
)
def test_what_cannot_be_or_says_nothing_is_told(
    tmp_path: Path, content: str, options: list[str], code: int, said: str
) -> None:
    file = tmp_path / "m.csv"
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["match", str(file), *options])
    assert result.exit_code == code, result.stderr
    assert said in result.stderr
    assert (result.stdout == "") == (code != 0)
