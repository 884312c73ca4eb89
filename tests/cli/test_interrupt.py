"""Ctrl-C while a solver works: the best found so far is the answer, and the command says so."""

import json
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.cli import app
from api.commands.engine import match
from api.commands.files import NO_SOLUTION_IN_TIME, stopped_by_interrupt
from matcher.errors import NoSolutionInTimeError
from matcher.proof import OnProgress, Progress

NEWS = Progress(1.0, 2.0, 1.0, "test")


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as at a terminal: whoever is started in the background is started deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted(end: Exception, times: int) -> None:
    """Press Ctrl-C some times while a solver works that then ends with an error."""
    with stopped_by_interrupt():
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        raise end


def test_ctrl_c_is_passed_on_as_a_stop_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    with stopped_by_interrupt() as follow:
        assert follow(NEWS) is True
        signal.raise_signal(signal.SIGINT)
        assert follow(NEWS) is False
    assert "best found so far" in capsys.readouterr().err


def test_a_second_ctrl_c_ends_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupted(KeyError(), times=2)


def test_who_was_started_deaf_to_ctrl_c_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with stopped_by_interrupt() as follow:
        signal.raise_signal(signal.SIGINT)
        assert follow(NEWS) is True


def test_ctrl_c_is_given_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_before_a_first_solution_is_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        interrupted(NoSolutionInTimeError(60.0), times=1)
    assert ended.value.exit_code == NO_SOLUTION_IN_TIME
    assert "before a first solution" in capsys.readouterr().err


def test_match_answers_with_its_best_when_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random points in twelve dimensions take hours to prove; Ctrl-C comes with the first networks."""
    draw = random.Random(0)
    header = "id," + ",".join(f"x{axis}" for axis in range(12))
    rows = [
        f"m{number}," + ",".join(str(draw.random()) for _ in range(12)) for number in range(120)
    ]
    path = tmp_path / "members.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")

    def impatient() -> OnProgress:
        def follow(progress: Progress) -> None:
            if progress.incumbent is not None and not sent:
                sent.append(progress)
                signal.raise_signal(signal.SIGINT)

        sent: list[Progress] = []
        return follow

    monkeypatch.setattr(match, "progress_line", impatient)
    options = ["--metric", "sqeuclidean", "--time-limit", "600", "--sizes", "4-7"]
    result = CliRunner().invoke(app, ["match", str(path), *options])
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["status"] == "feasible"
    assert answer["lower_bound"] <= answer["objective"]
    seated = sorted(member for group in answer["groups"] for member in group["members"])
    assert seated == sorted(f"m{number}" for number in range(120))
    assert "best found so far" in result.stderr
