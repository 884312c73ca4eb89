"""DBOS Transact, which delivers jobs to workers at least once; only the worker imports this module.

Our table says what is to be done, DBOS who does it: each open job is offered as a workflow with an
id of its own, so that offering it again changes nothing. What DBOS loses or gives up on is offered
anew under the next id; the fence in `service` lets a job end once whatever is delivered how often.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID
from sqlalchemy.engine import make_url

from api.kit.files import make_private_file

QUEUE = "jobs"
WORKFLOW = "deliver"
PROTOCOL = (
    "1"  # DBOS resumes only what the same version began; our releases must resume each other's
)
POLLING_S = 0.2
ACTIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})

_work: list[Callable[[str], None]] = []


@DBOS.workflow(name=WORKFLOW)
def _deliver(job_id: str) -> None:
    _work[-1](job_id)


def system_database(url: str) -> str:
    """Return where DBOS keeps its own tables: beside a SQLite file, in PostgreSQL's schema `dbos`."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return url
    if not parts.database:
        raise ValueError("The job engine needs a database file.")
    return parts.set(database=f"{parts.database}.jobs").render_as_string(hide_password=False)


@contextmanager
def launched(
    url: str, worker: str, slots: int, work: Callable[[str], None]
) -> Iterator[Callable[[str], bool]]:
    """Run delivered jobs with `work(job_id)`, `slots` at a time, until the end of the block.

    What this worker (`worker` is its stable name) had begun before it was killed is resumed first.
    Yields a function that offers a job, and says whether it had to be offered anew.
    """
    _work.append(work)
    beside = make_url(system_database(url))
    if beside.get_backend_name() == "sqlite":
        make_private_file(Path(str(beside.database)))
    config: DBOSConfig = {
        "name": "samkrets",
        "system_database_url": system_database(url),
        "executor_id": worker,
        "application_version": PROTOCOL,
        "enable_otlp": False,
        "console_log_level": "WARNING",
        "log_level": "WARNING",
    }
    DBOS(config=config)
    try:
        DBOS.launch()
        queue = DBOS.register_queue(
            QUEUE,
            worker_concurrency=slots,
            polling_interval_sec=POLLING_S,
            on_conflict="always_update",
        )

        def offer(job_id: str) -> bool:
            number = 0
            while (status := DBOS.get_workflow_status(f"{job_id}/{number}")) is not None:
                if status.status in ACTIVE:
                    return False
                number += 1
            with SetWorkflowID(f"{job_id}/{number}"):
                queue.enqueue(_deliver, job_id)
            return True

        yield offer
    finally:
        DBOS.destroy()
        _work.pop()


def recover(url: str, worker: str) -> int:
    """Give what a worker had begun to whichever worker is free; return how many jobs that were.

    For a worker that never comes back. Should it be alive after all, its results are refused.
    """
    logging.getLogger("dbos").setLevel(
        logging.CRITICAL
    )  # what it says of a fault, the fault says too
    client = DBOSClient(system_database_url=system_database(url))
    try:
        lost = client.list_workflows(status="PENDING", executor_id=worker, name=WORKFLOW)
        for workflow in lost:
            client.resume_workflow(workflow.workflow_id, queue_name=QUEUE)
        return len(lost)
    finally:
        client.destroy()
