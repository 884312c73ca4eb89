"""Second composition root: takes queued jobs, runs each in a child process and records how it ended."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import ParamSpec

from sqlalchemy.exc import DBAPIError

from api.feeds.housekeeping import keep_house, put_right
from api.invitations.mailbox import poll
from api.jobs import engine, queries, runner, service
from api.jobs.handlers import JobProgress, Json, Kinds
from api.jobs.models import JobState
from api.kit.clock import now, today
from api.kit.db import Database
from api.kit.mail import Server
from api.kit.once import service as once
from api.kit.settings import Settings
from api.kit.throttle import service as throttle
from api.operations.heads import note_daily_head
from api.operations.retention import erase_served, forget_exports
from api.outbox.sending import send_due
from api.wiring import connect

log = logging.getLogger("samkrets.worker")

# Each kind of job and its handler, "module:function"; see api.jobs.handlers.
KINDS: Kinds = {
    "match": "api.proposals.networks.jobs:match",
    "study": "api.proposals.networks.jobs:study",
    "programme": "api.proposals.programme.jobs:programme",
    "year": "api.proposals.year.jobs:year",
}

_P = ParamSpec("_P")

OFFER_INTERVAL_S = 0.3
MAIL_INTERVAL_S = 5.0
HOUSE_INTERVAL_S = 120.0
DATABASE_PAUSE_S = 2.0
RECHECK_S = 30.0  # how often an offered job that has not ended is looked for in the engine


def work(
    settings: Settings,
    worker: str,
    until: threading.Event,
    *,
    slots: int = 1,
    kinds: Kinds = KINDS,
) -> None:
    """Take jobs until the event is set. `worker` must be the same after a restart: it resumes its own."""
    database = connect(settings.database, settings.base_url)
    try:
        do = partial(run_job, database, kinds, worker)
        with engine.launched(settings.database, worker, slots, do) as offer:
            log.info("worker %s takes jobs, %d at a time", worker, slots)
            for errand in (_send_mail, _keep_house):
                threading.Thread(
                    target=errand, args=(database, settings, until), daemon=True
                ).start()
            _offer_open_jobs(database, offer, until)
    finally:
        database.close()


def _offer_open_jobs(
    database: Database, offer: Callable[[str], bool], until: threading.Event
) -> None:
    offered: dict[str, float] = {}  # job id -> when it was last looked for in the engine
    while not until.wait(OFFER_INTERVAL_S):
        try:
            with database.reading() as session:
                open_ids = queries.open_job_ids(session)
        except DBAPIError:
            log.exception("the database does not answer; trying again")
            until.wait(DATABASE_PAUSE_S)
            continue
        moment = time.monotonic()
        offered = {job_id: offered[job_id] for job_id in open_ids if job_id in offered}
        for job_id in open_ids:
            if moment - offered.get(job_id, -RECHECK_S) >= RECHECK_S:
                offer(job_id)
                offered[job_id] = moment


def _send_mail(database: Database, settings: Settings, until: threading.Event) -> None:
    url = settings.smtp_url.get_secret_value()
    while url and not until.wait(MAIL_INTERVAL_S):
        try:
            send_due(database, Server(url), settings.mail_from, now)
        except Exception:
            log.exception("sending mail failed; trying again")


def _keep_house(database: Database, settings: Settings, until: threading.Event) -> None:
    """Tidy up now and then, and read answers from the mailbox."""
    imap = settings.imap_url.get_secret_value()
    put_right_on: date | None = None  # once a day, and soon after each start: settings may be new
    noted_on: date | None = None
    while not until.wait(HOUSE_INTERVAL_S):
        _fenced("tidying", tidy, database, settings)
        if put_right_on != today() and _fenced("mending calendars", mend_calendars, database):
            put_right_on = today()
        if noted_on != today() and _fenced(
            "noting the log's head", note_daily_head, database, settings, now()
        ):
            noted_on = today()
        if imap:
            _fenced("reading the mailbox", poll, database, imap, now)


def _fenced(what: str, errand: Callable[_P, object], *args: _P.args, **named: _P.kwargs) -> bool:
    """Run one errand; one that fails is logged, keeps no other from its turn, and comes again."""
    try:
        errand(*args, **named)
    except Exception:
        log.exception("%s failed; trying again", what)
        return False
    return True


def tidy(database: Database, settings: Settings) -> None:
    """Look after feeds and the weekly letter, and erase what only served until a day."""
    with database.transaction() as session:
        keep_house(session, now())
        erase_served(session, now(), settings)
        forget_exports(settings.data / "erased", now(), settings.retention_export_days)
        once.forget(session, now())
        throttle.forget(session, now())


def mend_calendars(database: Database) -> None:
    """Bring stored calendars to what they would be if they were made now."""
    with database.transaction() as session:
        differing = put_right(session, now())
    if differing:
        log.warning("%d events and calendars were not as they would be made now: mended", differing)


def run_job(database: Database, kinds: Kinds, worker: str, job_id: str) -> None:
    """Run one delivered job; a job that has ended is left alone."""
    with database.transaction() as session:
        job = service.begin(session, job_id, worker)
        if job is None:
            return
        attempt, kind = job.attempt, job.kind
        handler = kinds.get(kind)
        task = runner.Task(handler or "", job.payload, job.time_limit_s, job.memory_limit_mb)
    log.info("job %s (%s) begins, attempt %d", job_id, kind, attempt)
    if handler is None:
        outcome = runner.Outcome(JobState.FAILED, None, runner.BROKE, f"unknown kind {kind!r}")
    else:
        outcome = runner.run(
            task,
            partial(_beat, database, job_id, attempt),
            partial(_must_stop, database, job_id, attempt),
        )
    with database.transaction() as session:
        ended = service.finish(
            session, job_id, attempt, outcome.state, outcome.result, outcome.error
        )
    log.info("job %s %s", job_id, outcome.state.value if ended else "was taken over")
    if outcome.details:
        log.error("job %s: %s", job_id, outcome.details)


def _beat(
    database: Database, job_id: str, attempt: int, progress: JobProgress | None, best: Json | None
) -> bool:
    with database.transaction() as session:
        return service.note_progress(session, job_id, attempt, progress, best)


def _must_stop(database: Database, job_id: str, attempt: int) -> bool:
    with database.reading() as session:
        return service.must_stop(session, job_id, attempt)


def until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    return told
