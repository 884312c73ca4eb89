"""The log as planners search it: by what was done, to what and by whom."""

from collections.abc import Collection

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.accounts.queries import names_of
from api.audit import queries
from api.audit.web import words
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later


def _entries(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    rows = queries.numbered(session, [int(one) for one in ids])
    names = names_of(session, {row.actor for row in rows})
    found = {}
    for row in rows:
        who = names.get(row.actor, "")
        title = f"{say.text(words.subject(row.subject_kind))}: {say.text(words.action(row.action))}"
        detail = f"{who}, {say.moment(row.at)}" if who else say.moment(row.at)
        path = f"/logg?kind={row.subject_kind}"
        found[str(row.number)] = Entry(title, path, detail, "", row.at)
    return found


LOG: Kind[Viewer] = Kind("log", later("Logg"), may_plan, all_of_them, _entries)
