"""What holds people's names and secrets is readable by the service's own user alone, whatever the umask is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.kit.files import make_private_file, open_to_others
from api.migrations import upgrade
from tests import migrated

PASSWORD = "S3cretPW"


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_a_new_database_and_its_folders_are_ours_alone(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/var/deep/x.db")
    made = [tmp_path / "var", tmp_path / "var" / "deep", *(tmp_path / "var" / "deep").iterdir()]
    assert tmp_path / "var" / "deep" / "x.db" in made
    assert open_to_others(made) == []


def test_an_old_database_that_others_could_read_is_closed_by_the_next_upgrade(
    tmp_path: Path,
) -> None:
    file = tmp_path / "x.db"
    file.touch(0o644)
    assert open_to_others([file]) == [file]
    upgrade(f"sqlite:///{file}")
    assert open_to_others([file]) == []
    make_private_file(file)
    assert file.stat().st_size > 0


def test_the_doctor_names_what_others_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKRETS_DATABASE", f"sqlite:///{tmp_path}/x.db")
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    migrated.on_sqlite(tmp_path / "x.db")
    assert "ok    files" in CliRunner().invoke(app, ["doctor"]).output
    (tmp_path / "x.db").chmod(0o640)
    said = CliRunner().invoke(app, ["doctor"]).output
    assert f"FAULT files       other users of the machine may read {tmp_path}/x.db: chmod" in said


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of a database, by its path."""
    folder = tmp_path_factory.mktemp("copy")
    url = migrated.on_sqlite(folder / "x.db")
    made = CliRunner().invoke(app, ["backup", "--database", url, "--folder", str(folder)])
    return made.output.strip()


@pytest.mark.parametrize(
    "words",
    [
        ["settings"],
        ["doctor"],
        ["migrate"],
        ["backup"],
        ["audit", "verify"],
        ["erase"],
        ["export", "members"],
        ["restore", "{copy}"],
        ["restore", "{copy}", "--verify"],
        ["recover", "x"],
    ],
)
def test_no_command_shows_a_databases_password(
    words: list[str], copy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = f"postgresql+psycopg://samkrets:{PASSWORD}@127.0.0.1:1/samkrets"
    monkeypatch.setenv("SAMKRETS_DATABASE", away)
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    done = CliRunner().invoke(app, [word.format(copy=copy) for word in words])
    assert PASSWORD not in done.output
    assert PASSWORD not in str(done.exception)
    assert words == ["settings"] or words[-1] == "--verify" or done.exit_code in {1, 2}
