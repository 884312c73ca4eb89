"""The page where a planner begins."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.front.todo import Todo, todos
from api.kit.clock import now
from api.kit.pages import render, speaker_of

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What needs doing now."""

    todos: tuple[Todo, ...]


@pages.get("/planera")
def desk(request: Request, session: Transaction, viewer: SignedInViewer) -> HTMLResponse:
    """Show what needs doing now, and what a planner can plan."""
    insist(may_plan(viewer))
    settings = request.app.state.settings
    data = None if settings.is_demo else settings.data
    found = todos(session, speaker_of(request), now(), data)
    return render(request, "front/desk.html", DeskPage(found))
