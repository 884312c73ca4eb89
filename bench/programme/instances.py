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
