"""A meeting's page: its focus, the programme as a grid, and what each session asks of those who come."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.policy import (
    Viewer,
    may_co_host,
    may_plan,
    may_read_register,
    may_see_contacts,
    may_see_network,
)
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.circles.convening import ITEMS, agenda_for
from api.dietary.service import is_asked, may_tell
from api.front.journeys import JourneyLine, journeys_to
from api.front.network import STATES, Contact, contacts_of, where_of
from api.front.network import name_of as circle_name
from api.invitations.letters import is_over
from api.invitations.models import Place
from api.invitations.series import places
from api.invitations.service import to_be_invited
from api.invitations.web.own import OwnPlace, places_of
from api.kit.clock import now, to_local
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later, swedish_order
from api.library.models import Material
from api.library.service import materials_of
from api.meetings.audience import audiences, may_change_meeting
from api.meetings.hosting import co_hosts_of
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.meetings.service import rc_ids_of
from api.networks import queries as networks
from api.programme import queries as programmes
from api.programme.arrival.service import WayIn, way_in_for_page, way_in_of
from api.programme.models import Focus, ProgrammeSession
from api.programme.queries import Programme
from api.programme.reading import (
    AgendaLine,
    lines,
    programme_for,
    session_for,
    visible_meeting,
)
from api.programme.seating import in_words
from api.programme.words import FOR_ALL, FORMATS
from api.proposals import queries as proposals
from api.proposals.visits import queries as visits
from api.proposals.visits.asking import may_bring_home
from api.questions.service import to_bring_up
from api.registry import queries as registry
from api.surveys import queries as surveys

FOCUS_NAMES = {
    Focus.START_UP: "uppstart och organisation",
    Focus.SUBJECT: "sakfrågor",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A session in the grid."""

    id: str
    title: str
    track: str
    track_number: int  # 0 = no track; the colour's number
    room: str
    format: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A slot of the grid: a break, or one cell per room (None where nothing runs)."""

    time: str
    pause: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the grid."""

    name: str
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track with its stated focus."""

    number: int
    id: str
    name: str
    focus: str


@dataclass(frozen=True, slots=True)
class SessionText:
    """What a session says for itself."""

    id: str
    meeting_id: str
    title: str
    when: str
    room: str
    track: str
    format: str
    purpose: str
    task: str
    method: str
    link: str
    leader: str
    preparation: str
    gives_guest: str
    table: str  # where the reader sits at a case round


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A topic that does not run, and why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """What of a meeting can be saved, in which forms: each with its address."""

    name: str
    forms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """Everything that the page of a meeting shows."""

    id: str
    name: str
    focus: str
    points: tuple[str, ...]  # what a circle's next time holds, by its own choice
    line: str  # what it wrote for next time
    when: str
    where: str
    state: str
    version: int
    is_example: bool
    is_national: bool
    is_cancelled: bool
    is_guest_view: bool
    lacks_way_in: bool  # a guest comes and is told neither how to get in nor whom to ring
    has_agenda: bool  # the reader attends sessions
    has_tables: bool  # a case round has its tables set
    asks_diet: bool
    is_proposed: bool
    has_wishes: bool  # the reader's RC, or any for a planner, has asked for subjects
    has_changed: bool  # its programme has been published more than once
    is_protected: bool
    video_url: str
    may_change: bool
    told: tuple[
        str, ...
    ]  # who has a place and gets word when it is called off; for who may do that
    will_be_invited: tuple[str, ...]  # when its time is decided
    who: str  # the RC that it concerns, when not all of them
    circle: tuple[str, str] | None  # path and name, for those who see it
    co_hosts: tuple[str, ...]  # agencies that hold it together with NCH
    is_co_host: bool  # the reader is of one of them: keeps its links, and changes nothing else
    contacts: tuple[tuple[str, tuple[Contact, ...]], ...]  # each RC of a study visit, whom to ring
    learnt: str  # what the visitor brought home from it
    may_tell: bool  # the reader is the visitor's, and the visit is over
    rooms: tuple[str, ...]
    tracks: tuple[TrackRow, ...]
    days: tuple[Day, ...]
    series_path: str  # of a recurring meeting, for those who see its circle and so all its dates
    is_series_place: bool  # the reader's place is at every meeting of the series
    places: tuple[OwnPlace, ...]  # the reader's own, at the whole meeting
    session_places: tuple[OwnPlace, ...]  # the reader's own, at one of its sessions
    materials: tuple[Material, ...]  # not for guests of some sessions
    questions: tuple[tuple[str, str], ...]  # id and text: what is to be brought up
    sessions: tuple[SessionText, ...]
    left_out: tuple[LeftOut, ...]
    journeys: tuple[JourneyLine, ...]  # of the RC that come
    files: tuple[FileLine, ...]  # of its programme and its people, as far as the reader gets them


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One session whole, as a guest meets it."""

    meeting_id: str
    meeting: str
    focus: str
    where: str
    is_example: bool
    session: SessionText
    way_in: WayIn  # of a guest's session
    places: tuple[OwnPlace, ...]  # the reader's own, at this session


def meeting_page(session: Session, viewer: Viewer, meeting_id: str, say: Speaker) -> MeetingPage:
    """Return a meeting's page; a guest's holds only the sessions invited to.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    meeting, is_guest_view = visible_meeting(session, viewer, meeting_id)
    programme = programme_for(session, viewer, meeting)
    running = list(lines(programme, meeting, viewer))
    numbers = {track.id: number for number, track in enumerate(programme.tracks, start=1)}
    ahead = places_of(session, viewer, now(), say)
    own = tuple(one for one in ahead if one.subject == ("meeting", meeting.id))
    may_change = may_change_meeting(session, viewer, meeting)
    places = tuple(one for one in ahead if one.subject == ("series", meeting.series_id))
    hosting = co_hosts_of(session, meeting)
    points, line = agenda_for(session, meeting, now())
    circle = _circle(session, viewer, meeting, say)
    is_visit = meeting.kind == MeetingKind.STUDY_VISIT
    visit = visits.ask_of_meeting(session, meeting.id) if is_visit else None
    return MeetingPage(
        id=meeting.id,
        name=name_of(say, meeting),
        focus=say.either(meeting.focus_sv, meeting.focus_en),
        points=tuple(say.text(ITEMS[key]) for key in points),
        line=line,
        when=say.span(meeting.starts_at, meeting.ends_at),
        where=where_of(say, meeting),
        state=say.text(STATES[meeting.state]),
        version=meeting.version,
        is_example=meeting.is_example,
        is_national=meeting.kind == MeetingKind.NATIONAL,
        is_cancelled=meeting.state == MeetingState.CANCELLED,
        is_guest_view=is_guest_view,
        lacks_way_in=_lacks_way_in(session, running, meeting),
        has_agenda=any(one.function_id in viewer.function_ids for one in programme.attendances),
        has_tables=bool(programme.seats) and not is_guest_view and may_read_register(viewer),
        asks_diet=is_asked(meeting, now()) and may_tell(session, viewer, meeting),
        has_wishes=_has_wishes(session, viewer, meeting),
        has_changed=len(proposals.published(session, meeting.id, limit=2)) > 1,
        is_proposed=meeting.state == MeetingState.PROPOSED,
        is_protected=meeting.is_protected,
        video_url=meeting.video_url,
        may_change=may_change,
        told=told_of(session, meeting) if may_change else (),
        will_be_invited=to_be_told(session, meeting)
        if may_change and meeting.state == MeetingState.PROPOSED
        else (),
        who=_who(session, viewer, meeting, say),
        circle=circle,
        co_hosts=tuple(f"{body.name}: {one.title}" for one, body in hosting),
        is_co_host=may_co_host(viewer, {one.id for one, _ in hosting}),
        contacts=_contacts(session, viewer, meeting),
        learnt=visit.learnt if visit is not None else "",
        may_tell=may_bring_home(viewer, visit, meeting, now()),
        rooms=tuple(room.name for room in programme.rooms),
        tracks=tuple(
            TrackRow(
                number=numbers[track.id],
                id=track.id,
                name=say.either(track.name_sv, track.name_en),
                focus=say.text(FOCUS_NAMES[track.focus]),
            )
            for track in programme.tracks
        ),
        days=_days(say, programme, running, numbers),
        series_path=f"/serie/{meeting.series_id}" if circle and meeting.series_id else "",
        is_series_place=not own and bool(places),
        places=own or places,
        session_places=_at_sessions(ahead, [one.session.id for one in running]),
        materials=() if is_guest_view else materials_of(session, meeting.id),
        questions=tuple((one.id, one.text) for one in to_bring_up(session, viewer, meeting.id)),
        sessions=tuple(session_text(say, line) for line in running),
        left_out=tuple(
            _left_out(say, one)
            for one in programme.sessions
            if not one.slot_id and not is_guest_view
        ),
        journeys=()
        if is_guest_view or meeting.state == MeetingState.CANCELLED
        else journeys_to(session, viewer, meeting, say),
        files=_files(
            meeting,
            say,
            has_programme=bool(running) and not is_guest_view,
            has_people=may_plan(viewer) or may_change,
        ),
    )


def _files(
    meeting: Meeting, say: Speaker, *, has_programme: bool, has_people: bool
) -> tuple[FileLine, ...]:
    tables = (("Excel", "xlsx"), ("CSV", "csv"))
    of_programme = (
        (later("Passen"), "sessions", tables),
        (later("Vem som är var"), "agendas", tables),
        (later("Vad som händer i varje lokal, ett blad per dörr"), "doors", (("Excel", "xlsx"),)),
        (later("Hela programmet till en kalender"), "programme", ((".ics", "ics"),)),
        (
            later("Schema för pretalx, frab och andra system"),
            "schedule",
            (("JSON", "json"), ("XML", "xml")),
        ),
    )
    of_people = ((later("Inbjudna och svar"), "people", tables),)
    return tuple(
        FileLine(
            say.text(name),
            tuple((form, f"/api/v1/meetings/{meeting.id}/{file}.{kind}") for form, kind in forms),
        )
        for name, file, forms in (
            *(of_programme if has_programme else ()),
            *(of_people if has_people else ()),
        )
    )


def _who(session: Session, viewer: Viewer, meeting: Meeting, say: Speaker) -> str:
    """Return the names of the RC that a meeting concerns, for those who see their names elsewhere."""
    rc_ids = audiences(session, [meeting])[meeting.id].rc_ids or frozenset()
    if not rc_ids or not may_read_register(viewer):
        return ""
    names = (name for key, name in registry.names(session).items() if key in rc_ids)
    return say.listing(sorted(names, key=swedish_order))


def _circle(
    session: Session, viewer: Viewer, meeting: Meeting, say: Speaker
) -> tuple[str, str] | None:
    """Return the page and name of the circle that a meeting is of."""
    circle = networks.network(session, meeting.network_id) if meeting.network_id else None
    if circle is None or not may_see_network(viewer, rc_ids_of(session, circle.id)):
        return None
    return f"/natverk/{circle.id}", circle_name(circle, say)


def _has_wishes(session: Session, viewer: Viewer, meeting: Meeting) -> bool:
    """Whether the reader can be told what became of wishes: a planner, or whose RC has answered."""
    survey = surveys.survey_of_meeting(session, meeting.id)
    if meeting.kind is not MeetingKind.NATIONAL or survey is None or survey.unmet is None:
        return False
    answered = (surveys.answer(session, survey.id, rc) is not None for rc in viewer.home_rc_ids)
    return viewer.is_planner or any(answered)


def _contacts(
    session: Session, viewer: Viewer, meeting: Meeting
) -> tuple[tuple[str, tuple[Contact, ...]], ...]:
    if meeting.kind != MeetingKind.STUDY_VISIT:
        return ()
    rc_ids = audiences(session, [meeting])[meeting.id].rc_ids or frozenset()
    if not may_see_contacts(viewer, rc_ids):
        return ()
    names = {key: name for key, name in registry.names(session).items() if key in rc_ids}
    ordered = sorted(names, key=lambda rc_id: swedish_order(names[rc_id]))
    return tuple((names[rc_id], contacts_of(session, rc_id)) for rc_id in ordered)


def told_of(session: Session, meeting: Meeting, *, with_sessions: bool = True) -> tuple[str, ...]:
    """Return the names of those who have been asked to come, by its series or to one of its sessions too, in order."""
    whole = calendar.event_of(session, "meeting", meeting.id)
    found = [whole] if whole is not None else []
    if with_sessions:
        ids = [one.id for one in programmes.programme(session, meeting.id).sessions]
        found += calendar.events_of(session, "session", ids).values()
    return _asked(session, found)


def insist_on_reason(session: Session, meeting: Meeting, reason: str) -> None:
    """Refuse to call a meeting off without a word to those who were asked to come.

    Raises:
        FieldFault: when somebody gets a mail about it that would not say why.
    """
    is_off = meeting.state == MeetingState.CANCELLED
    if not reason.strip() and not is_off and told_of(session, meeting):
        raise FieldFault(
            "reason", "Skriv varför träffen ställs in. Det står i mejlet till de inbjudna."
        )


def told_of_move(session: Session, meeting: Meeting, *, reaches_all: bool) -> tuple[str, ...]:
    """Return the names of those who get a mail when a meeting's time is another, in order.

    reaches_all: who was not asked to it before is now.
    """
    names = {*told_of(session, meeting, with_sessions=False)}
    if reaches_all:
        names |= {*to_be_told(session, meeting)}
    return tuple(sorted(names, key=swedish_order))


def told_of_series(session: Session, series_id: str) -> tuple[str, ...]:
    """Return the names of those who have been asked to a series, or to a date of it ahead, in order."""
    whole = calendar.event_of(session, "series", series_id)
    if whole is None:
        return ()
    dates = calendar.occurrences(session, whole.id)
    return _asked(session, [whole, *(one for one in dates if not is_over(one, now()))])


def _asked(session: Session, events: Collection[Event]) -> tuple[str, ...]:
    names = {
        one.name
        for event in events
        for one in places(session, event)
        if one.place is Place.INVITED and one.sent_sequence is not None
    }
    return tuple(sorted(names, key=swedish_order))


def to_be_told(session: Session, meeting: Meeting) -> tuple[str, ...]:
    """Return the names of those who are invited when a meeting's time is decided, in order."""
    if meeting.kind is MeetingKind.NATIONAL:
        return ()
    event = calendar.event_of(session, "meeting", meeting.id)
    posts = to_be_invited(session, event) if event is not None and not is_over(event, now()) else []
    holders = accounts.people(session, {one.holder_id for one in posts if one.holder_id})
    return tuple(sorted((one.name for one in holders.values()), key=swedish_order))


def session_page(
    session: Session, viewer: Viewer, meeting_id: str, session_id: str, say: Speaker
) -> SessionPage:
    """Return one session's page.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    line = session_for(session, viewer, meeting_id, session_id)
    meeting = line.meeting
    return SessionPage(
        meeting_id=meeting.id,
        meeting=name_of(say, meeting),
        focus=say.either(meeting.focus_sv, meeting.focus_en),
        where=where_of(say, meeting),
        is_example=meeting.is_example,
        session=session_text(say, line),
        way_in=way_in_for_page(session, meeting.id) if line.session.format == "agency" else WayIn(),
        places=_at_sessions(places_of(session, viewer, now(), say), [line.session.id]),
    )


def _at_sessions(ahead: Iterable[OwnPlace], session_ids: Collection[str]) -> tuple[OwnPlace, ...]:
    subjects = {("session", one) for one in session_ids}
    return tuple(one for one in ahead if one.subject in subjects)


def _days(
    say: Speaker, programme: Programme, running: list[AgendaLine], numbers: dict[str, int]
) -> tuple[Day, ...]:
    # A session that is longer than its slot stands in every slot that it reaches into.
    at = {
        (slot.id, line.room.id): line
        for line in running
        if line.room
        for slot in programme.slots
        if line.slot.starts_at <= slot.starts_at < line.ends_at and not slot.is_break
    }
    days = []
    for date, slots in groupby(programme.slots, key=lambda slot: to_local(slot.starts_at).date()):
        rows = []
        for slot in slots:
            pause = say.either(slot.name_sv, slot.name_en) if slot.is_break else ""
            cells = tuple(_cell(say, at.get((slot.id, r.id)), numbers) for r in programme.rooms)
            time = f"{say.clock(slot.starts_at)}–{say.clock(slot.ends_at)}"
            rows.append(GridRow(time, pause, cells))
        days.append(Day(say.date(date), tuple(rows)))
    return tuple(days)


def _lacks_way_in(session: Session, running: list[AgendaLine], meeting: Meeting) -> bool:
    has_guests = any(one.session.format == "agency" for one in running)
    return has_guests and way_in_of(session, meeting.id) == WayIn()


def _cell(say: Speaker, line: AgendaLine | None, numbers: dict[str, int]) -> Cell | None:
    if line is None:
        return None
    text = session_text(say, line)
    number = numbers.get(line.track.id, 0) if line.track else 0
    return Cell(line.session.id, text.title, text.track, number, text.room, text.format)


def session_text(say: Speaker, line: AgendaLine) -> SessionText:
    """Return what a session says for itself, in the reader's language."""
    found, swedish = line.session, say.language == "sv"
    track = say.either(line.track.name_sv, line.track.name_en) if line.track else ""
    if not track and found.format in FOR_ALL:
        track = say.text("för alla")
    return SessionText(
        id=found.id,
        meeting_id=line.meeting.id,
        title=found.title_sv if swedish else found.title_en,
        when=say.span(line.slot.starts_at, line.ends_at),
        room=line.room.name if line.room else "",
        track=track,
        format=say.text(FORMATS[found.format]),
        purpose=found.purpose_sv if swedish else found.purpose_en,
        task=found.task_sv if swedish else found.task_en,
        method=found.method_sv if swedish else found.method_en,
        link=found.link,
        leader=found.leader,
        preparation=found.preparation_sv if swedish else found.preparation_en,
        gives_guest=found.gives_guest_sv if swedish else found.gives_guest_en,
        table=in_words(line.tables, say),
    )


def _left_out(say: Speaker, found: ProgrammeSession) -> LeftOut:
    swedish = say.language == "sv"
    title = found.title_sv if swedish else found.title_en
    return LeftOut(title, found.reason_sv if swedish else found.reason_en)


def name_of(say: Speaker, meeting: Meeting) -> str:
    """Return a meeting's name in the reader's language."""
    return say.either(meeting.name_sv, meeting.name_en)
