"""A published programme without somebody who leads, a guest or a room: no session is lost unless that is proven."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from api.programme.outlines import content_of, outline_of
from api.proposals.models import Proposal
from api.proposals.programme import standing_in
from api.proposals.programme.plan import placed
from api.proposals.programme.problem import opened, shorter_slots
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.store import PROGRAMME, frame_of
from matcher.programme.problem import Timetable
from matcher.programme.rules.violations import violations
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench


@pytest.fixture
def published(app: FastAPI) -> Bench:
    bench = Bench(app)
    bench.page = bench.start()
    bench.solve()
    _publish(bench, bench.page)
    return bench


def _runs(bench: Bench) -> Timetable:
    with bench.app.state.database.reading() as session:
        return PROGRAMME.answer_of(bench.newest(session)).timetable


def _everything(bench: Bench) -> list[dict[str, str]]:
    """Everybody who leads what runs, guests too, and every room, each as the form that says it is gone."""
    with bench.app.state.database.reading() as session:
        made = bench.newest(session)
        running = {run.session for run in PROGRAMME.answer_of(made).timetable.runs}
        problem = PROGRAMME.problem_of(made)
        leading = sorted(
            {host for one in problem.sessions if one.id in running for host in one.hosts}
        )
        rooms = [{"room": room.id} for room in problem.rooms]
        return [*({"leader": one} for one in leading), *rooms]


def test_without_anyone_or_any_room_no_session_is_lost_unless_that_is_proven(
    published: Bench,
) -> None:
    before = {run.session for run in _runs(published).runs}
    gone = _everything(published)
    assert len(gone) >= 4
    for form in gone:
        sent = published.web.submit(published.page, f"{published.page}/laga", form)
        assert sent.status_code == 303, form
        published.solve()
        path = str(sent.headers["location"]).partition("?")[0]
        page = published.web.get(path).text
        with published.app.state.database.reading() as session:
            made = session.get_one(Proposal, path.rsplit("/", 1)[1])
            answer, problem = PROGRAMME.answer_of(made), PROGRAMME.problem_of(made)
            assert not violations(problem, answer.timetable)
            lost = before - {run.session for run in answer.timetable.runs}
            assert not lost or answer.keeps_most
            assert ("Bevisat: ingen ändring behåller fler." in page) is bool(lost)
            assert "Lagat utan" in page, "the cause is named"


def test_what_finds_no_other_time_is_cut_short_rather_than_dropped(published: Bench) -> None:
    with published.app.state.database.reading() as session:
        made = published.newest(session)
        problem, timetable = PROGRAMME.problem_of(made), PROGRAMME.answer_of(made).timetable
        outline = outline_of(session, published.meeting)
        assert outline is not None
        content, frame = content_of(outline), frame_of(made)
        assert plan_of(session, made).slots == content.slots
    run = next(one for one in timetable.runs if one.session.startswith("needs") or one.room)
    topic = next(
        one for one in content.sessions if one.key == run.session or one.audience == "wish"
    )
    lengths = {slot.key: slot.minutes for slot in content.slots if not slot.is_break}
    longest = max(lengths.values())
    wanted = replace(topic, minutes=longest + 30, pin_slot=None)
    assert shorter_slots(wanted, content.slots) <= lengths.keys()
    cut = replace(topic, minutes=None)
    assert shorter_slots(cut, content.slots) == frozenset(), "it fills any slot as it is"
    # An hour's session in a half-hour's slot is half an hour.
    short = next(slot for slot in content.slots if not slot.is_break and slot.minutes < longest)
    hour = replace(topic, minutes=longest, audience="all", roles=(), pin_slot=None)
    assert short.key in shorter_slots(hour, content.slots)
    closed = replace(
        problem,
        sessions=tuple(
            replace(one, unavailable_slots=one.unavailable_slots | {short.key}, duration=1)
            if one.id == topic.key
            else one
            for one in problem.sessions
        ),
    )
    open_now = {one.id: one for one in opened(closed, {topic.key: frozenset({short.key})}).sessions}
    assert short.key not in open_now[topic.key].unavailable_slots
    moved = Timetable((replace(run, session=topic.key, slot=short.key),))
    plan = placed(content.with_session(hour), closed, moved, frame, {})
    found = plan.session(topic.key)
    assert found is not None
    assert found.minutes == short.minutes
    assert standing_in.MOST_ASKED
