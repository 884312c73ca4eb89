"""Reading standing meetings in: said beforehand for each, then written as one, or not at all."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import ConflictError, FieldFault
from api.kit.i18n import later
from api.meetings import service as meetings
from api.meetings.calendars import to_calendars
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft
from api.networks import queries as networks
from api.networks.models import Network
from api.standing import queries
from api.standing.file import FileEvent, Told
from api.standing.models import ImportedEvent
from api.standing.planning import GONE, Known, Outcome, Row, Step, Target, digest_of, plan

# So that one press is one transaction of seconds, and a wrong choice is not hundreds of meetings.
MOST_WRITES = 200
KINDS = {
    MeetingKind.NATIONAL: later("Nationell träff, alla RC"),
    MeetingKind.SAMVERKANSFORUM: later("Samverkansforum"),
    MeetingKind.MANAGERS: later("Chefsgruppen"),
    MeetingKind.OTHER: later("Annan träff, alla RC"),
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the file does not tell: whose meetings they are, how people meet, and a common focus."""

    target: Target
    form: MeetingForm
    town: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """How many meetings were made, changed and called off."""

    new: int
    changed: int
    cancelled: int


def targets(session: Session) -> list[Network]:
    """Return the networks whose meetings can be read in."""
    return networks.active_networks(session)


def planned(
    session: Session, events: Sequence[FileEvent], choices: Choices, at: datetime
) -> tuple[Row, ...]:
    """Return what reading these events in would do; nothing is written."""
    known = queries.known(session, [event.uid for event in events])
    found = [Known(imported, meeting) for imported, meeting in known]
    return plan(events, found, choices.target, choices.focus, at)


def print_of(rows: Iterable[Row]) -> str:
    """Return what tells whether two plans do the same, for what was shown before it was confirmed."""
    told = [
        (
            row.event.uid,
            step.outcome.value,
            step.known_as,
            step.told and (step.told.recurrence_id, digest_of(step.told)),
            step.meeting and (step.meeting.id, step.meeting.version),
        )
        for row in rows
        for step in row.steps
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def write(
    session: Session,
    rows: Sequence[Row],
    taken: Collection[str],
    choices: Choices,
    actor: str,
    at: datetime,
) -> Written:
    """Write the events that were chosen, by uid.

    Raises:
        FieldFault: when none is chosen, or they are more meetings than are written at once.
        ConflictError: when somebody else reads the same in at the same moment.
    """
    chosen = [row for row in rows if row.event.uid in taken]
    writes = sum(row.writes for row in chosen)
    if not any(row.steps for row in chosen):
        raise FieldFault("take", "Välj minst en händelse att läsa in.")
    if writes > MOST_WRITES:
        raise FieldFault(
            "take",
            "Välj färre händelser: de du har valt blir %(writes)s träffar, och högst %(most)s läses in på en gång.",
            writes=writes,
            most=MOST_WRITES,
        )
    try:
        for row in chosen:
            for step in row.steps:
                _write_step(session, row.event.uid, step, choices, actor, at)
        session.flush()
    except IntegrityError as error:
        raise ConflictError(
            "Någon annan läste in samma händelser samtidigt. Kontrollera filen igen."
        ) from error
    return Written(
        *(
            sum(row.count(outcome) for row in chosen)
            for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.CANCELLED)
        )
    )


def _write_step(
    session: Session, uid: str, step: Step, choices: Choices, actor: str, at: datetime
) -> None:
    meeting, told = step.meeting, step.told
    if step.outcome is Outcome.REFUSED:
        return
    if step.outcome is Outcome.NEW and told is not None:
        meeting = meetings.create(session, _draft(session, told, choices), actor, at)
    elif step.outcome is Outcome.CANCELLED and meeting is not None:
        meetings.cancel(session, meeting, meeting.version, actor, at)
    elif step.outcome is Outcome.CHANGED and meeting is not None and told is not None:
        _change(session, step, meeting, told, actor, at)
    if meeting is not None:
        _remember(session, uid, step, meeting)


def _draft(session: Session, told: Told, choices: Choices) -> MeetingDraft:
    network_id = choices.target.network_id
    network = networks.network(session, network_id) if network_id else None
    focus = told.focus or choices.focus
    return MeetingDraft(
        kind=choices.target.kind,
        network_id=network_id,
        name_sv=told.name,
        name_en=told.name,
        focus_sv=focus,
        focus_en=focus,
        form=choices.form,
        town=choices.town,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        is_example=network is not None and network.is_example,
    )


def _change(
    session: Session, step: Step, meeting: Meeting, told: Told, actor: str, at: datetime
) -> None:
    if step.rewords:
        before: dict[str, object] = {"name": meeting.name_sv, "focus": meeting.focus_sv}
        meeting.name_sv = meeting.name_en = told.name
        if told.focus:
            meeting.focus_sv = meeting.focus_en = told.focus
        after: dict[str, object] = {"name": meeting.name_sv, "focus": meeting.focus_sv}
        meeting.version += 1
        session.add(meeting)
        record(session, actor, "changed", ("meeting", meeting.id), before, after)
    if step.moves:
        meetings.move(session, meeting, told.starts_at, told.ends_at, meeting.version, actor, at)
    else:
        session.flush()
        to_calendars(session, meeting, at)


def _remember(session: Session, uid: str, step: Step, meeting: Meeting) -> None:
    """Keep what the file told, under the name that the occurrence has in it now."""
    key = step.told.recurrence_id if step.told else step.known_as or ""
    digest = digest_of(step.told) if step.told else GONE
    found = None if step.known_as is None else queries.imported(session, uid, step.known_as)
    if found is not None and found.recurrence_id != key:
        session.delete(found)
        session.flush()
        found = None
    if found is None:
        found = ImportedEvent(uid=uid, recurrence_id=key, meeting_id=meeting.id, digest=digest)
    found.meeting_id, found.digest = meeting.id, digest
    session.add(found)
