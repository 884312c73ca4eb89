"""A meeting's problem from JSON, and its ranking to JSON."""

from typing import Any

from matcher.dates.files.reading import closed_days, point_of
from matcher.dates.files.schema import MEETING_SCHEMA
from matcher.dates.meeting.explain import Loss, losses
from matcher.dates.meeting.problem import (
    DateOption,
    MeetingProblem,
    PastMeeting,
    Person,
    Place,
    Role,
    Settings,
)
from matcher.dates.meeting.rank import LEVELS, Choice, Ranking, Refusal, is_dominated
from matcher.dates.meeting.rules import Figures
from matcher.documents.reader import Json, Reader
from matcher.documents.schema import check_schema
from matcher.geo import Point
from matcher.travel import BANDS, Travel

_A_DATE = "the id of a date"


def meeting_from(document: object, travel: Travel | None = None) -> MeetingProblem:
    """Read a meeting's problem from a parsed document; without a table, journeys are rough.

    Raises:
        InvalidProblemError: with one fault per place, JSON path first.
    """
    check_schema(document, MEETING_SCHEMA)
    whole: Any = document
    reader = Reader()
    dates = _dates(reader, whole["dates"])
    known_dates = {option.id for option in dates}
    places = _places(reader, whole.get("places", []), known_dates)
    people = _people(reader, whole.get("people", []), known_dates)
    roles = tuple(
        Role(**reader.fields(Role, f"$.roles[{n}]", item))
        for n, item in enumerate(whole.get("roles", []))
    )
    reader.unique("$.roles", whole.get("roles", []))
    _known_roles(reader, roles, people)
    settings = _settings(reader, whole.get("settings", {}))
    over = travel or Travel()
    _where_places_are(reader, places, people, settings)
    history = _history(reader, whole.get("history", []), places, people, over)
    if not places and set(settings.forms) == {"in_person"}:
        if "forms" in whole.get("settings", {}):
            reader.fault("$.places", [], "at least one place for a meeting in person")
        settings = _digital(settings)
    reader.finish()
    return MeetingProblem(dates, places, people, roles, history, settings, over)


def ranking_document(ranking: Ranking) -> dict[str, Any]:
    """Write a ranking: choices with figures and why each loses, then what was refused."""
    pairs = zip(ranking.choices, losses(ranking), strict=True)
    return {
        "status": "optimal",
        "order": list(LEVELS),
        "travel": "estimate",
        "travel_compared": "band" if ranking.compares_bands else "estimate",
        "choices": [
            _choice(number, choice, why, ranking) for number, (choice, why) in enumerate(pairs, 1)
        ],
        "refused": [_refused(refusal) for refusal in ranking.refused],
    }


def _known_roles(reader: Reader, roles: tuple[Role, ...], people: tuple[Person, ...]) -> None:
    """Note each quorum of a role that nobody has: it is a slip of the pen, and would decide nothing."""
    had = sorted({role for person in people for role in person.roles})
    for number, role in enumerate(roles):
        if role.quorum and role.id not in had:
            expected = f"a role that somebody has ({', '.join(had) or 'nobody has any'})"
            reader.fault(f"$.roles[{number}].id", role.id, expected)


def _dates(reader: Reader, items: list[Any]) -> tuple[DateOption, ...]:
    whole = [{"id": item, "date": item} if isinstance(item, str) else item for item in items]
    reader.unique("$.dates", whole)
    return tuple(_date(reader, f"$.dates[{n}]", item) for n, item in enumerate(whole))


def _date(reader: Reader, at: str, item: Json) -> DateOption:
    first = item.get("date", item.get("start"))
    if "date" in item and "start" in item:
        reader.fault(at, item["start"], "either date, or start and end")
    if first is None:
        if "end" in item:
            reader.fault(f"{at}.end", item["end"], "a start before it")
        return DateOption(item["id"])
    start = reader.moment(at, first)
    if "end" not in item:
        return DateOption(item["id"], start)
    end = reader.moment(f"{at}.end", item["end"])
    if type(start) is not type(end):
        reader.fault(f"{at}.end", item["end"], f"a value of the same kind as {first}")
    elif end < start or ("T" in item["end"] and end == start):
        reader.fault(f"{at}.end", item["end"], f"a value after {first}")
    return DateOption(item["id"], start, end)


def _places(reader: Reader, items: list[Json], dates: set[str]) -> tuple[Place, ...]:
    reader.unique("$.places", items)
    for number, item in enumerate(items):
        reader.known(f"$.places[{number}].taken", item.get("taken", []), dates, _A_DATE)
    return tuple(
        Place(point=point_of(item), **reader.fields(Place, f"$.places[{number}]", item))
        for number, item in enumerate(items)
    )


def _where_places_are(
    reader: Reader, places: tuple[Place, ...], people: tuple[Person, ...], settings: Settings
) -> None:
    """Ask for the place that nobody knows beside those that are known: it would look nearest of all."""
    if set(settings.forms) == {"digital"} or all(person.home is None for person in people):
        return
    if all(place.point is None for place in places):
        return
    for number, place in enumerate(places):
        if place.point is None:
            reader.fault(f"$.places[{number}]", place.id, "lat and lon, as the other places have")


def _people(reader: Reader, items: list[Json], dates: set[str]) -> tuple[Person, ...]:
    reader.unique("$.people", items)
    for number, item in enumerate(items):
        reader.known(
            f"$.people[{number}].availability", item.get("availability", {}), dates, _A_DATE
        )
    return tuple(_person(reader, f"$.people[{n}]", item) for n, item in enumerate(items))


def _person(reader: Reader, at: str, item: Json) -> Person:
    roles = [*item.get("roles", []), *([item["role"]] if "role" in item else [])]
    return Person(
        roles=tuple(dict.fromkeys(roles)),
        home=point_of(item.get("home")),
        **reader.fields(Person, at, item),
    )


def _settings(reader: Reader, item: Json) -> Settings:
    if item.get("notice_weeks") and "today" not in item:
        reader.fault("$.settings.notice_weeks", item["notice_weeks"], "today beside it")
    return Settings(
        closed=closed_days(reader, "$.settings.closed", item.get("closed", [])),
        **reader.fields(Settings, "$.settings", item),
    )


def _digital(settings: Settings) -> Settings:
    values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    return Settings(**{**values, "forms": ("digital",)})


def _history(
    reader: Reader,
    items: list[Json],
    places: tuple[Place, ...],
    people: tuple[Person, ...],
    travel: Travel,
) -> tuple[PastMeeting, ...]:
    where = {place.id: place.point for place in places}
    past = []
    regions = {person.region for person in people}
    for number, item in enumerate(items):
        for name in ("hours", "bodies"):
            if people and item.get(name) and regions.isdisjoint(item[name]):
                expected = f"the id of somebody's body ({', '.join(sorted(regions)[:5])}, ...)"
                reader.fault(f"$.history[{number}].{name}", sorted(item[name]), expected)
        point = point_of(item)
        if point is None and "hours" not in item:
            point = where.get(item["place"])
            if point is None:
                reader.fault(
                    f"$.history[{number}].place",
                    item["place"],
                    "the id of a place with lat and lon, or hours per body",
                )
        past.append(
            PastMeeting(_past_hours(item, point, people, travel), item.get("cheapest_hours"))
        )
    return tuple(past)


def _past_hours(
    item: Json, point: Point | None, people: tuple[Person, ...], travel: Travel
) -> dict[str, float]:
    if "hours" in item:
        return {body: float(hours) for body, hours in item["hours"].items()}
    hours: dict[str, float] = {}
    wanted = item.get("bodies")
    for person in people:
        is_counted = wanted is None or person.region in wanted
        if point is not None and person.home is not None and is_counted:
            so_far = hours.get(person.region, 0.0)
            hours[person.region] = max(so_far, travel.hours(person.home, point))
    return hours


def _choice(number: int, choice: Choice, why: Loss | None, ranking: Ranking) -> dict[str, Any]:
    option = choice.candidate.date
    is_equal = number > 1 and why is None
    equal = "as good as the one above, as far as the estimates can tell"
    return {
        "rank": number,
        "date": option.id,
        "place": None if choice.candidate.place is None else choice.candidate.place.id,
        "form": choice.candidate.form,
        "week": _week(option),
        "figures": _figures(choice.figures),
        "cheapest_hours": round(choice.cheapest_hours, 2),
        "pareto": not is_dominated(choice, ranking.choices),
        "loses_because": equal if is_equal else None if why is None else why.reason,
        "loses_on": None
        if why is None
        else {"level": why.level, "this": why.this, "above": why.above},
    }


def _week(option: DateOption) -> str | None:
    if not option.days:
        return None
    year, week, _ = option.days[0].isocalendar()
    return f"{year}-W{week:02d}"


def _figures(of: Figures) -> dict[str, Any]:
    return {
        "attending": of.attending,
        "tentative": of.tentative,
        "absent": of.absent,
        "missing": list(of.missing),
        "quorum_short": dict(of.short_roles),
        "in_person": of.in_person,
        "digital": of.digital,
        "travel_hours": {
            "mean": round(of.mean_hours, 2),
            "p95": round(of.p95_hours, 2),
            "max": round(of.max_hours, 2),
            "total": round(of.total_hours, 2),
        },
        "travel_bands": dict(zip(BANDS, of.bands, strict=True)),
        "travel_unknown": of.unknown_travel,
        "nights": of.nights,
        "worst_region": of.worst_region,
        "worst_region_hours": round(of.worst_hours, 2),
        "region_hours": {region: round(hours, 2) for region, hours in of.region_hours},
        "rotation_debt": {region: round(hours, 2) for region, hours in of.debt},
        "cost": of.cost,
    }


def _refused(refusal: Refusal) -> dict[str, Any]:
    at = refusal.candidate
    return {
        "date": at.date.id,
        "place": None if at.place is None else at.place.id,
        "form": at.form,
        "rules": [{"rule": v.rule, "message": v.message} for v in refusal.violations],
    }
