"""Random meeting problems, and an oracle that shares no code with the engine."""

import math
import random
from functools import cmp_to_key
from typing import Any

Document = dict[str, Any]


def random_meeting(seed: int) -> Document:
    """Return a problem file's document of at most 300 (date, place) pairs."""
    draw = random.Random(seed)
    dates = [f"2027-{draw.randint(1, 12):02d}-{day:02d}" for day in range(1, draw.randint(2, 15))]
    places = [
        {
            "id": f"place{n}",
            "lat": draw.uniform(55.4, 67.0),
            "lon": draw.uniform(11.5, 22.0),
            "capacity": draw.choice([2, 5, 9, 40]),
            "cost": draw.choice([0, 500, 1000]),
            "accessible": draw.random() < 0.8,
        }
        for n in range(draw.randint(1, 20))
    ]
    people = [_person(draw, n, dates) for n in range(draw.randint(1, 9))]
    history: list[Document] = [
        {"hours": {f"rc{n}": round(draw.uniform(0.5, 6.0), 2) for n in range(4)}}
        for _ in range(draw.choice([0, 0, 1, 5]))
    ]
    for past in history[::2]:
        past["cheapest_hours"] = sum(past["hours"].values()) * draw.uniform(0.8, 1.0)
    settings: Document = {"forms": draw.sample(["in_person", "hybrid", "digital"], 2)}
    settings |= {"unanswered": draw.choice(["yes", "maybe", "no"])}
    if draw.random() < 0.3:
        settings |= {"prefer_forms": ["in_person"]}
    if draw.random() < 0.4:
        settings |= {"travel_limit_hours": draw.choice([2.0, 4.5])}
    if draw.random() < 0.4:
        settings |= {"meeting_hours": 4.0, "longest_day_hours": draw.choice([10.0, 13.0])}
    if draw.random() < 0.5:
        settings |= {"closed": [draw.choice(dates)]}
    if draw.random() < 0.3:
        settings |= {"today": "2027-01-01", "notice_weeks": draw.choice([2, 12])}
    roles = [{"id": "police", "quorum": draw.randint(0, 3)}]
    parts: Document = {"dates": dates, "places": places, "people": people, "roles": roles}
    return parts | {"history": history, "settings": settings}


def _person(draw: random.Random, number: int, dates: list[str]) -> Document:
    asked = {day: draw.choice(["yes", "yes", "maybe", "no"]) for day in dates}
    answered = {day: answer for day, answer in asked.items() if draw.random() < 0.9}
    person: Document = {"id": f"p{number}", "body": f"rc{number % 4}", "availability": answered}
    person["role"] = draw.choice(["police", "school"]) if number else "police"
    person["must_attend"] = draw.random() < 0.2
    person["weight"] = draw.choice([1, 1, 1, 2])
    person["needs_accessible"] = draw.random() < 0.1
    if draw.random() < 0.9:
        person["home"] = {"lat": draw.uniform(55.4, 67.0), "lon": draw.uniform(11.5, 22.0)}
    return person


def oracle(document: Document) -> list[tuple[str, str | None, str]]:
    """Order every candidate that breaks no rule by comparing pairs, level after level."""
    found = []
    for day in document["dates"]:
        for form in document["settings"]["forms"]:
            for place in [None] if form == "digital" else document["places"]:
                row = _row(document, day, place, form)
                if row is not None:
                    found.append(row)
    in_bands = bool(document["history"])
    keys = ["unmet", "yes", "maybe", "form"]
    for row in found:
        peers = [other for other in found if _same_people(other, row)]
        for key in ("worst", "total"):
            row[f"{key}_step"] = _margin_step([other[key] for other in peers], row[key])
    for row in found:
        peers = [other for other in found if _same_people(other, row)]
        like = [one["worst"] for one in peers if one["worst_step"] == row["worst_step"]]
        row["step"] = sum(min(like) > end for end in (2.5, 4.5, 7))
    if in_bands:
        _price_rotation(document, found)
    keys += (
        ["step", "beyond", "steps", "total_step", "debt", "cost", "total"]
        if in_bands
        else ["worst_step", "total_step", "cost", "total"]
    )
    found.sort(key=cmp_to_key(lambda a, b: _compare(a, b, keys)))
    return [row["choice"] for row in found]


def _compare(a: Document, b: Document, keys: list[str]) -> int:
    for key in keys:
        if a[key] != b[key]:
            return -1 if a[key] < b[key] else 1
    return 0


def _row(document: Document, day: str, place: Document | None, form: str) -> Document | None:
    settings = document["settings"]
    said = {
        person["id"]: person["availability"].get(day, settings["unanswered"])
        for person in document["people"]
    }
    able = [p for p in document["people"] if form != "in_person" or not _far(p, place, settings)]
    yes = [person for person in able if said[person["id"]] == "yes"]
    maybe = [person for person in able if said[person["id"]] == "maybe"]
    seats = [person for person in yes + maybe if _goes(person, place, form, settings)]
    going = [person for person in yes if person in seats]
    if _is_shut(document, day) or (place is not None and _is_unfit(place, seats, going, settings)):
        return None
    times = [(p["body"], hours) for p in going if (hours := _hours(p, place)) is not None]
    regions = {body: max(hours for other, hours in times if other == body) for body, _ in times}
    owed = {person["body"]: 0.0 for person in document["people"]}
    for past in document["history"]:
        for region, spent in past["hours"].items():
            owed[region] = owed.get(region, 0.0) + spent
    debt = sorted((v + regions.get(k, 0.0) for k, v in owed.items()), reverse=True)
    wanted = settings.get("prefer_forms", [])
    worst = max(regions.values(), default=0.0)
    total = math.fsum(hours for _, hours in times)
    return {
        "choice": (day, None if place is None else place["id"], form),
        "unmet": _unmet(document, yes),
        "yes": -sum(person["weight"] for person in yes),
        "maybe": -sum(person["weight"] for person in maybe),
        "form": wanted.index(form) if form in wanted else len(wanted),
        "worst": round(worst, 6),
        "total": round(total, 6),
        "raw": total,
        "regions": sum(regions.values()),
        "debt": [round(value, 6) for value in debt],
        "cost": 0 if place is None else place["cost"],
    }


def _is_shut(document: Document, day: str) -> bool:
    settings = document["settings"]
    # 2027-01-01 plus 2 weeks is 15 January; plus 12 weeks is 26 March.
    first = {None: "", 2: "2027-01-15", 12: "2027-03-26"}[settings.get("notice_weeks")]
    return day in settings.get("closed", []) or day < first


def _is_unfit(
    place: Document, seats: list[Document], going: list[Document], settings: Document
) -> bool:
    if any(_is_long_day(person, place, settings) for person in going):
        return True
    needs = any(person["needs_accessible"] for person in seats)
    return len(seats) > place["capacity"] or (needs and not place["accessible"])


def _unmet(document: Document, yes: list[Document]) -> int:
    here = {person["id"] for person in yes}
    missing: int = sum(p["must_attend"] and p["id"] not in here for p in document["people"])
    police: int = sum(person["role"] == "police" for person in yes)
    short: int = max(0, document["roles"][0]["quorum"] - police)
    return missing + short


def _goes(person: Document, place: Document | None, form: str, settings: Document) -> bool:
    if form != "hybrid":
        return form == "in_person"
    return not _far(person, place, settings) and not _is_long_day(person, place, settings)


def _far(person: Document, place: Document | None, settings: Document) -> bool:
    travel = _hours(person, place)
    return travel is not None and travel > settings.get("travel_limit_hours", 99)


def _is_long_day(person: Document, place: Document | None, settings: Document) -> bool:
    travel = _hours(person, place)
    if travel is None or "meeting_hours" not in settings:
        return False
    return bool(2 * travel + settings["meeting_hours"] > settings["longest_day_hours"])


def _same_people(one: Document, other: Document) -> bool:
    return all(one[key] == other[key] for key in ("unmet", "yes", "maybe", "form"))


def _margin_step(values: list[float], value: float) -> int:
    """Count how often one must begin anew, ten per cent up from the least that is left, to hold it."""
    left, step = sorted(set(values)), 0
    while value > left[0] and value >= 1.1 * left[0]:
        least = left[0]
        left = [other for other in left[1:] if other >= 1.1 * least]
        step += 1
    return step


def _price_rotation(document: Document, rows: list[Document]) -> None:
    kept = 0.0
    for past in document["history"]:
        if "cheapest_hours" in past:
            kept += 1.1 * past["cheapest_hours"] - sum(past["hours"].values())
    for row in rows:
        peers = [other for other in rows if _same_people(other, row)]
        cheapest = min(peers, key=lambda other: other["raw"])
        share = 0.0
        if cheapest["regions"] > 0:
            share = max(0.0, 0.1 + kept / cheapest["regions"])
        is_beyond = round(row["raw"], 6) > round(cheapest["raw"] * (1 + share), 6)
        row["beyond"] = row["total_step"] + 1 if is_beyond else 0
        row["steps"] = round(row["debt"][0] / 2)


def _hours(person: Document, place: Document | None) -> float | None:
    if place is None or "home" not in person:
        return None
    home = person["home"]
    phi, psi = math.radians(home["lat"]), math.radians(place["lat"])
    turn = math.radians(place["lon"] - home["lon"])
    # Vincenty's form on a sphere: another formula than the engine's haversine.
    up = math.hypot(
        math.cos(psi) * math.sin(turn),
        math.cos(phi) * math.sin(psi) - math.sin(phi) * math.cos(psi) * math.cos(turn),
    )
    along = math.sin(phi) * math.sin(psi) + math.cos(phi) * math.cos(psi) * math.cos(turn)
    km = 6371.0088 * math.atan2(up, along)
    return min(0.5 + 1.3 * km / 70, 3.5 + km / 600)
