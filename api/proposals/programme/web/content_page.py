"""What a planner sees of a programme's content: sessions, times, rooms and tracks, and one session's form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.kit.i18n import Said, Speaker, compared, later, swedish_order
from api.kit.table_file import CellFault
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.programme import outlines
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan, SessionPlan, SlotPlan
from api.programme.models import Focus, ProgrammeOutline
from api.programme.outlines import MOST_ROOMS, MOST_SLOTS, MOST_TRACKS
from api.programme.words import FORMATS
from api.proposals import queries
from api.proposals.programme import frame as programme_frame
from api.proposals.programme.drafting import GuestChoice, is_by_hand
from api.proposals.programme.telling import whom
from api.proposals.programme.web.reading_in.page import sentences
from api.proposals.programme.writing.pasting import Pasted
from api.surveys import queries as surveys

EMPTY_LINES = 3
MOST_LEADERS, LEADERS_FOUND = 400, 100  # of more than so many a list holds what is searched for
FOCUSES = {
    Focus.START_UP: later("uppstart och organisation"),
    Focus.SUBJECT: later("sakfrågor"),
}
KINDS = (
    ("session", later("pass sida vid sida")),
    ("plenary", later("alla samlade")),
    ("break", later("paus")),
)
COLUMNS = {
    "title": later("Titel"),
    "minutes": later("Minuter"),
    "format": later("Form"),
    "track": later("Spår"),
}

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in the table."""

    key: str
    title: str
    leader: str
    minutes: str
    format: str
    track: str
    demand: int
    marks: tuple[str, ...]  # what sets it apart, in words
    missing: tuple[str, ...]  # what must be said before it can be published
    is_off: bool


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A time in the form."""

    number: int
    key: str
    day: str
    begins: str
    ends: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A room in the form."""

    number: int
    key: str
    name: str
    capacity: str
    equipment: str
    is_digital: bool
    is_accessible: bool


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A track in the form."""

    number: int
    key: str
    name: str
    english: str
    focus: str


@dataclass(frozen=True, slots=True)
class ContentPage:
    """A meeting's content as its planner works with it."""

    meeting_id: str
    meeting: str
    when: str
    is_begun: bool
    version: int
    sessions: tuple[SessionLine, ...]
    minutes: int  # of all sessions that are held together
    slots: tuple[SlotLine, ...]
    pause: int
    rooms: tuple[RoomLine, ...]
    tracks: tuple[TrackLine, ...]
    focuses: Options
    kinds: Options
    earlier: Options  # meetings to copy from
    newest: str  # the proposal that was made last, to go to
    saved: str
    survey: str
    opened: str  # which part is open
    faults: tuple[FieldFault, ...]


@dataclass(frozen=True, slots=True)
class RoomChoiceLine:
    """A room, and what is said of a session there: "never", "rather" or nothing."""

    key: str
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class SessionForm:
    """One session to write in."""

    meeting_id: str
    meeting: str
    one: SessionPlan
    is_new: bool
    is_published: bool
    tells: Options  # whom a change of the published texts can be mailed to
    minutes: str
    equipment: str
    formats: Options
    tracks: Options
    leaders: Options
    is_cut: bool  # whether the lists hold only some of those who can lead
    search: str
    chosen: tuple[str, ...]  # two places
    slots: Options
    rooms: Options
    guests: Options
    role: str
    room_choices: tuple[RoomChoiceLine, ...]
    next_key: str
    faults: tuple[FieldFault, ...]
    told: tuple[str, ...] = ()  # of those, whom the planner has ticked


@dataclass(frozen=True, slots=True)
class PastedPage:
    """What was read of a table, before it is taken in."""

    meeting_id: str
    meeting: str
    text: str
    sessions: tuple[SessionLine, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a session may name: leaders (function, name) and guests by role."""

    leaders: Options
    guests: Mapping[str, GuestChoice]

    @property
    def titles(self) -> dict[str, str]:
        """Function -> how it is called."""
        return dict(self.leaders)


def known_people(session: Session) -> Known:
    """Return everybody who can lead a session: NCH first, then RC, then guests and others."""
    order = {BodyKind.NCH: 0, BodyKind.RC: 1}
    bodies = {body.id: body for body in accounts.bodies(session)}
    found = []
    for function_id, body_id, title in accounts.titles(session):
        body = bodies[body_id]
        name = title if body.kind is BodyKind.NCH else f"{body.name}, {title}"
        found.append((order.get(body.kind, 2), name, function_id))
    found.sort(key=lambda line: (line[0], swedish_order(line[1])))
    guests = {one.role: one for one in programme_frame.guests(session)}
    return Known(tuple((key, name) for _, name, key in found), guests)


def content_page(
    session: Session,
    meeting: Meeting,
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
    opened: str = "",
) -> ContentPage:
    """Return a meeting's content; where there is none yet, the ways to begin."""
    outline = outlines.outline_of(session, meeting.id)
    plan = outlines.content_of(outline) if outline else ProgrammePlan((), (), (), ())
    newest = queries.newest_of_meeting(session, meeting.id)
    asked = surveys.survey(session, outline.survey_id) if outline and outline.survey_id else None
    tracks = {one.key: say.either(one.name_sv, one.name_en) for one in plan.tracks}
    lines = tuple(_line(one, tracks, say) for one in plan.sessions)
    return ContentPage(
        meeting_id=meeting.id,
        meeting=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        is_begun=outline is not None,
        version=outline.version if outline else 0,
        sessions=tuple(sorted(lines, key=lambda line: line.is_off)),
        minutes=sum(one.minutes or 0 for one in plan.sessions if not one.is_off),
        slots=_slot_lines(plan),
        pause=plan.leader_pause,
        rooms=_room_lines(plan),
        tracks=_track_lines(plan),
        focuses=tuple((key.value, say.text(name)) for key, name in FOCUSES.items()),
        kinds=tuple((key, say.text(name)) for key, name in KINDS),
        earlier=_earlier(session, meeting, say),
        newest=newest.id if newest else "",
        saved=_saved(outline, say),
        survey=say.either(asked.title_sv, asked.title_en) if asked else "",
        opened=opened,
        faults=faults,
    )


def _saved(outline: ProgrammeOutline | None, say: Speaker) -> str:
    return say.moment(outline.changed_at) if outline else ""


def _earlier(session: Session, meeting: Meeting, say: Speaker) -> Options:
    """Return the meetings whose content can be copied, the latest first."""
    others = [one for one in meetings.national_meetings(session) if one.id != meeting.id]
    known = programmes.with_content(session)
    return tuple(
        (one.id, f"{say.either(one.name_sv, one.name_en)}, {say.span(one.starts_at, one.ends_at)}")
        for one in sorted(others, key=lambda one: one.starts_at, reverse=True)
        if one.id in known
    )


def _line(one: SessionPlan, tracks: Mapping[str, str], say: Speaker) -> SessionLine:
    marks = []
    if one.is_must_run:
        marks.append(say.text("ska hållas"))
    if one.pin_slot or one.pin_room:
        marks.append(say.text("står fast"))
    if one.audience == "all":
        marks.append(say.text("alla kommer"))
    if is_by_hand(one):
        marks.append(say.text("skrivet för hand"))
    return SessionLine(
        key=one.key,
        title=say.either(one.title_sv, one.title_en or one.title_sv),
        leader=one.leader,
        minutes=str(one.minutes) if one.minutes else "",
        format=say.text(FORMATS[one.format]),
        track=tracks.get(one.track or "", ""),
        demand=one.demand,
        marks=tuple(marks),
        missing=() if one.is_off else missing_words(one, say),
        is_off=one.is_off,
    )


def missing_words(one: SessionPlan, say: Speaker) -> tuple[str, ...]:
    """Return what a session must say before it can be published and does not say yet."""
    wanted = (
        (one.purpose_sv, later("syfte")),
        (one.task_sv, later("uppgift")),
        (one.leader or one.leaders, later("vem som leder")),
        (one.preparation_sv, later("förberedelse")),
    )
    return tuple(say.text(name) for value, name in wanted if not value)


def _slot_lines(plan: ProgrammePlan) -> tuple[SlotLine, ...]:
    lines = [_slot_line(number, slot) for number, slot in enumerate(plan.slots, start=1)]
    day = lines[-1].day if lines else ""
    lines += [
        SlotLine(number, "", day, "", "", "session", "") for number in _more(lines, MOST_SLOTS)
    ]
    return tuple(lines)


def _slot_line(number: int, slot: SlotPlan) -> SlotLine:
    begins, ends = to_local(slot.starts_at), to_local(slot.ends_at)
    kind = "break" if slot.is_break else "plenary" if slot.is_plenary else "session"
    return SlotLine(
        number,
        slot.key,
        begins.date().isoformat(),
        begins.strftime("%H:%M"),
        ends.strftime("%H:%M"),
        kind,
        slot.name_sv,
    )


def _more(lines: Sequence[object], most: int) -> range:
    """Return the numbers of the empty lines after those that say something."""
    return range(len(lines) + 1, min(len(lines) + EMPTY_LINES, most) + 1)


def _room_lines(plan: ProgrammePlan) -> tuple[RoomLine, ...]:
    lines = [
        RoomLine(
            number,
            one.key,
            one.name,
            str(one.capacity),
            ", ".join(one.equipment),
            one.is_digital,
            one.is_accessible,
        )
        for number, one in enumerate(plan.rooms, start=1)
    ]
    lines += [
        RoomLine(number, "", "", "", "", is_digital=False, is_accessible=False)
        for number in _more(lines, MOST_ROOMS)
    ]
    return tuple(lines)


def _track_lines(plan: ProgrammePlan) -> tuple[TrackLine, ...]:
    lines = [
        TrackLine(number, one.key, one.name_sv, one.name_en, one.focus.value)
        for number, one in enumerate(plan.tracks, start=1)
    ]
    lines += [
        TrackLine(number, "", "", "", Focus.SUBJECT.value) for number in _more(lines, MOST_TRACKS)
    ]
    return tuple(lines)


def _leaders_shown(known: Known, one: SessionPlan, search: str) -> Options:
    """Return whom the form's lists hold: everybody, or of very many the chosen and those that are searched for."""
    if len(known.leaders) <= MOST_LEADERS:
        return known.leaders
    words, chosen = compared(search), {*one.leaders, *one.could_lead}
    fitting = [key for key, name in known.leaders if words in compared(name)][:LEADERS_FOUND]
    shown = {*chosen, *fitting}
    return tuple(line for line in known.leaders if line[0] in shown)


def _tells(session: Session, meeting: Meeting, key: str, say: Speaker) -> Options:
    names = {
        "leaders": say.text("den som leder passet"),
        "guests": say.text("gästen på passet"),
        "others": say.text("alla andra som är med"),
    }
    concerned = whom(session, meeting.id, key)
    return tuple(
        (group, f"{names[group]} ({say.number(len(those))})") for group, those in concerned.items()
    )


def session_form(
    session: Session,
    meeting: Meeting,
    plan: ProgrammePlan,
    one: SessionPlan,
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
    *,
    is_new: bool = False,
    search: str = "",
) -> SessionForm:
    """Return the form of one session; `search` is for whoever leads it, where they are very many."""
    known = known_people(session)
    planned = programmes.session_of_key(session, meeting.id, one.key)
    titles = known.titles
    gone = tuple((key, key) for key in one.leaders if key not in titles)
    keys = [each.key for each in plan.sessions if not each.is_off]
    following = keys[keys.index(one.key) + 1 :] if one.key in keys else []
    return SessionForm(
        meeting_id=meeting.id,
        meeting=say.either(meeting.name_sv, meeting.name_en),
        one=one,
        is_new=is_new,
        is_published=planned is not None and planned.slot_id is not None and not is_new,
        tells=() if is_new else _tells(session, meeting, one.key, say),
        minutes=str(one.minutes) if one.minutes else "",
        equipment=", ".join(one.equipment),
        formats=tuple((key, say.text(name)) for key, name in FORMATS.items()),
        tracks=(
            ("", say.text("det som passar bäst")),
            *((each.key, say.either(each.name_sv, each.name_en)) for each in plan.tracks),
        ),
        leaders=(("", say.text("ingen vald")), *_leaders_shown(known, one, search), *gone),
        is_cut=len(known.leaders) > MOST_LEADERS,
        search=search,
        chosen=(*one.leaders, "", "")[:2],
        slots=(("", say.text("när det passar bäst")), *_slot_options(plan, say)),
        rooms=(
            ("", say.text("där det passar bäst")),
            *((room.key, f"{room.name}, {room.capacity}") for room in plan.rooms),
        ),
        guests=(
            ("", say.text("ingen gäst")),
            *((key, say.either(g.agency_sv, g.agency_en)) for key, g in known.guests.items()),
        ),
        role=one.roles[0] if one.roles else "",
        room_choices=tuple(
            RoomChoiceLine(
                room.key,
                room.name,
                "never"
                if room.key in one.forbidden_rooms
                else "rather"
                if room.key in one.preferred_rooms
                else "",
            )
            for room in plan.rooms
        ),
        next_key=following[0] if following else "nytt",
        faults=faults,
    )


def _slot_options(plan: ProgrammePlan, say: Speaker) -> list[tuple[str, str]]:
    return [
        (
            slot.key,
            say.text(
                "%(weekday)s kl. %(clock)s",
                weekday=say.weekday(slot.starts_at),
                clock=f"{say.clock(slot.starts_at)}–{say.clock(slot.ends_at)}",
            ),
        )
        for slot in plan.slots
        if not slot.is_break
    ]


def pasted_page(
    meeting: Meeting, plan: ProgrammePlan, text: str, read: Pasted, say: Speaker
) -> PastedPage:
    """Return what was read of a table."""
    tracks = {one.key: say.either(one.name_sv, one.name_en) for one in plan.tracks}
    return PastedPage(
        meeting_id=meeting.id,
        meeting=say.either(meeting.name_sv, meeting.name_en),
        text=text,
        sessions=tuple(_line(one, tracks, say) for one in read.sessions),
        faults=sentences(
            (
                CellFault(
                    one.row,
                    say.text(COLUMNS.get(one.field, one.field)),
                    one.found,
                    Said(one.expected),
                )
                for one in read.faults
            ),
            say,
        ),
    )
