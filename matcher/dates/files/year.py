"""A year's problem from JSON, and its calendar to JSON."""

from collections.abc import Container, Mapping
from datetime import date
from typing import Any

from matcher.dates.files.reading import closed_days
from matcher.dates.files.schema import YEAR_SCHEMA
from matcher.dates.year.problem import (
    Attendee,
    Calendar,
    Held,
    Meeting,
    Series,
    YearProblem,
)
from matcher.dates.year.rules import (
    YEAR_LEVELS,
    Excess,
    absences,
    crowds,
    levels,
    overloads,
)
from matcher.documents.reader import Json, Reader
from matcher.documents.schema import check_schema
from matcher.proof import Proof

_A_PERSON = "the id of a person"


def year_from(document: object) -> YearProblem:
    """Read a year's problem from a parsed document.

    Raises:
        InvalidProblemError: with one fault per place, JSON path first.
    """
    check_schema(document, YEAR_SCHEMA)
    whole: Any = document
    reader = Reader()
    settings = whole.get("settings", {})
    first, last = reader.day("$.first", whole["first"]), reader.day("$.last", whole["last"])
    if last < first:
        reader.fault("$.last", whole["last"], f"a date not before {whole['first']}")
    elif (last - first).days > _LONGEST_DAYS:
        reader.fault("$.last", whole["last"], "at most two years after the first day")
    booked = {
        (one["series"], one["number"]) for one in whole.get("current", []) if one.get("booked")
    }
    people = _people(reader, whole.get("people", []), booked)
    series = _all_series(reader, whole["series"], {person.id for person in people})
    today = settings.get("today")
    if settings.get("notice_weeks") and today is None:
        reader.fault("$.settings.notice_weeks", settings["notice_weeks"], "today beside it")
    problem = YearProblem(
        first,
        last,
        series,
        people,
        closed_days(reader, "$.closed", whole.get("closed", [])),
        _current(reader, whole.get("current", []), series, (first, last)),
        None if today is None else reader.day("$.settings.today", today),
        settings.get("notice_weeks", 0),
        settings.get("max_per_week", 1),
        settings.get("max_hours_per_month"),
    )
    reader.finish()
    return problem


def calendar_document(
    problem: YearProblem, calendar: Calendar, proofs: Mapping[str, Proof]
) -> dict[str, Any]:
    """Write the calendar in order of days, with each level's value and what is proven of it."""
    away: dict[Meeting, list[str]] = {}
    for (meeting, person), _ in absences(problem, calendar):
        away.setdefault(meeting, []).append(person)
    values = dict(zip(YEAR_LEVELS, levels(problem, calendar), strict=True))
    written = [_level(name, value, proofs.get(name)) for name, value in values.items()]
    gap = max(level["gap"] for level in written)
    return {
        "status": "optimal" if all(level["proven"] for level in written) else "feasible",
        "meetings": [
            _meeting(problem, meeting, day, away.get(meeting, []))
            for meeting, day in sorted(calendar.items(), key=lambda item: (item[1], item[0]))
        ],
        "levels": written,
        "exceeded": [
            _excess(cap, one)
            for cap, found in (
                ("meetings_per_week", crowds(problem, calendar)),
                ("hours_per_month", overloads(problem, calendar)),
            )
            for one in found
        ],
        "gap": gap,
        "violations": [],
    }


# Two years: beyond that nobody knows the school breaks.
_LONGEST_DAYS = 731


def _level(name: str, value: int, proof: Proof | None) -> dict[str, Any]:
    """Write a level; one that the budget did not reach has nothing proven but that it is not negative."""
    known = Proof(value, 0 if proof is None else min(value, proof.lower_bound))
    return {
        "name": name,
        "value": value,
        "lower_bound": known.lower_bound,
        "gap": known.gap,
        "proven": known.status == "optimal",
    }


def _excess(cap: str, one: Excess) -> dict[str, Any]:
    """Write who gets more than a cap, when, and whether it was so before anything was laid out."""
    year, part = one.period
    is_week = cap == "meetings_per_week"
    return {
        "cap": cap,
        "person": one.person,
        "period": f"{year}-W{part:02d}" if is_week else f"{year}-{part:02d}",
        "extra": one.extra if is_week else round(one.extra / 60, 2),
        "meetings": [f"{meeting.series} {meeting.number}" for meeting in one.meetings],
        "booked_before": one.fixed,
    }


def _meeting(problem: YearProblem, at: Meeting, day: date, away: list[str]) -> dict[str, Any]:
    series = problem.by_id[at.series]
    held = problem.current.get(at)
    year, week, _ = day.isocalendar()
    return {
        "series": at.series,
        "number": at.number,
        "date": day.isoformat(),
        "days": series.days,
        "week": f"{year}-W{week:02d}",
        "part": series.part,
        "form": series.form,
        "added_to": series.attached_to,
        "moved_from": held.day.isoformat() if held is not None and held.day != day else None,
        "absent": away,
    }


def _people(
    reader: Reader, items: list[Json], booked: Container[tuple[str, int]]
) -> tuple[Attendee, ...]:
    reader.unique("$.people", items)
    found = []
    for number, item in enumerate(items):
        at = f"$.people[{number}]"
        for n, one in enumerate(item.get("booked", [])):
            if (one["series"], one["number"]) not in booked:
                reader.fault(f"{at}.booked[{n}]", one, "a meeting that is booked in current")
        found.append(
            Attendee(
                booked={
                    Meeting(one["series"], one["number"]): float(one["hours"])
                    for one in item.get("booked", [])
                },
                **reader.fields(Attendee, at, item),
            )
        )
    return tuple(found)


def _all_series(reader: Reader, items: list[Json], people: set[str]) -> tuple[Series, ...]:
    names = reader.unique("$.series", items)
    counts = {item["id"]: item["count"] for item in items}
    attached = {item["id"] for item in items if "attached_to" in item}
    for number, item in enumerate(items):
        at = f"$.series[{number}]"
        reader.known(f"{at}.people", item.get("people", []), people, _A_PERSON)
        reader.known(f"{at}.required", item.get("required", []), people, _A_PERSON)
        parent = item.get("attached_to")
        if parent is None:
            continue
        reader.known(
            f"{at}.attached_to", [parent], names - attached, "the id of a series that stands alone"
        )
        if counts.get(parent, 0) < item["count"]:
            reader.fault(f"{at}.count", item["count"], f"at most as many as {parent} has")
    return tuple(_series(reader, f"$.series[{n}]", item, people) for n, item in enumerate(items))


def _series(reader: Reader, at: str, item: Json, people: set[str]) -> Series:
    required = frozenset(item.get("required", []))
    return Series(
        people=frozenset(item.get("people", people)) | required,
        required=required,
        **reader.fields(Series, at, item),
    )


def _current(
    reader: Reader, items: list[Json], series: tuple[Series, ...], span: tuple[date, date]
) -> dict[Meeting, Held]:
    counts = {one.id: one.count for one in series}
    held: dict[Meeting, Held] = {}
    for number, item in enumerate(items):
        at = f"$.current[{number}]"
        meeting = Meeting(item["series"], item["number"])
        reader.known(f"{at}.series", [item["series"]], set(counts), "the id of a series")
        if item["number"] > counts.get(item["series"], item["number"]):
            reader.fault(f"{at}.number", item["number"], "a number up to the series' count")
        if meeting in held:
            reader.fault(at, item, "each meeting once")
        day = reader.day(f"{at}.date", item["date"])
        if not span[0] <= day <= span[1]:
            reader.fault(f"{at}.date", item["date"], "a day from first to last")
        held[meeting] = Held(day, **reader.fields(Held, at, item))
    return held
