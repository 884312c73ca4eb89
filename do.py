#!/usr/bin/env python3
"""Set up and start Samkrets with Python alone.

python3 do.py demo           the whole main job on the real register, then served
python3 do.py dev            the same, kept between starts and started anew when one of our files changes
python3 do.py test           the gates, then the quick tests; CI=true in the environment: all; --full: the long suites
                             too. Other words go to pytest, which then runs alone
python3 do.py unit           the engine's tests, which need neither database nor browser
python3 do.py lint           the gates alone
python3 do.py pictures DIR   a picture of every page, and contact sheets; --before OLD sets them side by side
python3 do.py docs           the site of docs/, strictly, in var/site; --serve shows it while one writes
python3 do.py locks          a fresh environment from each lock, with nothing but this Python
python3 do.py COMMAND        any samkrets command
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - a newcomer may start this with an older Python
    sys.exit("Python 3.11 or newer is needed; this is {}".format(sys.version.split()[0]))

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import tomllib
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
DOCS = ROOT / "var/docs-environment"  # what makes the site; nothing of ours needs it
REQUIREMENTS = ROOT / "requirements"
RUN: tuple[str, ...] = ("run",)
TEST: tuple[str, ...] = ("run", "test")
# What is installed together; `readers` are programs of their own, and so is what `bench` compares with.
TOGETHER = (TEST, ("run", "oidc", "cluster"), ("readers",), ("bench",), ("docs",))
GATES = (
    ["ruff", "check"],
    ["ruff", "format", "--check"],
    ["mypy"],
    ["lint-imports"],
)
SERVED = ["-m", "api", "demo", "--keep", "--data", "var/dev"]  # by `dev`
WATCHED = ("api", "matcher", "templates")
STOP_S = 15.0
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def program(name: str, environment: Path = VENV) -> Path:
    """Return the path of a program of the virtual environment."""
    return environment / ("Scripts" if os.name == "nt" else "bin") / name


def tie_to_parent() -> None:
    """In a child on Linux: end when the parent ends, even by a signal that cannot be caught."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def started(
    *command: object, env: dict[str, str] | None = None, is_quiet: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in the checkout during the block; it is ended with it."""
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL if is_quiet else None,
        preexec_fn=tie_to_parent if sys.platform == "linux" else None,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()


def run(*command: object, env: dict[str, str] | None = None, is_quiet: bool = False) -> None:
    """Run a command in the checkout; stop with its exit code when it fails."""
    with started(*command, env=env, is_quiet=is_quiet) as process:
        code = process.wait()
    if code:
        sys.exit(code)


def become(*command: object) -> NoReturn:
    """Go on as the command: who ends this process then ends the command itself."""
    if os.name == "nt":
        run(*command)
        sys.exit(0)
    sys.stdout.flush()
    os.chdir(ROOT)
    words = [str(part) for part in command]
    os.execv(words[0], words)


def locks(names: tuple[str, ...]) -> list[Path]:
    """Return the files of some locks."""
    return [REQUIREMENTS / f"{name}.lock" for name in names]


def fingerprint(names: tuple[str, ...]) -> str:
    """What the environment is made from: this Python, the locks and our own metadata."""
    digest = hashlib.sha256(sys.version.encode())
    for file in locks(names):
        digest.update(file.read_bytes())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    digest.update(repr(project).encode())
    return digest.hexdigest()


def make_environment(where: Path) -> None:
    """Create a virtual environment; on Debian without python3-venv, install that first."""
    try:
        venv.create(where, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError, OSError):
        if not apt("python3-venv"):
            sys.exit("Python cannot make a virtual environment: run  apt-get install python3-venv")
        venv.create(where, with_pip=True, clear=True)


def fill(where: Path, names: tuple[str, ...], env: dict[str, str] | None = None) -> None:
    """Install the locks with the pip that came with this Python.

    The locks are whole, so there is nothing to resolve: an old pip cannot choose otherwise.
    """
    pip = [program("python", where), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    files = [word for file in locks(names) for word in ("-r", file)]
    run(*pip, "--no-deps", "--require-hashes", *files, env=env)
    if "run" in names:
        run(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT, env=env)


def install(names: tuple[str, ...]) -> None:
    """Bring our virtual environment to what the locks say, when it is not there already."""
    marks = {kept: VENV / f".{kept[-1]}.stamp" for kept in (RUN, TEST)}
    mark = marks[names]
    if mark.exists() and mark.read_text() == fingerprint(names):
        return
    print(f"Setting up {VENV} ...", file=sys.stderr, flush=True)
    python = ".".join(str(part) for part in sys.version_info[:3])
    made_from = VENV / "pyvenv.cfg"
    if not (made_from.exists() and f"version = {python}\n" in made_from.read_text()):
        make_environment(VENV)
    fill(VENV, names)
    for kept, file in marks.items():
        if set(kept) <= set(names):
            file.write_text(fingerprint(kept))


def apt(*packages: str) -> bool:
    """Install Debian packages when we may; else print the exact command and return False."""
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        print(f"Missing on this system: {' '.join(packages)}", file=sys.stderr)
        return False
    if os.geteuid() != 0:
        print(f"Missing packages; run as root:  {command}", file=sys.stderr)
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env, is_quiet=True)
    run(*command.split(), "-qq", env=env, is_quiet=True)
    return True


def lint(_words: list[str]) -> None:
    """Run the gates."""
    install(TEST)
    for gate in GATES:
        print("==", *gate, flush=True)
        run(program(gate[0]), *gate[1:])


def test(arguments: list[str]) -> NoReturn:
    """Run the quick tests, all where CI=true, the long suites too when `--full`; or what the other words ask of pytest.

    Only a whole run installs what Debian has and we lack; else a test that needs it is skipped and
    says so, and fails where CI=true.
    """
    install(TEST)
    if not set(arguments) - {"--full", "--weigh"}:
        needed = {
            "chromium": shutil.which("chromium"),
            "nodejs": shutil.which("node"),
            "postgresql": postgresql(),
        }
        if "--full" in arguments:
            needed["thunderbird"] = shutil.which("thunderbird")
        missing = [package for package, found in needed.items() if not found]
        if missing:
            apt(*missing)
        lint([])
    become(program("python"), "-m", "pytest", "-n", "auto", "--dist", "loadgroup", *arguments)


def pictures(arguments: list[str]) -> NoReturn:
    """Take a picture of every page as each role sees it."""
    install(TEST)
    become(program("python"), "-m", "tests.e2e.screenshots", *arguments)


def site(where: Path, *words: object) -> list[object]:
    """Return the command that makes the site of docs/; told to be quiet, mkdocs counts no warning as a fault."""
    return [program("mkdocs", where), *(words or ("build",)), "-f", ROOT / "mkdocs.yml"]


def docs(arguments: list[str]) -> None:
    """Make the site of docs/, where a link that leads nowhere is a fault; or serve it."""
    mark, [lock] = DOCS / ".stamp", locks(("docs",))
    wanted = sys.version + hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (mark.exists() and mark.read_text() == wanted):
        make_environment(DOCS)
        fill(DOCS, ("docs",))
        mark.write_text(wanted)
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # an advertisement
    if "--serve" in arguments:
        become(*site(DOCS, "serve"))
    run(*site(DOCS))
    print(ROOT / "var/site/index.html")


def unit(arguments: list[str]) -> NoReturn:
    """Run the engine's tests."""
    test(["tests/matcher", *arguments])


def postgresql() -> str | None:
    """Return the path of PostgreSQL's initdb, which Debian keeps outside PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return shutil.which("initdb") or (str(found[-1]) if found else None)


def check_locks(_words: list[str]) -> None:
    """Make a fresh environment from each lock as a newcomer would, and ask pip what is missing.

    Only the system's own programs can be found meanwhile.
    """
    env = {**os.environ, "PATH": os.defpath}
    for names in TOGETHER:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="samkrets-lock-") as folder:
            made = Path(folder)
            make_environment(made)
            fill(made, names, env=env)
            run(program("python", made), "-m", "pip", "check", env=env, is_quiet=True)
            if "run" in names:
                run(program("samkrets", made), "--help", env=env, is_quiet=True)
            if "docs" in names:
                run(*site(made), "-d", made / "site", env=env)
        print(f"== {' + '.join(names)}: {time.monotonic() - began:.0f} s", flush=True)


def stamps() -> dict[str, int]:
    """When each of our files was changed last: code, style, texts and templates."""
    found: dict[str, int] = {}
    for name in WATCHED:
        for folder, folders, files in os.walk(ROOT / name):
            folders[:] = [each for each in folders if each != "__pycache__"]
            for file in files:
                path = os.path.join(folder, file)  # noqa: PTH118 - looked at twice a second
                try:
                    found[path] = os.stat(path).st_mtime_ns  # noqa: PTH116 - the same
                except FileNotFoundError:
                    continue  # an editor's file of a moment
    return found


def dev(arguments: list[str]) -> None:
    """Serve the demonstration and start it anew when a file of ours changes; the database is kept."""
    install(TEST)
    while True:
        seen = now = stamps()
        with started(program("python"), *SERVED, *arguments):
            while now == seen:
                time.sleep(0.5)
                now = stamps()
        changed = sorted({path for path, _ in now.items() ^ seen.items()})
        print("== changed:", *changed, file=sys.stderr, flush=True)


def end(number: int, _frame: FrameType | None) -> None:
    """Leave every block on the way out, so that what was started is ended."""
    sys.exit(128 + number)


def main() -> None:
    """Set up what the command needs, then hand over to it."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup's wish is kept
            signal.signal(number, end)
    command, *rest = sys.argv[1:] or ["demo"]
    ours = {
        "test": test,
        "unit": unit,
        "lint": lint,
        "locks": check_locks,
        "dev": dev,
        "pictures": pictures,
        "docs": docs,
    }
    if command in {"-h", "--help"}:
        print(__doc__)
    elif command in ours:
        ours[command](rest)
    else:
        install(RUN)
        become(program("python"), "-m", "api", command, *rest)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
