"""What publishing a programme changes: sessions in words, and whose agenda is another."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.i18n import Speaker, swedish_order
from api.programme import queries as programmes
from api.programme.service import ProgrammePlan, SessionPlan, SlotPlan
from api.proposals.models import Proposal
from api.proposals.programme_names import Names
from api.proposals.programme_words import MISSED


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who must be told of a repair: what moves and what is lost."""

    who: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What publishing changes: sessions in words, and whose agenda is another."""

    sessions: tuple[str, ...]
    people: tuple[str, ...]


def difference(
    session: Session, proposal: Proposal, plan: ProgrammePlan, names: "Names", say: Speaker
) -> Difference:
    """Compare a proposal with what is published now."""
    now = programmes.programme(session, proposal.meeting_id or "")
    slots = {slot.id: slot.key for slot in now.slots}
    rooms = {room.id: room.key for room in now.rooms}
    starts = {slot.key: slot.starts_at for slot in now.slots}
    before = {one.key: one for one in now.sessions if one.slot_id}
    coming: dict[str, set[str]] = {}
    for attendance in now.attendances:
        coming.setdefault(attendance.session_id, set()).add(attendance.function_id)
    times = {slot.key: slot for slot in plan.slots}
    said, people = [], set()
    for one in plan.sessions:
        old = before.pop(one.key, None)
        was = set(coming.get(old.id, ())) if old else set()
        place = (slots.get(old.slot_id or ""), rooms.get(old.room_id or "")) if old else None
        text = _change(one, place, starts, times, names, say)
        if text:
            said.append(text)
        will = one.function_ids if one.slot else frozenset()
        people |= (was | will) if text else was ^ will
    for old in before.values():
        said.append(say.text("%(title)s utgår.", title=say.either(old.title_sv, old.title_en)))
        people |= coming.get(old.id, set())
    listed = sorted((names.get(one, one) for one in people), key=swedish_order)
    return Difference(tuple(said), tuple(listed))


def _change(
    one: SessionPlan,
    old: tuple[str | None, str | None] | None,
    starts: Mapping[str, object],
    times: Mapping[str, SlotPlan],
    names: "Names",
    say: Speaker,
) -> str:
    title = names[one.key]
    if old is None or old[0] is None:
        if one.slot is None:
            return ""
        place = names.place(one.slot, one.room)
        return say.text("%(title)s är nytt: %(place)s.", title=title, place=place)
    if one.slot is None:
        return say.text("%(title)s utgår.", title=title)
    same_time = old[0] in starts and starts[old[0]] == times[one.slot].starts_at
    if same_time and old[1] == one.room:
        return ""
    return say.text(
        "%(title)s flyttas från %(old)s till %(new)s.",
        title=title,
        old=f"{names.get(old[0], old[0])}, {names.get(old[1] or '', old[1] or '')}",
        new=names.place(one.slot, one.room),
    )


def told(notices: object, names: "Names", say: Speaker) -> list[Told]:
    """Return whom a repair concerns, from the engine's notices."""
    if not isinstance(notices, list):
        return []
    found = []
    for notice in notices:
        changes = []
        for key, old, new in notice["moves"]:
            title = names.get(key, key)
            if new is None:
                changes.append(say.text("%(title)s utgår.", title=title))
            else:
                changes.append(
                    say.text(
                        "%(title)s flyttas från %(old)s till %(new)s.",
                        title=title,
                        old=names.place(*old),
                        new=names.place(*new),
                    )
                )
        for key, why in notice["lost"]:
            title, reason = names.get(key, key), say.text(MISSED[why])
            changes.append(say.text("Missar %(title)s: %(why)s.", title=title, why=reason))
        found.append(Told(names.get(notice["person"], notice["person"]), tuple(changes)))
    return found
