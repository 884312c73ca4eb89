"""The child process and its limits, without a database."""

import os
import time
from collections.abc import Callable

import pytest

from api.jobs import runner
from api.jobs.handlers import JobProgress, Json
from api.jobs.models import JobState
from tests.api.jobs.kinds import KINDS

Beats = list[tuple[JobProgress | None, Json | None]]


def _run(
    kind: str,
    payload: Json,
    *,
    limit: float = 3600,
    is_stopped: bool = False,
    on_best: Callable[[], None] | None = None,
) -> tuple[runner.Outcome, Beats]:
    """Run a task; `is_stopped`: as soon as it has told of something, however long that takes."""
    beats: Beats = []

    def has_best() -> bool:
        return any(best is not None for _, best in beats)

    def beat(progress: JobProgress | None, best: Json | None) -> bool:
        beats.append((progress, best))
        if on_best is not None and has_best():
            on_best()
        return True

    task = runner.Task(KINDS[kind], payload, limit, 1024)
    return runner.run(task, beat, lambda: is_stopped and has_best()), beats


def test_a_result_comes_back_with_progress_and_without_what_libraries_print() -> None:
    outcome, beats = _run("add", {"a": 2, "b": 3})
    assert outcome == runner.Outcome(JobState.DONE, {"sum": 5})
    assert (JobProgress("adding", 1.0, 0.5, 0.5), None) in beats


@pytest.mark.parametrize("problem", ["{}", '{\n "å": "\\u00e5"}\nstop\n', "x" * 1_000_000])
def test_a_problem_comes_as_it_is_stored_and_what_is_said_after_it_is_heard(problem: str) -> None:
    payload: Json = {"seed": 3, "problem": problem}
    assert _run("echo", payload, is_stopped=True)[0].result == payload


def test_a_handler_that_listens_ends_with_its_own_best() -> None:
    outcome, _ = _run("burn", {}, is_stopped=True)
    assert outcome.state is JobState.STOPPED
    assert outcome.result is not None


def test_a_handler_that_does_not_listen_is_killed_and_its_best_kept() -> None:
    before = os.times()
    outcome, _ = _run("deaf", {}, is_stopped=True)
    assert outcome == runner.Outcome(JobState.STOPPED, {"best": 7})
    assert os.times().children_user > before.children_user  # it was reaped


def test_the_time_limit_keeps_the_best_and_says_so_when_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, hours = time.monotonic, [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: real() + 3600 * hours[0])
    kept, _ = _run("burn", {}, limit=3600, on_best=lambda: hours.insert(0, 2.0))
    assert kept.state is JobState.STOPPED
    assert kept.result is not None
    nothing, _ = _run("silent", {}, limit=0.5)
    assert nothing == runner.Outcome(JobState.FAILED, None, runner.NO_TIME)


def test_the_memory_limit_ends_the_child_and_nobody_else() -> None:
    outcome, _ = _run("greedy", {})
    assert outcome == runner.Outcome(JobState.FAILED, None, runner.NO_MEMORY)


def test_what_went_wrong_is_for_the_log_and_not_for_the_page() -> None:
    outcome, _ = _run("broken", {})
    assert (outcome.state, outcome.error) == (JobState.FAILED, runner.BROKE)
    assert "RuntimeError" in outcome.details


@pytest.mark.parametrize("last", [b'{"result": {"a": "\xc3\xa5"}}\n'])
def test_lines_are_read_whole_however_they_arrive(last: bytes) -> None:
    heard = runner._Heard()
    said = b'{"progress": {"phase": "x", "incumbent": 1.0, "lower_bound": null, "gap": null}, "best": {"n": 1}}\n'
    for octet in said + last:
        heard.take(bytes([octet]))
    assert heard.best == {"n": 1}
    assert heard.end == {"result": {"a": "å"}}
