"""Seeing is not acting: posts of every role in every kind of body, and what each may change.

What is right is said here in words of its own (`_gives_away`, `ACTS`), not read from the policy.
"""

from itertools import product

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Body, BodyKind, Function, Person, Role
from api.accounts.service import viewer_for
from tests.factories import make_body, make_function, make_member, make_person
from tests.web import browser

PEOPLE = {"holder_name": "Exempel Ny", "holder_email": "exempel.ny@example.org"}
# The posts that change anything of others: a planner's at NCH, a member's at an RC or a county board.
ACTS = {
    (BodyKind.NCH, Role.PLANNER),
    (BodyKind.RC, Role.RC_MEMBER),
    (BodyKind.RC, Role.PLANNER),  # at an RC a planner is one of its members, no more
    (BodyKind.COUNTY_BOARD, Role.RC_MEMBER),
}
MIXES = list(product(BodyKind, Role))


def _body(session: Session, kind: BodyKind, key: str) -> Body:
    return make_body(session, kind, rc_id=f"exempel-{key}" if kind is BodyKind.RC else None)


@pytest.mark.parametrize(("kind", "role"), MIXES, ids=[f"{k}-{r}" for k, r in MIXES])
def test_a_post_is_given_away_by_its_holder_a_granted_deputy_or_a_planner_alone(
    app: FastAPI, kind: BodyKind, role: Role
) -> None:
    """Whoever holds any post tries each colleague's post of every role, as the findings' scripts did."""
    with app.state.database.transaction() as session:
        body = _body(session, kind, "a")
        me = make_person(session)
        own = make_function(session, body, me, role).id
        deputised = make_function(session, body, make_person(session), role, deputy=me).id
        granted = make_function(session, body, make_person(session), role, deputy=me)
        granted.deputy_hands_over = True
        others = [make_function(session, body, make_person(session), one).id for one in Role]
        vacant = make_function(session, body, None, role).id
        foreign = make_function(session, _body(session, kind, "b"), None, role).id
        person_id, granted_id = me.id, granted.id
    is_planner = (kind, role) == (BodyKind.NCH, Role.PLANNER)
    may = {own, granted_id} if (kind, role) in ACTS else set()
    web = browser(app, person_id)
    token = web.get("/mina-sessioner").text.split('name="form_token" value="')[1].split('"')[0]
    for function_id in (deputised, vacant, foreign, *others, granted_id, own):
        over = f"/funktioner/{function_id}/lamna-over"
        allowed = is_planner or function_id in may
        assert web.get(over).status_code == (200 if allowed else 404), function_id
        form = {"form_token": token, "version": "1", **PEOPLE}
        answer = web.post(over, data=form).status_code
        assert answer == (303 if allowed else 404), function_id
        with app.state.database.reading() as session:
            function = session.get(Function, function_id)
            assert function is not None
            assert (function.version == 2) == allowed


@pytest.mark.parametrize(("kind", "role"), MIXES, ids=[f"{k}-{r}" for k, r in MIXES])
def test_only_a_planner_at_nch_plans_and_only_a_member_acts_for_an_rc(
    app: FastAPI, kind: BodyKind, role: Role
) -> None:
    with app.state.database.transaction() as session:
        body = _body(session, kind, "own")
        person = make_person(session)
        make_function(session, body, person, role)
        session.flush()
        viewer = viewer_for(session, person)
        person_id = person.id
    assert viewer.is_planner == ((kind, role) == (BodyKind.NCH, Role.PLANNER))
    acts_for = {"exempel-own"} if kind is BodyKind.RC and (kind, role) in ACTS else set()
    assert viewer.rc_ids == acts_for
    web = browser(app, person_id)
    for path in ("/logg", "/planera/datum", "/planera/utskick", "/jobb"):
        assert web.get(path).status_code == (200 if viewer.is_planner else 404), path


def test_two_posts_never_lend_each_other_their_rights(app: FastAPI) -> None:
    """A guest at one RC and a member of another acts for the other alone; the same with a reader."""
    with app.state.database.transaction() as session:
        for low in (Role.GUEST, Role.READER):
            person = make_person(session)
            looks, works = (make_body(session, rc_id=f"{low}-{n}") for n in ("looks", "works"))
            weak = make_function(session, looks, person, low)
            make_function(session, works, person, Role.RC_MEMBER)
            colleague = make_function(session, looks, make_person(session))
            session.flush()
            viewer = viewer_for(session, person)
            assert viewer.rc_ids == {f"{low}-works"}
            assert (looks.id in viewer.body_ids) == (low is Role.READER)
            assert weak.id in viewer.function_ids
            assert colleague.id not in viewer.function_ids


def test_a_form_drawn_before_signing_out_is_no_form_of_the_next_session(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "exempel-rc")
        person_id, function_id = member.person.id, member.function.id
    over = f"/funktioner/{function_id}/lamna-over"
    first, second = browser(app, person_id), browser(app, person_id)
    token = first.get(over).text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "version": "1", **PEOPLE}
    assert second.post(over, data=form).status_code == 403
    assert first.submit(over, "/logga-ut").status_code == 303
    assert second.post(over, data=form).status_code == 403
    with app.state.database.reading() as session:
        assert (
            session.exec(select(Person).where(Person.email == PEOPLE["holder_email"])).all() == []
        )
