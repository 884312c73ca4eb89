"""Who was at a meeting, to be asked how it was: whoever said yes, also a guest and a substitute from outside."""

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.calendar import queries as calendar
from api.invitations.models import Partstat, Place
from api.invitations.series import places
from api.kit.i18n import read_by
from api.programme import queries as programme
from api.surveys.mailing import Recipient
from api.surveys.models import RecipientKind


def who_came(session: Session, meeting_id: str) -> list[Recipient] | None:
    """Return those who had said that they come to a meeting or one of its sessions, each address once.

    None where nobody was invited to it: then nobody knows who was there.
    """
    whole = calendar.event_of(session, "meeting", meeting_id)
    ids = [one.id for one in programme.programme(session, meeting_id).sessions]
    events = [*([whole] if whole else []), *calendar.events_of(session, "session", ids).values()]
    invited = [one for event in events for one in places(session, event)]
    if not any(one.place is Place.INVITED for one in invited):
        return None
    homes = {
        one.id: body
        for one, body in accounts.functions_with_bodies(
            session, {one.function_id for one in invited}
        )
    }
    found: dict[str, Recipient] = {}
    for one in invited:
        if one.place is not Place.INVITED or one.partstat is not Partstat.ACCEPTED:
            continue
        home = homes.get(one.function_id)
        kind = RecipientKind.RC if home and home.kind is BodyKind.RC else RecipientKind.COUNTY_BOARD
        rc_id = home.rc_id or "" if home else ""
        language = read_by(one.language)
        made = Recipient(rc_id, kind, one.function_id, one.address, one.name, language)
        found.setdefault(one.address, made)
    return sorted(found.values(), key=lambda one: (one.rc_id, one.email))
