"""From what a planner asks of a year, today's networks, functions and meetings, to the engine's problem."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from api.accounts.models import FunctionKind
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day
from api.calendar.school_weeks import closed_near, usual_breaks
from api.kit.clock import to_local
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingGroup, MeetingKind
from api.networks import queries as networks
from api.proposals.placing.service import days_of
from api.proposals.year.load import journeys_of, ledger, meetings_in
from api.proposals.year.people import Attending, attending, elsewhere
from api.registry import queries as registry

Json = dict[str, Any]

NATIONAL, FORUM, MANAGERS = "national", "samverkansforum", "managers"
NETWORK, GROUP = "network:", "group:"
# Tuesday to Thursday: nobody travels on a Sunday or comes home on a Saturday.
MIDWEEK = [2, 3, 4]
# Swedish workplaces are half empty in these weeks, whatever the calendar says.
SUMMER = ((6, 22), (8, 14))
# One meeting a week for each; what else a person has in the week counts too.
MAX_PER_WEEK = 1
# Local clock times of a part of a day.
CLOCKS = {
    "day": (time(9, 30), time(16, 0)),
    "morning": (time(9), time(11)),
    "afternoon": (time(13), time(15)),
}
KINDS = {
    NATIONAL: MeetingKind.NATIONAL,
    FORUM: MeetingKind.SAMVERKANSFORUM,
    MANAGERS: MeetingKind.MANAGERS,
}


def length_of(part: str) -> float:
    """Return the hours that a part of a day holds."""
    first, last = CLOCKS[part]
    return round(last.hour + last.minute / 60 - first.hour - first.minute / 60, 2)


@dataclass(frozen=True, slots=True)
class YearWish:
    """How many meetings of each kind a year is to have, and how many weeks ahead they are known.

    `max_hours` is the most that one person should give to meetings and journeys in a month.
    """

    year: int
    national: int = 2
    national_days: int = 2
    forum: int = 4
    managers: int = 2
    per_network: int = 4
    notice_weeks: int = 6
    max_hours: int = 24


def problem_document(
    session: Session, wish: YearWish, breaks: tuple[SchoolBreak, ...], at: datetime
) -> Json:
    """Return the year's problem as `samkrets dates` reads it.

    What is booked already stays where it is. Everybody is a function; an RC without any counts as one.
    """
    first, last = date(wish.year, 1, 7), date(wish.year, 12, 18)
    people = attending(session)
    groups = [one for one in meetings.saved_groups(session) if one.per_year]
    posts = meetings.group_posts(session, [one.id for one in groups])
    others = elsewhere(session, {one for ids in posts.values() for one in ids})
    series = [*_series(session, wish, people), *_of_groups(groups, posts, (*people, *others))]
    series = [one for one in series if one["people"]]
    current = _current(series, meetings_in(session, wish.year), first, last)
    for one in series:
        had = [held["number"] for held in current.values() if held["series"] == one["id"]]
        one["count"] = max([one["count"], *had])
    return {
        "kind": "year",
        "first": first.isoformat(),
        "last": last.isoformat(),
        "series": [one for one in series if one["count"]],
        "people": _attendees(session, series, current, others, breaks, wish.year),
        "closed": _closed(first, last, breaks),
        "current": list(current.values()),
        "settings": {
            "today": to_local(at).date().isoformat(),
            "notice_weeks": wish.notice_weeks,
            "max_per_week": MAX_PER_WEEK,
            "max_hours_per_month": wish.max_hours,
        },
    }


def _series(session: Session, wish: YearWish, people: Sequence[Attending]) -> Iterable[Json]:
    def of_kind(kind: FunctionKind) -> list[str]:
        return [one.id for one in people if one.kind is kind]

    yield {
        "id": NATIONAL,
        "count": wish.national,
        "people": [one.id for one in people],
        "days": wish.national_days,
        "hours": wish.national_days * length_of("day"),
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
            "hours": length_of(part),
            "form": "digital",
            "weekdays": MIDWEEK,
            "min_gap_days": 35,
        }
    active = networks.active_networks(session)
    members = networks.members(session, [one.id for one in active])
    for number, network in enumerate(active):
        rcs = {member.rc_id for member in members[network.id]}
        part = "afternoon" if number % 2 else "morning"
        yield {
            "id": f"{NETWORK}{network.id}",
            "count": wish.per_network,
            "people": [one.id for one in people if one.rc_id in rcs],
            "part": part,
            "hours": length_of(part),
            "form": "digital",
            "weekdays": MIDWEEK,
            "min_gap_days": 28,
        }


def _of_groups(
    groups: Iterable[MeetingGroup],
    posts: Mapping[str, Collection[str]],
    people: Sequence[Attending],
) -> Iterable[Json]:
    """Return the meetings of saved groups, as many a year as each says; whoever holds their posts comes."""
    for number, group in enumerate(groups):
        part = "afternoon" if number % 2 else "morning"
        yield {
            "id": f"{GROUP}{group.id}",
            "count": group.per_year,
            "people": [one.id for one in people if one.id in posts[group.id]],
            "part": part,
            "hours": length_of(part),
            "form": "digital",
            "weekdays": MIDWEEK,
            "min_gap_days": max(7, min(28, 300 // group.per_year)),
        }


def series_of(meeting: Meeting) -> str:
    """Return the series that a meeting belongs to, or an empty text."""
    if meeting.network_id:
        return f"{NETWORK}{meeting.network_id}"
    if meeting.group_id:
        return f"{GROUP}{meeting.group_id}"
    return next((name for name, kind in KINDS.items() if kind == meeting.kind), "")


def _current(series: list[Json], booked: list[Meeting], first: date, last: date) -> dict[str, Json]:
    """Return the booked meetings of these series, numbered in order, by the meetings' ids.

    What is booked stands, whatever its day is: it opens no holiday and no break to another meeting.
    One outside the year's span, or of another length than its series, only keeps people busy.
    """
    known = {one["id"]: one for one in series}
    kept: dict[str, list[Meeting]] = {}
    for meeting in booked:
        days, rule = days_of(meeting), known.get(series_of(meeting))
        is_own = rule is not None and len(days) == rule.get("days", 1)
        if rule is not None and is_own and first <= days[0] and days[-1] <= last:
            kept.setdefault(rule["id"], []).append(meeting)
    current: dict[str, Json] = {}
    for name, found in kept.items():
        count, number = max(known[name]["count"], len(found)), 0
        for place, meeting in enumerate(sorted(found, key=lambda one: one.starts_at)):
            # Its share of the year decides its number, so that the others find room around it.
            day = days_of(meeting)[0]
            share = int((day - first) / (last - first) * count) + 1
            number = min(count - (len(found) - place - 1), max(number + 1, share))
            held = {"series": name, "number": number, "date": day.isoformat(), "booked": True}
            current[meeting.id] = held
    return current


def _attendees(
    session: Session,
    series: Sequence[Json],
    current: Mapping[str, Json],
    others: tuple[Attending, ...],
    breaks: tuple[SchoolBreak, ...],
    year: int,
) -> list[Json]:
    """Return what each has booked and is busy with, and when schools near them are usually closed.

    The hours of what is booked are the load ledger's, each meeting with its own length and place.
    """
    counties = {rc.id: rc.county_code for rc in registry.rcs(session)}
    usual, journeys = usual_breaks(year, breaks), journeys_of(session)
    found = []
    for one, pieces in ledger(session, year, others).items():
        names = {rule["id"] for rule in series if one.id in rule["people"]}
        own = {key: held for key, held in current.items() if held["series"] in names}
        hours = dict.fromkeys(own, 0.0)
        elsewhen = []
        for piece in pieces:
            if piece.meeting is not None and piece.meeting.id in own:
                hours[piece.meeting.id] = piece.total
            else:
                elsewhen.append(piece)
        away = {
            day for piece in elsewhen if piece.meeting is not None for day in days_of(piece.meeting)
        }
        school = closed_near(counties[one.rc_id], usual) if one.rc_id in counties else frozenset()
        found.append(
            {
                "id": one.id,
                "unavailable": _written(away),
                "school_days": _written(school),
                "journey": journeys.reckoned(one, "").hours,
                "booked": [
                    {
                        "series": held["series"],
                        "number": held["number"],
                        "hours": round(hours[key], 4),
                    }
                    for key, held in own.items()
                ],
                "engagements": [
                    {"date": piece.day.isoformat(), "hours": round(piece.total, 4)}
                    for piece in elsewhen
                ],
            }
        )
    return found


def _written(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _closed(first: date, last: date, breaks: tuple[SchoolBreak, ...]) -> list[Json]:
    """Return the days nobody should meet on: no booked meeting opens any of them to another."""
    found: list[Json] = []
    day = first
    while day <= last:
        name, squeezed = holiday_name(day), is_squeeze_day(day)
        if name or squeezed:
            kind = "public_holiday" if name else "squeeze_day"
            one = day.isoformat()
            found.append({"first": one, "last": one, "name": name or "", "kind": kind})
        day += timedelta(days=1)
    spans = [(one.first, one.last, one.name, "school_break") for one in breaks]
    spans.append((date(first.year, *SUMMER[0]), date(first.year, *SUMMER[1]), "sommar", "other"))
    for start, end, name, kind in spans:
        if start <= last and end >= first:
            found.append(
                {"first": start.isoformat(), "last": end.isoformat(), "name": name, "kind": kind}
            )
    return found
