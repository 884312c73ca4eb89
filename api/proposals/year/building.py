"""From what a planner asks of a year, today's networks, functions and meetings, to the engine's problem."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day
from api.kit.clock import from_local, to_local
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.networks import queries as networks
from api.proposals.placing.service import days_of
from api.registry import queries as registry

Json = dict[str, Any]

NATIONAL, FORUM, MANAGERS = "national", "samverkansforum", "managers"
NETWORK = "network:"
# Tuesday to Thursday: nobody travels on a Sunday or comes home on a Saturday.
MIDWEEK = [2, 3, 4]
# Swedish workplaces are half empty in these weeks, whatever the calendar says.
SUMMER = ((6, 22), (8, 14))
KINDS = {
    NATIONAL: MeetingKind.NATIONAL,
    FORUM: MeetingKind.SAMVERKANSFORUM,
    MANAGERS: MeetingKind.MANAGERS,
}


@dataclass(frozen=True, slots=True)
class YearWish:
    """How many meetings of each kind a year is to have, and how many weeks ahead they are known."""

    year: int
    national: int = 2
    national_days: int = 2
    forum: int = 4
    managers: int = 2
    per_network: int = 4
    notice_weeks: int = 6


def problem_document(
    session: Session, wish: YearWish, breaks: tuple[SchoolBreak, ...], at: datetime
) -> Json:
    """Return the year's problem as `samkrets dates` reads it.

    What is booked already stays where it is. Everybody is a function; an RC without any counts as one.
    """
    first, last = date(wish.year, 1, 7), date(wish.year, 12, 18)
    people = _people(session)
    series = [one for one in _series(session, wish, people) if one["people"]]
    booked = _booked(session, wish.year)
    current, others = _split(series, booked, first, last)
    for one in series:
        had = [held["number"] for held in current if held["series"] == one["id"]]
        one["count"] = max([one["count"], *had])
    return {
        "kind": "year",
        "first": first.isoformat(),
        "last": last.isoformat(),
        "series": [one for one in series if one["count"]],
        "people": _attendees(session, people, others),
        "closed": _closed(first, last, breaks, {date.fromisoformat(c["date"]) for c in current}),
        "current": current,
        "settings": {"today": to_local(at).date().isoformat(), "notice_weeks": wish.notice_weeks},
    }


def _people(session: Session) -> dict[str, tuple[FunctionKind | None, str]]:
    """Return everybody who comes to meetings: kind and RC (empty at a county board)."""
    found: dict[str, tuple[FunctionKind | None, str]] = {}
    for kind in (BodyKind.RC, BodyKind.COUNTY_BOARD):
        for function, body in accounts.functions_of_kind(session, kind):
            found[function.id] = function.kind, body.rc_id or ""
    staffed = {rc_id for _, rc_id in found.values()}
    for rc in registry.rcs(session):
        if rc.id not in staffed:
            found[f"rc:{rc.id}"] = None, rc.id
    return found


def _series(
    session: Session, wish: YearWish, people: dict[str, tuple[FunctionKind | None, str]]
) -> Iterable[Json]:
    def of_kind(kind: FunctionKind) -> list[str]:
        return sorted(one for one, (own, _) in people.items() if own is kind)

    yield {
        "id": NATIONAL,
        "count": wish.national,
        "people": sorted(people),
        "days": wish.national_days,
        "weekdays": MIDWEEK,
        "min_gap_days": 60,
    }
    for name, count, kind, part in (
        (FORUM, wish.forum, FunctionKind.PROJECT_LEADER, "morning"),
        (MANAGERS, wish.managers, FunctionKind.MANAGER, "afternoon"),
    ):
        yield {
            "id": name,
            "count": count,
            "people": of_kind(kind),
            "part": part,
            "form": "digital",
            "weekdays": MIDWEEK,
            "min_gap_days": 35,
        }
    active = networks.active_networks(session)
    members = networks.members(session, [one.id for one in active])
    for number, network in enumerate(active):
        rcs = {member.rc_id for member in members[network.id]}
        yield {
            "id": f"{NETWORK}{network.id}",
            "count": wish.per_network,
            "people": sorted(one for one, (_, rc_id) in people.items() if rc_id in rcs),
            "part": "afternoon" if number % 2 else "morning",
            "form": "digital",
            "weekdays": MIDWEEK,
            "min_gap_days": 28,
        }


def _booked(session: Session, year: int) -> list[Meeting]:
    """Return the year's meetings that take place, earliest first."""
    start = from_local(datetime(year, 1, 1))  # noqa: DTZ001 - local, made aware here
    found = meetings.meetings(session, start)
    return [
        one
        for one in found
        if to_local(one.starts_at).year == year
        and one.state in {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    ]


def series_of(meeting: Meeting) -> str:
    """Return the series that a meeting belongs to, or an empty text."""
    if meeting.network_id:
        return f"{NETWORK}{meeting.network_id}"
    return next((name for name, kind in KINDS.items() if kind == meeting.kind), "")


def _split(
    series: list[Json], booked: list[Meeting], first: date, last: date
) -> tuple[list[Json], list[Meeting]]:
    """Return the booked meetings of these series, locked and numbered in order, and all others.

    One that the series' own rules would refuse (its weekday, its gap) only keeps people busy.
    """
    known = {one["id"]: one for one in series}
    kept: dict[str, list[date]] = {}
    others = []
    for meeting in booked:
        days, rule = days_of(meeting), known.get(series_of(meeting))
        if rule is None or not _fits(rule, days, kept.get(rule["id"], []), first, last):
            others.append(meeting)
        else:
            kept.setdefault(rule["id"], []).append(days[0])
    current: list[Json] = []
    for name, days_kept in kept.items():
        count, number = max(known[name]["count"], len(days_kept)), 0
        for place, day in enumerate(days_kept):
            # Its share of the year decides its number, so that the others find room around it.
            share = int((day - first) / (last - first) * count) + 1
            number = min(count - (len(days_kept) - place - 1), max(number + 1, share))
            held = {"series": name, "number": number, "date": day.isoformat(), "locked": True}
            current.append(held)
    return current, others


def _fits(rule: Json, days: tuple[date, ...], kept: list[date], first: date, last: date) -> bool:
    is_open = all(
        first <= day <= last and day.isoweekday() in rule["weekdays"] and not holiday_name(day)
        for day in days
    )
    is_apart = not kept or (days[0] - kept[-1]).days >= rule["min_gap_days"]
    return is_open and is_apart and len(days) == rule.get("days", 1)


def _attendees(
    session: Session,
    people: dict[str, tuple[FunctionKind | None, str]],
    others: list[Meeting],
) -> list[Json]:
    concerned = audiences(session, others)
    away: dict[str, set[str]] = {one: set() for one in people}
    for meeting in others:
        audience = concerned[meeting.id]
        days = {day.isoformat() for day in days_of(meeting)}
        for one, (_, rc_id) in people.items():
            if audience.rc_ids is None or rc_id in audience.rc_ids or one in audience.function_ids:
                away[one] |= days
    return [{"id": one, "unavailable": sorted(days)} for one, days in sorted(away.items())]


def _closed(
    first: date, last: date, breaks: tuple[SchoolBreak, ...], kept: set[date]
) -> list[Json]:
    """Return the days nobody should meet on; a day that a booked meeting has is not closed to it."""
    found: list[Json] = []
    day = first
    while day <= last:
        name, squeezed = holiday_name(day), is_squeeze_day(day)
        if (name or squeezed) and day not in kept:
            kind = "public_holiday" if name else "squeeze_day"
            one = day.isoformat()
            found.append({"first": one, "last": one, "name": name or "", "kind": kind})
        day += timedelta(days=1)
    spans = [(one.first, one.last, one.name, "school_break") for one in breaks]
    spans.append((date(first.year, *SUMMER[0]), date(first.year, *SUMMER[1]), "sommar", "other"))
    for start, end, name, kind in spans:
        if start <= last and end >= first and not any(start <= day <= end for day in kept):
            found.append(
                {"first": start.isoformat(), "last": end.isoformat(), "name": name, "kind": kind}
            )
    return found
