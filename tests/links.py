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
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import Template
from sqlalchemy import select as sa_select
from sqlmodel import SQLModel, select

from api.kit.mail import TEMPLATES
from api.outbox.models import Mail
from tests.mailbox import text_of
from tests.web import browser

opens = pytest.mark.opens
KINDS = frozenset(file.stem for file in TEMPLATES.glob("*.html"))

Written = dict[str, set[str]]


def rows(app: FastAPI) -> Counter[str]:
    """Return everything in the database, as text."""
    with app.state.database.reading() as session:
        return Counter(
            f"{table.name} {tuple(row)}"
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(sa_select(table))
        )


@contextmanager
def writing() -> Iterator[Written]:
    """Note the texts of mails by their kind, as they are written until the block ends."""
    written: Written = {}
    render = Template.render

    def noted(self: Template, *values: Any, **named: Any) -> str:  # noqa: ANN401 - as it is
        said = render(self, *values, **named)
        file = Path(self.filename or "")
        if file.parent == TEMPLATES:
            written.setdefault(file.stem, set()).add(_words(said))
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", noted)
        yield written


def _words(text: str) -> str:
    return " ".join(text.split())


def open_every_link_twice(app: FastAPI, written: Written) -> tuple[set[str], int]:
    """Open what the service's mails lead to; return the kinds of these mails, and how many links there were."""
    base: str = app.state.settings.base_url
    with app.state.database.reading() as session:
        texts = [text_of(mail, base) for mail in session.exec(select(Mail)) if mail.text]
    link = re.compile(re.escape(base) + r"(/[^\s>]*)")
    paths = sorted({one for text in texts for one in link.findall(text)})
    nobody, before = browser(app), rows(app)
    for path in paths:
        for _ in range(2):
            assert nobody.get(path).status_code < 500, path
    assert rows(app) == before
    said = {_words(text) for text in texts}
    return {kind for kind, known in written.items() if known & said}, len(paths)


def app_of(values: dict[str, Any]) -> FastAPI:
    """Return the service among a test's fixtures."""
    own = [one for one in values.values() if isinstance(one, FastAPI)]
    [found] = {id(one): one for one in own}.values()
    return found
