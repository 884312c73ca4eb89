"""Who of the RC leads which session of a programme: found among those who offered, asked, and taken in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import ConflictError
from api.programme import outlines
from api.programme.content import ProgrammePlan
from api.proposals import spine
from api.proposals.asking import queries as asked
from api.proposals.asking import service as asking
from api.proposals.asking.models import AskState, LeaderAsk
from api.proposals.asking.service import Possible, SessionToLead, led
from api.proposals.models import Proposal
from api.proposals.programme.drafting import NCH_LEADS, Frame, guest_themes
from api.proposals.programme.engine import rehosted, write_programme
from api.proposals.programme.plan import titles_of
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.store import PROGRAMME, frame_of, meeting_of
from api.registry import queries as registry
from api.surveys.known import themes_of
from api.surveys.wishes import TopicWish, Wishes
from matcher.programme.leading import Candidate, choose_leaders
from matcher.programme.problem import Problem


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a session that an RC can lead; functions by id, None where nobody is left."""

    session: str
    leader: str | None
    leader_state: AskState
    deputy: str | None
    deputy_state: AskState
    refused: tuple[str, ...]
    is_other: bool  # somebody else has said yes, or nobody is left: the draft names another
    leader_ask: str | None = None  # the question to each
    deputy_ask: str | None = None


def possible(
    wishes: Wishes,
    frame: Frame,
    has: Mapping[str, Mapping[str, bool]],
    led_before: Mapping[str, int],
    refused: frozenset[tuple[str, str]] = frozenset(),
) -> dict[str, tuple[str, ...]]:
    """Return topic -> the functions that can lead it: leader first, then deputy leader, then reserves.

    They are of RC that offered the subject and that the register does not say lack it; a good
    example is told only by whom the register says has it, where it knows. `has` is RC -> theme ->
    whether it has it, `refused` are topics and functions that have said no.
    """
    posts: dict[str, list[str]] = {}
    for delegate in frame.delegates:
        posts.setdefault(delegate.rc_id, []).append(delegate.function_id)
    with_deputy = {one.rc_id for one in wishes.people if one.has_deputy}
    found = []
    told_of = {theme for known in has.values() for theme in known}
    for topic in _led_by_rc(wishes, frame):
        is_shown = topic.theme.format == "best_case" and topic.theme.id in told_of
        for rc in topic.offered_by:
            known = has.get(rc, {}).get(topic.theme.id)
            is_refused = rc in posts and (topic.theme.id, posts[rc][0]) in refused
            if rc not in posts or is_refused or known is False or (is_shown and not known):
                continue
            time = len(posts[rc]) > 1 or rc in with_deputy
            found.append(Candidate(topic.theme.id, rc, known is True, led_before.get(rc, 0), time))
    return {
        topic: tuple(posts[rc][0] for rc in chosen.order)
        for topic, chosen in choose_leaders(found).items()
    }


def leading(
    session: Session, meeting_id: str, wishes: Wishes, frame: Frame
) -> dict[str, tuple[str, ...]]:
    """Return `possible` by the register and by what has been answered before for this meeting."""
    has = {rc.id: themes_of(rc) for rc in registry.rcs(session)}
    rows = _by_session(asked.asks(session, meeting_id))
    refused = frozenset(
        (topic, row.function_id)
        for topic, mine in rows.items()
        for row in mine
        if row.state is AskState.NO
    )
    chosen = possible(wishes, frame, has, asked.times_led(session, meeting_id), refused)
    for topic, mine in rows.items():
        agreed = led(mine).leader
        if agreed is not None and topic in chosen and agreed.state is AskState.YES:
            rest = tuple(one for one in chosen[topic] if one != agreed.function_id)
            chosen[topic] = (agreed.function_id, *rest)
    return chosen


def ask(session: Session, proposal: Proposal, actor: str, at: datetime) -> int:
    """Ask the RC of a draft who lead, and their deputies, by mail; return how many mails go.

    Raises:
        ConflictError: when no RC leads anything in the draft, or everybody has been asked.
    """
    frame, meeting = frame_of(proposal), meeting_of(session, proposal)
    plan = plan_of(session, proposal)
    of_rc = {one.function_id: one.rc_id for one in frame.delegates}
    titles = {one.key: (one.title_sv, one.title_en) for one in plan.sessions if one.slot}
    wanted = [
        SessionToLead(
            key,
            *titles[key],
            tuple(Possible(one, of_rc[one]) for one in functions),
        )
        for key, functions in _in_order(plan, frame, frozenset()).items()
        if key in titles
    ]
    sent = asking.ask(session, meeting, wanted, actor, at)
    if not sent:
        raise ConflictError("Alla som kan leda något är redan tillfrågade.")
    return sent


def standings(
    session: Session, proposal: Proposal, plan: ProgrammePlan | None = None
) -> list[Standing]:
    """Return how it stands with each session of a draft that an RC can lead; plan: the draft, where it is at hand."""
    frame, plan = frame_of(proposal), plan or plan_of(session, proposal)
    hosts = {one.id: one.hosts for one in PROGRAMME.problem_of(proposal).sessions}
    rows = _by_session(asked.asks(session, proposal.meeting_id or ""))
    found = []
    for topic, functions in _in_order(plan, frame, frozenset(rows)).items():
        mine = rows.get(topic, [])
        planned = next((one for one in functions if one in hosts[topic]), None)
        if not mine:
            deputy = next((one for one in functions if one != planned), None)
            waiting = AskState.WAITING
            found.append(Standing(topic, planned, waiting, deputy, waiting, (), is_other=False))
            continue
        now = led(mine)
        leader = now.leader.function_id if now.leader else None
        found.append(
            Standing(
                topic,
                leader,
                now.leader.state if now.leader else AskState.NO,
                now.deputy.function_id if now.deputy else None,
                now.deputy.state if now.deputy else AskState.NO,
                tuple(row.function_id for row in mine if row.state is AskState.NO),
                is_other=hosts[topic] != frozenset({leader} if leader else ())
                and (leader is not None or bool(hosts[topic] & set(functions))),
                leader_ask=now.leader.id if now.leader else None,
                deputy_ask=now.deputy.id if now.deputy else None,
            )
        )
    return found


def take_in(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> None:
    """Let those who have said yes lead in the draft; a session that all refused is led by NCH.

    Every session keeps its time and room; agendas are made anew.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when it is published, or nobody else leads than the draft says.
    """
    spine.insist_on_open(proposal, version)
    changed = {one.session: one.leader for one in standings(session, proposal) if one.is_other}
    if not changed:
        raise ConflictError("Utkastet stämmer redan med svaren.")
    frame = frame_of(proposal)
    problem = _rehosted(PROGRAMME.problem_of(proposal), changed, frame)
    answer = PROGRAMME.answer_of(proposal)
    # A move made before the leaders changed cannot be taken back alone.
    mended = replace(answer, timetable=rehosted(problem, answer.timetable), past=(), future=())
    proposal.problem = write_programme(problem)
    _keep_in_content(session, proposal, problem, frame, changed, actor, at)
    after: dict[str, object] = {"leaders": changed}
    record(session, actor, "changed", ("proposal", proposal.id), after=after)
    spine.keep(session, proposal, mended, actor)


def _in_order(
    plan: ProgrammePlan, frame: Frame, asked_about: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Return session -> the functions of RC that can lead it: who leads it now, then the others.

    Only sessions that an RC leads, or that somebody has been asked about.
    """
    of_rc = {one.function_id for one in frame.delegates}
    found = {}
    for one in plan.sessions:
        functions = (*sorted(set(one.leaders) & of_rc), *one.could_lead)
        ours = tuple(dict.fromkeys(function for function in functions if function in of_rc))
        if set(one.leaders) & of_rc or one.key in asked_about:
            found[one.key] = ours
    return found


def _keep_in_content(
    session: Session,
    proposal: Proposal,
    problem: Problem,
    frame: Frame,
    changed: Mapping[str, str | None],
    actor: str,
    at: datetime,
) -> None:
    """Let the meeting's content name the new leaders too, so that the next plan begins with them."""
    outline = outlines.outline_of(session, proposal.meeting_id or "")
    if outline is None:
        return
    plan, titles = outlines.content_of(outline), titles_of(frame)
    hosts = {one.id: tuple(sorted(one.hosts)) for one in problem.sessions}
    for key in changed:
        one = plan.session(key)
        if one is not None:
            leader = ", ".join(titles[host] for host in hosts[key] if host in titles)
            plan = plan.with_session(replace(one, leaders=hosts[key], leader=leader))
    outlines.write(session, outline, plan, actor, at, {"leaders": sorted(changed)})


def _rehosted(problem: Problem, leaders: Mapping[str, str | None], frame: Frame) -> Problem:
    """Return the problem with other leaders; None is the one of NCH's who leads least."""
    load = Counter(host for one in problem.sessions for host in one.hosts)
    sessions = []
    for one in problem.sessions:
        if one.id not in leaders:
            sessions.append(one)
            continue
        host = leaders[one.id] or min((key for key, _ in frame.leaders), key=lambda key: load[key])
        load[host] += 1
        sessions.append(replace(one, hosts=frozenset({host})))
    return replace(problem, sessions=tuple(sessions))


def _led_by_rc(wishes: Wishes, frame: Frame) -> Sequence[TopicWish]:
    """Return the topics that an RC may lead."""
    guests = guest_themes(frame)
    return [
        one
        for one in wishes.topics
        if one.theme.format not in NCH_LEADS and one.theme.id not in guests
    ]


def _by_session(rows: Sequence[LeaderAsk]) -> dict[str, list[LeaderAsk]]:
    found: dict[str, list[LeaderAsk]] = {}
    for row in rows:
        found.setdefault(row.session_key, []).append(row)
    return found
