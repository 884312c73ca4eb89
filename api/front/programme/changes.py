"""What has changed in a published programme, version by version, for those who take part in it."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.i18n import Speaker
from api.programme.reading import visible_meeting
from api.proposals.programme.web.versions import versions_page


@dataclass(frozen=True, slots=True)
class Change:
    """One published version: when, what is another in the programme, and in the reader's own agenda."""

    when: str
    sessions: tuple[str, ...]
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Every change since the first version, newest first."""

    meeting_id: str
    meeting: str
    changes: tuple[Change, ...]


def changes_page(session: Session, viewer: Viewer, meeting_id: str, say: Speaker) -> ChangesPage:
    """Return what has changed; a guest of some sessions reads only what is the guest's own.

    Raises:
        MissingError: when there is no such meeting, or not for this viewer.
    """
    meeting, is_guest = visible_meeting(session, viewer, meeting_id)
    page = versions_page(session, meeting, say)
    changes = []
    for one in page.versions:
        if one.difference is None:
            continue
        mine = [two for two in one.difference.people if two.function_id in viewer.function_ids]
        own = [
            *(text for two in mine for text in two.moves),
            *(say.text("Nytt för dig: %(title)s.", title=t) for two in mine for t in two.gains),
            *(
                say.text("Inte längre för dig: %(title)s.", title=t)
                for two in mine
                for t in two.loses
            ),
            *(text for two in mine for text in two.seats),
        ]
        sessions = () if is_guest else one.difference.sessions
        if sessions or own:
            changes.append(Change(one.when, sessions, tuple(own)))
    return ChangesPage(meeting.id, page.meeting, tuple(changes))
