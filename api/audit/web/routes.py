"""The log's page, for planners."""

from fastapi import APIRouter, Request, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.audit.web import reading
from api.kit.pages import render, speaker_of

pages = APIRouter()


@pages.get("/logg")
def log_page(
    request: Request, session: Transaction, viewer: SignedInViewer, page: int = 1, kind: str = ""
) -> Response:
    """Show who changed what, newest first."""
    insist(may_plan(viewer))
    return render(request, "audit/log.html", reading.read(session, speaker_of(request), page, kind))
