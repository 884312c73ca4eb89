"""The form of a new meeting, what RC are ticked by, and what is shown before anybody is invited or asked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, BodyKind
from api.accounts.policy import Viewer
from api.accounts.web.overview import MATTERS
from api.availability import asking
from api.availability import queries as polls
from api.availability.asking import FORM_NAMES
from api.availability.web.forms import ROWS
from api.availability.web.recurring import FREQUENCIES
from api.front.gathering.making import (
    GROUP,
    NAMED,
    POST,
    RC,
    SLOTS,
    SPANS,
    Fields,
    How,
    Made,
    chosen,
)
from api.invitations.letters import draft as letter_of
from api.invitations.service import to_be_invited
from api.kit.clock import from_local, now
from api.kit.errors import FieldFault
from api.kit.i18n import LANGUAGES, Language, Speaker, read_by, swedish_order
from api.kit.mail import Texts
from api.meetings import queries as meetings
from api.meetings.groups import POSTS, posts_of
from api.meetings.models import Meeting, MeetingKind
from api.networks.service import networks_for
from api.proposals.networks.reasons import SURVEY_MEMORY
from api.registry import queries as registry
from api.registry.models import Rc
from api.registry.vocabulary import BANDS, GRANT_GROUPS, MODELS, phase_in_words
from api.surveys.queries import themes_by_id
from api.surveys.service import sought_and_offered

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
    matters: Options  # what each organisation has said itself of who comes
    named: tuple[tuple[str, str, bool], ...]  # posts elsewhere, by name: id, whose, ticked
    group: tuple[str, str, tuple[str, ...]] | None  # a saved one as it is: id, name, who
    frequencies: Options
    spans: tuple[int, ...]
    rows: tuple[int, ...]
    slots: tuple[str, ...]
    values: Fields
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Before anybody is invited or asked: who, to what, and how the mail reads."""

    name: str
    how: str
    when: tuple[str, ...]
    where: str
    seats: int  # 0: as many as come
    group: str  # the name that it is saved by
    per_year: int
    left_out: tuple[str, ...]  # holidays that the series skips
    answer_by: str
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
    *,
    counties: Options = (),
) -> GatheringPage:
    """Return the form; RC are ticked as they were, else those that fit what was picked by."""
    everybody = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    circles = networks_for(session, viewer)
    earlier = _earlier(session)
    homes = {body.rc_id: body for body in accounts.bodies(session) if body.rc_id}
    offered = _offered(session)
    fits = {
        "modell": {rc.id: {rc.org_model_current or ""} for rc in everybody},
        "fas": {rc.id: {rc.phase_band.value if rc.phase_band else ""} for rc in everybody},
        "grupp": {rc.id: {rc.grant_group or ""} for rc in everybody},
        "lan": {rc.id: _counties_of(rc, homes.get(rc.id)) for rc in everybody},
        "hand": {rc.id: offered.get(rc.id, set()) for rc in everybody},
        "krets": _reversed(everybody, {n.id: ids for n, ids in circles}),
        "som": _reversed(everybody, _of_groups(session, earlier)),
    }
    asked = {name: fields.get(name, "") for name in fits}
    picked = {
        rc.id
        for rc in everybody
        if any(asked.values())
        and all(value in fits[name][rc.id] for name, value in asked.items() if value)
    }
    was_sent = "name" in fields
    choices = {
        "modell": (
            say.text("Modell"),
            _words(_known(MODELS, (rc.org_model_current for rc in everybody)), say),
        ),
        "fas": (say.text("Fas"), _words(BANDS, say)),
        "grupp": (
            say.text("Bidragsomgång"),
            _words(_known(GRANT_GROUPS, (rc.grant_group for rc in everybody)), say),
        ),
        "lan": (say.text("Län"), counties),
        "krets": (
            say.text("Krets"),
            tuple((n.id, say.either(n.name_sv, n.name_en)) for n, _ in circles),
        ),
        "hand": (say.text("Har erbjudit sig om"), _themes(session, offered, say)),
        "som": (
            say.text("Samma som förra gången"),
            tuple((m.id, say.either(m.name_sv, m.name_en)) for m in earlier),
        ),
    }
    return GatheringPage(
        filters=tuple(
            (name, label, options, asked[name]) for name, (label, options) in choices.items()
        ),
        rcs=tuple(
            RcTick(rc.id, rc.name, _facts(rc, say), RC + rc.id in fields or rc.id in picked)
            for rc in everybody
        ),
        posts=tuple(
            (kind.value, say.text(name), POST + kind.value in fields or not was_sent)
            for kind, name in POSTS.items()
        ),
        matters=tuple((matter.value, say.text(name)) for matter, name in MATTERS.items()),
        named=_named(session, fields),
        group=_group(session, fields.get(GROUP, ""), say),
        frequencies=tuple((one.value, say.text(name)) for one, name in FREQUENCIES.items()),
        spans=tuple(range(1, SPANS + 1)),
        rows=tuple(range(1, ROWS + 1)),
        slots=SLOTS,
        values=fields,
        faults=faults,
    )


def _reversed(
    everybody: Iterable[Rc], groups: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Return which of the groups each RC is in."""
    return {rc.id: {key for key, ids in groups.items() if rc.id in ids} for rc in everybody}


def _counties_of(rc: Rc, home: Body | None) -> set[str]:
    """Return the counties that an RC, or its organisation, is in; the whole ones by two digits."""
    return {rc.county_code, *(code[:2] for code in (home.county_codes if home else "").split())}


def _offered(session: Session) -> dict[str, set[str]]:
    """Return the themes that each RC has raised its hand for in a needs survey."""
    found = sought_and_offered(session, now() - SURVEY_MEMORY)
    return {rc_id: set(one.offered) for rc_id, one in found.items()}


def _themes(session: Session, offered: Mapping[str, Collection[str]], say: Speaker) -> Options:
    known = themes_by_id(session, {one for ids in offered.values() for one in ids})
    return tuple((one.id, say.either(one.name_sv, one.name_en)) for one in known.values())


def _of_groups(session: Session, earlier: Collection[Meeting]) -> dict[str, set[str]]:
    """Return the RC whose posts were invited to each earlier meeting."""
    groups = meetings.group_posts(session, {one.group_id for one in earlier if one.group_id})
    ids = {one for posts in groups.values() for one in posts}
    homes = {one.id: body.rc_id or "" for one, body in accounts.functions_with_bodies(session, ids)}
    own = meetings.rc_ids_invited(session, [one.id for one in earlier])
    return {
        one.id: {homes.get(post, "") for post in groups.get(one.group_id or "", ())}
        | own.get(one.id, frozenset())
        for one in earlier
    }


def _named(session: Session, fields: Fields) -> tuple[tuple[str, str, bool], ...]:
    """Return the posts outside RC that somebody holds: leaders at county boards, NCH's, guests'."""
    found = [
        pair
        for kind in (BodyKind.COUNTY_BOARD, BodyKind.NCH, BodyKind.GUEST)
        for pair in accounts.functions_of_kind(session, kind)
    ]
    people = accounts.names_of(session, {one.holder_id for one, _ in found if one.holder_id})
    rows = (
        (one.id, f"{body.name}, {one.title}: {people[one.holder_id]}", NAMED + one.id in fields)
        for one, body in found
        if one.holder_id in people
    )
    return tuple(sorted(rows, key=lambda row: swedish_order(row[1])))


def _group(
    session: Session, group_id: str, say: Speaker
) -> tuple[str, str, tuple[str, ...]] | None:
    found = meetings.group(session, group_id) if group_id else None
    if found is None:
        return None
    posts = posts_of(session, found.id)
    people = accounts.names_of(session, {one.holder_id for one, _ in posts if one.holder_id})
    names = (
        f"{people.get(one.holder_id or '', say.text('ingen'))}, {body.name}" for one, body in posts
    )
    return found.id, found.name, tuple(sorted(names, key=swedish_order))


def _words(texts: Mapping[str, str], say: Speaker) -> Options:
    return tuple((str(key), say.text(text)) for key, text in texts.items())


def _known(texts: Mapping[str, str], used: Iterable[str | None]) -> dict[str, str]:
    """Return the words of a list that goes on in words of one's own: those that stand in the register."""
    return {one: texts.get(one, one) for one in sorted({str(each) for each in used if each})}


def _facts(rc: Rc, say: Speaker) -> str:
    model = rc.org_model_current or rc.org_model_planned
    known = [
        phase_in_words(say, rc.establishment_status),
        say.text(MODELS.get(model, model)) if model else "",
        say.text(GRANT_GROUPS.get(rc.grant_group, rc.grant_group)) if rc.grant_group else "",
    ]
    return ", ".join(one for one in known if one)


def _earlier(session: Session) -> list[Meeting]:
    return meetings.meetings_of_kind(session, MeetingKind.OTHER, _LONG_AGO)[-10:]


_LONG_AGO = from_local(datetime(2020, 1, 1))  # noqa: DTZ001 - local


def preview_page(session: Session, made: Made, fields: Fields, say: Speaker) -> PreviewPage:
    """Return what a meeting that is about to be made sends, and to whom."""
    posts = chosen(session, fields)
    told = posts if made.event is None else to_be_invited(session, made.event)
    holders = accounts.people(session, {one.holder_id for one in told if one.holder_id})
    homes = {one.id: one for one in accounts.bodies(session)}
    wanted = made.wanted
    reached = {homes[one.body_id].rc_id for one in posts if one.body_id in homes}
    ticked = {key: name for key, name in registry.names(session).items() if RC + key in fields}
    read = {read_by(one.language) for one in holders.values()}
    form = say.text(FORM_NAMES[wanted.form])
    return PreviewPage(
        name=say.either(wanted.name, wanted.name_en),
        how=wanted.how.value,
        when=_when(made, say),
        where=f"{wanted.town}, {form}" if wanted.town else form,
        seats=wanted.seats,
        group=made.group.name if made.group.is_saved else "",
        per_year=made.group.per_year,
        left_out=tuple(say.date(day) for day in made.left_out),
        answer_by=say.date(made.poll.answer_by) if made.poll and made.poll.answer_by else "",
        rcs=tuple(sorted(ticked.values(), key=swedish_order)),
        recipients=tuple(
            sorted(
                (
                    f"{holders[one.holder_id].name}, {homes[one.body_id].name}"
                    for one in told
                    if one.holder_id in holders
                ),
                key=swedish_order,
            )
        ),
        without=tuple(
            sorted((name for one, name in ticked.items() if one not in reached), key=swedish_order)
        ),
        letters=tuple((each, _letter(session, made, each)) for each in LANGUAGES if each in read),
        fields=tuple(
            (name, value) for name, value in fields.items() if name not in {"form_token", "do"}
        ),
    )


def _when(made: Made, say: Speaker) -> tuple[str, ...]:
    """Return the time, or each of them."""
    wanted = made.wanted
    if wanted.how is not How.AGAIN:
        return tuple(say.span(one.starts_at, one.ends_at) for one in wanted.times)
    length = wanted.times[0].ends_at - wanted.times[0].starts_at
    return tuple(say.span(one, one + length) for one in made.moments)


def _letter(session: Session, made: Made, language: Language) -> Texts:
    if made.poll is not None:
        options = polls.options(session, made.poll.id)
        return asking.preview(session, made.poll, options, None, language)
    assert made.event is not None  # noqa: S101 - what is no poll is in the calendar
    return letter_of(session, made.event, language)
