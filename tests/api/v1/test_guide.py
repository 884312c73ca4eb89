"""The guide of the API is run as it stands, by the client as it stands, against the service."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.accounts import keys
from api.accounts.keys import KeyWish, Scope
from api.accounts.models import Role
from api.kit.clock import now, to_local
from api.meetings.service import first_working_day
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks import service as proposals
from tests.api.v1.client_paths import ANSWERS, CLIENT, ROOT, answers, written
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.solving import matched

GUIDE = (ROOT / "docs/guide/api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def client() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("samkrets_client", CLIENT)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["samkrets_client"] = made
    spec.loader.exec_module(made)
    yield made
    del sys.modules["samkrets_client"]


def test_a_type_checker_knows_what_each_read_answers(tmp_path: Path) -> None:
    for file in (CLIENT, ANSWERS):
        shutil.copy(file, tmp_path)
    blocks = "\n".join(BLOCKS)
    mistaken = 'samkrets.read("/load")["rovs"]\nsamkrets.read("/lod")\n'
    (tmp_path / "guide.py").write_text(f'key = day = ""\n{blocks}\n{mistaken}', encoding="utf-8")
    words = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "guide.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    faults = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(faults) == 2, done.stdout + done.stderr
    assert 'TypedDict "LoadPage" has no key "rovs"' in faults[0]
    assert "No overload variant" in faults[1]


def test_the_client_knows_every_address() -> None:
    assert written() == CLIENT.read_text(encoding="utf-8"), "python -m tests.api.v1.client_paths"
    assert answers() == ANSWERS.read_text(encoding="utf-8"), "python -m tests.api.v1.client_paths"


def _work(app: FastAPI) -> None:
    """Do what a worker does: answer the proposals that wait."""
    with app.state.database.transaction() as session:
        waiting = select(Proposal).where(Proposal.state == ProposalState.SOLVING)
        for one in session.exec(waiting).all():
            proposals.record_answer(session, one, matched(one.problem))


def test_networks_and_a_meeting_are_built_from_nothing(
    app: FastAPI, client: ModuleType, tmp_path: Path
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        for rc in ("skaraborg", "fyrbodal"):
            make_member(session, Role.RC_MEMBER, rc_id=rc)
        person_id = make_member(session, Role.PLANNER).person.id
        key = keys.make_key(session, person_id, KeyWish("Exempel", frozenset(Scope), 1), now())
    web = TestClient(app, follow_redirects=False)

    def send(
        method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        where = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = web.request(method, where, content=body, headers=dict(headers))
        return answer.status_code, dict(answer.headers), answer.content

    made = client.Samkrets

    def connected(base_url: str, key: str) -> Any:  # noqa: ANN401 - the client's own class
        return made(base_url, key, send, lambda _: _work(app))

    client.Samkrets = connected  # type: ignore[attr-defined] # the guide's own name for it
    day = first_working_day(to_local(now() + timedelta(weeks=9)).date())
    names: dict[str, Any] = {"key": key, "day": str(day)}
    for block in BLOCKS:
        exec(compile(block, "docs/guide/api.md", "exec"), names)  # noqa: S102 - our own page
    assert len(list(names["samkrets"].each("/rcs"))) == len(names["register"])
    listed = names["samkrets"].file("/rcs/export.csv")
    assert listed.startswith(b"\xef\xbb\xbf")
    sheet = tmp_path / "kontakter.csv"
    sheet.write_text("x\n", encoding="utf-8")
    assert client.attached(sheet)["filename"] == "kontakter.csv"
