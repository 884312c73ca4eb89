"""What a meeting is: name, focus, place, days and hours; what changing it would mean is said before it is saved."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.front.meeting import told_of
from api.kit.clock import clock_in, day_in, from_local, to_local
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingFacts, insist_on_time
from api.programme import queries as programmes
from api.programme.content import ends_at
from api.programme.outlines import moved

FORMS = (
    (MeetingForm.IN_PERSON, "på plats"),
    (MeetingForm.DIGITAL, "digitalt"),
    (MeetingForm.HYBRID, "på plats och digitalt"),
)
TEXTS = ("name_sv", "name_en", "focus_sv", "focus_en", "town")


@dataclass(frozen=True, slots=True)
class MeetingFactsPage:
    """The form, and what the change that stands in it would mean; `change` is empty before that is asked."""

    id: str
    name: str
    now: str
    version: int
    values: dict[str, str]
    forms: tuple[tuple[str, str], ...]
    has_programme: bool
    change: tuple[str, ...]
    told: tuple[str, ...]
    outside: tuple[str, ...]  # sessions that the new hours leave out
    faults: tuple[FieldFault, ...]


def values_of(meeting: Meeting) -> dict[str, str]:
    """Return a meeting's facts as the form holds them."""
    starts, ends = to_local(meeting.starts_at), to_local(meeting.ends_at)
    return {
        **{name: getattr(meeting, name) for name in TEXTS},
        "form": meeting.form.value,
        "first_day": starts.date().isoformat(),
        "starts": starts.strftime("%H:%M"),
        "last_day": ends.date().isoformat(),
        "ends": ends.strftime("%H:%M"),
        "with_programme": "yes",
    }


def read_facts(meeting: Meeting, fields: dict[str, str], at: datetime) -> MeetingFacts:
    """Return the facts of a posted form.

    Raises:
        FormError: with a fault per field that cannot be used.
    """
    faults = [
        FieldFault(name, text)
        for name, text in (
            ("name_sv", "Skriv vad träffen heter."),
            ("focus_sv", "Skriv vad träffen handlar om. Utan det går den inte att publicera."),
        )
        if not fields.get(name, "").strip()
    ]
    starts, ends = _moment(fields, "first_day", "starts"), _moment(fields, "last_day", "ends")
    if starts is None:
        faults.append(FieldFault("starts", "Skriv dag och klockslag, som 2027-02-23 och 09.30."))
    if ends is None:
        faults.append(FieldFault("ends", "Skriv dag och klockslag, som 2027-02-23 och 09.30."))
    if starts is not None and ends is not None:
        try:
            if (starts, ends) != (meeting.starts_at, meeting.ends_at):
                insist_on_time(starts, ends, at, began=meeting.starts_at)
        except FieldFault as fault:
            name = fault.field.removesuffix("_at")
            faults.append(FieldFault(name, fault.message, **fault.values))
    if faults or starts is None or ends is None:
        raise FormError(*faults)
    texts = {name: fields.get(name, "").strip() for name in TEXTS}
    for name in ("name", "focus"):
        swedish, english = texts[f"{name}_sv"], texts[f"{name}_en"]
        was_sv, was_en = getattr(meeting, f"{name}_sv"), getattr(meeting, f"{name}_en")
        if not english or (swedish != was_sv and english == was_en):
            texts[f"{name}_en"] = swedish
    form = fields.get("form", "")
    return MeetingFacts(
        **texts,
        form=MeetingForm(form) if form in set(MeetingForm) else meeting.form,
        starts_at=starts,
        ends_at=ends,
        with_programme="with_programme" in fields,
    )


def _moment(fields: dict[str, str], day: str, clock: str) -> datetime | None:
    try:
        return from_local(datetime.combine(day_in(fields, day), clock_in(fields, clock)))
    except FieldFault:
        return None


def facts_page(
    session: Session,
    meeting: Meeting,
    say: Speaker,
    at: datetime,
    values: dict[str, str] | None = None,
    wanted: MeetingFacts | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> MeetingFactsPage:
    """Return the form; with `wanted` also what it would change, who is told and what falls outside."""
    programme = programmes.programme(session, meeting.id)
    is_news = wanted is not None and (
        (wanted.starts_at, wanted.ends_at, wanted.town)
        != (meeting.starts_at, meeting.ends_at, meeting.town)
    )
    return MeetingFactsPage(
        id=meeting.id,
        name=say.either(meeting.name_sv, meeting.name_en),
        now=say.span(meeting.starts_at, meeting.ends_at),
        version=meeting.version,
        values=values or values_of(meeting),
        forms=tuple((key.value, say.text(name)) for key, name in FORMS),
        has_programme=meeting.kind is MeetingKind.NATIONAL and bool(programme.slots),
        change=_changes(meeting, wanted, say) if wanted else (),
        told=_told(session, meeting, wanted) if wanted and is_news and meeting.ends_at > at else (),
        outside=_outside(session, meeting, wanted, say) if wanted else (),
        faults=faults,
    )


def _changes(meeting: Meeting, wanted: MeetingFacts, say: Speaker) -> tuple[str, ...]:
    """Return what is another, old and new."""
    forms = {key: say.text(name) for key, name in FORMS}
    pairs = (
        (say.text("Namn"), meeting.name_sv, wanted.name_sv),
        (say.text("Fokus"), meeting.focus_sv, wanted.focus_sv),
        (
            say.text("Tid"),
            say.span(meeting.starts_at, meeting.ends_at),
            say.span(wanted.starts_at, wanted.ends_at),
        ),
        (say.text("Ort"), meeting.town, wanted.town),
        (say.text("Form"), forms[meeting.form], forms[wanted.form]),
    )
    return tuple(
        say.text("%(what)s: %(old)s blir %(new)s", what=what, old=old or "–", new=new or "–")
        for what, old, new in pairs
        if old != new
    )


def _told(session: Session, meeting: Meeting, wanted: MeetingFacts) -> tuple[str, ...]:
    """Return who is invited to the meeting, or to a session that moves with it or to its new town."""
    with_sessions = wanted.with_programme or wanted.town != meeting.town
    return told_of(session, meeting, with_sessions=with_sessions)


def _outside(
    session: Session, meeting: Meeting, wanted: MeetingFacts, say: Speaker
) -> tuple[str, ...]:
    """Return the published sessions that would lie outside the meeting's new hours."""
    programme = programmes.programme(session, meeting.id)
    slots = {slot.id: slot for slot in programme.slots}
    found = []
    for one in programme.sessions:
        slot = slots.get(one.slot_id or "")
        if slot is None:
            continue
        starts, ends = slot.starts_at, ends_at(slot.starts_at, slot.ends_at, one.minutes)
        if wanted.with_programme:
            starts, ends = (moved(at, meeting.starts_at, wanted.starts_at) for at in (starts, ends))
        if starts < wanted.starts_at or ends > wanted.ends_at:
            found.append(
                (starts, f"{say.span(starts, ends)}: {say.either(one.title_sv, one.title_en)}")
            )
    return tuple(text for _, text in sorted(found))


def as_typed(fields: dict[str, str]) -> dict[str, str]:
    """Return what was typed, with every field of the form."""
    names = (*TEXTS, "form", "first_day", "starts", "last_day", "ends")
    return {**{name: fields.get(name, "") for name in names}} | (
        {"with_programme": "yes"} if "with_programme" in fields else {}
    )
