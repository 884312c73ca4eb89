"""Runs one attempt at a job in a child process, within its limits, and says how it ended."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from api.jobs.handlers import JobProgress, Json
from api.jobs.models import JobState

ROOT = Path(__file__).parents[2]

TICK_S = 0.2
HEARTBEAT_S = 1.0  # progress is written at most this often
GRACE_S = 3.0  # a handler that was asked to stop has this long to answer
LONGEST_LINE = 64 * 1024 * 1024

# Swedish source texts
NO_TIME = "Tiden tog slut innan något förslag hittades."
NO_MEMORY = "Uppgiften var för stor. Minska antalet val och försök igen, eller kontakta den som sköter driften."
BROKE = "Något gick fel hos oss, så beräkningen avbröts. Försök igen."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended."""

    state: JobState
    result: Json | None
    error: str = ""
    details: str = ""  # for the log of the worker, never for a page


@dataclass(frozen=True, slots=True)
class Task:
    """What the child is asked to do; the payload's `problem` is sent as it is stored."""

    handler: str
    payload: Json
    time_limit_s: float
    memory_limit_mb: int


@dataclass
class _Heard:
    """What the child has said so far."""

    progress: JobProgress | None = None
    best: Json | None = None
    is_news: bool = False
    end: dict[str, object] | None = None
    rest: bytearray = field(default_factory=bytearray)

    def take(self, octets: bytes) -> None:
        """Read the lines that are whole."""
        self.rest += octets
        if len(self.rest) > LONGEST_LINE:
            raise MemoryError
        *lines, last = self.rest.split(b"\n")
        self.rest = bytearray(last)
        for line in lines:
            message = json.loads(line)
            if "progress" not in message:
                self.end = message
                continue
            self.progress = JobProgress(**message["progress"])
            self.best = message["best"] or self.best
            self.is_news = True


Beat = Callable[[JobProgress | None, Json | None], bool]


def run(task: Task, beat: Beat, must_stop: Callable[[], bool]) -> Outcome:
    """Run the task to its end.

    `beat(progress, best)` is called about once a second and returns False when this attempt has
    been shut out. `must_stop()` is asked several times a second. Either leads to a stop: the
    handler is asked, and after GRACE_S killed; the best reported is then the result.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "api.jobs.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # so that its own children end with it
        cwd=ROOT,
    )
    assert child.stdin is not None  # noqa: S101 - piped above
    assert child.stdout is not None  # noqa: S101 - piped above
    try:
        _send(child.stdin, _said(task))
        return _follow(task, child, beat, must_stop)
    finally:
        _kill(child)
        child.stdin.close()
        child.stdout.close()


def _follow(
    task: Task, child: "subprocess.Popen[bytes]", beat: Beat, must_stop: Callable[[], bool]
) -> Outcome:
    assert child.stdin is not None  # noqa: S101 - piped by run()
    assert child.stdout is not None  # noqa: S101 - piped by run()
    heard = _Heard()
    begun = beaten = time.monotonic()
    asked: float | None = None
    is_late = False
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while heard.end is None:
            if selector.select(TICK_S):
                octets = os.read(child.stdout.fileno(), 1 << 16)
                if not octets:
                    break  # the child has ended without a last word
                heard.take(octets)
            moment = time.monotonic()
            is_late = is_late or moment - begun > task.time_limit_s
            if asked is None and (is_late or must_stop()):
                asked = moment
                _send(child.stdin, b"stop\n")
            if asked is not None and moment - asked > GRACE_S:
                break
            if moment - beaten >= HEARTBEAT_S:
                beaten = moment
                news = (heard.progress, heard.best) if heard.is_news else (None, None)
                heard.is_news = False
                if not beat(*news):
                    return Outcome(JobState.STOPPED, None)
    if heard.is_news:
        beat(heard.progress, heard.best)
    return _outcome(heard, was_asked=asked is not None, is_late=is_late)


def _outcome(heard: _Heard, *, was_asked: bool, is_late: bool) -> Outcome:
    end = heard.end or {}
    if "result" in end:
        result = end["result"]
        assert result is None or isinstance(result, dict)  # noqa: S101 - the protocol
        return Outcome(JobState.STOPPED if was_asked else JobState.DONE, result)
    if was_asked:
        if is_late and heard.best is None:
            return Outcome(JobState.FAILED, None, NO_TIME)
        return Outcome(JobState.STOPPED, heard.best)
    if end.get("error") == "memory":
        return Outcome(JobState.FAILED, None, NO_MEMORY)
    details = str(end.get("traceback", "the child process ended without a result"))
    return Outcome(JobState.FAILED, None, BROKE, details)


def _said(task: Task) -> bytes:
    """Return the task's line, and after it the octets of its problem, which nobody writes anew."""
    order = dict(task.payload)
    problem = str(order.pop("problem", "")).encode()
    said = {
        "handler": task.handler,
        "payload": order,
        "problem_octets": len(problem),
        "memory_limit_mb": task.memory_limit_mb,
    }
    return json.dumps(said).encode() + b"\n" + problem


def _send(pipe: IO[bytes], octets: bytes) -> None:
    try:
        pipe.write(octets)
        pipe.flush()
    except BrokenPipeError:
        return  # it has ended; what it said last is still to be read


def _kill(child: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(
            child.pid, signal.SIGKILL
        )  # its group outlives it; not reaped yet, so still its own
    child.wait()
