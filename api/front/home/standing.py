"""The planner's home: what to do now, how far the next national meeting has come, answers, and the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from api.front.home.steps import Progress, progress
from api.kit.clock import to_local
from api.kit.i18n import Speaker, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.networks import queries as networks
from api.proposals import queries as proposals
from api.proposals.models import ProposalKind, ProposalState
from api.proposals.year.school_years import usual_year
from api.registry import queries as registry
from api.surveys import mailing
from api.surveys import queries as surveys
from api.surveys.models import NeedsSurvey, SurveyState

MONTHS = 12
MOST_MARKS = 60  # of a month in the strip
MOST_ROWS = 5

AnswerState = Literal["good", "wait", "bad"]  # answered, waiting, nobody to write to


@dataclass(frozen=True, slots=True)
class AnswerChip:
    """An RC that is asked, and what has come of it."""

    name: str
    state: AnswerState


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey that is open, RC by RC."""

    id: str
    title: str
    closes: str
    chips: tuple[AnswerChip, ...]
    leads_to: str = ""  # the meeting that a programme can be made for from the answers

    def count(self, state: AnswerState) -> int:
        """Return how many RC are in a state."""
        return sum(one.state == state for one in self.chips)


@dataclass(frozen=True, slots=True)
class Row:
    """A meeting in one line."""

    id: str
    when: str
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the strip: its name, the kind of each of its meetings in order, and that in words."""

    name: str
    marks: tuple[str, ...]
    said: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class NationalMeeting:
    """The next national meeting."""

    id: str
    name: str
    when: str
    where: str
    away: str  # "om 12 veckor"
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where everything stands."""

    national: NationalMeeting | None
    asked: tuple[Asked, ...]
    coming: tuple[Row, ...]
    year: tuple[Month, ...]  # the next twelve months
    silent: tuple[tuple[str, str], ...]  # id and name of the circles that have nothing planned
    unplanned: int = 0  # the next year that no proposal lays out; 0 for none


def standing(session: Session, say: Speaker, at: datetime) -> Standing:
    """Return where everything stands, for a planner."""
    start = to_local(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [
        one for one in meetings.meetings(session, start) if one.state is not MeetingState.CANCELLED
    ]
    ahead = [one for one in found if one.ends_at > at]
    national = next((one for one in ahead if one.kind is MeetingKind.NATIONAL), None)
    return Standing(
        national=_national(session, national, say, at) if national is not None else None,
        asked=tuple(_asked(session, say, at)),
        coming=tuple(_row(one, say) for one in ahead[:MOST_ROWS]),
        year=tuple(_year(found, start, say)),
        silent=tuple(_silent(session, ahead, say)),
        unplanned=_unplanned(session, at),
    )


def _national(session: Session, meeting: Meeting, say: Speaker, at: datetime) -> NationalMeeting:
    weeks = max(0, (meeting.starts_at - at).days // 7)
    return NationalMeeting(
        id=meeting.id,
        name=say.either(meeting.name_sv, meeting.name_en),
        when=say.days(meeting.starts_at, meeting.ends_at),
        where=meeting.town,
        away=say.plural("om %(num)s vecka", "om %(num)s veckor", weeks) if weeks else "",
        progress=progress(session, meeting, say, at),
    )


def _asked(session: Session, say: Speaker, at: datetime) -> list[Asked]:
    found = [
        one
        for one in surveys.surveys(session)
        if one.state is SurveyState.OPEN and one.deadline > at
    ]
    names, answered = registry.names(session), surveys.answering(session, [one.id for one in found])
    told = mailing.recipients(session, {rc_id for one in found for rc_id in one.rc_ids})
    reached = {one.rc_id for one in told}
    return [
        Asked(
            one.id,
            say.either(one.title_sv, one.title_en),
            say.days(one.deadline, one.deadline),
            _chips(one, names, answered[one.id], reached),
            _leads_to(session, one) if answered[one.id] else "",
        )
        for one in found
    ]


def _chips(
    survey: NeedsSurvey, names: dict[str, str], answered: set[str], reached: set[str]
) -> tuple[AnswerChip, ...]:
    def state(rc_id: str) -> AnswerState:
        if rc_id in answered:
            return "good"
        return "wait" if rc_id in reached else "bad"

    chips = [AnswerChip(names.get(one, one), state(one)) for one in survey.rc_ids]
    return tuple(sorted(chips, key=lambda one: swedish_order(one.name)))


def _leads_to(session: Session, survey: NeedsSurvey) -> str:
    """Return the meeting that a survey's answers can be made a programme of: none is published yet."""
    heads = proposals.heads_of_meeting(session, survey.meeting_id) if survey.meeting_id else []
    has_one = any(state is ProposalState.PUBLISHED for _, state in heads)
    return "" if has_one else survey.meeting_id or ""


def _unplanned(session: Session, at: datetime) -> int:
    """Return the year that is to be laid out next, if nobody has begun with it."""
    year = usual_year(to_local(at).date())
    laid = proposals.proposals(session, ProposalKind.YEAR)
    return 0 if any(one.title == str(year) for one in laid) else year


def _row(meeting: Meeting, say: Speaker) -> Row:
    name = say.either(meeting.name_sv, meeting.name_en)
    return Row(meeting.id, say.brief(meeting.starts_at, meeting.ends_at), name, meeting.town)


def _year(found: Sequence[Meeting], start: datetime, say: Speaker) -> list[Month]:
    kinds: dict[tuple[int, int], list[str]] = {}
    for one in found:
        local = to_local(one.starts_at)
        kinds.setdefault((local.year, local.month), []).append(one.kind.value)
    months = [divmod(start.year * 12 + start.month - 1 + number, 12) for number in range(MONTHS)]
    return [
        Month(
            name=say.month(month + 1),
            marks=tuple(marks[:MOST_MARKS]),
            said=say.plural("%(num)s träff", "%(num)s träffar", len(marks)),
            is_now=(year, month + 1) == (start.year, start.month),
        )
        for year, month in months
        for marks in (kinds.get((year, month + 1), []),)
    ]


def _silent(session: Session, ahead: Sequence[Meeting], say: Speaker) -> list[tuple[str, str]]:
    planned = {one.network_id for one in ahead}
    return [
        (one.id, say.either(one.name_sv, one.name_en))
        for one in networks.active_networks(session)
        if one.id not in planned
    ]
