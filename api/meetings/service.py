"""Making, moving and calling off meetings; each change goes to the calendars in the same transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.accounts.policy import Viewer, insist
from api.audit.service import record
from api.kit.clock import from_local, to_local
from api.kit.db import announce, lock
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries
from api.meetings.audience import audiences, may_change_meeting, seen_by
from api.meetings.calendars import to_calendars
from api.meetings.deadlines import moved_with
from api.meetings.ending import say_why
from api.meetings.models import (
    InvitedRc,
    Meeting,
    MeetingForm,
    MeetingKind,
    MeetingState,
)
from api.networks import queries as networks
from api.outbox.acts import Data, can_undo_by, changed

# Late notice hurt before (report lines 913-915): a proposed first meeting lies this far ahead.
NOTICE = timedelta(weeks=6)
# Meetings of networks in a week, at the most: of an RC with one or two people, and for each at NCH.
WEEKLY, WEEKLY_NCH = 1, 2
# A first meeting is not put off longer than this to find such a week.
SPREAD = timedelta(weeks=20)
UNDO = "meeting"  # the kind of step that brings a meeting back
UNDO_MADE = "meeting made"  # and the one that takes a new one away
# What calendars are asked to hold: a slip of the keyboard must not fill them for 8,000 years.
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST = timedelta(days=14)
IN_PERSON_HOURS = (10, 15)
DIGITAL_HOURS = (13, 15)


# The RC that a meeting names itself; they have a table of their own.
RCS = ("host_rc", "visitor_rc")


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """What a meeting needs to be made; times are aware, `ends_at` is exclusive."""

    kind: MeetingKind
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm
    starts_at: datetime
    ends_at: datetime
    town: str = ""
    video_url: str = ""
    network_id: str | None = None
    group_id: str | None = None
    host_rc: str = ""  # of a study visit, with its visitor
    visitor_rc: str = ""
    state: MeetingState = MeetingState.PUBLISHED
    answer_by: date | None = None
    is_protected: bool = False
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class MeetingMoved:
    """News: a meeting begins at another time than before."""

    meeting_id: str
    starts_at: datetime  # before


@dataclass(frozen=True, slots=True)
class MeetingAgreed:
    """News: those who meet have decided when; everybody whom it concerns is invited."""

    meeting_id: str


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What a meeting is: its texts, place and hours; `with_programme` moves what stands in it as far."""

    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    town: str
    form: MeetingForm
    starts_at: datetime
    ends_at: datetime
    with_programme: bool = True


def create(session: Session, draft: MeetingDraft, actor: str, at: datetime) -> Meeting:
    """Make a meeting and put it into the calendars of those it concerns.

    Raises:
        FieldFault: when the focus is empty or the meeting cannot be at that time.
    """
    if not draft.focus_sv.strip():
        raise FieldFault(
            "focus_sv", "Skriv vad träffen handlar om. Utan det går den inte att publicera."
        )
    insist_on_time(draft.starts_at, draft.ends_at, at)
    meeting = Meeting(**{name: getattr(draft, name) for name in draft.__slots__ if name not in RCS})
    session.add(meeting)
    session.flush()
    for rc_id in {draft.host_rc, draft.visitor_rc} - {""}:
        is_host = rc_id == draft.host_rc
        session.add(InvitedRc(meeting_id=meeting.id, rc_id=rc_id, is_host=is_host))
    session.flush()
    record(session, actor, "created", ("meeting", meeting.id), after=_summary(meeting))
    to_calendars(session, meeting, at)
    return meeting


def move(
    session: Session,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
    actor: str,
    at: datetime,
) -> None:
    """Move a meeting to another time; everybody's calendar follows.

    Raises:
        FieldFault: when the meeting cannot be at that time; see `insist_on_time`.
        StaleError: when somebody changed the meeting since `version`.
        ConflictError: when the meeting has been called off.
    """
    before = _summary(meeting)
    _insist_on_current(meeting, version, {"starts_at": starts_at.isoformat()})
    insist_on_time(starts_at, ends_at, at, began=meeting.starts_at)
    meeting.answer_by = moved_with(meeting, starts_at, at)
    started_at = meeting.starts_at
    meeting.starts_at, meeting.ends_at = starts_at, ends_at
    _save(session, meeting, "moved", before, actor, at)
    if started_at != starts_at:
        announce(session, MeetingMoved(meeting.id, started_at))


def move_and_tell(
    session: Session,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
    actor: str,
    at: datetime,
) -> None:
    """Move a meeting; every calendar follows, and all whom a circle's decided one concerns are told by mail.

    Raises:
        FieldFault, StaleError, ConflictError: as `move`.
    """
    move(session, meeting, starts_at, ends_at, version, actor, at)
    if tells_all(meeting):
        agree(session, meeting, at)


def tells_all(meeting: Meeting) -> bool:
    """Whether moving a meeting reaches everybody in its circle, invited before or not."""
    return meeting.state == MeetingState.PUBLISHED and meeting.network_id is not None


def change(
    session: Session, meeting: Meeting, facts: MeetingFacts, version: int, actor: str, at: datetime
) -> None:
    """Give a meeting another name, focus, place or time; everybody's calendar follows.

    Raises:
        FieldFault: when the focus is empty or the meeting cannot be at that time.
        StaleError: when somebody changed the meeting since `version`.
        ConflictError: when the meeting has been called off.
    """
    if not facts.focus_sv.strip():
        raise FieldFault(
            "focus_sv", "Skriv vad träffen handlar om. Utan det går den inte att publicera."
        )
    before = _summary(meeting)
    _insist_on_current(meeting, version, {"name": facts.name_sv})
    started_at, texts = meeting.starts_at, _texts(meeting)
    if (facts.starts_at, facts.ends_at) != (started_at, meeting.ends_at):
        insist_on_time(facts.starts_at, facts.ends_at, at, began=started_at)
        meeting.answer_by = moved_with(meeting, facts.starts_at, at)
    for name in MeetingFacts.__slots__:
        if name != "with_programme":
            setattr(meeting, name, getattr(facts, name))
    more: Data = {"texts": texts, "said": _texts(meeting), "alone": not facts.with_programme}
    _save(session, meeting, "changed", before, actor, at, more)
    if started_at != meeting.starts_at and facts.with_programme:
        announce(session, MeetingMoved(meeting.id, started_at))


def insist_on_time(
    starts_at: datetime, ends_at: datetime, at: datetime, *, began: datetime | None = None
) -> None:
    """Refuse a time that a new or moved meeting cannot have; `began` is when it begins today.

    Only what keeps its beginning may have begun: a meeting that is under way can last longer.

    Raises:
        FieldFault: when a time is naive or past, the end is not after the beginning, or either is
            farther away than anybody means.
    """
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise FieldFault(
            "starts_at", "Ange tiden med tidszon, till exempel 2027-02-16T09:30+01:00."
        )
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not FIRST_YEAR <= moment.year < LAST_YEAR:
            raise FieldFault(field, "Välj ett år före %(year)s.", year=LAST_YEAR)
    if ends_at <= starts_at:
        raise FieldFault("ends_at", "Träffen måste sluta efter att den har börjat.")
    if ends_at - starts_at > LONGEST:
        raise FieldFault("ends_at", "En träff varar högst %(days)s dagar.", days=LONGEST.days)
    if starts_at <= at and starts_at != began:
        raise FieldFault("starts_at", "Tiden har redan varit.")


def propose(session: Session, meeting: Meeting, actor: str, at: datetime) -> None:
    """Show a draft to those it concerns: it comes into their calendars as a proposed meeting.

    Raises:
        ConflictError: when it is no draft.
    """
    lock(meeting)
    if meeting.state != MeetingState.DRAFT:
        raise ConflictError("Träffen är inget utkast längre.")
    before = _summary(meeting)
    meeting.state = MeetingState.PROPOSED
    _save(session, meeting, "proposed", before, actor, at)


def discard(session: Session, meeting: Meeting, actor: str, at: datetime) -> None:
    """Take away a draft that nobody but planners has seen; one that something hangs on is called off.

    Raises:
        ConflictError: when it is no draft.
    """
    lock(meeting)
    if meeting.state != MeetingState.DRAFT:
        raise ConflictError("Träffen är inget utkast längre.")
    before = _summary(meeting)
    if not queries.is_removed(session, meeting):
        meeting.state = MeetingState.CANCELLED
        _save(session, meeting, "cancelled", before, actor, at)
        return
    record(session, actor, "removed", ("meeting", meeting.id), before)


def confirm(session: Session, meeting: Meeting, version: int, actor: str, at: datetime) -> None:
    """Turn a proposed meeting into a published one."""
    before = _summary(meeting)
    _insist_on_current(meeting, version, {"state": MeetingState.PUBLISHED.value})
    meeting.state = MeetingState.PUBLISHED
    _save(session, meeting, "confirmed", before, actor, at)
    agree(session, meeting, at)


def agree(session: Session, meeting: Meeting, at: datetime) -> None:
    """Say that a meeting's time is decided: all whom it concerns are invited, who is already is not again.

    A national meeting's invitations have a step of their own.
    """
    meeting.agreed_at = at
    session.add(meeting)
    session.flush()
    if meeting.kind is not MeetingKind.NATIONAL:
        announce(session, MeetingAgreed(meeting.id))


def can_be_unmade(session: Session, meeting: Meeting) -> None:
    """Let the act that goes on take back that it has made a meeting."""
    can_undo_by(session, UNDO_MADE, {"id": meeting.id})


def undo_made(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Take away a meeting that was just made.

    Raises:
        ConflictError: when it was changed since it was made.
    """
    meeting = queries.meeting(session, data["id"])
    if meeting is not None:
        unmake(session, meeting, actor, at)


def unmake(session: Session, meeting: Meeting, actor: str, at: datetime) -> None:
    """Take away a meeting that was just made, before anybody heard of it.

    Raises:
        ConflictError: when it was changed since it was made.
    """
    lock(meeting)
    changed({"version": 1}, {"version": meeting.version})
    before = _summary(meeting)
    meeting.state = MeetingState.DRAFT
    meeting.agreed_at = None
    _save(session, meeting, "undone", before, actor, at)
    discard(session, meeting, actor, at)


def cancel(
    session: Session, meeting: Meeting, version: int, actor: str, at: datetime, reason: str = ""
) -> None:
    """Call a meeting off; the event stays in feeds as cancelled for a time.

    `reason` stands in the mails to those invited, with the actor's name.

    Raises:
        FieldFault: when the reason is too long.
        StaleError: when somebody changed the meeting since `version`.
        ConflictError: when it was called off.
    """
    before = _summary(meeting)
    _insist_on_current(meeting, version, {"state": MeetingState.CANCELLED.value})
    meeting.state = MeetingState.CANCELLED
    say_why(meeting, actor=actor, reason=reason)
    _save(session, meeting, "cancelled", before, actor, at)


def protect(
    session: Session,
    meeting: Meeting,
    version: int,
    actor: str,
    at: datetime,
    *,
    is_protected: bool,
) -> None:
    """Show a meeting only as busy in every calendar and mail from now on, or as it is again."""
    before: dict[str, object] = {"protected": meeting.is_protected}
    _insist_on_current(meeting, version, {"protected": is_protected})
    meeting.is_protected = is_protected
    meeting.version += 1
    session.add(meeting)
    session.flush()
    action = "protected" if is_protected else "unprotected"
    record(session, actor, action, ("meeting", meeting.id), before, {"protected": is_protected})
    to_calendars(session, meeting, at)


def meeting_for(session: Session, viewer: Viewer | None, meeting_id: str) -> Meeting:
    """Return a meeting that the viewer may see; guests see theirs through the programme.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    meeting = queries.meeting(session, meeting_id)
    if meeting is None:
        raise MissingError
    insist(may_see_meeting(session, viewer, meeting))
    return meeting


def may_see_meeting(session: Session, viewer: Viewer | None, meeting: Meeting) -> bool:
    """Drafts are for planners, network meetings for their members, the others for all but guests."""
    return bool(seen_by(session, viewer, [meeting]))


def insist_on_change(session: Session, viewer: Viewer | None, meeting: Meeting) -> None:
    """Raise MissingError unless the viewer may change the meeting."""
    insist(may_change_meeting(session, viewer, meeting))


def meetings_for(session: Session, viewer: Viewer | None, since: datetime) -> list[Meeting]:
    """Return the meetings to come that a viewer may see, earliest first."""
    return seen_by(session, viewer, queries.meetings(session, since))


def rc_ids_of(session: Session, network_id: str) -> tuple[str, ...]:
    """Return the RC of a network today."""
    return tuple(member.rc_id for member in networks.members(session, [network_id])[network_id])


def first_quiet_day(session: Session, rc_ids: Iterable[str], day: date) -> date:
    """Return the first free working day in a week when none of these RC has any other meeting.

    Who meets every week within `SPREAD` has no such week: then the first day without another meeting.
    """
    wanted = frozenset(rc_ids)
    taken = _days_taken(session, wanted, day - timedelta(days=day.weekday()))
    weeks = {one.isocalendar()[:2] for one in taken}
    first = found = _first_free(taken, day)
    while found.isocalendar()[:2] in weeks:
        if found > first + SPREAD:
            return first
        found = first_working_day(found + timedelta(days=7 - found.weekday()))
    return found


def first_free_week(session: Session, rc_ids: Iterable[str], day: date) -> date:
    """Return the day on which a new network meets first: its RC and NCH's people have time that week.

    None of its RC has `WEEKLY` other meetings of networks that week, and there are no more of them in
    the whole country than NCH's people can come to, `WEEKLY_NCH` a week each and one a day.
    """
    wanted = frozenset(rc_ids)
    start = from_local(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - local
    found = [
        one
        for one in queries.meetings(session, start - timedelta(days=7))
        if one.state != MeetingState.CANCELLED and one.kind == MeetingKind.NETWORK
    ]
    concerned = audiences(session, found)
    days = [
        (to_local(one.starts_at).date(), concerned[one.id].occupied or frozenset()) for one in found
    ]
    posts = accounts.functions_of_kind(session, BodyKind.NCH)
    people = max(1, len({post.holder_id for post, _ in posts if post.holder_id}))
    taken = _days_taken(session, wanted, day)
    first = _first_free(taken, day)
    end, day = first + SPREAD, first
    while day <= end:
        week = day.isocalendar()[:2]
        at_once = [rcs for on, rcs in days if on == day]
        same_week = [rcs for on, rcs in days if on.isocalendar()[:2] == week]
        busy = max((sum(rc in rcs for rcs in same_week) for rc in wanted), default=0)
        if busy >= WEEKLY or len(same_week) >= WEEKLY_NCH * people:
            day += timedelta(days=7 - day.weekday())  # the next Monday
        elif len(at_once) >= people:
            day += timedelta(days=1)
        else:
            return day
        day = _first_free(taken, day)
    return first  # who meets every week has no week of its own


def first_working_day(day: date) -> date:
    """Return the first Tuesday, Wednesday or Thursday from `day` on that people work whole.

    Swedish public holidays, the eves that are free in practice, and the day before each are left out.
    """
    while day.weekday() not in {1, 2, 3} or _is_free(day) or _is_free(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _is_free(day: date) -> bool:
    return day in _free_days(day.year)


@lru_cache(maxsize=64)
def _free_days(year: int) -> frozenset[date]:
    """Return a year's public holidays and the eves that are free in practice."""
    return frozenset(holidays.country_holidays("SE", years=year, categories=("public", "de_facto")))


def _first_free(taken: Collection[date], day: date) -> date:
    day = first_working_day(day)
    while day in taken:
        day = first_working_day(day + timedelta(days=1))
    return day


def _days_taken(session: Session, rc_ids: frozenset[str], since: date) -> set[date]:
    start = from_local(datetime(since.year, since.month, since.day))  # noqa: DTZ001 - local
    found = [one for one in queries.meetings(session, start) if one.state != MeetingState.CANCELLED]
    concerned = audiences(session, found)
    taken: set[date] = set()
    for meeting in found:
        away = concerned[meeting.id].occupied
        if away is None or not away.isdisjoint(rc_ids):
            first, last = to_local(meeting.starts_at).date(), to_local(meeting.ends_at).date()
            taken |= {first + timedelta(days=step) for step in range((last - first).days + 1)}
    return taken


def _insist_on_current(meeting: Meeting, version: int, yours: dict[str, object]) -> None:
    lock(meeting)
    if meeting.version != version:
        raise StaleError(yours, _summary(meeting))
    if meeting.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")


def _save(
    session: Session,
    meeting: Meeting,
    action: str,
    before: dict[str, object],
    actor: str,
    at: datetime,
    more: Data | None = None,
) -> None:
    meeting.version += 1
    session.add(meeting)
    session.flush()
    after = _summary(meeting)
    record(session, actor, action, ("meeting", meeting.id), before, after)
    can_undo_by(session, UNDO, {"id": meeting.id, "before": before, "after": after} | (more or {}))
    to_calendars(session, meeting, at)


def undo_change(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Bring a meeting back to the texts, place, time and state that it had; calendars follow at once.

    Raises:
        ConflictError: when somebody has changed it since.
    """
    meeting = queries.meeting(session, data["id"])
    if meeting is None:
        raise MissingError
    lock(meeting)
    now, before = _summary(meeting), data["before"]
    changed({**data["after"], **data.get("said", {})}, {**now, **_texts(meeting)})
    began = meeting.starts_at
    for name, text in data.get("texts", {}).items():
        setattr(meeting, name, text)
    meeting.town, meeting.form = before["town"], MeetingForm(before["form"])
    meeting.starts_at, meeting.ends_at = map(
        datetime.fromisoformat, (before["starts_at"], before["ends_at"])
    )
    meeting.state = MeetingState(before["state"])
    if meeting.state != MeetingState.CANCELLED:
        meeting.cancelled_by = meeting.cancel_reason = ""
    meeting.answer_by = date.fromisoformat(before["answer_by"]) if before["answer_by"] else None
    if meeting.state != MeetingState.PUBLISHED:
        meeting.agreed_at = None
    meeting.version += 1
    session.add(meeting)
    session.flush()
    record(session, actor, "undone", ("meeting", meeting.id), now, _summary(meeting))
    to_calendars(session, meeting, at)
    if began != meeting.starts_at and not data.get("alone"):
        announce(session, MeetingMoved(meeting.id, began))


def _texts(meeting: Meeting) -> dict[str, str]:
    """Return the texts of a meeting: what is free is kept to undo with, and never logged."""
    return {name: getattr(meeting, name) for name in ("name_sv", "name_en", "focus_sv", "focus_en")}


def _summary(meeting: Meeting) -> dict[str, object]:
    return {
        "name": meeting.name_sv,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "town": meeting.town,
        "form": meeting.form.value,
        "state": meeting.state.value,
        "answer_by": meeting.answer_by.isoformat() if meeting.answer_by else "",
    }
