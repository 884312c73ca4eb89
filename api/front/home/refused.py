"""A refused form comes back on the page where it stands: what was typed is in it, and the reason beside the field.

A route that shows its own form again says its faults itself, and need not put back what was typed. For every
other form whoever answers a refusal leaves a `Refusal` in the request's state; the page above the form's
address is then drawn once more as it is saved now, with the reasons in it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.pages import address

REFUSED, TYPED = "refused", "typed"  # of a request's state

# The forms that stand on another page than the nearest above their address.
STANDS_ON: Final = {
    "/funktioner/{function_id}/andra": "/funktioner/{function_id}/lamna-over",
    "/funktioner/{function_id}/borta": "/jag-slutar",
    "/planera/behov": "/planera/behov/ny",
    "/planera/enkater": "/planera/enkater/ny",
    "/planera/utvarderingar": "/planera/utvarderingar/ny",
    "/traffar/{meeting_id}/platser": "/traffar/{meeting_id}/inbjudningar",
    "/traffar/{meeting_id}/svarsdag": "/traffar/{meeting_id}/inbjudningar",
}

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_CONTROL = re.compile(
    r"<input\b(?P<input>[^>]*)>|<textarea\b(?P<area>[^>]*)>(?P<text>.*?)</textarea>"
    r"|<select\b(?P<select>[^>]*)>(?P<options>.*?)</select>",
    re.DOTALL,
)
_OPTION = re.compile(r"<option\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
_TAG = re.compile(r"<[^>]+>")
_DETAILS = re.compile(r"<details\b[^>]*>|</details>")
_HEADING = re.compile(r"</h1>")
_PRESSED = frozenset({"submit", "button", "image", "reset"})
_CHOSEN = frozenset({"checkbox", "radio"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a form was refused: the field that it is about (empty for the whole form), and that in words."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said of a refused form, and the page that it stands on."""

    title: str
    reasons: tuple[Reason, ...]
    page: str
    mark: str  # what whoever does not see colours is told first, as "Fel:"


@dataclass(slots=True)
class _Answer:
    """An answer that is held until it is known which one goes."""

    messages: list[Message] = field(default_factory=list)

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"]) if self.messages else 0

    @property
    def text(self) -> str:
        return b"".join(one.get("body", b"") for one in self.messages[1:]).decode()


class KeepsWhatIsTyped:
    """Answers a refusal with the form's own page where something in it was typed or chosen."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the answer to a refused form until its page has been drawn again; pass all else on."""
        if not _is_sent_by_a_page(scope):
            await self.app(scope, receive, send)
            return
        before, held = dict(scope["state"]), _Answer()

        async def hold_if_refused(message: Message) -> None:
            if held.messages or _is_refused_page(message):
                await held.take(message)
            else:
                await send(message)

        await self.app(scope, receive, hold_if_refused)
        if not held.messages:
            return
        page, refusal = held, scope["state"].get(REFUSED)
        if refusal is not None:
            page = _Answer()
            await self.app(_asking_for(refusal.page, scope, before), _nothing_more, page.take)
        filled = None
        if page is held or page.status == HTTPStatus.OK:
            action = address(scope["state"]["language"], scope["path"])
            filled = filled_in(page.text, action, scope["state"].get(TYPED, ()), refusal)
        for message in held.messages if filled is None else _with_body(held, page, filled):
            await send(message)


def _is_refused_page(message: Message) -> bool:
    if message["type"] != "http.response.start" or not 400 <= message["status"] < 500:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _is_sent_by_a_page(scope: Scope) -> bool:
    """Tell whether a browser goes from page to page by it; a script reads the answer itself."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].startswith("/api/"):
        return False
    return Headers(scope=scope).get("sec-fetch-mode", "navigate") == "navigate"


def _asking_for(page: str, scope: Scope, state: dict[str, object]) -> Scope:
    """Return the request that the same browser would ask for a page with, by the form's own query."""
    kept = [one for one in scope["headers"] if not one[0].startswith(b"content-")]
    asked = {
        **scope,
        "method": "GET",
        "path": page,
        "raw_path": page.encode(),
        "headers": kept,
        "state": dict(state),
    }
    for name in ("route", "endpoint", "path_params", "fastapi_inner_astack"):
        asked.pop(name, None)
    return asked


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _with_body(held: _Answer, page: _Answer, text: str) -> list[Message]:
    """Return the refusal's status and headers with another body."""
    body, start = text.encode(), dict(held.messages[0])
    start["headers"] = list(start["headers"])
    MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
    start["headers"] += [one for one in page.messages[0]["headers"] if one[0] == b"set-cookie"]
    return [start, {"type": "http.response.body", "body": body}]


def filled_in(
    page: str, action: str, typed: Sequence[tuple[str, str]], refusal: Refusal | None = None
) -> str | None:
    """Return a page with the form of an address filled in; None where nothing can be kept.

    typed: the form's fields and texts as they were sent, in their order. refusal: what the page does not say
    itself of why.
    """
    found = _form_of(page, action, typed)
    heading = _HEADING.search(page, 0, found.start()) if found else None
    if found is None or heading is None:
        return None
    sent: dict[str, list[str]] = defaultdict(list)
    for name, value in typed:
        sent[name].append(value.replace("\0", ""))
    form = _Filled(
        found[2], sent, refusal.reasons if refusal else (), refusal.mark if refusal else ""
    )
    inside = form.written()
    if not form.first:
        return None
    said = _notice(refusal, form) if refusal else ""
    top, way = page[: heading.end()], _opened(page[heading.end() : found.start(2)])
    return f"{top}{said}{way}{form.at_the_start}{inside}{page[found.end(2) :]}"


def _form_of(page: str, action: str, typed: Sequence[tuple[str, str]]) -> re.Match[str] | None:
    """Return the form that was sent: of several with its address the one with the same hidden fields."""
    told = set(typed)
    best: tuple[int, re.Match[str]] | None = None
    for found in _FORM.finditer(page):
        attributes = _attributes(found[1])
        leads = attributes.get("action", "").partition("?")[0] or action
        if leads != action or attributes.get("method") != "post":
            continue
        hidden = {
            (one.get("name", ""), one.get("value", ""))
            for control in _CONTROL.finditer(found[2])
            if (one := _attributes(control["input"] or "")).get("type") == "hidden"
        }
        alike = sum(one in told for one in hidden)
        if best is None or alike > best[0]:
            best = alike, found
    return best[1] if best else None


def _opened(before: str) -> str:
    """Return what stands before a form with every fold open that the form lies in."""
    folds: list[re.Match[str]] = []
    for found in _DETAILS.finditer(before):
        if found[0] == "</details>":
            folds.pop()
        else:
            folds.append(found)
    for found in reversed(folds):
        if " open" not in found[0]:
            before = f"{before[: found.end() - 1]} open{before[found.end() - 1 :]}"
    return before


@dataclass(slots=True)
class _Filled:
    """A form's inside, written once more with what was sent."""

    inside: str
    sent: dict[str, list[str]]
    reasons: tuple[Reason, ...]
    mark: str
    first: str = ""  # the id of its first field, or of the form's start
    places: dict[str, str] = field(default_factory=dict)  # name of a faulty field -> its id

    def written(self) -> str:
        """Return it; each field takes the next of the texts that came by its name."""
        return _CONTROL.sub(self._control, self.inside)

    @property
    def at_the_start(self) -> str:
        """What the form begins with: the reasons that none of its fields shows."""
        rest = [one for one in self.reasons if one.field not in self.places]
        return "".join(
            f'<p class="fault" id="refused-{number}">{self._marked(one.text)}</p>'
            for number, one in enumerate(rest)
        )

    def label(self, name: str) -> str:
        """Return what the page calls a field; empty where it has no label of its own."""
        place = re.escape(self.places.get(name, ""))
        found = re.search(rf'<label for="{place}">(.*?)</label>', self.inside, re.DOTALL)
        return " ".join(_TAG.sub("", found[1]).split()) if found and place else ""

    def _marked(self, text: str) -> str:
        return f'<span class="visually-hidden">{escape(self.mark)} </span>{escape(text)}'

    def _control(self, found: re.Match[str]) -> str:
        tag = next(name for name in ("input", "area", "select") if found[name] is not None)
        attributes = _attributes(found[tag])
        kind, name = attributes.get("type", "text"), attributes.get("name", "")
        if tag == "input" and kind in {"hidden", *_PRESSED}:
            return found[0]
        self.first = self.first or attributes.get("id", "")
        write: dict[str, Callable[[], str]] = {
            "input": lambda: self._input(found["input"], kind, name, attributes),
            "area": lambda: self._area(found, name),
            "select": lambda: self._select(found, name),
        }
        return self._with_fault(name, attributes.get("id", ""), write[tag]())

    def _input(self, raw: str, kind: str, name: str, attributes: dict[str, str]) -> str:
        if kind == "file":
            return f"<input{raw}>"
        if kind in _CHOSEN:
            is_on = attributes.get("value", "on") in self.sent.get(name, ())
            bare = re.sub(r"\s+checked(?:=\"[^\"]*\")?(?=\s|/|$)", "", raw)
            return f"<input{bare}{' checked' if is_on else ''}>"
        if not self.sent.get(name):
            return f"<input{raw}>"
        value = escape(self.sent[name].pop(0))
        bare = re.sub(r'\s+value="[^"]*"', "", raw)
        return f'<input{bare} value="{value}">'

    def _area(self, found: re.Match[str], name: str) -> str:
        if not self.sent.get(name):
            return found[0]
        text = escape(self.sent[name].pop(0))
        return (
            f"<textarea{found['area']}>\n{text}</textarea>"  # a browser drops the first line break
        )

    def _select(self, found: re.Match[str], name: str) -> str:
        chosen = self.sent.get(name)
        if chosen is None:
            return found[0]

        def option(one: re.Match[str]) -> str:
            bare = re.sub(r"\s+selected(?:=\"[^\"]*\")?(?=\s|/|$)", "", one[1])
            is_on = _attributes(one[1]).get("value", "") in chosen
            return f"<option{bare}{' selected' if is_on else ''}>"

        return f"<select{found['select']}>{_OPTION.sub(option, found['options'])}</select>"

    def _with_fault(self, name: str, place: str, control: str) -> str:
        reason = next((one for one in self.reasons if one.field in {name, place}), None)
        if reason is None or not reason.field or reason.field in self.places:
            return control
        self.places[reason.field] = place
        said = f'<span class="fault" id="refused-{escape(name)}">{self._marked(reason.text)}</span>'
        return f"{said}{_described(control, f'refused-{escape(name)}')}"


def _described(control: str, by: str) -> str:
    """Return a field that says it is at fault, and by what that is described."""
    tag, mark, rest = control.partition(">")
    if 'aria-describedby="' in tag:
        tag = tag.replace('aria-describedby="', f'aria-describedby="{by} ')
    else:
        tag += f' aria-describedby="{by}"'
    return f'{tag} aria-invalid="true"{mark}{rest}'


def _notice(refusal: Refusal, form: _Filled) -> str:
    """Return what stands first on the page: that it was refused, each reason, and the way to its field."""
    lines = []
    for one in refusal.reasons:
        label = form.label(one.field)
        said = f"{label}: {escape(one.text)}" if label else escape(one.text)
        place = form.places.get(one.field) or form.first
        lines.append(f'<li><a href="#{escape(place)}">{said}</a></li>')
    return (
        '<div class="notice bad" role="alert" tabindex="-1" id="refusal">'
        f"<h2>{escape(refusal.title)}</h2><ul>{''.join(lines)}</ul></div>"
    )


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
