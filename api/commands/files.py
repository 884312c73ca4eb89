"""What every file command shares: reading text, writing JSON whole or not at all, progress and exit codes."""

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from matcher.documents.text import read_json, write_json
from matcher.errors import Fault, InfeasibleError, InvalidProblemError, NoSolutionInTimeError
from matcher.proof import OnProgress, Progress

# What would begin a new line or be acted on by a terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
BAD_INPUT, INFEASIBLE, NO_SOLUTION_IN_TIME = 2, 3, 4


def read_octets(path: Path) -> bytes:
    """Read a file; `-` is standard input.

    Raises:
        InvalidProblemError: when the file cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise InvalidProblemError(Fault("file", reason, "a file that can be read")) from error


def read_text(path: Path) -> str:
    """Read a UTF-8 file, with or without a byte order mark; `-` is standard input.

    Raises:
        InvalidProblemError: when the file cannot be read or holds other bytes than UTF-8.
    """
    return text_of(read_octets(path))


def text_of(content: bytes) -> str:
    """Return UTF-8 octets, with or without a byte order mark, as text.

    Raises:
        InvalidProblemError: when they hold other bytes than UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{error.object[error.start]:02x}"
        raise InvalidProblemError(Fault(f"row {line}", found, "text saved as UTF-8")) from error


def read_document(path: Path) -> object:
    """Read a JSON file; see `matcher.documents.text.read_json` for what is refused."""
    return read_json(read_text(path))


def answer(path: Path, solve: Callable[[], object], out: str) -> None:
    """Run `solve` on the file `path` and write its document to `out`, or explain and exit.

    `out` is a file, or `-` for standard output. On exit codes 2, 3 and 4 nothing is written.
    """
    try:
        document = solve()
    except InvalidProblemError as error:
        for fault in error.faults:
            typer.echo(one_line(f"{path}: {fault}"), err=True)
        raise typer.Exit(BAD_INPUT) from error
    except InfeasibleError as error:
        typer.echo(f"{path}: no solution exists. These cannot all hold:", err=True)
        for rule in error.conflict:
            typer.echo(one_line(f"  - {rule}"), err=True)
        raise typer.Exit(INFEASIBLE) from error
    except NoSolutionInTimeError as error:
        typer.echo(f"{path}: {error}", err=True)
        raise typer.Exit(NO_SOLUTION_IN_TIME) from error
    write_whole(write_json(document), out)


def one_line(text: str) -> str:
    """Escape line breaks and other control characters, which names from a file may hold."""
    return _CONTROL.sub(lambda found: json.dumps(found.group())[1:-1], text)


@contextmanager
def stopped_by_interrupt(follow: OnProgress | None = None) -> Iterator[OnProgress]:
    """Give a solver's follower that Ctrl-C makes say stop; the best found so far is then the answer.

    A second Ctrl-C ends the program at once, as Ctrl-C does elsewhere.
    """
    is_interrupted = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_interrupted
        is_interrupted = True
        signal.signal(signal.SIGINT, before)
        typer.echo("\nStopping; Ctrl-C once more ends without an answer.", err=True)

    def told(progress: Progress) -> bool:
        goes_on = follow is None or follow(progress) is not False
        return goes_on and not is_interrupted

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # who is started in the background is started deaf to it
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield told
    except NoSolutionInTimeError as error:
        if is_interrupted:
            typer.echo("Stopped before a first solution was found.", err=True)
            raise typer.Exit(NO_SOLUTION_IN_TIME) from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if is_interrupted:
        typer.echo("Stopped by Ctrl-C: this is the best found so far.", err=True)


def write_whole(text: str, out: str) -> None:
    """Write text to standard output (`-`) or to a file, which is replaced in one step.

    A link is followed, a file that was there keeps its permissions, and what is no file (a pipe,
    `/dev/null`) is written to, never replaced.
    """
    try:
        if out == "-":
            # UTF-8 whatever the terminal's own encoding is: the answer is a file as much as any.
            sys.stdout.buffer.write(text.encode())
            sys.stdout.flush()
            return
        target = Path(out).resolve()
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        Path(name).replace(target)
    except BrokenPipeError:
        raise  # whoever read it has seen enough; the command line ends quietly
    except OSError as error:
        name = "standard output" if out == "-" else out
        typer.echo(f"{name}: cannot be written: {error.strerror}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _umask() -> int:
    """Return what new files are kept from; reading it needs setting it, so it is set back at once."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def progress_line() -> OnProgress | None:
    """Return a printer of one self-overwriting line on a terminal; None when nobody looks."""
    if not sys.stderr.isatty():
        return None

    def show(progress: Progress) -> None:
        best = "-" if progress.incumbent is None else f"{progress.incumbent:.6g}"
        bound = "-" if progress.lower_bound is None else f"{progress.lower_bound:.6g}"
        line = f"\r{progress.seconds:6.1f} s  {progress.phase:<24} best {best}  bound {bound}   "
        sys.stderr.write(line)
        sys.stderr.flush()

    return show
