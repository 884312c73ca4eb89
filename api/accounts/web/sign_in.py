"""Signing in by a mailed one-time link, and signing out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import service
from api.accounts.addresses import own_path, work_address
from api.accounts.provider import Provider, way_to
from api.accounts.session import (
    Transaction,
    WritingTransaction,
    drop_session_cookie,
    session_token,
    set_session_cookie,
)
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.kit.i18n import Language
from api.kit.pages import after_answering, language_of, lead_to, render
from api.kit.throttle.service import LINKS_PER_ADDRESS, LINKS_PER_CLIENT, client_of

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form that asks for a link; `faults` say what is wrong with the address."""

    email: str
    next_path: str
    providers: tuple[tuple[str, str], ...] = ()  # organisations' own ways in: path, name
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A link's landing page: the button, or that the link no longer holds."""

    token: str
    is_open: bool


@pages.get("/logga-in")
def sign_in_form(request: Request, next: str = "/") -> Response:  # noqa: A002 - the address says next
    """Ask for the work address."""
    return render(
        request, "accounts/sign_in.html", SignInPage("", own_path(next), providers_of(request))
    )


@pages.post("/logga-in")
def ask_for_link(
    request: Request,
    email: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the form says next
) -> Response:
    """Have a link mailed; the answer is the same, and as quick, whether the address is known or not."""
    client, throttle = client_of(request.scope), request.app.state.throttle
    throttle.insist(LINKS_PER_CLIENT, "link", client)
    try:
        wanted = work_address(email)
    except FieldFault as fault:
        page = SignInPage(email, own_path(next), providers_of(request), (fault,))
        return render(request, "accounts/sign_in.html", page, status=fault.status)
    answer = lead_to(request, "/logga-in/skickat")
    # Counted for who asks, so that nobody can use somebody else's up; more than that is not sent.
    if throttle.allows(LINKS_PER_ADDRESS, "address", wanted, client):
        database, language = request.app.state.database, language_of(request)
        after_answering(answer, _mail_link, database, wanted, next, language)
    return answer


def _mail_link(database: Database, email: str, next_path: str, language: Language) -> None:
    with database.transaction() as session:
        service.ask_for_link(session, email, next_path, language, now())


@pages.get("/logga-in/skickat")
def link_sent(request: Request) -> Response:
    """Say that a link is on its way, if the address is known."""
    minutes = int(service.LINK_LIFETIME.total_seconds() // 60)
    return render(request, "accounts/link_sent.html", minutes)


@pages.get("/logga-in/{token}")
def open_link(request: Request, session: Transaction, token: str) -> Response:
    """Show the button that signs in: a mail scanner that opens the link does not use it up."""
    page = LinkPage(token, service.is_link_open(session, token, now()))
    return render(request, "accounts/open_link.html", page, status=200 if page.is_open else 404)


@pages.post("/logga-in/{token}")
def use_link(request: Request, session: Transaction, token: str) -> Response:
    """Sign in."""
    try:
        opened = service.sign_in(session, token, _device(request), now())
    except ConflictError as error:
        return render(
            request, "accounts/open_link.html", LinkPage(token, is_open=False), status=error.status
        )
    return _enter(request, opened)


@pages.get("/demo/logga-in/{token}")
def use_demo_link(request: Request, session: WritingTransaction, token: str) -> Response:
    """Sign in by one of the demonstration's links: the one GET that writes, once per link."""
    return _enter(request, service.sign_in_directly(session, token, _device(request), now()))


@pages.post("/logga-ut")
def sign_out(request: Request, session: Transaction) -> Response:
    """End this session."""
    service.sign_out(session, session_token(request), now())
    answer = lead_to(request, "/")
    drop_session_cookie(request, answer)
    return answer


def providers_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the organisations' own ways in, each with what it is called."""
    providers: dict[str, Provider] = request.app.state.providers
    return tuple((way_to(one.id), one.name) for one in providers.values())


def _enter(request: Request, opened: service.OpenedSession) -> Response:
    answer = lead_to(request, opened.next_path)
    set_session_cookie(request, answer, opened.token)
    return answer


def _device(request: Request) -> str:
    return request.headers.get("user-agent", "")
