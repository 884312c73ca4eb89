"""The rules of a programme written from `docs/model/programme.md` on the JSON documents; no engine.

A fault that the solver shares with its own rules shows here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

Json = dict[str, Any]
Run = tuple[str, str, str]  # session, slot, room
Line = tuple[str, str]  # slot, session


class Meeting:
    """A problem document with the questions that the rules ask of it."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.slots: list[Json] = document["slots"]
        self.place = {slot["id"]: number for number, slot in enumerate(self.slots)}
        self.rooms = {one["id"]: one for one in document["rooms"]}
        self.sessions = {one["id"]: one for one in document["sessions"]}
        self.people = {one["id"]: one for one in document["people"]}
        self.tracks = {one["id"]: one for one in document.get("tracks", ())}
        self.windows = {
            one["id"]: one["window"] for one in document.get("roles", ()) if "window" in one
        }
        self.walks = {
            frozenset((one["from"], one["to"])): one["minutes"]
            for one in document.get("walking", ())
        }
        self.hosts = {
            name: {*one.get("hosts", ()), *([one["leader"]] if "leader" in one else [])}
            for name, one in self.sessions.items()
        }

    def day(self, number: int) -> str:
        slot = self.slots[number]
        return str(slot.get("day") or slot.get("start", "")[:10])

    def is_break(self, number: int) -> bool:
        return self.slots[number].get("kind") == "break"

    def taken(self, session: str, slot: str) -> list[int] | None:
        """The slots that a run takes, by number; None when it does not fit there."""
        numbers = [self.place[slot]]
        for _ in range(1, self.sessions[session].get("duration", 1)):
            later = range(numbers[-1] + 1, len(self.slots))
            free = [one for one in later if not self.at_once(numbers[-1], one)]
            if not free:
                return None
            numbers.append(free[0])
        if any(map(self.is_break, numbers)):
            return None
        return numbers if len({self.day(number) for number in numbers}) == 1 else None

    def at_once(self, one: int, other: int) -> bool:
        """Whether two slots overlap: ISO times compare as text."""
        if one == other:
            return True
        times = [(self.slots[n].get("start"), self.slots[n].get("end")) for n in (one, other)]
        (start, end), (begins, ends) = times
        return bool(start and end and begins and ends and start < ends and begins < end)

    def shared(self, one: Sequence[int], other: Sequence[int]) -> list[tuple[int, int]]:
        """The slots, one of each run, that are at once."""
        return [(n, m) for n in one for m in other if self.at_once(n, m)]

    def working_slots_before(self, number: int) -> int:
        return sum(not self.is_break(one) for one in range(number))

    def is_here(self, person: Json, numbers: Sequence[int]) -> bool:
        """ISO times compare as text."""
        for number in numbers:
            slot = self.slots[number]
            start = slot.get("start")
            away = set(person.get("unavailable_slots", ()))
            if any(self.at_once(number, self.place[one]) for one in away):
                return False
            if start and start < person.get("arrives", ""):
                return False
            if start and slot.get("end", start) > person.get("departs", "9"):
                return False
        return True

    def pause(self, ended: int, begins: int) -> float:
        """Minutes between the end of one slot and the start of another."""
        end, start = self.slots[ended].get("end"), self.slots[begins].get("start")
        if end and start:
            gap = datetime.fromisoformat(start) - datetime.fromisoformat(end)
            return gap.total_seconds() / 60
        is_next = begins == ended + 1 and self.day(begins) == self.day(ended)
        return 0.0 if is_next else float("inf")


def runs_of(answer: Json) -> list[Run]:
    """Every run of an answer, the repeats too."""
    return [
        (name, one["slot"], one["room"])
        for name, found in answer["sessions"].items()
        if found["slot"] is not None
        for one in (found, *found.get("repeats", ()))
    ]


def agendas_of(answer: Json) -> dict[str, list[Line]]:
    return {
        person: [(line["slot"], line["session"]) for line in found["agenda"]]
        for person, found in answer["people"].items()
    }


def structure_faults(meeting: Meeting, runs: Sequence[Run]) -> Iterator[str]:
    """What is wrong with the runs, whoever attends them."""
    taken = {run: meeting.taken(run[0], run[1]) for run in runs}
    if len(set(runs)) != len(runs) or any(numbers is None for numbers in taken.values()):
        yield f"a run twice, or one that does not fit: {runs}"
        return
    at = {run: numbers or [] for run, numbers in taken.items()}
    for one, other in combinations(runs, 2):
        yield from _pair_faults(meeting, one, other, meeting.shared(at[one], at[other]))
    yield from _rest_faults(meeting, at)
    for run in runs:
        yield from _place_faults(meeting, run, at[run])
        for needed in meeting.sessions[run[0]].get("prerequisites", ()):
            if not any(
                other[0] == needed and _ended(meeting, at[other], at[run]) for other in runs
            ):
                yield f"{run} begins before {needed}"
    yield from _session_faults(meeting, runs)
    yield from _window_faults(meeting, runs)


def _ended(meeting: Meeting, one: Sequence[int], other: Sequence[int]) -> bool:
    return one[-1] < other[0] and not meeting.at_once(one[-1], other[0])


def _window_faults(meeting: Meeting, runs: Sequence[Run]) -> Iterator[str]:
    for role, window in meeting.windows.items():
        mine = [run for run in runs if role in meeting.sessions[run[0]].get("roles", ())]
        numbers = [number for run in mine for number in meeting.taken(run[0], run[1]) or []]
        if numbers:
            before = [meeting.working_slots_before(n) for n in (min(numbers), max(numbers))]
            is_one_day = len({meeting.day(number) for number in numbers}) == 1
            if before[1] - before[0] >= window or not is_one_day:
                yield f"role {role} is spread over {mine}"


def _pair_faults(
    meeting: Meeting, one: Run, other: Run, shared: list[tuple[int, int]]
) -> Iterator[str]:
    """What is wrong with two runs in the slots that they share."""
    if not shared:
        return
    if one[2] == other[2]:
        yield f"{one} and {other} share a room"
    if any(meeting.slots[n].get("kind") == "plenary" for pair in shared for n in pair):
        yield f"{one} and {other} share a plenary"
    if one[0] == other[0]:
        yield f"{one[0]} runs twice at once"
    elif meeting.hosts[one[0]] & meeting.hosts[other[0]]:
        yield f"a host of {one} and {other} is in two places"


def _rest_faults(meeting: Meeting, at: Mapping[Run, list[int]]) -> Iterator[str]:
    """Who leads two runs on a day, of one session too, has the pause between them."""
    wanted = meeting.document.get("leader_pause", 0)
    for one, other in combinations(sorted(at, key=lambda run: at[run][0]), 2) if wanted else ():
        ended, begins = at[one][-1], at[other][0]
        is_shared = meeting.hosts[one[0]] & meeting.hosts[other[0]]
        is_one_day = meeting.day(ended) == meeting.day(begins)
        is_apart = is_one_day and not meeting.at_once(ended, begins)
        if is_shared and is_apart and meeting.pause(ended, begins) < wanted:
            yield f"a leader of {one} and {other} has no pause"


def _place_faults(meeting: Meeting, run: Run, numbers: list[int]) -> Iterator[str]:
    session, room = meeting.sessions[run[0]], meeting.rooms[run[2]]
    ids = {meeting.slots[number]["id"] for number in numbers}
    needs = session.get("needs", {})
    start = meeting.slots[numbers[0]].get("start")
    has = {"digital": room.get("digital"), "accessible": room.get("accessible")}
    if any(needs.get(name) and not has[name] for name in has):
        yield f"{run[2]} is not digital or accessible enough for {run[0]}"
    if not set(needs.get("equipment", ())) <= set(room.get("equipment", ())):
        yield f"{run[2]} lacks equipment for {run[0]}"
    if run[2] in session.get("rooms", {}).get("forbidden", ()):
        yield f"{run[0]} is not to be in {run[2]}"
    away = [meeting.place[one] for one in room.get("unavailable_slots", ())]
    if meeting.shared(numbers, away):
        yield f"{run[2]} is taken at {run[1]}"
    if ids & set(session.get("unavailable_slots", ())):
        yield f"{run[0]} excludes {run[1]}"
    if start and start < session.get("not_before", ""):
        yield f"{run[0]} is under embargo at {run[1]}"
    end = meeting.slots[numbers[-1]].get("end", "")
    if end > session.get("ends_by", end):
        yield f"{run[0]} ends too late at {run[1]}"
    for host in meeting.hosts[run[0]] & meeting.people.keys():
        if not meeting.is_here(meeting.people[host], numbers):
            yield f"{host} hosts {run} and is not here"


def _session_faults(meeting: Meeting, runs: Sequence[Run]) -> Iterator[str]:
    times = Counter(run[0] for run in runs)
    for name, session in meeting.sessions.items():
        if times[name] > session.get("repeats", 1):
            yield f"{name} runs too often"
        if session.get("must_run") and not times[name]:
            yield f"{name} must run"
        pin = session.get("pin")
        if pin and not any(
            run[0] == name
            and pin.get("slot", run[1]) == run[1]
            and pin.get("room", run[2]) == run[2]
            for run in runs
        ):
            yield f"{name} is not at its pin"


def agenda_faults(
    meeting: Meeting, runs: Sequence[Run], name: str, agenda: Sequence[Line]
) -> Iterator[str]:
    """What is wrong with one person's agenda, the others' apart."""
    at = {(slot, session): room for session, slot, room in runs}
    if not set(agenda) <= at.keys():
        yield f"{name} is sent to what does not run"
        return
    mine = sorted(agenda, key=lambda line: meeting.place[line[0]])
    taken = {line: meeting.taken(line[1], line[0]) or [] for line in mine}
    for session, count in Counter(session for _, session in mine).items():
        if count > 1 and name not in meeting.hosts[session]:
            yield f"{name} is sent to {session} {count} times"
    for run in runs:
        if name in meeting.hosts[run[0]] and (run[1], run[0]) not in taken:
            yield f"{name} does not attend the own session {run}"
    for one, other in combinations(mine, 2):
        walk = meeting.walks.get(frozenset((at[one], at[other])), 0)
        is_late = walk and meeting.pause(taken[one][-1], taken[other][0]) < walk
        if is_late or meeting.shared(taken[one], taken[other]):
            yield f"{name} cannot go from {one} to {other}"
    for line in mine:
        yield from _line_faults(meeting, name, line, at[line])
        if name not in meeting.hosts[line[1]]:
            yield from _missing_before(meeting, name, line, taken)


def _missing_before(
    meeting: Meeting, name: str, line: Line, taken: Mapping[Line, list[int]]
) -> Iterator[str]:
    done = {other[1] for other, numbers in taken.items() if _ended(meeting, numbers, taken[line])}
    for needed in set(meeting.sessions[line[1]].get("prerequisites", ())) - done:
        yield f"{name} attends {line} without {needed}"


def _line_faults(meeting: Meeting, name: str, line: Line, room_id: str) -> Iterator[str]:
    person, room = meeting.people[name], meeting.rooms[room_id]
    if not meeting.is_here(person, meeting.taken(line[1], line[0]) or []):
        yield f"{name} is not here for {line}"
    if person.get("form") == "digital":
        if not room.get("digital"):
            yield f"{name} cannot attend {line} from afar"
    elif person.get("accessible") and not room.get("accessible"):
        yield f"{name} cannot reach the room of {line}"
    guest_of = set(person.get("roles", ())) & meeting.windows.keys()
    is_own = guest_of & set(meeting.sessions[line[1]].get("roles", ()))
    if guest_of and not is_own and name not in meeting.hosts[line[1]]:
        yield f"{name} is a guest and not meant for {line}"


def crowding_faults(
    meeting: Meeting, runs: Sequence[Run], agendas: Mapping[str, Sequence[Line]]
) -> Iterator[str]:
    """Runs with more people than seats."""
    for run in runs:
        here = in_the_room(meeting, run, agendas)
        if here > meeting.rooms[run[2]].get("capacity", here):
            yield f"{here} people in {run}"


def attending(run: Run, agendas: Mapping[str, Sequence[Line]]) -> list[str]:
    return sorted(name for name, agenda in agendas.items() if (run[1], run[0]) in agenda)


def in_the_room(meeting: Meeting, run: Run, agendas: Mapping[str, Sequence[Line]]) -> int:
    """How many are in the room of a run: who attends, and hosts who have no agenda of their own."""
    outside = meeting.hosts[run[0]] - meeting.people.keys()
    return len(attending(run, agendas)) + len(outside)
