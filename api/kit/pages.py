"""Pages from templates: one dataclass a page, the viewer's language, and nothing inline."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.datastructures import FormData

from api.kit.guard import form_token
from api.kit.i18n import LANGUAGES, Language, Speaker, tied_page, with_whole_ranges

_P = ParamSpec("_P")
_T = TypeVar("_T")

# How a page is told to whoever asked for data: the page's dataclass, its status, in whose language.
Tell = Callable[[object, int, Speaker], Response]

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT.parent / "templates"
STATIC = ROOT / "static"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What an error page shows: the status, a heading and what to do; `again` is the refused form's page."""

    status: int
    title: str
    message: str
    again: str = ""
    sign_in_next: str | None = None


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of a form that somebody else saved meanwhile."""

    name: str
    yours: object
    theirs: object

    @property
    def differs(self) -> bool:
        """True when the two are not the same."""
        return self.yours != self.theirs


@dataclass(frozen=True, slots=True)
class StalePage:
    """Both versions side by side, and the page to begin again from."""

    title: str
    message: str
    fields: tuple[FieldDifference, ...]
    again: str


def differences(
    yours: Mapping[str, object], theirs: Mapping[str, object]
) -> tuple[FieldDifference, ...]:
    """Return the fields of both versions, in the order of the form; a missing one is a dash."""
    names = dict.fromkeys([*yours, *theirs])
    return tuple(
        FieldDifference(name, yours.get(name, "–"), theirs.get(name, "–")) for name in names
    )


@cache
def environment() -> Environment:
    """Return the template environment: autoescape on, an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.globals["static"] = static_url
    made.filters["stacked"] = stacked
    return made


_CELL = re.compile(r"<(t[dh])\b([^>]*)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_NOTHING = frozenset({"", "–"})
_SEEN = re.compile(r"<(input|select|textarea|button|svg|img)\b")


def stacked(table: Markup, keeps: int = 0) -> Markup:
    """Let each cell of a table's body say its column's heading, for the screens where rows are cards.

    table: `<thead>` with one row of headings, then `<tbody>`; a cell over several columns says none.
    keeps: how many cells beside the row's name its card shows before it is unfolded; 0: all. A row begins
    with its name then.
    """
    head, mark, body = str(table).partition("</thead>")
    headings = [
        " ".join(_TAG.sub(" ", one[3]).split()).rstrip(" ▲▼") for one in _CELL.finditer(head)
    ]

    def row(text: str) -> str:
        places = iter(headings)
        numbers = count()

        def cell(found: re.Match[str]) -> str:
            kind, attributes, inside = found.groups()
            heading, number = next(places, ""), next(numbers)
            told = _TAG.sub("", inside).strip()
            if keeps and kind == "th":
                folded = f'<details class="on-cards"><summary>{inside}</summary></details>'
                return f'<th{attributes}><span class="on-rows">{inside}</span>{folded}</th>'
            if keeps and number > keeps:
                attributes += " data-later"
            if kind == "th" or heading in {"", told} or "colspan" in attributes:
                return found[0]  # what a button says already needs no name
            is_empty = told in _NOTHING and not _SEEN.search(inside)
            said = " data-nothing" if is_empty else ""
            return f'<td{attributes} data-label="{heading}"{said}>{inside}</td>'

        return _CELL.sub(cell, text)

    rows = body.split("</tr>")
    return Markup(head + mark + "</tr>".join(map(row, rows)))  # noqa: S704 - it was markup, and its own texts are put back


@cache
def static_url(name: str) -> str:
    """Return the address of a static file, with its content's hash so that it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def language_of(request: Request) -> Language:
    """Return the language that the address asks for: /en/... is English, all else Swedish."""
    language: Language = getattr(request.state, "language", "sv")
    return language


def speaker_of(request: Request) -> Speaker:
    """Return the speaker of the request's language."""
    return Speaker(language_of(request))


def address(language: Language, path: str) -> str:
    """Return a page's path in a language: English pages lie under /en."""
    return path if language == "sv" else f"/{language}{path}"


def lead_to(request: Request, path: str, status: int = HTTPStatus.SEE_OTHER) -> RedirectResponse:
    """Answer by leading to a page in the reader's language: what a form does when it has been followed."""
    return RedirectResponse(address(language_of(request), path), status_code=status)


def shows(page: type) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Say which dataclass a route's page is made of: the API describes the page's data by it."""

    def said(endpoint: Callable[_P, _T]) -> Callable[_P, _T]:
        endpoint.shows = page  # type: ignore[attr-defined] # read by `api.v1.acting`
        return endpoint

    return said


def render(
    request: Request, template: str, page: object, *, status: int = 200, block: str | None = None
) -> Response:
    """Answer with a page, or with one block of its template (a fragment that htmx swaps in).

    The template sees `page` (the dataclass), `say` (the Speaker), `_`, `ngettext`, `url(path)`,
    `viewer`, `here` (this page's path without language), `languages`, `form_token`, `navigation`
    (the viewer's doors, and the rooms behind the one this page lies behind), `has_page(path)` and
    `steps_of(meeting_id)` (how far a national meeting has come, for a planner; else None).
    `done` is what a form has just done, in Swedish, or empty.
    `receipt` is of what the viewer just did (`api.outbox.acts`), or None.
    """
    language = language_of(request)
    say = Speaker(language)
    tell: Tell | None = getattr(request.state, "tell", None)
    if tell is not None:  # the API asks: `api.v1.acting`
        return tell(page, status, say)
    viewer = getattr(request.state, "viewer", None)
    # An address that leads nowhere may be a mistyped secret one: nothing of it comes back.
    is_somewhere = status != HTTPStatus.NOT_FOUND or "route" in request.scope
    here = request.url.path if is_somewhere else "/"
    values: dict[str, object] = {
        "page": page,
        "say": say,
        "_": say.text,
        "ngettext": say.plural,
        "url": lambda path: address(language, path),
        "viewer": viewer,
        "here": here,
        "query": request.url.query if is_somewhere else "",
        "languages": LANGUAGES,
        "address": address,
        "form_token": form_token(request),
        "done": request.app.state.said(request.query_params.get("klart", "")),
        "receipt": getattr(request.state, "receipt", None),
        "settings": request.app.state.settings,
        "is_demo": request.app.state.settings.is_demo,
        "navigation": request.app.state.navigation(viewer, here),
        "steps_of": cache(lambda meeting_id: request.app.state.steps(request, meeting_id)),
        "has_page": request.app.state.page_paths.__contains__,
    }
    found = environment().get_template(template)
    if block is None:
        text = found.render(values)
    else:
        text = "".join(found.blocks[block](found.new_context(values)))
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    return HTMLResponse(with_whole_ranges(tied_page(text)), status_code=status, headers=headers)


def after_answering(
    answer: Response, work: Callable[_P, None], *args: _P.args, **named: _P.kwargs
) -> None:
    """Do something once the answer has gone: how long it takes tells nobody what it was.

    The connection ends with the answer, else the next request on it would wait for the work.
    """
    answer.headers["Connection"] = "close"
    answer.background = BackgroundTask(work, *args, **named)


async def _posted(request: Request) -> AsyncIterator[FormData]:
    form = await request.form()
    try:
        yield form
    finally:
        await form.close()


# A form as it was sent, with its files, which are closed when the page has been answered.
Posted = Annotated[FormData, Depends(_posted)]


def texts_of(form: Posted) -> dict[str, tuple[str, ...]]:
    """Return every text of each field; files are not among them."""
    values: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values[name] = (*values.get(name, ()), value)
    return values


# The texts of a sent form, as many as a field has: boxes, rows of one name.
EveryText = Annotated[dict[str, tuple[str, ...]], Depends(texts_of)]


def _last_of(texts: EveryText) -> dict[str, str]:
    return {name: every[-1] for name, every in texts.items()}


# The version of what a form changes, as its sender saw it.
Seen = Annotated[int, Form()]
# The same where each field has one text.
Fields = Annotated[dict[str, str], Depends(_last_of)]
