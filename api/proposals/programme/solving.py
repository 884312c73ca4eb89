"""A programme made by the engine: planned from a survey, planned anew around what is locked, repaired."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.meetings.models import Meeting
from api.programme import outlines
from api.programme import queries as programmes
from api.programme.content import ProgrammePlan, is_own_time
from api.proposals import spine
from api.proposals.asking import queries as asked
from api.proposals.asking.models import AskState
from api.proposals.models import Proposal
from api.proposals.programme import frame as programme_frame
from api.proposals.programme import leaders
from api.proposals.programme.answer import ProgrammeAnswer
from api.proposals.programme.drafting import Frame, first_draft, grown
from api.proposals.programme.engine import write_programme
from api.proposals.programme.problem import (
    is_open_then,
    opened,
    problem_of,
    shorter_slots,
    with_own_times,
)
from api.proposals.programme.store import (
    PROGRAMME,
    ProgrammeSettings,
    frame_of,
    is_in_force,
    meeting_of,
    settings_of,
    store,
    wishes_from,
)
from api.proposals.spine import Json
from api.surveys.service import tie_if_free
from matcher.programme.files.writing import timetable_document
from matcher.programme.problem import Problem, Run, Timetable


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has happened after publishing: somebody cannot lead, or a room is gone, in some slots."""

    leader: str = ""  # function id
    stand_in: str = ""  # function id of whoever leads instead
    room: str = ""  # room key
    slots: tuple[str, ...] = ()  # slot keys; empty means the whole meeting


def propose(
    session: Session, meeting: Meeting, survey_id: str, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Bring a meeting's content up to a survey's wishes inside a frame, and store its problem.

    What a planner has changed in the content stays as it is.
    """
    content = bring_up(session, meeting, survey_id, frame, actor, at)
    problem, settings = _problem_of(session, meeting, survey_id, content, frame)
    return store(session, meeting, problem, settings, actor, at)


def bring_up(
    session: Session, meeting: Meeting, survey_id: str, frame: Frame, actor: str, at: datetime
) -> ProgrammePlan:
    """Bring a meeting's content up to a survey's wishes, rooms and guests, and return it; nothing is planned yet."""
    wishes = wishes_from(session, survey_id)
    frame = replace(frame, leading=leaders.leading(session, meeting.id, wishes, frame))
    before = outlines.live_content(session, meeting.id)
    content = (
        first_draft(wishes, frame, is_example=meeting.is_example)
        if before is None
        else grown(before, wishes, frame, is_example=meeting.is_example)
    )
    outlines.begin(session, meeting, content, survey_id, actor, at)
    tie_if_free(session, actor, survey_id, meeting.id)
    return content


def from_content(
    session: Session, meeting: Meeting, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Store the problem of a meeting's content as it stands; it waits for its answer.

    Raises:
        ConflictError: when the meeting has no content yet.
    """
    problem, settings = _problem_now(session, meeting, frame)
    return store(session, meeting, problem, settings, actor, at)


def _problem_now(
    session: Session, meeting: Meeting, frame: Frame
) -> tuple[Problem, ProgrammeSettings]:
    """Return the problem of a meeting's content as it stands now, and what it was made of."""
    outline = outlines.outline_of(session, meeting.id)
    if outline is None:
        raise ConflictError("Programmet har inget innehåll än.")
    return _problem_of(session, meeting, outline.survey_id, outlines.content_of(outline), frame)


def _problem_of(
    session: Session, meeting: Meeting, survey_id: str, content: ProgrammePlan, frame: Frame
) -> tuple[Problem, ProgrammeSettings]:
    """Return the problem of a meeting's content, and what it was made of.

    Who has met whom before is looked up here: the tables of case rounds put others together.
    """
    wishes = wishes_from(session, survey_id)
    met = programme_frame.met_before(session, meeting.id, frame.delegates)
    problem = problem_of(content, wishes, replace(frame, met=met))
    problem = replace(problem, published=_published_runs(session, meeting, problem))
    return problem, ProgrammeSettings(survey_id, frame, content=content)


def start(
    session: Session, meeting: Meeting, survey_id: str, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Store the problem of a survey's wishes inside a frame, and queue the job that plans it."""
    made = propose(session, meeting, survey_id, frame, actor, at)
    spine.queue(session, PROGRAMME, made)
    return made


def start_from_content(
    session: Session, meeting: Meeting, frame: Frame, actor: str, at: datetime
) -> Proposal:
    """Store the problem of a meeting's content as it stands, and queue the job that plans it."""
    made = from_content(session, meeting, frame, actor, at)
    spine.queue(session, PROGRAMME, made)
    return made


def again(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Proposal:
    """Plan anew with every session that is locked held where it stands: a proposal of its own.

    The content is the meeting's own as it stands now, with everything changed by hand; a repair
    keeps to what it repairs.
    """
    spine.insist_on_open(proposal, version)
    spine.save(session, proposal, None, actor)
    answer, meeting = PROGRAMME.answer_of(proposal), meeting_of(session, proposal)
    problem, settings = PROGRAMME.problem_of(proposal), settings_of(proposal)
    if settings.repairs is None and outlines.outline_of(session, meeting.id) is not None:
        before = settings.content
        problem, settings = _problem_now(session, meeting, settings.frame)
        problem, settings = _with_held_times(problem, settings, answer, before)
    places, open_places = {run.session: run for run in answer.timetable.runs}, _places(problem)
    held = {
        name: places[name] for name in answer.held if name in places and places[name] in open_places
    }
    settings = replace(settings, held=tuple(sorted(held)))
    made = store(session, meeting, problem, settings, actor, at)
    more: Json = {"problem": write_programme(_held(problem, held))}
    return _queue(session, made, settings.repairs, more)


def _with_held_times(
    problem: Problem,
    settings: ProgrammeSettings,
    answer: ProgrammeAnswer,
    before: ProgrammePlan | None,
) -> tuple[Problem, ProgrammeSettings]:
    """Return a problem with the times of their own at which a draft's sessions are locked.

    Where the content has another day or a break then by now, the session is planned anew.
    """
    content = settings.content
    if before is None or content is None:
        return problem, settings
    own = {
        one.key: one for one in before.slots if is_own_time(one.key) and is_open_then(content, one)
    }
    held = {
        run.session: [own[run.slot]]
        for run in answer.timetable.runs
        if run.session in answer.held and run.slot in own
    }
    if not held:
        return problem, settings
    problem, content = with_own_times(problem, content, held)
    return problem, replace(settings, content=content)


def _places(problem: Problem) -> set[Run]:
    """Return every session, slot and room of a problem in which something can be held."""
    slots = [slot.id for slot in problem.slots if slot.kind != "break"]
    rooms = [room.id for room in problem.rooms]
    return {Run(one.id, slot, room) for one in problem.sessions for slot in slots for room in rooms}


def change_published(session: Session, proposal: Proposal, actor: str, at: datetime) -> Proposal:
    """Open a draft of the next version of what holds now: the same grid, nothing moved yet.

    Raises:
        ConflictError: when the proposal is not what holds now.
    """
    if not is_in_force(session, proposal):
        raise ConflictError("Bara programmet som gäller kan ändras. Öppna det senast publicerade.")
    meeting, problem = meeting_of(session, proposal), published_problem(session, proposal)
    answer = PROGRAMME.answer_of(proposal)
    settings = replace(settings_of(proposal), held=(), repairs=None)
    made = store(session, meeting, problem, settings, actor, at)
    record_answer(session, made, {"timetable": timetable_document(answer.timetable)})
    return made


def published_problem(session: Session, proposal: Proposal) -> Problem:
    """Return the problem of a published programme, with what people know already as it stands now."""
    problem = PROGRAMME.problem_of(proposal)
    runs = _published_runs(session, meeting_of(session, proposal), problem)
    return replace(problem, published=runs)


def repair(
    session: Session, proposal: Proposal, trouble: Trouble, actor: str, at: datetime
) -> Proposal:
    """Queue the smallest change that repairs a published programme.

    Raises:
        ConflictError: when the proposal is not what holds now, nothing is said to have happened, or
            the trouble names somebody, a room or a slot that the programme does not have.
    """
    if not is_in_force(session, proposal):
        raise ConflictError(
            "Du kan bara ändra det program som gäller nu. Öppna det som publicerades senast."
        )
    if not trouble.leader and not trouble.room:
        raise ConflictError("Välj vem som inte kan leda, eller vilken lokal som är borta.")
    before = PROGRAMME.problem_of(proposal)
    _insist_on_known(frame_of(proposal), before, trouble)
    published = PROGRAMME.answer_of(proposal).timetable
    agreed: dict[str, list[str]] = {}
    for row in asked.asks(session, proposal.meeting_id or ""):
        if row.state is AskState.YES:
            agreed.setdefault(row.session_key, []).append(row.function_id)
    stand_ins = _stand_ins(frame_of(proposal), before, trouble, published.runs, agreed)
    settings = settings_of(proposal)
    problem = opened(_troubled(before, trouble, stand_ins), _shorter(settings))
    cause = tuple(one for one in (trouble.leader, trouble.room) if one)
    settings = replace(settings, repairs=published, held=(), cause=cause)
    made = store(session, meeting_of(session, proposal), problem, settings, actor, at)
    return _queue(session, made, published)


def record_answer(session: Session, proposal: Proposal, document: Mapping[str, object]) -> None:
    """Keep the engine's answer: the proposal is now a draft that a planner can look at.

    Raises:
        ConflictError: when the proposal already has an answer or was withdrawn.
    """
    spine.take_answer(session, PROGRAMME, proposal, document)


def _queue(
    session: Session, made: Proposal, published: Timetable | None, more: Json | None = None
) -> Proposal:
    """Queue the work; with what is published, as a repair of it."""
    repaired: Json = {}
    if published:
        short = {one: sorted(slots) for one, slots in _shorter(settings_of(made)).items()}
        repaired = {"published": timetable_document(published), "short": short}
    spine.queue(session, PROGRAMME, made, {**(more or {}), **repaired})
    return made


def _shorter(settings: ProgrammeSettings) -> dict[str, frozenset[str]]:
    """Return session -> slots too short for it, in which a repair lets it run rather than not at all."""
    content = settings.content
    if content is None:
        return {}
    found = {one.key: shorter_slots(one, content.slots) for one in content.sessions}
    return {key: slots for key, slots in found.items() if slots}


def _held(problem: Problem, places: Mapping[str, Run]) -> Problem:
    """Pin what is locked by hand for one solve; the stored problem stays free of the planner's pins."""
    sessions = tuple(
        replace(
            one,
            is_must_run=True,
            pin_slot=places[one.id].slot,
            pin_room=places[one.id].room,
            repeats=1,
        )
        if one.id in places
        else one
        for one in problem.sessions
    )
    return replace(problem, sessions=sessions)


def _insist_on_known(frame: Frame, problem: Problem, trouble: Trouble) -> None:
    leaders = {leader for leader, _ in frame.leaders}
    leading = {host for session in problem.sessions for host in session.hosts}
    rooms = {"", *(room.id for room in problem.rooms)}
    slots = {slot.id for slot in problem.slots}
    if not (
        trouble.leader in {"", *leaders, *leading}
        and trouble.stand_in in {"", *leaders}
        and trouble.room in rooms
        and slots.issuperset(trouble.slots)
    ):
        raise ConflictError("Programmet har ingen sådan ledare, lokal eller tid.")


def _stand_ins(
    frame: Frame,
    problem: Problem,
    trouble: Trouble,
    runs: Sequence[Run],
    agreed: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Return session -> who leads it instead: the one chosen, who agreed to, one of NCH's who is free then.

    Where nobody is, whoever of NCH's leads least: the session then finds another time. A guest's
    session is the guest's own: nobody stands in for an agency.
    """
    guests = {guest.function_id for guest in frame.guests}
    if not trouble.leader or trouble.leader in guests:
        return {}
    hosts = {session.id: session.hosts for session in problem.sessions}
    slots = frozenset(trouble.slots or (slot.id for slot in problem.slots))
    busy = {(run.slot, host) for run in runs for host in hosts.get(run.session, ())}
    known = {person.id for person in problem.people}
    found: dict[str, str] = {}
    for run in runs:
        if trouble.leader not in hosts.get(run.session, ()) or run.slot not in slots:
            continue
        able = [one for one, _ in frame.leaders if one != trouble.leader]
        free = [one for one in able if (run.slot, one) not in busy]
        led = Counter(found.values())
        deputies = [
            one
            for one in agreed.get(run.session, ())
            if one in known and one != trouble.leader and (run.slot, one) not in busy
        ]
        chosen = trouble.stand_in or next(
            iter(deputies), min(free or able, key=lambda one: led[one], default="")
        )
        if chosen:
            found[run.session] = chosen
            busy.add((run.slot, chosen))
    return found


def _troubled(problem: Problem, trouble: Trouble, stand_ins: Mapping[str, str]) -> Problem:
    slots = frozenset(trouble.slots or (slot.id for slot in problem.slots))
    people = tuple(
        replace(one, unavailable_slots=one.unavailable_slots | slots)
        if one.id == trouble.leader
        else one
        for one in problem.people
    )
    rooms = tuple(
        replace(one, unavailable_slots=one.unavailable_slots | slots)
        if one.id == trouble.room
        else one
        for one in problem.rooms
    )
    sessions = tuple(
        replace(one, hosts=one.hosts - {trouble.leader} | {stand_ins[one.id]})
        if one.id in stand_ins
        # Without its guest an agency's session is not held; the rest of the meeting is.
        else replace(one, is_must_run=False, pin_room=None)
        if trouble.leader in one.hosts and one.roles
        else one
        for one in problem.sessions
    )
    # What stood fixed may be just what can no longer be so: the opening moves with its room.
    loose = tuple(
        replace(one, pin_room=None) if one.pin_room == trouble.room and trouble.room else one
        for one in sessions
    )
    return replace(problem, people=people, rooms=rooms, sessions=loose)


def _published_runs(session: Session, meeting: Meeting, problem: Problem) -> tuple[Run, ...]:
    """Return the runs that people know already, where session, slot and room are in the new problem."""
    programme = programmes.programme(session, meeting.id)
    slots = {slot.id: slot.key for slot in programme.slots}
    rooms = {room.id: room.key for room in programme.rooms}
    known_slots, known_rooms = {one.id for one in problem.slots}, {one.id for one in problem.rooms}
    known = {one.id for one in problem.sessions}
    runs = (
        Run(one.key, slots[one.slot_id], rooms[one.room_id])
        for one in programme.sessions
        if one.slot_id and one.room_id and one.key in known
    )
    return tuple(run for run in runs if run.slot in known_slots and run.room in known_rooms)
