#!/usr/bin/env python3
"""Set up and start Samkrets with Python alone: `python3 do.py demo`, `test [--full]`, or any `samkrets` command."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
RUN = [ROOT / "requirements" / "run.lock"]
TEST = [*RUN, ROOT / "requirements" / "test.lock"]
GATES = (
    ["ruff", "check"],
    ["ruff", "format", "--check"],
    ["mypy"],
    ["lint-imports"],
)


def run(*command: object, **options: object) -> None:
    """Run a command in the checkout; stop with its exit code when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options)
    if done.returncode:
        sys.exit(done.returncode)


def fingerprint(locks: list[Path]) -> str:
    """What the environment was made from: this Python, the locks and our own metadata."""
    digest = hashlib.sha256(sys.version.encode())
    for file in [*locks, ROOT / "pyproject.toml"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_environment(uv: str | None) -> None:
    """Create the virtual environment; on Debian without python3-venv, install that first."""
    if uv:
        run(uv, "venv", "-q", "--python", sys.executable, VENV)
        return
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, ImportError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        if not apt("python3-venv"):
            sys.exit("Python cannot make a virtual environment: run  apt-get install python3-venv")
        venv.create(VENV, with_pip=True)


def install(locks: list[Path], name: str) -> None:
    """Bring the virtual environment to what the hashed locks say, with uv when found, else pip."""
    mark, wanted = VENV / f".{name}.stamp", fingerprint(locks)
    if PYTHON.exists() and mark.exists() and mark.read_text() == wanted:
        return
    print(f"Setting up {VENV} ...", file=sys.stderr, flush=True)
    uv = shutil.which("uv")
    if not PYTHON.exists():
        make_environment(uv)
    pip = [uv, "pip", "install", "-q", "--python", PYTHON]
    if not uv:
        pip = [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--require-hashes", *(word for lock in locks for word in ("-r", lock)))
    run(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT)
    mark.write_text(wanted)


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
    run("apt-get", "update", "-qq", env=env, stdout=subprocess.DEVNULL)
    run(*command.split(), "-qq", env=env, stdout=subprocess.DEVNULL)
    return True


def test(arguments: list[str]) -> None:
    """Run the gates, then the tests; `--full` adds the long suites, other words go to pytest."""
    install(TEST, "test")
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
    if not [word for word in arguments if word != "--full"]:
        for gate in GATES:
            print("==", *gate, flush=True)
            run(BIN / gate[0], *gate[1:])
    run(PYTHON, "-m", "pytest", "-n", "auto", "--dist", "loadgroup", *arguments)


def postgresql() -> str | None:
    """Return the path of PostgreSQL's initdb, which Debian keeps outside PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return shutil.which("initdb") or (str(found[-1]) if found else None)


def main() -> None:
    """Set up what the command needs, then hand over to it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - a newcomer may start this with an older Python
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    command, *rest = sys.argv[1:] or ["demo"]
    if command == "test":
        test(rest)
    else:
        install(RUN, "run")
        run(PYTHON, "-m", "api", command, *rest)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
