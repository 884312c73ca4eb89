"""A network's page: why these RC are together, the figures behind it, whom to ring and when they meet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, Person
from api.accounts.policy import (
    Viewer,
    may_act_in_network,
    may_see_contacts,
)
from api.audit.naming import SAID
from api.availability import queries as availability
from api.availability.asking import invited
from api.circles.declining import those_who_hear
from api.circles.life import Life, life_of
from api.kit.i18n import Speaker, swedish_order
from api.meetings import queries as meetings
from api.meetings.audience import may_change_meeting
from api.meetings.forums import forums_for
from api.meetings.models import Meeting, MeetingForm, MeetingState
from api.meetings.series import next_of_each
from api.networks import queries as networks
from api.networks.claims import Interests
from api.networks.models import Layer, Network, NetworkForm
from api.networks.service import LAYER_NAMES, network_for, networks_for
from api.networks.wording import ATTRIBUTES, Evidence
from api.proposals.networks.reasons import Reasons, reasons
from api.proposals.visits.asking import learnt_lines
from api.registry.facts import seat_of
from api.registry.map_view import MapView, looks_of, map_of, signs_of
from api.registry.models import Rc
from api.travel.service import travel_of
from api.travel.wording import BAND_NAMES, about
from matcher.geo import Point, great_circle_km
from matcher.travel import Travel, band_of

LAYER_PURPOSES = {
    Layer.LIKENESS: "RC som har kommit lika långt. Ni brottas med samma frågor och kan fråga varandra om allt.",
    Layer.NEARNESS: "RC nära varandra: lätt att ses och att göra studiebesök.",
    Layer.EXPERIENCE: "RC som ska starta möter RC som redan är i drift.",
    Layer.FORUM: "Samma funktion i olika län.",
}
STATES = {
    MeetingState.DRAFT: "utkast",
    MeetingState.PROPOSED: "förslag",
    MeetingState.PUBLISHED: "bestämd",
    MeetingState.CANCELLED: "inställd",
}
SAID["meeting", "state"] = SAID["series", "state"] = STATES
LOOKS = {
    MeetingState.DRAFT: "draft",
    MeetingState.PROPOSED: "reviewed",
    MeetingState.PUBLISHED: "published",
    MeetingState.CANCELLED: "ended",
}


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ring or write to."""

    title: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An RC of the network, with its facts in words and its people where the viewer may see them."""

    rc_id: str
    name: str
    seat: str
    is_own: bool
    dissimilarity: str
    contacts: tuple[Contact, ...]
    seeks: str
    offers: str
    has_declined: bool
    hears: tuple[str, ...]  # who gets a mail when this RC answers for its place
    may_answer: bool


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One attribute that was weighed: weight, how unlike the group is and how much is known, as text."""

    name: str
    weight: str
    dissimilarity: str
    share: int  # per cent, for the bar
    known: str


@dataclass(frozen=True, slots=True)
class DistanceRow:
    """How far two members are from each other."""

    first: str
    second: str
    km: str
    band: str
    travel: str
    hours: float  # one way, door to door; 0 where a seat is not known


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting of the network."""

    id: str
    name: str
    when: str
    brief: str
    where: str
    state: str
    look: str  # how the state is drawn
    version: int
    is_proposed: bool
    may_change: bool
    series_path: str


@dataclass(frozen=True, slots=True)
class RingRow:
    """Whom to ring at another RC of the network: whoever has a number first, the rest under `also`."""

    rc: str
    first: Contact
    also: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """Everything that the page of a network shows."""

    id: str
    name: str
    layer: str
    purpose: str
    why: str
    is_thin: bool
    is_digital: bool
    is_example: bool
    members: tuple[MemberRow, ...]
    figures: tuple[FigureRow, ...]
    distances: tuple[DistanceRow, ...]
    meetings: tuple[MeetingRow, ...]
    map: MapView
    polls: tuple[tuple[str, str], ...]  # id and theme of those that take answers
    learnt: tuple[str, ...]  # what members have brought home from study visits
    may_act: bool
    life: Life
    invited: tuple[str, ...] = ()  # who gets a mail when a proposed time is decided
    former_name: str = ""
    why_lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What is said of the circle, each with where it is known from."""

    @property
    def ring(self) -> tuple[RingRow, ...]:
        """Whom to ring: an RC in a row, the reader's own last, those without anybody left out."""
        rows = []
        for member in sorted(self.members, key=lambda one: one.is_own):
            found = sorted(member.contacts, key=lambda one: (not one.phone, not one.name))
            reached = [one for one in found if one.phone or one.email]
            if reached:
                rows.append(RingRow(member.name, reached[0], tuple(reached[1:])))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class RcChip:
    """An RC as a chip: its name, and its phase and organisation, each as shown and in words."""

    id: str
    name: str
    phase: str = ""
    phase_word: str = ""
    model: str = ""
    model_word: str = ""


@dataclass(frozen=True, slots=True)
class NetworkCard:
    """A network in a list."""

    id: str
    name: str
    layer: str
    kind: str
    members: str
    chips: tuple[RcChip, ...]
    why: str
    is_digital: bool


@dataclass(frozen=True, slots=True)
class NetworksPage:
    """The networks that the viewer may see, layer by layer."""

    layers: tuple[tuple[str, str, tuple[NetworkCard, ...]], ...]
    forums: tuple[tuple[str, str, str, int], ...]  # path, name, purpose, how many functions
    signs: tuple[tuple[str, str], ...] = ()  # of organisations, with their words


def networks_page(session: Session, viewer: Viewer, say: Speaker) -> NetworksPage:
    """Return the list of networks; the number of queries does not grow with their number."""
    visible = networks_for(session, viewer)
    known = reasons(session)
    layers = []
    for layer in Layer:
        cards = [
            _card(say, network, rc_ids, known)
            for network, rc_ids in visible
            if network.layer == layer
        ]
        if cards:
            heading, purpose = say.text(LAYER_NAMES[layer]), say.text(LAYER_PURPOSES[layer])
            layers.append((heading, purpose, tuple(cards)))
    forums = tuple(
        (
            f"/forum/{forum.key}",
            forum.name if forum.group else say.text(forum.name),
            forum.purpose if forum.group else say.text(forum.purpose),
            number,
        )
        for forum, number in forums_for(session, viewer)
    )
    used = {chip.model for _, _, cards in layers for card in cards for chip in card.chips}
    return NetworksPage(tuple(layers), forums, signs_of(used, say))


def network_page(
    session: Session, viewer: Viewer, network_id: str, say: Speaker, at: datetime
) -> NetworkPage:
    """Return a network's page.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    network, rc_ids = network_for(session, viewer, network_id)
    known = reasons(session, at)
    everybody = sorted(known.rcs.values(), key=lambda rc: swedish_order(rc.name))
    rcs = [rc for rc in everybody if rc.id in rc_ids]
    names = {rc.id: rc.name for rc in rcs}
    evidence = Evidence.from_json(network.evidence)
    costs = dict(evidence.members)
    shows_contacts = may_see_contacts(viewer, rc_ids)
    sought = _themes(known, rc_ids, say) if shows_contacts else dict.fromkeys(rc_ids, ("", ""))
    rows = networks.members(session, [network.id])[network.id]
    said_no = {row.rc_id for row in rows if row.declined_at is not None}
    return NetworkPage(
        id=network.id,
        name=name_of(network, say),
        layer=say.text(LAYER_NAMES[network.layer]),
        purpose=say.text(LAYER_PURPOSES[network.layer]),
        why=known.why(say, network.layer, rc_ids),
        why_lines=known.lines(say, network.layer, rc_ids),
        is_thin=evidence.is_thin,
        is_digital=network.form == NetworkForm.DIGITAL,
        is_example=network.is_example,
        members=tuple(
            MemberRow(
                rc_id=rc.id,
                name=rc.name,
                seat=rc.seat_city or "",
                is_own=rc.id in viewer.home_rc_ids,
                dissimilarity=say.number(costs[rc.id], 2) if rc.id in costs else "–",
                contacts=contacts_of(session, rc.id) if shows_contacts else (),
                seeks=sought[rc.id][0],
                offers=sought[rc.id][1],
                has_declined=rc.id in said_no,
                hears=tuple(one.name for one in those_who_hear(session, network.id, rc.id))
                if rc.id in viewer.rc_ids
                else (),
                may_answer=rc.id in viewer.rc_ids,
            )
            for rc in rcs
        ),
        figures=tuple(_figures(say, evidence)),
        distances=tuple(_distances(say, rcs, travel_of(session))),
        meetings=tuple(
            meeting_row(session, viewer, meeting, say)
            for meeting in next_of_each(
                one for one in meetings.meetings_of_network(session, network.id) if one.ends_at > at
            )
        ),
        map=map_of(everybody, chosen=rc_ids, ties=combinations(sorted(names), 2)),
        polls=tuple((poll.id, poll.theme) for poll in availability.open_polls(session, network.id)),
        learnt=learnt_lines(session, rc_ids, say),
        may_act=may_act_in_network(viewer, [one for one in rc_ids if one not in said_no]),
        invited=tuple(invited(session, network.id)) if shows_contacts else (),
        life=life_of(session, viewer, network, say, at),
        former_name=say.either(network.former_sv, network.former_en),
    )


def _themes(known: Reasons, rc_ids: tuple[str, ...], say: Speaker) -> dict[str, tuple[str, str]]:
    """Return what each RC seeks and offers, as lists of themes in words."""
    names = known.titles(say)

    def words(keys: Collection[str]) -> str:
        return say.listing(sorted((names[key] for key in keys if key in names), key=swedish_order))

    found = {rc: known.interests.get(rc, Interests()) for rc in rc_ids}
    return {rc: (words(one.sought), words(one.offered)) for rc, one in found.items()}


def name_of(network: Network, say: Speaker) -> str:
    """Return a network's name in the viewer's language."""
    return say.either(network.name_sv, network.name_en)


def contacts_of(session: Session, rc_id: str) -> tuple[Contact, ...]:
    """Return whom to ring at an RC: each function's holder, with the mailbox where nobody holds it."""
    body = accounts.body_of_rc(session, rc_id)
    if body is None:
        return ()
    functions = accounts.functions_of_body(session, body.id)
    holders = accounts.people(session, {one.holder_id for one in functions if one.holder_id})
    return tuple(contact(one, holders.get(one.holder_id or "")) for one in functions)


def where_of(say: Speaker, meeting: Meeting) -> str:
    """Return the town, or whether there is to be one."""
    if meeting.town or meeting.form is MeetingForm.DIGITAL:
        return meeting.town or say.text("digitalt")
    return say.text("på plats, orten är inte bestämd")


def meeting_row(session: Session, viewer: Viewer, meeting: Meeting, say: Speaker) -> MeetingRow:
    """Return a meeting as a line of a list."""
    return MeetingRow(
        id=meeting.id,
        name=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        brief=say.brief(meeting.starts_at, meeting.ends_at),
        where=where_of(say, meeting),
        state=say.text(STATES[meeting.state]),
        look=LOOKS[meeting.state],
        version=meeting.version,
        is_proposed=meeting.state == MeetingState.PROPOSED,
        may_change=may_change_meeting(session, viewer, meeting),
        series_path=f"/serie/{meeting.series_id}" if meeting.series_id else "",
    )


def contact(function: Function, holder: Person | None) -> Contact:
    """Return whom to ring: the function's holder, or its mailbox where nobody holds it."""
    if holder is None:
        return Contact(function.title, "", function.mailbox, "")
    return Contact(function.title, holder.name, holder.email, holder.phone)


def _card(say: Speaker, network: Network, rc_ids: tuple[str, ...], known: Reasons) -> NetworkCard:
    rcs = sorted((known.rcs[one] for one in rc_ids), key=lambda one: swedish_order(one.name))
    return NetworkCard(
        id=network.id,
        name=name_of(network, say),
        layer=say.text(LAYER_NAMES[network.layer]),
        kind=network.layer.value,
        members=say.listing([one.name for one in rcs]),
        chips=tuple(RcChip(one.id, one.name, *looks_of(say, one)) for one in rcs),
        why=known.why(say, network.layer, rc_ids),
        is_digital=network.form == NetworkForm.DIGITAL,
    )


def _figures(say: Speaker, evidence: Evidence) -> list[FigureRow]:
    return [
        FigureRow(
            name=say.text(ATTRIBUTES[one.name][0]),
            weight=say.number(one.weight, 1),
            dissimilarity=say.number(one.dissimilarity, 2),
            share=round(100 * one.dissimilarity),
            known=say.text("%(share)s %% känt", share=round(100 * one.known)),
        )
        for one in evidence.attributes
    ]


def _distances(say: Speaker, rcs: list[Rc], travel: Travel) -> list[DistanceRow]:
    rows = []
    for number, first in enumerate(rcs):
        for second in rcs[number + 1 :]:
            a, b = seat_of(first), seat_of(second)
            if a is None or b is None:
                unknown = say.text("orten är okänd")
                rows.append(DistanceRow(first.name, second.name, "", unknown, "", 0.0))
                continue
            journey = travel.journey(Point(*a), Point(*b))
            rows.append(
                DistanceRow(
                    first.name,
                    second.name,
                    say.number(great_circle_km(a, b)),
                    say.text(BAND_NAMES[band_of(journey.hours)]),
                    about(journey.hours, say, journey.basis),
                    journey.hours,
                )
            )
    return rows
