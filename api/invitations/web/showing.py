"""What the answer page and a planner's page of invitations show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, Role
from api.calendar import queries as calendar
from api.calendar.fragments import as_vevent
from api.calendar.models import Event, Level
from api.calendar.wording import when
from api.dietary import service as dietary
from api.dietary.models import Diet
from api.dietary.service import KitchenList, Needs
from api.invitations import queries, service
from api.invitations.letters import waits_for_planner
from api.invitations.meeting import last_day, meeting_of, sessions_with_guests
from api.invitations.models import Invitation, Partstat, Place, ReplyState
from api.invitations.series import places
from api.invitations.telling import is_unanswered
from api.invitations.web.inbox import InboxLine, line_of
from api.invitations.web.programme import ProgrammeLine, programme_of
from api.kit.clock import now
from api.kit.db import base_url_of
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import Speaker, compared, swedish_order
from api.meetings.deadlines import answer_day
from api.meetings.models import MeetingState
from api.programme import queries as programme
from api.programme.guests import guest_words, is_guest


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody of the function who could take its place."""

    name: str
    address: str
    is_viewer: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has filled in, to be shown again with what is wrong about it."""

    name: str = ""
    address: str = ""
    answer_by: str = ""
    needs: Needs | None = None
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The one-click answer page: behind a mailed link, or a signed-in person's own."""

    path: str
    version: int
    name: str
    title: str
    when: str
    where: str
    answer_by: str  # the last day; empty when there is none
    agenda: str
    partstat: Partstat
    is_waiting: bool
    is_cancelled: bool
    is_mine: bool  # whoever looks has the place, and answers
    is_signed_in: bool
    suggestions: tuple[Suggestion, ...]
    history: tuple[str, ...]  # who had the place before
    diet_path: str  # empty when nobody asks
    needs: Needs
    diets: tuple[tuple[Diet, str], ...]
    programme: tuple[ProgrammeLine, ...] = ()
    calendar_path: str = ""  # all of it as a file; empty where another way is offered
    video_url: str = ""
    substitute_name: str = ""
    substitute_address: str = ""
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever opens an invitation: where its forms lead, and what they may see beside it."""

    path: str
    diet_path: str
    is_mine: bool = True
    is_signed_in: bool = False
    calendar_path: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    history: tuple[str, ...] = ()


LINES = 100  # of invitees, on a page
NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class SubstitutedPage:
    """Thanks for sending somebody else, or for taking the place oneself."""

    title: str
    name: str
    before: str  # who had the place; empty when the reader had it
    is_mine: bool  # the reader has it now
    is_waiting: bool
    is_held: bool  # the mail waits for a planner: nobody here has an address in that domain


@dataclass(frozen=True, slots=True)
class Line:
    """One invitee on the planner's page."""

    invited: Invitation
    history: tuple[str, ...]  # who had the place before
    can_answer: bool  # was asked and has not answered
    body: str = ""  # the RC or other organisation that it comes from
    title: str = ""  # the function there


@dataclass(frozen=True, slots=True)
class EventPart:
    """A meeting or one of its sessions, with its invitees."""

    event: Event
    title: str
    when: str
    seats: int | None
    lines: tuple[Line, ...]
    left_to_invite: int
    coming: int
    waiting: int
    unanswered: int
    counts: Mapping[str, int] = field(default_factory=dict)  # answer -> how many gave it

    def choices(self, names: Mapping[str, str], everybody: str) -> list[tuple[str, str, int]]:
        """Return what the list can be cut down to: value, words, how many."""
        every = ("", everybody, sum(self.counts.values()))
        return [
            every,
            *((key, names[key], self.counts[key]) for key in names if key in self.counts),
        ]


@dataclass(frozen=True, slots=True)
class MeetingInvitations:
    """A planner's page."""

    meeting_id: str
    title: str
    parts: tuple[EventPart, ...]
    replies: tuple[InboxLine, ...]
    kitchen: KitchenList
    diet_names: dict[Diet, str]
    answer_by: str | None  # as a date field has it; None where none can be chosen
    faults: tuple[FieldFault, ...] = ()
    page_number: int = 1
    last: int = 1
    search: str = ""
    answer: str = ""  # only those with this answer are shown
    is_long: bool = False  # there are more invitees than one page shows, so they can be searched


def answer_page(
    session: Session, token: str, say: Speaker, typed: Typed = NOTHING_TYPED
) -> AnswerPage:
    """Return the page behind a link.

    Raises:
        MissingError: when the link holds no more.
    """
    invited, event = service.by_token(session, token)
    path = f"/svar/{token}"
    return page_of(
        session,
        invited,
        event,
        say,
        Asker(path, f"{path}/kost", calendar_path=f"{path}/traffar.ics"),
        typed,
    )


def page_of(
    session: Session,
    invited: Invitation,
    event: Event,
    say: Speaker,
    asker: Asker,
    typed: Typed = NOTHING_TYPED,
) -> AnswerPage:
    """Return an invitation's page for whoever asks."""
    told = as_vevent(event, Level.INTERNAL, say.language, base_url_of(session))
    meeting = meeting_of(session, event)
    comes = invited.partstat is not Partstat.DECLINED
    kept = dietary.needs_of(session, meeting.id, invited.address) if meeting else Needs()
    agenda = say.either(event.agenda_sv, event.agenda_en)
    if is_guest(session, invited.function_id):
        agenda = guest_words(session, event, say.language) or agenda
    is_fed = meeting is not None and comes and dietary.is_asked(meeting, now())
    return AnswerPage(
        path=asker.path,
        version=invited.version,
        name=invited.name,
        title=told.summary,
        when=when(event, say),
        where=told.location,
        answer_by=last_day(session, event, say),
        agenda="" if event.is_protected else agenda,
        partstat=invited.partstat,
        is_waiting=invited.place is Place.WAITING,
        is_cancelled=event.status == "CANCELLED",
        is_mine=asker.is_mine,
        is_signed_in=asker.is_signed_in,
        suggestions=asker.suggestions,
        history=asker.history,
        diet_path=asker.diet_path if is_fed else "",
        needs=typed.needs or kept,
        diets=tuple((diet, say.text(name)) for diet, name in dietary.NAMES.items()),
        programme=programme_of(session, invited, event, say) if comes else (),
        calendar_path=asker.calendar_path if comes else "",
        video_url=event.video_url if comes and not event.is_protected else "",
        substitute_name=typed.name,
        substitute_address=typed.address,
        faults=typed.faults,
    )


def substituted_page(
    session: Session,
    event: Event,
    invited: Invitation,
    say: Speaker,
    *,
    before: str = "",
    is_mine: bool = False,
) -> SubstitutedPage:
    """Return the thanks; the event's neutral name is enough."""
    neutral = say.either(event.neutral_sv, event.neutral_en)
    is_waiting = invited.place is Place.WAITING
    held = waits_for_planner(session, invited.address)
    return SubstitutedPage(neutral, invited.name, before, is_mine, is_waiting, held)


def meeting_invitations(
    session: Session,
    meeting_id: str,
    say: Speaker,
    typed: Typed = NOTHING_TYPED,
    *,
    page: int = 1,
    search: str = "",
    answer: str = "",
) -> MeetingInvitations:
    """Return a meeting's invitations: its series', its own, then those of each session with guests.

    Invitees come a page at a time; `search` is a part of a name or address, `answer` what those shown have
    answered. `typed` holds a last day to answer that could not be used, with what is wrong about it.

    Raises:
        MissingError: when the meeting is in no calendar.
    """
    whole = calendar.event_of(session, "meeting", meeting_id)
    if whole is None:
        raise MissingError
    series = calendar.event(session, whole.series_id) if whole.series_id else None
    found = [*([series] if series else []), whole]
    found += sessions_with_guests(session, meeting_id)
    wanted = compared(search)
    of = _bodies(session)
    parts = [_part(session, event, say, of, wanted, answer) for event in found]
    most = max((len(part.lines) for part in parts), default=0)
    last = max(1, -(-most // LINES))
    number = min(max(1, page), last)
    first = (number - 1) * LINES
    parts = [replace(part, lines=part.lines[first : first + LINES]) for part in parts]
    replies = tuple(
        line_of(session, one, say)
        for one in queries.replies_for_a_person(session)
        if one.event_id in {"", *(event.id for event in found)}
    )
    names = {diet: say.text(name) for diet, name in dietary.NAMES.items()}
    kitchen = dietary.for_the_kitchen(session, meeting_id)
    title = say.either(whole.title_sv, whole.title_en)
    meeting = meeting_of(session, whole)
    answer_by = None
    if meeting is not None and meeting.state is not MeetingState.CANCELLED:
        day = answer_day(meeting)
        answer_by = typed.answer_by or (day.isoformat() if day else "")
    return MeetingInvitations(
        meeting_id,
        title,
        tuple(parts),
        replies,
        kitchen,
        names,
        answer_by,
        typed.faults,
        page_number=number,
        last=last,
        search=search,
        answer=answer,
        is_long=last > 1 or bool(search),
    )


def event_of_meeting(session: Session, meeting_id: str, event_id: str) -> Event:
    """Return the meeting's event, its series', or one of its sessions'.

    Raises:
        MissingError: when it is neither.
    """
    event = calendar.event(session, event_id)
    if event is not None and event.subject_kind == "meeting" and event.subject_id == meeting_id:
        return event
    if event is not None and event.rule:
        whole = calendar.event_of(session, "meeting", meeting_id)
        if whole is not None and whole.series_id == event.id:
            return event
    planned = (
        programme.programme_session(session, event.subject_id)
        if event is not None and event.subject_kind == "session"
        else None
    )
    if event is None or planned is None or planned.meeting_id != meeting_id:
        raise MissingError
    return event


def to_invite(session: Session, event: Event) -> list[Function]:
    """Return whom to invite: to a meeting its members, to a session the guests who come for it alone."""
    concerned = service.functions_to_invite(session, event)
    is_session = event.subject_kind == "session"
    return [one for one in concerned if (one.role is Role.GUEST) == is_session and one.holder_id]


def put_aside(session: Session, reply_id: str) -> str:
    """Mark a reply as looked at and return the meeting that it was about, if any.

    Raises:
        MissingError: when there is none.
    """
    found = queries.reply_with_id(session, reply_id)
    if found is None:
        raise MissingError
    found.state = ReplyState.HANDLED
    session.add(found)
    event = queries.event_with_uid(session, found.uid) if found.uid else None
    return event.subject_id if event is not None and event.subject_kind == "meeting" else ""


def _bodies(session: Session) -> dict[str, tuple[str, str]]:
    """Return the organisation and the title of each function."""
    names = {body.id: body.name for body in accounts.bodies(session)}
    return {one.id: (names.get(one.body_id, ""), one.title) for one in accounts.reach(session)}


def _part(
    session: Session,
    event: Event,
    say: Speaker,
    of: Mapping[str, tuple[str, str]],
    search: str = "",
    answer: str = "",
) -> EventPart:
    everybody = places(session, event)
    past = queries.substitutions_at(session, {one.event_id for one in everybody})
    known = {one.function_id for one in everybody if one.place is not Place.WITHDRAWN}
    title = say.either(event.title_sv, event.title_en)
    if event.rule:
        title = say.text("Hela serien: %(title)s", title=title)
    elif event.series_id is not None:
        title = say.text("Bara den här träffen: %(title)s", title=title)
    is_off = event.status == "CANCELLED"
    own = [] if is_off else [one for one in everybody if one.event_id == event.id]
    open_ids = {one.id for one in own if is_unanswered(one)}
    return EventPart(
        event=event,
        title=title,
        when=when(event, say),
        seats=queries.seats(session, event.id),
        lines=tuple(
            Line(
                one,
                tuple(each.from_name for each in past.get(one.id, ())),
                one.id in open_ids,
                *of.get(one.function_id, ("", "")),
            )
            for one in sorted(everybody, key=lambda one: _order(one, of))
            if (not search or search in compared(f"{one.name} {one.address}"))
            and answer in ("", one.partstat.value)
        ),
        left_to_invite=sum(one.id not in known for one in to_invite(session, event)),
        coming=sum(one.partstat is Partstat.ACCEPTED for one in everybody),
        waiting=sum(one.place is Place.WAITING for one in everybody),
        unanswered=len(open_ids),
        counts=Counter(one.partstat.value for one in everybody),
    )


def _order(
    invited: Invitation, of: Mapping[str, tuple[str, str]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    body, _ = of.get(invited.function_id, ("", ""))
    return swedish_order(body), swedish_order(invited.name)
