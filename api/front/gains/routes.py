"""Pages: what a year gave, to planners, and one RC's year on an A4."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.accounts.session import SignedInViewer, Transaction
from api.front.gains.page import gains_page, rc_year_page, tables
from api.kit.clock import now
from api.kit.exports import Format, download
from api.kit.pages import render, speaker_of

pages = APIRouter()


@pages.get("/planera/vad-det-gav")
def gains(
    request: Request, session: Transaction, viewer: SignedInViewer, year: int | None = None
) -> HTMLResponse:
    """Show what a year gave: meetings, hours, wishes met, for all RC and parts of the country."""
    page = gains_page(session, viewer, year, speaker_of(request), now())
    return render(request, "front/gains.html", page)


@pages.get("/planera/vad-det-gav.{kind}")
def gains_file(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    kind: Format,
    year: int | None = None,
) -> Response:
    """Download the same as a workbook or a CSV file."""
    say = speaker_of(request)
    return download(tables(gains_page(session, viewer, year, say, now()), say), kind, say)


@pages.get("/rc/{rc_id}/aret")
def rc_year(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    rc_id: str,
    year: int | None = None,
) -> HTMLResponse:
    """Show what a year gave one RC, on one A4."""
    page = rc_year_page(session, viewer, rc_id, year, speaker_of(request), now())
    return render(request, "front/rc_year.html", page)
