"""From a programme problem's solution to a plan to publish: slots, rooms and sessions with their texts."""

from collections.abc import Mapping
from dataclasses import asdict

from api.kit.clock import from_local
from api.programme import texts as drafts
from api.programme.service import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan
from api.proposals.programme.problem import (
    CLOSING,
    SLOT_NAMES,
    TRACKS,
    Frame,
    GuestChoice,
    agency_key,
)
from api.surveys.texts import SessionTexts, said_to
from api.surveys.wishes import TopicWish, Wishes
from matcher.programme.problem import Problem, Timetable


def to_plan(
    problem: Problem,
    timetable: Timetable,
    wishes: Wishes,
    frame: Frame,
    reasons: Mapping[str, tuple[str, str]],
    *,
    is_example: bool,
) -> ProgrammePlan:
    """Return what to publish: every topic with its texts, in its slot or with the reason why not."""
    runs = {run.session: run for run in timetable.runs}
    seated = {run.session: rounds for run, rounds in timetable.tables.items()}
    attending = _attending(timetable)
    leaders = dict(frame.leaders)
    leaders |= {one.function_id: one.title for one in frame.delegates if one.title}
    leaders |= {one.function_id: one.agency_sv for one in frame.guests}
    topics = {topic.theme.id: topic for topic in wishes.topics}
    agencies = {agency_key(guest): guest for guest in frame.guests}
    plans = []
    for number, session in enumerate(problem.sessions):
        texts = _texts(session.id, topics, agencies, is_example=is_example)
        run = runs.get(session.id)
        hosts = sorted(session.hosts)
        leader = leaders.get(hosts[0], "") if hosts else ""
        reason = reasons.get(session.id, ("", ""))
        topic = topics.get(session.id)
        plans.append(
            SessionPlan(
                key=session.id,
                theme_id=topic.theme.id if topic else "",
                leader=leader or frame.leaders[number % len(frame.leaders)][1],
                slot=run.slot if run else None,
                room=run.room if run else None,
                track=(timetable.tracks.get(session.id) or session.track) if run else None,
                reason_sv="" if run else reason[0],
                reason_en="" if run else reason[1],
                demand=topic.asking if topic else 0,
                function_ids=attending.get(session.id, frozenset()) | session.hosts
                if run
                else frozenset(),
                tables=seated.get(session.id, ()) if run else (),
                **texts,
            )
        )
    return ProgrammePlan(
        tracks=TRACKS,
        slots=tuple(_slot_plans(problem)),
        rooms=tuple(RoomPlan(r.key, r.name, r.capacity, r.is_digital) for r in frame.rooms),
        sessions=tuple(plans),
    )


def _slot_plans(problem: Problem) -> list[SlotPlan]:
    found = []
    for slot in problem.slots:
        if slot.start is None or slot.end is None:
            continue
        swedish, english = SLOT_NAMES.get(slot.id.partition("-")[2], ("", ""))
        starts_at, ends_at = from_local(slot.start), from_local(slot.end)
        is_break = slot.kind == "break"
        found.append(SlotPlan(slot.id, starts_at, ends_at, is_break, swedish, english))
    return found


def _attending(timetable: Timetable) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for person, agenda in timetable.agendas.items():
        for line in agenda:
            found.setdefault(line.session, set()).add(person)
    return {session: frozenset(people) for session, people in found.items()}


def _texts(
    session_id: str,
    topics: Mapping[str, TopicWish],
    agencies: Mapping[str, GuestChoice],
    *,
    is_example: bool,
) -> dict[str, str]:
    gives = ("", "")
    if session_id in topics:
        theme = topics[session_id].theme
        kind, names = theme.format, (theme.name_sv, theme.name_en)
        said = _said_of(topics[session_id])
    elif session_id in agencies:
        guest = agencies[session_id]
        kind = "agency"
        names = (f"{guest.agency_sv}: det här behöver vi", f"{guest.agency_en}: what we need")
        texts = drafts.GUESTS.get(guest.role, drafts.OTHER_GUEST)
        said, gives = texts.session, (texts.gives_sv, texts.gives_en)
    elif session_id == CLOSING:
        kind, names, said = "plenary", ("Avslutning", "Closing"), drafts.CLOSING
    else:
        kind, names, said = "plenary", ("Samling och start", "Opening"), drafts.OPENING
    mark = "Exempel: " if is_example else ""
    return {
        "title_sv": f"{mark}{names[0]}",
        "title_en": f"{mark}{names[1]}",
        **asdict(said),
        "format": kind,
        "gives_guest_sv": gives[0],
        "gives_guest_en": gives[1],
    }


def _said_of(topic: TopicWish) -> SessionTexts:
    """Return what a topic's session says to those who asked for it."""
    if topic.theme.texts is None:
        return drafts.UNWRITTEN
    return said_to(topic.theme.texts, topic.starting, topic.operating)
