"""The link in the mail: it opens the question with the choice filled in, and only a button saves it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.accounts.session import Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.pages import address, language_of, render, speaker_of
from api.proposals.asking import queries, service
from api.proposals.asking.models import AskState

pages = APIRouter()

_ANSWERS = {"ja": True, "nej": False}
_STANDING = {AskState.YES: "ja", AskState.NO: "nej"}


@dataclass(frozen=True, slots=True)
class AskPage:
    """One session, one question."""

    token: str
    session: str
    meeting: str
    when: str
    who: str
    is_deputy: bool
    other: str
    chosen: str  # ja, nej or empty
    is_saved: bool
    is_example: bool
    fault: FieldFault | None = None


@pages.get("/leda/{token}")
def question(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    chosen = svar if svar in _ANSWERS else ""
    return render(
        request, "asking/lead.html", _page(request, session, token, chosen, is_saved=sparat)
    )


@pages.post("/leda/{token}")
def save(
    request: Request, session: Transaction, token: str, svar: Annotated[str, Form()] = ""
) -> Response:
    """Keep the answer."""
    if svar not in _ANSWERS:
        fault = FieldFault("svar", "Välj ett av alternativen.")
        page = _page(request, session, token, "", fault=fault)
        return render(request, "asking/lead.html", page, status=fault.status)
    service.answer(session, token, will_lead=_ANSWERS[svar], at=now())
    where = address(language_of(request), f"/leda/{token}?sparat=true")
    return RedirectResponse(where, status_code=303)


def _page(
    request: Request,
    session: Transaction,
    token: str,
    chosen: str,
    *,
    is_saved: bool = False,
    fault: FieldFault | None = None,
) -> AskPage:
    say = speaker_of(request)
    found, meeting = service.find(session, token, now())
    rows = [
        row for row in queries.asks(session, meeting.id) if row.session_key == found.session_key
    ]
    standing = service.led(rows)
    is_deputy = standing.leader is not None and standing.leader.id != found.id
    other = standing.leader if is_deputy else standing.deputy
    return AskPage(
        token=token,
        session=say.either(found.title_sv, found.title_en),
        meeting=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        who=service.title_of(session, found),
        is_deputy=is_deputy,
        other=service.title_of(session, other) if other and other.id != found.id else "",
        chosen=chosen or _STANDING.get(found.state, ""),
        is_saved=is_saved and found.state in _STANDING,
        is_example=found.is_example,
        fault=fault,
    )
