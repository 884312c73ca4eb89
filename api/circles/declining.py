"""An RC says no to its circle without saying why, or comes back: its places, its turn, and who hears of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Person
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.circles import queries
from api.circles.convening import coordinator, pass_on_by_no, taking_part
from api.invitations import queries as invitations
from api.invitations.letters import is_over
from api.invitations.models import Invitation, Partstat, Place
from api.invitations.service import Answer, answer, answer_on_page, invite_all
from api.kit.db import base_url_of
from api.kit.i18n import Speaker, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.networks import queries as networks
from api.networks.models import Network
from api.networks.service import CircleAnswered
from api.outbox.acts import Data, can_undo_by, is_undoing
from api.outbox.service import Options, queue

UNDO = "circle's places declined"


@dataclass(frozen=True, slots=True)
class AnswerMail:
    """Who takes no part any more, or takes part again, and who convenes the next time."""

    name: str
    circle: str
    rc: str
    is_no: bool
    left: int  # RC that take part now
    convener: str  # empty: nobody
    url: str


def those_who_hear(session: Session, network_id: str, rc_id: str) -> list[Person]:
    """Return who gets a mail when an RC answers for its place: one at each other RC that takes part."""
    others = (coordinator(session, one) for one in taking_part(session, network_id) if one != rc_id)
    return list({one.id: one for one in others if one is not None}.values())


def on_circle_answered(session: Session, news: CircleAnswered) -> None:
    """Let the places and the turn follow, and tell the others."""
    network = networks.network(session, news.network_id)
    if network is None or network.ended_on is not None or is_undoing(session):
        return
    if news.is_no:
        _decline_places(session, news)
        turn = queries.turn(session, network.id)
        if turn is not None and turn.rc_id == news.rc_id:
            pass_on_by_no(session, network, turn, news.at)
    else:
        for event in _ahead(session, news.network_id, news.at):
            invite_all(session, event)
    _tell(session, network, news)


def _decline_places(session: Session, news: CircleAnswered) -> None:
    """Decline what the RC's own people are invited to; a place that was given to somebody else stays theirs."""
    posts = accounts.functions_of_rcs(session, [news.rc_id]).get(news.rc_id, [])
    held = {one.holder_id for one in posts if one.holder_id}
    addresses = {one.email for one in accounts.people(session, held).values()}
    ids = {one.id for one in posts}
    declined = {}
    for event in _ahead(session, news.network_id, news.at):
        for place in invitations.of_event(session, event.id):
            is_own = place.function_id in ids and place.address in addresses
            if is_own and place.place is Place.INVITED and place.partstat is not Partstat.DECLINED:
                declined[place.id] = place.partstat.value
                given = (Partstat.DECLINED, news.at, news.actor)
                answer_on_page(session, place, event, *given, waits=True)
    can_undo_by(session, UNDO, {"places": declined})


def undo_declining(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Answer as before where nobody has answered since; no calendar has heard of anything else."""
    for place_id, before in data["places"].items():
        place = invitations.invitation(session, place_id)
        event = calendar.event(session, place.event_id) if place else None
        if place is not None and event is not None and _is_declined(place, event, at):
            sequence = max(event.sequence, place.sent_sequence or 0)
            given = Answer(Partstat(before), sequence, at)
            answer(session, place, given, actor, is_on_page=True)


def _is_declined(place: Invitation, event: Event, at: datetime) -> bool:
    is_ahead = event.status != "CANCELLED" and not is_over(event, at)
    return is_ahead and place.partstat is Partstat.DECLINED


def _ahead(session: Session, network_id: str, at: datetime) -> Iterator[Event]:
    """Yield what a circle has decided on: its meetings, and the series that some of them are of."""
    decided = [
        one
        for one in meetings.meetings_of_network(session, network_id)
        if one.ends_at > at and one.state is MeetingState.PUBLISHED
    ]
    series = sorted({one.series_id for one in decided if one.series_id})
    subjects = [("series", one) for one in series]
    subjects += [("meeting", one.id) for one in decided if not one.series_id]
    for kind, subject_id in subjects:
        event = calendar.event_of(session, kind, subject_id)
        if event is not None and event.status != "CANCELLED" and not is_over(event, at):
            yield event


def _tell(session: Session, network: Network, news: CircleAnswered) -> None:
    turn = queries.turn(session, network.id)
    names = {}
    for rc_id in {news.rc_id, *([turn.rc_id] if turn else [])}:
        body = accounts.body_of_rc(session, rc_id)
        names[rc_id] = body.name if body else rc_id
    for person in those_who_hear(session, network.id, news.rc_id):
        if person.id == news.actor:
            continue
        language = read_by(person.language)
        page = AnswerMail(
            name=person.name,
            circle=Speaker(language).either(network.name_sv, network.name_en),
            rc=names[news.rc_id],
            is_no=news.is_no,
            left=len(taking_part(session, network.id)),
            convener=names[turn.rc_id] if turn else "",
            url=base_url_of(session) + address(language, f"/natverk/{network.id}"),
        )
        said = texts("circle_answer", language, page)
        options = Options(tells_others=True, is_example=network.is_example)
        queue(session, person.email, said.subject, said.text, said.html, news.at, options)
