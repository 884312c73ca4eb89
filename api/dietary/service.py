"""Telling what one cannot eat before a meeting, the kitchen's list, and forgetting it all afterwards.

Nothing of this enters the log of changes or any other table: the row itself is the only trace.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer, may_act_in_network
from api.dietary import queries
from api.dietary.models import Diet, DietaryNeed
from api.kit.clock import to_local
from api.kit.errors import ConflictError, FieldFault
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.calendars import MeetingChanged
from api.meetings.models import Meeting, MeetingForm, MeetingState

KEPT = timedelta(days=30)  # after the meeting's last day
LONGEST = 200

# Swedish source texts, in the order of the form.
NAMES = {
    Diet.VEGETARIAN: "vegetarisk",
    Diet.VEGAN: "vegansk",
    Diet.LACTOSE: "laktosfri",
    Diet.MILK: "fri från mjölkprotein",
    Diet.GLUTEN: "glutenfri",
    Diet.NUTS: "nötfri",
    Diet.FISH: "fri från fisk och skaldjur",
    Diet.EGGS: "äggfri",
}


@dataclass(frozen=True, slots=True)
class Needs:
    """What somebody cannot eat; empty means nothing special."""

    diets: frozenset[Diet] = frozenset()
    other: str = ""


@dataclass(frozen=True, slots=True)
class KitchenList:
    """What whoever orders the food needs to know: numbers and needs, no names."""

    people: int
    diets: tuple[tuple[Diet, int], ...]
    others: tuple[tuple[str, int], ...]


def is_asked(meeting: Meeting, now: datetime) -> bool:
    """Return whether people may tell their needs: there is food, and it has not been eaten."""
    is_on = meeting.state in {MeetingState.PUBLISHED, MeetingState.PROPOSED}
    return is_on and meeting.form is not MeetingForm.DIGITAL and meeting.ends_at > now


def may_tell(session: Session, viewer: Viewer | None, meeting: Meeting) -> bool:
    """Who sees a meeting may come and eat there; to a network's own meeting come its members."""
    rc_ids = audiences(session, [meeting])[meeting.id].rc_ids
    if not rc_ids:
        return viewer is not None
    return may_act_in_network(viewer, rc_ids)


def needs_of(session: Session, meeting_id: str, address: str) -> Needs:
    """Return what somebody has told for a meeting."""
    kept = queries.need(session, meeting_id, address.lower())
    return Needs(_diets(kept), kept.other) if kept else Needs()


def tell(
    session: Session,
    meeting: Meeting,
    address: str,
    diets: Collection[str],
    other: str,
    now: datetime,
) -> None:
    """Keep what somebody cannot eat at a meeting; telling nothing forgets it.

    Raises:
        ConflictError: when nothing is eaten there, or the meeting is over or off.
        FieldFault: when a diet is unknown or the text too long.
    """
    if not is_asked(meeting, now):
        raise ConflictError("Träffen är över, inställd eller digital. Ingen mat beställs.")
    if unknown := set(diets) - set(Diet):
        raise FieldFault("diets", "Välj något i listan.", value=min(unknown))
    words = " ".join(other.split())
    if len(words) > LONGEST:
        raise FieldFault("other", "Högst %(most)s tecken.", most=LONGEST)
    if not diets and not words:
        forget(session, meeting.id, address)
        return
    kept = queries.need(session, meeting.id, address.lower()) or DietaryNeed(
        meeting_id=meeting.id, address=address.lower(), erase_on=erase_on(meeting)
    )
    kept.diets = " ".join(diet for diet in Diet if diet in set(diets))
    kept.other, kept.erase_on = words, erase_on(meeting)
    session.add(kept)
    session.flush()


def forget(session: Session, meeting_id: str, address: str) -> None:
    """Forget what somebody told for a meeting: they do not come."""
    kept = queries.need(session, meeting_id, address.lower())
    if kept is not None:
        session.delete(kept)
        session.flush()


def for_the_kitchen(session: Session, meeting_id: str) -> KitchenList:
    """Return a meeting's needs as numbers, most common first."""
    kept = queries.of_meeting(session, meeting_id)
    told = Counter(diet for need in kept for diet in _diets(need))
    order = list(Diet)
    diets = sorted(told.items(), key=lambda item: (-item[1], order.index(item[0])))
    others = Counter(need.other for need in kept if need.other)
    return KitchenList(len(kept), tuple(diets), tuple(sorted(others.items())))


def on_meeting_changed(session: Session, news: MeetingChanged) -> None:
    """A moved meeting moves the day of erasing; one that is off or digital needs no food."""
    meeting = meetings.meeting(session, news.meeting_id)
    if meeting is None:
        return
    if meeting.state is MeetingState.CANCELLED or meeting.form is MeetingForm.DIGITAL:
        queries.delete_of_meeting(session, meeting.id)
        return
    for kept in queries.of_meeting(session, meeting.id):
        kept.erase_on = erase_on(meeting)
        session.add(kept)


def erase_on(meeting: Meeting) -> date:
    """Return the day on which a meeting's needs are erased."""
    return to_local(meeting.ends_at).date() + KEPT


def _diets(kept: DietaryNeed | None) -> frozenset[Diet]:
    return frozenset(Diet(value) for value in kept.diets.split()) if kept else frozenset()
