"""Where a fact comes from, kept beside it as one short text, and never longer than the fact itself.

187-189;207     the report's lines
ours:402        our reading of the report's lines: it does not say it in so many words
said:2026-11-28:Styrgruppens protokoll   corrected that day by a person, who told where from
file:2026-11-28     read in from a file that day
ext:SCB         somebody else, named
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

LONGEST = 300
_LINES = re.compile(r"\d+(-\d+)?(;\d+(-\d+)?)*")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from. `text`: the report's lines, a person's words, or who is named."""

    kind: Literal["report", "ours", "said", "file", "other"]
    text: str = ""
    on: date | None = None


def said(on: date, text: str) -> str:
    """Return the source of a fact that a person gave, and where that person says it is from."""
    return f"said:{on}:{' '.join(text.split())[:LONGEST]}"


def from_file(on: date) -> str:
    """Return the source of a fact that came in a file."""
    return f"file:{on}"


def read(source: str) -> Provenance:
    """Read a source as it is kept."""
    kind, _, rest = source.partition(":")
    if kind == "ours":
        return Provenance("ours", rest)
    if kind in {"said", "file"}:
        on, _, text = rest.partition(":")
        return Provenance("said" if kind == "said" else "file", text, date.fromisoformat(on))
    if _LINES.fullmatch(source):
        return Provenance("report", source)
    return Provenance("other", source.removeprefix("ext:"))


def renewed(
    sources: Mapping[str, str], changed: Mapping[str, object], source: str
) -> dict[str, str]:
    """Return the sources once facts have changed: none of these keeps citing what it rested on before."""
    kept = {name: text for name, text in sources.items() if name not in changed}
    return kept | {
        name: source for name, value in changed.items() if source and value not in (None, [])
    }
