"""Instances with a seed: survey-shaped ones of three sizes, as CONTRACT-form documents."""

import random
from typing import Any, Final

Json = dict[str, Any]

# name -> (sessions, slots, people, seconds allowed)
SURVEYS: Final = {
    "small": (24, 6, 150, 20),
    "medium": (60, 10, 800, 60),
    "large": (120, 12, 2000, 60),
}


def survey(name: str, seed: int = 1) -> Json:
    """Return a survey-shaped instance: people wish for topics of two or three themes.

    Every topic fits (sessions / slots rooms, rounded up); one host each, a tenth of the topics
    exclude a slot, popularity is uneven, rooms are of three sizes of which the large hold many.
    """
    sessions, slots, people, _ = SURVEYS[name]
    draw = random.Random(f"{name} {seed}")
    rooms = -(-sessions // slots)
    themes = max(4, sessions // 8)
    theme = [draw.randrange(themes) for _ in range(sessions)]
    popularity = [draw.paretovariate(1.6) for _ in range(sessions)]
    share = people / rooms
    return {
        "slots": [{"id": f"s{slot}"} for slot in range(slots)],
        "rooms": [
            {"id": f"r{room}", "capacity": int(share * (3 if room < rooms / 3 else 1.6)) + 5}
            for room in range(rooms)
        ],
        "sessions": [_session(draw, number, slots, people) for number in range(sessions)],
        "people": [
            {"id": f"p{person}", "wishes": _wishes(draw, slots, theme, themes, popularity)}
            for person in range(people)
        ],
    }


def _session(draw: random.Random, number: int, slots: int, people: int) -> Json:
    session: Json = {"id": f"t{number}", "hosts": [f"p{draw.randrange(people)}"]}
    if draw.random() < 0.1:
        session["unavailable_slots"] = [f"s{draw.randrange(slots)}"]
    return session


def _wishes(
    draw: random.Random, slots: int, theme: list[int], themes: int, popularity: list[float]
) -> Json:
    mine = draw.sample(range(themes), min(themes, draw.choice((2, 3))))
    chances = [
        weight * (5 if theme[topic] in mine else 1) for topic, weight in enumerate(popularity)
    ]
    count = draw.randint(slots // 2, slots + slots // 2)
    wished: Json = {}
    while len(wished) < min(count, len(theme)):
        topic = draw.choices(range(len(theme)), chances)[0]
        wished.setdefault(f"t{topic}", float(draw.choice((1, 2, 3))))
    return wished


def national_meeting(seed: int = 1) -> Json:
    """Return a made-up national meeting: 16 RC, 2 days, 3 rooms, 45 people, two guests, all levels.

    Each RC sends two or three delegates in one of three phases; 14 topics may run up to twice; a
    case round is seated at tables; police and prosecutor come for the slots of their own session.
    """
    draw = random.Random(f"national {seed}")
    hours = ("09:00", "10:15", "13:00", "14:15")
    slots = [
        {
            "id": f"d{day}s{number}",
            "start": f"2026-10-0{day}T{hour}",
            "end": _end(f"2026-10-0{day}T{hour}"),
        }
        for day in (1, 2)
        for number, hour in enumerate(hours, 1)
    ]
    topics = [f"t{number}" for number in range(1, 15)]
    delegates = [
        {
            "id": f"rc{rc}-{number}",
            "body": f"rc{rc}",
            "group": ("pre_operational", "operational")[rc % 2],
            "wishes": {
                topic: float(draw.choice((1, 2, 3)))
                for topic in draw.sample(topics, draw.randint(4, 6))
            },
        }
        for rc in range(1, 17)
        for number in range(1, 3 + (rc <= 11))
    ]
    guests: list[Json] = [
        {"id": "police", "roles": ["police"], "wishes": {}, "arrives": "2026-10-01T12:00"},
        {"id": "prosecutor", "roles": ["prosecutor"], "wishes": {}, "departs": "2026-10-02T12:00"},
    ]
    return {
        "slots": slots,
        "rooms": [
            {"id": "aula", "capacity": 60, "digital": True, "accessible": True},
            {"id": "north", "capacity": 24, "accessible": True},
            {"id": "south", "capacity": 20},
        ],
        "tracks": [
            {"id": "start-up", "focus": "organisation"},
            {"id": "matters", "focus": "subject"},
        ],
        "roles": [{"id": "police", "window": 1}, {"id": "prosecutor", "window": 1}],
        "sessions": [
            *(_topic(draw, topic, number) for number, topic in enumerate(topics)),
            {
                "id": "needs-police",
                "roles": ["police"],
                "must_run": True,
                "format": "one agency tells what it needs",
            },
            {"id": "needs-prosecutor", "roles": ["prosecutor"], "must_run": True},
        ],
        "people": [*delegates, *guests][:45] if len(delegates) > 43 else [*delegates, *guests],
    }


def _topic(draw: random.Random, topic: str, number: int) -> Json:
    session: Json = {"id": topic, "repeats": 2, "focus": ("organisation", "subject")[number % 2]}
    if number % 4 == 0:
        session["hosts"] = [f"rc{draw.randint(1, 16)}-1"]
    if number == 3:
        session["tables"] = {"size": 5, "rounds": 3}
    if number == 9:
        session["prerequisites"] = ["t1"]
    return session


def _end(start: str) -> str:
    """Return the end of a session of an hour: a full hour later."""
    return f"{start[:11]}{int(start[11:13]) + 1:02d}{start[13:]}"
