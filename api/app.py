"""The web application: composition root and the only importer of routes."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from api.accounts.provider import Provider
from api.accounts.session import identify
from api.accounts.web import routes as accounts
from api.audit.web import routes as audit
from api.availability.web import routes as availability
from api.circles.web import routes as circles
from api.dietary import routes as dietary
from api.feeds.serving import FeedServer
from api.feeds.web import routes as feeds
from api.front import routes as front
from api.front.gathering.came import who_came
from api.front.home import desk
from api.front.home import search as finding
from api.front.home.done import SaysWhatIsDone, said
from api.front.home.refused import STANDS_ON, KeepsWhatIsTyped, Reason, Refusal
from api.front.home.steps import steps_of
from api.front.meeting import insist_on_reason, told_of_move, told_of_series
from api.front.programme import routes as agenda
from api.invitations.web import routes as invitations
from api.jobs.web import routes as jobs
from api.kit.apology import is_away
from api.kit.db import reason
from api.kit.doors import Door
from api.kit.errors import (
    FieldFault,
    FormError,
    ServiceError,
    SignInNeededError,
    StaleError,
    TooLongTextError,
    TooManyRequestsError,
)
from api.kit.guard import (
    CrossSiteGuard,
    FailurePage,
    LanguagePrefix,
    SecurityHeaders,
    require_form_token,
)
from api.kit.i18n import Speaker
from api.kit.once.service import RepeatedError
from api.kit.pages import (
    STATIC,
    ErrorPage,
    StalePage,
    differences,
    lead_to,
    render,
    speaker_of,
)
from api.kit.settings import Settings
from api.kit.throttle.service import (
    ForwardedWatch,
    MissGuard,
    Throttle,
    Unbelieved,
    client_of,
)
from api.library import routes as library
from api.library.view import shelf_of_rc
from api.networks import routes as networks
from api.networks.service import circles_of_rc
from api.operations import routes as operations
from api.operations.metrics import Metrics, RequestLog, route_of
from api.outbox import routes as outbox
from api.programme import routes as programme
from api.proposals import routes as proposals
from api.questions.web import routes as questions
from api.registry.reference import county_names
from api.registry.service import register_for_contacts
from api.registry.web import routes as registry
from api.standing.web import routes as standing
from api.start import routes as start
from api.start.navigation import menu_over, page_paths
from api.surveys.web import routes as surveys
from api.travel.web import routes as travel
from api.v1 import routes as v1
from api.v1.acting import acts_over, files_over, views_over
from api.v1.acts import ACTS
from api.v1.describing import PROBLEM, describe
from api.v1.resources import RESOURCES
from api.v1.showing import show
from api.v1.versions import Tags
from api.v1.views import VIEWS
from api.wiring import connect

log = logging.getLogger("samkrets")

RETRY_AFTER_S = 30  # when the database is away: a restart takes seconds
# The routes that take more than a form's octets: a file, or the plan that a read file became.
UPLOADS: dict[str, int] = {
    "/tid/{token}/kalender": 2_200_000,
    "/planera/traffar/las-in": 1_200_000,
    "/planera/traffar/las-in/bekrafta": 2_000_000,
    "/planera/skollov": 400_000,
    "/planera/program/innehall/{meeting_id}/klistra": 5_500_000,
    "/planera/program/innehall/{meeting_id}/schema": 5_500_000,
    "/natverk/{network_id}/ny-tid/forslag": 2_200_000,
    "/planera/restider/las-in": 400_000,
    "/organisationer/las-in": 5_500_000,
    "/rc/inlasning": 5_500_000,
    "/traffar/{meeting_id}/material": 8_100_000,
    "/natverk/{network_id}/material": 8_100_000,
    "/bibliotek/amne/{theme_id}": 8_100_000,
    "/bibliotek/{material_id}/ny-version": 8_100_000,
}


# The same for the acts of the API that stand for them: a file is a third longer in base64.
UPLOADS |= {
    f"/api/v1{act.path}": UPLOADS[act.form] * 4 // 3 + 10_000 for act in ACTS if act.form in UPLOADS
}


def create_app(settings: Settings) -> FastAPI:
    """Put the whole service together over one database."""
    database = connect(settings.database, settings.base_url, settings.hold_minutes)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        title="Samkrets",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # its address would be made of the Host header
        dependencies=[Depends(identify)],
    )
    describe(app)
    app.state.settings = settings
    app.state.database = database
    app.state.throttle = Throttle(database, settings.signing_key)
    app.state.providers = _providers(settings)
    app.state.metrics = Metrics()
    app.state.unbelieved = Unbelieved()
    app.router.routes.extend(_routes())
    app.state.page_patterns = frozenset(
        route.path for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())
    )
    app.state.page_paths = frozenset(page_paths(app.routes))
    app.state.steps = steps_of
    app.state.said = said
    app.state.counties = county_names
    app.state.who_came = who_came
    app.state.told_of_move = told_of_move
    app.state.insist_on_reason = insist_on_reason
    app.state.told_of_series = told_of_series
    app.state.register = register_for_contacts
    app.state.shelf = shelf_of_rc
    app.state.circles_of_rc = circles_of_rc
    app.state.navigation = menu_over(app.state.page_paths)
    # Plain routes: who asks is not looked up, so that they answer whatever the database does.
    for path, look in operations.PROBES.items():
        app.add_route(path, look, methods=["GET"], include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(ServiceError, _answer_service_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_middleware(KeepsWhatIsTyped)
    app.add_middleware(Tags)
    app.add_middleware(MissGuard, throttle=app.state.throttle)
    app.add_middleware(FeedServer)  # 256 random bits need no guard against guessing
    app.add_middleware(SaysWhatIsDone)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    app.add_middleware(Door, answer=_answer_service_error, uploads=UPLOADS, client_of=client_of)
    app.add_middleware(CrossSiteGuard, origin=settings.base_url)
    app.add_middleware(FailurePage, answer=_answer_failure, passes=is_away)
    app.add_middleware(LanguagePrefix)
    app.add_middleware(ForwardedWatch, found=app.state.unbelieved)
    app.add_middleware(
        SecurityHeaders, https=settings.is_https, subdomains=settings.hsts_subdomains
    )
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return every feature's routes, each with who asks; read once a process, since it takes longest."""
    house = FastAPI(openapi_url=None, dependencies=[Depends(identify)])
    house.router.routes.clear()
    for router in _page_routers():
        house.include_router(
            router,
            include_in_schema=False,
            dependencies=[Depends(require_form_token), Depends(outbox.note_receipt)],
        )
    for router in (_acts(), *_api_routers()):
        house.include_router(router, prefix="/api/v1")
    return tuple(house.router.routes)


def _acts() -> APIRouter:
    """Return the API's acts and files: the pages' routes once more, without the token that shows a form is ours."""
    forms = FastAPI(openapi_url=None, dependencies=[Depends(identify)])
    forms.router.routes.clear()
    for router in _page_routers():
        forms.include_router(router)
    router = APIRouter()
    router.include_router(acts_over(forms.router, forms.router.routes, RESOURCES))
    router.include_router(files_over(forms.router, forms.router.routes, RESOURCES))
    router.include_router(views_over(forms.router, forms.router.routes, RESOURCES, VIEWS, show))
    return router


def _providers(settings: Settings) -> dict[str, Provider]:
    """Return the organisations' own ways to sign in, by their ids.

    Raises:
        RuntimeError: when some are set but their packages are not installed.
    """
    if not settings.providers:
        return {}
    try:
        from api.accounts.oidc import OpenIdProvider  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise RuntimeError(
            "SAMKRETS_OIDC_ISSUER or SAMKRETS_OIDC_PROVIDERS is set, but authlib is not installed: "
            "pip install 'samkrets[oidc]'"
        ) from error
    return {one.id: OpenIdProvider(one, settings.base_url) for one in settings.providers}


def _page_routers() -> list[APIRouter]:
    """Return the routers of pages and feeds, one line a feature."""
    return [
        start.pages,
        desk.pages,
        finding.pages,
        operations.pages,
        registry.pages,
        accounts.pages,
        audit.pages,
        front.pages,
        proposals.pages,
        availability.pages,
        circles.pages,
        standing.pages,
        jobs.pages,
        feeds.pages,
        surveys.pages,
        invitations.pages,
        questions.pages,
        dietary.pages,
        library.pages,
        travel.pages,
        outbox.pages,
    ]


def _api_routers() -> list[APIRouter]:
    """Return the routers under /api/v1, one line a feature."""
    return [
        feeds.api,
        registry.api,
        networks.api,
        programme.api,
        agenda.api,
        proposals.api,
        v1.api,
    ]


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or hasattr(request.state, "tell")


def problem(status: int, title: str, detail: str, **more: object) -> JSONResponse:
    """Return an RFC 9457 problem document."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(document, status_code=status, media_type=PROBLEM)


def _answer_service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)  # noqa: S101 - registered for this type
    say = speaker_of(request)
    title, message = say.text(error.title), say.text(error.message, **error.values)
    if _wants_json(request):
        return _in_time(error, _problem_of(request, error, title, message))
    if isinstance(error, SignInNeededError) and request.method == "GET":
        return lead_to(request, f"/logga-in?{urlencode({'next': request.url.path})}")
    if isinstance(error, RepeatedError):
        return lead_to(request, _again(request))
    if isinstance(error, StaleError):
        stale = StalePage(title, message, differences(error.yours, error.theirs), _again(request))
        return render(request, "stale.html", stale, status=error.status)
    return _in_time(error, _refuse(request, error.status, title, _reasons(error, message, say)))


def _refuse(request: Request, status: int, title: str, reasons: tuple[Reason, ...]) -> Response:
    """Answer with a page that says why not; a form that was sent from a page comes back there, as it was typed."""
    again = _way_on(request, status)
    if again:
        mark = speaker_of(request).text("Fel:")
        request.state.refused = Refusal(title, reasons, again, mark)
    message = " ".join(one.text for one in reasons)
    return render(request, "error.html", ErrorPage(status, title, message, again), status=status)


def _reasons(error: ServiceError, message: str, say: Speaker) -> tuple[Reason, ...]:
    """Return why it was refused: each fault of a form with its field, else the error's own words."""
    if isinstance(error, FormError):
        return tuple(Reason(one.field, say.text(one.message, **one.values)) for one in error.faults)
    place = error.field if isinstance(error, FieldFault | TooLongTextError) else ""
    return (Reason(place, message),)


def _problem_of(request: Request, error: ServiceError, title: str, message: str) -> JSONResponse:
    status, more, say = error.status, dict[str, object](), speaker_of(request)
    if isinstance(error, StaleError):
        more = {"yours": error.yours, "theirs": error.theirs}
        if "if-match" in request.headers:
            status = HTTPStatus.PRECONDITION_FAILED
    if isinstance(error, FieldFault | FormError):
        faults = (error,) if isinstance(error, FieldFault) else error.faults
        more["errors"] = [
            {"where": one.field, "expected": say.text(one.message, **one.values)} for one in faults
        ]
    return problem(status, title, message, **more)


def _in_time(error: ServiceError, answer: Response) -> Response:
    if isinstance(error, TooManyRequestsError):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _way_on(request: Request, status: int) -> str:
    """Return where a form that was refused stands, or the page above one that cannot be shown now."""
    if status == HTTPStatus.NOT_FOUND:
        return ""
    elsewhere = STANDS_ON.get(route_of(request.scope), "") if request.method == "POST" else ""
    return elsewhere.format(**request.path_params) or _again(request)


def _again(request: Request) -> str:
    """Return the nearest page above a form's address: where its object is seen as it is saved now."""
    pattern, path = route_of(request.scope), request.url.path
    if request.method == "GET":
        pattern, path = pattern.rpartition("/")[0], path.rpartition("/")[0]
    while pattern not in request.app.state.page_patterns and path.count("/") > 1:
        pattern, path = pattern.rpartition("/")[0], path.rpartition("/")[0]
    return path if pattern in request.app.state.page_patterns else "/"


def _answer_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND and request.method == "GET" and path[-1:] == "/":
        known = f"/{path.strip('/')}"  # one slash in front: two would name another host
        if known in request.app.state.page_patterns:
            return lead_to(request, known, 308)
    title = HTTPStatus(error.status_code).phrase
    if _wants_json(request):
        answer: Response = problem(error.status_code, title, str(error.detail))
    else:
        say = speaker_of(request)
        missing = error.status_code == HTTPStatus.NOT_FOUND
        heading = say.text("Sidan finns inte") if missing else say.text("Det gick inte")
        message = say.text("Kontrollera adressen, eller gå till startsidan.")
        page = ErrorPage(error.status_code, heading, message)
        if not hasattr(request.state, "viewer"):  # no route, so nobody has asked who it is
            identify(request)
        answer = render(request, "error.html", page, status=error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    faults = [
        {"where": "/".join(map(str, fault["loc"])), "expected": fault["msg"]}
        for fault in error.errors()
    ]
    if _wants_json(request):
        return problem(422, "Invalid request", "Some values cannot be used.", errors=faults)
    say = speaker_of(request)
    message = say.text("Något i formuläret kunde inte läsas. Kontrollera fälten.")
    return _refuse(request, 422, say.text("Kontrollera formuläret"), (Reason("", message),))


def _answer_failure(request: Request, error: Exception) -> Response:
    if is_away(error):
        return _answer_away(request, error)
    log.error("Unhandled error on %s", route_of(request.scope), exc_info=error)
    if _wants_json(request):
        return problem(
            500, "Internal error", "Something went wrong on our side; nothing was saved."
        )
    say = speaker_of(request)
    message = say.text("Felet är vårt och inget har sparats. Försök igen om en stund.")
    page = ErrorPage(500, say.text("Något gick fel"), message, _way_on(request, 500))
    return render(request, "error.html", page, status=500)


def _answer_away(request: Request, error: Exception) -> Response:
    """Say that the database does not answer now; whoever asks again in a while will be served."""
    log.error("the database does not answer on %s: %s", route_of(request.scope), reason(error))
    say = speaker_of(request)
    message = say.text(
        "Databasen svarar inte just nu och inget har sparats. Försök igen om en stund."
    )
    if _wants_json(request):
        answer: Response = problem(503, "Service unavailable", message)
    else:
        page = ErrorPage(503, say.text("Tjänsten svarar inte just nu"), message)
        answer = render(request, "error.html", page, status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
