"""On which database a test runs: what is about databases on both, the rest of a broad run on one of the two.

The fixture `database_url` makes two of each test, as do the others of `MAKE_TWO`. A broad
run (folders, or everything) keeps of each pair the one that the test's name has drawn, so that every
file's statements meet both databases and no statement is paid for twice. Both are kept where the test is
marked `both_databases`, under `--full`, and when its file was named: whoever works on a file sees it on both.
A developer's broad run (tests/tiers.py) draws nothing: what is not about databases is on SQLite, which is
a quarter cheaper, and CI asks PostgreSQL.
"""

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.postgres import find_program

KINDS = ("sqlite", "postgresql")
MARK = "both_databases"
# What makes two of a test: `url` and `kind` are of those that start processes, `upgraded` of those that walk
# every page of an old database, `world` of those that live a proposal's life over and over; the dearest of all.
MAKE_TWO = ("database_url", "url", "kind", "upgraded", "world")


def is_broad(words: Iterable[str], root: Path) -> bool:
    """Tell whether a run was asked for by folders alone."""
    return all((root / word).is_dir() for word in words)


def drawn(name: str) -> str:
    """Return the database that a test's name draws; always the same one."""
    return KINDS[zlib.crc32(name.encode()) % 2] if find_program("initdb") else KINDS[0]


def on_sqlite(_name: str) -> str:
    """Return SQLite for every test."""
    return KINDS[0]


def left_out(items: list[pytest.Item], draw: Callable[[str], str] = drawn) -> list[pytest.Item]:
    """Return the one of each pair that a broad run leaves out; a test whose other half is not asked for stays."""
    pairs: dict[str, dict[str, pytest.Item]] = {}
    for item in items:
        kind = _kind(item)
        if kind and item.get_closest_marker(MARK) is None and "full" not in item.keywords:
            pairs.setdefault(_name(item, kind), {})[kind] = item
    return [
        item
        for name, both in pairs.items()
        if len(both) == len(KINDS)
        for kind, item in both.items()
        if kind != draw(name)
    ]


def _kind(item: pytest.Item) -> str:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return next((str(params[name]) for name in MAKE_TWO if params.get(name) in KINDS), "")


def _name(item: pytest.Item, kind: str) -> str:
    """Return a test's name without its database, which stands in brackets among its other cases."""
    front, _, cases = item.nodeid.partition("[")
    kept = [case for case in cases.rstrip("]").split("-") if case != kind]
    return f"{front}[{'-'.join(kept)}]"
