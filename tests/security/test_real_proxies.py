"""The proxies' examples as they stand, with ports of our own, before a real `serve`: what they pass on and stop."""

import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from tests.serving import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
HOST = "samkrets.example.se"
MISSES = 20  # a minute and client; see api.kit.throttle
PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}


def _nginx(folder: Path, plain: int, tls: int, ours: int) -> tuple[list[str], Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-nodes"]
    named = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    kept = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *named, *kept], check=True, capture_output=True)
    server = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for here, there in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl;"),
        ("/etc/ssl/certs/samkrets.pem", str(certificate)),
        ("/etc/ssl/private/samkrets.key", str(key)),
        ("127.0.0.1:8000", f"127.0.0.1:{ours}"),
    ):
        assert here in server
        server = server.replace(here, there)
    whole = (
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off; master_process off;\n"
        f"events {{}}\nhttp {{ client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; "
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"{server}}}\n"
    )
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    return ["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"], certificate


def _caddy(folder: Path, plain: int, tls: int, ours: int) -> tuple[list[str], Path]:
    site = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "127.0.0.1:8000" in site
    options = (
        f"{{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tdefault_bind 127.0.0.1\n"
        f"\thttp_port {plain}\n\thttps_port {tls}\n\tstorage file_system {folder}/kept\n}}\n"
    )
    file = folder / "Caddyfile"
    file.write_text(options + site.replace("127.0.0.1:8000", f"127.0.0.1:{ours}"), encoding="utf-8")
    root = folder / "kept" / "pki" / "authorities" / "local" / "root.crt"
    return ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"], root


PROXIES: dict[str, Callable[[Path, int, int, int], tuple[list[str], Path]]] = {
    "nginx": _nginx,
    "caddy": _caddy,
}


@pytest.fixture(params=PROXIES)
def ports(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, int, Path]]:
    """Return the proxy's two ports and the certificate to trust; `serve` stands behind it."""
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is missing: apt-get install {PACKAGES[name]}")
    plain, tls, ours = free_port(), free_port(), free_port()
    command, certificate = PROXIES[name](tmp_path, plain, tls, ours)
    environment = {
        **os.environ,
        "SAMKRETS_DATABASE": f"sqlite:///{tmp_path}/x.db",
        "SAMKRETS_BASE_URL": f"https://{HOST}",
        "SAMKRETS_DATA": str(tmp_path),
        "SAMKRETS_BACKUP_DAYS": "0",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    serve = [sys.executable, "-m", "api", "serve", "--port", str(ours)]
    quiet = {"env": environment, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    started = [subprocess.Popen(one, **quiet) for one in (serve, command)]  # type: ignore[call-overload]
    try:
        yield plain, tls, certificate
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(600)


@contextmanager
def _asking(tls: int, certificate: Path) -> Iterator[httpx2.Client]:
    """Ask as a browser would that finds the host here, once the proxy and what is behind it answer."""
    for _ in range(600):
        with suppress(httpx2.HTTPError, OSError, ssl.SSLError):
            trusted = ssl.create_default_context(cafile=str(certificate))
            with _Web(tls, trusted) as web:
                if web.get("/healthz").status_code == 200:
                    yield web
                    return
        time.sleep(0.2)
    pytest.fail("the proxy and serve did not answer")


class _Web(httpx2.Client):
    def __init__(self, tls: int, trusted: ssl.SSLContext) -> None:
        base = f"https://127.0.0.1:{tls}"
        super().__init__(base_url=base, headers={"Host": HOST}, verify=trusted, timeout=600)

    def request(self, method: str, url: object, **words: object) -> httpx2.Response:
        """Ask by the host's name (TLS too), whatever address it is at."""
        words["extensions"] = {"sni_hostname": HOST}
        return super().request(method, url, **words)  # type: ignore[arg-type]


def test_a_proxy_passes_on_what_it_should_and_stops_the_rest(
    ports: tuple[int, int, Path],
) -> None:
    plain, tls, certificate = ports
    with _asking(tls, certificate) as web:
        page = web.get("/logga-in")
        assert page.status_code == 200
        assert page.headers["strict-transport-security"] == "max-age=63072000"
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)
        assert token is not None
        form = {"form_token": token[1], "email": "nobody@example.org"}
        origin = {"Origin": f"https://{HOST}"}
        assert web.post("/logga-in", data=form, headers=origin).status_code == 303
        evil = {"Origin": "https://evil.example"}
        assert web.post("/logga-in", data=form, headers=evil).status_code == 403
        assert web.get("/metrics").status_code == 404
        assert web.get("/feeds/unknown.ics").status_code == 404
        # Over the form's limit, then over the proxy's.
        for octets in (300_000, 5_000_000, 12_000_000, 200_000_000):
            assert web.post("/logga-in", content=b"x" * octets).status_code == 413
        said = [
            web.get(f"/svar/{number:043}", headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(MISSES + 5)
        ]
        assert said[0].status_code == 404
        assert said[-1].status_code == 429  # whoever says to be many is one
    led = httpx2.get(f"http://127.0.0.1:{plain}/rc", headers={"Host": HOST})
    assert led.status_code in {301, 308}
    assert re.fullmatch(rf"https://{HOST}(:{tls})?/rc", led.headers["location"])
