"""The forums by role: who is in one, and booking its meetings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, Function
from api.accounts.policy import Viewer, insist, may_plan
from api.calendar.days import holiday_said
from api.kit.clock import clock_in, day_in, from_local
from api.kit.errors import FieldFault, FormError, MissingError
from api.kit.i18n import later
from api.meetings import queries
from api.meetings.audience import FORUM_OF
from api.meetings.calendars import NEUTRAL
from api.meetings.groups import posts_of
from api.meetings.models import Meeting, MeetingForm, MeetingGroup, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, agree, can_be_unmade, create
from api.meetings.video import FIELD as VIDEO
from api.meetings.video import video_url_from


@dataclass(frozen=True, slots=True)
class Forum:
    """A forum: its path, its kind of meeting, its name and what it is for (Swedish source texts).

    A saved group is one too: its path is its id, and its name and purpose are whoever's made it.
    """

    key: str
    kind: MeetingKind
    name: str
    purpose: str
    group: MeetingGroup | None = None


FORUMS = (
    Forum(
        "samverkansforum",
        MeetingKind.SAMVERKANSFORUM,
        later("Samverkansforum"),
        later("För länsstyrelsernas projektledare: samma funktion i olika län."),
    ),
    Forum(
        "chefsgruppen",
        MeetingKind.MANAGERS,
        later("Chefsgruppen"),
        later("För resurscentrumens chefer: styrning, pengar och personal."),
    ),
)


def forum_for(
    session: Session, viewer: Viewer | None, key: str
) -> tuple[Forum, list[tuple[Function, Body]]]:
    """Return a forum or a saved group and its functions, when the viewer is in it or plans.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    found = next((forum for forum in FORUMS if forum.key == key), None)
    if found is None:
        group = queries.group(session, key)
        if group is None or not group.is_saved:
            raise MissingError
        found = _of_group(group)
    functions = _functions(session, found)
    insist(may_see_forum(viewer, functions))
    return found, functions


def _of_group(group: MeetingGroup) -> Forum:
    return Forum(group.id, MeetingKind.OTHER, group.name, group.purpose, group)


def _functions(session: Session, forum: Forum) -> list[tuple[Function, Body]]:
    if forum.group is not None:
        return posts_of(session, forum.group.id)
    return accounts.functions_of_kinds(session, [FORUM_OF[forum.kind]])


def may_see_forum(viewer: Viewer | None, functions: list[tuple[Function, Body]]) -> bool:
    """Planners, and those who hold one of its functions, see a forum with its names and numbers."""
    if viewer is None:
        return False
    return may_plan(viewer) or any(one.id in viewer.function_ids for one, _ in functions)


def forums_for(session: Session, viewer: Viewer | None) -> list[tuple[Forum, int]]:
    """Return the forums and saved groups that a viewer may see, with how many functions each has."""
    kinds = accounts.functions_of_kinds(session, list(FORUM_OF.values()))
    found = []
    for forum in FORUMS:
        own = [pair for pair in kinds if pair[0].kind == FORUM_OF[forum.kind]]
        if may_see_forum(viewer, own):
            found.append((forum, len(own)))
    saved = queries.saved_groups(session)
    posts = queries.group_posts(session, [one.id for one in saved])
    plans = viewer is not None and may_plan(viewer)
    own_posts = viewer.function_ids if viewer is not None else frozenset()
    found += [
        (_of_group(group), len(posts[group.id]))
        for group in saved
        if plans or not own_posts.isdisjoint(posts[group.id])
    ]
    return found


def meetings_of(session: Session, forum: Forum, since: datetime) -> list[Meeting]:
    """Return a forum's meetings that end after a moment, earliest first."""
    if forum.group is not None:
        return queries.meetings_of_group(session, forum.group.id, since)
    return queries.meetings_of_kind(session, forum.kind, since)


def book(
    session: Session,
    forum: Forum,
    fields: Mapping[str, str],
    actor: str,
    at: datetime,
    *,
    is_proposed: bool = False,
) -> Meeting:
    """Book a forum's meeting: its functions are invited, and it goes to their calendars and nobody else's.

    One that is proposed stands in calendars as that, until a planner decides on it.

    Raises:
        FormError: with a fault for each field that cannot be used.
    """
    faults: list[FieldFault] = []
    start, end = _times(fields, at, faults)
    focus = fields.get("focus_sv", "").strip()
    if not focus:
        faults.append(
            FieldFault(
                "focus_sv", "Skriv vad träffen handlar om. Utan det går den inte att publicera."
            )
        )
    form = fields.get("form", "")
    if form not in list(MeetingForm):
        faults.append(FieldFault("form", "Välj minst ett sätt att ses."))
    town = fields.get("town", "").strip()
    if form in {MeetingForm.IN_PERSON, MeetingForm.HYBRID} and not town:
        faults.append(
            FieldFault("town", "Skriv vilken ort ni ska ses på, eller välj att ses digitalt.")
        )
    room = ""
    try:
        room = video_url_from(fields.get(VIDEO, ""))
    except FieldFault as fault:
        faults.append(fault)
    if faults:
        raise FormError(*faults)
    swedish, english = (forum.name, forum.name) if forum.group else NEUTRAL[forum.kind]
    draft = MeetingDraft(
        kind=forum.kind,
        group_id=forum.group.id if forum.group else None,
        name_sv=swedish,
        name_en=english,
        focus_sv=focus,
        focus_en=fields.get("focus_en", "").strip() or focus,
        form=MeetingForm(form),
        town="" if form == MeetingForm.DIGITAL else town,
        video_url=room,
        starts_at=start,
        ends_at=end,
        state=MeetingState.PROPOSED if is_proposed else MeetingState.PUBLISHED,
    )
    made = create(session, draft, actor, at)
    can_be_unmade(session, made)
    if not is_proposed:
        agree(session, made, at)
    return made


def _times(
    fields: Mapping[str, str], at: datetime, faults: list[FieldFault]
) -> tuple[datetime, datetime]:
    day, clocks = at.date(), [time(0), time(1)]
    try:
        day = day_in(fields)
    except FieldFault as fault:
        faults.append(fault)
    for number, name in enumerate(("starts", "ends")):
        try:
            clocks[number] = clock_in(fields, name)
        except FieldFault as fault:
            faults.append(fault)
    start, end = (from_local(datetime.combine(day, clock)) for clock in clocks)
    if faults:
        return start, end
    if start <= at:
        faults.append(FieldFault("day", "Tiden har redan varit."))
    if (holiday := holiday_said(day)) is not None:
        faults.append(FieldFault("day", "Den dagen är helgdag: %(name)s.", name=holiday))
    if end <= start:
        faults.append(FieldFault("ends", "Träffen måste sluta efter att den har börjat."))
    return start, end
