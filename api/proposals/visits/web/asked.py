"""The host's own page behind the link in the mail, a planner's answer for a host that rings, and the line home."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import address, language_of, render, speaker_of
from api.proposals.visits import asking, queries
from api.proposals.visits.asking import VisitMail
from api.proposals.visits.models import VisitAsk, VisitState

pages = APIRouter()

_ANSWERS = {"ja": True, "nej": False}
_STANDING = {VisitState.YES: "ja", VisitState.NO: "nej"}


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit, one question."""

    token: str
    said: VisitMail
    chosen: str  # ja, nej or empty
    is_decided: bool
    is_passed_on: bool  # the host has said no, and another is asked: nothing more to answer
    is_saved: bool
    is_told: bool  # the visitor can be reached, and hears of a yes
    fault: FieldFault | None = None


@pages.get("/besok/{token}")
def question(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    row = asking.find(session, token)
    chosen = svar if svar in _ANSWERS else ""
    return render(request, "visits/asked.html", _page(request, session, row, token, chosen, sparat))


@pages.post("/besok/{token}")
def save(
    request: Request, session: Transaction, token: str, svar: Annotated[str, Form()] = ""
) -> Response:
    """Keep the answer."""
    if svar not in _ANSWERS:
        row = asking.find(session, token)
        fault = FieldFault("svar", "Välj ett av alternativen.")
        page = _page(request, session, row, token, "", False, fault)  # noqa: FBT003 - not saved
        return render(request, "visits/asked.html", page, status=fault.status)
    asking.answer_by_link(session, token, is_yes=_ANSWERS[svar], at=now())
    where = address(language_of(request), f"/besok/{token}?sparat=true")
    return RedirectResponse(where, status_code=303)


@pages.post("/planera/studiebesok/fragor/{ask_id}", dependencies=[ACTS_ONCE])
def answer_for(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    ask_id: str,
    svar: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Write down what a host said by telephone, or take a question back."""
    insist(may_plan(viewer))
    row = queries.ask(session, ask_id)
    if row is None:
        raise MissingError
    if svar == "tillbaka":
        asking.take_back(session, row, viewer.person_id)
    elif svar in _ANSWERS:
        asking.answer(session, row, viewer.person_id, is_yes=_ANSWERS[svar], at=now())
    else:
        raise ConflictError("Välj ett av alternativen.")
    where = address(language_of(request), "/planera/studiebesok") + "#asked"
    return RedirectResponse(where, status_code=303)


@pages.post("/traffar/{meeting_id}/lardom")
def tell(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    learnt: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Keep the line that the visitor's circles see."""
    asking.tell(session, viewer, meeting_id, learnt, now())
    where = address(language_of(request), f"/traffar/{meeting_id}") + "#learnt"
    return RedirectResponse(where, status_code=303)


def _page(
    request: Request,
    session: Transaction,
    row: VisitAsk,
    token: str,
    chosen: str,
    is_saved: bool,  # noqa: FBT001 - a query parameter
    fault: FieldFault | None = None,
) -> VisitPage:
    return VisitPage(
        token=token,
        said=asking.said_of(session, row, speaker_of(request)),
        chosen=chosen or _STANDING.get(row.state, ""),
        is_decided=row.state is VisitState.YES,
        is_passed_on=asking.is_passed_on(session, row),
        is_saved=is_saved and row.state in _STANDING,
        is_told=asking.is_reached(session, row.visitor_rc),
        fault=fault,
    )
