"""What a planner needs to do now: each thing that waits, said in one sentence, with the one page where it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.reaching import unreached
from api.circles.met import silent_circles
from api.invitations.queries import replies_for_a_person
from api.invitations.web.inbox import line_of
from api.kit.clock import to_local
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import MeetingKind, MeetingState
from api.networks import queries as networks
from api.operations import backup
from api.operations.doctor import BACKUP_AGE
from api.outbox import queries as outbox
from api.outbox.models import MailState
from api.outbox.service import is_paused
from api.proposals import queries as proposals
from api.proposals.asking import service as asking
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme import store as programmes
from api.proposals.rounds import service as rounds
from api.questions import queries as questions
from api.registry import queries as registry
from api.registry.facts import unplaced
from api.surveys import queries as surveys
from api.surveys.models import EvaluationKind, SurveyState

# Older proposals than the newest so many are history, not something to do.
NEWEST_PROPOSALS = 5
NEWEST_REPLIES = 5
HALF_A_YEAR = timedelta(days=182)
DECIDED_BY_NCH = frozenset({MeetingKind.SAMVERKANSFORUM, MeetingKind.MANAGERS, MeetingKind.OTHER})
# Kind of proposal -> where it is looked at.
PLACES = {
    ProposalKind.NETWORKS: "/planera/natverk",
    ProposalKind.PROGRAMME: "/planera/program",
    ProposalKind.ROUNDS: "/planera/bord",
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: the sentence, the link's text and its page without language ('' for none)."""

    text: str
    link: str
    path: str


def todos(session: Session, say: Speaker, at: datetime, data: Path | None) -> tuple[Todo, ...]:
    """Return everything that waits, the most pressing first.

    data: the folder with the backups; None in a demonstration, which needs none.
    """
    return (
        *_mails(session, say),
        *_replies(session, say),
        *_proposals(session, say),
        *_leaders(session, say, at),
        *_surveys(session, say, at),
        *_needs(session, say, at),
        *_networks(session, say),
        *_silent(session, say, at),
        *_questions(session, say),
        *_contacts(session, say),
        *_towns(session, say),
        *_meetings(session, say, at),
        *_backup(data, say, at),
    )


def _mails(session: Session, say: Speaker) -> Iterator[Todo]:
    counts = outbox.counts(session)
    failed, drafts = counts.get(MailState.FAILED, 0), counts.get(MailState.DRAFT, 0)
    if failed:
        text = say.plural(
            "%(num)s mejl kanske inte har kommit fram.",
            "%(num)s mejl kanske inte har kommit fram.",
            failed,
        )
        yield Todo(text, say.text("Se vilka och varför"), "/planera/utskick?lage=failed")
    if drafts:
        text = say.plural(
            "%(num)s mejl väntar på att du skickar det.",
            "%(num)s mejl väntar på att du skickar dem.",
            drafts,
        )
        yield Todo(text, say.text("Läs och skicka"), "/planera/utskick?lage=draft")
    if is_paused(session):
        text = say.text("Alla mejl är pausade, även inloggningslänkar.")
        yield Todo(text, say.text("Öppna utskicken"), "/planera/utskick")


def _replies(session: Session, say: Speaker) -> Iterator[Todo]:
    """Yield what came by mail and that a person must see: who, about what, why; a few in full."""
    waiting = replies_for_a_person(session)
    for reply in waiting[:NEWEST_REPLIES]:
        line = line_of(session, reply, say)
        subject = f" ”{line.subject}”" if line.subject else ""
        about = f" ({line.meeting})" if line.meeting else ""
        text = f"{line.sender} {line.why}{about}.{subject}"
        yield Todo(text, say.text("Se mejlet"), f"/planera/mejl#m-{line.id}")
    if len(waiting) > NEWEST_REPLIES:
        text = say.plural(
            "%(num)s mejl till behöver någon titta på.",
            "%(num)s mejl till behöver någon titta på.",
            len(waiting) - NEWEST_REPLIES,
        )
        yield Todo(text, say.text("Se mejlen"), "/planera/mejl")


def _questions(session: Session, say: Speaker) -> Iterator[Todo]:
    """Yield what was offered as frequent questions, and what NCH is asked and nobody has answered."""
    offered = len(questions.offered(session))
    if offered:
        text = say.plural(
            "%(num)s svar är erbjudet till vanliga frågor.",
            "%(num)s svar är erbjudna till vanliga frågor.",
            offered,
        )
        yield Todo(text, say.text("Läs och publicera"), "/fragor#offered")
    unanswered = questions.unanswered_by_nch(session)
    if unanswered:
        text = say.plural(
            "%(num)s fråga till NCH väntar på svar.",
            "%(num)s frågor till NCH väntar på svar.",
            len(unanswered),
        )
        path = f"/fragor/{unanswered[0].id}" if len(unanswered) == 1 else "/fragor#waiting"
        yield Todo(text, say.text("Läs och svara"), path)


def _proposals(session: Session, say: Speaker) -> Iterator[Todo]:
    for kind, place in PLACES.items():
        newest = proposals.proposals(session, kind)[:NEWEST_PROPOSALS]
        for one in newest:
            if one.state == ProposalState.PUBLISHED:
                break  # what is older than what holds is history
            yield from _proposal(session, one, place, say)


def _proposal(session: Session, one: Proposal, place: str, say: Speaker) -> Iterator[Todo]:
    path = f"{place}/{one.id}"
    if one.state == ProposalState.DRAFT:
        title = _title(session, one, say)
        text = say.text("Förslaget ”%(title)s” är klart att granska.", title=title)
        yield Todo(text, say.text("Granska förslaget"), path)
    elif one.state == ProposalState.REVIEWED:
        title = _title(session, one, say)
        text = say.text("Förslaget ”%(title)s” är granskat men inte publicerat.", title=title)
        yield Todo(text, say.text("Publicera förslaget"), path)


def _title(session: Session, one: Proposal, say: Speaker) -> str:
    """Return what a proposal is called in the reader's language; one of networks as its planner wrote."""
    if one.kind == ProposalKind.PROGRAMME:
        return programmes.title_of(session, one, say)
    return rounds.title_of(one, say) if one.kind == ProposalKind.ROUNDS else one.title


def _leaders(session: Session, say: Speaker, at: datetime) -> Iterator[Todo]:
    for row, planned in asking.no_longer_led(session, at):
        text = say.text(
            "%(who)s har sagt nej till att leda ”%(title)s”, men finns kvar i programmet.",
            who=asking.title_of(session, row),
            title=say.either(planned.title_sv, planned.title_en),
        )
        path = f"/planera/program/versioner/{row.meeting_id}"
        yield Todo(text, say.text("Byt ledare i programmet som gäller"), path)


def _surveys(session: Session, say: Speaker, at: datetime) -> Iterator[Todo]:
    answered = surveys.answer_counts(session)
    for survey in surveys.surveys(session):
        asked, count = len(survey.rc_ids), answered.get(survey.id, 0)
        if survey.state != SurveyState.OPEN or survey.deadline <= at or count >= asked:
            continue
        text = say.text(
            "Enkäten ”%(title)s”: %(answered)s av %(asked)s RC har svarat. Den stänger %(day)s.",
            title=say.either(survey.title_sv, survey.title_en),
            answered=count,
            asked=asked,
            day=say.moment(survey.deadline),
        )
        path = f"/planera/enkater/{survey.id}/paminn"
        yield Todo(text, say.text("Skicka en påminnelse"), path)


def _needs(session: Session, say: Speaker, at: datetime) -> Iterator[Todo]:
    """Yield that half a year has gone since the last round of needs closed: they are asked twice a year."""
    last = max(
        (one.closes_on for one in surveys.evaluations(session, EvaluationKind.NEEDS)), default=None
    )
    if last is not None and to_local(at).date() - last >= HALF_A_YEAR:
        text = say.text(
            "RC fick frågorna om behov senast för ett halvår sedan eller mer: de stängde %(day)s.",
            day=say.date(last),
        )
        yield Todo(text, say.text("Fråga igen"), "/planera/behov/ny")


def _networks(session: Session, say: Speaker) -> Iterator[Todo]:
    rcs = registry.names(session)
    if not rcs:
        yield Todo(say.text("Registret är tomt."), say.text("Lägg till ett RC"), "/rc/nytt")
        return
    found = networks.active_networks(session)
    members = networks.members(session, [network.id for network in found])
    if not found:
        text = say.plural(
            "%(num)s RC har ingen krets än.", "%(num)s RC har ingen krets än.", len(rcs)
        )
        yield Todo(text, say.text("Sätt ihop kretsar"), "/planera/natverk")
        return
    for network in found:
        said_no = [one.rc_id for one in members[network.id] if one.declined_at is not None]
        if said_no:
            text = say.text(
                "%(names)s har tackat nej till %(network)s.",
                names=_listed(say, said_no, rcs),
                network=say.either(network.name_sv, network.name_en),
            )
            yield Todo(text, say.text("Se kretsen"), f"/natverk/{network.id}")
    inside = {one.rc_id for group in members.values() for one in group}
    outside = [rc_id for rc_id in rcs if rc_id not in inside]
    if outside:
        text = say.text("Har ingen krets: %(names)s.", names=_listed(say, outside, rcs))
        yield Todo(text, say.text("Sätt ihop kretsar"), "/planera/natverk")


def _silent(session: Session, say: Speaker, at: datetime) -> Iterator[Todo]:
    for network, last in silent_circles(session, at):
        name = say.either(network.name_sv, network.name_en)
        text = (
            say.text(
                "%(circle)s har inte setts sedan %(day)s och har inget inplanerat.",
                circle=name,
                day=say.days(last, last),
            )
            if last
            else say.text("%(circle)s har inte setts och har inget inplanerat.", circle=name)
        )
        path = f"/natverk/{network.id}#livet"
        yield Todo(text, say.text("Skriv en vänlig påminnelse"), path)


def _contacts(session: Session, say: Speaker) -> Iterator[Todo]:
    reached = accounts.rcs_with_a_member(session)
    rcs = registry.names(session)
    for one in unreached(session):
        text = say.text(
            "Mejl till %(address)s (%(title)s, %(body)s) kommer tillbaka.",
            address=one.address,
            title=one.title,
            body=one.body,
        )
        path = f"/funktioner/{one.function_id}/lamna-over"
        yield Todo(text, say.text("Skriv en annan adress"), path)
    missing = [rc_id for rc_id in rcs if rc_id not in reached]
    if missing:
        names = _listed(say, missing, rcs)
        text = say.text("Kontaktperson saknas för RC: %(names)s.", names=names)
        yield Todo(text, say.text("Lägg till en kontakt"), "/organisationer")


def _towns(session: Session, say: Speaker) -> Iterator[Todo]:
    """Ask for the towns that journeys are counted from, where they are not known."""
    missing = unplaced(registry.rcs(session))
    if missing:
        names = say.listing(sorted((name for _, name in missing), key=swedish_order))
        text = say.text("Orten är okänd för %(names)s: resan går inte att räkna.", names=names)
        yield Todo(text, say.text("Skriv in orten"), f"/rc/{missing[0][0]}/andra#seat_city")


def _meetings(session: Session, say: Speaker, at: datetime) -> Iterator[Todo]:
    coming = meetings.meetings(session, at)
    national = [
        one
        for one in coming
        if one.kind == MeetingKind.NATIONAL and one.state != MeetingState.CANCELLED
    ]
    if not national:
        text = say.text("Ingen nationell träff är inplanerad.")
        yield Todo(text, say.text("Jämför dagar och orter"), "/planera/datum")
    # A circle decides on its own; nobody else's proposal is decided on before a planner does it.
    waiting = [
        one for one in coming if one.state is MeetingState.PROPOSED and one.kind in DECIDED_BY_NCH
    ]
    if waiting:
        text = say.plural(
            "%(num)s föreslagen träff i en grupp eller ett forum väntar på att NCH bestämmer tiden: %(name)s, %(when)s.",
            "%(num)s föreslagna träffar i grupper och forum väntar på att NCH bestämmer tiden. Först: %(name)s, %(when)s.",
            len(waiting),
            name=say.either(waiting[0].name_sv, waiting[0].name_en),
            when=say.moment(waiting[0].starts_at),
        )
        link = say.text("Bestäm eller ändra tiden")
        yield Todo(text, link, f"/traffar/{waiting[0].id}#change")


def _backup(data: Path | None, say: Speaker, at: datetime) -> Iterator[Todo]:
    if data is None:
        return
    command = "samkrets backup"
    try:
        newest = backup.newest(data / "backups")
    except backup.BackupError:
        newest = None
    if newest is None:
        text = say.text(
            "Det finns ingen säkerhetskopia. Skicka det här till den som sköter driften: ”Kör %(command)s varje dag.”",
            command=command,
        )
        yield Todo(text, "", "")
    elif at - newest.moment > BACKUP_AGE:
        hours = say.number((at - newest.moment).total_seconds() / 3600)
        aged = later(
            "Den nyaste säkerhetskopian är %(hours)s timmar gammal. Skicka det här till den som sköter driften: ”Kör %(command)s varje dag.”"
        )
        yield Todo(say.text(aged, hours=hours, command=command), "", "")


def _listed(say: Speaker, ids: list[str], names: dict[str, str]) -> str:
    return say.listing(sorted((names.get(one, one) for one in ids), key=swedish_order))
