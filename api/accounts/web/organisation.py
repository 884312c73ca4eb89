"""Signing in through the organisation's own provider: away to it, and back with its answer."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.accounts import service
from api.accounts.addresses import own_path
from api.accounts.provider import Attempt, Provider, RefusedError
from api.accounts.session import WritingTransaction, attempt_cookie_name, set_session_cookie
from api.accounts.web.sign_in import SignInPage, providers_of
from api.kit.clock import now
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import read_by
from api.kit.pages import address, language_of, render

pages = APIRouter()

ATTEMPT_LIFETIME_S = 600  # time to type a password and find one's phone


def _provider(request: Request) -> Provider:
    providers: dict[str, Provider] = request.app.state.providers
    provider = providers.get(request.path_params.get("provider_id", ""))
    if provider is None:
        raise MissingError
    return provider


ItsProvider = Annotated[Provider, Depends(_provider)]


@pages.get("/logga-in/organisation/svar")
@pages.get("/logga-in/organisation/{provider_id}/svar")
def come_back(
    request: Request,
    session: WritingTransaction,
    provider: ItsProvider,
    state: str = "",
    code: str = "",
) -> Response:
    """Open a session for whom the provider vouches for; the code and the attempt hold once."""
    attempt = _attempt(request)
    vouched = provider.vouched(attempt, state, code)
    try:
        token = service.sign_in_vouched(
            session, vouched, request.headers.get("user-agent", ""), now()
        )
    except FieldFault as fault:
        page = SignInPage("", attempt.next_path, providers_of(request), (fault,))
        return _forgetting(
            request, render(request, "accounts/sign_in.html", page, status=fault.status)
        )
    path = address(read_by(attempt.language), attempt.next_path)
    answer = RedirectResponse(path, status_code=303)
    set_session_cookie(request, answer, token)
    return _forgetting(request, answer)


@pages.get("/logga-in/organisation")
@pages.get("/logga-in/organisation/{provider_id}")
def leave(request: Request, provider: ItsProvider, next: str = "/") -> Response:  # noqa: A002 - the address says next
    """Send the browser to the provider. A link, not a form: CSP's form-action keeps forms on our site."""
    url, attempt = provider.begin(own_path(next), language_of(request))
    answer = RedirectResponse(url, status_code=303)
    answer.set_cookie(
        attempt_cookie_name(request),
        _signer(request).dumps(asdict(attempt)),
        max_age=ATTEMPT_LIFETIME_S,
        path="/",
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="lax",  # the way back is a plain link from the provider's site
    )
    return answer


def _attempt(request: Request) -> Attempt:
    kept = request.cookies.get(attempt_cookie_name(request), "")
    try:
        return Attempt(**_signer(request).loads(kept, max_age=ATTEMPT_LIFETIME_S))
    except BadSignature as error:
        raise RefusedError from error


def _forgetting(request: Request, answer: Response) -> Response:
    answer.delete_cookie(
        attempt_cookie_name(request),
        path="/",
        secure=request.app.state.settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return answer


def _signer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(request.app.state.settings.signing_key, salt="oidc")
