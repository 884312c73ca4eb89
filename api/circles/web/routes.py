"""The pages of a circle's own life: the first day of whoever is new."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.accounts.session import SignedInViewer, Transaction
from api.circles.service import beginning
from api.kit.clock import now
from api.kit.pages import render

pages = APIRouter()


@pages.get("/valkommen")
def welcome(request: Request, session: Transaction, viewer: SignedInViewer) -> HTMLResponse:
    """Show whom to ring, what is coming and what to do first."""
    return render(request, "circles/welcome.html", beginning(session, viewer, now()))
