"""The first page, the pages about the service, and security.txt."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from api.accounts.policy import insist
from api.accounts.service import open_session
from api.accounts.session import (
    Transaction,
    attempt_cookie_name,
    cookie_name,
    set_session_cookie,
)
from api.kit.clock import now
from api.kit.pages import language_of, lead_to, render
from api.start import service
from api.start.statement import Statement, statement

pages = APIRouter()

# RFC 9116 wants an expiry less than a year ahead.
SECURITY_TXT_LIFETIME = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class CookiesPage:
    """The session's cookie, and the one that lasts while somebody is away at the provider."""

    name: str
    attempt_name: str


@pages.post("/exempel/logga-in")
def be_somebody(
    request: Request, session: Transaction, person_id: Annotated[str, Form()]
) -> Response:
    """Sign in as one of the demonstration's invented people; nowhere else."""
    insist(request.app.state.settings.is_demo)
    insist(any(person.person_id == person_id for person in service.demo_people(session)))
    device = request.headers.get("user-agent", "")
    answer = lead_to(request, "/")
    set_session_cookie(request, answer, open_session(session, person_id, device, now()))
    return answer


@pages.get("/tillganglighet")
def accessibility(request: Request) -> Response:
    """Show the accessibility statement."""
    page: Statement = statement(language_of(request))
    return render(request, "start/accessibility.html", page)


@pages.get("/integritet")
def privacy(request: Request) -> Response:
    """Say which personal data are kept, why and how long."""
    return render(request, "start/privacy.html", None)


@pages.get("/kakor")
def cookies(request: Request) -> Response:
    """Say which cookies there are."""
    return render(
        request,
        "start/cookies.html",
        CookiesPage(cookie_name(request), attempt_cookie_name(request)),
    )


@pages.get("/.well-known/security.txt")
def security(request: Request) -> Response:
    """Say where to report a security fault (RFC 9116)."""
    settings = request.app.state.settings
    expires = (now() + SECURITY_TXT_LIFETIME).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: mailto:{settings.contact_mail}",
        f"Expires: {expires}",
        "Preferred-Languages: sv, en",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")
