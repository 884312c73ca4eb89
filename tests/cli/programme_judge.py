"""A programme's answer judged from the two JSON documents alone: rules, levels, sums, tables, bounds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from tests.cli.programme_apart import (
    Json,
    Line,
    Meeting,
    Run,
    agenda_faults,
    agendas_of,
    attending,
    crowding_faults,
    in_the_room,
    runs_of,
    structure_faults,
)

COMFORTABLE = 0.8


def _due(meeting: Meeting, person: Json) -> set[str]:
    """The sessions that a person has to attend: the own ones, and those of a role with a window."""
    guest_of = set(person.get("roles", ())) & meeting.windows.keys()
    due = {name for name, one in meeting.sessions.items() if guest_of & set(one.get("roles", ()))}
    return due | set(person.get("must", ()))


def levels(
    meeting: Meeting, runs: Sequence[Run], agendas: Mapping[str, Sequence[Line]]
) -> tuple[dict[str, float], list[float], float]:
    """The value of every level, the share that each body misses (worst first), the weight attended."""
    there = {name: {session for _, session in lines} for name, lines in agendas.items()}
    must = attended = missed_weight = hops = 0.0
    shares: dict[str, list[float]] = {}
    asked: dict[str, dict[str, float]] = {}
    rooms = {(slot, session): room for session, slot, room in runs}
    for name, person in meeting.people.items():
        must += len(_due(meeting, person) - there[name])
        wishes: dict[str, float] = person.get("wishes", {})
        granted = sum(weight for session, weight in wishes.items() if session in there[name])
        attended += granted
        missed_weight += sum(wishes.values()) - granted
        line = sorted(agendas[name], key=lambda one: meeting.place[one[0]])
        hops += sum(
            rooms[one] != rooms[other]
            and meeting.day(meeting.place[one[0]]) == meeting.day(meeting.place[other[0]])
            for one, other in pairwise(line)
        )
        if "body" in person:
            total = shares.setdefault(person["body"], [0.0, 0.0])
            total[0] += sum(wishes.values())
            total[1] += granted
            gathered = asked.setdefault(person["body"], {})
            for session, weight in wishes.items():
                gathered[session] = max(weight, gathered.get(session, 0.0))
    for body in meeting.document.get("bodies", ()):
        if body.get("wishes"):
            asked[body["id"]] = body["wishes"]
    uncovered = 0.0
    for body, wanted in asked.items():
        sent = [there[name] for name, one in meeting.people.items() if one.get("body") == body]
        uncovered += sum(w for s, w in wanted.items() if not any(s in seen for seen in sent))
    missed = sorted((1 - got / total for total, got in shares.values() if total > 0), reverse=True)
    crowd = 0.0
    for run in runs:
        seats = meeting.rooms[run[2]].get("capacity")
        here = in_the_room(meeting, run, agendas)
        if seats is not None:
            crowd += max(0.0, here - COMFORTABLE * seats)
        preferred = meeting.sessions[run[0]].get("rooms", {}).get("preferred", ())
        crowd += here if preferred and run[2] not in preferred else 0
    published = [(one["session"], one["slot"], one["room"]) for one in _published(meeting)]
    values = {
        "must_haves": must,
        "change": float(sum(run not in runs for run in published)),
        "coverage": uncovered,
        "wished_weight": missed_weight,
        "fairness": missed[0] if missed else 0.0,
        "role_compactness": _idle(meeting, runs),
        "hopping": hops,
        "room_fit": crowd,
    }
    return values, missed, attended


def _published(meeting: Meeting) -> list[Json]:
    found: list[Json] = meeting.document.get("published", [])
    return found


def _idle(meeting: Meeting, runs: Sequence[Run]) -> float:
    """Slots between a role's first and last session of a day in which it has none; breaks apart."""
    idle = 0
    for role in {role for one in meeting.sessions.values() for role in one.get("roles", ())}:
        days: dict[str, set[int]] = {}
        for session, slot, _ in runs:
            if role in meeting.sessions[session].get("roles", ()):
                for number in meeting.taken(session, slot) or []:
                    ranks = days.setdefault(meeting.day(number), set())
                    ranks.add(meeting.working_slots_before(number))
        idle += sum(max(ranks) - min(ranks) + 1 - len(ranks) for ranks in days.values())
    return float(idle)


def faults(document: Json, answer: Json) -> list[str]:
    """Everything that is wrong with an answer: rules, scores, sums, tables, reasons and bounds."""
    meeting, runs, agendas = Meeting(document), runs_of(answer), agendas_of(answer)
    if answer["sessions"].keys() != meeting.sessions.keys():
        return ["not every session is answered for"]
    if agendas.keys() != meeting.people.keys():
        return ["not everybody is answered for"]
    found = list(structure_faults(meeting, runs))
    for name, agenda in agendas.items():
        found += agenda_faults(meeting, runs, name, agenda)
    found += crowding_faults(meeting, runs, agendas)
    if not found:
        found += _figure_faults(meeting, runs, agendas, answer)
        found += _track_faults(meeting, answer)
        found += _table_faults(meeting, runs, agendas, answer)
        found += _reason_faults(meeting, agendas, answer)
    return found


def _is(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))


def _figure_faults(
    meeting: Meeting, runs: list[Run], agendas: Mapping[str, Sequence[Line]], answer: Json
) -> Iterator[str]:
    values, shares, attended = levels(meeting, runs, agendas)
    if list(answer["scores"]) != list(values):
        yield f"levels {list(answer['scores'])}"
    for level, value in values.items():
        if not _is(answer["scores"].get(level, -1.0), value):
            yield f"{level} is {value}, not {answer['scores'].get(level)}"
    if [round(one, 6) for one in answer["fairness"]] != [round(one, 6) for one in shares]:
        yield f"fairness is {shares}, not {answer['fairness']}"
    wished = sum(sum(one.get("wishes", {}).values()) for one in meeting.people.values())
    if not _is(answer["wished_weight"], wished) or not _is(answer["attended_weight"], attended):
        yield f"attended {attended} of {wished}, not {answer['attended_weight']}"
    bound, gap = answer["upper_bound"], answer["gap"]
    if bound < attended - 1e-6:
        yield f"{attended} attended, above the bound {bound}"
    left = max(bound - attended, 0.0)
    expected = 0.0 if left <= 1e-6 * max(bound, 1.0) else left / attended if attended else 1.0
    if not _is(gap, expected) or (answer["status"] == "optimal") != (gap == 0):
        yield f"the gap is {expected}, not {gap} ({answer['status']})"
    if answer["violations"]:
        yield "it says itself that rules are broken"


def _track_faults(meeting: Meeting, answer: Json) -> Iterator[str]:
    for name, found in answer["sessions"].items():
        session, track = meeting.sessions[name], found["track"]
        if found["slot"] is None or not meeting.tracks:
            continue
        if track not in meeting.tracks or session.get("track", track) != track:
            yield f"{name} is in track {track}"
        elif "track" not in session:
            focus, own = meeting.tracks[track].get("focus"), session.get("focus")
            if focus and own and focus != own:
                yield f"{name} is about {own}, its track about {focus}"


def _table_faults(
    meeting: Meeting, runs: list[Run], agendas: Mapping[str, Sequence[Line]], answer: Json
) -> Iterator[str]:
    given = {(one["session"], one["slot"]): one["rounds"] for one in answer["tables"]}
    if len(given) != len(answer["tables"]):
        yield "a run is seated twice"
    for run in runs:
        tables, here = meeting.sessions[run[0]].get("tables"), attending(run, agendas)
        rounds = given.pop((run[0], run[1]), None)
        if tables is None or len(here) < 2:
            if rounds is not None:
                yield f"{run} has tables"
            continue
        if rounds is None or len(rounds) != tables.get("rounds", 1):
            yield f"{run} has not its rounds of tables"
            continue
        for seated in rounds:
            sizes = [len(table) for table in seated]
            if sorted(one for table in seated for one in table) != here:
                yield f"{run} does not seat those who attend"
            if max(sizes) > tables["size"] or max(sizes) - min(sizes) > 1:
                yield f"{run} has tables of {sizes}"
    if given:
        yield f"tables of what does not run: {sorted(given)}"


def _reason_faults(
    meeting: Meeting, agendas: Mapping[str, Sequence[Line]], answer: Json
) -> Iterator[str]:
    for name, found in answer["sessions"].items():
        if found["slot"] is None and not found.get("reason"):
            yield f"{name} does not run, without a reason"
    for name, found in answer["people"].items():
        there = {session for _, session in agendas[name]}
        wishes = meeting.people[name].get("wishes", {})
        granted = sum(weight for session, weight in wishes.items() if session in there)
        due = _due(meeting, meeting.people[name])
        asked = {session: w for session, w in wishes.items() if w} | {
            session: wishes.get(session, 0.0) for session in due
        }
        lacking = {session: weight for session, weight in asked.items() if session not in there}
        if not _is(found["attended_weight"], granted):
            yield f"{name} is granted {granted}, not {found['attended_weight']}"
        if {one["session"]: one["weight"] for one in found["missed"]} != lacking:
            yield f"{name} misses {lacking}, not {found['missed']}"
        if {one["session"] for one in found["missed"] if one.get("must")} != due - there:
            yield f"{name} must to {due - there}, not as {found['missed']} says"
        if not all(one["reason"] for one in found["missed"]):
            yield f"{name} misses something without a reason"
