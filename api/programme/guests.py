"""What calendars and mails say to a guest of the session they come for: their own part, never the participants' task."""

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.calendar.models import Event
from api.kit.i18n import Language, Speaker
from api.programme import queries
from api.programme.arrival.service import way_in_of


def is_guest(session: Session, function_id: str) -> bool:
    """Whether a function is a guest's: an agency's, that comes for one session."""
    function = accounts.function(session, function_id)
    return function is not None and function.role is Role.GUEST


def guest_words(session: Session, event: Event, language: Language) -> str:
    """Return what a guest gives and gets, how one gets in and whom one rings; empty where it is no guest's session."""
    if event.subject_kind != "session" or event.is_protected:
        return ""
    planned = queries.programme_session(session, event.subject_id)
    if planned is None or planned.format != "agency":
        return ""
    say, found = Speaker(language), way_in_of(session, planned.meeting_id)
    lines = [
        say.either(planned.gives_guest_sv, planned.gives_guest_en),
        say.text("Vägen in: %(way_in)s", way_in=found.way_in) if found.way_in else "",
        say.text("Ring: %(who)s", who=found.ring) if found.ring else "",
    ]
    return "\n".join(filter(None, lines))


def as_told_to_guest(session: Session, event: Event) -> Event:
    """Return an event as a guest's own calendar has it; the same where it is no guest's session."""
    told = {
        f"agenda_{language}": guest_words(session, event, language) for language in ("sv", "en")
    }
    return event.model_copy(update=told) if any(told.values()) else event
