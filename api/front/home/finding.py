"""What can be found, of every feature, and the index that is kept up with what changes."""

import logging

from sqlalchemy.exc import OperationalError

from api.accounts.finding import PEOPLE
from api.accounts.policy import Viewer
from api.audit.web.finding import LOG
from api.kit.db import Database
from api.kit.errors import StaleError
from api.kit.finding.service import MOST_MARKS, Kind, is_stale, renew
from api.library.finding import MATERIALS
from api.meetings.finding import MEETINGS
from api.networks.finding import NETWORKS
from api.outbox.finding import MAILS
from api.questions.finding import FREQUENT, QUESTIONS
from api.registry.web.finding import RCS
from api.surveys.web.finding import SURVEYS, THEMES

_log = logging.getLogger("samkrets.search")

# In this order; a feature's own module says what is found and by whom.
KINDS: tuple[Kind[Viewer], ...] = (
    RCS,
    PEOPLE,
    NETWORKS,
    MEETINGS,
    SURVEYS,
    THEMES,
    QUESTIONS,
    FREQUENT,
    MATERIALS,
    MAILS,
    LOG,
)


def catch_up(database: Database) -> None:
    """Write what has changed since the last search into the index.

    Where somebody else writes and goes on writing, the search finds what is there already: what
    has changed or gone is never in it.
    """
    try:
        with database.reading() as session:
            if not is_stale(session):
                return
        with database.transaction() as session:
            renew(session, KINDS)
    except (OperationalError, StaleError):
        _log.warning("the search is not caught up: the database is busy")


def write_whole(database: Database) -> None:
    """Write all that has changed into the index, a stretch at a time."""
    while True:
        with database.transaction() as session:
            if renew(session, KINDS) < MOST_MARKS:
                return
