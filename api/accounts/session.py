"""The session cookie and who is behind it, as dependencies of every page and API route."""

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from api.accounts.policy import Viewer
from api.accounts.service import LONGEST_LIFETIME, viewer_of
from api.clock import now
from api.db import Database, get_session
from api.errors import SignInNeededError

Transaction = Annotated[Session, Depends(get_session, scope="function")]


def cookie_name(request: Request) -> str:
    """Return the cookie's name: the __Host- prefix needs https."""
    return "__Host-samkrets" if request.app.state.settings.is_https else "samkrets"


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(LONGEST_LIFETIME.total_seconds()),
        path="/",
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="lax",
    )


def identify(request: Request) -> Viewer | None:
    """Return the signed-in viewer, or None; also left in `request.state.viewer` for the page's frame."""
    token = request.cookies.get(cookie_name(request))
    viewer = None
    if token:
        database: Database = request.app.state.database
        with database.reading() as session:
            viewer = viewer_of(session, token, now())
    request.state.viewer = viewer
    return viewer


MaybeViewer = Annotated[Viewer | None, Depends(identify)]


def insist_on_viewer(viewer: MaybeViewer) -> Viewer:
    """Return the viewer; raise SignInNeededError for whoever is not signed in."""
    if viewer is None:
        raise SignInNeededError
    return viewer


SignedInViewer = Annotated[Viewer, Depends(insist_on_viewer)]
