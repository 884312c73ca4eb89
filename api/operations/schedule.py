"""What is done again and again without being asked: by one worker at a time, and caught up when it was missed.

An errand is due when it was not done since its last moment (so many minutes ago, last night, Monday).
Whoever sets its row first has it; a worker that dies with it loses it when its time is out.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlmodel import Session

from api.kit.clock import from_local, now, to_local
from api.kit.db import Database, reason
from api.kit.settings import Settings
from api.operations import queries
from api.operations.models import ErrandRun

log = logging.getLogger("samkrets.schedule")

Do = Callable[[], object]
Since = Callable[[datetime], datetime]

DAWN = 6  # o'clock in Sweden: mails of the day are there when people come to work
NIGHT = 3  # o'clock in Sweden: after midnight's changes, before anybody works
RETRY_AFTER = timedelta(minutes=5)
ERASING = "erasing"
LONGEST_AWAY = timedelta(days=7)
SECOND_LOOK = timedelta(days=1)
PROBE_OCTETS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be done; `since` gives the moment after which it must have been done once.

    `patience` is how long after that moment somebody should look at why it was not; `longest` how
    long one run may take before another worker may begin it.
    """

    name: str
    since: Since
    patience: timedelta = timedelta(hours=1)
    longest: timedelta = timedelta(minutes=30)


class ClockJumpError(Exception):
    """More time has gone since the last erasing than anybody is away: the clock may be wrong."""


def has_jumped(session: Session, moment: datetime) -> bool:
    """Whether erasing was last done so long ago that what outlives its time must wait for a second look."""
    run = queries.errand_run(session, ERASING)
    return run is not None and run.done_at is not None and moment - run.done_at > LONGEST_AWAY


def insist_on_clock(session: Session, moment: datetime) -> None:
    """Let erasing wait a day after the clock has jumped ahead: what is erased by mistake does not come back.

    Raises:
        ClockJumpError: the first time that it is looked at.
    """
    run = queries.errand_run(session, ERASING)
    is_second_look = run is not None and run.fault == ClockJumpError.__name__
    if has_jumped(session, moment) and not is_second_look:
        raise ClockJumpError("the clock has gone ahead, or nobody was here: erasing waits a day")


def every(interval: timedelta) -> Since:
    """Be due so long after the last time."""
    return lambda moment: moment - interval


def nightly(moment: datetime) -> datetime:
    """Be due since last night."""
    return daily_at(NIGHT)(moment)


def daily_at(hour: int) -> Since:
    """Be due since an hour of the Swedish day."""

    def since(moment: datetime) -> datetime:
        local = to_local(moment).replace(tzinfo=None)
        begun = local.replace(hour=hour, minute=0, second=0, microsecond=0)
        return from_local(begun if local >= begun else begun - timedelta(days=1))

    return since


def since_monday(moment: datetime) -> datetime:
    """Be due since the week began: whoever was down on Monday does it on the day that it comes back."""
    local = to_local(moment).replace(tzinfo=None)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return from_local(monday - timedelta(days=local.weekday()))


def nightly_and_after(start: datetime) -> Since:
    """Be due since last night, and once after a moment: settings may be new since then."""
    return lambda moment: max(nightly(moment), start)


EVERY_ROUND = timedelta(minutes=2)
ERRANDS = (
    Errand("tidying", every(EVERY_ROUND)),
    Errand("calendars", nightly),
    Errand("log head", nightly),
    Errand("mailbox", every(EVERY_ROUND)),
    Errand("reminders", every(timedelta(minutes=30))),
    Errand("silent jobs", every(timedelta(minutes=1))),
    Errand("weekly letter", since_monday),
    Errand("circles", daily_at(DAWN)),
    Errand("register", daily_at(DAWN)),
    Errand(ERASING, nightly),
    Errand("backup", nightly, longest=timedelta(hours=3)),
)


def run_due(
    database: Database,
    errands: Iterable[Errand],
    doing: Mapping[str, Do],
    worker: str,
    is_over: Callable[[], bool],
) -> None:
    """Do what is due and nobody else does; one that fails keeps no other from its turn, and comes again."""
    for errand in errands:
        if is_over():
            return
        if errand.name not in doing:
            continue
        try:
            _run(database, errand, doing[errand.name], worker)
        except Exception:
            log.exception("%s failed; trying again", errand.name)


def _run(database: Database, errand: Errand, do: Do, worker: str) -> None:
    begun = now()
    with database.transaction() as session:
        since, held_until = errand.since(begun), begun + errand.longest
        if not queries.claim(session, errand.name, since, begun, held_until, worker):
            return
    try:
        do()
    except ClockJumpError as jump:
        with database.transaction() as session:
            queries.note_failed(session, errand.name, type(jump).__name__, now() + SECOND_LOOK)
        raise
    except Exception as error:
        with database.transaction() as session:
            queries.note_failed(session, errand.name, type(error).__name__, now() + RETRY_AFTER)
        raise
    with database.transaction() as session:
        queries.note_done(session, errand.name, begun)


def late(runs: Iterable[ErrandRun], moment: datetime) -> Iterator[str]:
    """Yield a line for each errand that failed last, or should have been done long ago."""
    known = {run.name: run for run in runs}
    for errand in ERRANDS:
        run = known.get(errand.name)
        if run is None:
            continue
        done = f"{to_local(run.done_at):%Y-%m-%d %H:%M}" if run.done_at else "never"
        if run.fault:
            yield f"{errand.name} failed ({run.fault}), last done {done}"
        elif run.done_at is None or run.done_at < errand.since(moment) - errand.patience:
            yield f"{errand.name} was last done {done}"


def disk_fault(settings: Settings, url: str) -> str:
    """Return what keeps us from writing where the database and the files are; a small file is written."""
    for folder in _folders(settings, url):
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe-") as probe:
                probe.write(b"x" * PROBE_OCTETS)
                probe.flush()
        except OSError as error:
            return f"{folder} cannot be written: {reason(error)}"
    return ""


def free_octets(settings: Settings, url: str) -> int | None:
    """Return the least free space where we write; None where no folder is there yet."""
    found = [shutil.disk_usage(folder).free for folder in _folders(settings, url)]
    return min(found) if found else None


def _folders(settings: Settings, url: str) -> list[Path]:
    parts = make_url(url)
    folders = {settings.data.resolve()}
    if parts.get_backend_name() == "sqlite" and parts.database:
        folders.add(Path(parts.database).resolve().parent)
    return sorted(folder for folder in folders if folder.is_dir())
