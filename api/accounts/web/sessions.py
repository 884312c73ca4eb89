"""One's own sessions: where one is signed in, and ending them."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.accounts import service
from api.accounts.session import SignedInViewer, Transaction, session_token
from api.kit.clock import now
from api.kit.pages import lead_to, render

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """A person's open sessions, newest first."""

    sessions: tuple[service.OpenSession, ...]


@pages.get("/mina-sessioner")
def my_sessions(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List where one is signed in."""
    found = service.open_sessions(session, viewer.person_id, session_token(request), now())
    return render(request, "accounts/sessions.html", SessionsPage(found))


@pages.post("/mina-sessioner/andra/avsluta")
def end_others(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """End all of one's sessions but this."""
    service.end_other_sessions(session, viewer.person_id, session_token(request), now())
    return lead_to(request, "/mina-sessioner")


@pages.post("/mina-sessioner/{session_id}/avsluta")
def end_one(
    request: Request, session: Transaction, viewer: SignedInViewer, session_id: str
) -> Response:
    """End one of one's sessions."""
    service.end_session(session, viewer.person_id, session_id, now())
    return lead_to(request, "/mina-sessioner")
