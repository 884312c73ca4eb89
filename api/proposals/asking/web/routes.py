"""The link in the mail: it opens the question with the choice filled in, and only a button saves it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.accounts.session import Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.i18n import later
from api.kit.pages import lead_to, render, speaker_of
from api.outbox.asked import Asked, OneQuestion
from api.proposals.asking import queries, service
from api.proposals.asking.models import AskState

pages = APIRouter()

QUESTION = OneQuestion("/leda", {"ja": True, "nej": False})
ANSWERS = {True: later("Ja, vi leder passet"), False: later("Nej, inte den här gången")}
OF_DEPUTY = ANSWERS | {True: later("Ja, som ersättare")}
_STANDING = {AskState.YES: True, AskState.NO: False}


@dataclass(frozen=True, slots=True)
class AskPage:
    """One session, one question."""

    asked: Asked
    session: str
    meeting: str
    when: str
    who: str
    is_deputy: bool
    other: str
    is_example: bool


@pages.get("/leda/{token}")
def question(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    page = _page(request, session, token, svar, is_saved=sparat)
    return render(request, "asking/lead.html", page)


@pages.post("/leda/{token}")
def save(
    request: Request, session: Transaction, token: str, svar: Annotated[str, Form()] = ""
) -> Response:
    """Keep the answer."""
    try:
        service.answer(session, token, will_lead=QUESTION.said(svar), at=now())
    except FieldFault as fault:
        page = _page(request, session, token, "", faults=(fault,))
        return render(request, "asking/lead.html", page, status=fault.status)
    return lead_to(request, QUESTION.after(token))


def _page(
    request: Request,
    session: Transaction,
    token: str,
    chosen: str,
    *,
    is_saved: bool = False,
    faults: tuple[FieldFault, ...] = (),
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
        asked=QUESTION.asked(
            token,
            OF_DEPUTY if is_deputy else ANSWERS,
            say,
            word=chosen,
            standing=_STANDING.get(found.state),
            is_saved=is_saved and found.state in _STANDING,
            faults=faults,
        ),
        session=say.either(found.title_sv, found.title_en),
        meeting=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        who=service.title_of(session, found),
        is_deputy=is_deputy,
        other=service.title_of(session, other) if other and other.id != found.id else "",
        is_example=found.is_example,
    )
