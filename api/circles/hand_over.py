"""The mails of a hand-over: the newcomer is welcomed, and everybody concerned learns who holds a post now."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from api.accounts import directory, queries
from api.accounts.models import Body, Function, HandOver, Person
from api.accounts.news import HandOverMade
from api.accounts.retention import ERASED_HOST
from api.circles.convening import coordinating
from api.circles.models import Absence
from api.circles.newcomers import (
    Circle,
    Someone,
    circles_of,
    colleagues,
    coming,
    give_buddy,
    holder_of,
    is_of_a_circle,
)
from api.circles.queries import absence_of_hand_over, forget_buddy, open_turns
from api.invitations.letters import waits_for_planner
from api.kit.db import base_url_of
from api.kit.i18n import Language, Speaker, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.kit.settings import Settings
from api.meetings.models import MeetingState
from api.networks.models import Network
from api.outbox import queries as outbox
from api.outbox.acts import BY_LINK, Data, can_undo_by, changed, is_undoing, leave_to_planners
from api.outbox.service import Options, queue

UNDO = "hand_over"


class Part(StrEnum):
    """What the change is to whoever reads the mail."""

    HOLDS = "holds"  # has become the holder
    DEPUTISES = "deputises"  # has become the deputy
    LEFT = "left"  # was the holder or the deputy
    STAYS = "stays"  # holds it or is its deputy as before
    GAVE = "gave"  # somebody else's post, handed over by the reader


@dataclass(frozen=True, slots=True)
class HandOverMail:
    """What the mail shows; `holder` and `deputy` are names, empty where the post is vacant."""

    name: str
    part: str
    title: str
    body: str
    holder: str
    deputy: str
    by: str
    when: str
    url: str
    contact: str


@dataclass(frozen=True, slots=True)
class WelcomeMail:
    """The newcomer's one mail: what this is, whom to ring, what is coming, and the way in.

    circles: name and the other RC's names, as text. turns: the circles that it is theirs to convene,
    as text; empty when none is, or another post of the RC does it. coming: when and what.
    """

    name: str
    title: str
    body: str
    deputy: str
    leaver: str
    by: str
    circles: tuple[tuple[str, str], ...]
    turns: str
    buddy: Someone | None
    nch: Someone | None
    coming: tuple[tuple[str, str], ...]
    url: str
    contact: str


@dataclass(frozen=True, slots=True)
class NewsMail:
    """What the others of a circle are told: who is new, or that nobody holds the post now."""

    name: str
    title: str
    body: str
    leaver: str
    newcomer: Someone | None
    circles: str
    is_buddy: bool
    url: str


@dataclass(frozen=True, slots=True)
class AbsenceMail:
    """Who is away till when and who answers meanwhile; part: the reader is absent, deputy or of the circle."""

    name: str
    part: str
    ends: bool
    title: str
    body: str
    absent: str
    deputy: str
    until: str
    phone: str  # of whoever answers from now on
    email: str
    circles: str
    coming: tuple[tuple[str, str], ...]
    url: str


@dataclass(frozen=True, slots=True)
class _Change:
    """A hand-over with the rows that it is about, and everybody whom it names."""

    made: HandOver
    function: Function
    home: Body
    people: dict[str, Person]

    @property
    def has_new_holder(self) -> bool:
        return self.made.to_holder_id != self.made.from_holder_id

    @property
    def new_addresses(self) -> frozenset[str]:
        """The addresses of those who get the post."""
        made = self.made
        got = {made.to_holder_id, made.to_deputy_id} - {made.from_holder_id, made.from_deputy_id}
        return frozenset(self.people[one].email for one in got if one in self.people)

    def name_of(self, person_id: str | None) -> str:
        found = self.people.get(person_id or "")
        return found.name if found else ""


def on_hand_over_made(session: Session, news: HandOverMade) -> None:
    """Queue one mail to each whom the change concerns, in the same transaction."""
    made = queries.hand_over(session, news.hand_over_id)
    if made is not None:
        left = {made.from_holder_id, made.from_deputy_id} - {made.to_holder_id, made.to_deputy_id}
        leave_to_planners(session, [one for one in left if one], UNDO)
    function = queries.function(session, made.function_id) if made else None
    home = queries.body(session, function.body_id) if function else None
    if made is None or function is None or home is None or is_undoing(session):
        return
    concerned = _concerned(made)
    ids = {*concerned, *(one for one in (made.from_holder_id, made.from_deputy_id) if one)}
    change = _Change(made, function, home, queries.people(session, ids))
    circles = circles_of(session, home.rc_id or "") if is_of_a_circle(function, home) else []
    away = absence_of_hand_over(session, made.id)
    if away is not None:
        _tell_of_absence(session, change, away, circles)
        can_undo_by(session, UNDO, {"id": made.id, "after": _whose(function)})
        return
    buddy = None
    if circles and change.has_new_holder:
        buddy = give_buddy(session, made, function, circles, made.at)
    helper = holder_of(session, buddy.buddy_function_id) if buddy else None
    for person_id, part in concerned.items():
        person = change.people.get(person_id)
        if person is None or person.email.endswith(f"@{ERASED_HOST}"):
            continue
        if part is Part.HOLDS:
            _welcome(session, person, change, circles, helper)
        else:
            _tell(session, person, part, change)
    if circles and change.has_new_holder:
        _tell_circles(session, change, circles, helper, {*concerned})
    can_undo_by(session, UNDO, {"id": made.id, "after": _whose(function)})


def undo_hand_over(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Give a post back to those who had it, before anybody has got a mail of it.

    Raises:
        ConflictError: when the post's people have changed since.
    """
    made = queries.hand_over(session, data["id"])
    function = queries.function_to_change(session, made.function_id) if made else None
    changed(data["after"], _whose(function) if function is not None else {})
    if made is None or function is None:
        return
    forget_buddy(session, made.id)
    directory.take_back(
        session, function.id, made.id, version=function.version, actor=actor, now=at
    )


def made_in(session: Session, act_id: str) -> HandOver | None:
    """Return the hand-over of an act whose receipt is shown to whoever it signed out; None for other acts."""
    found = outbox.act(session, act_id) if act_id else None
    if found is None or found.actor != BY_LINK:
        return None
    ids = [step["data"]["id"] for step in found.steps if step["kind"] == UNDO]
    return queries.hand_over(session, ids[0]) if ids else None


def _whose(function: Function) -> Data:
    return {"holder": function.holder_id or "", "deputy": function.deputy_id or ""}


def _concerned(made: HandOver) -> dict[str, Part]:
    """Return person -> what the change is to them; the first that fits."""
    found: dict[str, Part] = {}
    before = {made.from_holder_id, made.from_deputy_id}
    for person_id, part in (
        (made.to_holder_id, Part.HOLDS if made.to_holder_id != made.from_holder_id else Part.STAYS),
        (
            made.to_deputy_id,
            Part.DEPUTISES if made.to_deputy_id != made.from_deputy_id else Part.STAYS,
        ),
        *((one, Part.LEFT) for one in sorted(one for one in before if one)),
        (made.actor, Part.GAVE),
    ):
        if person_id is not None:
            found.setdefault(person_id, part)
    return found


def _tell(session: Session, person: Person, part: Part, change: _Change) -> None:
    language = _language_of(person)
    made = change.made
    page = HandOverMail(
        name=person.name,
        part=part.value,
        title=change.function.title,
        body=change.home.name,
        holder=change.name_of(made.to_holder_id),
        deputy=change.name_of(made.to_deputy_id),
        by=change.name_of(made.actor),
        when=Speaker(language).moment(made.at),
        url=_url(session, language, "/logga-in"),
        contact=Settings().contact_mail,
    )
    _queue(session, person, "hand_over", language, page, made.at, change)


def _welcome(
    session: Session, person: Person, change: _Change, circles: list[Circle], helper: Someone | None
) -> None:
    language = _language_of(person)
    say, made = Speaker(language), change.made
    page = WelcomeMail(
        name=person.name,
        title=change.function.title,
        body=change.home.name,
        deputy=change.name_of(made.to_deputy_id),
        leaver=change.name_of(made.from_holder_id),
        by=change.name_of(made.actor),
        circles=tuple(
            (_name(say, one.network), say.listing(_bodies(session, one.others))) for one in circles
        ),
        turns=say.listing([_name(say, one) for one in _turns(session, change, circles)]),
        buddy=helper,
        nch=_nch(session, change.home),
        coming=_coming(session, say, person, made.at),
        url=_url(session, language, "/logga-in?next=/valkommen"),
        contact=Settings().contact_mail,
    )
    _queue(session, person, "welcome", language, page, made.at, change)


def _turns(session: Session, change: _Change, circles: list[Circle]) -> list[Network]:
    """Return the circles that the newcomer convenes next; the old holder was told, nobody else is."""
    rc_id = change.home.rc_id or ""
    post = coordinating(session, rc_id) if circles else None
    if post is None or post.id != change.function.id:
        return []
    ours = {one.network_id for one in open_turns(session) if one.rc_id == rc_id}
    return [one.network for one in circles if one.network.id in ours]


def _coming(
    session: Session, say: Speaker, person: Person, at: datetime
) -> tuple[tuple[str, str], ...]:
    """Return when and what is coming for a person, as text."""
    proposed = say.text("förslag")
    return tuple(
        (
            say.moment(one.starts_at),
            say.either(one.name_sv, one.name_en)
            + (f" ({proposed})" if one.state is MeetingState.PROPOSED else ""),
        )
        for one in coming(session, person, at)
    )


def _tell_circles(
    session: Session, change: _Change, circles: list[Circle], helper: Someone | None, but: set[str]
) -> None:
    """Tell everybody in the RC's circles, once each, however many circles they share."""
    made = change.made
    newcomer = holder_of(session, change.function.id) if made.to_holder_id else None
    shared = colleagues(session, circles, but)
    people = queries.people(session, list(shared))
    for person_id in sorted(shared):
        person = people[person_id]
        language = _language_of(person)
        say = Speaker(language)
        page = NewsMail(
            name=person.name,
            title=change.function.title,
            body=change.home.name,
            leaver=change.name_of(made.from_holder_id),
            newcomer=newcomer,
            circles=say.listing([_name(say, one) for one in shared[person_id]]),
            is_buddy=helper is not None and helper.person_id == person_id,
            url=_url(session, language, f"/natverk/{shared[person_id][0].id}"),
        )
        _queue(session, person, "circle_hears", language, page, made.at, change)


def _tell_of_absence(
    session: Session, change: _Change, away: Absence, circles: list[Circle]
) -> None:
    """Tell the two, and everybody in the circles, who answers while somebody is away, or is back."""
    made, ends = change.made, away.ended_by == change.made.id
    people = queries.people(session, [away.person_id, away.deputy_id])
    absent, deputy = people[away.person_id], people[away.deputy_id]
    shared = colleagues(session, circles, {absent.id, deputy.id})
    told = {absent.id: "absent", deputy.id: "deputy"} | dict.fromkeys(sorted(shared), "circle")
    for person_id, person in queries.people(session, list(told)).items():
        language = _language_of(person)
        say, answers = Speaker(language), absent if ends else deputy
        page = AbsenceMail(
            name=person.name,
            part=told[person_id],
            ends=ends,
            title=change.function.title,
            body=change.home.name,
            absent=absent.name,
            deputy=deputy.name,
            until=say.date(away.until),
            phone=answers.phone,
            email=answers.email,
            circles=say.listing([_name(say, one) for one in shared.get(person_id, [])]),
            coming=_coming(session, say, person, made.at) if told[person_id] != "circle" else (),
            url=_url(session, language, "/jag-slutar" if person_id == absent.id else "/"),
        )
        _queue(session, person, "absence", language, page, made.at, change)


def _queue(
    session: Session,
    person: Person,
    name: str,
    language: Language,
    page: object,
    at: datetime,
    change: _Change,
) -> None:
    said = texts(name, language, page)
    options = Options(tells_others=True, is_draft=_is_stranger(session, person, change))
    queue(session, person.email, said.subject, said.text, said.html, at, options)


def _is_stranger(session: Session, person: Person, change: _Change) -> bool:
    """Whether a mail waits for a planner: somebody else gave a post to an address in an unknown domain."""
    others = {
        function.id
        for function, _ in queries.functions_of(session, person.id)
        if function.id != change.function.id
    }
    if others or queries.plans(session, change.made.actor):
        return False
    return waits_for_planner(session, person.email, but=change.new_addresses)


def _nch(session: Session, home: Body) -> Someone | None:
    """Return whom the organisation rings at NCH."""
    found = queries.nch_contact(session, home.id)
    return holder_of(session, found[0].id) if found else None


def _bodies(session: Session, rc_ids: tuple[str, ...]) -> list[str]:
    bodies = (queries.body_of_rc(session, one) for one in rc_ids)
    return [one.name for one in bodies if one is not None]


def _name(say: Speaker, network: Network) -> str:
    return say.either(network.name_sv, network.name_en)


def _language_of(person: Person) -> Language:
    return read_by(person.language)


def _url(session: Session, language: Language, path: str) -> str:
    return base_url_of(session) + address(language, path)
