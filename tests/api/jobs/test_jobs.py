"""Rules of the job table, on both databases."""

import threading

import pytest
from sqlmodel import Session, func, select

from api.jobs import service
from api.jobs.handlers import JobProgress
from api.jobs.models import Job, JobState
from api.jobs.service import JobFinished
from api.kit.db import Database
from api.worker import run_job
from tests.api.jobs.kinds import KINDS

pytestmark = pytest.mark.both_databases


def _news(session: Session) -> list[JobState]:
    return [item.state for item in session.info.get("news", []) if isinstance(item, JobFinished)]


def test_the_same_key_gives_the_same_job(session: Session) -> None:
    first = service.submit(session, "add", {"a": 1}, "key-1")
    again = service.submit(session, "add", {"a": 2}, "key-1")
    other = service.submit(session, "add", {"a": 1}, "key-2")
    assert again.id == first.id != other.id
    assert again.payload == {"a": 1}


def test_a_newer_attempt_shuts_the_older_out(session: Session) -> None:
    job = service.submit(session, "add", {}, "key")
    assert service.begin(session, job.id, "one")
    assert service.begin(session, job.id, "two")
    assert not service.note_progress(session, job.id, 1, JobProgress("old"))
    assert service.must_stop(session, job.id, 1)
    assert not service.finish(session, job.id, 1, JobState.DONE, {"by": 1}, "")
    assert service.note_progress(session, job.id, 2, JobProgress("new", 3.0, 2.0, 0.5))
    assert service.finish(session, job.id, 2, JobState.DONE, {"by": 2}, "")
    assert not service.finish(session, job.id, 2, JobState.FAILED, None, "")
    assert service.begin(session, job.id, "three") is None
    ended = service.follow(session, job.id)
    assert (ended.state, ended.result, ended.phase) == (JobState.DONE, {"by": 2}, "new")
    assert _news(session) == [JobState.DONE]


def test_stopping_what_has_not_begun_ends_it_and_what_has_ended_stays(session: Session) -> None:
    job = service.submit(session, "add", {}, "key")
    assert service.stop(session, job.id).state is JobState.STOPPED
    assert service.stop(session, job.id).state is JobState.STOPPED
    assert _news(session) == [JobState.STOPPED]


def test_what_was_asked_to_stop_while_its_worker_was_away_keeps_its_best(session: Session) -> None:
    job = service.submit(session, "burn", {}, "key")
    service.begin(session, job.id, "one")
    service.note_progress(session, job.id, 1, JobProgress(), {"best": 1})
    assert service.stop(session, job.id).state is JobState.RUNNING
    assert service.begin(session, job.id, "one") is None
    ended = service.follow(session, job.id)
    assert (ended.state, ended.result) == (JobState.STOPPED, {"best": 1})


def test_a_job_that_takes_its_worker_down_every_time_is_given_up(session: Session) -> None:
    job = service.submit(session, "add", {}, "key")
    for _ in range(service.MAX_ATTEMPTS):
        assert service.begin(session, job.id, "one")
    assert service.begin(session, job.id, "one") is None
    assert service.follow(session, job.id).state is JobState.FAILED


def test_a_job_of_an_unknown_kind_fails(database: Database) -> None:
    with database.transaction() as session:
        job_id = service.submit(session, "nonsense", {}, "key").id
    run_job(database, KINDS, "one", job_id)
    with database.reading() as session:
        assert service.follow(session, job_id).state is JobState.FAILED


def test_a_job_delivered_to_two_at_once_ends_once(database: Database) -> None:
    ended: list[str] = []
    database.subscribe(JobFinished, lambda _, news: ended.append(news.job_id))
    with database.transaction() as session:
        job_id = service.submit(session, "add", {"a": 1, "b": 2, "seconds": 0.3}, "key").id
    threads = [
        threading.Thread(target=run_job, args=(database, KINDS, name, job_id))
        for name in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [job_id]
    with database.reading() as session:
        assert service.follow(session, job_id).result == {"sum": 3}


def test_two_who_submit_the_same_key_at_once_make_one_job(database: Database) -> None:
    ids: list[str] = []

    def submit() -> None:
        with database.transaction() as session:
            ids.append(service.submit(session, "add", {}, "same").id)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    with database.reading() as session:
        assert session.exec(select(func.count()).select_from(Job)).one() == 1
