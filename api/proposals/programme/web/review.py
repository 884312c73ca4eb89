"""What a planner sees of a programme proposal: the grid, the figures in words, and what publishing changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.jobs import queries as jobs
from api.jobs.trail import TrailPicture, picture
from api.kit.i18n import Speaker, swedish_order
from api.programme.content import ProgrammePlan
from api.proposals.documents import of, write
from api.proposals.models import Proposal, ProposalState
from api.proposals.programme import store
from api.proposals.programme.answer import ProgrammeAnswer
from api.proposals.programme.engine import Crowded, Effect, Look
from api.proposals.programme.fates import fates
from api.proposals.programme.moving import latest_effect
from api.proposals.programme.publishing import plan_of, survey_of
from api.proposals.programme.store import PROGRAMME
from api.proposals.programme.web.case_tables import SeatedSession, seated_sessions
from api.proposals.programme.web.difference import (
    Difference,
    Told,
    difference,
    placing_of,
    published_placing,
    told,
)
from api.proposals.programme.web.grid import (
    Day,
    Filter,
    Marks,
    days_of,
    rooms_shown,
)
from api.proposals.programme.web.guests import few_asking
from api.proposals.programme.web.led import LedLine, led_lines
from api.proposals.programme.web.names import Names
from api.proposals.programme.web.scores import ScoreWords, score_words
from api.proposals.programme.web.verdicts import Picked, picked, with_sign
from api.proposals.programme.words import MISSED, broken_in_words, clash_in_words
from api.proposals.spine import CAN_BE_REVIEWED, conflict_of
from api.proposals.words import state_in_words
from api.registry import queries as registry
from api.surveys.wishes import Wishes


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A topic without a place, and why; minutes it would take, 0 when any time does."""

    key: str
    title: str
    leader: str
    reason: str
    demand: int
    minutes: int


@dataclass(frozen=True, slots=True)
class RcRow:
    """How an RC fares."""

    name: str
    covered: int
    asked: int
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The programme itself and everything that is said of it."""

    attended_percent: str
    covered: int
    asked: int
    running: int
    worst: str
    violations: tuple[str, ...]
    crowded: tuple[str, ...]  # rooms that are too small, by name
    musts: tuple[str, ...]  # what an RC may not miss and does: RC, subject and reason
    musts_proven: (
        bool | None
    )  # whether more of them cannot be met; None: nothing was calculated of it
    rooms: tuple[tuple[str, str], ...]
    tracks: tuple[tuple[str, str], ...]
    days: tuple[Day, ...]
    left_out: tuple[LeftOut, ...]  # those that are looked for
    without_place: int  # all of them
    rcs: tuple[RcRow, ...]
    scores: ScoreWords
    changed_percent: str  # what the latest move did to the share of wishes, with its sign
    picked: Picked | None  # the session that is about to be moved, with every place judged
    limit: str
    difference: Difference
    told: tuple[Told, ...]
    is_smallest: bool | None
    lost: tuple[str, ...]  # sessions that a repair could not keep
    keeps_most: bool | None
    shortened: tuple[str, ...]  # sessions that a repair cuts short, in words
    cause: str  # who or what a repair is made without
    leaders: tuple[tuple[str, str], ...]
    stand_ins: tuple[tuple[str, str], ...]
    led_by_rc: tuple[LedLine, ...]
    few_asking: tuple[str, ...]  # guests whose subject few RC have asked for
    may_ask: bool  # somebody who could lead has not been asked
    has_answers: bool  # the answers name another leader than the draft
    room_keys: tuple[tuple[str, str], ...]
    slots: tuple[tuple[str, str], ...]
    seated: tuple[SeatedSession, ...]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """A programme proposal as a planner looks at it."""

    id: str
    meeting_id: str
    title: str
    state: str
    version: int
    job_id: str | None
    is_solving: bool
    is_open: bool
    is_reviewed: bool
    is_published: bool
    is_in_force: bool
    may_undo: bool
    may_redo: bool
    has_held: bool
    conflict: tuple[str, ...]
    draft: Draft | None
    trail: TrailPicture | None
    chosen: str
    looks_for: Filter


def programme_page(
    session: Session,
    proposal: Proposal,
    say: Speaker,
    chosen: str = "",
    looks_for: Filter = Filter(),  # noqa: B008 - it is frozen
    asked: str = "",
) -> ProgrammePage:
    """Return the page of one proposal; `chosen` is the session that is about to be moved, perhaps to what is `asked`."""
    answer = PROGRAMME.found(proposal)
    shown = proposal
    if proposal.state == ProposalState.SOLVING:
        answer, shown = _so_far(session, proposal)
    return ProgrammePage(
        id=proposal.id,
        meeting_id=proposal.meeting_id or "",
        title=store.title_of(session, proposal, say),
        state=state_in_words(proposal, say),
        version=proposal.version,
        job_id=proposal.job_id,
        is_solving=proposal.state == ProposalState.SOLVING,
        is_open=proposal.state in CAN_BE_REVIEWED,
        is_reviewed=proposal.state == ProposalState.REVIEWED,
        is_published=proposal.state == ProposalState.PUBLISHED,
        is_in_force=store.is_in_force(session, proposal),
        may_undo=answer is not None and bool(answer.past),
        may_redo=answer is not None and bool(answer.future),
        has_held=answer is not None and bool(answer.held),
        conflict=_conflict(session, proposal, say),
        draft=_draft(session, shown, answer, say, (chosen, asked), looks_for) if answer else None,
        trail=picture(answer.trail if answer else (), say),
        chosen=chosen,
        looks_for=looks_for,
    )


def _so_far(session: Session, proposal: Proposal) -> tuple[ProgrammeAnswer | None, Proposal]:
    """Return the best that the planning has found until now, and the proposal as it would be with it.

    Neither is stored: the planning goes on.
    """
    job = jobs.job(session, proposal.job_id or "")
    if job is None or job.best is None:
        return None, proposal
    answer = of(ProgrammeAnswer, job.best)
    fields = {name: getattr(proposal, name) for name in Proposal.model_fields}
    return answer, Proposal(**fields | {"solution": write(answer)})


def _conflict(session: Session, proposal: Proposal, say: Speaker) -> tuple[str, ...]:
    if proposal.conflict is None:
        return ()
    names = Names.without_timetable(session, proposal, say)
    return tuple(clash_in_words(say, one, names.in_sentences) for one in conflict_of(proposal))


def _limit(answer: ProgrammeAnswer, say: Speaker) -> str:
    """Say how much better the wishes could be met; nothing after a move by hand or a repair."""
    gap = answer.gap
    if gap is None or answer.past:
        return ""
    if gap == 0:
        return say.text("Bevisat: inget annat program ger deltagarna mer av det de har önskat.")
    percent = say.number(100 * gap, 1)
    return say.text(
        "Inget program kan ge deltagarna mer än %(percent)s procent mer av det de har önskat.",
        percent=percent,
    )


def _draft(
    session: Session,
    proposal: Proposal,
    answer: ProgrammeAnswer,
    say: Speaker,
    moving: tuple[str, str],
    looks_for: Filter,
) -> Draft:
    problem, found = PROGRAMME.problem_of(proposal), store.look_at(proposal)
    plan = plan_of(session, proposal)
    names = Names.of(session, proposal, plan, say)
    wishes = store.wishes_from(session, survey_of(proposal))
    led = led_lines(session, proposal, plan, names, say)
    effect = latest_effect(proposal)
    wished = found.scores.wished_weight
    share = found.scores.attended_weight / wished if wished else 1.0
    rcs = _rc_rows(session, found, names, say)
    worst = min(rcs, key=lambda row: row.covered / max(row.asked, 1), default=None)
    called = names.in_sentences
    crowded = {one.session: _crowded(one, names, say) for one in found.crowded}
    marks = Marks(
        moved=set(answer.moved),
        held=set(answer.held),
        lasts={one.id: one.duration for one in problem.sessions},
        clashes=_clashes(found, names, say),
        crowded=crowded,
        looks_for=looks_for,
    )
    chosen, asked = moving
    is_chosen = bool(chosen) and proposal.state in CAN_BE_REVIEWED and chosen in names
    return Draft(
        attended_percent=say.number(100 * share, 0),
        covered=sum(row.covered for row in rcs),
        asked=sum(row.asked for row in rcs),
        running=sum(one.slot is not None for one in plan.sessions),
        worst=worst.name if worst and worst.covered < worst.asked else "",
        violations=tuple(
            dict.fromkeys(broken_in_words(say, one, called) for one in found.violations)
        ),
        crowded=tuple(whole for _, whole in crowded.values()),
        musts=_musts(session, proposal, plan, wishes, found, say),
        musts_proven=None
        if answer.past or answer.gap is None or not found.scores.levels["must_haves"]
        else "must_haves" in answer.proven,
        rooms=tuple(
            (room.key, f"{room.name}, {room.capacity}") for room in rooms_shown(plan, looks_for)
        ),
        tracks=tuple((one.key, names[one.key]) for one in plan.tracks),
        days=days_of(plan, names, marks, say),
        left_out=_left_out(plan, names, looks_for, say),
        without_place=sum(one.slot is None for one in plan.sessions),
        rcs=rcs,
        scores=score_words(
            problem,
            found.scores,
            effect,
            names.get(effect.session, "") if effect else "",
            answer.proven,
            say,
        ),
        changed_percent=_changed(effect, say),
        picked=picked(session, proposal, chosen, say, asked) if is_chosen else None,
        limit=_limit(answer, say) if wished else "",
        difference=_difference(session, proposal, plan, names, say),
        told=tuple(told(answer.notices, names, say)),
        is_smallest=answer.is_smallest,
        lost=_lost(proposal, answer, names),
        keeps_most=answer.keeps_most if not answer.past else None,
        shortened=_shortened(proposal, plan, names, say),
        cause=names.listing(store.settings_of(proposal).cause),
        leaders=_leading(proposal),
        stand_ins=store.frame_of(proposal).leaders,
        led_by_rc=led,
        few_asking=few_asking(
            wishes,
            store.frame_of(proposal).guests,
            say,
        ),
        may_ask=any(one.may_ask for one in led),
        has_answers=any(one.is_other for one in led),
        room_keys=tuple((room.key, room.name) for room in plan.rooms),
        slots=tuple((one.key, names[one.key]) for one in plan.slots if not one.is_break),
        seated=seated_sessions(problem, answer.timetable, plan, names, say),
    )


# How sessions without a place can be sorted, by what a form calls it; without a name as the content has them.
ORDERS: Mapping[str, Callable[[LeftOut], Any]] = {
    "onskemal": lambda one: -one.demand,
    "titel": lambda one: swedish_order(one.title),
    "langd": lambda one: -one.minutes,
}


def _left_out(
    plan: ProgrammePlan, names: Names, looks_for: Filter, say: Speaker
) -> tuple[LeftOut, ...]:
    """Return the sessions without a place that are looked for, in the order that is asked for."""
    left = [
        LeftOut(
            key=one.key,
            title=names[one.key],
            leader=one.leader,
            reason=say.either(one.reason_sv, one.reason_en),
            demand=one.demand,
            minutes=one.minutes or 0,
        )
        for one in plan.sessions
        if one.slot is None and looks_for.names(names[one.key], one.leader)
    ]
    order = ORDERS.get(looks_for.order)
    return tuple(sorted(left, key=order) if order else left)


def _lost(proposal: Proposal, answer: ProgrammeAnswer, names: Names) -> tuple[str, ...]:
    """Return the published sessions that a repair does not keep, by name."""
    published = store.settings_of(proposal).repairs
    running = {run.session for run in answer.timetable.runs}
    before = dict.fromkeys(run.session for run in published.runs) if published else ()
    return tuple(names.get(key, key) for key in before if key not in running)


def _shortened(
    proposal: Proposal, plan: ProgrammePlan, names: Names, say: Speaker
) -> tuple[str, ...]:
    """Say which sessions stand in a time that is shorter than they want."""
    content = store.settings_of(proposal).content
    wanted = {one.key: one.minutes for one in content.sessions} if content else {}
    return tuple(
        say.text(
            "%(title)s kortas från %(before)s till %(after)s minuter.",
            title=names[one.key],
            before=before,
            after=one.minutes,
        )
        for one in plan.sessions
        if (before := wanted.get(one.key)) and one.minutes and one.minutes < before
    )


def _clashes(found: Look, names: Names, say: Speaker) -> dict[str, tuple[str, ...]]:
    """Return session -> the clashes that it is in, in words: every session that a clash names."""
    said: dict[str, list[str]] = {}
    called = names.in_sentences
    for one in found.violations:
        text = broken_in_words(say, one, called)
        for subject in one.subjects:
            lines = said.setdefault(subject, [])
            if text not in lines:
                lines.append(text)
    return {subject: tuple(lines) for subject, lines in said.items()}


def _changed(effect: Effect | None, say: Speaker) -> str:
    """Say by how many percent of all wishes the latest move changed what is granted."""
    if effect is None or not effect.after.wished_weight:
        return ""
    gained = effect.after.attended_weight - effect.before.attended_weight
    return with_sign(round(100 * gained / effect.after.wished_weight, 1), say)


def _crowded(one: Crowded, names: Names, say: Speaker) -> tuple[str, str]:
    """Say that a room is too small, in short; and whole: who finds no seat, and which larger one is free."""
    figures = {"wanting": one.wanting, "seats": one.seats, "left": len(one.left_out)}
    short = say.text("%(wanting)s vill, %(seats)s platser: %(left)s får inte plats.", **figures)
    text = say.text(
        "%(title)s: %(wanting)s vill, %(room)s har %(seats)s platser. %(left)s får inte plats: %(who)s.",
        title=names.get(one.session, one.session),
        room=names.get(one.room, one.room),
        who=names.listing(one.left_out),
        **figures,
    )
    larger = (
        say.text("Ledig och större: %(room)s.", room=names.get(one.larger, one.larger))
        if one.larger
        else say.text("Ingen större lokal är ledig då.")
    )
    return short, f"{text} {larger}"


def _musts(
    session: Session,
    proposal: Proposal,
    plan: ProgrammePlan,
    wishes: Wishes,
    found: Look,
    say: Speaker,
) -> tuple[str, ...]:
    """Name each RC that is not at what it may not miss, with the subject and the reason."""
    rcs = registry.names(session)
    why = {(one.body, topic): kind for one in found.coverage for topic, kind in one.missed}
    said = []
    themes = {x.theme.id: say.either(x.theme.name_sv, x.theme.name_en) for x in wishes.topics}
    for one in fates(wishes, plan, store.frame_of(proposal)):
        if not one.is_must or one.fate == "there":
            continue
        planned = one.session
        if planned is None or one.fate == "held":
            kind = why.get((one.rc_id, planned.key if planned else ""), "does_not_run")
            reason = say.text(MISSED[kind])
        else:
            reason = say.either(planned.reason_sv, planned.reason_en)
        line = say.text(
            "%(rc)s: %(theme)s. %(why)s",
            rc=rcs.get(one.rc_id, one.rc_id),
            theme=themes.get(one.theme_id, one.theme_id),
            why=reason[:1].upper() + reason[1:],
        )
        said.append(line if line.endswith(".") else f"{line}.")
    return tuple(said)


def _rc_rows(session: Session, found: Look, names: "Names", say: Speaker) -> tuple[RcRow, ...]:
    rcs = registry.names(session)
    rows = [
        RcRow(
            name=rcs.get(one.body, one.body),
            covered=one.covered,
            asked=one.asked,
            missed=tuple(
                f"{names.get(topic, topic)}: {say.text(MISSED[why])}" for topic, why in one.missed
            ),
        )
        for one in found.coverage
    ]
    return tuple(sorted(rows, key=lambda row: swedish_order(row.name)))


def _difference(
    session: Session, proposal: Proposal, plan: ProgrammePlan, names: Names, say: Speaker
) -> Difference:
    """Compare a proposal with what is published now."""
    now = published_placing(session, proposal.meeting_id or "", names, say)
    return difference(now, placing_of(plan, names), names, say)


def _leading(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """Return everybody who leads something: NCH's leaders, RC and guests, with their titles."""
    frame = store.frame_of(proposal)
    problem = PROGRAMME.problem_of(proposal)
    leading = {host for session in problem.sessions for host in session.hosts}
    others = [(one.function_id, one.title) for one in frame.delegates if one.title]
    others += [(guest.function_id, guest.agency_sv) for guest in frame.guests]
    return (*frame.leaders, *(one for one in others if one[0] in leading))
