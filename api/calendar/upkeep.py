"""Events as time goes by and as the service changes: gaps in series, and octets rendered anew."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session

from api.calendar import queries
from api.calendar.fragments import fragments, held
from api.calendar.models import Event
from api.calendar.service import occurrences_of, publish, scopes_of, touch
from api.calendar.stay import stay
from api.kit.clock import to_local
from api.kit.db import base_url_of


def leave_out(session: Session, today: date, at: datetime) -> int:
    """Turn cancelled occurrences that have been shown for long enough into gaps of their series.

    Returns how many.
    """
    gone = 0
    for one in queries.cancelled_occurrences(session):
        assert one.starts_at is not None  # noqa: S101 - an occurrence has moments
        assert one.ends_at is not None  # noqa: S101 - the same
        days = to_local(one.starts_at).date(), to_local(one.ends_at).date()
        if today >= stay(*days, one.cancelled_at)[1]:
            series = session.get_one(Event, one.series_id)
            was_shown = one in held(series, [one]).values()
            one.is_left_out = True
            session.add(one)
            if was_shown:
                touch(series, at)
                publish(session, series, scopes_of(session, series))
            gone += 1
    return gone


def render_again(session: Session, at: datetime, ids: Collection[str] | None = None) -> int:
    """Render events' octets anew, after the base URL or a wording changed; return how many differ.

    `ids` names them; without it they are all rendered.

    What differs is a new revision: clients that go by LAST-MODIFIED would else keep the old links.
    """
    changed = 0
    for event in queries.events(session, ids):
        occurrences = occurrences_of(session, event)
        made = fragments(event, base_url_of(session), occurrences)
        if made != queries.fragments_of(session, event.id):
            changed += 1
            for one in (*occurrences, event):
                touch(one, at)
            publish(session, event, scopes_of(session, event))
    return changed
