"""The session cookie and who is behind it, as dependencies of every page and API route."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from api.accounts import keys
from api.accounts.policy import Viewer
from api.accounts.service import LONGEST_LIFETIME, hash_of, renew, viewer_of
from api.kit.clock import now
from api.kit.db import Database, get_session
from api.kit.errors import KeyReachError, SignInNeededError
from api.kit.guard import ANONYMOUS, SAFE_METHODS

API = "/api/"  # where keys hold
Transaction = Annotated[Session, Depends(get_session, scope="function")]


def _writing(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.transaction() as session:
        yield session


def _reading(request: Request) -> Iterator[Session]:
    database: Database = request.app.state.database
    with database.reading() as session:
        yield session


# For a POST that looks something up and writes nothing: a file is read while nobody waits for it.
ReadingTransaction = Annotated[Session, Depends(_reading, scope="function")]

# For the one GET that writes: the demonstration's sign-in.
WritingTransaction = Annotated[Session, Depends(_writing, scope="function")]


def cookie_name(request: Request) -> str:
    """Return the cookie's name: the __Host- prefix needs https."""
    return "__Host-samkrets" if request.app.state.settings.is_https else "samkrets"


def attempt_cookie_name(request: Request) -> str:
    """Return the name of the cookie that lasts from leaving for the provider until coming back."""
    return f"{cookie_name(request)}-attempt"


def session_token(request: Request) -> str:
    """Return the session's token from the browser's cookie, or an empty text."""
    return request.cookies.get(cookie_name(request), "")


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


def drop_session_cookie(request: Request, response: Response) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="lax",
    )


def identify(request: Request) -> Viewer | None:
    """Return the signed-in viewer, or None; also left in `request.state.viewer` for the page's frame."""
    known: Viewer | None = getattr(request.state, "known", None)
    if known is not None:  # an act of the API runs a form: `api.v1.acting`
        return _noted(request, known, "")
    if request.url.path.startswith(API):
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _noted(request, _behind(request, key.strip()), "")
    token = session_token(request)
    viewer, is_old = None, False
    if token:
        database: Database = request.app.state.database
        with database.reading() as session:
            viewer, is_old = viewer_of(session, token, now()) or (None, False)
        if is_old:
            with database.transaction() as session:
                renew(session, token, now())
    return _noted(request, viewer, token)


def _behind(request: Request, key: str) -> Viewer:
    """Return who is behind a key of the API.

    Raises:
        SignInNeededError: when it does not hold.
        KeyReachError: when it only reads, and something is to be changed.
    """
    database: Database = request.app.state.database
    with database.reading() as session:
        found = keys.bearer_of(session, key, now())
        is_old = found is not None and keys.is_use_old(session, key, now())
    if found is None:
        raise SignInNeededError
    if request.method not in SAFE_METHODS and not found.may_change:
        raise KeyReachError
    if is_old:
        with database.transaction() as session:
            keys.note_use(session, key, now())
    return found.viewer


def _noted(request: Request, viewer: Viewer | None, token: str) -> Viewer | None:
    """Leave who asks in the request's state, for the page's frame and its forms."""
    request.state.viewer = viewer
    request.state.form_mark = hash_of(f"form:{token}") if viewer is not None else ANONYMOUS
    return viewer


MaybeViewer = Annotated[Viewer | None, Depends(identify)]


def insist_on_viewer(viewer: MaybeViewer) -> Viewer:
    """Return the viewer; raise SignInNeededError for whoever is not signed in."""
    if viewer is None:
        raise SignInNeededError
    return viewer


SignedInViewer = Annotated[Viewer, Depends(insist_on_viewer)]
