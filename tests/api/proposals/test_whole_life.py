"""The whole life of a proposal of every kind, in any order of acts, against a model of five states."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlmodel import Session, select

from api.accounts.models import FunctionKind
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.db import Database
from api.kit.errors import ConflictError, StaleError
from api.proposals import queries, spine
from api.proposals.kinds import KINDS, on_job_finished
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import moving as network_moves
from api.proposals.networks import service as networks
from api.proposals.networks.answer import NetworksAnswer
from api.proposals.networks.moving import Move
from api.proposals.networks.service import NETWORKS
from api.proposals.programme import moving as programme_moves
from api.proposals.programme import publishing
from api.proposals.programme.answer import ProgrammeAnswer
from api.proposals.programme.store import PROGRAMME
from api.proposals.rounds import booking as tables
from api.proposals.rounds import service as rounds
from api.proposals.rounds.building import RoundsChoice
from api.proposals.rounds.service import ROUNDS
from api.proposals.year import booking
from api.proposals.year import service as years
from api.proposals.year.answer import YearAnswer
from api.proposals.year.building import YearWish
from api.proposals.year.engine import calendar_document
from api.proposals.year.service import YEAR
from api.registry import queries as registry
from tests.api.migrations import stored
from tests.solving import laid_out, matched

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
ACTOR = "nch"
OPEN = {ProposalState.DRAFT, ProposalState.REVIEWED}
TIMES = tuple(
    (datetime(2027, 4, day, 9, tzinfo=UTC), datetime(2027, 4, day, 11, tzinfo=UTC))
    for day in (6, 7)
)
OCCASIONS = tables.Occasions("Bord", "Tables", "Fall", "Cases", TIMES, frozenset(FunctionKind))
CONFLICT = [{"rule": "double_booking", "subjects": [], "numbers": [], "layer": "", "note": ""}]


@dataclass(frozen=True)
class Acts:
    """What a kind does in its own way; `core` is what undoing brings back."""

    kind: spine.AnyKind
    core: Callable[[Any], object]
    move: Callable[[Session, Proposal, st.DataObject, int], None] | None
    review: Callable[[Session, Proposal, int], object]
    publish: Callable[[Session, Proposal, int], object]
    # Whether a reviewed one has made something that is taken back first, and what then refuses.
    is_fixed_by_review: bool = False
    is_review_needed: bool = True
    guard: Callable[[Proposal], None] = lambda _: None


def _move_rc(session: Session, proposal: Proposal, data: st.DataObject, version: int) -> None:
    answer = NETWORKS.found(proposal)
    layer = data.draw(st.sampled_from(sorted(answer.networks))) if answer else "likeness"
    groups = answer.networks[layer] if answer else (("a",), ("b",))  # type: ignore[index]
    one, two = data.draw(st.permutations(range(len(groups))))[:2]
    rc_id, other = (data.draw(st.sampled_from(groups[number])) for number in (one, two))
    network_moves.move(session, proposal, Move(layer, rc_id, other), version, ACTOR)  # type: ignore[arg-type]


def _move_session(session: Session, proposal: Proposal, data: st.DataObject, version: int) -> None:
    answer = PROGRAMME.found(proposal)
    runs = answer.timetable.runs if answer else ()
    keys = [run.session for run in runs] or ["x"]
    places = [(run.slot, run.room) for run in runs]
    key, target = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from([None, *places]))
    programme_moves.move(session, proposal, key, target, version, ACTOR)


def _move_meeting(session: Session, proposal: Proposal, data: st.DataObject, version: int) -> None:
    answer = YEAR.found(proposal)
    keys = sorted(calendar_document(answer.calendar).keys() - set(answer.booked)) if answer else []
    day = date(2028, 1, 11) + timedelta(days=data.draw(st.integers(0, 300)))
    key = data.draw(st.sampled_from(keys or ["national|1"]))
    years.move(session, proposal, key, day, version, ACTOR)


def _core_of_networks(answer: NetworksAnswer) -> object:
    return replace(answer, past=(), future=())


def _core_of_programme(answer: ProgrammeAnswer) -> object:
    return answer.timetable, answer.moved


def _core_of_year(answer: YearAnswer) -> object:
    return answer.calendar, answer.moved


ACTS = {
    ProposalKind.NETWORKS: Acts(
        NETWORKS,
        _core_of_networks,
        _move_rc,
        lambda session, one, version: spine.review(session, NETWORKS, one, version, ACTOR),
        lambda session, one, version: networks.publish(session, one, version, ACTOR, AT),
    ),
    ProposalKind.PROGRAMME: Acts(
        PROGRAMME,
        _core_of_programme,
        _move_session,
        lambda session, one, version: spine.review(session, PROGRAMME, one, version, ACTOR),
        lambda session, one, version: publishing.publish(session, one, version, ACTOR, AT),
    ),
    ProposalKind.YEAR: Acts(
        YEAR,
        _core_of_year,
        _move_meeting,
        lambda session, one, version: booking.draft(session, one, version, ACTOR, AT),
        lambda session, one, version: booking.show(session, one, version, ACTOR, AT),
        is_fixed_by_review=True,
        guard=booking.insist_on_no_drafts,
    ),
    # Nothing of it is changed by hand, and it is booked as it was dealt.
    ProposalKind.ROUNDS: Acts(
        ROUNDS,
        lambda answer: (answer.rounds, answer.past),
        None,
        lambda session, one, version: spine.review(session, ROUNDS, one, version, ACTOR),
        lambda session, one, version: tables.book(session, one, OCCASIONS, version, ACTOR, AT),
        is_review_needed=False,
    ),
}


@dataclass(frozen=True)
class World:
    """A database with a proposal of each kind that waits for its answer, and those answers."""

    engine: Engine
    waiting: dict[ProposalKind, str]
    answers: dict[ProposalKind, dict[str, object]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The demonstration's rows; what the machines below do to them is never committed."""
    if request.param == "sqlite":
        url = stored.upgraded_on_sqlite(tmp_path_factory.mktemp("life"))
    else:
        url = stored.upgraded_on_postgres(request.getfixturevalue("postgres"))
    database = Database(url)
    waiting, answers = {}, {}
    with Session(database.engine) as session:
        for kind in (NETWORKS, PROGRAMME):
            old = session.exec(select(Proposal).where(Proposal.kind == kind.name)).first()
            assert old is not None
            new = Proposal(
                **old.model_dump(
                    exclude={"id", "state", "solution", "published_at", "version", "job_id"}
                ),
                state=ProposalState.SOLVING,
            )
            spine.store(session, new, ACTOR)
            waiting[kind.name], answers[kind.name] = new.id, json.loads(old.solution or "")
        seated = rounds.start(
            session, RoundsChoice(tuple(registry.names(session))[:9], 2, (3, 3)), ACTOR, AT
        )
        waiting[ProposalKind.ROUNDS] = seated.id
        answers[ProposalKind.ROUNDS] = matched(seated.problem)
        made = years.start(session, YearWish(2028, national=1, forum=2), (), ACTOR, AT)
        waiting[ProposalKind.YEAR] = made.id
        answers[ProposalKind.YEAR] = laid_out({"problem": made.problem})
        session.commit()
    yield World(database.engine, waiting, answers)
    database.close()


class Life(RuleBasedStateMachine):
    """Acts in any order on a fresh proposal, and what a planner may expect of each."""

    world: World
    acts: Acts

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(self.world.engine)
        kind = self.acts.kind.name
        self.proposal = self.session.get_one(Proposal, self.world.waiting[kind])
        self.state = ProposalState.SOLVING
        self.version = self.proposal.version
        self.before: list[object] = []
        self.now: object = None

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    def press(self, act: Callable[[int], object], *, is_allowed: bool) -> bool:
        """Do an act with the version that is seen; tell whether it was done, as it should be or not be."""
        if not is_allowed:
            with pytest.raises(ConflictError):
                act(self.version)
            return False
        act(self.version)
        self.version += 1
        return True

    def guarded(self, act: Callable[[int], object]) -> Callable[[int], object]:
        def do(version: int) -> object:
            self.acts.guard(self.proposal)
            return act(version)

        return do

    def hear(self, state: JobState, result: dict[str, object] | None) -> None:
        payload: dict[str, object] = {"proposal": self.proposal.id}
        news = JobFinished("j", self.acts.kind.job, state, payload, result, ACTOR)
        on_job_finished(self.session, news)
        if self.state == ProposalState.SOLVING:
            self.version += 1

    @rule()
    def the_engine_answers(self) -> None:
        self.hear(JobState.DONE, self.world.answers[self.acts.kind.name])
        if self.state == ProposalState.SOLVING:
            self.state = ProposalState.DRAFT
            self.now = self.acts.core(self.acts.kind.answer_of(self.proposal))

    @rule(is_impossible=st.sampled_from([True, False]))
    def the_engine_finds_nothing(self, is_impossible: bool) -> None:  # noqa: FBT001 - drawn
        result: dict[str, object] | None = {"conflict": CONFLICT} if is_impossible else None
        self.hear(JobState.DONE if is_impossible else JobState.FAILED, result)
        if self.state == ProposalState.SOLVING:
            self.state = ProposalState.WITHDRAWN
            assert len(spine.conflict_of(self.proposal)) == is_impossible

    @property
    def is_open(self) -> bool:
        is_fixed = self.acts.is_fixed_by_review and self.state == ProposalState.REVIEWED
        return self.state in OPEN and not is_fixed

    @rule(data=st.data())
    def somebody_moves(self, data: st.DataObject) -> None:
        before, move = self.now, self.acts.move
        if move is None:
            return
        try:
            done = self.press(
                self.guarded(lambda version: move(self.session, self.proposal, data, version)),
                is_allowed=self.is_open,
            )
        except ConflictError:  # there already: nothing was done
            assert self.is_open
            return
        if done:
            self.state = ProposalState.DRAFT
            self.before.append(before)
            self.now = self.acts.core(self.acts.kind.answer_of(self.proposal))

    @rule()
    def somebody_undoes(self) -> None:
        kind = self.acts.kind
        done = self.press(
            self.guarded(
                lambda version: spine.undo(self.session, kind, self.proposal, version, ACTOR)
            ),
            is_allowed=self.is_open and bool(self.before),
        )
        if done:
            self.state, self.now = ProposalState.DRAFT, self.before.pop()

    @rule()
    def somebody_reviews(self) -> None:
        kind, is_allowed = self.acts.kind, self.is_open
        if is_allowed:
            problem, answer = kind.problem_of(self.proposal), kind.answer_of(self.proposal)
            is_allowed = not kind.broken(problem, answer)
        if self.press(
            lambda version: self.acts.review(self.session, self.proposal, version),
            is_allowed=is_allowed,
        ):
            self.state = ProposalState.REVIEWED

    @rule()
    def somebody_publishes(self) -> None:
        if self.state == ProposalState.PUBLISHED:  # again: nothing more is done
            self.acts.publish(self.session, self.proposal, self.version)
        elif self.press(
            lambda version: self.acts.publish(self.session, self.proposal, version),
            is_allowed=self.state == ProposalState.REVIEWED
            or (self.state == ProposalState.DRAFT and not self.acts.is_review_needed),
        ):
            self.state = ProposalState.PUBLISHED

    @rule()
    def somebody_puts_it_aside(self) -> None:
        if self.press(
            self.guarded(
                lambda version: spine.withdraw(self.session, self.proposal, version, ACTOR)
            ),
            is_allowed=self.is_open,
        ):
            self.state = ProposalState.WITHDRAWN

    @rule(data=st.data(), which=st.sampled_from(["move", "undo", "review", "publish", "withdraw"]))
    def somebody_has_an_old_page(self, data: st.DataObject, which: str) -> None:
        session, one, seen = self.session, self.proposal, self.version - 1
        move = self.acts.move
        if move is None and which == "move":
            return
        acts: dict[str, Callable[[], object]] = {
            "move": lambda: move and move(session, one, data, seen),
            "undo": lambda: spine.undo(session, self.acts.kind, one, seen, ACTOR),
            "review": lambda: self.acts.review(session, one, seen),
            "publish": lambda: self.acts.publish(session, one, seen),
            "withdraw": lambda: spine.withdraw(session, one, seen, ACTOR),
        }
        with pytest.raises(StaleError):
            acts[which]()

    @invariant()
    def the_row_is_as_it_should_be(self) -> None:
        self.session.refresh(self.proposal)
        assert (self.proposal.state, self.proposal.version) == (self.state, self.version)
        answer = self.acts.kind.found(self.proposal)
        assert (answer is None) == (self.now is None)
        if answer is not None:
            assert self.acts.core(answer) == self.now
            assert len(answer.past) == len(self.before)
        assert (self.proposal.published_at is not None) == (self.state == ProposalState.PUBLISHED)
        listed = queries.proposals(self.session, self.acts.kind.name)
        is_aside = self.state == ProposalState.WITHDRAWN and self.proposal.conflict is None
        assert (self.proposal.id in {one.id for one in listed}) != is_aside


def test_every_kind_lives_in_the_test() -> None:
    assert set(ACTS) == {kind.name for kind in KINDS} == set(ProposalKind)


@pytest.mark.parametrize("kind", list(ACTS))
def test_whatever_is_done_a_proposal_is_where_its_acts_lead_to(
    world: World, kind: ProposalKind
) -> None:
    made = type("LifeOfOne", (Life,), {"world": world, "acts": ACTS[kind]})
    run_state_machine_as_test(
        made,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            suppress_health_check=list(HealthCheck),
        ),
    )
