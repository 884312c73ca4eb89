"""Foreign files and mails are read apart: in a child process whose processor time and memory are bounded.

A limit that is looked at between two parts of a file does not hold while one part is parsed. Here the
kernel holds it: a read that takes too much ends with its child, and the next one gets a new child.
One child serves a process, one read after the other; when the process ends, so does the child.

`python -m api.kit.apart` is the child: it is sent `(function, arguments, seconds)` and answers with
`("is", value)` or `("raised", error class, arguments, attributes)`, pickled, each after its length.
"""

import atexit
import os
import pickle
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

# A Swedish source text for pages.
TOO_MUCH_TO_READ = "Filen tar för lång tid att läsa. Exportera en mindre fil och försök igen."

ROOT = Path(__file__).parents[2]

PROCESSOR_S: Final = 5.0  # of one read; a calendar of 20,000 events takes 2
WALL_S: Final = 60.0  # the machine may be busy; a read that waits is no attack
MOST_WAITING: Final = 8  # threads of a web process that may wait for their turn
MOST_MEMORY: Final = 1024 * 1024 * 1024
_P = ParamSpec("_P")
_T = TypeVar("_T")
_LENGTH = struct.Struct(">Q")


class TooMuchError(Exception):
    """A read took more time or memory than it may, or died; nothing is known of what it read."""


class Apart:
    """Runs functions in one child process, begun at need; safe to call from several threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._child: subprocess.Popen[bytes] | None = None

    def call(
        self, seconds: float, function: Callable[_P, _T], *args: _P.args, **named: _P.kwargs
    ) -> _T:
        """Return what a module's function returns, or raise what it raises.

        `seconds` of processor time are what it may take.

        Raises:
            TooMuchError: when it takes more, or more memory, or brings its process down.
        """
        if not self._places.acquire(blocking=False):
            raise TooMuchError("others are being read")
        try:
            value: _T = self._call(pickle.dumps((function, args, named, seconds)))
        finally:
            self._places.release()
        return value

    def _call(self, asked: bytes) -> Any:  # noqa: ANN401 - what the function returns
        with self._turn:
            try:
                kind, *rest = self._ask(asked)
            except TooMuchError:
                self._end()
                raise
        if kind == "is":
            return rest[0]
        if kind == "memory":
            raise TooMuchError("memory")
        error_class, arguments, attributes = rest
        error: Exception = error_class.__new__(error_class, *arguments)
        error.args = arguments
        error.__dict__.update(attributes)
        raise error

    def _ask(self, octets: bytes) -> tuple[Any, ...]:
        child = self._child
        if child is None or child.poll() is not None:
            self._end()
            child = self._child = subprocess.Popen(
                [sys.executable, "-m", "api.kit.apart"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
        assert child.stdin is not None  # noqa: S101 - piped above
        assert child.stdout is not None  # noqa: S101 - piped above
        try:
            child.stdin.write(_LENGTH.pack(len(octets)) + octets)
            child.stdin.flush()
        except BrokenPipeError as error:
            raise TooMuchError("it died") from error
        until = time.monotonic() + WALL_S
        length = _LENGTH.unpack(_heard(child.stdout.fileno(), _LENGTH.size, until))[0]
        answer: tuple[Any, ...] = pickle.loads(  # noqa: S301 - our own child's
            _heard(child.stdout.fileno(), length, until)
        )
        return answer

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def close(self) -> None:
        """End the child; a later call begins another."""
        with self._turn:
            self._end()


def _heard(number: int, most: int, until: float) -> bytes:
    heard = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(number, selectors.EVENT_READ)
        while len(heard) < most:
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TooMuchError("time")
            octets = os.read(number, min(1 << 16, most - len(heard)))
            if not octets:
                raise TooMuchError("processor time or memory")
            heard += octets
    return bytes(heard)


_APART: Final = Apart()
atexit.register(_APART.close)


def apart(function: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T:
    """Call a module's function in this process's child; see `Apart.call`.

    Raises:
        TooMuchError: when it takes more than it may.
    """
    return _APART.call(PROCESSOR_S, function, *args, **named)


def main() -> None:
    """Answer one call after the other until the parent is gone."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := sys.stdin.buffer.read(_LENGTH.size):
        octets = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
        said = pickle.dumps(_answer(octets))
        answers.write(_LENGTH.pack(len(said)) + said)
        answers.flush()


def _answer(octets: bytes) -> tuple[object, ...]:
    function, args, named, seconds = pickle.loads(octets)  # noqa: S301 - our own parent's
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF ends the process, also inside C code
    try:
        return ("is", function(*args, **named))
    except MemoryError:
        return ("memory",)
    except Exception as error:  # noqa: BLE001 - the child's root: it is raised again in the parent
        return ("raised", type(error), error.args, error.__dict__)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main()
