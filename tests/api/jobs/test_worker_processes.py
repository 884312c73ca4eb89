"""Real worker processes over a database that syncs to disk: killed, doubled, stopped."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbos import DBOSClient, EnqueueOptions
from sqlmodel import select
from typer.testing import CliRunner

from api.audit.models import AuditEntry
from api.audit.service import first_broken
from api.cli import app
from api.jobs import engine, service
from api.jobs.models import ENDS, Job, JobState
from api.kit.db import Database
from tests import migrated
from tests.postgres import Postgres

SCRIPT = Path(__file__).with_name("worker_of_tests.py")
PATIENCE_S = 900.0  # ends what hangs; a busy machine starts a worker in a minute


@pytest.fixture(scope="module")
def synced_postgres() -> Iterator[Postgres]:
    """A server that syncs to disk, unlike that of the other tests."""
    server = Postgres(fsync=True)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return migrated.on_sqlite(tmp_path / "jobs.db")
    return migrated.on_postgres(request.getfixturevalue("synced_postgres"))


@pytest.fixture
def truth(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


@contextmanager
def worker(url: str, name: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, SCRIPT, url, name], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _submit(database: Database, kind: str, payload: dict[str, object], key: str) -> str:
    with database.transaction() as session:
        return service.submit(session, kind, payload, key).id


def _jobs(database: Database) -> dict[str, Job]:
    with database.reading() as session:
        return {job.id: job.model_copy() for job in session.exec(select(Job))}


def _wait(condition: Callable[[], bool], what: str) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE_S, f"waited in vain: {what}"
        time.sleep(0.05)


def _ends_in_log(database: Database) -> dict[str, int]:
    counts: dict[str, int] = {}
    with database.reading() as session:
        assert first_broken(session) is None
        for entry in session.exec(select(AuditEntry).where(AuditEntry.action == "ended")):
            counts[entry.subject_id] = counts.get(entry.subject_id, 0) + 1
    return counts


def _kill_again_and_again(url: str, truth: Database, kills: int) -> None:
    """One job a kill; each is killed while it runs, and all must end once."""
    ids = []
    for killed in range(kills):
        payload: dict[str, object] = {"a": killed, "b": 1, "seconds": 0.4}
        ids.append(_submit(truth, "add", payload, f"k{killed}"))
        with worker(url, "one") as process:
            tries = sum(job.attempt for job in _jobs(truth).values())
            _wait(
                lambda tries=tries: sum(job.attempt for job in _jobs(truth).values()) > tries,  # type: ignore[misc]
                f"a job begins before kill {killed}",
            )
            time.sleep(0.1 * (killed % 7))  # some jobs end meanwhile, others are cut at every point
            process.send_signal(signal.SIGKILL)
            process.wait()
    with worker(url, "one"):
        _wait(lambda: all(job.state in ENDS for job in _jobs(truth).values()), "all jobs end")
    done = _jobs(truth)
    assert [done[job_id].result for job_id in ids] == [{"sum": n + 1} for n in range(kills)]
    assert _ends_in_log(truth) == dict.fromkeys(ids, 1)


def test_a_worker_killed_again_and_again_ends_every_job_exactly_once(
    url: str, truth: Database
) -> None:
    _kill_again_and_again(url, truth, 3)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_fifty_kills_lose_and_double_nothing(url: str, truth: Database) -> None:
    _kill_again_and_again(url, truth, 50)


def test_of_two_workers_one_killed_disturbs_nobody_and_resumes_its_own(
    url: str, truth: Database, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    held: dict[str, object] = {"b": 0, "until": str(go)}
    ids = [_submit(truth, "add", {"a": n, **held}, f"t{n}") for n in range(6)]

    def running(name: str) -> list[str]:
        found = _jobs(truth).values()
        return [job.id for job in found if job.worker == name and job.state is JobState.RUNNING]

    with worker(url, "two"):
        with worker(url, "one") as first:
            _wait(lambda: bool(running("one")) and bool(running("two")), "both workers work")
            orphans = running("one")
            first.kill()
            first.wait()
        go.touch()
        others = set(ids) - set(orphans)
        _wait(
            lambda: all(_jobs(truth)[job_id].state in ENDS for job_id in others),
            "the other worker does the rest",
        )
        assert all(_jobs(truth)[job_id].attempt == 1 for job_id in others)
        assert all(_jobs(truth)[job_id].state is JobState.RUNNING for job_id in orphans)
        with worker(url, "one"):
            _wait(
                lambda: all(job.state is JobState.DONE for job in _jobs(truth).values()),
                "what the first had begun is resumed after its restart, by whoever is free",
            )
    assert _ends_in_log(truth) == dict.fromkeys(ids, 1)


def test_what_a_lost_worker_had_begun_is_recovered_by_another(
    url: str, truth: Database, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job_id = _submit(truth, "add", {"a": 1, "b": 1, "until": str(go)}, "lost")
    with worker(url, "gone"):
        _wait(lambda: _jobs(truth)[job_id].state is JobState.RUNNING, "the job begins")
    go.touch()
    with worker(url, "other"):
        done = CliRunner().invoke(app, ["recover", "gone", "--database", url])
        assert (done.exit_code, done.output) == (0, "1 jobs of gone are queued again.\n")
        _wait(lambda: _jobs(truth)[job_id].state is JobState.DONE, "the other worker does it")
    assert _jobs(truth)[job_id].worker == "other"
    assert engine.recover(url, "gone") == 0
    assert _ends_in_log(truth) == {job_id: 1}


def test_what_a_stopped_worker_had_begun_is_given_back_before_it_ends(
    url: str, truth: Database, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    job_id = _submit(truth, "add", {"a": 1, "b": 1, "until": str(go)}, "stopped")
    with worker(url, "first") as first:
        _wait(lambda: _jobs(truth)[job_id].state is JobState.RUNNING, "the job begins")
        first.send_signal(signal.SIGTERM)
        first.wait()
    client = DBOSClient(system_database_url=engine.system_database(url))
    try:
        assert client.list_workflows(status="PENDING", executor_id="first") == []
        assert len(client.list_workflows(status="ENQUEUED")) == 1
    finally:
        client.destroy()
    assert _jobs(truth)[job_id].state is JobState.RUNNING
    go.touch()
    with worker(url, "second"):
        _wait(lambda: _jobs(truth)[job_id].state is JobState.DONE, "the other worker does it")
    assert (_jobs(truth)[job_id].worker, _jobs(truth)[job_id].attempt) == ("second", 2)
    assert _ends_in_log(truth) == {job_id: 1}


def _deliver_twice(url: str, truth: Database, number: int) -> None:
    """Every job is put into the engine's queue twice, for two workers; each must end once."""
    ids = [_submit(truth, "add", {"a": n, "b": 1}, f"d{n}") for n in range(number)]
    with worker(url, "one"), worker(url, "two"):
        _wait(lambda: any(job.attempt for job in _jobs(truth).values()), "the engine is up")
        client = DBOSClient(system_database_url=engine.system_database(url))
        try:
            for job_id in ids:
                for copy in ("first", "second"):
                    options: EnqueueOptions = {
                        "workflow_name": engine.WORKFLOW,
                        "queue_name": engine.QUEUE,
                        "workflow_id": f"{job_id}/{copy}",
                        "app_version": engine.PROTOCOL,
                    }
                    client.enqueue(options, job_id)
            _wait(
                lambda: all(job.state in ENDS for job in _jobs(truth).values()),
                "all jobs end",
            )
            _wait(
                lambda: not client.list_workflows(status=["ENQUEUED", "PENDING"]),
                "every delivery has been taken",
            )
            delivered = client.list_workflows(status="SUCCESS", name=engine.WORKFLOW)
        finally:
            client.destroy()
    taken = Counter(workflow.workflow_id.split("/")[0] for workflow in delivered)
    assert all(taken[job_id] >= 2 for job_id in ids)
    done = _jobs(truth)
    assert [done[job_id].result for job_id in ids] == [{"sum": n + 1} for n in range(number)]
    assert _ends_in_log(truth) == dict.fromkeys(ids, 1)


def test_jobs_delivered_twice_have_one_result_each(url: str, truth: Database) -> None:
    _deliver_twice(url, truth, 10)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_two_hundred_jobs_delivered_twice_have_one_result_each(url: str, truth: Database) -> None:
    _deliver_twice(url, truth, 200)


def test_stopping_a_solve_keeps_its_best_and_frees_the_processor(url: str, truth: Database) -> None:
    for kind in ("burn", "deaf"):
        job_id = _submit(truth, kind, {}, kind)
        with worker(url, "one") as process:
            _wait(lambda job_id=job_id: _jobs(truth)[job_id].best is not None, "it finds something")  # type: ignore[misc]
            with truth.transaction() as session:
                service.stop(session, job_id)
            _wait(
                lambda job_id=job_id: _jobs(truth)[job_id].state in ENDS,  # type: ignore[misc]
                "it ends",
            )
            _wait(lambda process=process: not _children_of(process.pid), "its process is gone")  # type: ignore[misc]
        ended = _jobs(truth)[job_id]
        assert ended.state is JobState.STOPPED
        assert ended.result is not None


def _children_of(pid: int) -> list[int]:
    """Return the processes that a worker has started and that still run."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]
