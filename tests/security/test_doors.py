"""What comes in is counted, timed and looked through before it is parsed: every route, every field.

The routes and their fields are read from the app, so a new one is held to the same without being named.
"""

import asyncio
import json
import math
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.accounts.models import Role
from api.app import UPLOADS, _answer_service_error
from api.commands.running.listening import TimedProtocol
from api.kit.doors import GO_BY_OCTETS, LENGTHS, LONGEST_TEXT, MOST_OCTETS, Door, Room
from api.kit.throttle.service import client_of
from api.v1.acts import ACTS
from tests.factories import make_member
from tests.web import HIDDEN, Browser, browser

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TEMPLATES = Path("templates")


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One database is enough: what is refused at the door reaches none."""
    shutil.copy(sqlite_template, tmp_path / "samkrets.db")
    return f"sqlite:///{tmp_path}/samkrets.db"


@dataclass(frozen=True)
class Target:
    method: str
    pattern: str
    fields: tuple[str, ...]
    is_json: bool

    @property
    def path(self) -> str:
        return re.sub(r"{[^}]+}", UNKNOWN, self.pattern)


def _fields(dependant: Any) -> Iterator[str]:  # noqa: ANN401 - FastAPI's own type
    for param in dependant.body_params:
        names = getattr(param.field_info.annotation, "model_fields", None)
        yield from names or (param.alias,)
    for below in dependant.dependencies:
        yield from _fields(below)


def _targets(app: FastAPI) -> list[Target]:
    found = []
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        for method in sorted(set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}):
            fields = tuple(dict.fromkeys(_fields(dependant))) if dependant else ()
            path = str(route.path)
            found.append(
                Target(method, path, (*fields, "a_field_of_no_form"), path.startswith("/api/"))
            )
    return found


@pytest.fixture
def planner(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def _send(web: Browser, token: str, target: Target, field: str, text: str) -> int:
    if target.is_json:
        content = json.dumps({field: text})
        headers = {"content-type": "application/json"}
        return int(
            web.request(target.method, target.path, content=content, headers=headers).status_code
        )
    fields = {"form_token": token, field: text}
    return int(web.request(target.method, target.path, data=fields).status_code)


def _token(web: Browser) -> str:
    return str(dict(HIDDEN.findall(web.get("/logga-in").text))["form_token"])


@pytest.mark.parametrize(
    ("kind", "text", "refused"),
    [
        ("zero octet", "Exempel\0", {422}),
        ("longer than its field", "", {422}),
        ("400 kB", "x" * 400_000, {413, 422}),
    ],
)
def test_no_field_of_any_route_takes_a_text_that_cannot_be_kept(
    app: FastAPI, planner: Browser, kind: str, text: str, refused: set[int]
) -> None:
    token, faults = _token(planner), []
    targets = _targets(app)
    assert len(targets) > 60
    for target in targets:
        for field in target.fields:
            most = LENGTHS.get(field, LONGEST_TEXT)
            sent = text or "x" * min(most + 1, MOST_OCTETS - 4_000)
            if kind != "zero octet" and most > len(sent) and target.pattern in UPLOADS:
                continue
            status = _send(planner, token, target, field, sent)
            # Where the route takes files the body may be larger, and the field's own limit answers.
            if status not in refused:
                faults.append(f"{target.method} {target.pattern} {field}: {status} to a {kind}")
    assert not faults, "\n".join(faults)


def test_a_zero_octet_in_any_address_is_no_fault_of_ours(app: FastAPI, planner: Browser) -> None:
    faults = []
    for route in iter_route_contexts(app.routes):
        if "GET" not in (route.methods or ()):
            continue
        pattern = str(route.path)
        paths = [
            f"{pattern.split('{', maxsplit=1)[0]}?x=%00",
            re.sub(r"{[^}]+}", UNKNOWN, pattern) + "?q=%00",
        ]
        if "{" in pattern:
            paths.append(re.sub(r"{[^}]+}", "%00", pattern))
        for path in paths:
            status = planner.get(path).status_code
            if status not in {404, 422}:
                faults.append(f"{path}: {status}")
    assert not faults, "\n".join(faults)


def test_a_zero_octet_in_a_multipart_field_or_file_name_is_refused(planner: Browser) -> None:
    token = _token(planner)
    for field, file in (("kind", "a.csv"), ("fields", "a\0.csv")):
        answer = planner.post(
            "/rc/inlasning",
            data={"form_token": token, field: "facts\0" if field == "kind" else "x"},
            files={"file": (file, b"a;b\n", "text/csv")},
        )
        assert answer.status_code == 422, (field, answer.status_code)


@pytest.mark.parametrize(
    "body",
    [
        b'{"label":"a\\u0000b"}',
        '{"label":"a"}'.encode("utf-16"),
        b'{"label":"\\ud800"}',
        b"[" * 2_000 + b"]" * 2_000,
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b"[" * 100_000,
    ],
)
def test_a_json_body_that_no_schema_of_ours_needs_is_refused_without_a_fault(
    planner: Browser, body: bytes
) -> None:
    headers = {"content-type": "application/json"}
    answer = planner.patch(f"/api/v1/feeds/{UNKNOWN}", content=body, headers=headers)
    assert answer.status_code in {400, 404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused_before_anybody_reads_it() -> None:
    """By what it says it is, and by what comes, in chunks, though it says nothing; in both languages."""
    read = 0

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("the app saw it")

    def answer(_request: object, error: Exception) -> PlainTextResponse:
        return PlainTextResponse(str(error), status_code=getattr(error, "status", 500))

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 64_000, "more_body": True}

    async def ask(path: str, headers: list[tuple[bytes, bytes]]) -> int:
        statuses: list[int | None] = []

        async def send(message: Message) -> None:
            statuses.append(message.get("status"))

        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        door = Door(
            app, answer=answer, uploads={"/tid/{token}/kalender": 1_000_000}, client_of=client_of
        )
        await door({**scope, "query_string": b""}, receive, send)
        return statuses[0] or 0

    assert asyncio.run(ask("/x", [(b"content-length", b"300000000")])) == 413
    assert asyncio.run(ask("/x", [(b"content-length", b"9" * 5_000)])) == 413
    assert read == 0  # longer than what is let go by
    assert asyncio.run(ask("/x", [(b"content-length", b"300000")])) == 413
    gone_by = math.ceil(GO_BY_OCTETS / 64_000)  # then it is closed, whatever more would come
    assert read == gone_by
    for path, kept in (("/x", 5), ("/tid/abc/kalender", 16), ("/tid/a/b/kalender", 5)):
        read = 0
        assert asyncio.run(ask(path, [])) == 413
        assert read == kept + gone_by


def _stalled(room: Room, clients: list[str], octets: int) -> tuple[list[int], int]:
    """Let each client send all of a body but its end and wait; return what is answered, and what is held."""
    gone, statuses, held = asyncio.Event(), [], 0

    def answer(_request: object, error: Exception) -> PlainTextResponse:
        return PlainTextResponse(str(error), status_code=getattr(error, "status", 500))

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("no body came whole")

    async def ask(door: Door, client: str) -> None:
        come = 0

        async def receive() -> Message:
            nonlocal come
            if come >= octets:
                await gone.wait()
                return {"type": "http.disconnect"}
            come += 64_000
            return {"type": "http.request", "body": b"x" * 64_000, "more_body": True}

        async def send(message: Message) -> None:
            if "status" in message:
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "path": "/filer", "query_string": b""}
        await door({**scope, "headers": [], "client": (client, 1)}, receive, send)

    async def all_at_once() -> None:
        nonlocal held
        door = Door(
            app, answer=answer, uploads={"/filer": 5_500_000}, client_of=client_of, room=room
        )
        asked = [asyncio.create_task(ask(door, client)) for client in clients]
        for _ in range(len(clients) * octets // 64_000 + 100):
            await asyncio.sleep(0)
        held = sum(room.of_one.values())
        gone.set()
        await asyncio.gather(*asked)

    asyncio.run(all_at_once())
    return statuses, held


def test_a_hundred_bodies_that_stop_before_their_end_fill_no_memory() -> None:
    """Of one client, of many clients, and of one that has as many IPv6 addresses as it likes."""
    room = Room(most=20_000_000, most_of_one=8_000_000)
    near = [f"2001:db8::{number:x}" for number in range(100)]
    for clients in (["192.0.2.1"] * 100, near):
        statuses, held = _stalled(room, clients, 5_000_000)
        assert held <= room.most_of_one
        assert set(statuses) == {429}
        assert (room.large, dict(room.of_one)) == (0, {})  # all was let go of
    statuses, held = _stalled(room, [f"192.0.2.{number}" for number in range(100)], 5_000_000)
    assert held <= room.most + len(near) * MOST_OCTETS
    assert set(statuses) == {429}
    # Forms of other people are none of it: they are smaller than what counts for all together.
    assert _stalled(room, [f"198.51.100.{number}" for number in range(100)], 200_000)[0] == []
    assert (room.large, dict(room.of_one)) == (0, {})


def test_an_anonymous_large_body_is_answered_in_the_visitors_language(app: FastAPI) -> None:
    web = browser(app)
    page = web.post("/en/logga-in", data={"email": "x" * 300_000})
    assert (page.status_code, "Too large" in page.text) == (413, True)
    assert "default-src" in page.headers["content-security-policy"]
    fault = web.post("/api/v1/feeds", content=b" " * 300_000)
    assert fault.status_code == 413
    assert fault.json()["title"] == "För stort"


def test_every_form_that_sends_a_file_has_room_for_it_and_no_other_route_has() -> None:
    action = re.compile(r"action=\"\{\{ url\((.*?)\) \}\}\" enctype")
    sent = set()
    for template in TEMPLATES.rglob("*.html"):
        for told in action.findall(template.read_text(encoding="utf-8")):
            path = re.sub(r"' ~ [\w.]+ ~ '", "{}", told).strip("'")
            sent.add(path)
    # One page stands at each place of the library, and sends to where it stands.
    sent.remove("page.path")
    sent |= {"/traffar/{}/material", "/natverk/{}/material", "/bibliotek/amne/{}"}
    known = {re.sub(r"{\w+}", "{}", path) for path in UPLOADS}
    forms = {path for path in known if not path.startswith("/api/")}
    acts = {re.sub(r"{\w+}", "{}", f"/api/v1{one.path}") for one in ACTS if one.form in UPLOADS}
    assert known - forms == acts  # an act of the API takes what its form takes
    assert forms == sent | {"/planera/traffar/las-in/bekrafta"}  # it carries the plan of a file


@pytest.fixture
def impatient(app: FastAPI) -> Iterator[int]:
    """The app behind a real server that waits a moment for headers and bodies; its port."""
    door = Door(app, answer=_answer_service_error, uploads={}, client_of=client_of, body_s=0.5)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await (app if scope["type"] == "lifespan" else door)(scope, receive, send)

    class Hasty(TimedProtocol):
        headers_s = 0.5

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            asgi, log_level="error", access_log=False, http=Hasty, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(600)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("begun", "answered"),
    [
        (b"", b""),
        (b"GET / HT", b""),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", b""),
        (
            b"POST /logga-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nemai",
            b"HTTP/1.1 408",
        ),
        (
            b"POST /logga-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nemai\r\n",
            b"HTTP/1.1 408",
        ),
    ],
)
def test_half_a_request_does_not_stay_open(impatient: int, begun: bytes, answered: bytes) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=600) as line:
        line.sendall(begun)
        heard = b""
        while octets := line.recv(
            65_536
        ):  # until the server hangs up; the socket's 60 s is the bound
            heard += octets
    assert heard[: len(answered)] == answered
    assert bool(heard) is bool(answered)


def _whole_answer(line: socket.socket) -> bytes:
    """What the server says of its health; head and body may come one by one."""
    heard = b""
    while not heard.endswith(b"}") and (octets := line.recv(65_536)):
        heard += octets
    return heard


def test_a_whole_request_on_a_kept_connection_is_served_after_a_pause(impatient: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", impatient), timeout=600) as line:
        for part in (request, request[:20], request[20:]):
            line.sendall(part)
            if part != request[:20]:
                assert _whole_answer(line).startswith(b"HTTP/1.1 200")
