"""The demonstration as a running site for a real browser: made once, served on a free port."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from api.accounts.models import Role
from api.accounts.service import open_session
from api.app import create_app
from api.kit.clock import now
from api.kit.settings import Settings
from api.start.service import demo_people
from tests.needs import RUN_FOLDER, need
from tests.serving import free_port, running

CHROMIUM = Path(os.environ.get("SAMKRETS_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# A bound for a page that never comes, not a figure: a busy machine may need long for one.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)
ROLES: tuple[Role | None, ...] = (None, Role.PLANNER, Role.RC_MEMBER, Role.GUEST)
# Files, machine addresses and one-time links are no pages to look at.
NO_PAGE = re.compile(
    r"\.[a-z{}_]+$|^/(static|feeds|api|healthz|readyz|metrics|demo)"
    r"|^/bibliotek/{material_id}(/version/{number})?$"  # a file, to be saved
)


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    language: str
    width: int
    scheme: str

    def path(self, path: str) -> str:
        return path if self.language == "sv" else f"/en{path}"

    def __str__(self) -> str:
        return f"{self.language}-{self.width}-{self.scheme}"


QUICK = (Look("sv", 1280, "light"), Look("en", 360, "dark"))
ALL = tuple(
    Look(language, width, scheme)
    for language in ("sv", "en")
    for width in (1280, 360)
    for scheme in ("light", "dark")
)


@dataclass
class Site:
    """A running server over the demonstration's database."""

    app: FastAPI
    url: str
    browser: Browser
    _places: dict[Role | None, list[str]] = field(default_factory=dict)

    def context(
        self, role: Role | None, look: Look, *, script: bool = True, touch: bool = False
    ) -> BrowserContext:
        """Open a browser of its own, signed in as the demonstration's person of a role."""
        context = self.empty_context(look, script=script, touch=touch)
        if role is not None:
            self._sign_in(context, self._session(role))
        return context

    def context_of(self, person_id: str, look: Look, *, script: bool = True) -> BrowserContext:
        """Open a browser of its own, signed in as somebody."""
        context = self.empty_context(look, script=script)
        with self.app.state.database.transaction() as session:
            self._sign_in(context, open_session(session, person_id, "e2e", now()))
        return context

    def empty_context(
        self, look: Look, *, script: bool = True, touch: bool = False
    ) -> BrowserContext:
        """Open a browser of its own, signed in as nobody."""
        context = self.browser.new_context(
            viewport={"width": look.width, "height": 800},
            color_scheme="dark" if look.scheme == "dark" else "light",
            locale="sv-SE" if look.language == "sv" else "en-GB",
            java_script_enabled=script,
            has_touch=touch,
        )
        context.set_default_timeout(PATIENCE_MS)
        return context

    def _sign_in(self, context: BrowserContext, token: str) -> None:
        cookie = {"name": "samkrets", "value": token, "url": self.url}
        context.add_cookies([cookie])  # type: ignore[list-item] # a cookie's three fields

    def _session(self, role: Role) -> str:
        with self.app.state.database.transaction() as session:
            person = next(each for each in demo_people(session) if each.role == role)
            return open_session(session, person.person_id, "e2e", now())

    def places(self, role: Role | None) -> list[str]:
        """Follow the links from the first page and return one address for each kind of page."""
        if role not in self._places:
            context = self.context(role, QUICK[0])
            for _ in self.walk(role, context.new_page()):
                continue
            context.close()
        return self._places[role]

    def walk(self, role: Role | None, page: Page) -> Iterator[str]:
        """Follow the links from the first page and stop at one address of each kind of page."""
        patterns = _patterns(self.app)
        found: dict[str, str] = {}
        waiting = ["/"] if role else ["/", "/logga-in", "/logga-in/skickat"]
        while waiting:
            path = waiting.pop(0)
            bare = path.partition("?")[0]
            pattern = next((p for p, regex in patterns.items() if regex.fullmatch(bare)), None)
            if pattern is None or pattern in found:
                continue
            answer = page.goto(self.url + path)
            assert answer is not None, path
            assert answer.status == 200, f"{path} as {role}: {answer.status}"
            found[pattern] = path
            waiting += _links(page, self.url)
            yield path
        self._places[role] = sorted(found.values())


def _patterns(app: FastAPI) -> dict[str, re.Pattern[str]]:
    paths = {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if "GET" in (route.methods or ()) and not NO_PAGE.search(str(route.path))
    }
    fixed_first = sorted(paths, key=lambda path: (path.count("{"), path))
    return {path: re.compile(re.sub(r"{[^}]+}", "[^/]+", path)) for path in fixed_first}


def _links(page: Page, url: str) -> list[str]:
    links: list[str] = page.evaluate(
        "[...document.querySelectorAll('a[href]')].map(a => new URL(a.getAttribute('href'), location).href)"
    )
    ours = [link.removeprefix(url).split("#")[0] for link in links if link.startswith(url)]
    return [path or "/" for path in ours if not path.startswith("/en")]


def make_demo(folder: Path) -> str:
    """Return the URL of a copy of the demonstration's database."""
    shutil.copy(str(made_demo()["database"]).removeprefix("sqlite:///"), folder / "demo.db")
    return f"sqlite:///{folder}/demo.db"


def made_demo() -> dict[str, object]:
    """Return what the demonstration's command prints as JSON; it is made once for all processes of a test run."""
    document: dict[str, object] = json.loads(_told_of_demo()["stdout"])
    return document


def steps_of_demo() -> list[str]:
    """Return the lines that the demonstration's command prints meanwhile."""
    return _told_of_demo()["stderr"].splitlines()


def _told_of_demo() -> dict[str, str]:
    folder = Path(os.environ[RUN_FOLDER])
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes second waits for the first one's
        told = folder / "demo.json"
        if not told.exists():
            told.write_text(json.dumps(_make_demo(folder / "demo")), encoding="utf-8")
        document: dict[str, str] = json.loads(told.read_text(encoding="utf-8"))
    return document


def _make_demo(folder: Path) -> dict[str, str]:
    command = [sys.executable, "-m", "api", "demo", "--once", "--json", "--data", str(folder)]
    made = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert made.returncode == 0, made.stderr
    return {"stdout": made.stdout, "stderr": made.stderr}


@contextmanager
def serving(database: str, *, is_demo: bool = True) -> Iterator[Site]:
    """Serve a database to a headless Chromium until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app = create_app(Settings(database=database, base_url=url, is_demo=is_demo))
    with running(app, port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE_MS
        )
        yield Site(app, url, browser)
        browser.close()


def insist_on_chromium() -> None:
    """Skip where there is no browser; in CI its absence is a failure."""
    need(CHROMIUM.exists(), "Chromium", "chromium")
