"""compose.yaml, Containerfile and the program must speak of the same commands, settings and addresses."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import yaml

from api.app import UPLOADS
from api.cli import COMMANDS
from api.commands.running import serve
from api.kit.settings import Settings

ROOT = Path(__file__).parents[3]
CONTAINERFILE = ROOT / "Containerfile"


def _services() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, dict[str, Any]] = document["services"]
    return services


def test_every_command_in_the_containers_is_one_of_ours() -> None:
    commands = [service["command"] for service in _services().values() if "command" in service]
    last = re.search(r'^CMD \["samkrets", "(\w+)"', CONTAINERFILE.read_text(), re.MULTILINE)
    assert last is not None
    assert {command[1] for command in commands} | {last[1]} == {"migrate", "worker", "serve"}
    assert {"migrate", "worker", "serve"} <= COMMANDS.keys()


def test_a_proxy_gives_an_idle_connection_up_before_we_close_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else it sends somebody's form into a connection that is just being closed, and answers 502."""
    asked: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _app, **words: asked.update(words))
    monkeypatch.setattr(serve, "worker_beside", lambda _settings: nullcontext())
    url = f"sqlite:///{tmp_path}/samkrets.db"
    serve.run(Settings(database=url, base_url="http://127.0.0.1"), "127.0.0.1", 8000)
    kept = re.search(r"keepalive (\d+)s", (ROOT / "deploy" / "Caddyfile").read_text())
    assert kept is not None
    assert int(kept[1]) < asked["timeout_keep_alive"]
    assert asked["timeout_keep_alive"] > 60  # nginx' own, for those that it keeps


@pytest.mark.parametrize(
    ("file", "size"), [("nginx.conf", r"client_max_body_size (\d+)m;"), ("Caddyfile", r"max_size (\d+)MB")]
)  # fmt: skip
def test_a_proxy_lets_through_what_the_largest_form_takes(file: str, size: str) -> None:
    found = re.search(size, (ROOT / "deploy" / file).read_text(encoding="utf-8"))
    assert found is not None
    assert int(found[1]) * 1_000_000 >= max(UPLOADS.values())


def test_every_setting_reaches_the_containers_and_stands_in_the_example() -> None:
    known = {f"SAMKRETS_{name.upper()}" for name in Settings.model_fields}
    services = [_services()[name] for name in ("migrate", "web", "worker")]
    for service in services:
        assert service["env_file"] == [{"path": ".env", "required": False}]
        used = {name for name in service["environment"] if name.startswith("SAMKRETS_")}
        assert used <= known
        # What compose itself sets would win over .env: only what it must know.
        assert used == {"SAMKRETS_DATABASE", "SAMKRETS_SECRET", "SAMKRETS_SMTP_URL"}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?(SAMKRETS_[A-Z_]+)=", example, re.MULTILINE))
    assert named == known - {"SAMKRETS_IS_DEMO"}


def test_units_call_commands_of_ours_and_stop_in_time() -> None:
    folder = ROOT / "deploy" / "systemd"
    units = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    for name, text in units.items():
        for command in re.findall(r"^Exec\w+=/opt/samkrets/bin/samkrets (\w+)", text, re.MULTILINE):
            assert command in COMMANDS, name
        if name.endswith(".timer"):
            assert name.replace(".timer", ".service") in units
            assert "Persistent=true" in text  # a missed run is caught up
        else:
            assert "UMask=0077" in text
    for name in ("samkrets-web.service", "samkrets-worker.service"):
        assert "TimeoutStopSec=10" in units[name]


def test_no_password_is_written_down_and_nothing_listens_beyond_the_machine() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert "${POSTGRES_PASSWORD:?" in text
    assert "${SAMKRETS_SECRET:?" in text
    ports = [port for service in _services().values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_workers_scale_because_they_publish_no_port_and_have_no_fixed_name() -> None:
    worker = _services()["worker"]
    assert not {"ports", "container_name", "hostname"} & worker.keys()
    assert worker["command"] == ["samkrets", "worker"]


def _copied() -> list[str]:
    """Return what Containerfile copies from the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE.read_text(), re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert _copied()
    for source in _copied():
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in let_in, source


def test_what_the_image_holds_is_enough_to_migrate_to_check_and_to_serve(tmp_path: Path) -> None:
    """The image's folder, made as Containerfile says, in a process that sees no other checkout."""
    for source in _copied():
        if (ROOT / source).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, tmp_path / source, ignore=ignore)
        elif "/" not in source:
            shutil.copyfile(ROOT / source, tmp_path / source)
    database = f"sqlite:///{tmp_path}/x.db"
    script = (
        "import api.kit.pages, sys; assert api.kit.pages.ROOT.is_relative_to(sys.argv[1]), api.kit.pages.ROOT;"
        "from api.app import create_app; from api.kit.settings import Settings;"
        "from fastapi.testclient import TestClient;"
        "web = TestClient(create_app(Settings(database=sys.argv[2])));"
        "print(*(web.get(path).status_code for path in ('/', '/en/logga-in', '/healthz', '/readyz')))"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-m", "api", "migrate", "--database", database)
    assert run("-c", script, str(tmp_path), database).split() == ["200"] * 4
    backend = "import hatchling.build as b, sys; print(b.build_editable(sys.argv[1]))"
    assert run("-c", backend, str(tmp_path)).strip().endswith(".whl")


def test_every_package_of_the_image_is_pinned_by_its_hash() -> None:
    locks = [source for source in _copied() if source.endswith(".lock")]
    assert locks
    assert "--require-hashes" in CONTAINERFILE.read_text()
    for lock in locks:
        text = (ROOT / lock).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z][^\n]*==[^\n]*\\\n +--hash=sha256:", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), lock


def test_services_wait_for_services_that_there_are_and_keep_what_they_write() -> None:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services = document["services"]
    for name, service in services.items():
        assert "image" in service or (ROOT / service["build"]["dockerfile"]).is_file(), name
        for other, wanted in service.get("depends_on", {}).items():
            assert other in services
            if wanted["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
            else:
                assert services[other]["restart"] == "no"  # it completes, and stays completed
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in document["volumes"]
    assert services.keys() == {"database", "migrate", "web", "worker", "mail"}


def test_every_image_is_of_a_version() -> None:
    images = [service["image"] for service in _services().values() if "image" in service]
    text = CONTAINERFILE.read_text()
    images += re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    said = dict(re.findall(r"^ARG (\w+)=(\S+)", text, re.MULTILINE))
    assert images
    for image in images:
        chosen = re.sub(r"\$\{(\w+)\}", lambda found: said[found[1]], image)
        assert re.search(r":v?\d", chosen), image
