"""Who is invited, who comes, who comes instead, and who waits for a place."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, Person
from api.accounts.news import FunctionHandedOver
from api.accounts.service import hash_of
from api.audit.service import record
from api.calendar import queries as calendar
from api.calendar.models import Event, ScopeKind
from api.calendar.service import EventChanged
from api.dietary import service as dietary
from api.invitations import queries
from api.invitations.belief import new_organizer
from api.invitations.holding import is_held, takes_request
from api.invitations.letters import Why, is_over, send_doubt, send_moved
from api.invitations.meeting import meeting_of
from api.invitations.models import (
    Invitation,
    Partstat,
    Place,
    SeatLimit,
    Substitution,
)
from api.invitations.series import PlaceChanged, follow, has_series_place, places, take_over
from api.invitations.telling import owe
from api.invitations.undoing import before_of, changed_place, made_place
from api.kit.clock import now
from api.kit.db import announce, take_version
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.kit.i18n import later
from api.kit.mail import has_address, is_address
from api.meetings.series import SeriesAgreed, SeriesContinued
from api.meetings.service import MeetingAgreed
from api.outbox.acts import is_undoing

LONGEST_NAME = 80
MOST_OF_A_PLACE, MOST_OF_A_PERSON = 4, 10  # passed on within a day and a night


class PlaceGoneError(MissingError):
    """The place behind an answer link is nobody's any more, or somebody else's."""


class Answer(NamedTuple):
    """An answer and its place in the order of answers: SEQUENCE, then DTSTAMP (RFC 5546 2.1.5)."""

    partstat: Partstat
    sequence: int
    stamp: datetime


def invite(
    session: Session, event: Event, function: Function, at: datetime, *, is_optional: bool = False
) -> Invitation | None:
    """Invite a function's holder, once; None when nobody holds it.

    Where the room is full the invitation waits, and its mail goes out when a place is free.
    """
    holder = accounts.person(session, function.holder_id) if function.holder_id else None
    if holder is None:
        return None
    queries.lock_event(session, event.id)
    _insist_on_coming(event, at)
    known = queries.of_function(session, event.id, function.id)
    if known is not None and known.place is not Place.WITHDRAWN:
        return known
    before = before_of(known) if known is not None else None
    others = queries.of_event(session, event.id)
    limit = queries.seat_limit(session, event.id)
    is_free = limit is None or limit.first_come or taken(others) < limit.seats
    invited = known or Invitation(
        event_id=event.id,
        function_id=function.id,
        number=1 + max((one.number for one in others), default=0),
        name="",
        address="",
        place=Place.WAITING,
        created_at=at,
    )
    _seat(invited, holder)
    invited.is_optional = is_optional
    invited.place = Place.INVITED if is_free else Place.WAITING
    session.add(invited)
    session.flush()
    if before is None:
        made_place(session, invited)
    else:
        changed_place(session, invited, before)
    if is_free:
        owe(session, event, invited, invited.address, at)
    announce(session, PlaceChanged(invited.event_id, invited.function_id))
    record(session, "system", "invited", ("event", event.id), after={"function": function.id})
    return invited


def answer(
    session: Session,
    invited: Invitation,
    given: Answer,
    actor: str = "system",
    *,
    is_on_page: bool = False,
) -> bool:
    """Take an answer when it is newer than the one there; the same answer twice changes nothing.

    Returns whether it was taken: an answer to an older request, or sent before another, is not; one
    on a page of ours always is.
    """
    queries.lock_event(session, invited.event_id)
    if invited.place is Place.WITHDRAWN or not (is_on_page or _is_newer(invited, given)):
        return False
    invited.unconfirmed = ""
    is_changed = invited.partstat is not given.partstat
    invited.partstat = given.partstat
    invited.answer_sequence, invited.answered_at = given.sequence, given.stamp
    session.add(invited)
    session.flush()
    _keep_seats(session, invited)
    if given.partstat is Partstat.DECLINED:
        _forget_diet(session, event_of(session, invited), invited.address)
    if is_changed:
        announce(session, PlaceChanged(invited.event_id, invited.function_id))
        record(
            session,
            actor,
            "answered",
            ("invitation", invited.id),
            after={"partstat": given.partstat.value},
        )
        fill_seats(session, invited.event_id, given.stamp)
    return True


def _keep_seats(session: Session, invited: Invitation) -> None:
    """Let a yes that comes after the last seat wait its turn, where the first to say yes have the seats.

    Whoever waits is told so by mail, which also empties the calendar; a no, or a maybe, leaves the queue.
    """
    limit = queries.seat_limit(session, invited.event_id)
    if limit is None or not limit.first_come:
        return
    others = [one for one in queries.of_event(session, invited.event_id) if one.id != invited.id]
    says_yes = invited.partstat is Partstat.ACCEPTED
    is_full = says_yes and _seated(others) >= limit.seats
    before = invited.place
    invited.place = Place.WAITING if is_full else Place.INVITED
    session.add(invited)
    session.flush()
    if is_full and before is Place.INVITED:
        owe(session, event_of(session, invited), invited, invited.address, now())


def _seated(everybody: Collection[Invitation]) -> int:
    return sum(
        one.place is Place.INVITED and one.partstat is Partstat.ACCEPTED for one in everybody
    )


def doubt(session: Session, invited: Invitation, given: Answer, at: datetime) -> bool:
    """Keep beside a place what a mail answered that nothing proves, and ask whoever is invited.

    Returns whether it would have changed anything.
    """
    is_news = given.partstat is not invited.partstat and _is_newer(invited, given)
    if invited.place is Place.WITHDRAWN or not is_news:
        return False
    invited.unconfirmed = given.partstat.value
    session.add(invited)
    session.flush()
    send_doubt(session, event_of(session, invited), invited, at)
    return True


def _is_newer(invited: Invitation, given: Answer) -> bool:
    if given.sequence < (invited.sent_sequence or 0):
        return False
    at = invited.answered_at
    return at is None or (given.sequence, given.stamp) >= (invited.answer_sequence, at)


def substitute(
    session: Session,
    invited: Invitation,
    name: str,
    address: str,
    at: datetime,
    actor: str = "system",
    *,
    version: int | None = None,
) -> Invitation:
    """Give the place to somebody else: they are asked, the first is told, the history is kept.

    `version` is what the page showed; None where the place follows its function's holder.

    While the place waits nobody has been asked, so nobody gets a mail until a seat is free.

    Raises:
        FieldFault: when the name is empty or the address cannot be one.
        ConflictError: when the address is invited already or the event is over or off.
        StaleError: when the place has gone to somebody else since `version`.
    """
    name, address = " ".join(name.split()), address.strip().lower()
    if not name:
        raise FieldFault("name", "Skriv namnet på den som kommer i stället.")
    if not is_address(address):
        raise FieldFault(
            "address",
            "%(address)s ser inte ut som en e-postadress. Exempel: namn@lansstyrelsen.se.",
            address=address,
        )
    event = event_of(session, invited)
    _insist_on_coming(event, at)
    if queries.at_address(session, event.id, address) is not None:
        raise ConflictError("Den personen är redan inbjuden.")
    seen = invited.version if version is None else version
    take_version(session, invited, seen, {"Namn": name}, lambda: {"Namn": invited.name})
    was_asked = invited.place is Place.INVITED
    passed = Substitution(
        invitation_id=invited.id,
        from_name=invited.name,
        from_address=invited.address,
        to_name=name,
        to_address=address,
        at=at,
    )
    session.add(passed)
    _forget_diet(session, event, invited.address)
    known = accounts.person_by_email(session, address)
    was, before = before_of(invited), invited.address
    invited.name, invited.address = name, address
    invited.organizer, invited.unconfirmed = organizer_for(session, invited), ""
    invited.language = known.language if known else invited.language
    invited.partstat, invited.answered_at, invited.answer_sequence = Partstat.NEEDS_ACTION, None, -1
    session.add(invited)
    session.flush()
    follow(session, invited, before)
    changed_place(session, invited, was, passed)
    if was_asked:
        owe(session, event, invited, before, at)
        owe(session, event, invited, address, at)
    announce(session, PlaceChanged(invited.event_id, invited.function_id))
    record(session, actor, "substituted", ("invitation", invited.id))
    return invited


def pass_on(
    session: Session,
    invited: Invitation,
    name: str,
    address: str,
    at: datetime,
    actor: str = "system",
    *,
    version: int | None = None,
) -> Invitation:
    """Give a place to whom somebody has typed: a name without addresses, and only so often a day.

    What is typed here stands in a mail of ours to somebody who never asked for it; see `substitute`.

    Raises:
        FieldFault: when the name is too long or holds an address, a link or a number.
        ConflictError: when the place, or whoever has it, has passed on too much today.
    """
    if len(name.strip()) > LONGEST_NAME or has_address(name):
        raise FieldFault(
            "name",
            "Skriv bara namnet, utan adresser och nummer, med högst %(most)s tecken.",
            most=LONGEST_NAME,
        )
    since = at - timedelta(days=1)
    of_place, of_person = queries.passed_on_since(session, invited, since)
    if of_place >= MOST_OF_A_PLACE or of_person >= MOST_OF_A_PERSON:
        raise ConflictError(
            "Platsen har redan gått vidare flera gånger det senaste dygnet. Försök igen i morgon, eller skriv till dem som bjuder in."
        )
    return substitute(session, invited, name, address, at, actor, version=version)


def withdraw(session: Session, invited: Invitation, at: datetime) -> None:
    """Take an invitation back; the place goes to whoever waits."""
    queries.lock_event(session, invited.event_id)
    if invited.place is Place.WITHDRAWN:
        return
    event = event_of(session, invited)
    was, was_asked = before_of(invited), invited.place is Place.INVITED
    invited.place = Place.WITHDRAWN
    session.add(invited)
    _forget_diet(session, event, invited.address)
    session.flush()
    follow(session, invited, invited.address)
    changed_place(session, invited, was)
    announce(session, PlaceChanged(invited.event_id, invited.function_id))
    if was_asked and not is_over(event, at):
        owe(session, event, invited, invited.address, at)
    fill_seats(session, event.id, at)


def limit_seats(
    session: Session, event_id: str, seats: int, at: datetime, *, first_come: bool = False
) -> None:
    """Say how many the room takes; more seats let the waiting in, fewer send nobody away.

    Where `first_come`, as many as are wanted are asked, and the seats go to the first who say yes.
    """
    queries.lock_event(session, event_id)
    found = queries.seat_limit(session, event_id) or SeatLimit(
        event_id=event_id, seats=seats, first_come=first_come
    )
    found.seats = seats
    session.add(found)
    session.flush()
    fill_seats(session, event_id, at)


def fill_seats(session: Session, event_id: str, at: datetime) -> None:
    """Invite those who wait, in their order, while there are seats."""
    queries.lock_event(session, event_id)
    event = calendar.event(session, event_id)
    if event is None or event.status == "CANCELLED" or is_over(event, at):
        return
    limit = queries.seat_limit(session, event_id)
    seats = limit.seats if limit is not None else None
    everybody = queries.of_event(session, event_id)
    held = taken(everybody)
    if limit is not None and limit.first_come:  # in the order of their yes, not of their invitation
        held = _seated(everybody)
        everybody.sort(key=lambda one: (one.answered_at or event.starts_at or at, one.number))
    for invited in everybody:
        if invited.place is Place.WAITING and (seats is None or held < seats):
            was = before_of(invited)
            invited.place = Place.INVITED
            session.add(invited)
            changed_place(session, invited, was)
            announce(session, PlaceChanged(invited.event_id, invited.function_id))
            owe(session, event, invited, invited.address, at)
            held += 1


def on_event_changed(session: Session, news: EventChanged) -> None:
    """Tell the invited what matters: another time or place, or that it is off; nothing else."""
    event, at = calendar.event(session, news.event_id), now()
    if event is None:
        return
    take_over(session, event)
    for invited in untold(session, event, event.sequence, at):
        owe(session, event, invited, invited.address, at)


def on_meeting_agreed(session: Session, news: MeetingAgreed) -> None:
    """Invite whomever a decided meeting concerns; nobody twice, also not who holds two posts."""
    invite_all(session, calendar.event_of(session, "meeting", news.meeting_id))


def on_series_agreed(session: Session, news: SeriesAgreed) -> None:
    """Invite whomever a new series concerns, once for all its days."""
    invite_all(session, calendar.event_of(session, "series", news.series_id))


def invite_all(session: Session, event: Event | None) -> None:
    """Invite whomever an event concerns that is ahead and stands; who has a place is not invited once more."""
    at = now()
    if event is None or event.status == "CANCELLED" or is_over(event, at):
        return
    for function in to_be_invited(session, event):
        invite(session, event, function, at)


def to_be_invited(session: Session, event: Event) -> list[Function]:
    """Return the posts that an event concerns and whose holders have no place at it, each holder once."""
    there = [one for one in places(session, event) if one.place is not Place.WITHDRAWN]
    known, addresses = {one.function_id for one in there}, {one.address for one in there}
    concerned, found = functions_to_invite(session, event), []
    holders = accounts.people(session, {one.holder_id for one in concerned if one.holder_id})
    for function in concerned:
        holder = holders.get(function.holder_id or "")
        if holder is None or function.id in known or holder.email in addresses:
            continue
        addresses.add(holder.email)
        found.append(function)
    return found


def untold(session: Session, event: Event, sequence: int, at: datetime) -> list[Invitation]:
    """Return the invited who get a mail when an event reaches a SEQUENCE; nobody about what is past."""
    if is_over(event, at):
        return []
    everybody = queries.of_event(session, event.id)
    return [one for one in everybody if one.place is Place.INVITED and one.told_sequence < sequence]


def on_series_continued(session: Session, news: SeriesContinued) -> None:
    """Whoever was invited to a series is invited to the one that takes its place."""
    old = calendar.event_of(session, "series", news.old_id)
    new = calendar.event_of(session, "series", news.new_id)
    if old is None or new is None:
        return
    at = now()
    for invited in queries.of_event(session, old.id):
        function = queries.function(session, invited.function_id)
        if invited.place is not Place.WITHDRAWN and function is not None:
            invite(session, new, function, at, is_optional=invited.is_optional)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """A function's places go to its new holder; without one they are taken back.

    A place that the old holder had given to somebody else stays theirs: they are to travel. Undoing a
    hand-over brings each place back by itself, with the answer that it had.
    """
    if is_undoing(session):
        return
    leaver = accounts.person(session, news.from_person_id) if news.from_person_id else None
    holder = accounts.person(session, news.to_person_id) if news.to_person_id else None
    for invited in queries.coming_of_function(session, news.function_id):
        event = event_of(session, invited)
        if event.status == "CANCELLED" or is_over(event, news.at):
            continue
        if invited.place is Place.WITHDRAWN or has_series_place(session, invited, event):
            continue  # it goes, or has gone, with the place in the series
        if holder is not None and holder.email == invited.address:
            continue
        if leaver is not None and leaver.email != invited.address:
            continue
        if holder is None or queries.at_address(session, event.id, holder.email) is not None:
            withdraw(session, invited, news.at)  # nobody, or somebody who has a place already
        else:
            substitute(session, invited, holder.name, holder.email, news.at)


def by_token(session: Session, token: str) -> tuple[Invitation, Event]:
    """Return what an answer link is for.

    Raises:
        MissingError: when the link is unknown.
        PlaceGoneError: when it was withdrawn, or the place went to somebody else.
    """
    found = queries.by_token(session, hash_of(token))
    if found is None:
        raise MissingError
    invited, link = found
    if link.address != invited.address:
        raise PlaceGoneError(later("Platsen har gått vidare."))
    if invited.place is Place.WITHDRAWN:
        raise PlaceGoneError(later("Du är inte längre inbjuden till träffen."))
    return invited, event_of(session, invited)


def substitute_by_link(
    session: Session, token: str, name: str, address: str, at: datetime, version: int | None
) -> tuple[Invitation, Event]:
    """Give the place behind a link to somebody else; see `pass_on`.

    Raises:
        StaleError: when the place has gone to somebody else since the page with this version.
    """
    found = queries.by_token(session, hash_of(token))
    if found is not None and version is not None and version != found[0].version:
        raise StaleError({}, {})
    invited, event = by_token(session, token)
    return pass_on(session, invited, name, address, at, version=version), event


def answer_by_link(session: Session, token: str, partstat: Partstat, at: datetime) -> Invitation:
    """Take an answer from the page that a link opens."""
    invited, event = by_token(session, token)
    answer_on_page(session, invited, event, partstat, at)
    return invited


def answer_on_page(
    session: Session,
    invited: Invitation,
    event: Event,
    partstat: Partstat,
    at: datetime,
    actor: str = "system",
    *,
    waits: bool = False,
) -> None:
    """Take an answer given on a page of ours: it is to the newest request there is.

    waits: what its calendar hears is a part of an act that can be undone.

    Raises:
        ConflictError: when the event is over or off.
    """
    _insist_on_coming(event, at)
    sequence = max(event.sequence, invited.sent_sequence or 0)
    before = invited.partstat
    taken = answer(session, invited, Answer(partstat, sequence, at), actor, is_on_page=True)
    if taken and before is not partstat and invited.place is Place.INVITED:
        _bring_in_line(session, invited, event, before, at, waits=waits)


def _bring_in_line(
    session: Session,
    invited: Invitation,
    event: Event,
    before: Partstat,
    at: datetime,
    *,
    waits: bool,
) -> None:
    """Let the calendar that mails fill follow an answer on a page: it hears of no other way.

    An answer in the calendar program itself does this there.
    """
    is_off = invited.partstat is Partstat.DECLINED
    if is_off and is_held(session, event, invited.address):
        send_moved(session, event, invited, at, Why.DECLINED, waits=waits)
    elif before is Partstat.DECLINED and takes_request(session, event, invited):
        send_moved(session, event, invited, at, Why.COMES_AFTER_ALL, waits=waits)


def functions_to_invite(session: Session, event: Event) -> list[Function]:
    """Return the functions that an event concerns: those named, and those of the RC named."""
    scopes = sorted(calendar.audience(session, event.id))
    ids = {kind: [one for each, one in scopes if each is kind] for kind in ScopeKind}
    named = {one.id: one for one in queries.functions(session, ids[ScopeKind.FUNCTION])}
    of_rc = accounts.functions_of_rcs(session, ids[ScopeKind.RC])
    found: dict[str, Function] = {}
    for kind, scope_id in scopes:
        if kind is ScopeKind.FUNCTION and scope_id in named:
            found[scope_id] = named[scope_id]
        elif kind is ScopeKind.RC:
            found.update({one.id: one for one in of_rc.get(scope_id, ())})
    return list(found.values())


def tell_diet_by_link(
    session: Session, token: str, diets: Collection[str], other: str, at: datetime
) -> None:
    """Keep what an invitee cannot eat at the meeting; see `dietary.tell`.

    Raises:
        MissingError: when the link holds no more, or the event is no meeting's.
    """
    invited, event = by_token(session, token)
    meeting = meeting_of(session, event)
    if meeting is None:
        raise MissingError
    dietary.tell(session, meeting, invited.address, diets, other, at)


def _forget_diet(session: Session, event: Event, address: str) -> None:
    """Forget the needs of somebody who does not come: nobody cooks for them."""
    meeting = meeting_of(session, event)
    if meeting is not None:
        dietary.forget(session, meeting.id, address)


def _seat(invited: Invitation, holder: Person) -> None:
    if invited.address != holder.email or invited.sent_sequence is None:
        invited.organizer = new_organizer()  # else their calendar knows the meeting by the old one
    invited.unconfirmed = ""
    invited.name, invited.address, invited.language = holder.name, holder.email, holder.language
    invited.partstat, invited.answered_at, invited.answer_sequence = Partstat.NEEDS_ACTION, None, -1


def organizer_for(session: Session, invited: Invitation) -> str:
    """Return whom a place is answered to: whoever was told of it before goes on answering there."""
    told = queries.told(session, invited.id, invited.address)
    return told.organizer if told is not None and not told.is_cancelled else new_organizer()


def taken(everybody: list[Invitation]) -> int:
    """Count the seats held: whoever is invited and has not declined holds one."""
    return sum(
        invited.place is Place.INVITED and invited.partstat is not Partstat.DECLINED
        for invited in everybody
    )


def event_of(session: Session, invited: Invitation) -> Event:
    """Return the event that an invitation is to.

    Raises:
        MissingError: when it has left the calendar.
    """
    event = calendar.event(session, invited.event_id)
    if event is None:
        raise MissingError
    return event


def _insist_on_coming(event: Event, at: datetime) -> None:
    if event.status == "CANCELLED":
        raise ConflictError("Träffen är inställd.")
    if is_over(event, at):
        raise ConflictError("Träffen har redan varit.")
