"""Second composition root: takes queued jobs, runs each in a child process and records how it ended."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import DBAPIError

from api.availability.asking import remind_due
from api.circles.daily import keep_circles
from api.feeds.housekeeping import keep_house, put_right_by_parts, send_digests
from api.front.home.finding import write_whole
from api.invitations.mailbox import poll
from api.jobs import engine, queries, runner, service
from api.jobs.handlers import JobProgress, Json, Kinds
from api.jobs.models import JobState
from api.kit.clock import now
from api.kit.db import Database
from api.kit.mail import Server
from api.kit.once import service as once
from api.kit.settings import Settings
from api.kit.throttle import service as throttle
from api.networks.service import rename_untrue
from api.operations import backup
from api.operations.heads import note_daily_head
from api.operations.queries import silent_jobs
from api.operations.retention import erase_all, erase_served, forget_exports
from api.operations.schedule import (
    ERRANDS,
    Do,
    has_jumped,
    insist_on_clock,
    nightly_and_after,
    run_due,
)
from api.outbox.acts import KEPT
from api.outbox.holding import release_due
from api.outbox.queries import forget_acts
from api.outbox.sending import send_due
from api.proposals.kinds import HANDLERS, given
from api.registry.checking import keep_register
from api.wiring import connect

log = logging.getLogger("samkrets.worker")

# Each kind of job and its handler, "module:function"; see api.jobs.handlers.
KINDS: Kinds = HANDLERS

OFFER_INTERVAL_S = 0.3
MAIL_INTERVAL_S = 5.0
HOUSE_INTERVAL_S = 15.0
SILENCE = timedelta(minutes=2)  # a worker writes every second; one that restarts is back by then
DATABASE_PAUSE_S = 2.0
GIVE_BACK_S = 4.0  # of the ten seconds in which a worker stops
RECHECK_S = 30.0  # how often an offered job that has not ended is looked for in the engine


def work(
    settings: Settings, worker: str, until: threading.Event, *, slots: int = 1, kinds: Kinds = KINDS
) -> None:
    """Take jobs until the event is set. `worker` must be the same after a restart: it resumes its own."""
    database = connect(settings.database, settings.base_url, settings.hold_minutes)
    try:
        do = partial(run_job, database, kinds, worker)
        with engine.launched(settings.database, worker, slots, do) as offer:
            log.info("worker %s takes jobs, %d at a time", worker, slots)
            for target, args in (
                (_send_mail, (database, settings, until)),
                (_keep_house, (database, settings, until, worker)),
            ):
                threading.Thread(target=target, args=args, daemon=True).start()
            _offer_open_jobs(database, offer, until)
        _give_back(settings.database, worker)
    finally:
        database.close()


def _give_back(url: str, worker: str) -> None:
    """Let others go on at once with what is begun; a database that does not answer keeps nobody from stopping."""

    def give() -> None:
        try:
            count = engine.recover(url, worker)
        except Exception:  # whatever it is, silence does the same in two minutes
            log.exception("what was begun is not given back; others take it over")
        else:
            log.info("worker %s stops and gives %d jobs back", worker, count)

    giving = threading.Thread(target=give, daemon=True)
    giving.start()
    giving.join(GIVE_BACK_S)


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
    """Write what has waited long enough, and send it where there is a server."""
    url = settings.smtp_url.get_secret_value()
    while not until.wait(MAIL_INTERVAL_S):
        try:
            release_due(database, now)
            if url:
                send_due(database, Server(url), settings.mail_from, now)
        except Exception:
            log.exception("sending mail failed; trying again")


def _keep_house(
    database: Database, settings: Settings, until: threading.Event, worker: str = ""
) -> None:
    """Do the schedule's errands; the first round comes soon, so that one who is restarted often does them too."""
    doing = _doing(database, settings, worker)
    started = now()
    errands = [
        replace(errand, since=nightly_and_after(started)) if errand.name == "calendars" else errand
        for errand in ERRANDS
    ]
    while not until.wait(HOUSE_INTERVAL_S):
        run_due(database, errands, doing, worker, until.is_set)


def _doing(database: Database, settings: Settings, worker: str) -> dict[str, Do]:
    """Return what each errand does; one that the settings turn off is left out."""
    imap = settings.imap_url.get_secret_value()
    doing: dict[str, Do] = {
        "tidying": lambda: tidy(database, settings),
        "calendars": lambda: mend_calendars(database),
        "log head": lambda: note_daily_head(database, settings, now()),
        "reminders": lambda: remind(database),
        "silent jobs": lambda: take_over(database, worker),
        "weekly letter": lambda: write_letters(database),
        "circles": lambda: keep_company(database),
        "register": lambda: look_after_register(database),
        "erasing": lambda: erase(database, settings),
    }
    if imap:
        doing["mailbox"] = lambda: poll(database, imap, now)
    if settings.backup_days and not settings.is_demo:
        doing["backup"] = lambda: make_backup(settings)
    return doing


def take_over(database: Database, worker: str) -> None:
    """Give jobs whose worker is gone, or was made anew under another name, to whoever is free."""
    with database.reading() as session:
        silent = {job.worker for job in silent_jobs(session, now() - SILENCE)}
    for name in sorted(silent - {worker, ""}):
        count = engine.recover(database.url, name)
        log.warning("worker %s is silent: %d jobs of it are queued again", name, count)


def remind(database: Database) -> None:
    """Remind those who have not answered a poll whose last day is near."""
    with database.transaction() as session:
        remind_due(session, now())


def write_letters(database: Database) -> None:
    """Queue the weekly letter; each has its week's key, so that it is written once."""
    with database.transaction() as session:
        send_digests(session, now())


def keep_company(database: Database) -> None:
    """Look after circles: who is away or back, and what is asked of whom today."""
    with database.transaction() as session:
        keep_circles(session, now())


def look_after_register(database: Database) -> None:
    """Ask each RC once a year whether its facts are still right, and remind once."""
    with database.transaction() as session:
        keep_register(session, now())


def erase(database: Database, settings: Settings) -> None:
    """Erase what has outlived its time."""
    with database.transaction() as session:
        insist_on_clock(session, now())
        done = erase_all(session, now(), settings, settings.data / "erased")
    if done.is_kept:
        log.warning("kept, since SAMKRETS_RETENTION_DECISION is not set: %s", done.said)


def make_backup(settings: Settings) -> None:
    """Make the night's copy, and remove those that are older than they are kept."""
    folder = settings.data / "backups"
    backup.make(settings.database, folder)
    backup.prune(folder, now() - timedelta(days=settings.backup_days))


def tidy(database: Database, settings: Settings) -> None:
    """Look after feeds and the search, and erase what only served until a day."""
    keep_house(database, now())
    write_whole(database)
    with database.transaction() as session:
        if not has_jumped(session, now()):
            erase_served(session, now(), settings)
            forget_exports(settings.data / "erased", now(), settings.retention_export_days)
        forget_acts(session, now() - KEPT)
        once.forget(session, now())
        throttle.forget(session, now())


def mend_calendars(database: Database) -> None:
    """Bring circles' names and stored calendars to what they would be if they were made now."""
    with database.transaction() as session:
        renamed = rename_untrue(session)
    if renamed:
        log.info("%d circles have a name that is true of their members today", renamed)
    differing = put_right_by_parts(database)
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
        task = runner.Task(
            handler or "", given(session, job), job.time_limit_s, job.memory_limit_mb
        )
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
