"""The demonstration's own meeting without each leader, guest and room: no session is lost unless that is proven."""

import pytest

from api.accounts.models import Role
from api.app import create_app
from api.jobs.models import Job
from api.kit.clock import now
from api.kit.settings import Settings
from api.proposals import queries
from api.proposals.kinds import given
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.programme import solving
from api.proposals.programme.solving import Trouble
from api.proposals.programme.store import PROGRAMME
from api.start.service import demo_people
from matcher.programme.rules.violations import violations
from tests.e2e.site import make_demo
from tests.solving import planned
from tests.web import browser


@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.full)])
def test_without_each_leader_guest_and_room_no_session_is_lost_unless_that_is_proven(
    tmp_path_factory: pytest.TempPathFactory, *, is_whole: bool
) -> None:
    """Whole: all of them; else one who leads a guest's session, one who leads another, and a room."""
    url = make_demo(tmp_path_factory.mktemp("demo"))
    app = create_app(Settings(database=url, base_url="http://testserver", is_demo=True))
    database = app.state.database
    with database.reading() as session:
        made = queries.proposals(session, ProposalKind.PROGRAMME)[0]
        assert made.state is ProposalState.PUBLISHED
        made_id = made.id
        published, problem = PROGRAMME.answer_of(made).timetable, PROGRAMME.problem_of(made)
        planner = next(one.person_id for one in demo_people(session) if one.role is Role.PLANNER)
    web = browser(app, planner)
    running = {run.session for run in published.runs}
    led = {one.id: one.hosts for one in problem.sessions if one.id in running}
    guests = {one.id for one in problem.sessions if one.roles and one.id in running}
    assert guests
    leading = sorted({host for hosts in led.values() for host in hosts})
    assert len(leading) >= 8, "NCH, RC and guests lead"
    rooms = [room.id for room in problem.rooms]
    if not is_whole:
        with_guests = {host for name in guests for host in led[name]}
        others = [host for host in leading if host not in with_guests]
        leading, rooms = [min(with_guests), others[0]], rooms[:1]
    for trouble in (*map(Trouble, leading), *(Trouble(room=room) for room in rooms)):
        with database.transaction() as session:
            proposal = session.get_one(Proposal, made_id)
            repaired = solving.repair(session, proposal, trouble, "test", now())
            payload, repair_id = given(session, session.get_one(Job, repaired.job_id)), repaired.id
        answer = planned(payload)
        with database.transaction() as session:
            solving.record_answer(session, session.get_one(Proposal, repair_id), answer)
        with database.reading() as session:
            draft = session.get_one(Proposal, repair_id)
            found = PROGRAMME.answer_of(draft)
            assert not violations(PROGRAMME.problem_of(draft), found.timetable)
        lost = running - {run.session for run in found.timetable.runs}
        assert not lost or found.keeps_most, trouble
        if trouble.leader:
            own = {name for name, hosts in led.items() if trouble.leader in hosts} & guests
            assert lost <= own, "only a guest's own time has nobody else to lead it"
        page = web.get(f"/planera/program/{repair_id}").text
        assert ("Bevisat: ingen ändring behåller fler." in page) is bool(lost)
        assert "Lagat utan" in page
