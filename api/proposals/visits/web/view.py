"""What the page of study visits shows: the wish, the pairs with their reasons, who is left out, and the map."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.audit.naming import SAID
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings.service import IN_PERSON_HOURS
from api.proposals.visits.aims import MODEL, is_asked, sentences, telling
from api.proposals.visits.asking import all_said, asked
from api.proposals.visits.models import VisitState
from api.proposals.visits.service import MOST_VISITS, Paired, VisitWish, visits_ahead
from api.registry import queries as registry
from api.registry.facts import unplaced
from api.registry.map_view import MapView, map_of
from api.registry.models import Rc
from api.registry.vocabulary import MODELS, SERVICES, phase_in_words
from api.surveys.queries import themes_by_id
from api.travel.wording import about, legend, stay
from matcher.dates.visits.problem import (
    Aim,
    Host,
    Pair,
    Visitor,
    VisitProblem,
    hours_of,
    minutes,
    missed,
    told_apart,
)
from matcher.dates.visits.problem import obstacle as obstacle_of
from matcher.proof import Violation
from matcher.travel import BANDS

# A visit is a day between these hours.
VISIT_HOURS = (float(IN_PERSON_HOURS[0]), float(IN_PERSON_HOURS[1]))
OBSTACLES = {
    "nobody visits themselves": later("inget RC besöker sig självt"),
    "has been there before": later("har redan varit där, eller har frågat"),
    "nothing wanted is shown there": later("det som söks visas inte där"),
}
STATES = {
    VisitState.ASKED: later("väntar på svar"),
    VisitState.YES: later("värden tar emot"),
    VisitState.NO: later("värden säger nej"),
}
SAID["visit_ask", "answer"] = STATES
TOO_FAR = later("för långt bort")
MOST_HOSTS, NEAREST_HOSTS = 40, 8  # of more than so many a row's list holds the nearest alone
MOST_NAMED = 4  # of hosts that have what the chosen one lacks
NOBODY_HAS = later("Ingen som kan ta emot har det här, som %(name)s är på väg mot: %(what)s.")
ELSEWHERE = later("Har inte %(what)s. Det finns hos %(hosts)s.")
NEARER = later("%(host)s ligger närmare (%(journey)s) men har inte %(what)s.")
NEARER_FULL = later("%(host)s ligger närmare (%(journey)s) men är fullbokat.")
FULLY_BOOKED = later("fullbokat")
NEARBY = later("Har plats för besöket.")
# What a fact is called where somebody lacks it.
LACKED = {
    "funding": later("långsiktig finansiering klar"),
    "support_professionals": later("stöd till yrkesverksamma"),
    "support_exposed_any": later("stöd till våldsutsatta"),
    "support_exposed_minors": later("stöd till våldsutsatta under 18 år"),
    "support_exposed_adults": later("stöd till våldsutsatta över 18 år"),
}
QUOTED = later("”%(name)s”")
ORGANISED = later("organisationen ”%(model)s”")
ASKED_ELSEWHERE = later("Annat som %(name)s har frågat efter finns hos %(hosts)s.")
FULL = later("Alla som kan ta emot är fullbokade.")
NOBODY_NEAR = later("Ingen som tar emot passar: %(reasons)s.")
RULES = {
    "host_load": later("%(names)s får fler besök än de kan ta emot."),
    "one_visit": later("%(names)s finns med som besökare mer än en gång."),
    "obstacle": later("%(names)s: besöket går inte, %(reason)s."),
}


@dataclass(frozen=True, slots=True)
class RcRow:
    """An RC in the form: does it want to visit, how many visits does it take."""

    id: str
    name: str
    phase: str
    visits: bool
    takes: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """A visitor with the host it has now; `host` is empty where it has none."""

    visitor: str
    name: str
    host: str
    host_name: str
    band: str
    why: str
    beside: str  # what the host lacks and who has it, and who is nearer; empty when there is nothing to say
    is_moved: bool
    hosts: tuple[tuple[str, str], ...]  # whom it may be given: all, or the nearest of very many


@dataclass(frozen=True, slots=True)
class AskRow:
    """A host that was asked: by whom, about what, what it has said, and when a day is proposed."""

    id: str
    name: str
    why: str
    state: str
    asked: str
    is_open: bool
    has_mail: bool
    path: str


@dataclass(frozen=True, slots=True)
class VisitsPage:
    """The form as filled in, and the pairs."""

    rcs: tuple[RcRow, ...]
    longest: str
    bands: tuple[tuple[str, str], ...]
    most: int
    pairs: tuple[PairRow, ...]
    score: str
    price: str
    broken: tuple[str, ...]
    loads: tuple[tuple[str, str], ...]
    map: MapView
    ahead: tuple[tuple[str, str, str], ...]  # path, name, when
    asked: tuple[AskRow, ...]
    query: str
    unplaced: tuple[tuple[str, str], ...] = ()


def page_of(
    session: Session,
    wish: VisitWish,
    longest: str,
    now: Paired,
    query: str,
    say: Speaker,
    at: datetime,
) -> VisitsPage:
    """Return the page of some pairs beside the best ones."""
    problem, pairs = now.problem, now.pairs
    rcs = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    names = {rc.id: rc.name for rc in rcs}
    chosen, best_of = dict(pairs), dict(now.best.pairs)
    words = _Words(session, problem, rcs, say)
    rows = [
        _row(words, problem, visitor, chosen, best_of)
        for visitor in sorted(problem.visitors, key=lambda one: swedish_order(names[one.id]))
    ]
    load = Counter(chosen.values())
    return VisitsPage(
        rcs=tuple(_rc_row(rc, wish, say) for rc in rcs),
        longest=longest,
        bands=tuple((band, name) for band, name in zip(BANDS, legend(say), strict=True)),
        most=MOST_VISITS,
        pairs=tuple(rows),
        score=_score(problem, pairs, say),
        price=_price(now, say),
        broken=tuple(_broken(one, names, say) for one in now.broken),
        loads=tuple(
            (
                names[host.id],
                say.text(later("%(now)s av %(most)s besök"), now=load[host.id], most=host.capacity),
            )
            for host in problem.hosts
            if load[host.id]
        ),
        map=map_of(
            rcs,
            kinds={**dict.fromkeys(chosen, "pre"), **dict.fromkeys(chosen.values(), "op")},
            ties=pairs,
        ),
        ahead=tuple(
            (
                f"/traffar/{meeting.id}",
                say.either(meeting.name_sv, meeting.name_en),
                say.span(meeting.starts_at, meeting.ends_at),
            )
            for meeting in visits_ahead(session, at)
        ),
        asked=_asked(session, at, say),
        query=query,
        unplaced=unplaced(rc for rc in rcs if rc.id in wish.visitors or wish.hosts.get(rc.id, 0)),
    )


def _asked(session: Session, at: datetime, say: Speaker) -> tuple[AskRow, ...]:
    rows = asked(session, at)
    said = all_said(session, rows, say)
    return tuple(
        AskRow(
            id=one.id,
            name=say.text(
                later("%(visitor)s hos %(host)s"),
                visitor=said[one.id].visitor,
                host=said[one.id].host,
            ),
            why=said[one.id].why,
            state=say.text(STATES[one.state]),
            asked=say.moment(one.asked_at),
            is_open=one.state is VisitState.ASKED,
            has_mail=one.token_hash is not None,
            path=f"/traffar/{one.meeting_id}" if one.meeting_id else "",
        )
        for one in rows
    )


def _rc_row(rc: Rc, wish: VisitWish, say: Speaker) -> RcRow:
    phase = phase_in_words(say, rc.establishment_status) or say.text("okänt")
    return RcRow(rc.id, rc.name, phase, rc.id in wish.visitors, wish.hosts.get(rc.id, 0))


class _Words:
    """What things, RC and journeys are called on this page."""

    def __init__(
        self, session: Session, problem: VisitProblem, rcs: Sequence[Rc], say: Speaker
    ) -> None:
        wants = frozenset[str]().union(*(one.wants for one in problem.visitors))
        bank = themes_by_id(session, {one for one in wants if "=" not in one})
        self.themes = {key: say.either(one.name_sv, one.name_en) for key, one in bank.items()}
        self.rcs = {rc.id: rc for rc in rcs}
        self.apart: dict[str, dict[str, int]] = {}  # minutes by visitor and host, told apart
        for (visitor, host), spent in told_apart(problem).items():
            self.apart.setdefault(visitor, {})[host] = spent
        self.say = say

    def name(self, rc_id: str) -> str:
        return self.rcs[rc_id].name

    def thing(self, aim: Aim, host: Host | None = None) -> str:
        """Return what an aim is called where somebody lacks it: of themes, those that a host shows."""
        if is_asked(aim):
            shown = aim.any_of & host.offers if host is not None else aim.any_of
            names = sorted(self.themes[one] for one in shown if one in self.themes)
            return self.say.listing([self.say.text(QUOTED, name=one) for one in names])
        fact, _, value = min(aim.any_of).partition("=")
        if fact == MODEL:
            model = self.say.text(MODELS[value]) if value in MODELS else value
            return self.say.text(ORGANISED, model=model)
        return self.say.text(LACKED.get(fact) or SERVICES.get(value, value))

    def things(self, aims: Iterable[Aim], host: Host | None = None) -> str:
        return self.say.listing([self.thing(one, host) for one in aims])


def _row(
    words: _Words,
    problem: VisitProblem,
    visitor: Visitor,
    chosen: Mapping[str, str],
    best: Mapping[str, str],
) -> PairRow:
    hosts = {host.id: host for host in problem.hosts}
    host = hosts.get(chosen.get(visitor.id, ""))
    names = {key: rc.name for key, rc in words.rcs.items()}
    return PairRow(
        visitor=visitor.id,
        name=names[visitor.id],
        host=host.id if host else "",
        host_name=names[host.id] if host else "",
        band=_band(problem, visitor, host, words.say) if host else "",
        why=_why(words, problem, visitor, host) if host else _why_none(problem, visitor, words.say),
        beside=_beside(words, problem, visitor, host, Counter(chosen.values())) if host else "",
        is_moved=chosen.get(visitor.id) != best.get(visitor.id),
        hosts=_choices(problem, visitor, host, names),
    )


def _choices(
    problem: VisitProblem, visitor: Visitor, host: Host | None, names: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    others = [one for one in problem.hosts if one.id != visitor.id]
    if len(others) > MOST_HOSTS:
        nearest = sorted(others, key=lambda one: (hours_of(problem, visitor, one), one.id))
        others = [*nearest[:NEAREST_HOSTS], *([host] if host in nearest[NEAREST_HOSTS:] else [])]
    found = ((one.id, names[one.id]) for one in others if one is not None)
    return tuple(sorted(found, key=lambda pair: swedish_order(pair[1])))


def _band(problem: VisitProblem, visitor: Visitor, host: Host, say: Speaker) -> str:
    hours = hours_of(problem, visitor, host)
    return f"{about(hours, say)}, {stay(hours, *VISIT_HOURS, say)}"


def _why(words: _Words, problem: VisitProblem, visitor: Visitor, host: Host) -> str:
    """Say what there is to see: each true by the register."""
    things = telling(visitor, host, problem.hosts)
    pair = words.rcs[visitor.id], words.rcs[host.id]
    said = sentences(things, *pair, words.themes, words.say) if things else ""
    return said or words.say.text(NEARBY)


def _beside(
    words: _Words, problem: VisitProblem, visitor: Visitor, host: Host, load: Mapping[str, int]
) -> str:
    """Say what is not to be seen there and who has it, and who is nearer: each true by the register."""
    lines = _lacking(words, problem, visitor, host, load)
    lines.append(_nearer(words, problem, visitor, host, load))
    return " ".join(line for line in lines if line)


def _lacking(
    words: _Words, problem: VisitProblem, visitor: Visitor, host: Host, load: Mapping[str, int]
) -> list[str]:
    """Say what the host lacks of what the visitor is going to, and who has it."""
    nobody, lines = [], []
    for aim in missed(visitor, host):
        having = [one for one in problem.hosts if one.id != visitor.id and aim.any_of & one.offers]
        if is_asked(aim):
            named = [f"{words.name(one.id)} ({words.thing(aim, one)})" for one in having]
            hosts = words.say.listing(named[:MOST_NAMED])
            if named:
                lines.append(
                    words.say.text(ASKED_ELSEWHERE, name=words.name(visitor.id), hosts=hosts)
                )
            continue
        if not having:
            nobody.append(aim)
            continue
        named = [_hindered(words, problem, visitor, one, load) for one in having[:MOST_NAMED]]
        lines.append(
            words.say.text(ELSEWHERE, what=words.thing(aim), hosts=words.say.listing(named))
        )
    if nobody:
        what = words.things(nobody)
        lines.append(words.say.text(NOBODY_HAS, name=words.name(visitor.id), what=what))
    return lines


def _hindered(
    words: _Words, problem: VisitProblem, visitor: Visitor, host: Host, load: Mapping[str, int]
) -> str:
    """Return a host's name with what is in the way of going there, if anything is."""
    why = obstacle_of(problem, visitor, host)
    reason = "" if why is None else OBSTACLES.get(why, TOO_FAR)
    if why is None and load.get(host.id, 0) >= host.capacity:
        reason = FULLY_BOOKED
    return f"{words.name(host.id)} ({words.say.text(reason)})" if reason else words.name(host.id)


def _nearer(
    words: _Words, problem: VisitProblem, visitor: Visitor, host: Host, load: Mapping[str, int]
) -> str:
    """Say who is nearest of those nearer than the host, and why it is not that one."""
    apart = words.apart.get(visitor.id, {})
    hosts = {one.id: one for one in problem.hosts}
    nearer = [hosts[one] for one, spent in apart.items() if spent < apart.get(host.id, 0)]
    if not nearer:
        return ""
    first = min(nearer, key=lambda one: (hours_of(problem, visitor, one), one.id))
    met = {aim for aim in visitor.aims if aim not in missed(visitor, host)}
    lacks = [aim for aim in missed(visitor, first) if aim in met]
    journey = about(hours_of(problem, visitor, first), words.say)
    if journey == about(hours_of(problem, visitor, host), words.say):
        return ""
    if lacks:
        what = words.things(lacks, host)
        return words.say.text(NEARER, host=words.name(first.id), journey=journey, what=what)
    if load.get(first.id, 0) >= first.capacity:
        return words.say.text(NEARER_FULL, host=words.name(first.id), journey=journey)
    return ""


def _why_none(problem: VisitProblem, visitor: Visitor, say: Speaker) -> str:
    reasons = [
        obstacle_of(problem, visitor, host) for host in problem.hosts if host.id != visitor.id
    ]
    if any(reason is None for reason in reasons):
        return say.text(FULL)
    words = sorted({say.text(OBSTACLES.get(reason or "", TOO_FAR)) for reason in reasons})
    return say.text(NOBODY_NEAR, reasons=say.listing(words)) if words else say.text(FULL)


def _score(problem: VisitProblem, pairs: tuple[Pair, ...], say: Speaker) -> str:
    return say.text(
        later(
            "%(with)s av %(all)s får ett besök. Alla tillsammans reser ungefär %(hours)s timmar, enkel väg."
        ),
        **{
            "with": len(dict(pairs)),
            "all": len(problem.visitors),
            "hours": say.number(minutes(problem, pairs) / 60),
        },
    )


def _price(now: Paired, say: Speaker) -> str:
    """Say what the pairs cost beside the best, which the solver has proven."""
    if set(now.pairs) == set(now.best.pairs):
        return say.text(
            later(
                "Bästa möjliga: ingen annan fördelning ger fler besök, mer av det som besökarna är på väg mot, eller kortare resor till det."
            )
        )
    ours, best = now.pairs, now.best.pairs
    more = (minutes(now.problem, ours) - minutes(now.problem, best)) / 60
    text = later(
        "Jämfört med det bästa: %(fewer)s färre besök, %(less)s färre saker att se av det som besökarna är på väg mot, %(more)s timmar längre resor."
    )
    if more < 0.0:
        text = later(
            "Jämfört med det bästa: %(fewer)s färre besök, %(less)s färre saker att se av det som besökarna är på väg mot, %(more)s timmar kortare resor."
        )
    return say.text(
        text,
        fewer=say.number(len(best) - len(ours)),
        less=say.number(_met(now.problem, best) - _met(now.problem, ours)),
        more=say.number(abs(more), 1),
    )


def _met(problem: VisitProblem, pairs: Iterable[Pair]) -> int:
    """Return how many of the visitors' aims their hosts meet."""
    visitors = {visitor.id: visitor for visitor in problem.visitors}
    hosts = {host.id: host for host in problem.hosts}
    both = [(visitors[one], hosts[other]) for one, other in pairs]
    return sum(len(visitor.aims) - len(missed(visitor, host)) for visitor, host in both)


def _broken(violation: Violation, names: Mapping[str, str], say: Speaker) -> str:
    said = say.listing([names.get(one, one) for one in violation.subjects])
    reason = say.text(OBSTACLES.get(violation.cause, TOO_FAR))
    return say.text(RULES[violation.rule], names=said, reason=reason)
