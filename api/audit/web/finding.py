"""The log as planners search it: by what was done, to what and by whom, the newest rows."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.accounts.queries import names_of
from api.audit import queries
from api.audit.web import words
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later

MOST = 1000


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    if not may_plan(viewer):
        return
    rows = queries.page(session, "", MOST, 0)
    names = names_of(session, {row.actor for row in rows})
    for row in rows:
        who = names.get(row.actor, "")
        title = f"{say.text(words.subject(row.subject_kind))}: {say.text(words.action(row.action))}"
        detail = f"{who}, {say.moment(row.at)}" if who else say.moment(row.at)
        yield Entry(title, f"/logg?kind={row.subject_kind}", detail)


LOG = Kind(later("Logg"), _entries)
