"""Guests have an audience, musts are musts, RC lead what they offered, and one who falls ill costs no session."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from api.proposals.programme.drafting import (
    Delegate,
    Frame,
    GuestChoice,
    RoomChoice,
    guest_themes,
)
from api.proposals.programme.engine import together
from api.proposals.programme.leaders import possible
from api.proposals.programme.problem import build
from api.proposals.programme.solving import Trouble, _stand_ins, _troubled
from api.surveys.demand import Profile, Topic, demand
from api.surveys.examples import ThemePhases, example_answer
from api.surveys.texts import texts_of
from api.surveys.themes import proposed_themes, shipped_themes
from api.surveys.wishes import ThemeText, Wishes
from api.surveys.wishes import build as wishes_of
from matcher.programme.problem import Problem, Timetable
from matcher.programme.repair.replan import replan
from matcher.programme.rules.violations import violations
from matcher.programme.solve import solve
from matcher.proof import Budget

RCS = [f"rc{number}" for number in range(12)]
GUESTS = (
    GuestChoice("g1", "police", "Polisen", "The police"),
    GuestChoice("g2", "prosecutor", "Åklagaren", "The prosecutor"),
)
LEADERS = (("l1", "NCH 1"), ("l2", "NCH 2"), ("l3", "NCH 3"))


def wishes(seed: int) -> Wishes:
    bank = proposed_themes(list(shipped_themes()), 15)
    profiles = {
        rc: Profile("operative" if number % 2 else "planning") for number, rc in enumerate(RCS)
    }
    phases = [ThemePhases(one.id, tuple(one.phases)) for one in bank]
    answers = {rc: example_answer(rc, profiles[rc], phases, (), seed) for rc in RCS}
    texts = [
        ThemeText(t.id, t.name_sv, t.name_en, t.category, tuple(t.roles), texts_of(t)) for t in bank
    ]
    wanted = demand([Topic(one.id, one.category) for one in bank], RCS, answers, profiles)
    return wishes_of("s", wanted, texts, answers)


def frame(asked: Wishes, days: int = 2) -> Frame:
    made = Frame(
        days=tuple(date(2027, 2, 23 + number) for number in range(days)),
        rooms=(RoomChoice("big", "Stora", 60), RoomChoice("small", "Lilla", 20)),
        leaders=LEADERS,
        delegates=tuple(
            Delegate(one.id, f"f-{one.id}", one.rc_id, "", one.rc_id) for one in asked.people
        ),
        guests=GUESTS,
    )
    return replace(made, leading=possible(asked, made, {}, {}))


@pytest.fixture(scope="module", params=[1, 2])
def planned(request: pytest.FixtureRequest) -> tuple[Wishes, Frame, Problem, Timetable]:
    asked = wishes(request.param)
    made = frame(asked)
    problem = build(asked, made)
    found = solve(problem, Budget(10.0, 2, 0))
    return asked, made, problem, together(problem, found.timetable)


Planned = tuple[Wishes, Frame, Problem, Timetable]


def attending(timetable: Timetable, session: str, made: Frame) -> set[str]:
    rc_of = {one.function_id: one.rc_id for one in made.delegates}
    run = next(run for run in timetable.runs if run.session == session)
    return {rc_of[one] for one in timetable.attendance(run) if one in rc_of}


def test_a_guest_meets_every_rc_that_asked_and_nothing_else_runs_then(planned: Planned) -> None:
    asked, made, problem, timetable = planned
    assert violations(problem, timetable) == ()
    for theme, sessions in guest_themes(made).items():
        wanting = {one.rc_id for one in asked.people if one.weights.get(theme)}
        for session in sessions:
            run = next(run for run in timetable.runs if run.session == session)
            assert [one.session for one in timetable.runs if one.slot == run.slot] == [session]
            slot = next(one for one in problem.slots if one.id == run.slot)
            assert slot.start is not None
            assert slot.end is not None
            assert (slot.end - slot.start).seconds == 30 * 60
            assert wanting <= attending(timetable, session, made)
            assert len(attending(timetable, session, made)) * 3 >= len(RCS)
        assert theme not in {one.id for one in problem.sessions}  # the guest's session is the topic


def test_what_an_rc_may_not_miss_runs_and_somebody_of_it_is_there(planned: Planned) -> None:
    asked, made, _, timetable = planned
    guests = guest_themes(made)
    for rc, theme in {(one.rc_id, one.must) for one in asked.people if one.must}:
        sessions = guests.get(theme or "", [theme or ""])
        assert any(rc in attending(timetable, session, made) for session in sessions)


def test_rc_lead_only_what_they_offered_one_each_and_nch_leads_cases(planned: Planned) -> None:
    asked, made, problem, _ = planned
    offered = {one.theme.id: set(one.offered_by) for one in asked.topics}
    rc_of = {one.function_id: one.rc_id for one in made.delegates}
    led = [(one.id, rc_of[host]) for one in problem.sessions for host in one.hosts if host in rc_of]
    assert led
    assert len({rc for _, rc in led}) == len(led)
    assert all(rc in offered[session] for session, rc in led)
    assert "anonymised_cases" not in {session for session, _ in led}


def test_whoever_falls_ill_no_session_is_lost_but_a_guest_s_own(planned: Planned) -> None:
    _, made, problem, timetable = planned
    leading = {host for session in problem.sessions for host in session.hosts}
    own = {guest.function_id: f"agency_{guest.role}" for guest in made.guests}
    for leader in sorted(leading):
        trouble = Trouble(leader=leader)
        swaps = _stand_ins(made, problem, trouble, timetable.runs, {})
        changed = _troubled(problem, trouble, swaps)
        found = replan(changed, timetable, Budget(10.0, 2, 0))
        lost = {run.session for run in timetable.runs} - {
            run.session for run in found.timetable.runs
        }
        assert lost == ({own[leader]} if leader in own else set()), leader
        assert all(move.new is None for move in found.moves if move.old.session in lost)


@pytest.mark.parametrize(
    ("guests", "days"), [(0, 1), (1, 1), (2, 1), (1, 2), (2, 2), (3, 2), (3, 3)]
)
def test_the_days_hold_half_an_hour_for_each_guest_and_no_times_overlap(
    guests: int, days: int
) -> None:
    asked = wishes(1)
    all_guests = (*GUESTS, GuestChoice("g3", "region", "Regionen", "The region"))
    problem = build(asked, replace(frame(asked, days), guests=all_guests[:guests]))
    times = [(slot.start, slot.end) for slot in problem.slots if slot.start and slot.end]
    assert len(times) == len(problem.slots)
    assert times == sorted(times)
    assert all(one[1] <= other[0] for one, other in pairwise(times))
    alone = [slot for slot in problem.slots if slot.kind == "plenary"]
    assert len(alone) == 2 + guests  # opening and closing
