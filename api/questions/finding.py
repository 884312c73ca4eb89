"""Questions as they are searched for: by their words, each for those who may see it; and frequent ones."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.questions import queries

_SHOWN = 90


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    if not may_read_register(viewer):
        return
    for known in queries.published(session):
        about = say.text("Vanlig fråga")
        yield Entry(known.question[:_SHOWN], "/fragor#vanliga", about, known.answer)
    for one in queries.seen_by(session, viewer):
        yield Entry(one.text[:_SHOWN], f"/fragor/{one.id}", say.date(one.asked_at.date()), one.text)


QUESTIONS = Kind(later("Frågor"), _entries)
