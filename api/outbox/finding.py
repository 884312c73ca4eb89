"""Mails as planners search for them: by subject and recipient."""

from collections.abc import Collection

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later
from api.outbox import queries


def _entries(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    return {
        one: Entry(subject, f"/planera/utskick/{one}", f"{recipient}, {say.moment(at)}", "", at)
        for one, subject, recipient, at in queries.subjects(session, ids)
    }


MAILS: Kind[Viewer] = Kind("mail", later("Mejl"), may_plan, all_of_them, _entries)
