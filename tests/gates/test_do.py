"""`do.py`: what it starts ends with it, whatever ends it, and it installs no more than is asked for."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

import do
from tests.needs import MISSING
from tests.serving import free_port

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL]
PATIENCE_S = 900.0  # ends what hangs
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of a SIGKILL")
# The environment stands already: we are in it.
PREPARED = (
    "import signal, sys, do; do.install = lambda names: None; sys.argv[0] = 'do.py'; "
    # As at a terminal: whoever is started in the background is started deaf to these.
    "signal.signal(signal.SIGINT, signal.default_int_handler); "
    "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
)
SLEEPER = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


def wait(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have started."""
    try:
        listed = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = [int(child) for each in listed for child in each.split()]
    return [each for child in children for each in (child, *descendants(child))]


@contextmanager
def python(script: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words],
        cwd=do.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@LINUX
@pytest.mark.parametrize("number", SIGNALS)
def test_a_child_ends_with_do_whatever_signal_ends_it(number: signal.Signals) -> None:
    with python(PREPARED + f"do.run(sys.executable, '-c', {SLEEPER!r})") as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        assert is_running(child)
        process.send_signal(number)
        process.wait()
        wait(lambda: not is_running(child), "the child ends")


@pytest.mark.parametrize("number", SIGNALS)
def test_the_command_itself_gets_the_signal(number: signal.Signals) -> None:
    """After its preparations do.py is the command: there is nobody who could leave it behind."""
    with python(PREPARED + f"do.become(sys.executable, '-c', {SLEEPER!r})") as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(number)
        assert process.wait() == -number


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def test_dev_watches_code_style_texts_and_templates() -> None:
    watched = {Path(path).relative_to(do.ROOT).as_posix() for path in do.stamps()}
    ours = {"matcher/geo.py", "api/static/samkrets.css", "api/locale/en/registry.po"}
    assert ours | {"templates/base.html"} <= watched
    assert not [path for path in watched if path.endswith(".pyc")]


@LINUX
def test_dev_starts_anew_for_a_changed_text_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    served = ["-m", "api", "serve", "--port", str(port), "--database", f"sqlite:///{tmp_path}/d.db"]
    with python(PREPARED + f"do.SERVED = {served!r}; do.main()", "dev") as process:
        home = f"http://127.0.0.1:{port}/healthz"
        wait(lambda: answers(home) and len(descendants(process.pid)) >= 2, "server and worker")
        before = descendants(process.pid)
        os.utime(do.ROOT / "api/locale/en/registry.po")
        wait(lambda: not any(map(is_running, before)), "the change is seen")
        wait(lambda: answers(home) and len(descendants(process.pid)) >= 2, "both again")
        left = descendants(process.pid)
        process.kill()
        wait(lambda: not any(map(is_running, left)), "server and worker end")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What do.py would have installed and started."""
    told: list[str] = []
    monkeypatch.setattr(do, "install", lambda names: told.append("+".join(names)))
    monkeypatch.setattr(do, "apt", lambda *packages: told.append(f"apt {' '.join(packages)}"))
    monkeypatch.setattr(do, "lint", lambda _: told.append("lint"))
    monkeypatch.setattr(do, "become", lambda *words: told.append(" ".join(map(str, words[1:]))))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(do, "postgresql", lambda: None)
    return told


PYTEST = "-m pytest -n auto --dist loadgroup"


def test_a_part_of_the_tests_installs_no_program(asked: list[str]) -> None:
    do.test(["tests/matcher/test_milp.py"])
    do.unit(["-x"])
    assert asked == [
        "run+test",
        f"{PYTEST} tests/matcher/test_milp.py",
        "run+test",
        f"{PYTEST} tests/matcher -x",
    ]


def test_a_whole_run_installs_what_its_tests_need(asked: list[str]) -> None:
    do.test([])
    assert asked == ["run+test", "apt chromium nodejs postgresql", "lint", PYTEST]


@pytest.mark.parametrize("in_ci", [False, True])
def test_what_is_missing_is_said_and_fails_in_ci(tmp_path: Path, *, in_ci: bool) -> None:
    (tmp_path / "test_it.py").write_text(
        "from tests.needs import need\ndef test_it(): need(None, 'A browser', 'chromium')\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            do.ROOT / "pyproject.toml",
            "--rootdir",
            do.ROOT,
            "--confcutdir",
            do.ROOT,
            "-p",
            "tests.conftest",
            tmp_path,
        ],
        cwd=do.ROOT,
        env={**os.environ, "CI": str(in_ci).lower(), "PYTHONPATH": str(do.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"A browser{MISSING}chromium" in done.stdout, done.stdout + done.stderr
    assert done.returncode == int(in_ci)


def test_there_is_one_way_to_install() -> None:
    """Neither the set-up, the image nor CI knows another installer than Python's own pip."""
    for name in ("do.py", "Containerfile", ".ci/run"):
        text = (do.ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"\b(uv|poetry|pipx|conda)\b", text), name
        for line in text.splitlines():
            if "--require-hashes" in line:
                assert "--no-deps" in line, name
