import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.cli import app
from api.kit.db import make_engine
from api.wiring import connect
from tests import migrated
from tests.factories import make_member


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = migrated.on_sqlite(tmp_path / "x.db")
    database = connect(made, "")
    with database.transaction() as session:
        make_member(session, Role.PLANNER)
    database.close()
    return made


@pytest.fixture
def mail_server() -> Iterator[int]:
    """A port that speaks as a mail server does, as far as saying hello and goodbye."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return  # the test is over
                with line, line.makefile("rwb", buffering=0) as talk, suppress(OSError):
                    talk.write(b"220 ready\r\n")
                    for asked in talk:
                        bye = asked.upper().startswith(b"QUIT")
                        talk.write(b"221 bye\r\n" if bye else b"250 ok\r\n")

        threading.Thread(target=speak, daemon=True).start()
        yield server.getsockname()[1]


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_the_doctor_names_what_is_wrong_and_is_content_when_nothing_is(
    url: str, tmp_path: Path, mail_server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path / "nothing yet"))
    code, said = _run("doctor", "--database", url)
    assert code == 1
    faults = [line.split()[1] for line in said.splitlines() if line.startswith("FAULT")]
    assert faults == ["secret", "https", "host", "contact", "mail", "backup"]

    for name, value in {
        "SECRET": "s" * 32,
        "BASE_URL": "https://samkrets.example.se",
        "CONTACT_MAIL": "nch@example.se",
        "MAIL_FROM": "samkrets@example.se",
        "SMTP_URL": f"smtp://127.0.0.1:{mail_server}",
        "DATA": str(tmp_path),
        "DATABASE": url,
    }.items():
        monkeypatch.setenv(f"SAMKRETS_{name}", value)
    assert _run("backup")[0] == 0
    code, said = _run("doctor")
    assert (code, "FAULT" in said) == (0, False), said


def test_the_doctor_survives_a_database_that_is_away(tmp_path: Path) -> None:
    code, said = _run("doctor", "--database", f"sqlite:///{tmp_path}/no/such/folder/x.db")
    assert code == 1
    assert "x.db does not exist: set SAMKRETS_DATABASE, or make it" in said
    assert not (tmp_path / "no").exists()


def test_a_backup_is_proven_and_restored_from_the_command_line(url: str, tmp_path: Path) -> None:
    code, path = _run("backup", "--database", url, "--folder", str(tmp_path / "copies"))
    assert code == 0
    copy = path.strip()
    assert "can be restored" in _run("restore", copy, "--verify", "--database", url)[1]
    assert _run("restore", copy, "--database", url)[0] == 1
    code, said = _run("restore", copy, "--database", f"sqlite:///{tmp_path}/new/y.db")
    assert (code, "is restored" in said) == (0, True)
    assert _run("restore", str(tmp_path / "nothing.db"), "--verify")[0] == 1


def test_audit_verify_finds_one_changed_row(url: str) -> None:
    code, said = _run("audit", "verify", "--database", url)
    assert (code, said.partition(":")[0]) == (0, "The log's chain is whole")
    engine = make_engine(url)
    with Session(engine) as session:
        session.exec(select(AuditEntry).where(AuditEntry.number == 2)).one().actor = "somebody"
        session.commit()
    engine.dispose()
    code, said = _run("audit", "verify", "--database", url)
    assert code == 1
    assert "row 2" in said
