"""What stands around every request: language, security headers, a page for faults, cross-site checks, form tokens."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping

from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.doors import insist_on_texts
from api.kit.errors import ForbiddenRequestError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TOKEN_FIELD = "form_token"  # noqa: S105 - a field's name
FORM_TOKEN_LIFETIME_S = 12 * 3600
ANONYMOUS = "anonymous"  # the mark of forms drawn for whoever is not signed in

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}


class LanguagePrefix:
    """Serves /en/... as /... with `request.state.language` set to "en"."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Strip the language prefix from the path."""
        if scope["type"] == "http":
            path: str = scope["path"]
            english = path == "/en" or path.startswith("/en/")
            state = dict(scope.get("state") or {}, language="en" if english else "sv")
            if english:
                path = path.removeprefix("/en") or "/"
            scope = {**scope, "path": path, "raw_path": path.encode(), "state": state}
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Adds the security headers to every answer; HSTS only where the service is reached by https."""

    def __init__(self, app: ASGIApp, *, https: bool, subdomains: bool = False) -> None:
        self.app = app
        headers = dict(SECURITY_HEADERS)
        if https:
            more = "; includeSubDomains" if subdomains else ""
            headers["Strict-Transport-Security"] = f"max-age=63072000{more}"
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ]
        self.private = [*self.headers, (b"cache-control", b"no-store")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer's headers; only our own files are kept by others."""
        is_ours = str(scope.get("path", "")).startswith("/static/")
        wanted = self.headers if is_ours else self.private

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name for name, _ in headers}
                headers += [item for item in wanted if item[0] not in names]
                message["headers"] = headers
            await send(message)

        if scope["type"] == "http":
            await self.app(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send)


class FailurePage:
    """Answers a fault with a page, inside the headers and the language.

    A fault of ours goes on to the server's log; one that `passes` by itself is told there in one line.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Callable[[Request, Exception], Response],
        passes: Callable[[BaseException], bool],
    ) -> None:
        self.app = app
        self.answer = answer
        self.passes = passes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; once an answer has begun nothing can be put in its place."""
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:
            if scope["type"] == "http" and not has_begun:
                await self.answer(Request(scope), error)(scope, receive, send)
                if self.passes(error):
                    return
            raise


class CrossSiteGuard:
    """Refuses unsafe requests that another site started (Fetch Metadata, else the Origin header)."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self.app = app
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to a cross-site POST; pass everything else on."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            }
            if not self._is_ours(headers):
                refusal = PlainTextResponse("Cross-site request refused", status_code=403)
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Mapping[str, str]) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is None or origin in {
            self.origin,
            f"http://{headers.get('host')}",
            f"https://{headers.get('host')}",
        }


def form_token(request: Request) -> str:
    """Return a token for the forms of this page, signed, bound to the session, and never the same twice."""
    return _serializer(request).dumps([_session_mark(request), secrets.token_hex(16)])


async def require_form_token(request: Request) -> AsyncIterator[None]:
    """Refuse an unsafe page request without a fresh token from our own form.

    Raises:
        ForbiddenRequestError: when the token is missing, forged, too old or another session's.
        UnusableTextError, TooLongTextError: when a field's text cannot be kept.
    """
    if request.method in SAFE_METHODS:
        yield
        return
    form = await request.form()
    try:
        _insist_on_form(request, form)
        yield
    finally:
        await form.close()  # also what was sent as files, whether the route asks for them or not


def _insist_on_form(request: Request, form: FormData) -> None:
    request.state.typed = [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name != FORM_TOKEN_FIELD
    ]  # should the form be refused, its page comes back with it (`api.front.home.refused`)
    insist_on_texts(
        (name, value if isinstance(value, str) else value.filename or "")
        for name, value in form.multi_items()
    )
    token = form.get(FORM_TOKEN_FIELD)
    try:
        mark, _ = _serializer(request).loads(str(token), max_age=FORM_TOKEN_LIFETIME_S)
    except BadSignature as error:
        raise ForbiddenRequestError from error
    if not secrets.compare_digest(str(mark), _session_mark(request)):
        raise ForbiddenRequestError


def _serializer(request: Request) -> URLSafeTimedSerializer:
    key: str = request.app.state.settings.signing_key
    return URLSafeTimedSerializer(key, salt="form")


def _session_mark(request: Request) -> str:
    """Tell sessions apart: a form drawn before signing out is no form of the next session."""
    return getattr(request.state, "form_mark", ANONYMOUS)
