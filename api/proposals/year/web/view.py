"""What the year's pages show: the calendar as a picture and a table, what clashes, and what can be done."""

import math
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session

from api.calendar.days import holiday_name
from api.kit.i18n import Speaker, later
from api.meetings import queries as meetings
from api.networks import queries as networks
from api.proposals.models import Proposal, ProposalState
from api.proposals.spine import CAN_BE_REVIEWED, conflict_of
from api.proposals.words import state_in_words
from api.proposals.year.booking import standing
from api.proposals.year.building import FORUM, GROUP, MANAGERS, NATIONAL, NETWORK
from api.proposals.year.engine import Judged
from api.proposals.year.service import YEAR, judged
from api.proposals.year.web.costs import cost_lines
from api.proposals.year.web.shares import Share, shares_of
from api.registry import queries as registry
from api.registry.facts import unplaced
from matcher.dates.year.problem import Calendar, Meeting, YearProblem

SERIES = {
    NATIONAL: (later("Nationell träff"), "N"),
    FORUM: (later("Samverkansforum"), "S"),
    MANAGERS: (later("Chefsgruppen"), "C"),
}
RULES = {
    "open_day": later("ligger på en dag då ni inte ska ses"),
    "notice": later("kommer med för kort varsel"),
    "spacing": later("ligger för nära träffen före"),
    "double_booking": later("krockar: någon är med på två träffar samtidigt"),
    "attached": later("ligger inte samma dag som träffen den hör ihop med"),
    "locked": later("är redan bokad en annan dag"),
    "required_free": later("ligger när någon som måste vara med inte kan"),
}
# Requirements that cannot all hold, as the page says them.
CONFLICTS = {
    "closed_days": later("helgdagar, klämdagar, skollov och sommaren hålls fria"),
    "notice": later("alla får veta i så god tid som ni har bestämt"),
    "double_booking": later("ingen är på två träffar samtidigt"),
    "days": later("träffarna ligger tisdag till torsdag"),
    "spacing": later("träffarna är så långt isär som de ska"),
    "locked": later("det som redan är bokat, eller flyttat för hand, ligger kvar"),
    "required_free": later("de som måste vara med kan komma"),
}
ONE_OF_THEM = later("ett av kraven")
KINDS = {
    "public_holiday": later("helgdag"),
    "squeeze_day": later("det är en klämdag"),
    "school_break": later("skollov"),
    "other": later("sommar"),
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day in the picture: column, what kind of day it is, and the marks of its meetings."""

    column: int
    kind: str  # weekend, closed, or empty
    series: str  # national, samverkansforum, managers, network or empty
    mark: str


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting of the year in words."""

    key: str
    week: int
    day: str
    iso: str
    name: str
    mark: str
    away: int
    is_booked: bool
    is_moved: bool
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year's proposal as a planner looks at it."""

    id: str
    year: str
    state: str
    version: int
    job_id: str | None
    is_solving: bool
    is_open: bool
    conflict: tuple[str, ...]
    proof: str
    months: tuple[tuple[str, tuple[DayCell, ...]], ...] = ()  # the month's name, and its days
    rows: tuple[MeetingRow, ...] = ()
    costs: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    new: int = 0
    may_undo: bool = False
    has_moved: bool = False
    moving: MeetingRow | None = None
    is_made: bool = False
    is_shown: bool = False
    made: int = 0
    changed: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()
    unplaced: tuple[tuple[str, str], ...] = ()


def year_page(session: Session, proposal: Proposal, say: Speaker, moving: str = "") -> YearPage:
    """Return the page of a year's proposal."""
    start = YearPage(
        id=proposal.id,
        year=proposal.title,
        state=state_in_words(proposal, say),
        version=proposal.version,
        job_id=proposal.job_id,
        is_solving=proposal.state == ProposalState.SOLVING,
        is_open=proposal.state in CAN_BE_REVIEWED,
        conflict=tuple(
            dict.fromkeys(
                say.text(CONFLICTS.get(one.rule, ONE_OF_THEM)) for one in conflict_of(proposal)
            )
        ),
        proof="",
        unplaced=unplaced(registry.rcs(session)),
    )
    if proposal.solution is None:
        return start
    problem, calendar, found = judged(proposal)
    answer = YEAR.answer_of(proposal)
    names = series_names(session, problem, say)
    booked, moved = set(answer.booked), set(answer.moved)
    broken: dict[str, list[str]] = {}
    for violation in found.violations:
        broken.setdefault("|".join(violation.subjects), []).append(say.text(RULES[violation.rule]))
    rows = tuple(
        _row(at, day, names, found, say, broken, booked, moved)
        for at, day in sorted(calendar.items(), key=lambda item: (item[1], item[0]))
    )
    made = standing(session, proposal)
    return replace(
        start,
        is_made=bool(made.as_made),
        is_shown=proposal.state == ProposalState.PUBLISHED,
        made=len(made.as_made),
        changed=tuple(say.either(one.name_sv, one.name_en) for one in made.changed),
        shares=shares_of(session, made.as_made, problem.first.year, say) if made.as_made else (),
        proof=_proof(answer.levels, say) if not answer.past else "",
        months=_months(problem, calendar, names, say),
        rows=rows,
        costs=cost_lines(
            session,
            problem,
            calendar,
            names,
            None if answer.past else answer.levels,
            say,
        ),
        closed=_closed(problem, say),
        new=len(rows) - len(booked),
        may_undo=bool(answer.past),
        has_moved=bool(moved),
        moving=next((row for row in rows if row.key == moving and not row.is_booked), None),
    )


def series_names(
    session: Session, problem: YearProblem, say: Speaker
) -> dict[str, tuple[str, str]]:
    """Return what each series is called, and its mark in the picture: a letter, or a circle's number."""
    found = {key: (say.text(name), mark) for key, (name, mark) in SERIES.items()}
    own = [one.id for one in problem.series if one.id.startswith(NETWORK)]
    for number, key in enumerate(own, start=1):
        network = networks.network(session, key.removeprefix(NETWORK))
        name = say.either(network.name_sv, network.name_en) if network else key
        found[key] = (name, str(number))
    for key in (one.id for one in problem.series if one.id.startswith(GROUP)):
        group = meetings.group(session, key.removeprefix(GROUP))
        found[key] = (group.name if group else key, "G")
    return found


def _row(
    at: Meeting,
    day: date,
    names: Mapping[str, tuple[str, str]],
    found: Judged,
    say: Speaker,
    broken: Mapping[str, list[str]],
    booked: Collection[str],
    moved: Collection[str],
) -> MeetingRow:
    key, (name, mark) = f"{at.series}|{at.number}", names[at.series]
    return MeetingRow(
        key=key,
        week=day.isocalendar().week,
        day=say.date(day),
        iso=day.isoformat(),
        name=name,
        mark=mark,
        away=len(found.away.get(at, ())),
        is_booked=key in booked,
        is_moved=key in moved,
        broken=tuple(sorted(set(broken.get(key, ())))),
    )


def _months(
    problem: YearProblem, calendar: Calendar, names: Mapping[str, tuple[str, str]], say: Speaker
) -> tuple[tuple[str, tuple[DayCell, ...]], ...]:
    taken: dict[date, list[str]] = {}
    for at, first in sorted(calendar.items(), key=lambda item: item[0]):
        for step in range(problem.by_id[at.series].days):
            taken.setdefault(first + timedelta(days=step), []).append(at.series)
    year = problem.first.year
    return tuple(
        (
            say.month(month),
            tuple(
                _cell(problem, date(year, month, day), taken, names)
                for day in range(1, monthrange(year, month)[1] + 1)
            ),
        )
        for month in range(1, 13)
    )


def _cell(
    problem: YearProblem,
    day: date,
    taken: Mapping[date, list[str]],
    names: Mapping[str, tuple[str, str]],
) -> DayCell:
    there = taken.get(day, [])
    is_off = day.isoweekday() > 5
    kind = "weekend" if is_off else "closed" if any(day in one for one in problem.closed) else ""
    series = (
        "network" if there and there[0].startswith((NETWORK, GROUP)) else there[0] if there else ""
    )
    mark = names[there[0]][1] if len(there) == 1 else f"{len(there)}×" if there else ""
    return DayCell(day.day, kind, series, mark)


def _closed(problem: YearProblem, say: Speaker) -> tuple[str, ...]:
    """Return the spans and days that are kept free, in words."""
    lines = []
    for one in problem.closed:
        days = say.date(one.first)
        if one.last != one.first:
            days = f"{days} – {say.date(one.last)}"
        is_holiday = one.kind == "public_holiday"
        name = (is_holiday and holiday_name(one.first, say.language)) or one.name
        named = f"{name} " if name and one.kind != "other" else ""
        lines.append(f"{days}: {named}({say.text(KINDS[one.kind])})")
    return tuple(lines)


def _proof(gaps: Mapping[str, float], say: Speaker) -> str:
    """Say how good the calendar is: proven on every level, or at most so far from the best."""
    worst = max(gaps.values())
    if worst <= 0.0:
        return say.text(
            later("Bästa möjliga: med det ni har bett om är inget annat förslag bättre.")
        )
    return say.text(
        later("Bäst hittills. Inget annat förslag är mer än %(gap)s procent bättre."),
        gap=say.number(math.ceil(100 * min(worst, 1.0))),
    )
