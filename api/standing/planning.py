"""What reading a file in would do to each meeting: compared with what was read in before, and pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.kit.clock import to_local
from api.kit.i18n import later
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.standing.file import FileEvent, Reason, Told
from api.standing.models import ImportedEvent

GONE = "cancelled"  # the digest of what the file calls off


class Outcome(StrEnum):
    """What happens to a meeting."""

    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Target:
    """What the meetings of a file are: their kind, and for a network's whose."""

    kind: MeetingKind
    network_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one meeting; `told` is missing where its series no longer has it."""

    outcome: Outcome
    told: Told | None
    meeting: Meeting | None = None
    known_as: str | None = None  # the recurrence id that it was read in under
    moves: bool = False
    rewords: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What happens to an event of the file and each of its meetings."""

    event: FileEvent
    steps: tuple[Step, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many of its meetings come out so."""
        return sum(step.outcome is outcome for step in self.steps)

    @property
    def writes(self) -> int:
        """How many meetings are made, changed or called off."""
        return sum(map(self.count, (Outcome.NEW, Outcome.CHANGED, Outcome.CANCELLED)))


@dataclass(frozen=True, slots=True)
class Known:
    """What an event became when it was read in before."""

    imported: ImportedEvent
    meeting: Meeting

    @property
    def starts_at(self) -> datetime:
        """When the meeting was to begin by its series, or begins."""
        told = self.imported.recurrence_id
        return datetime.strptime(told, "%Y%m%dT%H%M%S%z") if told else self.meeting.starts_at


def digest_of(told: Told) -> str:
    """Return what the file says, as two parts that change apart: the time, and the words."""
    if told.is_cancelled:
        return GONE
    time = f"{told.starts_at.isoformat()}|{told.ends_at.isoformat()}"
    words = f"{told.name}\0{told.focus}"
    return f"{_hash(time)}-{_hash(words)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plan(
    events: Iterable[FileEvent], known: Iterable[Known], target: Target, focus: str, at: datetime
) -> tuple[Row, ...]:
    """Return what happens to each event; `focus` is for those that tell none."""
    by_uid: dict[str, list[Known]] = {}
    for one in known:
        by_uid.setdefault(one.imported.uid, []).append(one)
    return tuple(
        Row(event, tuple(_steps(event, by_uid.get(event.uid, []), target, focus, at)))
        for event in events
    )


def _steps(
    event: FileEvent, known: Sequence[Known], target: Target, focus: str, at: datetime
) -> Iterator[Step]:
    if event.reason is not None:
        return
    pairs, left = _paired(event, known, at)
    for told in event.told:
        found = pairs.get(told.recurrence_id)
        yield _new(told, focus) if found is None else _again(told, found, target, focus, at)
    for one in left:
        yield Step(Outcome.CANCELLED, None, one.meeting, one.imported.recurrence_id)


def _paired(
    event: FileEvent, known: Sequence[Known], at: datetime
) -> tuple[dict[str, Known], list[Known]]:
    """Return which meeting each occurrence is, and the meetings ahead that the series no longer has.

    Where a whole series is moved every occurrence has another name: then it is the meeting of the same
    day, else of the same week, else of the same month.
    """
    by_id = {
        one.imported.recurrence_id: one
        for one in known
        if one.imported.recurrence_id not in event.passed
    }
    pairs = {
        told.recurrence_id: by_id.pop(told.recurrence_id)
        for told in event.told
        if told.recurrence_id in by_id
    }
    if not event.is_whole:
        return pairs, []
    left = [
        one
        for one in by_id.values()
        if at < min(one.meeting.starts_at, one.starts_at)
        and one.meeting.state != MeetingState.CANCELLED
    ]
    for same in (_day, _week, _month):
        for told in event.told:
            if told.recurrence_id in pairs or told.is_cancelled:
                continue
            place = same(told.starts_at)
            match = next((one for one in left if same(one.starts_at) == place), None)
            if match is not None:
                pairs[told.recurrence_id] = match
                left.remove(match)
    return pairs, left


def _day(moment: datetime) -> tuple[int, ...]:
    day = to_local(moment).date()
    return day.year, day.month, day.day


def _week(moment: datetime) -> tuple[int, ...]:
    week = to_local(moment).isocalendar()
    return week.year, week.week


def _month(moment: datetime) -> tuple[int, ...]:
    day = to_local(moment).date()
    return day.year, day.month


def _new(told: Told, focus: str, known: Known | None = None) -> Step:
    known_as = known.imported.recurrence_id if known else None
    if told.is_cancelled:
        text = later("Är inställd, och finns inte här.")
        return Step(Outcome.REFUSED, told, reason=Reason(text))
    if not told.focus and not focus:
        text = later("Saknar beskrivning. Skriv ett gemensamt fokus i formuläret.")
        return Step(Outcome.REFUSED, told, reason=Reason(text))
    return Step(Outcome.NEW, told, known_as=known_as)


def _again(told: Told, known: Known, target: Target, focus: str, at: datetime) -> Step:
    """Return what happens to a meeting that was read in before."""
    meeting, name = known.meeting, known.imported.recurrence_id
    is_over = meeting.state == MeetingState.CANCELLED
    if told.is_cancelled:
        outcome = Outcome.UNCHANGED if is_over else Outcome.CANCELLED
        return Step(outcome, told, meeting, name)
    is_other = (meeting.kind, meeting.network_id) != (target.kind, target.network_id)
    if is_over and (is_other or known.imported.digest == GONE):
        return _new(told, focus, known)
    if is_other:
        text = later(
            "Finns redan som ett annat slags träff. Ska den byta slag? Ställ först in den i Samkrets."
        )
    elif is_over:
        if known.imported.digest == digest_of(told):
            return Step(Outcome.UNCHANGED, told, meeting, name)
        text = later("Är inställd i Samkrets.")
    elif meeting.starts_at <= at:
        text = later("Har redan varit.")
    else:
        return _compared(told, known, name)
    return Step(Outcome.REFUSED, told, meeting, name, reason=Reason(text))


def _compared(told: Told, known: Known, name: str) -> Step:
    """Return what changes: only what the file has changed, so that what was changed by hand stays."""
    meeting = known.meeting
    time, _, words = digest_of(told).partition("-")
    time_before, _, words_before = known.imported.digest.partition("-")
    times = (meeting.starts_at, meeting.ends_at)
    moves = time != time_before and times != (told.starts_at, told.ends_at)
    texts = (meeting.name_sv, meeting.focus_sv)
    rewords = words != words_before and texts != (told.name, told.focus or meeting.focus_sv)
    outcome = Outcome.CHANGED if moves or rewords else Outcome.UNCHANGED
    return Step(outcome, told, meeting, name, moves=moves, rewords=rewords)
