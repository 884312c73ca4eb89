"""The page on which a planner chooses who of other agencies holds a meeting together with NCH."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import queries as accounts
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.front.meeting import name_of
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, shows, speaker_of
from api.meetings import hosting
from api.meetings.models import Meeting
from api.meetings.service import meeting_for

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class CoHostsPage:
    """A meeting's co-hosts, and the form for one more; pairs of a post's id and its name."""

    meeting_id: str
    meeting: str
    co_hosts: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    faults: tuple[FieldFault, ...] = ()


@pages.get("/traffar/{meeting_id}/medvardar")
@shows(CoHostsPage)
def co_hosts(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show who holds the meeting together with NCH, and who can be asked."""
    return _page(request, session, _meeting(session, viewer, meeting_id))


@pages.post("/traffar/{meeting_id}/medvardar", dependencies=[ACTS_ONCE])
def add_co_host(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    function_id: Annotated[str, Form()] = "",
) -> Response:
    """Make a post a co-host of the meeting."""
    meeting = _meeting(session, viewer, meeting_id)
    try:
        hosting.add(session, meeting, function_id, viewer.person_id, now())
    except FieldFault as fault:
        return _page(request, session, meeting, (fault,))
    return lead_to(request, f"/traffar/{meeting_id}/medvardar")


@pages.post("/traffar/{meeting_id}/medvardar/{function_id}/ta-bort", dependencies=[ACTS_ONCE])
def remove_co_host(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    function_id: str,
) -> Response:
    """Let a post be a co-host no more."""
    meeting = _meeting(session, viewer, meeting_id)
    hosting.remove(session, meeting, function_id, viewer.person_id, now())
    return lead_to(request, f"/traffar/{meeting_id}/medvardar")


def _meeting(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> Meeting:
    insist(may_plan(viewer))
    return meeting_for(session, viewer, meeting_id)


def _page(
    request: Request, session: Transaction, meeting: Meeting, faults: tuple[FieldFault, ...] = ()
) -> Response:
    say = speaker_of(request)
    chosen = hosting.co_hosts_of(session, meeting)
    found = [(one, body) for one, body in hosting.agencies(session) if one.holder_id]
    people = accounts.people(session, [str(one.holder_id) for one, _ in found])
    names = {
        one.id: f"{body.name}: {one.title} ({people[str(one.holder_id)].name})"
        for one, body in found
    }
    there = [(one.id, names.get(one.id, f"{body.name}: {one.title}")) for one, body in chosen]
    taken = {one.id for one, _ in chosen}
    page = CoHostsPage(
        meeting.id,
        name_of(say, meeting),
        there,
        [("", say.text("Välj")), *((key, name) for key, name in names.items() if key not in taken)],
        faults,
    )
    return render(request, "front/co_hosts.html", page, status=faults[0].status if faults else 200)
