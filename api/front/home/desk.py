"""The one home: what each of us has to do now, nearest first; for whoever is not signed in, what Samkrets is."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.accounts.models import Role
from api.accounts.policy import insist, may_plan
from api.accounts.session import MaybeViewer, SignedInViewer, Transaction
from api.front.home.standing import Standing, standing
from api.front.home.todo import Todo, todos
from api.kit.clock import now
from api.kit.pages import lead_to, render, speaker_of
from api.start import service
from api.start.service import ROLE_NAMES, DemoPerson, Overview

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """The first page for whoever is not signed in."""

    people: tuple[DemoPerson, ...]
    role_names: dict[Role, str]


@dataclass(frozen=True, slots=True)
class StartPage:
    """The first page of an RC member, a reader or a guest."""

    overview: Overview


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The first page of a planner: what waits, and where everything stands."""

    todos: tuple[Todo, ...]
    standing: Standing


@pages.get("/")
def home(request: Request, session: Transaction, viewer: MaybeViewer) -> Response:
    """Show what needs doing now, or what Samkrets is."""
    if viewer is None:
        is_demo = request.app.state.settings.is_demo
        people = service.demo_people(session) if is_demo else ()
        return render(request, "start/welcome.html", WelcomePage(people, ROLE_NAMES))
    if not may_plan(viewer):
        seen = service.overview(session, viewer, now())
        return render(request, "start/start.html", StartPage(seen))
    where = standing(session, speaker_of(request), now())
    return render(request, "front/desk.html", DeskPage(_todos(request, session), where))


def _todos(request: Request, session: Transaction) -> tuple[Todo, ...]:
    settings = request.app.state.settings
    data = None if settings.is_demo else settings.data
    return todos(session, speaker_of(request), now(), data)


@pages.get("/planera")
def moved(request: Request, viewer: SignedInViewer) -> Response:
    """Lead to the one home, where the planner's own first page has moved."""
    insist(may_plan(viewer))
    return lead_to(request, "/", 308)
