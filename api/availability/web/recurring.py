"""Recurring meetings: the form, the dates it gives with what speaks against each, and a series' page."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.availability.asking import invited
from api.availability.clashes import elsewhere
from api.availability.service import Time
from api.availability.web.forms import Fields
from api.availability.web.retiming import BUSY, SCHOOL_BREAK, SQUEEZE_DAY
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day, school_break_on
from api.calendar.recurrence import Every, every_of, same_length
from api.calendar.school_weeks import closed_near, usual_breaks
from api.calendar.wording import pattern, repeats
from api.kit.clock import clock_in, day_in, from_local, to_local
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings import queries as meetings
from api.meetings.groups import posts_of
from api.meetings.models import (
    Meeting,
    MeetingForm,
    MeetingGroup,
    MeetingSeries,
    MeetingState,
)
from api.meetings.series import SeriesDraft, last_moment, may_change_series, moments_of
from api.meetings.service import rc_ids_of
from api.meetings.video import video_url_from
from api.networks.models import Network
from api.registry import queries as registry

KEPT = "d-"
"""The field of a date that stays: d-2027-01-12."""

EARLIEST, LATEST = time(6), time(22)  # and no clock is changed at these hours
SUMMER_WEEKS = range(27, 32)
NAME_LETTERS, FOCUS_LETTERS = 100, 500

FREQUENCIES = {
    Every.WEEK: later("varje vecka"),
    Every.SECOND_WEEK: later("varannan vecka"),
    Every.FOURTH_WEEK: later("var fjärde vecka"),
    Every.MONTH: later("varje månad"),
    Every.SECOND_MONTH: later("varannan månad"),
    Every.QUARTER: later("var tredje månad"),
}

T = TypeVar("T")
Owner = Network | MeetingGroup  # whose recurring meetings they are


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date of the rule, and what speaks against it."""

    day: str  # ISO 8601
    when: str
    remarks: tuple[str, ...]
    is_kept: bool


@dataclass(frozen=True, slots=True)
class SeriesForm:
    """The form as typed; with the dates that it gives once it can be read."""

    path: str
    network_id: str | None
    group_id: str | None
    page: str  # of those who meet
    party_name: str
    before: str  # the series that this one takes the place of
    but: frozenset[str]  # its meetings, which are in nobody's way
    version: int
    values: dict[str, str]
    frequencies: tuple[tuple[str, str], ...]
    planned: str = ""
    dates: tuple[DateLine, ...] = ()
    invited: tuple[str, ...] = ()  # who gets a mail when a new series is put up
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A meeting of a series."""

    id: str
    when: str
    state: str
    moved_from: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series with its meetings."""

    id: str
    network_id: str | None
    page: str
    party_name: str
    name: str
    focus: str
    when: str
    where: str
    video_url: str
    is_off: bool
    is_protected: bool
    is_example: bool
    may_change: bool
    version: int
    lines: tuple[SeriesLine, ...]
    end_day: str
    last_day: str
    invitations_path: str  # for who may change it, while something is ahead
    told: tuple[str, ...]  # who gets a mail when it ends
    faults: tuple[FieldFault, ...] = ()


def empty_form(network: Network, say: Speaker) -> SeriesForm:
    """Return the form for a new series of a network."""
    values = {
        "name": say.either(network.name_sv, network.name_en),
        "starts": "13:00",
        "ends": "14:00",
        "every": Every.MONTH.value,
        "form": MeetingForm.DIGITAL.value,
    }
    return _form(network, say, f"/natverk/{network.id}/serie", values)


def changing_form(
    session: Session, series: MeetingSeries, owner: Owner, say: Speaker
) -> SeriesForm:
    """Return the form for what takes a series' place, with what the series has."""
    first, end = to_local(series.starts_at), to_local(series.ends_at)
    values = {
        "name": series.name_sv,
        "focus": series.focus_sv,
        "starts": f"{first:%H:%M}",
        "ends": f"{end:%H:%M}",
        "every": every_of(series.rule).value,
        "form": series.form.value,
        "town": series.town,
        "video_url": series.video_url,
        "last_day": to_local(last_moment(series)).date().isoformat(),
    }
    form = _form(owner, say, f"/serie/{series.id}/andra", values)
    own = frozenset(one.id for one in meetings.meetings_of_series(session, series.id))
    before = say.either(series.name_sv, series.name_en) or series.name_sv
    return replace(form, before=before, but=own, version=series.version)


def with_dates(
    session: Session,
    form: SeriesForm,
    fields: Fields,
    breaks: tuple[SchoolBreak, ...],
    say: Speaker,
    at: datetime,
) -> SeriesForm:
    """Return the form as typed, with each date that it gives and what speaks against it."""
    form = replace(form, values=form.values | {name: fields.get(name, "") for name in FIELDS})
    try:
        draft = draft_of(fields, form.network_id, group_id=form.group_id)
        moments = moments_of(draft, at)
    except FormError as error:
        return replace(form, faults=error.faults)
    except FieldFault as fault:
        return replace(form, faults=(fault,))
    rc_ids = _rc_ids(session, form)
    asked = invited(session, form.network_id) if form.network_id and not form.before else ()
    form = replace(form, invited=tuple(asked))
    away = elsewhere(session, rc_ids, at, form.but)
    counties = {rc.name: rc.county_code for rc in registry.rcs(session) if rc.id in rc_ids}
    planned = pattern(draft.every, to_local(draft.starts_at).date(), say)
    lines = [
        _date_line(
            Time(moment, same_length(moment, draft.starts_at, draft.ends_at)),
            breaks,
            counties,
            away.at,
            say,
        )
        for moment in moments
    ]
    if any(name.startswith(KEPT) for name in fields):
        lines = [replace(one, is_kept=f"{KEPT}{one.day}" in fields) for one in lines]
    return replace(
        form,
        planned=f"{planned[:1].upper()}{planned[1:]}",
        dates=tuple(lines),
    )


FIELDS = (
    "name",
    "focus",
    "form",
    "town",
    "video_url",
    "day",
    "starts",
    "ends",
    "every",
    "last_day",
)


def _rc_ids(session: Session, form: SeriesForm) -> Collection[str]:
    """Return the RC whose other meetings are in the way."""
    if form.group_id is None:
        return rc_ids_of(session, form.network_id or "")
    return {body.rc_id for _, body in posts_of(session, form.group_id) if body.rc_id}


def draft_of(
    fields: Fields,
    network_id: str | None,
    moments: list[datetime] | None = None,
    *,
    group_id: str | None = None,
) -> SeriesDraft:
    """Read the form; with the rule's `moments`, the dates that were not kept are left out.

    Raises:
        FormError: with a fault for each field that cannot be read.
    """
    faults: list[FieldFault] = []

    def read(value: Callable[[], T], otherwise: T) -> T:
        try:
            return value()
        except FieldFault as fault:
            faults.append(fault)
            return otherwise

    name = read(lambda: _words(fields, "name", NAME_LETTERS, "Skriv vad träffarna heter."), "")
    focus = read(
        lambda: _words(fields, "focus", FOCUS_LETTERS, "Skriv vad träffarna handlar om."), ""
    )
    day = read(lambda: day_in(fields), date.min)
    last_day = read(lambda: day_in(fields, "last_day"), date.max)
    starts = read(lambda: _clock(fields, "starts"), EARLIEST)
    ends = read(lambda: _clock(fields, "ends"), LATEST)
    form = MeetingForm(fields["form"]) if fields.get("form") in list(MeetingForm) else None
    town = " ".join(fields.get("town", "").split())
    if form is not MeetingForm.DIGITAL and not town:
        faults.append(FieldFault("town", "Skriv orten där ni ses. Ingen gatuadress."))
    room = ""
    try:
        room = video_url_from(fields.get("video_url", ""))
    except FieldFault as fault:
        faults.append(fault)
    if faults:
        raise FormError(*faults)
    every = fields.get("every")
    left_out = {to_local(one).date() for one in moments or ()}
    left_out -= {one for one in left_out if f"{KEPT}{one.isoformat()}" in fields}
    return SeriesDraft(
        network_id=network_id,
        group_id=group_id,
        name_sv=name,
        name_en=name,
        focus_sv=focus,
        focus_en=focus,
        form=form or MeetingForm.DIGITAL,
        town="" if form is MeetingForm.DIGITAL else town[:NAME_LETTERS],
        video_url=room,
        starts_at=from_local(datetime.combine(day, starts)),
        ends_at=from_local(datetime.combine(day, ends)),
        every=Every(every) if every in list(Every) else Every.MONTH,
        last_day=last_day,
        left_out=frozenset(left_out),
    )


def draft_sent(fields: Fields, owner: Owner, at: datetime) -> SeriesDraft:
    """Read the form as it is saved: only the dates that were ticked are meetings.

    Raises:
        FormError, FieldFault: as `draft_of` and `moments_of`.
    """
    network_id, group_id = _ids(owner)
    draft = draft_of(fields, network_id, group_id=group_id)
    draft = draft_of(fields, network_id, moments_of(draft, at), group_id=group_id)
    return replace(draft, is_example=owner.is_example)


def _ids(owner: Owner) -> tuple[str | None, str | None]:
    """Return the network's id, and the group's: one of them is None."""
    return (None, owner.id) if isinstance(owner, MeetingGroup) else (owner.id, None)


def page_of(owner: Owner) -> str:
    """Return the page of those who meet; a group that is not saved has none of its own."""
    if not isinstance(owner, MeetingGroup):
        return f"/natverk/{owner.id}"
    return f"/forum/{owner.id}" if owner.is_saved else "/traffar"


def series_page(
    session: Session,
    viewer: Viewer,
    series: MeetingSeries,
    owner: Owner,
    say: Speaker,
    at: datetime,
    told: tuple[str, ...] = (),
    faults: tuple[FieldFault, ...] = (),
) -> SeriesPage:
    """Return a series' page."""
    rows = meetings.meetings_of_series(session, series.id)
    standing = [one for one in rows if one.state != MeetingState.CANCELLED]
    ahead = [one for one in standing if one.starts_at > at]
    is_off = series.state == MeetingState.CANCELLED
    invitations = (
        f"/traffar/{ahead[0].id}/inbjudningar"
        if ahead and may_change_series(session, viewer, series)
        else ""
    )
    return SeriesPage(
        id=series.id,
        network_id=series.network_id,
        page=page_of(owner),
        party_name=say.either(owner.name_sv, owner.name_en) or say.text("Träffar"),
        name=say.either(series.name_sv, series.name_en),
        focus=say.either(series.focus_sv, series.focus_en),
        when=repeats(series.rule, series.starts_at, series.ends_at, say),
        where=series.town or say.text("digitalt"),
        video_url=series.video_url,
        is_off=is_off,
        is_protected=series.is_protected,
        is_example=series.is_example,
        may_change=bool(ahead) and not is_off and may_change_series(session, viewer, series),
        version=series.version,
        lines=tuple(_series_line(one, say, at) for one in rows),
        end_day=(to_local(at) + timedelta(days=1)).date().isoformat(),
        last_day=to_local(last_moment(series)).date().isoformat(),
        invitations_path=invitations,
        told=told,
        faults=faults,
    )


def _form(owner: Owner, say: Speaker, path: str, values: dict[str, str]) -> SeriesForm:
    network_id, group_id = _ids(owner)
    return SeriesForm(
        path=path,
        network_id=network_id,
        group_id=group_id,
        page=page_of(owner),
        party_name=say.either(owner.name_sv, owner.name_en) or say.text("Träffar"),
        before="",
        but=frozenset(),
        version=0,
        values=dict.fromkeys(FIELDS, "") | values,
        frequencies=tuple((one.value, say.text(words)) for one, words in FREQUENCIES.items()),
    )


def _date_line(
    found: Time,
    breaks: tuple[SchoolBreak, ...],
    counties: Mapping[str, str],
    away: Callable[[Time], list[str]],
    say: Speaker,
) -> DateLine:
    day = to_local(found.starts_at).date()
    holiday = holiday_name(day, say.language)
    remarks = []
    if holiday is not None:
        remarks.append(say.text("Den dagen är helgdag: %(name)s.", name=holiday))
    if is_squeeze_day(day):
        remarks.append(say.text(SQUEEZE_DAY))
    if (name := school_break_on(day, breaks)) is not None:
        remarks.append(say.text(SCHOOL_BREAK, name=name))
    usual = usual_breaks(day.year, breaks)
    if who := [name for name, county in counties.items() if day in closed_near(county, usual)]:
        named = say.listing(sorted(who, key=swedish_order))
        remarks.append(say.text("Vanlig lovvecka för %(who)s.", who=named))
    is_summer = day.isocalendar().week in SUMMER_WEEKS
    if is_summer:
        remarks.append(say.text("Många har semester då."))
    if busy := away(found):
        remarks.append(say.text(BUSY, names=say.listing(busy)))
    is_kept = holiday is None and not is_squeeze_day(day) and not is_summer
    return DateLine(day.isoformat(), say.date(day), tuple(remarks), is_kept)


def _series_line(meeting: Meeting, say: Speaker, at: datetime) -> SeriesLine:
    states = {
        MeetingState.PROPOSED: later("förslag"),
        MeetingState.CANCELLED: later("inställd"),
    }
    moved = meeting.original_start is not None and meeting.original_start != meeting.starts_at
    return SeriesLine(
        id=meeting.id,
        when=say.span(meeting.starts_at, meeting.ends_at),
        state=say.text(states[meeting.state]) if meeting.state in states else "",
        moved_from=say.moment(meeting.original_start) if moved and meeting.original_start else "",
        is_past=meeting.ends_at <= at,
    )


def _words(fields: Fields, name: str, most: int, missing: str) -> str:
    typed = " ".join(fields.get(name, "").split())
    if not typed:
        raise FieldFault(name, missing)
    if len(typed) > most:
        raise FieldFault(name, "Texten får ha högst %(most)s tecken.", most=most)
    return typed


def _clock(fields: Fields, name: str) -> time:
    clock = clock_in(fields, name)
    if not EARLIEST <= clock <= LATEST:
        raise FieldFault(name, "Välj en tid mellan kl. 06.00 och 22.00.")
    return clock
