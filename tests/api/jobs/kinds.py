"""Handlers that the job tests run in real child processes."""

import sys
import time
from pathlib import Path

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop


def add(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    sys.stdout.write("a library prints\n")
    report(JobProgress("adding", 1.0, 0.5, 0.5))
    time.sleep(float(str(payload.get("seconds", 0))))
    while "until" in payload and not Path(str(payload["until"])).exists():
        time.sleep(0.05)
    return {"sum": int(str(payload["a"])) + int(str(payload["b"]))}


def burn(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    """Use a whole core until told to stop; improve a little all the time."""
    best, begun = 1e9, time.monotonic()
    while not should_stop():
        if time.monotonic() - begun > 0.05:
            begun, best = time.monotonic(), best - 1
            report(JobProgress("burning", best, 0.0, 1.0), {"best": best})
    return {"best": best, "stopped": True}


def deaf(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    """Find something, then never listen again."""
    report(JobProgress("deaf", 7.0, 1.0, 0.8), {"best": 7})
    while True:
        pass


def silent(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    while True:
        time.sleep(1)


def greedy(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    return {"length": len(bytearray(1 << 32))}


def broken(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    message = "secret words of a respondent"
    raise RuntimeError(message)


def echo(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:
    """Give back what was asked, once somebody has asked it to stop."""
    report(JobProgress("echo"), {"heard": True})
    while not should_stop():
        time.sleep(0.01)
    return payload


KINDS = {
    name: f"tests.api.jobs.kinds:{name}"
    for name in ("add", "burn", "deaf", "silent", "greedy", "broken", "echo")
}
