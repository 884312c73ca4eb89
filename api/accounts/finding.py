"""People as planners search for them: by name, post, organisation and address."""

from collections.abc import Collection

from sqlmodel import Session

from api.accounts import queries
from api.accounts.policy import Viewer, may_plan
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later


def _entries(
    session: Session, _viewer: Viewer | None, _say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    return {
        post.id: _entry(post.title, body.id, body.name)
        if holder is None
        else Entry(
            holder.name,
            f"/organisationer/{body.id}",
            f"{post.title}, {body.name}",
            holder.email,
        )
        for post, body, holder in queries.posts(session, ids)
    }


def _entry(title: str, body_id: str, body: str) -> Entry:
    return Entry(title, f"/organisationer/{body_id}", body)


PEOPLE: Kind[Viewer] = Kind("post", later("Personer"), may_plan, all_of_them, _entries)
