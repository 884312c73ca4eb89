"""`python -m bench.heirs COMMIT`: how many of today's lines of code do what stood at a commit.

The lines of `api` and `matcher` are followed through every commit since. A line is an *heir* when it stood
then, was moved (the same words taken away elsewhere in the same commit), or took the place of an heir in a
change; what a change has more than it took away is counted as new. So an old line has one heir at most,
and what was rewritten longer is counted too low. The other figure is too high: there, all that a change put where
one heir stood is an heir. The truth lies between. What is counted as code is what `bench.lines` counts.
"""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.lines import code_rows, modules

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
DIFF = re.compile(r"diff --git a/(.*) b/(.*)")
# A line with fewer letters (a bracket, `else:`) is in too many places to tell that it was moved.
TELLING = 4


@dataclass(frozen=True, slots=True)
class Origin:
    """Whether a line is an heir, counted low and counted high."""

    low: bool = False
    high: bool = False


@dataclass(slots=True)
class Gone:
    """A line that a commit took away, and whether another one has inherited from it."""

    text: str
    origin: Origin
    is_spent: bool = False


@dataclass(slots=True)
class Hunk:
    """One place of a change: the lines that went, from a row on, and those that came."""

    start: int
    old: int
    new: int
    gone: list[str] = field(default_factory=list)
    come: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What a commit did to one file; no name before means that it is new, none after that it went."""

    before: str | None
    after: str | None
    hunks: list[Hunk] = field(default_factory=list)


def commits(patches: str) -> Iterator[list[Change]]:
    """Return the changes of each commit of `git log -p -U0 --format='commit %H'`, in its order."""
    changes: list[Change] = []
    hunk: Hunk | None = None
    for line in patches.split("\n"):
        if hunk and line.startswith("-") and len(hunk.gone) < hunk.old:
            hunk.gone.append(line[1:])
        elif hunk and line.startswith("+") and len(hunk.come) < hunk.new:
            hunk.come.append(line[1:])
        elif line.startswith("commit "):
            yield changes
            changes, hunk = [], None
        elif named := DIFF.match(line):
            changes.append(Change(named[1], named[2]))
            hunk = None
        elif line.startswith("new file"):
            changes[-1].before = None
        elif line.startswith("deleted file"):
            changes[-1].after = None
        elif numbers := HUNK.match(line):
            start, old, new = (1 if number is None else int(number) for number in numbers.groups())
            hunk = Hunk(start, old, new)
            changes[-1].hunks.append(hunk)
    yield changes


def follow(files: dict[str, list[Origin]], changes: Iterable[Change]) -> None:
    """Bring the origins of every file's lines up to what a commit made of them."""
    moved: defaultdict[str, list[Gone]] = defaultdict(list)
    places: list[tuple[Change, list[Origin], list[list[Gone]]]] = []
    for change in changes:
        lines = files.pop(change.before, []) if change.before else []
        gone = [
            [
                Gone(text.strip(), origin)
                for text, origin in zip(hunk.gone, lines[hunk.start - 1 :], strict=False)
            ]
            for hunk in change.hunks
        ]
        for one in (one for there in gone for one in there if len(one.text) >= TELLING):
            moved[one.text].append(one)
        places.append((change, lines, gone))
    inherited = [
        [[_taken(moved[text.strip()]) for text in hunk.come] for hunk in change.hunks]
        for change, _, _ in places
    ]
    for (change, lines, gone), taken in zip(places, inherited, strict=True):
        made, row = [], 0
        for hunk, there, origins in zip(change.hunks, gone, taken, strict=True):
            begins = hunk.start - 1 if hunk.old else hunk.start
            made += [*lines[row:begins], *_replaced(there, origins)]
            row = begins + hunk.old
        if change.after:
            files[change.after] = made + lines[row:]


def _taken(gone: list[Gone]) -> Origin | None:
    free = next((one for one in gone if not one.is_spent), None)
    if free is None:
        return None
    free.is_spent = True
    return free.origin


def _replaced(gone: list[Gone], origins: list[Origin | None]) -> Iterator[Origin]:
    """Return the origin of each line that came: its own where it was moved, else of one that it replaces."""
    any_heir = any(one.origin.high for one in gone)
    left = iter(sorted((one.origin for one in gone if not one.is_spent), key=lambda o: not o.low))
    for own in origins:
        if own is not None:
            yield own
        else:
            origin = next(left, Origin())
            yield Origin(origin.low, high=any_heir or origin.high)


def main() -> None:
    """Print how many lines of code stand, and how many of them are heirs of what stood at a commit."""
    (since,) = sys.argv[1:]
    files = {
        path: [Origin(low=True, high=True)] * len(text.splitlines())
        for path, text in modules(since)
    }
    shown = ("-p", "-U0", "-M40%", "--reverse", "--no-color", "--no-ext-diff", "--format=commit %H")
    asked = ["git", "log", *shown, f"{since}..HEAD", "--", "api/*.py", "matcher/*.py"]
    patches = subprocess.run(asked, check=True, capture_output=True).stdout.decode(errors="replace")
    for changes in commits(patches):
        follow(files, changes)
    code = [files[path][row - 1] for path, text in modules("HEAD") for row in code_rows(text)]
    low, high = (sum(getattr(line, name) for line in code) for name in ("low", "high"))
    print(f"{len(code)} lines of code; heirs of {since}: {low}, counted high {high}")


if __name__ == "__main__":
    main()
