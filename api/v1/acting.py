"""An act of the API is a form of the pages, sent as JSON and answered in data: one function, one policy.

The form's own route runs, with the same dependencies but for the form's token, which proves that a
form is ours: a JSON body proves as much, since no other site's page can send one (`CrossSiteGuard`).
What the page would show is answered as what happened (`ActOut`), or as a problem (RFC 9457).
"""

import base64
import binascii
import hashlib
import inspect
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as fields_of
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from fastapi import APIRouter, Header, Request, Response, UploadFile
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, create_model
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Scope

from api.accounts.policy import Viewer
from api.accounts.session import SignedInViewer
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import FieldFault
from api.kit.guard import FORM_TOKEN_FIELD
from api.kit.i18n import Speaker
from api.kit.once.service import LONGEST_KEY, answered, keep_answer
from api.kit.pages import Tell, shows
from api.v1.acts import ACTS, FILES, Act
from api.v1.describing import FIELD, PROBLEM

MOST_DEPTH = 6  # of a page's dataclasses, where faults are looked for

Scalar = str | int | float | bool | None


class FileIn(BaseModel):
    """A file, where a form takes one."""

    filename: Annotated[str, Field(max_length=200, examples=["kontakter.csv"])]
    base64: Annotated[str, Field(description="The file's octets, base64 (RFC 4648).")]


class FormIn(BaseModel):
    """The fields of a form; one that is ticked is `true`, one that is left out is not sent."""

    __pydantic_extra__: dict[str, Scalar | list[Scalar] | FileIn | list[FileIn]] = Field(init=False)
    model_config = ConfigDict(extra="allow")


class ActOut(BaseModel):
    """What an act came to."""

    outcome: Annotated[
        Literal["done", "shown"],
        Field(description="`shown`: only looked at, nothing was kept (a form without its `do`)."),
    ]
    page: Annotated[str, Field(description="Where people see it.", examples=["/tidsval/6ae9e273"])]
    resource: Annotated[
        str | None,
        Field(
            description="The same in this API, where it has one.",
            examples=["/api/v1/polls/6ae9e273"],
        ),
    ]
    act: Annotated[
        str | None,
        Field(
            description="Undo it with POST /acts/{act}/undo while its mails wait; null: no mail."
        ),
    ]


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="The `ETag` you saw; stands for the field `version`. 412 when it is older.",
        examples=['"3-1f0cda0a"'],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=LONGEST_KEY,
        description="The same key with the same body acts once: later requests get the first answer.",
        examples=["9b2d7d0e"],
    ),
]


class Ways:
    """Finds the resource that a page shows."""

    def __init__(self, resources: Mapping[str, str]) -> None:
        self._ways = [
            (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", page)), path)
            for page, path in resources.items()
        ]

    def resource(self, page: str) -> str | None:
        """Return the API's path of what a page shows, or None."""
        for pattern, path in self._ways:
            found = pattern.fullmatch(page)
            if found:
                return "/api/v1" + path.format(**found.groupdict())
        return None


def acts_over(
    forms: ASGIApp, routes: Sequence[BaseRoute], resources: Mapping[str, str]
) -> APIRouter:
    """Return the routes of all acts.

    forms: serves the pages' forms without their token. routes: of those forms. resources: the path
    of a page -> the path of the same thing in the API.
    """
    router = APIRouter()
    known = {
        route.path: route
        for route in iter_route_contexts(routes)
        if "POST" in (route.methods or ())
    }
    ways = Ways(resources)
    for act in ACTS:
        route = known[act.form]
        router.add_api_route(
            act.path,
            _endpoint(act, forms, ways),
            methods=["POST"],
            tags=[act.tag],
            summary=act.summary,
            description=(route.endpoint.__doc__ or "").split("\n")[0],
            operation_id=_name(act.path),
            response_model=ActOut,
            openapi_extra={"requestBody": _described(act, route.dependant)},
        )
    return router


def files_over(
    pages: ASGIApp, routes: Sequence[BaseRoute], resources: Mapping[str, str]
) -> APIRouter:
    """Return the routes of what the pages give as files: the same octets."""
    router = APIRouter()
    ways = Ways({**resources, **{page: path for page, path, _ in FILES}})
    known = {
        route.path: route for route in iter_route_contexts(routes) if "GET" in (route.methods or ())
    }
    for page, path, summary in FILES:
        router.add_api_route(
            path,
            _file(page, known[page].dependant, pages, ways),
            methods=["GET"],
            tags=[path.split("/")[1].split(".")[0]],
            summary=summary,
            operation_id="file_" + re.sub(r"\W+", "_", path).strip("_"),
            openapi_extra={"parameters": _queries(known[page].dependant)},
            response_class=Response,
            responses={
                200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
            },
        )
    return router


def _queries(dependant: Dependant) -> list[dict[str, Any]]:
    """Return what a file's address may ask for, as OpenAPI says it; the page's route reads it."""
    return [
        {"name": one.alias, "in": "query", "required": False, "schema": {"type": "string"}}
        for one in dependant.query_params
    ]


def views_over(
    pages: ASGIApp,
    routes: Sequence[BaseRoute],
    resources: Mapping[str, str],
    views: Sequence[tuple[str, str, str]],
    show: Tell,
) -> APIRouter:
    """Return the routes of what the pages say, as data: the page's own route answers.

    show: answers in data where a page would be rendered.
    """
    router = APIRouter()
    ways = Ways({**resources, **{page: path for page, path, _ in views}})
    known = {
        route.path: route for route in iter_route_contexts(routes) if "GET" in (route.methods or ())
    }
    for page, path, summary in views:
        endpoint = _file(page, known[page].dependant, pages, ways, show)
        shows(vars(known[page].endpoint)["shows"])(endpoint)
        router.add_api_route(
            path,
            endpoint,
            methods=["GET"],
            tags=[path.split("/")[1]],
            summary=summary,
            description=(known[page].endpoint.__doc__ or "").split("\n")[0],
            operation_id="view_" + re.sub(r"\W+", "_", path).strip("_"),
            openapi_extra={"parameters": _queries(known[page].dependant)},
            response_model=dict[str, JsonValue],
        )
    return router


def _file(
    page: str, dependant: Dependant, pages: ASGIApp, ways: Ways, show: Tell | None = None
) -> Callable[..., Any]:
    async def endpoint(*, request: Request, viewer: Viewer, **parts: str) -> Response:
        where = page.format(**{name: quote(parts[name], safe="") for name in names})
        scope = _scope(request, viewer, where, b"", "")
        if show is not None:
            scope["state"]["tell"] = show
        answer = await _asked(pages, {**scope, "query_string": request.scope["query_string"]}, b"")
        if "location" in answer.headers:
            led = _page_of(answer.headers["location"])
            answer.headers["location"] = ways.resource(led) or led
        return answer.response("content-disposition", "etag", "last-modified", "location")

    names = re.findall(r"\{(\w+)\}", page)
    part = inspect.Parameter
    declared = {field.alias: field.field_info.annotation for field in dependant.path_params}
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # what FastAPI reads
        [
            part("request", part.KEYWORD_ONLY, annotation=Request),
            part("viewer", part.KEYWORD_ONLY, annotation=SignedInViewer),
            *(part(name, part.KEYWORD_ONLY, annotation=declared.get(name, str)) for name in names),
        ]
    )
    return endpoint


def _name(path: str) -> str:
    """Return an operation's name, such as polls_times_add."""
    words = re.sub(r"\{\w+\}", "", path).replace("-", "_")
    return "_".join(part for part in words.split("/") if part)


def _endpoint(act: Act, forms: ASGIApp, ways: Ways) -> Callable[..., Any]:
    """Return the function of one act, with the signature that describes it."""
    names = re.findall(r"\{(\w+)\}", act.path)

    async def endpoint(
        *,
        request: Request,
        viewer: Viewer,
        if_match: str | None,
        idempotency_key: str | None,
        **parts: str,
    ) -> Response:
        octets = await request.body()
        if octets and "application/json" not in request.headers.get("content-type", ""):
            return problem_of(422, "Invalid request", "Send JSON: Content-Type: application/json.")
        try:
            sent = FormIn.model_validate_json(octets or b"{}").model_dump(mode="json")
        except ValidationError as error:
            return problem_of(422, "Invalid request", "Some values cannot be used.", _where(error))
        if if_match is not None and "version" not in sent:
            sent["version"] = _version(if_match)
        where = act.form.format(**{name: quote(part, safe="") for name, part in parts.items()})
        key = _KeyedAnswer(request, viewer, idempotency_key, sent)
        answer = await run_in_threadpool(key.kept)
        if answer is None:
            answer = await _send(forms, request, viewer, where, sent, key.token, ways)
            await run_in_threadpool(key.keep, answer)
        return answer

    part = inspect.Parameter
    endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # what FastAPI reads
        [
            part("request", part.KEYWORD_ONLY, annotation=Request),
            part("viewer", part.KEYWORD_ONLY, annotation=SignedInViewer),
            *(part(name, part.KEYWORD_ONLY, annotation=str) for name in names),
            part("if_match", part.KEYWORD_ONLY, annotation=IfMatch, default=None),
            part("idempotency_key", part.KEYWORD_ONLY, annotation=IdempotencyKey, default=None),
        ]
    )
    return endpoint


def _where(error: ValidationError) -> Iterator[tuple[str, str]]:
    for fault in error.errors():
        yield "/".join(map(str, ("body", *fault["loc"]))), fault["msg"]


def _fields(dependant: Dependant) -> Iterator[tuple[str, Any, bool]]:
    """Yield the fields that a form's route declares: name, type, whether it must be there."""
    for sent in dependant.body_params:
        yield sent.alias, sent.field_info.annotation, sent.field_info.is_required()
    for one in dependant.dependencies:
        yield from _fields(one)


def _is_file(annotation: Any) -> bool:  # noqa: ANN401 - any type that a route declares
    return "UploadFile" in str(annotation) or annotation is UploadFile


def _described(act: Act, dependant: Dependant) -> dict[str, Any]:
    """Return an act's body as OpenAPI says it: the declared fields by their types, then those read by name.

    It only describes: the form itself reads what is sent, after it has asked who may.
    """
    made: dict[str, Any] = {}
    for name, annotation, must in _fields(dependant):
        if _is_file(annotation):
            made[name] = (FileIn | None, None)
        elif name == "version":
            made[name] = (
                Annotated[int | None, Field(ge=1, le=2**31 - 1, description="The one you saw.")],
                None,
            )
        else:
            made[name] = (annotation, ...) if must else (annotation | None, None)
    for name in act.takes:
        made.setdefault(name, (Scalar | list[Scalar], None))
    model = create_model(f"{_name(act.path)}_in", __base__=FormIn, **made)
    schema = model.model_json_schema() | {"additionalProperties": {"$ref": FIELD}}
    whole = _inlined(schema, schema.pop("$defs", {}))
    return {
        "required": bool(whole.get("required")),
        "content": {"application/json": {"schema": whole}},
    }


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a JSON Schema
    """Return a schema with what it refers to put in its place."""
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref", FIELD) != FIELD:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(one, definitions) for name, one in schema.items()}


def _version(if_match: str) -> str:
    """Return the version in an ETag; what is none of ours is told by the form."""
    return if_match.strip().removeprefix("W/").strip('"').split("-")[0]


class _KeyedAnswer:
    """The answer that is kept under an idempotency key, and the form token that stands for the key."""

    def __init__(
        self, request: Request, viewer: Viewer, key: str | None, sent: Mapping[str, object]
    ) -> None:
        self._database: Database = request.app.state.database
        self._key = None if key is None else _hash(request.url.path, viewer.person_id, key)
        self._body = _hash(json.dumps(sent, sort_keys=True))
        self.token = secrets.token_urlsafe(16) if self._key is None else self._key

    def kept(self) -> Response | None:
        """Return the first answer to this key, or None; 422 when it came with another body."""
        if self._key is None:
            return None
        with self._database.reading() as session:
            found = answered(session, self._key)
            if found is None:
                return None
            if found.body != self._body:
                detail = "The key came before with another body."
                return problem_of(422, "Idempotency-Key used before", detail)
            headers = {"Idempotent-Replayed": "true"}
            return Response(
                found.answer, found.status, media_type="application/json", headers=headers
            )

    def keep(self, answer: Response) -> None:
        """Keep an answer of something done; a refusal may be tried again."""
        if self._key is not None and answer.status_code < 300:
            with self._database.transaction() as session:
                text = bytes(answer.body).decode()
                keep_answer(session, self._key, self._body, answer.status_code, text, now())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def problem_of(
    status: int, title: str, detail: str, errors: Iterable[tuple[str, str]] = ()
) -> Response:
    """Return an RFC 9457 problem document."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
    }
    found = [{"where": where, "expected": expected} for where, expected in errors]
    if found:
        document["errors"] = found
    return Told(json.dumps(document, ensure_ascii=False), status, media_type=PROBLEM)


class Told(HTMLResponse):
    """What a page's route answers where it is asked for data."""

    media_type = "application/json"


def tell(page: object, status: int, say: Speaker) -> Response:
    """Answer in data where a page would be rendered: its faults, or that it was only shown."""
    if status < 400:
        return Told(json.dumps({"outcome": "shown"}), 200)
    faults = dict.fromkeys(
        (fault.field, say.text(fault.message, **fault.values)) for fault in _faults(page)
    )
    title = say.text("Kontrollera formuläret")
    detail = say.text("Rätta det som är markerat och skicka igen.")
    return problem_of(status, title, detail, faults)


def _faults(page: object, depth: int = 0) -> Iterator[FieldFault]:
    if isinstance(page, FieldFault):
        yield page
    elif depth < MOST_DEPTH and isinstance(page, tuple | list):
        for one in page:
            yield from _faults(one, depth + 1)
    elif depth < MOST_DEPTH and isinstance(page, Mapping):
        for one in page.values():
            yield from _faults(one, depth + 1)
    elif depth < MOST_DEPTH and is_dataclass(page):
        for one in fields_of(page):
            yield from _faults(getattr(page, one.name), depth + 1)


# What the request's own way through the application has left in its scope.
_LEFT: Final = frozenset({"path_params", "endpoint", "route", "router", "fastapi"})


async def _send(
    forms: ASGIApp,
    request: Request,
    viewer: Viewer,
    where: str,
    sent: Mapping[str, Any],
    token: str,
    ways: Ways,
) -> Response:
    """Send a form and return what came of it."""
    try:
        octets, kind = _encoded(sent, token)
    except (binascii.Error, ValueError):
        return problem_of(422, "Invalid request", "A file's `base64` cannot be read.")
    scope = _scope(request, viewer, where, octets, kind)
    answer = await _asked(forms, scope, octets)
    if 300 <= answer.status < 400:
        return _led_on(answer.headers.get("location", "/"), ways)
    if answer.status < 300:
        shown = ActOut(outcome="shown", page=where, resource=ways.resource(where), act=None)
        return Response(shown.model_dump_json(), media_type="application/json")
    return answer.response("retry-after")


@dataclass(slots=True)
class _Answer:
    """What a page's route has answered."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    def response(self, *kept: str) -> Response:
        """Return it with some of its headers."""
        headers = {name: self.headers[name] for name in kept if name in self.headers}
        kind = self.headers.get("content-type")
        return Response(bytes(self.body), self.status, media_type=kind, headers=headers)


async def _asked(app: ASGIApp, scope: Scope, octets: bytes) -> _Answer:
    """Ask a page's route inside this process."""
    answer = _Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": octets, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers.update(
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in message["headers"]
            )
        elif message["type"] == "http.response.body":
            answer.body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return answer


def _scope(request: Request, viewer: Viewer, where: str, octets: bytes, kind: str) -> Scope:
    scope = {name: value for name, value in request.scope.items() if name not in _LEFT}
    dropped = {b"content-type", b"content-length", b"authorization"}
    headers = [item for item in request.scope["headers"] if item[0] not in dropped]
    headers += [(b"content-type", kind.encode()), (b"content-length", str(len(octets)).encode())]
    state = dict(request.scope.get("state") or {}, known=viewer, tell=tell)
    return scope | {
        "path": where,
        "raw_path": where.encode(),
        "query_string": b"",
        "headers": headers,
        "state": state,
    }


def _led_on(location: str, ways: Ways) -> Response:
    """Answer that something is done, with where the page led to."""
    page = _page_of(location)
    receipt = parse_qs(urlsplit(location).query).get("kvitto", [None])[0]
    done = ActOut(outcome="done", page=page, resource=ways.resource(page), act=receipt)
    return Response(done.model_dump_json(), media_type="application/json")


def _page_of(location: str) -> str:
    """Return a page's path without its language and query."""
    path = urlsplit(location).path
    return "/" if path == "/en" else f"/{path[4:]}" if path.startswith("/en/") else path


def _encoded(sent: Mapping[str, Any], token: str) -> tuple[bytes, str]:
    """Return a form's octets and their kind: multipart where there is a file."""
    pairs = [(FORM_TOKEN_FIELD, token)]
    files: list[tuple[str, str, bytes]] = []
    for name, value in sent.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                files.append(
                    (name, one["filename"], base64.b64decode(one["base64"], validate=True))
                )
            elif one is not None and one is not False:
                pairs.append((name, "on" if one is True else str(one)))
    if not files:
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    return _multipart(pairs, files)


def _multipart(
    pairs: Iterable[tuple[str, str]], files: Iterable[tuple[str, str, bytes]]
) -> tuple[bytes, str]:
    """Return a form with files (RFC 7578)."""
    mark = secrets.token_hex(16)
    parts = [(f'name="{_quoted(name)}"', "", text.encode()) for name, text in pairs]
    parts += [
        (
            f'name="{_quoted(name)}"; filename="{_quoted(filename)}"',
            "Content-Type: application/octet-stream\r\n",
            octets,
        )
        for name, filename, octets in files
    ]
    body = b"".join(
        f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n{kind}\r\n".encode()
        + octets
        + b"\r\n"
        for head, kind, octets in parts
    )
    return body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def _quoted(name: str) -> str:
    """Return a name inside quotes, as browsers write it (HTML, multipart/form-data encoding)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
