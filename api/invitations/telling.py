"""Who is owed a mail about an event, and what it says: the difference between what was told and what is.

A change owes a mail to each whom it concerns; the mail is written when the outbox has held it for
long enough. It then compares what this receiver was last told (`Told`) with the event as it is:
several changes are one mail, and what was changed back is none.
"""

from datetime import datetime

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.holding import is_held, leaves_series, takes_request
from api.invitations.letters import (
    Change,
    Outgoing,
    Why,
    draft_for,
    is_over,
    newest_told,
    reminder,
    send_cancel,
    send_moved,
    send_request,
    send_video,
)
from api.invitations.models import Invitation, Partstat, Place, Told
from api.invitations.series import PlaceChanged, at_occurrences, place_at
from api.invitations.told import (
    ends_with_series,
    facts_of,
    is_only_shorter,
    is_only_video,
    known,
    note,
)
from api.kit.clock import to_local
from api.kit.db import announce
from api.kit.mail import Texts
from api.outbox.acts import Composer, Data, can_undo_by
from api.outbox.holding import Matter, hold
from api.outbox.models import Mail
from api.outbox.queries import drop_held, mail_with_key
from api.outbox.service import write

KIND = "invitation"
# What an answer is given to: a change of one of these asks whoever had answered again.
ANSWERED = ("starts_at", "ends_at", "first_day", "last_day", "town", "rule", "dates")


def key_of(invited: Invitation, address: str) -> str:
    """Return the key of the mail that tells an address what has become of a place."""
    return f"held/{invited.id}/{address}"


def owe(session: Session, event: Event, invited: Invitation, address: str, at: datetime) -> None:
    """Have an address told what has become of a place, when the outbox lets it go."""
    told = queries.told(session, invited.id, address)
    key = key_of(invited, address)
    is_theirs = invited.address == address and invited.place is Place.INVITED
    if told is None and not is_theirs and mail_with_key(session, key) is None:
        return  # nobody there has heard of it
    if event.status == "CANCELLED" and ends_with_series(session, event, invited, address):
        return
    if event.rule:  # what has left the series is told of by itself
        for one in calendar.occurrences(session, event.id):
            if one.is_apart and not is_over(one, at):
                owe(session, one, place_at(session, invited, one), address, at)
    matter = Matter(
        key=key,
        about={"invitation": invited.id, "address": address},
        recipient=address,
        batch=event.id,
        begins_at=_soonest(event, told),
        is_example=event.is_example,
    )
    hold(session, COMPOSER, matter, at)


def _soonest(event: Event, told: Told | None) -> datetime | None:
    """Return when the event begins, by what it is and by what somebody believes."""
    moments = [event.starts_at] if event.starts_at else []
    if told is not None and not told.is_cancelled and told.facts.get("starts_at"):
        moments.append(datetime.fromisoformat(told.facts["starts_at"]))
    return min(moments, default=None)


def _lock(session: Session, mail: Mail) -> None:
    queries.lock_event(session, mail.batch)


def _write(session: Session, mail: Mail, at: datetime) -> bool:
    """Write what this receiver does not know yet; False when that is nothing."""
    about = mail.about or {}
    invited = queries.invitation(session, about["invitation"])
    event = calendar.event(session, invited.event_id) if invited else None
    if invited is None or event is None or is_over(event, at):
        return False
    told = queries.told(session, invited.id, about["address"])
    is_theirs = invited.address == about["address"] and invited.place is Place.INVITED
    if is_theirs and event.status != "CANCELLED":
        return _request(session, event, invited, mail, at, told)
    if told is None or told.is_cancelled:
        return False
    if ends_with_series(session, event, invited, told.address):
        told.is_cancelled = True
        session.add(told)
        return False
    return _cancel(session, event, invited, mail, at, told)


def _request(
    session: Session, event: Event, invited: Invitation, mail: Mail, at: datetime, told: Told | None
) -> bool:
    facts = facts_of(session, event)
    knows = told is not None and not told.is_cancelled
    change = None
    if told is not None and knows:
        before, is_same_place = known(told), told.organizer == invited.organizer
        is_video = is_same_place and is_only_video(before, facts)
        if is_video and invited.partstat is not Partstat.DECLINED:
            return _video(session, event, invited, mail, at)
        if is_video or (before == facts and is_same_place):
            told.newest = invited.told_sequence = newest_told(session, event)
            told.facts = facts
            session.add_all((told, invited))
            return False
        change = _change(session, event, invited, told, facts)
        if change.asks_again:
            invited.partstat = Partstat.NEEDS_ACTION
            announce(session, PlaceChanged(invited.event_id, invited.function_id))
    if leaves_series(session, event, invited.address):
        send_moved(session, event, invited, at, Why.LEAVES_SERIES)
    with_calendar = takes_request(session, event, invited)
    letter = Outgoing(event, invited, mail, at, with_calendar=with_calendar)
    if not send_request(session, letter, change):
        return False
    _note_all(session, letter)
    return True


def _video(session: Session, event: Event, invited: Invitation, mail: Mail, at: datetime) -> bool:
    """Write that the room of the video meeting is another, or gone; the answer holds."""
    with_calendar = takes_request(session, event, invited)
    letter = Outgoing(event, invited, mail, at, with_calendar=with_calendar)
    send_video(session, letter)
    _note_all(session, letter)
    return True


def _note_all(session: Session, letter: Outgoing) -> None:
    """Remember what a mail has told of an event, and of a series' dates."""
    event, invited = letter.event, letter.invited
    for one, place in [(event, invited), *_dates(session, event, invited)]:
        place.sent_sequence, place.told_sequence = invited.sent_sequence, invited.told_sequence
        note(session, one, place, letter.at, with_calendar=letter.with_calendar)


def foretold(
    session: Session, event: Event, invited: Invitation, at: datetime, greeting: str
) -> Texts | None:
    """Return the mail that whoever is invited would get if their event became this one; None for no mail.

    event: as it would be, not stored; of the answer's link no token is made.
    """
    told = queries.told(session, invited.id, invited.address)
    knows = told is not None and not told.is_cancelled
    if is_over(event, at) or (event.status == "CANCELLED" and not knows):
        return None
    change = None
    if told is not None and knows and event.status != "CANCELLED":
        facts = facts_of(session, event)
        if known(told) == facts and told.organizer == invited.organizer:
            return None
        change = _change(session, event, invited, told, facts)
    if event.status == "CANCELLED":
        has_calendar = is_held(session, event, invited.address)
    else:
        has_calendar = takes_request(session, event, invited)
    return draft_for(session, event, invited, change, greeting, has_calendar=has_calendar)


def _change(
    session: Session, event: Event, invited: Invitation, told: Told, facts: dict[str, str]
) -> Change:
    """Return what is new to somebody who knew of it; who had answered another time or place is asked again."""
    before = known(told)
    is_shorter = is_only_shorter(session, before, event)
    is_elsewhere = not is_shorter and (
        not before or any(before[name] != facts[name] for name in ANSWERED)
    )
    had_answered = invited.partstat is not Partstat.NEEDS_ACTION
    asks_again = is_elsewhere and had_answered and invited.answer_sequence < event.sequence
    return Change(before, asks_again=asks_again, is_shorter=is_shorter)


def _cancel(
    session: Session, event: Event, invited: Invitation, mail: Mail, at: datetime, told: Told
) -> bool:
    whose = _as_told(invited, told)
    if invited.address == told.address:  # what only brought a calendar up to date went there too
        whose.sent_sequence = max(told.sequence, invited.sent_sequence or 0)
    with_calendar = is_held(session, event, told.address)
    has_gone_on = invited.address != told.address and invited.place is Place.INVITED
    successor = invited.name if has_gone_on else ""
    letter = Outgoing(event, whose, mail, at, with_calendar=with_calendar, successor=successor)
    if not send_cancel(session, letter):
        return False
    follower = queries.told(session, invited.id, invited.address)
    if follower is None or follower.is_cancelled or invited.address == told.address:
        invited.sent_sequence, invited.told_sequence = whose.sent_sequence, whose.told_sequence
        session.add(invited)
    told.is_cancelled, told.at = True, at
    told.sequence, told.newest = whose.sent_sequence or 0, whose.told_sequence
    session.add(told)
    for one in calendar.occurrences(session, event.id) if event.rule else ():
        if one.is_apart:
            continue
        for date_told in queries.told_at(session, one.id, told.address):
            date_told.is_cancelled = True
            session.add(date_told)
    return True


def _dates(session: Session, event: Event, invited: Invitation) -> list[tuple[Event, Invitation]]:
    """Return a series' dates at which this place has one of its own: one mail tells of them all."""
    if not event.rule:
        return []
    dates = {one.id: one for one in calendar.occurrences(session, event.id) if not one.is_apart}
    mine = (one for one in at_occurrences(session, invited) if one.place is Place.INVITED)
    return [
        (dates[one.event_id], one)
        for one in mine
        if one.address == invited.address and one.event_id in dates
    ]


def _as_told(invited: Invitation, told: Told) -> Invitation:
    """Return a place as its mails have called it to an address, not stored."""
    return Invitation(
        id=invited.id,
        event_id=invited.event_id,
        function_id=invited.function_id,
        number=invited.number,
        name=told.name,
        address=told.address,
        language=told.language,
        is_optional=invited.is_optional,
        place=invited.place,
        partstat=invited.partstat,
        organizer=told.organizer,
        sent_sequence=told.sequence,
        told_sequence=told.newest,
        created_at=invited.created_at,
    )


def is_unanswered(invited: Invitation) -> bool:
    """Return whether somebody has been asked and has not answered."""
    return (
        invited.place is Place.INVITED
        and invited.partstat is Partstat.NEEDS_ACTION
        and invited.sent_sequence is not None
    )


def owe_reminder(session: Session, event: Event, invited: Invitation, at: datetime) -> bool:
    """Have somebody reminded when the outbox lets it go, once a day; False where they are already."""
    key = f"reminder/{invited.id}/{invited.address}/{to_local(at).date()}"
    if mail_with_key(session, key) is not None:
        return False
    matter = Matter(
        key=key,
        about={"invitation": invited.id, "address": invited.address},
        recipient=invited.address,
        batch=event.id,
        begins_at=event.starts_at,
        is_example=event.is_example,
    )
    hold(session, REMINDER, matter, at)
    can_undo_by(session, REMINDER.kind, {"key": key})
    return True


def undo_reminder(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Take a reminder back that waits."""
    del actor, at
    drop_held(session, data["key"])


def _write_reminder(session: Session, mail: Mail, at: datetime) -> bool:
    """Write a reminder; none goes to who has answered, or given the place away, since it was asked for."""
    about = mail.about or {}
    invited = queries.invitation(session, about["invitation"])
    event = calendar.event(session, invited.event_id) if invited is not None else None
    if invited is None or event is None or event.status == "CANCELLED" or is_over(event, at):
        return False
    if invited.address != about["address"] or not is_unanswered(invited):
        return False
    mail.is_secret = True
    write(session, mail, reminder(session, event, invited))
    return True


COMPOSER = Composer(KIND, _lock, _write)
REMINDER = Composer("invitation reminder", _lock, _write_reminder)
