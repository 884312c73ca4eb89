"""When each RC can meet, by what its posts have answered to a poll: what matching asks of circles that can meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.availability import queries
from api.availability.models import AnswerValue, Poll, PollOption
from api.kit.clock import to_local

FORM = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The times that each RC has said yes to, local, as spans of quarters of an hour.

    minutes: how long the shortest of the times is. of: RC id -> spans "start/end"; who has not answered is not there.
    """

    minutes: int
    of: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AnsweredPoll:
    """A poll of a group, and how many RC have answered it."""

    poll: Poll
    answered: int


def answered_polls(session: Session, at: datetime) -> list[AnsweredPoll]:
    """Return the polls with times to come that two RC or more have answered, newest first."""
    found = []
    for poll in queries.polls_of_groups_to_come(session, at):
        free = free_times(session, poll.id)
        if free.minutes and len(free.of) > 1:
            found.append(AnsweredPoll(poll, len(free.of)))
    return found


def free_times(session: Session, poll_id: str) -> FreeTimes:
    """Return when each RC can; of an RC with several answers, when one of its posts can."""
    times = {
        option.id: span
        for option in queries.options(session, poll_id)
        if not option.is_withdrawn and (span := _quarters(option)) is not None
    }
    answers = {one.id: one.function_id or "" for one in queries.answers(session, poll_id)}
    rc_of = accounts.rcs_of_functions(session, set(answers.values()))
    free: dict[str, set[str]] = {}
    for mark in queries.marks(session, poll_id):
        rc = rc_of.get(answers[mark.answer_id])
        if rc is not None and mark.option_id in times:
            said = free.setdefault(rc, set())
            if mark.value is AnswerValue.YES:
                start, end = times[mark.option_id]
                said.add(f"{start.strftime(FORM)}/{end.strftime(FORM)}")
    lengths = [int((end - start).total_seconds()) // 60 for start, end in times.values()]
    return FreeTimes(
        min(lengths, default=0), {rc: tuple(sorted(spans)) for rc, spans in free.items()}
    )


def _quarters(option: PollOption) -> tuple[datetime, datetime] | None:
    """Return the whole quarters within a time, as the wall shows them; None where there is none."""
    start, end = (to_local(one).replace(tzinfo=None) for one in (option.starts_at, option.ends_at))
    start += timedelta(minutes=-start.minute % 15)
    end -= timedelta(minutes=end.minute % 15)
    return (start, end) if start < end else None
