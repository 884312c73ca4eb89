"""How a command's answer reaches its file: whole, readable as new files are, and never in a device's place."""

import io
import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.cli import app
from api.commands.files import write_whole


def test_a_new_file_has_the_permissions_of_new_files_and_an_old_one_keeps_its_own(
    tmp_path: Path,
) -> None:
    plain, new, old = tmp_path / "plain", tmp_path / "new", tmp_path / "old"
    plain.touch()
    old.touch()
    old.chmod(0o640)
    write_whole("å", str(new))
    write_whole("å", str(old))
    assert new.read_text(encoding="utf-8") == old.read_text(encoding="utf-8") == "å"
    assert new.stat().st_mode == plain.stat().st_mode
    assert old.stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed(tmp_path: Path) -> None:
    link, real = tmp_path / "link", tmp_path / "real"
    link.symlink_to(real)
    write_whole("x", str(link))
    assert link.is_symlink()
    assert real.read_text() == "x"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_whole("x", str(pipe))
    reader.join()
    assert heard == ["x"]
    assert pipe.is_fifo()


def test_a_folder_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit) as ended:
        write_whole("x", str(tmp_path))
    assert ended.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_standard_output_is_utf_8_whatever_the_terminal_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    write_whole("å", "-")
    assert written.getvalue() == "å".encode()


def test_a_full_standard_output_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Closed unflushed at the end: what could not be written must not be tried once more.
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(typer.Exit) as ended:
            write_whole("x", "-")
        monkeypatch.undo()
    assert ended.value.exit_code == 2
    told = capsys.readouterr().err
    assert told.startswith("standard output: cannot be written: ")
    assert len(told.splitlines()) == 1


def test_a_problem_is_read_from_standard_input() -> None:
    members = "\ufeffid,x\nå,1\nb,2\nc,4\n"
    result = CliRunner().invoke(app, ["match", "-"], input=members.encode())
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["groups"][0]["members"] == ["å", "b", "c"]
