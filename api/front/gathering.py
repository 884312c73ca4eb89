"""A meeting for chosen RC: picked by what they are, by circle or by hand, and those at their posts invited."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, FunctionKind, Role
from api.accounts.policy import Viewer
from api.calendar import queries as calendar
from api.calendar.days import holiday_name
from api.calendar.models import Event
from api.invitations.letters import draft as letter_of
from api.invitations.service import invite, to_be_invited
from api.kit.clock import from_local
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import LANGUAGES, Language, Speaker, later, read_by, swedish_order
from api.kit.mail import Texts
from api.meetings import queries as meetings
from api.meetings import service
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft
from api.meetings.video import video_url_from
from api.networks.service import networks_for
from api.registry import queries as registry
from api.registry.models import PhaseBand, Rc
from api.registry.vocabulary import GRANT_GROUPS, MODELS

PHASES = {
    PhaseBand.OPERATIONAL: later("I drift"),
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
}
POSTS = {
    FunctionKind.COORDINATOR: later("Operativa samordnare"),
    FunctionKind.CURATOR: later("Kuratorer"),
    FunctionKind.PROJECT_LEADER: later("Projektledare"),
    FunctionKind.MANAGER: later("Chefer"),
}
RC, POST = "rc-", "post-"  # fields of a tick each
LONGEST_NAME = 120

Fields = Mapping[str, str]
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RcTick:
    """An RC to tick, with what it is in words."""

    id: str
    name: str
    facts: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class GatheringPage:
    """The form: ways to pick RC, the RC, whose posts, and what the meeting is."""

    filters: tuple[tuple[str, str, Options, str], ...]  # field, label, options, chosen
    rcs: tuple[RcTick, ...]
    posts: tuple[tuple[str, str, bool], ...]
    values: Fields
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Before anybody is invited: who, to what, and how the mail reads."""

    name: str
    when: str
    where: str
    rcs: tuple[str, ...]
    recipients: tuple[str, ...]
    without: tuple[str, ...]  # RC that nobody comes from, since no chosen post is held there
    letters: tuple[tuple[Language, Texts], ...]
    fields: tuple[tuple[str, str], ...] = field(default=())


def gathering_page(
    session: Session,
    viewer: Viewer,
    say: Speaker,
    fields: Fields,
    faults: tuple[FieldFault, ...] = (),
) -> GatheringPage:
    """Return the form; RC are ticked as they were, else those that fit what was picked by."""
    everybody = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    circles = networks_for(session, viewer)
    earlier = _earlier(session)
    picked = _picked(session, everybody, fields, {n.id: ids for n, ids in circles})
    was_sent = "name" in fields
    return GatheringPage(
        filters=(
            (
                "modell",
                say.text("Modell"),
                _words(_known(MODELS, (rc.org_model_current for rc in everybody)), say),
                fields.get("modell", ""),
            ),
            ("fas", say.text("Fas"), _words(PHASES, say), fields.get("fas", "")),
            (
                "grupp",
                say.text("Bidragsomgång"),
                _words(_known(GRANT_GROUPS, (rc.grant_group for rc in everybody)), say),
                fields.get("grupp", ""),
            ),
            (
                "krets",
                say.text("Krets"),
                tuple((n.id, say.either(n.name_sv, n.name_en)) for n, _ in circles),
                fields.get("krets", ""),
            ),
            (
                "som",
                say.text("Samma som förra gången"),
                tuple((m.id, say.either(m.name_sv, m.name_en)) for m in earlier),
                fields.get("som", ""),
            ),
        ),
        rcs=tuple(
            RcTick(rc.id, rc.name, _facts(rc, say), RC + rc.id in fields or rc.id in picked)
            for rc in everybody
        ),
        posts=tuple(
            (kind.value, say.text(name), POST + kind.value in fields or not was_sent)
            for kind, name in POSTS.items()
        ),
        values=fields,
        faults=faults,
    )


def _words(texts: Mapping[str, str] | Mapping[PhaseBand, str], say: Speaker) -> Options:
    return tuple((str(key), say.text(text)) for key, text in texts.items())


def _known(texts: Mapping[str, str], used: Iterable[str | None]) -> dict[str, str]:
    """Return the words of a list that goes on in words of one's own: those that stand in the register."""
    return {one: texts.get(one, one) for one in sorted({str(each) for each in used if each})}


def _facts(rc: Rc, say: Speaker) -> str:
    model = rc.org_model_current or rc.org_model_planned
    known = [
        say.text(PHASES[rc.phase_band]) if rc.phase_band else "",
        say.text(MODELS.get(model, model)) if model else "",
        say.text(GRANT_GROUPS.get(rc.grant_group, rc.grant_group)) if rc.grant_group else "",
    ]
    return ", ".join(one for one in known if one)


def _picked(
    session: Session,
    everybody: Collection[Rc],
    fields: Fields,
    circles: Mapping[str, Collection[str]],
) -> set[str]:
    """Return the RC that fit every choice made; none where nothing is chosen."""
    wanted = {name: fields.get(name, "") for name in ("modell", "fas", "grupp", "krets", "som")}
    if not any(wanted.values()):
        return set()
    found = {rc.id for rc in everybody}
    if wanted["modell"]:
        found &= {rc.id for rc in everybody if rc.org_model_current == wanted["modell"]}
    if wanted["fas"]:
        found &= {rc.id for rc in everybody if rc.phase_band == wanted["fas"]}
    if wanted["grupp"]:
        found &= {rc.id for rc in everybody if rc.grant_group == wanted["grupp"]}
    if wanted["krets"]:
        found &= set(circles.get(wanted["krets"], ()))
    if wanted["som"]:
        found &= meetings.rc_ids_invited(session, [wanted["som"]]).get(wanted["som"], frozenset())
    return found


def _earlier(session: Session) -> list[Meeting]:
    return meetings.meetings_of_kind(session, MeetingKind.OTHER, _LONG_AGO)[-10:]


_LONG_AGO = from_local(datetime(2020, 1, 1))  # noqa: DTZ001 - local


def make(session: Session, fields: Fields, actor: str, at: datetime) -> tuple[Meeting, Event]:
    """Make the meeting for the RC that are ticked; nobody is invited by this.

    Raises:
        FormError: with a fault for each field that cannot be used.
    """
    faults: list[FieldFault] = []
    name = " ".join(fields.get("name", "").split())
    if not 0 < len(name) <= LONGEST_NAME:
        faults.append(FieldFault("name", "Skriv vad träffen heter."))
    if not fields.get("focus_sv", "").strip():
        faults.append(FieldFault("focus_sv", "Skriv vad träffen handlar om."))
    known = {rc.id for rc in registry.rcs(session)}
    rc_ids = tuple(sorted(rc_id for rc_id in known if RC + rc_id in fields))
    if not rc_ids:
        faults.append(FieldFault("rcs", "Välj minst ett RC."))
    if not chosen_posts(fields):
        faults.append(FieldFault("posts", "Välj minst en funktion."))
    form = (
        MeetingForm(fields["form"])
        if fields.get("form") in list(MeetingForm)
        else MeetingForm.DIGITAL
    )
    town = fields.get("town", "").strip()
    if form is not MeetingForm.DIGITAL and not town:
        faults.append(
            FieldFault("town", "Skriv vilken ort ni ska ses på, eller välj att ses digitalt.")
        )
    room, start, end = "", at, at
    try:
        room = video_url_from(fields.get("video_url", ""))
        start, end = _times(fields, at)
    except FieldFault as fault:
        faults.append(fault)
    if faults:
        raise FormError(*faults)
    draft = MeetingDraft(
        kind=MeetingKind.OTHER,
        name_sv=name,
        name_en=fields.get("name_en", "").strip() or name,
        focus_sv=fields["focus_sv"].strip(),
        focus_en=fields["focus_sv"].strip(),
        form=form,
        town="" if form is MeetingForm.DIGITAL else town,
        video_url=room,
        starts_at=start,
        ends_at=end,
        rc_ids=rc_ids,
    )
    made = service.create(session, draft, actor, at)
    service.can_be_unmade(session, made)
    event = calendar.event_of(session, "meeting", made.id)
    assert event is not None  # noqa: S101 - what is published is in the calendar
    return made, event


def _times(fields: Fields, at: datetime) -> tuple[datetime, datetime]:
    try:
        day = date.fromisoformat(fields.get("day", ""))
    except ValueError as error:
        raise FieldFault("day", "Välj en dag.") from error
    clocks = []
    for name in ("starts", "ends"):
        try:
            clock = time.fromisoformat(fields.get(name, ""))
        except ValueError as error:
            raise FieldFault(name, "Välj ett klockslag.") from error
        clocks.append(clock.replace(second=0, microsecond=0, tzinfo=None))
    start, end = (from_local(datetime.combine(day, clock)) for clock in clocks)
    if start <= at:
        raise FieldFault("day", "Tiden har redan varit.")
    if (holiday := holiday_name(day)) is not None:
        raise FieldFault("day", "Den dagen är helgdag: %(name)s.", name=holiday)
    if end <= start:
        raise FieldFault("ends", "Träffen måste sluta efter att den har börjat.")
    return start, end


def chosen_posts(fields: Fields) -> frozenset[FunctionKind]:
    """Return whose posts at the RC are invited."""
    return frozenset(kind for kind in POSTS if POST + kind.value in fields)


def recipients(session: Session, event: Event, fields: Fields) -> list[Function]:
    """Return the posts that are invited: the chosen kinds at the meeting's RC, each holder once."""
    posts = chosen_posts(fields)
    return [
        one
        for one in to_be_invited(session, event)
        if one.kind in posts and one.role is not Role.GUEST
    ]


def invite_chosen(session: Session, event: Event, fields: Fields, at: datetime) -> int:
    """Invite the chosen posts; return how many."""
    found = recipients(session, event, fields)
    for one in found:
        invite(session, event, one, at)
    return len(found)


def preview_page(
    session: Session, meeting: Meeting, event: Event, fields: Fields, say: Speaker
) -> PreviewPage:
    """Return what a meeting that is about to be made sends, and to whom."""
    posts = recipients(session, event, fields)
    holders = accounts.people(session, {one.holder_id for one in posts if one.holder_id})
    homes = {one.id: one for one in accounts.bodies(session)}
    rc_ids = meetings.rc_ids_invited(session, [meeting.id])[meeting.id]
    names = {rc.id: rc.name for rc in registry.rcs(session) if rc.id in rc_ids}
    reached = {homes[one.body_id].rc_id for one in posts}
    read = {read_by(one.language) for one in holders.values()}
    form = say.text(
        {"digital": "digitalt", "in_person": "på plats", "hybrid": "på plats och digitalt"}[
            meeting.form.value
        ]
    )
    return PreviewPage(
        name=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        where=f"{meeting.town}, {form}" if meeting.town else form,
        rcs=tuple(sorted(names.values(), key=swedish_order)),
        recipients=tuple(
            sorted(
                (
                    f"{holders[one.holder_id or ''].name}, {homes[one.body_id].name}"
                    for one in posts
                ),
                key=swedish_order,
            )
        ),
        without=tuple(
            sorted(
                (names[one] for one in rc_ids if one in names and one not in reached),
                key=swedish_order,
            )
        ),
        letters=tuple(
            (each, letter_of(session, event, each)) for each in LANGUAGES if each in read
        ),
        fields=tuple(
            (name, value) for name, value in fields.items() if name not in {"form_token", "do"}
        ),
    )
