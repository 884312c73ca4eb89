"""Tests of sentences that say a mail goes: each is really shown in the test that names it, and mails are counted.

    @keeps("%(num)s person får inbjudan per mejl:")
    def test_...

`keeps` names source texts of the catalogue: the test that bears it fails unless each is said while it runs and mail
is written. `keeps_quiet` is for those that say that none goes: none is written after they are said. Which
texts are such sentences, and that each is kept by a test, is checked by tests/gates/test_promises.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from api.kit.i18n import Speaker
from api.outbox.models import Mail

keeps = pytest.mark.keeps
keeps_quiet = pytest.mark.keeps_quiet


@dataclass
class Heard:
    """What was said while a test ran, each with how many mails had been written until it was said first."""

    said: dict[str, int] = field(default_factory=dict)
    mails: int = 0

    def say(self, source: str) -> None:
        self.said.setdefault(source, self.mails)

    def write(self, *_: object) -> None:
        self.mails += 1


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Hear every text that is said, and count every mail that is written, until the block ends."""
    heard = Heard()
    text, plural = Speaker.text, Speaker.plural

    def heard_text(self: Speaker, source: str, **values: object) -> str:
        heard.say(source)
        return text(self, source, **values)

    def heard_plural(self: Speaker, one: str, many: str, number: int, **values: Any) -> str:  # noqa: ANN401 - as it is
        heard.say(one)
        return plural(self, one, many, number, **values)

    monkeypatch.setattr(Speaker, "text", heard_text)
    monkeypatch.setattr(Speaker, "plural", heard_plural)
    event.listen(Mail, "after_insert", heard.write)
    try:
        yield heard
    finally:
        event.remove(Mail, "after_insert", heard.write)


def judge(heard: Heard, kept: set[str], quiet: set[str]) -> list[str]:
    """Return what a test does not show of what it says that it keeps."""
    faults = [f"never said: {one}" for one in sorted((kept | quiet) - heard.said.keys())]
    if kept and not heard.mails:
        faults.append("no mail was written")
    faults += [
        f"mail was written after: {one}"
        for one in sorted(quiet & heard.said.keys())
        if heard.mails > heard.said[one]
    ]
    return faults
