"""Whose turn it is to convene a circle: chosen by the circle, or proposed to whoever has done it least."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, FunctionKind, Person, Role
from api.accounts.policy import Viewer, insist, may_act_in_network, may_plan
from api.audit.service import record
from api.circles import queries
from api.circles.models import CircleCare, Convening, TurnEnd
from api.kit.clock import to_local
from api.kit.db import base_url_of
from api.kit.errors import ConflictError, FieldFault
from api.kit.i18n import Speaker, later, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.networks import queries as networks
from api.networks.models import Network
from api.networks.service import network_for
from api.outbox.acts import Data, can_undo_by, changed
from api.outbox.service import Options, queue

NUDGE, TURN = "nudge", "turn"
LONGEST_REST = timedelta(days=200)
BETWEEN_NUDGES = timedelta(days=30)
# A time that is proposed and that nobody has decided on is asked about this long before, once.
TO_DECIDE = timedelta(days=14)

# What the next time may hold, in this order; there is nowhere to write about a case.
ITEMS = {
    "first": later("Första träffen: vilka vi är och vad vi vill ha hjälp med."),
    "round": later("Runda: hur var och en har det."),
    "case": later(
        "Ett anonymiserat fall. Att utelämna namnet räcker inte: ändra eller ta bort ort, ålder, släktskap och datum så att ingen kan känna igen någon. Skriv inte ner fallet."
    ),
    "theme": later("Ett ämne som ni väljer ihop."),
    "pepp": later("Ny energi: något som har gått bra."),
    "next": later("Nästa gång: när, var och vem som sammankallar."),
}
FIRST_TIME, AS_USUAL = ("first", "round", "next"), ("round", "case", "theme", "pepp", "next")


@dataclass(frozen=True, slots=True)
class TurnMail:
    """What whoever convenes next is told, or reminded of when the circle has been silent or has a time to decide."""

    name: str
    circle: str
    why: str  # of About
    others: str
    when: str  # of the next meeting; empty when none is planned
    is_proposed: bool  # it is a proposal, and the circle decides
    agenda: tuple[str, ...]
    line: str
    url: str
    propose_url: str
    decide_url: str


class About(StrEnum):
    """Why whoever convenes is written to."""

    TURN = "turn"
    SILENT = "silent"
    UNDECIDED = "undecided"


def taking_part(session: Session, network_id: str) -> list[str]:
    """Return the RC that take part in a circle: members who have not declined."""
    rows = networks.members(session, [network_id])[network_id]
    return [row.rc_id for row in rows if row.declined_at is None]


def care_of(session: Session, network_id: str) -> CircleCare:
    """Return what a circle has said of its next time, to change."""
    found = queries.care(session, network_id)
    if found is None:
        found = CircleCare(network_id=network_id, agenda=[])
        session.add(found)
        session.flush()
    return found


def next_in_turn(session: Session, network_id: str, but: set[str]) -> str | None:
    """Return who is proposed: the fewest turns here, then the fewest circles to convene, then the longest ago."""
    here = [one for one in queries.turns(session, network_id) if one.end is not TurnEnd.DECLINED]
    busy = [one.rc_id for one in queries.open_turns(session)]
    latest = {one.rc_id: one.since for one in reversed(here)}

    def order(rc_id: str) -> tuple[int, int, float, str]:
        since = latest.get(rc_id)
        count = sum(one.rc_id == rc_id for one in here)
        return count, busy.count(rc_id), since.timestamp() if since else 0.0, rc_id

    free = [one for one in taking_part(session, network_id) if one not in but]
    return min(free, key=order) if free else None


def begin_turn(
    session: Session, network: Network, rc_id: str, at: datetime, chosen_by: str = ""
) -> Convening:
    """Give an RC the turn, and tell it unless it took the turn itself."""
    made = Convening(network_id=network.id, rc_id=rc_id, since=at, chosen_by=chosen_by)
    session.add(made)
    session.flush()
    who = coordinator(session, rc_id)
    if who is not None and who.id != chosen_by:
        _tell(session, network, rc_id, who, at, f"turn:{made.id}")
    return made


def end_turn(session: Session, turn: Convening, end: TurnEnd, at: datetime) -> None:
    """Let a turn be over."""
    turn.ended_at, turn.end = at, end
    session.add(turn)
    session.flush()


def following(session: Session, network_id: str, end: TurnEnd) -> str | None:
    """Return which RC has the turn after the one that has it now, were it to end so; None for nobody."""
    turn = queries.turn(session, network_id)
    but = {turn.rc_id} if turn else set[str]()
    if end is TurnEnd.DECLINED:
        but |= _declined_since_met(session, network_id)
    return next_in_turn(session, network_id, but)


def pass_on(session: Session, network: Network, end: TurnEnd, at: datetime) -> Convening | None:
    """Let the turn go to whoever is next; None when nobody else is there to take it."""
    turn = queries.turn(session, network.id)
    chosen = following(session, network.id, end)
    if turn is not None:
        end_turn(session, turn, end, at)
    return begin_turn(session, network, chosen, at) if chosen else None


def choose(session: Session, viewer: Viewer, network_id: str, rc_id: str, at: datetime) -> None:
    """Let the circle say who convenes next.

    Raises:
        MissingError: when the viewer may not act in the circle.
        FieldFault: when that RC does not take part in it.
    """
    network = _to_act(session, viewer, network_id)
    if rc_id not in taking_part(session, network_id):
        raise FieldFault("rc", "Välj ett av alternativen.")
    turn = queries.turn(session, network_id)
    if turn is not None and turn.rc_id == rc_id:
        return
    if turn is not None:
        end_turn(session, turn, TurnEnd.PASSED, at)
    made = begin_turn(session, network, rc_id, at, viewer.person_id)
    _can_undo(session, turn, made)
    record(session, viewer.person_id, "chose", ("network", network_id), after={"convener": rc_id})


def decline(session: Session, viewer: Viewer, network_id: str, at: datetime) -> str | None:
    """Decline the turn without saying why; return the RC that takes over, None when nobody is left.

    Raises:
        MissingError: when the viewer may not act in the circle.
        ConflictError: when the turn is not the viewer's.
    """
    network = _to_act(session, viewer, network_id)
    turn = queries.turn(session, network_id)
    if turn is None or not (may_plan(viewer) or turn.rc_id in viewer.rc_ids):
        raise ConflictError("Det är inte er tur att sammankalla.")
    begun = pass_on(session, network, TurnEnd.DECLINED, at)
    _can_undo(session, turn, begun)
    record(session, viewer.person_id, "declined", ("convening", turn.id))
    return begun.rc_id if begun else None


def pass_on_by_no(session: Session, network: Network, turn: Convening, at: datetime) -> None:
    """Let the turn of an RC that takes no part any more go to the next."""
    _can_undo(session, turn, pass_on(session, network, TurnEnd.PASSED, at))


def _can_undo(session: Session, ended: Convening | None, begun: Convening | None) -> None:
    data = {"ended": ended.id if ended else "", "begun": begun.id if begun else ""}
    can_undo_by(session, TURN, data)


def undo_turn(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Give the turn back to whoever had it, before anybody has got a mail of it.

    Raises:
        ConflictError: when it has gone further since.
    """
    del actor, at
    begun = queries.turn_by_id(session, data["begun"])
    ended = queries.turn_by_id(session, data["ended"])
    is_last = begun is not None and begun.ended_at is None
    changed({"is_last": bool(data["begun"])}, {"is_last": is_last})
    if begun is not None:
        session.delete(begun)
    if ended is not None:
        ended.ended_at = ended.end = None
        session.add(ended)
    session.flush()


def set_agenda(session: Session, viewer: Viewer, network_id: str, keys: list[str]) -> None:
    """Say what the next time holds, of the small set."""
    _to_act(session, viewer, network_id)
    care = care_of(session, network_id)
    care.agenda = [key for key in ITEMS if key in keys]
    session.add(care)


def rest(session: Session, viewer: Viewer, network_id: str, days: int, at: datetime) -> None:
    """Let a circle rest for some days without saying why; 0 wakes it."""
    _to_act(session, viewer, network_id)
    care = care_of(session, network_id)
    span = min(timedelta(days=max(days, 0)), LONGEST_REST)
    care.resting_until = to_local(at + span).date() if span else None
    session.add(care)
    record(session, viewer.person_id, "rested", ("network", network_id), after={"days": span.days})


def nudge(session: Session, viewer: Viewer, network_id: str, at: datetime) -> None:
    """Write kindly to whoever convenes a silent circle, or to all where nobody does; by a planner.

    Raises:
        ConflictError: when the circle rests, was written to within a month, or nobody can be reached.
    """
    insist(may_plan(viewer))
    network = _to_act(session, viewer, network_id)
    care = care_of(session, network_id)
    if care.resting_until is not None and care.resting_until >= to_local(at).date():
        raise ConflictError("Kretsen vilar.")
    if care.nudged_at is not None and at - care.nudged_at < BETWEEN_NUDGES:
        raise ConflictError("Kretsen har redan fått en påminnelse den senaste månaden.")
    reached = conveners(session, network_id)
    if not reached:
        raise ConflictError("Ingen i kretsen går att nå.")
    before = care.nudged_at.isoformat() if care.nudged_at else ""
    can_undo_by(session, NUDGE, {"network": network_id, "before": before})
    care.nudged_at = at
    session.add(care)
    for rc_id, who in reached:
        key = f"nudge:{network_id}:{who.id}:{to_local(at).date()}"
        _tell(session, network, rc_id, who, at, key, About.SILENT)


def ask_to_decide(session: Session, at: datetime) -> None:
    """Ask whoever convenes, once, to decide on a time that is proposed and near; without that nobody is invited."""
    resting = queries.resting(session, to_local(at).date())
    for meeting in meetings.meetings(session, at):
        is_near = at < meeting.starts_at <= at + TO_DECIDE
        if not is_near or meeting.state is not MeetingState.PROPOSED or not meeting.network_id:
            continue
        network = networks.network(session, meeting.network_id)
        turn = queries.turn(session, meeting.network_id)
        has_just_heard = turn is not None and at - turn.since < TO_DECIDE / 2
        if network is None or network.id in resting or has_just_heard:
            continue
        for rc_id, who in conveners(session, network.id):
            key = f"undecided:{meeting.id}:{meeting.starts_at:%Y%m%dT%H%M}:{who.id}"
            _tell(session, network, rc_id, who, at, key, About.UNDECIDED)


def conveners(session: Session, network_id: str) -> list[tuple[str, Person]]:
    """Return who is written to about a circle's next time: whoever convenes, else everybody in it."""
    turn = queries.turn(session, network_id)
    asked = [turn.rc_id] if turn else taking_part(session, network_id)
    return [(rc_id, who) for rc_id in asked if (who := coordinator(session, rc_id))]


def undo_nudge(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Let it be as if a silent circle had not been written to."""
    del actor, at
    care = queries.care(session, data["network"])
    if care is not None:
        care.nudged_at = datetime.fromisoformat(data["before"]) if data["before"] else None
        session.add(care)
        session.flush()


def keep_turns(session: Session, at: datetime) -> None:
    """See that every circle has somebody who convenes, unless it rests or all have declined."""
    resting = queries.resting(session, to_local(at).date())
    for network in networks.active_networks(session):
        part = taking_part(session, network.id)
        turn = queries.turn(session, network.id)
        if turn is not None and turn.rc_id not in part:
            end_turn(session, turn, TurnEnd.PASSED, at)
            turn = None
        if turn is not None or network.id in resting or len(part) < 2:
            continue
        chosen = next_in_turn(session, network.id, _declined_since_met(session, network.id))
        if chosen is not None:
            begin_turn(session, network, chosen, at)


def coordinator(session: Session, rc_id: str) -> Person | None:
    """Return who is written to at an RC: its coordinator, else a member's post that somebody holds."""
    post = coordinating(session, rc_id)
    return accounts.person(session, post.holder_id or "") if post is not None else None


def coordinating(session: Session, rc_id: str) -> Function | None:
    """Return the post whose holder is written to at an RC; None when nobody holds one."""
    functions = accounts.functions_of_rcs(session, [rc_id]).get(rc_id, [])
    held = [
        one for one in functions if one.holder_id and one.role in {Role.RC_MEMBER, Role.PLANNER}
    ]
    held.sort(key=lambda one: (one.kind is not FunctionKind.COORDINATOR, one.id))
    return held[0] if held else None


def agenda_of(session: Session, network_id: str) -> tuple[str, ...]:
    """Return the keys of what the next time holds: as the circle said, or as usual."""
    care = queries.care(session, network_id)
    if care is not None and care.agenda:
        return tuple(key for key in ITEMS if key in care.agenda)
    has_met = any(one.end is TurnEnd.MET for one in queries.turns(session, network_id))
    return AS_USUAL if has_met else FIRST_TIME


def agenda_for(session: Session, meeting: Meeting, at: datetime) -> tuple[tuple[str, ...], str]:
    """Return what a circle's meeting holds and the line that it wrote, where it is its next one."""
    if meeting.network_id is None or meeting.state is MeetingState.CANCELLED:
        return (), ""
    ahead = [
        one
        for one in meetings.meetings_of_network(session, meeting.network_id)
        if one.ends_at > at and one.state in {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    ]
    if not ahead or ahead[0].id != meeting.id:
        return (), ""
    care = queries.care(session, meeting.network_id)
    return agenda_of(session, meeting.network_id), care.line if care else ""


def _tell(
    session: Session,
    network: Network,
    rc_id: str,
    who: Person,
    at: datetime,
    key: str,
    why: About = About.TURN,
) -> None:
    language = read_by(who.language)
    say = Speaker(language)
    ahead = [
        one
        for one in meetings.meetings_of_network(session, network.id)
        if one.starts_at > at and one.state in {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    ]
    others = [one for one in taking_part(session, network.id) if one != rc_id]
    bodies = (accounts.body_of_rc(session, one) for one in others)
    care = queries.care(session, network.id)
    base = base_url_of(session)
    page = TurnMail(
        name=who.name,
        circle=say.either(network.name_sv, network.name_en),
        why=why.value,
        others=say.listing([one.name for one in bodies if one]),
        when=say.moment(ahead[0].starts_at) if ahead else "",
        is_proposed=bool(ahead) and ahead[0].state is MeetingState.PROPOSED,
        agenda=tuple(say.text(ITEMS[one]) for one in agenda_of(session, network.id)),
        line=care.line if care else "",
        url=base + address(language, f"/natverk/{network.id}#livet"),
        propose_url=base + address(language, f"/natverk/{network.id}/ny-tid"),
        decide_url=base + address(language, f"/natverk/{network.id}#meet"),
    )
    said = texts("turn", language, page)
    post = coordinating(session, rc_id)
    options = Options(
        key=key,
        tells_others=True,
        is_example=network.is_example,
        post=post.id if post is not None else "",
    )
    queue(session, who.email, said.subject, said.text, said.html, at, options)


def _declined_since_met(session: Session, network_id: str) -> set[str]:
    found = set[str]()
    for one in queries.turns(session, network_id):
        if one.end is TurnEnd.MET:
            break
        if one.end is TurnEnd.DECLINED:
            found.add(one.rc_id)
    return found


def _to_act(session: Session, viewer: Viewer, network_id: str) -> Network:
    network, rc_ids = network_for(session, viewer, network_id)
    insist(may_act_in_network(viewer, rc_ids))
    return network
