"""How a command's answer reaches its file: whole, readable as new files are, and never in a device's place."""

import os
import threading
from pathlib import Path

import pytest
import typer

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
