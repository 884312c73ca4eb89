"""A signed-in person's page of what they cannot eat at a meeting."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import queries as accounts
from api.accounts.policy import insist
from api.accounts.session import SignedInViewer, Transaction
from api.dietary import service
from api.dietary.models import Diet
from api.dietary.service import NAMES, Needs
from api.kit.clock import now
from api.kit.errors import FieldFault, MissingError
from api.kit.pages import lead_to, render, speaker_of
from api.meetings.models import Meeting
from api.programme.reading import (
    visible_meeting,
)

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class DietaryPage:
    """The form, with what was told before."""

    meeting_id: str
    title: str
    when: str
    is_asked: bool
    needs: Needs
    diets: tuple[tuple[Diet, str], ...]
    faults: tuple[FieldFault, ...] = ()


@pages.get("/traffar/{meeting_id}/kost")
def dietary_form(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show what one has told."""
    return _page(request, session, viewer, meeting_id)


@pages.post("/traffar/{meeting_id}/kost")
def tell_needs(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    diets: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    other: Annotated[str, Form()] = "",
) -> Response:
    """Keep what one cannot eat; an empty form forgets it."""
    meeting = _meeting(session, viewer, meeting_id)
    try:
        service.tell(session, meeting, _address(session, viewer), diets, other, now())
    except FieldFault as fault:
        typed = Needs(frozenset(Diet(one) for one in diets if one in set(Diet)), other)
        return _page(request, session, viewer, meeting_id, typed, fault)
    return lead_to(request, f"/traffar/{meeting_id}")


def _page(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    typed: Needs | None = None,
    fault: FieldFault | None = None,
) -> Response:
    meeting = _meeting(session, viewer, meeting_id)
    say = speaker_of(request)
    page = DietaryPage(
        meeting_id=meeting.id,
        title=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        is_asked=service.is_asked(meeting, now()),
        needs=typed or service.needs_of(session, meeting.id, _address(session, viewer)),
        diets=tuple((diet, say.text(name)) for diet, name in NAMES.items()),
        faults=(fault,) if fault else (),
    )
    return render(request, "dietary/form.html", page, status=fault.status if fault else 200)


def _meeting(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> Meeting:
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    insist(service.may_tell(session, viewer, meeting))
    return meeting


def _address(session: Transaction, viewer: SignedInViewer) -> str:
    person = accounts.person(session, viewer.person_id)
    if person is None:
        raise MissingError
    return person.email
