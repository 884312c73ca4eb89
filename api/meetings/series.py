"""Recurring meetings of a network or a group: made, prolonged, changed from a day on, and ended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import (
    Viewer,
    insist,
    may_act_in_network,
    may_plan,
    may_see_network,
)
from api.audit.service import record
from api.calendar.recurrence import (
    MOST,
    Every,
    end_of_day,
    rule_of,
    same_length,
    starts_of,
    until,
)
from api.calendar.service import Subject, protect_event
from api.kit.clock import to_local
from api.kit.db import announce, lock
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries
from api.meetings.calendars import MeetingChanged, meeting_of, series_to_calendars, to_calendars
from api.meetings.ending import end_from
from api.meetings.groups import may_see_group
from api.meetings.models import Meeting, MeetingForm, MeetingSeries, MeetingState
from api.meetings.service import rc_ids_of
from api.meetings.undoing import can_undo_series, said_of

FARTHEST = timedelta(days=731)  # as far as calendars are shown


@dataclass(frozen=True, slots=True)
class SeriesDraft:
    """What a series needs to be made; times are the first meeting's, aware, `ends_at` exclusive."""

    network_id: str | None
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm
    town: str
    starts_at: datetime
    ends_at: datetime
    every: Every
    last_day: date
    video_url: str = ""
    group_id: str | None = None  # whose they are where they are no network's
    left_out: frozenset[date] = frozenset()  # local days of the rule on which there is no meeting
    is_protected: bool = False
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class SeriesContinued:
    """News: from a day on, another series takes the place of one."""

    old_id: str
    new_id: str


@dataclass(frozen=True, slots=True)
class SeriesAgreed:
    """News: those who meet have put up a series; everybody whom it concerns is invited."""

    series_id: str


def agree(session: Session, series: MeetingSeries) -> None:
    """Say that a series' times are decided: all whom it concerns are invited, who is already is not again."""
    announce(session, SeriesAgreed(series.id))


def moments_of(draft: SeriesDraft, at: datetime) -> list[datetime]:
    """Return every moment that a draft's rule gives, in UTC.

    Raises:
        FieldFault: when the first is past, the last before the first, or there are too many.
    """
    if draft.starts_at <= at:
        raise FieldFault("day", "Tiden har redan varit.")
    if draft.ends_at <= draft.starts_at:
        raise FieldFault("ends", "Träffen måste sluta efter att den har börjat.")
    insist_on_last_day(draft.last_day, to_local(draft.starts_at).date(), at)
    return starts_of(_rule(draft), draft.starts_at)


def insist_on_last_day(last_day: date, first_day: date, at: datetime) -> None:
    """Refuse a last day before the first, or farther ahead than calendars show.

    Raises:
        FieldFault: naming the field.
    """
    if last_day < first_day:
        raise FieldFault("last_day", "Sista dagen ligger före den första.")
    if last_day > to_local(at + FARTHEST).date():
        raise FieldFault("last_day", "Välj en sista dag inom två år. Serien kan förlängas sedan.")


def create_series(session: Session, draft: SeriesDraft, actor: str, at: datetime) -> MeetingSeries:
    """Make a series with its meetings and put it into the calendars of those it concerns.

    Raises:
        FieldFault: when the focus is empty, the times cannot be, or no meeting is left.
    """
    if not draft.focus_sv.strip():
        raise FieldFault("focus", "Skriv vad träffarna handlar om.")
    moments = [one for one in moments_of(draft, at) if to_local(one).date() not in draft.left_out]
    if not moments:
        raise FieldFault("last_day", "Du har avmarkerat alla dagar. Välj minst en.")
    series = MeetingSeries(
        network_id=draft.network_id,
        group_id=draft.group_id,
        name_sv=draft.name_sv,
        name_en=draft.name_en,
        focus_sv=draft.focus_sv,
        focus_en=draft.focus_en,
        form=draft.form,
        town=draft.town,
        video_url=draft.video_url,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        rule=_rule(draft),
        state=MeetingState.PUBLISHED,
        is_protected=draft.is_protected,
        is_example=draft.is_example,
    )
    session.add(series)
    session.flush()
    after: dict[str, object] = {"rule": series.rule, "meetings": len(moments)}
    record(session, actor, "created", ("series", series.id), after=after)
    series_to_calendars(session, series, at)
    can_undo_series(session, series, None, added=_add(session, series, moments, at))
    return series


def prolong(
    session: Session, series: MeetingSeries, last_day: date, version: int, actor: str, at: datetime
) -> int:
    """Let a series go on until a later day, and return how many meetings were added.

    Raises:
        FieldFault: when the day is not later, or too far ahead.
        StaleError: when somebody changed the series since `version`.
        ConflictError: when it was called off.
    """
    _insist_on_current(series, version)
    known = starts_of(series.rule, series.starts_at)
    insist_on_last_day(last_day, to_local(series.starts_at).date(), at)
    longer = until(series.rule, end_of_day(last_day))
    try:
        added = [one for one in starts_of(longer, series.starts_at) if one > max(known)]
    except ValueError as error:
        raise FieldFault(
            "last_day", "Det blir fler än %(most)s träffar. Börja en ny serie.", most=MOST
        ) from error
    if not added:
        raise FieldFault("last_day", "Serien pågår redan så länge. Välj en senare dag.")
    before = said_of(series)
    series.rule = until(series.rule, max(added))
    series.version += 1
    session.add(series)
    session.flush()
    after: dict[str, object] = {"rule": series.rule, "meetings": len(added)}
    record(session, actor, "prolonged", ("series", series.id), after=after)
    series_to_calendars(session, series, at)
    made = _add(session, series, added, at)
    can_undo_series(session, series, before, added=made)
    return len(added)


def end(
    session: Session,
    series: MeetingSeries,
    day: date,
    version: int,
    actor: str,
    at: datetime,
    reason: str = "",
) -> int:
    """Call off what a series has from a day on; see `end_from`.

    Raises:
        FieldFault: when the reason is too long.
        StaleError: when somebody changed the series since `version`.
        ConflictError: when it was called off.
    """
    _insist_on_current(series, version)
    return end_from(session, series, day, actor, at, reason)


def change_from(
    session: Session,
    series: MeetingSeries,
    draft: SeriesDraft,
    version: int,
    actor: str,
    at: datetime,
) -> MeetingSeries:
    """Let another series take a series' place from the draft's first day on.

    What has been stays where it is in every calendar, which a changed rule could not promise.

    Raises:
        FieldFault: as `create_series`.
        StaleError: when somebody changed the series since `version`.
        ConflictError: when it was called off.
    """
    _insist_on_current(series, version)
    draft = replace(draft, is_protected=series.is_protected, is_example=series.is_example)
    made = create_series(session, draft, actor, at)
    end_from(session, series, to_local(draft.starts_at).date(), actor, at)
    announce(session, SeriesContinued(series.id, made.id))
    return made


def protect(
    session: Session,
    series: MeetingSeries,
    version: int,
    actor: str,
    at: datetime,
    *,
    is_protected: bool,
) -> None:
    """Show a series and each of its meetings, also past and called off ones, only as busy, or as they are.

    Raises:
        StaleError: when somebody changed the series since `version`.
        ConflictError: when it was called off.
    """
    _insist_on_current(series, version)
    before: dict[str, object] = {"protected": series.is_protected}
    series.is_protected = is_protected
    series.version += 1
    session.add(series)
    session.flush()
    action = "protected" if is_protected else "unprotected"
    record(session, actor, action, ("series", series.id), before, {"protected": is_protected})
    series_to_calendars(session, series, at)
    for meeting in queries.meetings_of_series(session, series.id):
        meeting.is_protected = is_protected
        meeting.version += 1
        session.add(meeting)
        protect_event(session, Subject("meeting", meeting.id), at, is_protected=is_protected)
        announce(session, MeetingChanged(meeting.id))


def series_for(session: Session, viewer: Viewer | None, series_id: str) -> MeetingSeries:
    """Return a series that the viewer may see; see `may_see_series`.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    series = queries.series(session, series_id)
    if series is None:
        raise MissingError
    insist(may_see_series(session, viewer, series))
    return series


def may_see_series(session: Session, viewer: Viewer | None, series: MeetingSeries) -> bool:
    """Its network's members, or whoever holds a post of its group, and planners see a series."""
    if series.group_id is not None:
        return may_see_group(session, viewer, series.group_id)
    return may_see_network(viewer, rc_ids_of(session, series.network_id or ""))


def series_to_change(session: Session, viewer: Viewer, series_id: str) -> MeetingSeries:
    """Return a series that the viewer may change.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    series = series_for(session, viewer, series_id)
    insist(may_change_series(session, viewer, series))
    return series


def may_change_series(session: Session, viewer: Viewer, series: MeetingSeries) -> bool:
    """Planners and the network's own members change a series; a group's is NCH's."""
    if series.group_id is not None:
        return may_plan(viewer)
    return may_act_in_network(viewer, rc_ids_of(session, series.network_id or ""))


def last_moment(series: MeetingSeries) -> datetime:
    """Return when a series' last meeting begins by its rule."""
    return max(starts_of(series.rule, series.starts_at))


def next_of_each(found: Iterable[Meeting]) -> list[Meeting]:
    """Return the meetings, earliest first as given, with only the first of each series."""
    seen: set[str] = set()
    kept = []
    for meeting in found:
        if meeting.series_id is not None:
            if meeting.series_id in seen:
                continue
            if meeting.state != MeetingState.CANCELLED:
                seen.add(meeting.series_id)
        kept.append(meeting)
    return kept


def _add(
    session: Session, series: MeetingSeries, moments: Iterable[datetime], at: datetime
) -> list[Meeting]:
    made = []
    for moment in moments:
        ends_at = same_length(moment, series.starts_at, series.ends_at)
        meeting = meeting_of(series, moment, ends_at)
        session.add(meeting)
        session.flush()
        to_calendars(session, meeting, at)
        made.append(meeting)
    return made


def _rule(draft: SeriesDraft) -> str:
    return rule_of(draft.every, draft.starts_at, end_of_day(draft.last_day))


def _insist_on_current(series: MeetingSeries, version: int) -> None:
    lock(series)
    if series.version != version:
        raise StaleError({"rule": series.rule}, {"rule": series.rule})
    if series.state == MeetingState.CANCELLED:
        raise ConflictError("Serien är redan inställd.")
