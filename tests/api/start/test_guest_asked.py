"""A guest's first page asks for what the session asks for: it never says that nothing is needed."""

from sqlmodel import Session

from api.accounts.models import Role
from api.meetings.service import create
from api.programme.service import publish
from api.start.asked import Ask, asked_of
from tests.api.meetings.test_meetings import DRAFT, NOW
from tests.api.programme.test_programme_service import _plan
from tests.factories import make_member


def test_a_guest_is_asked_to_prepare_what_the_own_session_asks_for(session: Session) -> None:
    guest, other = make_member(session, Role.GUEST), make_member(session, Role.GUEST)
    meeting = create(session, DRAFT, "nch", NOW)
    publish(session, meeting, _plan(law=frozenset({guest.function.id})), "nch", NOW)
    found = [one for one in asked_of(session, guest.viewer, [], NOW) if one.ask is Ask.PREPARE]
    assert [one.name_sv for one in found] == ["Juridik"]
    assert found[0].path.startswith(f"/traffar/{meeting.id}/pass/")
    assert asked_of(session, other.viewer, [], NOW) == []
