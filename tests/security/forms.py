"""The forms of a page as a browser without script would send them, for tests that press each button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """Where a form goes and what it sends as it stands: name -> value, in the page's order."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # name -> hidden, email, select ...
    choices: dict[str, list[str]] = field(default_factory=dict)  # of a select


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found.get("action", ""), found.get("method", "get"))
            self.forms.append(self._open)
        if self._open is None:
            return
        name = found.get("name", "")
        if tag == "input" and name:
            self._input(self._open, name, found)
        elif tag == "textarea":
            self._area = name
            self._open.fields[name], self._open.kinds[name] = "", "textarea"
        elif tag == "select":
            self._select = name
            self._open.kinds[name], self._open.choices[name] = "select", []
        elif tag == "option" and self._select:
            value = found.get("value", "")
            self._open.choices[self._select].append(value)
            if "selected" in found or self._select not in self._open.fields:
                self._open.fields[self._select] = value

    @staticmethod
    def _input(form: Form, name: str, found: dict[str, str]) -> None:
        kind = found.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in found:
            if kind == "radio":
                form.fields.setdefault(name, found.get("value", "on"))
            return
        if kind not in {"submit", "file", "button"}:
            form.fields[name], form.kinds[name] = found.get("value", ""), kind

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area:
            self._open.fields[self._area] += data


def forms_of(html: str) -> list[Form]:
    """Return a page's forms, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
