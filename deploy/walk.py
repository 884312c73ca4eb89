"""Walk the whole installation on one bare Debian, as docs/operations.md has it: python deploy/walk.py.

Wheel, an environment from the constraints, PostgreSQL, settings (0600), migrate, the units' own
ExecStart lines, Caddy with TLS in front, a backup, and `doctor` green; each step with its seconds.
Everything lies in one temporary folder and ends with the script. Needs: postgresql, caddy, PyPI.
Not walked: systemd itself (the units' lines are run by hand) and certificates from outside (Caddy's
own authority stands in for ACME); the mail server is one that says 250 to everything.
"""

import os
import re
import secrets
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import release

DEPLOY = Path(__file__).resolve().parent
HOST = "samkrets.example.se"
PATIENCE_S = 300.0  # for what never comes up


def say(text: str) -> None:
    """Say a step with the seconds since the start."""
    print(f"{time.monotonic() - BEGUN:6.1f} s  {text}", flush=True)  # noqa: T201 - what a script says


def run(*command: object, env: Mapping[str, str] | None = None) -> str:
    """Run a command; stop with what it said when it fails."""
    done = subprocess.run(
        [str(part) for part in command], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(log: Path, *command: object, env: Mapping[str, str]) -> Iterator[None]:
    """Run a command during the block, as a unit with Restart=always does; what it says stands in `log`."""
    words, is_over = [str(part) for part in command], threading.Event()
    held: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while not is_over.is_set():
            with log.open("ab") as said:
                process = subprocess.Popen(words, env=dict(env), stdout=said, stderr=said)
                held[:] = [process]
                code = process.wait()
            if not is_over.is_set():
                say(f"{log.stem} ended with {code}, started again: {_last(log)}")
                is_over.wait(2.0)

    thread = threading.Thread(target=keep_running, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        for process in held:
            process.terminate()
        thread.join(60)


def _last(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace").strip()[-300:]


class _Mail(socketserver.StreamRequestHandler):
    """A mail server that takes everything."""

    def handle(self) -> None:
        self.wfile.write(b"220 walk ESMTP\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def mail_server() -> Iterator[int]:
    """Serve mail during the block; yield its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL of our own during the block; yield the URL of an empty database."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    data, port = folder / "postgresql", free_port()
    data.mkdir()
    as_other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_other:
        shutil.chown(data, "postgres")
    run(*as_other, programs / "initdb", "-D", data, "-A", "trust", "-U", "samkrets", "-E", "UTF8")
    where = f"-k {data} -h 127.0.0.1 -p {port}"
    run(*as_other, programs / "pg_ctl", "-D", data, "-o", where, "-w", "-l", data / "log", "start")
    try:
        run(programs / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "samkrets", "samkrets")
        yield f"postgresql+psycopg://samkrets@127.0.0.1:{port}/samkrets"
    finally:
        run(*as_other, programs / "pg_ctl", "-D", data, "-m", "fast", "stop")


def settings(folder: Path, database: str, mail: int) -> dict[str, str]:
    """Write the settings to a file that nobody else reads, and return them."""
    values = {
        "SAMKRETS_DATABASE": database,
        "SAMKRETS_BASE_URL": f"https://{HOST}",
        "SAMKRETS_SECRET": secrets.token_urlsafe(48),
        "SAMKRETS_AUDIT_KEY": secrets.token_urlsafe(48),
        "SAMKRETS_DATA": str(folder / "data"),
        "SAMKRETS_CONTACT_MAIL": "samkrets@example.se",
        "SAMKRETS_MAIL_FROM": "samkrets@example.se",
        "SAMKRETS_SMTP_URL": f"smtp://127.0.0.1:{mail}?tls=never",
    }
    file = folder / "env"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return {**os.environ, **values}


def unit(name: str, samkrets: Path, port: int) -> list[str]:
    """Return a unit's own ExecStart line, with our program and our port."""
    text = (DEPLOY / f"systemd/samkrets-{name}.service").read_text(encoding="utf-8")
    [line] = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    words = line.replace("/opt/samkrets/bin/samkrets", str(samkrets)).split()
    return [str(port) if word == "8000" else word for word in words]


def caddy(folder: Path, ours: int, tls: int) -> list[str]:
    """Write the Caddyfile as it stands, with ports and an authority of our own."""
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    options = (
        "{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tdefault_bind 127.0.0.1\n"
        f"\thttp_port {free_port()}\n\thttps_port {tls}\n\tstorage file_system {folder}/kept\n}}\n"
    )
    file = folder / "Caddyfile"
    file.write_text(options + site.replace("127.0.0.1:8000", f"127.0.0.1:{ours}"))
    return ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]


def ask(folder: Path, tls: int, path: str) -> tuple[int, bytes]:
    """Ask through the proxy, by the host's name and its certificate."""
    root = folder / "kept/pki/authorities/local/root.crt"
    trusted = ssl.create_default_context(cafile=str(root))
    with (
        socket.create_connection(("127.0.0.1", tls), 30) as plain,
        trusted.wrap_socket(plain, server_hostname=HOST) as line,
    ):
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    return int(answer.split()[1]), answer


def wait_for(folder: Path, tls: int, path: str) -> None:
    """Ask until the answer is 200."""
    last: object = ""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        try:
            status, last = ask(folder, tls, path)
        except (OSError, ValueError, IndexError) as error:
            last = error
        else:
            if status == 200:
                return
        time.sleep(0.5)
    sys.exit(f"{path} did not answer: {last!r}")


def walk(folder: Path) -> None:
    """Walk the whole way; stop where it ends."""
    with ExitStack() as stack:
        wheel = release.make(folder / "dist")
        say(f"release: {', '.join(sorted(file.name for file in wheel.parent.iterdir()))}")
        run(sys.executable, "-m", "venv", folder / "venv")
        pip = [folder / "venv/bin/python", "-m", "pip", "install", "-q", "--no-deps"]
        run(*pip, "--require-hashes", "-r", wheel.parent / "constraints.txt")
        run(*pip, wheel)
        samkrets = folder / "venv/bin/samkrets"
        say("environment from constraints.txt, then the wheel")
        database = stack.enter_context(postgresql(folder))
        say("PostgreSQL, one empty database")
        env = settings(folder, database, stack.enter_context(mail_server()))
        say("settings, readable by their owner alone")
        run(samkrets, "migrate", env=env)
        say("migrate")
        ours, tls = free_port(), free_port()
        stack.enter_context(started(folder / "web.log", *unit("web", samkrets, ours), env=env))
        stack.enter_context(
            started(folder / "worker.log", *unit("worker", samkrets, ours), env=env)
        )
        homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        stack.enter_context(
            started(folder / "caddy.log", *caddy(folder, ours, tls), env={**os.environ, **homes})
        )
        wait_for(folder, tls, "/healthz")
        say("web, worker and Caddy: /healthz by https")
        wait_for(folder, tls, "/readyz")
        say("/readyz: database, tables, queue, schedule")
        status, page = ask(folder, tls, "/logga-in")
        if status != 200 or b"Strict-Transport-Security" not in page.replace(
            b"strict-transport-security", b"Strict-Transport-Security"
        ):
            sys.exit(f"/logga-in answered {status} without HSTS")
        say("the sign-in page, with HSTS")
        run(samkrets, "backup", env=env)
        say("backup")
        for line in run(samkrets, "doctor", env=env).splitlines():
            say(f"doctor: {line}")
        say("done: doctor is green")


if __name__ == "__main__":
    BEGUN = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="samkrets-walk-") as name:
        Path(name).chmod(0o755)  # PostgreSQL's user looks into it
        walk(Path(name))
