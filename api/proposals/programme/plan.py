"""From a programme problem's solution to a plan to publish: each session in its slot, or with the reason why not."""

from collections.abc import Mapping
from dataclasses import replace

from api.programme.content import ProgrammePlan, SessionPlan, is_own_time
from api.programme.words import FOR_ALL
from api.proposals.programme.drafting import Frame
from matcher.programme.problem import Problem, Timetable

TAKEN_OUT = ("NCH har tagit bort ämnet ur programmet.", "NCH has taken the topic out.")


def placed(
    plan: ProgrammePlan,
    problem: Problem,
    timetable: Timetable,
    frame: Frame,
    reasons: Mapping[str, tuple[str, str]],
) -> ProgrammePlan:
    """Return what to publish: a meeting's content with every session placed by a timetable.

    Who leads is what the problem says: a stand-in after somebody fell ill stands only there. What
    stands in a slot too short for it, after a repair, is as long as its slot.
    """
    lengths = {slot.key: slot.minutes for slot in plan.slots}
    lasts = {one.id: one.duration for one in problem.sessions}
    runs = {run.session: run for run in timetable.runs}
    seated = {run.session: rounds for run, rounds in timetable.tables.items()}
    attending = _attending(timetable)
    titles = titles_of(frame)
    hosts = {one.id: tuple(sorted(one.hosts)) for one in problem.sessions}
    plans: list[SessionPlan] = []
    for one in plan.sessions:
        run, leaders = runs.get(one.key), hosts.get(one.key, one.leaders)
        said = one.leader if set(leaders) == set(one.leaders) and one.leader else ""
        leader = said or ", ".join(titles[host] for host in leaders if titles.get(host))
        reason = TAKEN_OUT if one.is_off else reasons.get(one.key, ("", ""))
        if run is None:
            plans.append(
                replace(
                    one,
                    leader=leader,
                    leaders=leaders,
                    track=None,
                    reason_sv=reason[0],
                    reason_en=reason[1],
                )
            )
            continue
        plans.append(
            replace(
                one,
                leader=leader,
                leaders=leaders,
                slot=run.slot,
                room=run.room,
                minutes=min(one.minutes, lengths[run.slot])
                if one.minutes and lasts.get(one.key) == 1 and run.slot in lengths
                else one.minutes,
                track=one.track
                if one.format in FOR_ALL
                else timetable.tracks.get(one.key) or one.track,
                function_ids=attending.get(one.key, frozenset()) | frozenset(leaders),
                tables=seated.get(one.key, ()),
            )
        )
    held = {one.slot for one in plans}
    kept = tuple(one for one in plan.slots if one.key in held or not is_own_time(one.key))
    return replace(plan, slots=kept, sessions=tuple(plans))


def titles_of(frame: Frame) -> dict[str, str]:
    """Return function id -> how it is called as a leader."""
    titles = dict(frame.leaders)
    titles |= {one.function_id: one.title for one in frame.delegates if one.title}
    return titles | {one.function_id: one.agency_sv for one in frame.guests}


def _attending(timetable: Timetable) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for person, agenda in timetable.agendas.items():
        for line in agenda:
            found.setdefault(line.session, set()).add(person)
    return {session: frozenset(people) for session, people in found.items()}
