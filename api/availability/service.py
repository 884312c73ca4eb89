"""Asking a network for a time, answering without an account, and booking, which goes to all calendars."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_act_in_network, may_plan
from api.accounts.service import hash_of
from api.audit.service import record
from api.availability import queries
from api.availability.agenda import agenda
from api.availability.asking import Member, Party, new_answer, party_of, whom
from api.availability.models import (
    AnswerValue,
    Poll,
    PollAnswer,
    PollAsked,
    PollMark,
    PollOption,
    PollState,
)
from api.calendar.days import holiday_said
from api.kit.clock import to_local
from api.kit.db import lock
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries as meeting_queries
from api.meetings import service as meetings
from api.meetings.groups import GroupDraft, make_group, may_see_group
from api.meetings.models import Meeting, MeetingForm, MeetingGroup, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft
from api.meetings.video import set_video, video_url_from
from api.networks.models import Network
from api.networks.service import network_for
from api.outbox.acts import Data, can_undo_by, changed

MOST_OPTIONS, MOST_TO_PICK = 12, 60
MOST_ANSWERS = 60
LONGEST_NAME = 80
LONGEST_THEME = 120
USUAL_DAYS = timedelta(days=7)  # to answer
UNDO_TIME = "poll time added"
UNDO_BOOKING = "poll booked"


@dataclass(frozen=True, slots=True)
class Time:
    """A time to ask about; aware moments, `ends_at` is exclusive."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PollDraft:
    """What a poll needs; `meeting_id` is a meeting that gets a new time, or None for a new meeting."""

    theme: str
    form: MeetingForm
    times: tuple[Time, ...]
    town: str = ""
    video_url: str = ""
    meeting_id: str | None = None
    focus: str = ""  # of a group's meeting
    each_picks: bool = False
    answer_by: date | None = None  # None: a week, or the day before the first time


def network_to_act_in(
    session: Session, viewer: Viewer, network_id: str
) -> tuple[Network, tuple[str, ...]]:
    """Return a network whose meetings the viewer may propose, book, move and call off.

    Raises:
        MissingError: when there is none, or the viewer is neither a member nor a planner.
    """
    network, rc_ids = network_for(session, viewer, network_id)
    insist(may_act_in_network(viewer, rc_ids))
    return network, rc_ids


def poll_for(session: Session, viewer: Viewer, poll_id: str) -> Poll:
    """Return a poll of a network that the viewer may act in, or of a group that the viewer is in.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    poll = queries.poll(session, poll_id)
    if poll is None:
        raise MissingError
    if poll.group_id is not None:
        insist(may_see_group(session, viewer, poll.group_id))
    else:
        network_to_act_in(session, viewer, poll.network_id or "")
    return poll


def may_run(viewer: Viewer, poll: Poll) -> bool:
    """Whether somebody who sees a poll also reminds, books and ends it: a group's is NCH's."""
    return poll.group_id is None or may_plan(viewer)


def poll_to_run(session: Session, viewer: Viewer, poll_id: str) -> Poll:
    """Return a poll that the viewer may remind of, book from and end; see `may_run`.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    poll = poll_for(session, viewer, poll_id)
    insist(may_run(viewer, poll))
    return poll


def propose(
    session: Session, network: Network | MeetingGroup, draft: PollDraft, actor: str, at: datetime
) -> Poll:
    """Ask a network or a group which of some times suits.

    Raises:
        FieldFault: when the theme or the town is missing, or a time cannot be asked about.
    """
    _insist_on_texts(draft)
    _insist_on_times(draft.times, at, MOST_TO_PICK if draft.each_picks else MOST_OPTIONS)
    answer_by = last_day(draft, at)
    is_group = isinstance(network, MeetingGroup)
    if not isinstance(network, MeetingGroup):
        meeting_to_move(session, network, draft.meeting_id)
    poll = Poll(
        network_id=None if is_group else network.id,
        group_id=network.id if is_group else None,
        focus=draft.focus.strip(),
        each_picks=draft.each_picks,
        meeting_id=draft.meeting_id,
        address=secrets.token_urlsafe(24),
        theme=draft.theme.strip(),
        form=draft.form,
        town=draft.town.strip(),
        video_url=video_url_from(draft.video_url),
        answer_by=answer_by,
        made_at=at,
        is_example=network.is_example,
    )
    session.add(poll)
    session.flush()
    for time in draft.times:
        session.add(_option_at(poll, time))
    session.flush()
    whose = "group" if is_group else "network"
    after: dict[str, object] = {whose: network.id, "times": len(draft.times)}
    record(session, actor, "asked for a time", ("poll", poll.id), after=after)
    return poll


def last_day(draft: PollDraft, at: datetime) -> date:
    """Return until when a poll is answered; a week where nothing is said.

    Raises:
        FieldFault: when the day is past, or not before the first time.
    """
    today = to_local(at).date()
    first = to_local(min(one.starts_at for one in draft.times)).date()
    if draft.answer_by is None:
        return max(today, min(today + USUAL_DAYS, first - timedelta(days=1)))
    if draft.answer_by < today:
        raise FieldFault("answer_by", "Dagen har redan varit.")
    if draft.answer_by > first:
        raise FieldFault("answer_by", "Välj en dag före den första tiden.")
    return draft.answer_by


def add_time(session: Session, poll: Poll, time: Time, version: int, actor: str) -> PollOption:
    """Add a time, or bring a withdrawn one back with its answers; other answers stay.

    Raises:
        FieldFault: when the time cannot be asked about.
        ConflictError: when the poll is over, or holds as many times as it can.
    """
    _insist_on_open(poll, version)
    found = queries.options(session, poll.id)
    same = [o for o in found if (o.starts_at, o.ends_at) == (time.starts_at, time.ends_at)]
    if same and not same[0].is_withdrawn:
        raise FieldFault("day", "Den tiden finns redan med.")
    if len([option for option in found if not option.is_withdrawn]) >= MOST_OPTIONS:
        raise ConflictError(
            "Det finns redan så många tider som går att svara på. Ta bort en först."
        )
    option = same[0] if same else _option_at(poll, time)
    option.is_withdrawn = False
    session.add(option)
    _save(session, poll, "added a time", actor)
    can_undo_by(session, UNDO_TIME, {"option": option.id, "poll": poll.id})
    return option


def undo_time(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """Take a time away again that nobody has been told of."""
    poll = queries.poll(session, data["poll"])
    if poll is None:
        return
    lock(poll)
    changed({"state": PollState.OPEN}, {"state": poll.state})
    option = _option(session, poll, data["option"])
    option.is_withdrawn = True
    session.add(option)
    _save(session, poll, "withdrew a time", actor)


def withdraw_time(session: Session, poll: Poll, option_id: str, version: int, actor: str) -> None:
    """Take a time away without losing what was answered about it."""
    _insist_on_open(poll, version)
    option = _option(session, poll, option_id)
    option.is_withdrawn = True
    session.add(option)
    _save(session, poll, "withdrew a time", actor)


def answer(
    session: Session,
    poll: Poll,
    name: str,
    values: Mapping[str, AnswerValue],
    at: datetime,
    own: PollAnswer | None = None,
) -> str | None:
    """Keep an answer, new or in place of one's own; return the new one's secret, None for the old.

    Marks of times that `values` leaves out stay as they were.

    Raises:
        FieldFault: when the name is missing or too long.
        ConflictError: when the poll is over or has too many answers.
    """
    lock(poll)
    if poll.state is PollState.CLOSED:
        raise ConflictError("Frågan om tider är avslutad, så svaret kunde inte sparas.")
    if poll.state is not PollState.OPEN:
        raise ConflictError("Tiden är redan bestämd, så svaret kunde inte sparas.")
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise FieldFault(
            "name", "Skriv din funktion eller ditt namn, så att de andra vet vem det är."
        )
    secret = None
    if own is None:
        if len(queries.answers(session, poll.id)) >= MOST_ANSWERS:
            raise ConflictError("Frågan kan inte ta emot fler svar.")
        secret = secrets.token_urlsafe(32)
        own = PollAnswer(poll_id=poll.id, name="", key_hash=hash_of(secret), answered_at=at)
    own.name, own.answered_at = name.strip(), at
    _mark(session, poll, own, values)
    return secret


def answer_as(
    session: Session, poll: Poll, member: Member, values: Mapping[str, AnswerValue], at: datetime
) -> None:
    """Keep the answer of somebody whom the poll asks, in the one row that is theirs.

    Raises:
        ConflictError: when the poll is over.
    """
    lock(poll)
    if poll.state is PollState.CLOSED:
        raise ConflictError("Frågan om tider är avslutad, så svaret kunde inte sparas.")
    if poll.state is not PollState.OPEN:
        raise ConflictError("Tiden är redan bestämd, så svaret kunde inte sparas.")
    own = queries.answer_of(session, poll.id, member.function_id)
    if own is None:
        own = new_answer(poll, member, at)
    own.name, own.answered_at = member.shown, at
    _mark(session, poll, own, values)


def _mark(session: Session, poll: Poll, own: PollAnswer, values: Mapping[str, AnswerValue]) -> None:
    session.add(own)
    session.flush()
    known = {option.id for option in queries.options(session, poll.id) if not option.is_withdrawn}
    earlier = {mark.option_id: mark for mark in queries.marks_of(session, own.id)}
    for option_id in known & set(values):
        mark = earlier.get(option_id) or PollMark(
            answer_id=own.id, option_id=option_id, value=values[option_id]
        )
        mark.value = values[option_id]
        session.add(mark)
    session.flush()


@dataclass(frozen=True, slots=True)
class Opened:
    """What lies behind a link: the poll, one's own answer to it, who meets and the meeting made."""

    token: str
    poll: Poll
    own: PollAnswer | None
    party: Party
    meeting: Meeting | None
    member: Member | None = None  # whose own mailed link it is


def opened(session: Session, token: str) -> Opened:
    """Return the poll behind a link, with the answer where it is somebody's own link.

    Raises:
        MissingError: when the link leads nowhere.
    """
    own = None
    poll = queries.poll_at(session, token)
    asked = queries.asked_with(session, hash_of(token)) if poll is None else None
    if asked is not None:
        return opened_by(session, asked, token)
    if poll is None:
        own = queries.answer_with(session, hash_of(token))
        poll = queries.poll(session, own.poll_id) if own is not None else None
    if poll is None:
        raise MissingError
    return Opened(token, poll, own, party_of(session, poll), meeting_of(session, poll))


def opened_by(session: Session, asked: PollAsked, token: str) -> Opened:
    """Return the poll that somebody is asked by, with their answer.

    Raises:
        MissingError: when the poll is no more, or asks them no longer.
    """
    poll = queries.poll(session, asked.poll_id)
    if poll is None:
        raise MissingError
    found = whom(session, poll)
    member = next((one for one in found if one.function_id == asked.function_id), None)
    if member is None:
        raise MissingError
    return opened_as(session, poll, member, token)


def opened_as(session: Session, poll: Poll, member: Member, token: str) -> Opened:
    """Return a poll as one of those whom it asks sees it."""
    own = queries.answer_of(session, poll.id, member.function_id)
    return Opened(token, poll, own, party_of(session, poll), meeting_of(session, poll), member)


def times_of(session: Session, poll: Poll) -> dict[str, Time]:
    """Return the times that a poll asks about, by their ids."""
    found = queries.options(session, poll.id)
    return {o.id: Time(o.starts_at, o.ends_at) for o in found if not o.is_withdrawn}


def meeting_of(session: Session, poll: Poll) -> Meeting | None:
    """Return the meeting that a poll made or is to move, if any."""
    return meeting_queries.meeting(session, poll.meeting_id) if poll.meeting_id else None


def meeting_to_move(session: Session, network: Network, meeting_id: str | None) -> Meeting | None:
    """Return the network's meeting that is to get a new time; None where none is named.

    Raises:
        MissingError: when the named meeting is not the network's.
        ConflictError: when it has been called off.
    """
    if not meeting_id:
        return None
    meeting = meeting_queries.meeting(session, meeting_id)
    if meeting is None or meeting.network_id != network.id:
        raise MissingError
    if meeting.state is MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")
    return meeting


def book(
    session: Session, poll: Poll, option_id: str, version: int, actor: str, at: datetime
) -> Meeting:
    """Make the meeting at the chosen time, or move the one that was asked about; all feeds follow.

    Raises:
        StaleError: when somebody changed the poll since `version`.
        ConflictError: when the poll is over, or the time has passed.
    """
    _insist_on_open(poll, version)
    option = _option(session, poll, option_id)
    if option.starts_at <= at:
        raise ConflictError("Den tiden har redan varit. Lägg till en ny tid.")
    meeting = meeting_of(session, poll)
    before: Data = {"poll": poll.id, "meeting": poll.meeting_id or "", "version": version}
    can_undo_by(session, UNDO_BOOKING, before)
    if meeting is None:
        meeting = meetings.create(session, _draft(session, poll, option), actor, at)
    else:
        meetings.move(
            session, meeting, option.starts_at, option.ends_at, meeting.version, actor, at
        )
        if poll.video_url and poll.video_url != meeting.video_url:
            set_video(session, meeting, poll.video_url, meeting.version, actor, at)
        if meeting.state is MeetingState.PROPOSED:
            meetings.confirm(session, meeting, meeting.version, actor, at)
    meetings.agree(session, meeting, at)
    poll.meeting_id = meeting.id
    poll.state = PollState.BOOKED
    _save(session, poll, "booked", actor)
    return meeting


def undo_booking(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Open a poll again: a meeting that it made is no more, one that it moved has been moved back.

    Raises:
        ConflictError: when somebody has changed the poll or the meeting since.
    """
    poll = queries.poll(session, data["poll"])
    if poll is None:
        return
    lock(poll)
    changed({"version": data["version"] + 1}, {"version": poll.version})
    made = meeting_of(session, poll) if not data["meeting"] else None
    poll.meeting_id, poll.state = data["meeting"] or None, PollState.OPEN
    _save(session, poll, "opened again", actor)
    if made is not None:
        meetings.unmake(session, made, actor, at)


def pick(
    session: Session, poll: Poll, member: Member, option_id: str, actor: str, at: datetime
) -> Meeting:
    """Take a time for oneself: it becomes a meeting with whoever offers it, or moves the one taken before.

    Raises:
        ConflictError: when somebody else has it, it has passed, or the poll is over.
    """
    lock(poll)
    if poll.state is not PollState.OPEN or not poll.each_picks:
        raise ConflictError("Frågan är avslutad.")
    options = queries.options_to_take(session, poll.id)
    wanted = next((one for one in options if one.id == option_id and not one.is_withdrawn), None)
    if wanted is None:
        raise FieldFault("tid", "Välj en tid.")
    before = next((one for one in options if one.taken_by == member.function_id), None)
    if wanted is not before and _meeting_taken(session, wanted) is not None:
        raise FieldFault("tid", "Någon annan hann ta den tiden. Välj en annan.")
    if wanted.starts_at <= at:
        raise FieldFault("tid", "Den tiden har redan varit. Välj en annan.")
    meeting = _meeting_taken(session, before)
    if meeting is not None and before is wanted:
        return meeting
    if meeting is None:
        meeting = _make_taken(session, poll, member, wanted, actor, at)
    else:
        meetings.move(
            session, meeting, wanted.starts_at, wanted.ends_at, meeting.version, actor, at
        )
    if before is not None:
        before.taken_by = before.meeting_id = None
        session.add(before)
        session.flush()
    wanted.taken_by, wanted.meeting_id = member.function_id, meeting.id
    session.add(wanted)
    left = {} if before is None else {before.id: AnswerValue.NO}
    answer_as(session, poll, member, left | {wanted.id: AnswerValue.YES}, at)
    return meeting


def _meeting_taken(session: Session, option: PollOption | None) -> Meeting | None:
    if option is None or option.meeting_id is None:
        return None
    meeting = meeting_queries.meeting(session, option.meeting_id)
    return None if meeting is None or meeting.state is MeetingState.CANCELLED else meeting


def free_to_pick(session: Session, options: Collection[PollOption], at: datetime) -> set[str]:
    """Return the times ahead that nobody has taken; one whose meeting was called off is free again."""
    known = meeting_queries.meetings_by_id(session, [one.meeting_id or "" for one in options])
    standing = {one.id for one in known if one.state is not MeetingState.CANCELLED}
    return {
        one.id
        for one in options
        if not one.is_withdrawn and one.meeting_id not in standing and one.starts_at > at
    }


def _make_taken(
    session: Session, poll: Poll, member: Member, option: PollOption, actor: str, at: datetime
) -> Meeting:
    both = [member.function_id, *([poll.asked_by] if poll.asked_by else [])]
    group = make_group(session, GroupDraft(both, is_example=poll.is_example), actor, at)
    draft = replace(
        _draft(session, poll, option),
        group_id=group.id,
        name_sv=f"{poll.theme}: {member.rc}",
        name_en=f"{poll.theme}: {member.rc}",
    )
    meeting = meetings.create(session, draft, actor, at)
    meetings.agree(session, meeting, at)
    return meeting


def close(session: Session, poll: Poll, version: int, actor: str) -> None:
    """End a poll without booking anything."""
    _insist_on_open(poll, version)
    poll.state = PollState.CLOSED
    _save(session, poll, "closed", actor)


def _draft(session: Session, poll: Poll, option: PollOption) -> MeetingDraft:
    party = party_of(session, poll)
    swedish, english = (f"{one}: {poll.theme}" for one in (party.name_sv, party.name_en))
    return MeetingDraft(
        kind=MeetingKind.NETWORK if party.is_circle else MeetingKind.OTHER,
        network_id=poll.network_id,
        group_id=poll.group_id,
        name_sv=swedish if party.is_circle else poll.theme,
        name_en=english if party.is_circle else poll.theme,
        focus_sv=poll.focus or agenda("sv", poll.theme),
        focus_en=poll.focus or agenda("en", poll.theme),
        form=poll.form,
        town="" if poll.form is MeetingForm.DIGITAL else poll.town,
        video_url=poll.video_url,
        starts_at=option.starts_at,
        ends_at=option.ends_at,
        is_example=poll.is_example,
    )


def _insist_on_texts(draft: PollDraft) -> None:
    if not 0 < len(draft.theme.strip()) <= LONGEST_THEME:
        raise FieldFault("theme", "Skriv kort vad träffen handlar om.")
    if draft.form is not MeetingForm.DIGITAL and not draft.town.strip():
        raise FieldFault("town", "Skriv vilken ort ni ska ses på, eller välj att ses digitalt.")


def _insist_on_times(times: tuple[Time, ...], at: datetime, most: int) -> None:
    if not len(times) > 0:
        raise FieldFault("day1", "Föreslå minst en tid.")
    if len(times) > most:
        raise FieldFault("day1", "Det blir fler än %(most)s tider.", most=most)
    if len(set(times)) < len(times):
        raise FieldFault("day1", "Du har skrivit samma tid två gånger.")
    for number, time in enumerate(times, start=1):
        insist_on_time(time, at, f"day{number}")


def insist_on_time(time: Time, at: datetime, field: str) -> None:
    """Refuse a time that is past, or on a public holiday.

    Raises:
        FieldFault: naming the field and the holiday.
    """
    if time.starts_at <= at:
        raise FieldFault(field, "Tiden har redan varit.")
    name = holiday_said(to_local(time.starts_at).date())
    if name is not None:
        raise FieldFault(field, "Den dagen är helgdag: %(name)s.", name=name)


def _option(session: Session, poll: Poll, option_id: str) -> PollOption:
    found = {o.id: o for o in queries.options(session, poll.id) if not o.is_withdrawn}
    if option_id not in found:
        raise MissingError
    return found[option_id]


def _insist_on_open(poll: Poll, version: int) -> None:
    lock(poll)
    if poll.version != version:
        raise StaleError({"version": version}, {"version": poll.version, "state": poll.state.value})
    if poll.state is not PollState.OPEN:
        raise ConflictError("Frågan är avslutad.")


def _save(session: Session, poll: Poll, action: str, actor: str) -> None:
    poll.version += 1
    session.add(poll)
    session.flush()
    after: dict[str, object] = {"state": poll.state.value, "version": poll.version}
    record(session, actor, action, ("poll", poll.id), after=after)


def _option_at(poll: Poll, time: Time) -> PollOption:
    return PollOption(poll_id=poll.id, starts_at=time.starts_at, ends_at=time.ends_at)
