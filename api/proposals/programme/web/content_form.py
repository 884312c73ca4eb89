"""The forms of a programme's content: times, rooms, tracks and a session, read with a fault per field."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from api.kit.clock import clock_from, day_from, from_local
from api.kit.errors import FieldFault, FormError
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.models import Focus
from api.programme.outlines import (
    LONGEST,
    MOST_ROOMS,
    MOST_SLOTS,
    MOST_TRACKS,
    SHORTEST,
    insist_on_order,
)
from api.programme.words import FORMATS
from api.proposals.programme.drafting import GuestChoice

Form = Mapping[str, tuple[str, ...]]
LARGEST_ROOM = 2000
KINDS = ("session", "plenary", "break")


def one(form: Form, name: str) -> str:
    """Return the last value of a name, or an empty text."""
    return form.get(name, ("",))[-1].strip()


def read_slots(form: Form, plan: ProgrammePlan) -> tuple[SlotPlan, ...]:
    """Return the times of a posted table, in order of time; a line without times is left out.

    Raises:
        FormError: with a fault per line that cannot be used.
    """
    before = {slot.key: slot for slot in plan.slots}
    slots: list[SlotPlan] = []
    faults: list[FieldFault] = []
    for number in range(1, MOST_SLOTS + 1):
        begins, ends = one(form, f"from{number}"), one(form, f"to{number}")
        if not begins and not ends:
            continue
        try:
            day = day_from(one(form, f"day{number}"))
            first, last = (_moment(day, begins), _moment(day, ends))
        except ValueError:
            faults.append(
                FieldFault(f"from{number}", "Skriv dag och tider, som 2027-02-23, 09.30 och 10.30.")
            )
            continue
        kind, name = one(form, f"kind{number}"), one(form, f"name{number}")
        key = one(form, f"key{number}")
        old = before.get(key)
        slots.append(
            SlotPlan(
                key=key if old else _free(f"t{number}", [slot.key for slot in slots], before),
                starts_at=first,
                ends_at=last,
                is_break=kind == "break",
                name_sv=name,
                name_en=old.name_en if old and old.name_sv == name else name,
                is_plenary=kind == "plenary",
            )
        )
    slots.sort(key=lambda slot: slot.starts_at)
    if faults:
        raise FormError(*faults)
    try:
        insist_on_order(tuple(slots))
    except FieldFault as fault:
        raise FormError(fault) from fault
    return tuple(slots)


def _moment(day: date, written: str) -> datetime:
    return from_local(datetime.combine(day, clock_from(written)))


def _free(wanted: str, *taken: object) -> str:
    keys = {key for some in taken for key in some}  # type: ignore[attr-defined]  # lists and mappings
    number, key = 1, wanted
    while key in keys:
        number += 1
        key = f"{wanted}_{number}"
    return key


def read_rooms(form: Form, plan: ProgrammePlan) -> tuple[RoomPlan, ...]:
    """Return the rooms of a posted table; a line without name and places is left out.

    Raises:
        FormError: with a fault per line that cannot be used, or when there is none.
    """
    before = {room.key: room for room in plan.rooms}
    rooms: list[RoomPlan] = []
    faults: list[FieldFault] = []
    for number in range(1, MOST_ROOMS + 1):
        name, written = one(form, f"room{number}"), one(form, f"capacity{number}")
        if not name and not written:
            continue
        if not name or name in {room.name for room in rooms}:
            faults.append(FieldFault(f"room{number}", "Ge lokalen ett eget namn."))
        elif not written.isdecimal() or not 1 <= int(written) <= LARGEST_ROOM:
            faults.append(FieldFault(f"capacity{number}", "Skriv antalet platser, 1–2 000."))
        else:
            key = one(form, f"roomkey{number}")
            rooms.append(
                RoomPlan(
                    key
                    if key in before
                    else _free(f"room{number}", [room.key for room in rooms], before),
                    name,
                    int(written),
                    is_digital=f"digital{number}" in form,
                    is_accessible=f"accessible{number}" in form,
                    equipment=_words(one(form, f"equipment{number}")),
                )
            )
    if not rooms and not faults:
        faults.append(FieldFault("room1", "Skriv minst en lokal."))
    if faults:
        raise FormError(*faults)
    return tuple(rooms)


def read_tracks(form: Form, plan: ProgrammePlan) -> tuple[TrackPlan, ...]:
    """Return the tracks of a posted table; a line without a name is left out."""
    before = {track.key: track for track in plan.tracks}
    tracks: list[TrackPlan] = []
    faults: list[FieldFault] = []
    for number in range(1, MOST_TRACKS + 1):
        name = one(form, f"track{number}")
        if not name:
            continue
        if name in {track.name_sv for track in tracks}:
            faults.append(FieldFault(f"track{number}", "Ge spåret ett eget namn."))
            continue
        key, english = one(form, f"trackkey{number}"), one(form, f"english{number}")
        old = before.get(key)
        focus = one(form, f"focus{number}")
        is_same = old is not None and old.name_sv != name and old.name_en == english
        tracks.append(
            TrackPlan(
                key if old else _free(f"track{number}", [one.key for one in tracks], before),
                name,
                name if is_same or not english else english,
                Focus(focus) if focus in set(Focus) else Focus.SUBJECT,
            )
        )
    if faults:
        raise FormError(*faults)
    return tuple(tracks)


def read_session(
    form: Form,
    before: SessionPlan,
    plan: ProgrammePlan,
    leaders: Mapping[str, str],
    guests: Mapping[str, GuestChoice],
) -> SessionPlan:
    """Return a session as a posted form has it; what the form does not hold is as before.

    leaders: function -> how it is called. guests: role -> who comes.

    Raises:
        FormError: with a fault per field that cannot be used.
    """
    faults: list[FieldFault] = []
    if not one(form, "title_sv"):
        faults.append(FieldFault("title_sv", "Skriv vad passet heter."))
    written = one(form, "minutes")
    minutes = int(written) if written.isdecimal() else None
    if written and (minutes is None or not SHORTEST <= minutes <= LONGEST):
        faults.append(FieldFault("minutes", "Skriv passets längd i minuter, 5–480."))
    link = one(form, "link")
    if link and not link.startswith(("https://", "http://")):
        faults.append(FieldFault("link", "Skriv en hel länk, som börjar med https://."))
    if faults:
        raise FormError(*faults)
    chosen = tuple(
        dict.fromkeys(
            key for key in form.get("leaders", ()) if key in leaders or key in before.leaders
        )
    )
    other = one(form, "leader")
    named = ", ".join(leaders[key] for key in chosen if key in leaders)
    guest = guests.get(one(form, "role"))
    kind, track = one(form, "format"), one(form, "track")
    slot, room = one(form, "pin_slot"), one(form, "pin_room")
    texts = {name: one(form, name) for name in _TEXTS if name in form}
    return replace(
        before,
        **texts,  # type: ignore[arg-type]  # names of texts only
        minutes=minutes,
        link=link,
        format=kind if kind in FORMATS else before.format,
        track=track if any(one.key == track for one in plan.tracks) else None,
        leader=before.leader if chosen == before.leaders and not other else named or other,
        leaders=chosen,
        could_lead=tuple(key for key in form.get("could_lead", ()) if key in leaders)
        if "could_lead_shown" in form
        else before.could_lead,
        roles=(guest.role,) if guest else (),
        audience="all" if one(form, "audience") == "all" else "wish",
        is_must_run="must_run" in form,
        pin_slot=slot if any(one.key == slot for one in plan.slots) else None,
        pin_room=room if any(one.key == room for one in plan.rooms) else None,
        equipment=_words(one(form, "equipment")),
        forbidden_rooms=_rooms_called(form, plan, "never", before.forbidden_rooms),
        preferred_rooms=_rooms_called(form, plan, "rather", before.preferred_rooms),
        revision=int(one(form, "revision")) if one(form, "revision").isdecimal() else 0,
    )


def _rooms_called(
    form: Form, plan: ProgrammePlan, wanted: str, before: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the rooms of which the form says that the session is there never, or rather than elsewhere."""
    said = {
        room.key: one(form, f"in-{room.key}") for room in plan.rooms if f"in-{room.key}" in form
    }
    if not said:
        return before
    return tuple(key for key, word in said.items() if word == wanted)


def read_pause(form: Form, before: int) -> int:
    """Return the minutes that a leader rests between sessions; as before where the form has no such field.

    Raises:
        FormError: when it is no number of minutes.
    """
    if "pause" not in form:
        return before
    written = one(form, "pause") or "0"
    if not written.isdecimal() or int(written) > LONGEST:
        raise FormError(FieldFault("pause", "Skriv minuter, 0–480."))
    return int(written)


_TEXTS = (
    "title_sv",
    "title_en",
    "purpose_sv",
    "purpose_en",
    "task_sv",
    "task_en",
    "method_sv",
    "method_en",
    "preparation_sv",
    "preparation_en",
    "gives_guest_sv",
    "gives_guest_en",
)


def _words(written: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in written.split(",") if word.strip()))
