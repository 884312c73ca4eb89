"""What the page of study visits shows: the wish, the pairs with their reasons, who is left out, and the map."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.kit.i18n import Speaker, later, swedish_order
from api.meetings.service import IN_PERSON_HOURS
from api.proposals.visits.asking import all_said, asked
from api.proposals.visits.models import VisitState
from api.proposals.visits.service import MOST_VISITS, Paired, VisitWish, visits_ahead
from api.registry import queries as registry
from api.registry.ahead import is_only_likely
from api.registry.facts import unplaced
from api.registry.map_view import MapView, map_of
from api.registry.models import Rc
from api.surveys.models import Theme
from api.surveys.queries import themes_by_id
from api.travel.wording import about, legend, stay
from matcher.dates.visits.problem import Host, Pair, Visitor, VisitProblem, hours_of, minutes
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
TOO_FAR = later("för långt bort")
MOST_THEMES = 4
MOST_HOSTS, NEAREST_HOSTS = 40, 8  # of more than so many a row's list holds the nearest alone
REACHED = later("Har det som %(name)s är på väg mot: %(what)s.")
REACHED_LIKELY = later("Har det som %(name)s troligen är på väg mot: %(what)s.")
MISSED = later("Ingen som kan ta emot har det som %(name)s är på väg mot (%(what)s).")
SHOWS = later("Kan visa: %(themes)s.")
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
    is_moved: bool
    hosts: tuple[tuple[str, str], ...]  # whom it may be given: all, or the nearest of very many


@dataclass(frozen=True, slots=True)
class AskRow:
    """A host that was asked: by whom, about what, what it has said, and when a day is proposed."""

    id: str
    name: str
    themes: str
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
    likely = frozenset(rc.id for rc in rcs if is_only_likely(rc))
    bank = themes_by_id(session, _named(problem))
    rows = [
        _row(bank, problem, visitor, chosen, best_of, names, likely, say)
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
            themes=said[one.id].themes,
            state=say.text(STATES[one.state]),
            asked=say.moment(one.asked_at),
            is_open=one.state is VisitState.ASKED,
            has_mail=one.token_hash is not None,
            path=f"/traffar/{one.meeting_id}" if one.meeting_id else "",
        )
        for one in rows
    )


def _rc_row(rc: Rc, wish: VisitWish, say: Speaker) -> RcRow:
    phase = {
        "operational": later("i drift"),
        "pre_operational": later("på väg"),
    }.get(rc.phase_band or "", later("okänt"))
    return RcRow(rc.id, rc.name, say.text(phase), rc.id in wish.visitors, wish.hosts.get(rc.id, 0))


def _named(problem: VisitProblem) -> frozenset[str]:
    """Return the themes that any pair is about."""
    wanted = frozenset[str]().union(*(one.wants | one.goal for one in problem.visitors))
    return wanted.union(*(one.offers for one in problem.hosts))


def _row(
    bank: Mapping[str, Theme],
    problem: VisitProblem,
    visitor: Visitor,
    chosen: Mapping[str, str],
    best: Mapping[str, str],
    names: Mapping[str, str],
    likely: Collection[str],
    say: Speaker,
) -> PairRow:
    hosts = {host.id: host for host in problem.hosts}
    host = hosts.get(chosen.get(visitor.id, ""))
    return PairRow(
        visitor=visitor.id,
        name=names[visitor.id],
        host=host.id if host else "",
        host_name=names[host.id] if host else "",
        band=_band(problem, visitor, host, say) if host else "",
        why=_why(bank, visitor, host, names, likely, say)
        if host
        else _why_none(problem, visitor, say),
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


def _why(
    bank: Mapping[str, Theme],
    visitor: Visitor,
    host: Host,
    names: Mapping[str, str],
    likely: Collection[str],
    say: Speaker,
) -> str:
    shared = visitor.wants & host.offers
    goals = [bank[one] for one in sorted(visitor.goal & host.offers) if one in bank]
    others = [bank[one] for one in shared - visitor.goal if one in bank]
    lines = []
    if goals:
        reached = say.listing([say.either(one.name_sv, one.name_en) for one in goals])
        text = REACHED_LIKELY if visitor.id in likely else REACHED
        lines.append(say.text(text, name=names[visitor.id], what=reached))
    elif visitor.goal:
        missed = say.listing(
            [
                say.either(bank[one].name_sv, bank[one].name_en)
                for one in visitor.goal
                if one in bank
            ]
        )
        if missed:
            lines.append(say.text(MISSED, name=names[visitor.id], what=missed))
    themes = sorted((say.either(one.name_sv, one.name_en) for one in others), key=swedish_order)
    if themes:
        lines.append(say.text(SHOWS, themes=say.listing(themes[:MOST_THEMES])))
    return " ".join(lines) or say.text(later("Nära, och har plats för besöket."))


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
                "Bästa möjliga: ingen annan fördelning ger fler besök, fler som får se det de är på väg mot, eller kortare resor till det."
            )
        )
    lengths = [minutes(now.problem, pairs) for pairs in (now.pairs, now.best.pairs)]
    return say.text(
        later("Jämfört med det bästa: %(fewer)s färre besök, %(more)s timmar längre resor."),
        fewer=say.number(len(now.best.pairs) - len(now.pairs)),
        more=say.number((lengths[0] - lengths[1]) / 60, 1),
    )


def _broken(violation: Violation, names: Mapping[str, str], say: Speaker) -> str:
    said = say.listing([names.get(one, one) for one in violation.subjects])
    reason = say.text(OBSTACLES.get(violation.cause, TOO_FAR))
    return say.text(RULES[violation.rule], names=said, reason=reason)
