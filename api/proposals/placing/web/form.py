"""What a planner types about a national meeting, read into a wish, with a fault per field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import get_args

from sqlmodel import Session

from api.accounts.models import FunctionKind
from api.kit.clock import clock_from, day_from, to_local
from api.kit.errors import FieldFault
from api.meetings.models import Meeting
from api.proposals.placing.asked import Asked, asked_in, newest
from api.proposals.placing.service import PlaceWish, Wish, earlier_towns, nearest_towns
from api.surveys import queries as surveys
from api.surveys.models import SurveyState
from api.travel.shipped import UnknownTownError
from api.travel.shipped import town as town_named
from matcher.dates.meeting.problem import Answer, Form

DAY_ROWS = 6
PLACE_ROWS = 8
# So many towns are compared at first, also when fewer offer to be host.
LEAST_PLACES = 4
QUORUM_KINDS = (FunctionKind.COORDINATOR, FunctionKind.MANAGER, FunctionKind.CURATOR)
ANSWER = "svar-"
MEETING, SURVEY = "traff", "enkat"  # fields: whose day it is, and whose answers count
MOST_DAYS = 3
MOST_NUMBER = 10_000_000
MOST_WEEKS = 104

Fields = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed: the first value of each field, and all values of lists."""

    fields: Fields

    def one(self, name: str, default: str = "") -> str:
        """Return a field's value, or the default where the form has not been sent yet."""
        return self.fields.get(name, [default])[0].strip()

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(self.fields.get(name, ()))

    @property
    def is_sent(self) -> bool:
        """Whether a planner has asked for a ranking."""
        return bool(self.fields.get("day1"))


def begins(typed: Typed) -> bool:
    """Tell whether nothing is written yet: at most whose day it is, and whose answers count."""
    return not typed.fields.keys() - {MEETING, SURVEY}


def started(
    session: Session, at: datetime, meeting: Meeting | None = None, survey_id: str = ""
) -> Typed:
    """Return the form as a planner meets it: what a survey asked and was told is there already.

    It is the one named, that of the meeting whose day is to be decided, or the newest. Towns are those who
    offer to be host, then those that all reach soonest; without a survey, only those, and the days are the
    planner's to choose, beginning with the day that the meeting has.
    """
    asked = _asked_before(session, at, meeting, survey_id)
    hosts = dict.fromkeys(town for _, town in asked.hosts) if asked is not None else {}
    near = nearest_towns(session, PLACE_ROWS)
    places = [*hosts, *(town for town in near if town not in hosts)]
    few = max(min(len(hosts), PLACE_ROWS), LEAST_PLACES)
    fields = {"form": list(get_args(Form)), "notice": ["6"]}
    fields |= {"starts": ["09:30"], "ends": ["15:40"], "length": ["1"]}
    if meeting is not None:
        fields |= _hours_of(meeting)
    if asked is not None:
        fields |= {SURVEY: [asked.survey_id]}
        fields |= {f"day{n}": [day.isoformat()] for n, day in enumerate(asked.days[:DAY_ROWS], 1)}
    fields |= {f"place{n}": [town] for n, town in enumerate(places[:few], 1)}
    fields |= {"earlier": [", ".join(earlier_towns(session, at))]}
    return Typed(fields)


def _asked_before(
    session: Session, at: datetime, meeting: Meeting | None, survey_id: str
) -> Asked | None:
    if survey_id:
        return asked_in(session, survey_id, at)
    own = surveys.survey_of_meeting(session, meeting.id) if meeting else None
    if own is not None and own.state is not SurveyState.DRAFT:
        return asked_in(session, own.id, at)
    return newest(session, at)


def _hours_of(meeting: Meeting) -> dict[str, list[str]]:
    starts, ends = to_local(meeting.starts_at), to_local(meeting.ends_at)
    days = (ends.date() - starts.date()).days + 1
    return {
        MEETING: [meeting.id],
        "day1": [starts.date().isoformat()],
        "starts": [starts.strftime("%H:%M")],
        "ends": [ends.strftime("%H:%M")],
        "length": [str(min(days, MOST_DAYS))],
    }


def read_wish(typed: Typed, towns: Collection[str]) -> tuple[Wish, tuple[FieldFault, ...]]:
    """Return the wish with what could be read, and a fault for each field that could not."""
    faults: list[FieldFault] = []
    days = _days(typed, faults)
    forms = tuple(form for form in get_args(Form) if form in typed.many("form"))
    places = _places(typed, towns, faults)
    starts, ends = (_clock(typed, name, faults) for name in ("starts", "ends"))
    length = _number(typed, "length", faults, 1, MOST_DAYS) or 1
    if not forms:
        faults.append(FieldFault("form", "Välj minst ett sätt att ses."))
    if not places and forms != ("digital",):
        faults.append(FieldFault("place1", "Välj minst en ort."))
    if length == 1 and ends <= starts:
        faults.append(FieldFault("ends", "Träffen måste sluta efter att den har börjat."))
    quorums = [
        (kind, _number(typed, f"quorum-{kind.value}", faults, 0, 500) or 0) for kind in QUORUM_KINDS
    ]
    earlier = [name.strip() for name in typed.one("earlier").split(",") if name.strip()]
    found = [_town("earlier", name, towns, faults) for name in earlier]
    wish = Wish(
        days=days,
        starts=starts,
        ends=ends,
        places=places,
        length=length,
        forms=forms,
        needed=frozenset(typed.many("needed")),
        quorums=tuple((kind, number) for kind, number in quorums if number),
        earlier=tuple(town for town in found if town is not None),
        notice_weeks=_number(typed, "notice", faults, 0, MOST_WEEKS) or 0,
        answers=_answers(typed, days),
        spares_longest=typed.one("longest") != "any",
        night_cost=float(_number(typed, "night_cost", faults, 0, MOST_NUMBER) or 0),
        hour_cost=float(_number(typed, "hour_cost", faults, 0, MOST_NUMBER) or 0),
    )
    return wish, tuple(faults)


def _days(typed: Typed, faults: list[FieldFault]) -> tuple[date, ...]:
    found: list[date] = []
    for number in range(1, DAY_ROWS + 1):
        text = typed.one(f"day{number}")
        if not text:
            continue
        try:
            day = day_from(text)
        except ValueError:
            faults.append(FieldFault(f"day{number}", "Välj en dag."))
            continue
        if day in found:
            faults.append(FieldFault(f"day{number}", "Samma dag finns med två gånger."))
        else:
            found.append(day)
    if not found and not faults:
        faults.append(FieldFault("day1", "Välj en dag."))
    return tuple(found)


def _places(
    typed: Typed, towns: Collection[str], faults: list[FieldFault]
) -> tuple[PlaceWish, ...]:
    found: dict[str, PlaceWish] = {}
    for number in range(1, PLACE_ROWS + 1):
        text = typed.one(f"place{number}")
        if not text:
            continue
        town = _town(f"place{number}", text, towns, faults)
        if town is None:
            continue
        if town in found:
            faults.append(
                FieldFault(f"place{number}", "Skriv en ort i Sverige, varje ort en gång.")
            )
            continue
        cost = _number(typed, f"cost{number}", faults, 0, MOST_NUMBER) or 0
        seats = _number(typed, f"seats{number}", faults, 1, MOST_NUMBER)
        found[town] = PlaceWish(town, float(cost), seats)
    return tuple(found.values())


def _town(field: str, name: str, towns: Collection[str], faults: list[FieldFault]) -> str | None:
    """Return the town that a name means: one of those known here, or any in Sweden; else ask which it is."""
    if name in towns:
        return name
    try:
        return town_named(name).name
    except UnknownTownError as error:
        message = "Okänd ort: %(name)s. Skriv en ort i Sverige."
        if error.near:
            message = "Okänd ort: %(name)s. Menar du %(near)s?"
        faults.append(FieldFault(field, message, name=name, near=" / ".join(error.near)))
        return None


def _clock(typed: Typed, name: str, faults: list[FieldFault]) -> time:
    try:
        return clock_from(typed.one(name))
    except ValueError:
        faults.append(FieldFault(name, "Välj ett klockslag."))
        return time(0)


def _number(typed: Typed, name: str, faults: list[FieldFault], least: int, most: int) -> int | None:
    text = typed.one(name).replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
        return int(text)
    message = "Skriv ett helt tal från %(least)s till %(most)s."
    faults.append(FieldFault(name, message, least=least, most=most))
    return None


def _answers(typed: Typed, days: tuple[date, ...]) -> dict[tuple[str, date], Answer]:
    """Return the answers that the planner has put in, by RC and day."""
    known: dict[str, Answer] = {"yes": "yes", "maybe": "maybe", "no": "no"}
    found: dict[tuple[str, date], Answer] = {}
    for name, values in typed.fields.items():
        rc_id, _, day = name.removeprefix(ANSWER).rpartition("@")
        for one in days:
            if name.startswith(ANSWER) and one.isoformat() == day and values[0] in known:
                found[rc_id, one] = known[values[0]]
    return found
