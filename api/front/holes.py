"""The times of a meeting in which somebody sits in no session: what runs then, and why none of it is theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind
from api.accounts.policy import Viewer
from api.kit.i18n import Speaker
from api.meetings.models import Meeting
from api.programme import queries as programmes
from api.programme.queries import Programme
from api.programme.reading import AgendaLine, lines
from api.surveys import queries as surveys
from api.surveys.questions import from_json


@dataclass(frozen=True, slots=True)
class Running:
    """A session that runs meanwhile, and why it is not on the agenda."""

    id: str
    title: str
    room: str
    why: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A time without a session of one's own."""

    when: str
    why: str
    running: tuple[Running, ...]


def holes(
    session: Session, viewer: Viewer, meeting: Meeting, mine: Iterable[AgendaLine], say: Speaker
) -> tuple[Hole, ...]:
    """Return the viewer's holes by time; whoever comes for no RC has none, since a guest comes for one session."""
    own = list(mine)
    if not viewer.rc_ids:
        return ()
    programme = programmes.programme(session, meeting.id)
    running = list(lines(programme, meeting))
    seen = _Seen(programme, _wished(session, meeting, viewer), _posts(session, viewer), say)
    found = []
    for slot in programme.slots:
        is_mine = any(
            one.slot.starts_at < slot.ends_at and slot.starts_at < one.ends_at for one in own
        )
        if slot.is_break or is_mine:
            continue
        then = [one for one in running if one.slot.starts_at <= slot.starts_at < one.ends_at]
        rows = tuple(seen.row(one) for one in then)
        found.append(Hole(say.span(slot.starts_at, slot.ends_at), seen.why(then), rows))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A programme as an RC's person sees it."""

    programme: Programme
    wished: Mapping[str, int]  # theme -> the RC's weight
    colleagues: frozenset[str]  # functions of the same RC
    say: Speaker

    def row(self, line: AgendaLine) -> Running:
        """Return a session with the reason why it is not on the agenda, read off agendas and seats."""
        there = {
            a.function_id for a in self.programme.attendances if a.session_id == line.session.id
        }
        seats = line.room.capacity - len(there) if line.room else 0
        if self._is_wished(line) and there & self.colleagues:
            why = self.say.text("någon annan från ert RC är där")
        elif seats <= 0:
            why = self.say.text("fullt")
        elif self._is_wished(line):
            why = self.say.text("ni har bett om det, och det finns plats: gå dit")
        else:
            why = self.say.plural(
                "ni har inte bett om det, %(num)s plats ledig",
                "ni har inte bett om det, %(num)s platser lediga",
                seats,
            )
        title = self.say.either(line.session.title_sv, line.session.title_en)
        return Running(line.session.id, title, line.room.name if line.room else "", why)

    def why(self, running: list[AgendaLine]) -> str:
        """Return in one sentence why nothing that runs is on the agenda."""
        if not running:
            return self.say.text("Inget pass hålls då.")
        if not any(self._is_wished(one) for one in running):
            return self.say.text(
                "Inget av det som ni har bett om hålls då. Välj själv bland dem som har plats."
            )
        return self.say.text("Det som ni har bett om hålls då, men inte för dig:")

    def _is_wished(self, line: AgendaLine) -> bool:
        return self.wished.get(line.session.theme_id, 0) > 0


def _wished(session: Session, meeting: Meeting, viewer: Viewer) -> dict[str, int]:
    """Return what the viewer's RC asked for before the meeting, what must not be missed too."""
    survey = surveys.survey_of_meeting(session, meeting.id)
    found: dict[str, int] = {}
    for row in surveys.answers(session, survey.id) if survey else ():
        if row.rc_id in viewer.rc_ids:
            answer = from_json(row.answer)
            found |= answer.weights
            found |= {answer.must: 3} if answer.must else {}
    return found


def _posts(session: Session, viewer: Viewer) -> frozenset[str]:
    return frozenset(
        function.id
        for function, body in accounts.functions_of_kind(session, BodyKind.RC)
        if body.rc_id in viewer.rc_ids and function.id not in viewer.function_ids
    )
