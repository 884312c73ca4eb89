"""Files from RFC 5545's grammar in many dialects: our reader beside recurring-ical-events and ical.js.

All three must say the same, or ours that it has not read; refusals are counted. What ical.js is known
to read against the RFC is mended in `many_occurrences.mjs`, with the section.

The same files in the clients' dress (line ends, folds, marks, names, charsets) are read alike; broken
ones are never read as less than they hold without a word.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import pytest
import recurring_ical_events

from api.calendar.reading.book import read
from api.calendar.reading.parts import UnreadableError
from api.calendar.reading.series import Occurrence
from api.calendar.reading.unread import Why
from api.kit.clock import STOCKHOLM
from tests.generated_calendars import BREAKS, DRESSES, File
from tests.needs import need
from tests.readers import HERE, ICAL_JS

FIRST, LAST = datetime(2026, 6, 1, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)
Spans = frozenset[tuple[str, str, str]]


class Compared(NamedTuple):
    """How many files each reader reads alike, and which differ without a word."""

    files: int
    same: int
    one_of_two: list[str]
    refused: int
    silent: list[str]


def _text(moment: date | datetime) -> str:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - made aware below
    aware = moment if moment.tzinfo else moment.replace(tzinfo=STOCKHOLM)
    return f"{aware.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def by_us(text: str) -> tuple[Spans, bool]:
    """Return what we read, and whether something of it was not followed."""
    found, left = read(text.encode(), 1000).unfolded(FIRST, LAST)
    return _told(found), bool(left)


def _told(found: Iterable[Occurrence]) -> Spans:
    return frozenset(
        (one.event.uid, _text(one.start), _text(one.end))
        for one in found
        if not one.event.is_cancelled
    )


def by_recurring_ical_events(text: str) -> Spans | None:
    try:
        calendar: Any = icalendar.Calendar.from_ical(text.encode())
        found = recurring_ical_events.of(calendar).between(FIRST, LAST)
        return frozenset(
            (str(one["UID"]), _text(one["DTSTART"].dt), _text(one["DTEND"].dt))
            for one in found
            if str(one.get("STATUS")) != "CANCELLED"
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def by_ical_js(node: str, texts: list[str]) -> list[Spans | None]:
    done = subprocess.run(
        [node, HERE / "many_occurrences.mjs", ICAL_JS, FIRST.isoformat(), LAST.isoformat()],
        input=json.dumps(texts).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "TZ": "Europe/Stockholm"},
        timeout=1800,
    )
    return [
        None
        if isinstance(told, dict)
        else frozenset(
            (uid, *(_text(datetime.fromisoformat(one)) for one in times)) for uid, *times in told
        )
        for told in map(json.loads, done.stdout.splitlines())
    ]


def _inside(spans: Spans) -> Spans:
    """Leave the window's edges away, where readers count differently."""
    return frozenset(one for one in spans if one[1] > "20260605" and one[2] < "20281215")


def compare(node: str, seeds: range) -> Compared:
    texts = [File(seed).text() for seed in seeds]
    same = refused = 0
    one_of_two: list[str] = []
    silent: list[str] = []
    for seed, text, theirs in zip(seeds, texts, by_ical_js(node, texts), strict=True):
        ours, is_left = by_us(text)
        others = [
            _inside(one) for one in (by_recurring_ical_events(text), theirs) if one is not None
        ]
        if is_left:
            refused += 1
        elif all(_inside(ours) == one for one in others):
            same += 1
        elif any(_inside(ours) == one for one in others):
            one_of_two.append(f"seed {seed}")
        else:
            silent.append(f"seed {seed}")
    return Compared(len(texts), same, one_of_two, refused, silent)


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    need(found, "Node", "nodejs")
    return str(found)


def test_sixty_files_are_read_as_others_read_them(node: str) -> None:
    found = compare(node, range(60))
    assert (found.silent, found.one_of_two) == ([], [])
    assert found.refused <= 1


def worn(seeds: range) -> list[str]:
    """Return what is read otherwise in a client's dress than plain."""
    faults = []
    for seed in seeds:
        plain = File(seed).text()
        wanted = by_us(plain)
        for name, dress in DRESSES.items():
            found, left = read(dress(plain), 1000).unfolded(FIRST, LAST)
            is_left = any(one.why is not Why.NOT_BUSY for one in left)
            if (_told(found), is_left) != wanted:
                faults.append(f"seed {seed} {name}")
    return faults


def broken(seeds: range) -> tuple[int, list[str]]:
    """Return how many broken files were read, and where less was read of one than it holds, unsaid."""
    faults, tried = [], 0
    for seed in seeds:
        plain = File(seed).text()
        wanted = by_us(plain)[0]
        for name, fault in BREAKS.items():
            octets = fault(plain, seed)
            if octets is None:
                continue
            tried += 1
            try:
                found, left = read(octets, 1000).unfolded(FIRST, LAST)
            except UnreadableError:
                continue
            if not left and not _told(found) >= wanted:
                faults.append(f"seed {seed} {name}")
    return tried, faults


def test_a_file_is_read_alike_in_every_clients_dress() -> None:
    assert worn(range(30)) == []


def test_no_broken_file_is_read_as_less_than_it_holds_without_a_word() -> None:
    tried, faults = broken(range(30))
    assert faults == []
    assert tried > 100


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_five_hundred_files_in_every_dress_and_broken_in_every_way() -> None:
    assert worn(range(500)) == []
    assert broken(range(500))[1] == []


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_five_thousand_files_are_read_as_others_read_them(node: str, tmp_path: Path) -> None:
    found = compare(node, range(5_000))
    (tmp_path / "figures.json").write_text(json.dumps(found._asdict()))
    print(found)  # noqa: T201 - figures for whoever runs the long suite
    assert (found.silent, found.one_of_two) == ([], [])
    assert found.refused <= found.files * 0.02
