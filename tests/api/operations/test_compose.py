"""compose.yaml, Containerfile and the program must speak of the same commands, settings and addresses."""

import re
from pathlib import Path
from typing import Any

import yaml

from api.cli import COMMANDS
from api.settings import Settings

ROOT = Path(__file__).parents[3]


def _services() -> dict[str, dict[str, Any]]:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, dict[str, Any]] = document["services"]
    return services


def test_every_command_in_the_containers_is_one_of_ours() -> None:
    commands = [service["command"] for service in _services().values() if "command" in service]
    last = re.search(
        r'^CMD \["samkrets", "(\w+)"', (ROOT / "Containerfile").read_text(), re.MULTILINE
    )
    assert last is not None
    assert {command[1] for command in commands} | {last[1]} == {"migrate", "worker", "serve"}
    assert {"migrate", "worker", "serve"} <= COMMANDS.keys()


def test_every_setting_in_the_containers_is_one_of_ours() -> None:
    known = {f"SAMKRETS_{name.upper()}" for name in Settings.model_fields}
    used = {
        name
        for service in _services().values()
        for name in service.get("environment", {})
        if name.startswith("SAMKRETS_")
    }
    assert used <= known
    assert {"SAMKRETS_DATABASE", "SAMKRETS_SECRET", "SAMKRETS_SMTP_URL"} <= used


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
