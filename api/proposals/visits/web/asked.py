"""The host's own page behind the link in the mail, a planner's answer for a host that rings, and the line home."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault, MissingError
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, speaker_of
from api.outbox.asked import Asked
from api.proposals.visits import asking, queries
from api.proposals.visits.asking import VisitMail
from api.proposals.visits.models import VisitState

pages = APIRouter()

_STANDING = {VisitState.YES: True, VisitState.NO: False}


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit, one question."""

    asked: Asked
    said: VisitMail
    is_decided: bool
    is_passed_on: bool  # the host has said no, and another is asked: nothing more to answer
    is_told: bool  # the visitor can be reached, and hears of a yes


@pages.get("/besok/{token}")
def question(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    page = _page(request, session, token, svar, is_saved=sparat)
    return render(request, "visits/asked.html", page)


@pages.post("/besok/{token}")
def save(
    request: Request, session: Transaction, token: str, svar: Annotated[str, Form()] = ""
) -> Response:
    """Keep the answer."""
    try:
        asking.answer_by_link(session, token, is_yes=asking.QUESTION.said(svar), at=now())
    except FieldFault as fault:
        page = _page(request, session, token, "", faults=(fault,))
        return render(request, "visits/asked.html", page, status=fault.status)
    return lead_to(request, asking.QUESTION.after(token))


@pages.post("/planera/studiebesok/fragor/{ask_id}", dependencies=[ACTS_ONCE])
def answer_for(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    ask_id: str,
    svar: Annotated[str, Form()] = "",
) -> Response:
    """Write down what a host said by telephone, or take a question back."""
    insist(may_plan(viewer))
    row = queries.ask(session, ask_id)
    if row is None:
        raise MissingError
    if svar == "tillbaka":
        asking.take_back(session, row, viewer.person_id)
    else:
        is_yes = asking.QUESTION.said(svar)
        asking.answer(session, row, viewer.person_id, is_yes=is_yes, at=now())
    return lead_to(request, "/planera/studiebesok#asked")


@pages.post("/traffar/{meeting_id}/lardom")
def tell(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    learnt: Annotated[str, Form()] = "",
) -> Response:
    """Keep the line that the visitor's circles see."""
    asking.tell(session, viewer, meeting_id, learnt, now())
    return lead_to(request, f"/traffar/{meeting_id}#learnt")


def _page(
    request: Request,
    session: Transaction,
    token: str,
    chosen: str,
    *,
    is_saved: bool = False,
    faults: tuple[FieldFault, ...] = (),
) -> VisitPage:
    row, say = asking.find(session, token), speaker_of(request)
    is_decided, is_passed_on = row.state is VisitState.YES, asking.is_passed_on(session, row)
    return VisitPage(
        asked=asking.QUESTION.asked(
            token,
            asking.ANSWERS,
            say,
            word=chosen,
            standing=_STANDING.get(row.state),
            is_saved=is_saved and row.state in _STANDING,
            is_open=not (is_decided or is_passed_on),
            faults=faults,
        ),
        said=asking.said_of(session, row, say),
        is_decided=is_decided,
        is_passed_on=is_passed_on,
        is_told=asking.is_reached(session, row.visitor_rc),
    )
