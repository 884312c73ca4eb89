"""Mails as planners search for them: by subject and recipient, the newest ones."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.outbox import queries

MOST = 2000  # the newest; older ones are found in the list


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    if not may_plan(viewer):
        return
    for mail_id, subject, recipient, at in queries.subjects(session, MOST):
        yield Entry(subject, f"/planera/utskick/{mail_id}", f"{recipient}, {say.moment(at)}")


MAILS = Kind(later("Mejl"), _entries)
