"""A meeting's way in: written by a planner, read by guests on their page and in their calendar."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.audit.service import record
from api.kit.errors import FieldFault, FormError, StaleError
from api.meetings.models import Meeting
from api.programme.arrival import queries
from api.programme.arrival.models import Arrival

LONGEST = 200  # characters: it is read in a doorway, on a phone


@dataclass(frozen=True, slots=True)
class WayIn:
    """What a guest needs on the day; empty texts where nothing is written."""

    way_in: str = ""
    contact: str = ""  # the function's title: calendars carry no person's name
    phone: str = ""
    name: str = ""  # its holder today, for pages

    @property
    def ring(self) -> str:
        """Whom to ring, as calendars say it."""
        return ", ".join(part for part in (self.contact, self.phone) if part)


def way_in_of(session: Session, meeting_id: str) -> WayIn:
    """Return how to get in at a meeting and whom to ring."""
    found = queries.arrival(session, meeting_id)
    if found is None:
        return WayIn()
    known = queries.contact(session, found.contact_id) if found.contact_id else None
    if known is None:
        return WayIn(found.way_in)
    function, holder = known
    return WayIn(
        found.way_in,
        function.title,
        holder.phone if holder else "",
        holder.name if holder else "",
    )


def way_in_for_page(session: Session, meeting_id: str) -> WayIn:
    """Return the way in, with somebody at NCH to ring where no planner has chosen whom."""
    found = way_in_of(session, meeting_id)
    if found.contact:
        return found
    for function_id, _ in possible_contacts(session):
        known = queries.contact(session, function_id)
        if known is not None and known[1] is not None and known[1].phone:
            return WayIn(found.way_in, known[0].title, known[1].phone, known[1].name)
    return found


def possible_contacts(session: Session) -> list[tuple[str, str]]:
    """Return the functions of NCH, id and title: whoever is on the spot on the day."""
    return [
        (function.id, function.title)
        for function, _ in accounts.functions_of_kind(session, BodyKind.NCH)
    ]


def write(
    session: Session, meeting: Meeting, way_in: str, contact_id: str, version: int, actor: str
) -> Arrival:
    """Write a meeting's way in and contact; `version` is 0 before the first time.

    Raises:
        FormError: when the text is too long or the contact is none of NCH's functions.
        StaleError: when somebody wrote it first.
    """
    text = " ".join(way_in.split())
    if len(text) > LONGEST:
        message = "Högst %(most)s tecken."
        raise FormError(FieldFault("way_in", message, most=LONGEST))
    if contact_id and contact_id not in dict(possible_contacts(session)):
        raise FormError(FieldFault("contact", "Välj ett av alternativen."))
    found = queries.arrival(session, meeting.id)
    if (found.version if found else 0) != version:
        there = found or Arrival(meeting_id=meeting.id)
        raise StaleError({"way_in": text}, {"way_in": there.way_in})
    made = found or Arrival(meeting_id=meeting.id, version=0)
    made.way_in, made.contact_id = text, contact_id or None
    made.version += 1
    session.add(made)
    session.flush()
    record(session, actor, "changed", ("meeting", meeting.id), after={"way in": "written"})
    return made
