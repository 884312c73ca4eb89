"""A survey's wishes as a programme problem, in the JSON that `samkrets programme` reads."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from api.kit.errors import FieldFault, FormError
from api.surveys.questions import Focus
from api.surveys.wishes import Wishes

MOST_DAYS, MOST_ROOMS, LARGEST_ROOM = 5, 12, 1000

# Hours as people manage a day: passes of an hour, with coffee, lunch and a pause between them.
HOURS = (("10:00", "11:00"), ("11:20", "12:20"), ("13:20", "14:20"), ("14:40", "15:40"))
ENGINE_FOCUS = {Focus.START_UP: "organisation", Focus.SUBJECTS: "subject"}


@dataclass(frozen=True, slots=True)
class Venue:
    """What the wishes do not say: when the meeting begins, its days in a row, and rooms by capacity."""

    first_day: date
    days: int
    capacities: tuple[int, ...]


def read_venue(first_day: str, days: str, rooms: str, otherwise: date) -> Venue:
    """Read the page's fields; `otherwise` is the first day when none is given.

    Raises:
        FormError: when a field cannot be read or is out of bounds.
    """
    faults = []
    try:
        day = date.fromisoformat(first_day) if first_day else otherwise
    except ValueError:
        day = otherwise
        faults.append(FieldFault("dag", "Skriv dagen som 2027-03-11."))
    number = int(days) if re.fullmatch(r"[0-9]", days) else 0
    if not 1 <= number <= MOST_DAYS:
        faults.append(FieldFault("dagar", "Välj 1 till %(most)s dagar.", most=MOST_DAYS))
    found = [int(text) for text in re.findall(r"[0-9]{1,4}", rooms)]
    if not 1 <= len(found) <= MOST_ROOMS or not all(1 <= one <= LARGEST_ROOM for one in found):
        faults.append(FieldFault("salar", "Skriv antalet platser i varje sal, som 60, 30."))
    if faults:
        raise FormError(*faults)
    return Venue(day, number, tuple(found))


def problem_document(wishes: Wishes, venue: Venue) -> dict[str, object]:
    """Return the problem: a session for each topic asked for, a person for each function that comes.

    Ids are the theme's and the wish's own, so that an agenda leads back to the answer.
    """
    days = [venue.first_day + timedelta(days=number) for number in range(venue.days)]
    return {
        "slots": [
            {
                "id": f"d{number}-{place}",
                "start": f"{day.isoformat()}T{start}",
                "end": f"{day.isoformat()}T{end}",
            }
            for number, day in enumerate(days, start=1)
            for place, (start, end) in enumerate(HOURS, start=1)
        ],
        "rooms": [
            {"id": f"room-{number}", "capacity": capacity}
            for number, capacity in enumerate(venue.capacities, start=1)
        ],
        "sessions": [
            {"id": topic.theme.id, "focus": ENGINE_FOCUS[topic.track]} for topic in wishes.topics
        ],
        "people": [
            {"id": person.id, "body": person.rc_id, "wishes": dict(person.weights)}
            for person in wishes.people
        ],
    }
