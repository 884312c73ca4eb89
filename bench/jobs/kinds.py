"""Jobs that use a whole core until they are stopped: one listens, one does not."""

from api.jobs.handlers import JobProgress, Json, ReportProgress, ShouldStop


def listening(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    """Burn until told to stop."""
    report(JobProgress("burning", 1.0, 0.0, 1.0), {"best": 1})
    while not should_stop():
        pass
    return {"best": 1}


def deaf(payload: Json, report: ReportProgress, should_stop: ShouldStop) -> Json:  # noqa: ARG001 - a handler's signature
    """Burn for ever: only the worker's kill ends it."""
    report(JobProgress("burning", 1.0, 0.0, 1.0), {"best": 1})
    while True:
        pass


KINDS = {"listening": "bench.jobs.kinds:listening", "deaf": "bench.jobs.kinds:deaf"}
