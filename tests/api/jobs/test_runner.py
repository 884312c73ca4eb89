"""The child process and its limits, without a database."""

import os
import time

import pytest

from api.jobs import runner
from api.jobs.handlers import JobProgress, Json
from api.jobs.models import JobState
from tests.api.jobs.kinds import KINDS


def _run(
    kind: str, payload: Json, *, stop_after: float = 1e9, limit: float = 60
) -> tuple[runner.Outcome, list[tuple[JobProgress | None, Json | None]], float]:
    beats: list[tuple[JobProgress | None, Json | None]] = []
    begun = time.monotonic()
    asked: list[float] = []

    def must_stop() -> bool:
        is_now = time.monotonic() - begun > stop_after
        if is_now:
            asked.append(time.monotonic())
        return is_now

    def beat(progress: JobProgress | None, best: Json | None) -> bool:
        beats.append((progress, best))
        return True

    outcome = runner.run(runner.Task(KINDS[kind], payload, limit, 1024), beat, must_stop)
    return outcome, beats, time.monotonic() - (asked[0] if asked else begun)


def test_a_result_comes_back_with_progress_and_without_what_libraries_print() -> None:
    outcome, beats, _ = _run("add", {"a": 2, "b": 3})
    assert outcome == runner.Outcome(JobState.DONE, {"sum": 5})
    assert (JobProgress("adding", 1.0, 0.5, 0.5), None) in beats


def test_a_handler_that_listens_ends_with_its_own_best() -> None:
    outcome, _, _ = _run("burn", {}, stop_after=1.5)
    assert outcome.state is JobState.STOPPED
    assert outcome.result is not None
    assert outcome.result["stopped"] is True


def test_a_handler_that_does_not_listen_is_killed_and_its_best_kept() -> None:
    before = os.times()
    outcome, _, seconds = _run("deaf", {}, stop_after=2)
    assert outcome == runner.Outcome(JobState.STOPPED, {"best": 7})
    assert seconds < runner.GRACE_S + 30  # generous: figures are the bench's
    assert os.times().children_user > before.children_user  # it was reaped


def test_the_time_limit_keeps_the_best_and_says_so_when_there_is_none() -> None:
    kept, _, _ = _run("burn", {}, limit=1.5)
    assert kept.state is JobState.STOPPED
    nothing, _, _ = _run("silent", {}, limit=0.5)
    assert nothing == runner.Outcome(JobState.FAILED, None, runner.NO_TIME)


def test_the_memory_limit_ends_the_child_and_nobody_else() -> None:
    outcome, _, _ = _run("greedy", {})
    assert outcome == runner.Outcome(JobState.FAILED, None, runner.NO_MEMORY)


def test_what_went_wrong_is_for_the_log_and_not_for_the_page() -> None:
    outcome, _, _ = _run("broken", {})
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
