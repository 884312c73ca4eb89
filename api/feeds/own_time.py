"""A calendar of one's own tells one's own time: what is declined or given away leaves it, "perhaps" shows as such."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.fragments import as_occurrence, as_vevent, vevents
from api.calendar.ical import Vevent, as_free, as_maybe, vevent
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.queries import Placed
from api.feeds.models import Feed
from api.feeds.stance import (
    Owner,
    Ref,
    Stance,
    owner_of_function,
    owner_of_person,
    stances,
)
from api.kit.db import base_url_of
from api.kit.i18n import read_by
from api.programme.guests import as_told_to_guest, is_guest


def own_time(session: Session, feed: Feed, found: Sequence[Placed]) -> list[Placed]:
    """Return a feed's events as they are to its owner, without those that are gone."""
    owner = (
        owner_of_person(session, feed.scope_id)
        if feed.scope_kind is ScopeKind.PERSON
        else owner_of_function(session, feed.scope_id)
    )
    if owner is None:
        return list(found)
    found = _as_guest(session, feed, owner, found)
    told = stances(
        session, owner, [Ref(one.id, None, one.subject_kind, one.subject_id) for one in found]
    )
    dates = calendar.occurrences_of_all(session, [one.id for one in found if one.is_series])
    shown = []
    for one in found:
        stance = told[one.id]
        octets = _as(stance, one.octets)
        if one.is_series:
            octets = _series(session, feed, owner, one, dates[one.id], stance, octets)
        if octets:
            shown.append(replace(one, octets=octets))
    return shown


def _as_guest(
    session: Session, feed: Feed, owner: Owner, found: Sequence[Placed]
) -> Sequence[Placed]:
    """Return a guest's sessions in the guest's own words; others' calendars are as they are."""
    ids = owner.held | owner.deputised
    if feed.level is not Level.INTERNAL or not all(is_guest(session, one) for one in ids):
        return found
    language, base_url = read_by(feed.language), base_url_of(session)
    shown = []
    for one in found:
        if one.subject_kind == "session":
            event = as_told_to_guest(session, session.get_one(Event, one.id))
            octets = vevent(as_vevent(event, feed.level, language, base_url))
            shown.append(replace(one, octets=octets))
        else:
            shown.append(one)
    return shown


def _series(
    session: Session,
    feed: Feed,
    owner: Owner,
    placed: Placed,
    dates: Sequence[Event],
    stance: Stance,
    octets: bytes,
) -> bytes:
    """Return a series of which some dates are answered apart, rendered for its owner; else its octets."""
    refs = [Ref(one.id, placed.id, one.subject_kind, one.subject_id) for one in dates]
    own = stances(session, owner, refs)
    if all(one is stance for one in own.values()):
        return octets
    series = session.get_one(Event, placed.id)
    language = read_by(feed.language)
    kept = [one for one in dates if own[one.id] is not Stance.GONE]
    base_url = base_url_of(session)
    whole = vevents(series, kept, feed.level, language, base_url) if kept else []
    most = max((own[one.id] for one in kept), default=Stance.COMES)
    if series.rule and whole and whole[0].rule:
        whole = _with_overrides(
            whole,
            {
                one.id: as_occurrence(one, series, feed.level, language, base_url)
                for one in kept
                if own[one.id] is not most and not one.is_apart
            },
        )
    alone = {one.uid: own[one.id] for one in kept if one.is_apart}
    starts: dict[datetime | date | None, Stance] = {
        one.original_start: own[one.id] for one in kept if not one.is_apart
    }
    return b"".join(_as(_stance_of(one, alone, starts, most), vevent(one)) for one in whole)


def _stance_of(
    one: Vevent,
    alone: Mapping[str, Stance],
    starts: Mapping[datetime | date | None, Stance],
    whole: Stance,
) -> Stance:
    """Return what one VEVENT of a series is: a date on its own, an override, or the rule itself."""
    if one.uid in alone:
        return alone[one.uid]
    return starts.get(one.original_start, whole) if one.original_start else whole


def _as(stance: Stance, octets: bytes) -> bytes:
    match stance:
        case Stance.GONE:
            return b""
        case Stance.FREE:
            return as_free(octets)
        case Stance.MAYBE:
            return as_maybe(octets)
    return octets


def _with_overrides(whole: list[Vevent], extra: Mapping[str, Vevent]) -> list[Vevent]:
    known = {one.original_start for one in whole}
    return [*whole, *(one for one in extra.values() if one.original_start not in known)]
