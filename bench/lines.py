"""`python -m bench.lines [COMMIT ...]`: lines of code of `api` and `matcher`, now and at some commits.

Blank lines, comments, docstrings and migrations are not counted.
"""

import ast
import io
import subprocess
import sys
import tarfile
import tokenize
from collections import Counter
from collections.abc import Iterator

HOUSES = ("api", "matcher")
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_rows(text: str) -> set[int]:
    """Return which lines of a module hold code, from 1."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            told.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            held.update(range(token.start[0], token.end[0] + 1))
    return held - told


def modules(commit: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each module of `api` and `matcher` at a commit; migrations are left out."""
    packed = subprocess.run(["git", "archive", commit, *HOUSES], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        for entry in files:
            file = files.extractfile(entry) if entry.name.endswith(".py") else None
            if file is not None and "migrations/versions" not in entry.name:
                yield entry.name, file.read().decode()


def main() -> None:
    """Print a line for each commit; without any, for the one that is checked out."""
    for commit in sys.argv[1:] or ["HEAD"]:
        found: Counter[str] = Counter()
        for path, text in modules(commit):
            found[path.partition("/")[0]] += len(code_rows(text))
        said = ", ".join(f"{house} {count}" for house, count in sorted(found.items()))
        print(f"{commit}: {said}, together {found.total()}")


if __name__ == "__main__":
    main()
