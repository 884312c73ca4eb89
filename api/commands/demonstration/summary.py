"""A published national meeting as the demonstration prints it: sessions, musts and each RC's agenda."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.kit.clock import to_local
from api.meetings.models import Meeting
from api.programme import queries as programmes
from api.programme.models import ProgrammeSession, Room, Slot
from api.proposals import queries as proposals
from api.proposals.programme.drafting import GUEST_THEMES
from api.proposals.programme.engine import read_programme
from api.proposals.programme.publishing import survey_of
from api.proposals.programme.store import look_at
from api.registry import queries as registry
from api.surveys import service as surveys
from api.surveys.wishes import Wishes

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Programme:
    """What the tables hold of a published programme, joined."""

    sessions: tuple[ProgrammeSession, ...]  # those that run
    slots: Mapping[str, Slot]
    rooms: Mapping[str, Room]
    attending: Mapping[str, tuple[str, ...]]  # session id -> functions
    rc_of: Mapping[str, str]  # function -> RC
    body_of: Mapping[str, tuple[str, str]]  # function -> what it belongs to, and its name
    hosts: Mapping[str, list[str]]  # session key -> functions that lead it

    def rcs_in(self, session: ProgrammeSession) -> list[str]:
        """Return the RC of which somebody is in a session."""
        there = {self.rc_of[one] for one in self.attending[session.id] if one in self.rc_of}
        return sorted(there)


def meeting_summary(session: Session, meeting: Meeting) -> Json:
    """Return programme, musts, agendas and scores of a meeting's published programme."""
    proposal = proposals.newest_published(session, meeting.id)
    if proposal is None:
        return {}
    wishes = surveys.wishes_for_programme(session, survey_of(proposal))
    hosts = {one.id: sorted(one.hosts) for one in read_programme(proposal.problem).sessions}
    known = _read(session, meeting, hosts)
    names = registry.names(session)
    coming = sorted(set(known.rc_of.values()) & {one.rc_id for one in wishes.people})
    return {
        "programme": [_session(one, known, wishes) for one in known.sessions],
        "musts": [_must(rc, theme, known) for rc, theme in _musts(wishes)],
        "agendas": [_agenda(rc, names[rc], known, _asked_by(rc, wishes)) for rc in coming],
        "scores": dict(look_at(proposal).scores.levels),
    }


def _read(session: Session, meeting: Meeting, hosts: Mapping[str, list[str]]) -> _Programme:
    found = programmes.programme(session, meeting.id)
    slots = {slot.id: slot for slot in found.slots}
    running = sorted(
        (one for one in found.sessions if one.slot_id),
        key=lambda one: (slots[one.slot_id or ""].starts_at, one.title_sv),
    )
    attending: dict[str, list[str]] = {}
    for line in found.attendances:
        attending.setdefault(line.session_id, []).append(line.function_id)
    bodies = {body.id: body for body in accounts.bodies(session)}
    rc_of, body_of = {}, {}
    for function, _, _ in accounts.functions_with_people(session):
        body = bodies[function.body_id]
        if body.rc_id is not None:
            rc_of[function.id] = body.rc_id
        kind = {BodyKind.NCH: "nch", BodyKind.GUEST: function.kind.value.removesuffix("_contact")}
        name = f"{body.name}, {function.title}"
        body_of[function.id] = (body.rc_id or kind.get(body.kind, body.kind.value), name)
    return _Programme(
        tuple(running),
        slots,
        {room.id: room for room in found.rooms},
        {one.id: tuple(sorted(attending.get(one.id, ()))) for one in running},
        rc_of,
        body_of,
        hosts,
    )


def _session(one: ProgrammeSession, known: _Programme, wishes: Wishes) -> Json:
    slot = known.slots[one.slot_id or ""]
    theme = _theme(one)
    role = one.key.removeprefix("agency_") if one.key.startswith("agency_") else None
    asked = {person.rc_id for person in wishes.people if person.weights.get(theme)}
    leaders = [known.body_of[post] for post in known.hosts.get(one.key, ())]
    return {
        "id": one.id,
        "title": one.title_sv,
        "minutes": one.minutes or round((slot.ends_at - slot.starts_at).total_seconds() / 60),
        "track": one.track_id,
        "format": one.format,
        "start": _local(slot.starts_at),
        "room": known.rooms[one.room_id].name if one.room_id else None,
        "leaders": [{"body": body, "name": name} for body, name in leaders],
        "attending_people": len(known.attending[one.id]),
        "attending_rcs": known.rcs_in(one),
        "for_guest": role,
        "asked_by": sorted(asked),
    }


def _theme(one: ProgrammeSession) -> str:
    """Return the theme of a session; a guest's is the one that RC ask it about."""
    role = one.key.removeprefix("agency_")
    return GUEST_THEMES.get(role, "") if role != one.key else one.theme_id or ""


def _musts(wishes: Wishes) -> list[tuple[str, str]]:
    found = {(one.rc_id, one.must) for one in wishes.people if one.must is not None}
    return sorted((rc, theme) for rc, theme in found if theme is not None)


def _must(rc: str, theme: str, known: _Programme) -> Json:
    guests = {f"agency_{role}" for role, about in GUEST_THEMES.items() if about == theme}
    held = [one for one in known.sessions if one.theme_id == theme or one.key in guests]
    there = [one for one in held if rc in known.rcs_in(one)]
    if there:
        why = f"{there[0].title_sv}, {_local(known.slots[there[0].slot_id or ''].starts_at)}"
    else:
        why = "ämnet är inte med i programmet" if not held else "ingen från RC:t kan vara där då"
    return {"rc": rc, "theme": theme, "met": bool(there), "why": why}


def _asked_by(rc: str, wishes: Wishes) -> frozenset[str]:
    """Return the themes that an RC asked for."""
    mine = [one for one in wishes.people if one.rc_id == rc]
    wished = {theme for one in mine for theme, weight in one.weights.items() if weight > 0}
    return frozenset(wished | {one.must for one in mine if one.must is not None})


def _agenda(rc: str, name: str, known: _Programme, asked: frozenset[str]) -> Json:
    """Return how many sessions an RC is in, and the times in which it is in none, with what runs then."""
    mine = [one for one in known.sessions if rc in known.rcs_in(one)]
    busy = {one.slot_id for one in mine}
    holes = [
        {
            "start": _local(slot.starts_at),
            "end": _local(slot.ends_at),
            "why": _then([one for one in known.sessions if one.slot_id == slot.id], known, asked),
        }
        for slot in known.slots.values()
        if not slot.is_break and slot.id not in busy
    ]
    return {"rc": rc, "name": name, "sessions": len(mine), "holes": holes}


def _then(running: Sequence[ProgrammeSession], known: _Programme, asked: frozenset[str]) -> str:
    """Say what runs meanwhile, and of each session why nobody of the RC is there."""
    return (
        f"Då går {'; '.join(_why(one, known, asked) for one in running)}."
        if running
        else "Inget går då."
    )


def _why(one: ProgrammeSession, known: _Programme, asked: frozenset[str]) -> str:
    seats = known.rooms[one.room_id].capacity if one.room_id else 0
    is_full = len(known.attending[one.id]) >= seats
    if _theme(one) not in asked:
        why = "RC:t har inte bett om det"
    else:
        why = (
            "RC:t har bett om det, och det är fullt"
            if is_full
            else "RC:t har bett om det, och det finns plats"
        )
    return f"{one.title_sv} ({why})"


def _local(moment: datetime) -> str:
    return to_local(moment).strftime("%Y-%m-%dT%H:%M")
