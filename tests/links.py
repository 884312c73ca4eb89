"""Tests of what mails lead to: every link of every mail is opened twice, as scanners do, and nothing has changed.

    @opens("welcome", "circle_hears")
    def test_...

`opens` names mails by their templates: when the test that bears it has run, the links of every mail in its service
are opened, and the test fails unless a mail of each named kind was among them. That every kind of mail is named is
checked by tests/gates/test_links.py.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import Template
from sqlalchemy import event

from api.kit.mail import TEMPLATES
from api.outbox.models import Mail
from tests.mailbox import plain
from tests.rows import everything
from tests.web import browser

opens = pytest.mark.opens
KINDS = frozenset(file.stem for file in TEMPLATES.glob("*.html"))


@dataclass
class Written:
    """What a test has written: the words of each kind of mail, and the stored texts, sealed as they are.

    A mail with a secret loses its text when it has gone: it is noted as it is stored.
    """

    kinds: dict[str, set[str]] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)

    def store(self, _mapper: object, _connection: object, mail: Mail) -> None:
        if mail.text:
            self.stored.add(mail.text)


def rows(app: FastAPI) -> Counter[str]:
    """Return everything in the database, as text, but for the brake on who guesses at links."""
    with app.state.database.reading() as session:
        return Counter(
            f"{name} {row}"
            for name, found in everything(session).items()
            if name != "hit"
            for row in found
        )


@contextmanager
def writing() -> Iterator[Written]:
    """Note the texts of mails, as they are written and stored until the block ends."""
    written = Written()
    render = Template.render

    def noted(self: Template, *values: Any, **named: Any) -> str:  # noqa: ANN401 - as it is
        said = render(self, *values, **named)
        file = Path(self.filename or "")
        if file.parent == TEMPLATES:
            written.kinds.setdefault(file.stem, set()).add(_words(said))
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", noted)
        for moment in ("after_insert", "after_update"):
            event.listen(Mail, moment, written.store)
        try:
            yield written
        finally:
            for moment in ("after_insert", "after_update"):
                event.remove(Mail, moment, written.store)


def _words(text: str) -> str:
    return " ".join(text.split())


def open_every_link_twice(app: FastAPI, written: Written) -> tuple[set[str], int]:
    """Open what the service's mails lead to; return the kinds of these mails, and how many links there were."""
    base: str = app.state.settings.base_url
    texts = [plain(text, base) for text in written.stored]
    link = re.compile(re.escape(base) + r"(/[^\s>]*)")
    paths = sorted({one for text in texts for one in link.findall(text)})
    nobody, before = browser(app), rows(app)
    for path in paths:
        for _ in range(2):
            assert nobody.get(path).status_code < 500, path
    after = rows(app)
    changed = [*(after - before), *(before - after)]
    assert not changed, changed
    said = {_words(text) for text in texts}
    return {kind for kind, known in written.kinds.items() if known & said}, len(paths)


def app_of(values: dict[str, Any]) -> FastAPI:
    """Return the service among a test's fixtures."""
    own = [one for one in values.values() if isinstance(one, FastAPI)]
    [found] = {id(one): one for one in own}.values()
    return found
