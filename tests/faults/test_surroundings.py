"""A full disk and a database that goes away: what was answered as saved is there, the rest is undone, nothing is half."""

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Person, Role
from api.app import create_app
from api.audit.service import verify
from api.kit.db import Database
from api.kit.settings import Settings
from api.library.models import Material
from api.migrations import upgrade
from api.operations import backup
from tests.factories import make_meeting, make_member
from tests.needs import need
from tests.postgres import Postgres
from tests.web import HIDDEN, Browser, browser

SIZES = {"sqlite": "6m", "postgresql": "160m"}
SAVED, AWAY = 303, 503
THREADS, PRESSES = 3, 9


@dataclass
class Ground:
    """A small disk with a database on it."""

    folder: Path
    url: str
    server: Postgres | None
    app: FastAPI

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def fill(self) -> None:
        """Write until nothing more goes in."""
        with (self.folder / "filling").open("ab", buffering=0) as file:
            for size in (65536, 1024, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def make_room(self) -> None:
        (self.folder / "filling").unlink()
        if self.server is not None and self.server.process.poll() is not None:
            self.server.start()  # it ends itself when its own disk is full


@pytest.fixture(params=["sqlite", "postgresql"])
def small_disk(request: pytest.FixtureRequest) -> Iterator[Ground]:
    kind = str(request.param)
    folder = Path(tempfile.mkdtemp(prefix="samkrets-disk-"))  # PostgreSQL's user may enter it
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZES[kind]},mode=1777", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, check=False)
    need(done.returncode == 0, "the right to mount a small disk", "(run as root)")
    server = None
    try:
        if kind == "sqlite":
            url = f"sqlite:///{folder}/samkrets.db"
        else:
            before, tempfile.tempdir = tempfile.tempdir, str(folder)
            try:
                server = Postgres()
            finally:
                tempfile.tempdir = before
            name = folder.name.replace("-", "_")  # heads of the log are kept by a database's name
            server.create(name)
            url = server.url(name)
        upgrade(url)
        app = create_app(Settings(database=url, base_url="http://testserver", data=folder / "data"))
        (folder / "data").mkdir(exist_ok=True)
        yield Ground(folder, url, server, app)
        app.state.database.close()
    finally:
        if server is not None:
            server.remove()
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def _planner(database: Database) -> tuple[str, str]:
    with database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        return planner.person.id, make_meeting(session).id


def _save(web: Browser, page: str, name: str) -> int:
    seen = web.get(page)
    if seen.status_code != 200:
        return int(seen.status_code)
    hidden = dict(HIDDEN.findall(seen.text))
    return int(web.post(page, data={**hidden, "name": name, "phone": ""}).status_code)


def _is_whole(database: Database, url: str) -> None:
    with database.reading() as session:
        assert verify(session, url).fault == ""


def test_on_a_full_disk_nothing_is_half_and_with_room_again_everything_works(
    small_disk: Ground,
) -> None:
    person_id, _ = _planner(small_disk.database)
    web, page = browser(small_disk.app, person_id), f"/personer/{person_id}"
    assert _save(web, page, "Exempel Före") == SAVED
    small_disk.fill()
    # What is small may still find room in what is there already; what is written goes on until nothing does.
    answers, name = [], "Exempel Före"
    for number in range(400):
        answers.append(_save(web, page, f"Exempel {number}"))
        if answers[-1] != SAVED:
            break
        name = f"Exempel {number}"
    assert answers[-1] == AWAY
    ready = web.get("/readyz")
    assert ready.status_code == AWAY
    with pytest.raises(backup.BackupError) as refused:
        backup.make(small_disk.url, small_disk.folder / "copies")
    assert "\n" not in str(refused.value)
    left = list((small_disk.folder / "copies").glob("*"))
    assert left == []
    small_disk.make_room()
    with small_disk.database.reading() as session:
        assert session.get_one(Person, person_id).name == name
    _is_whole(small_disk.database, small_disk.url)
    assert _save(web, page, "Exempel Efter") == SAVED
    assert web.get("/readyz").json()["database"] == "ok"
    copy = backup.make(small_disk.url, small_disk.folder / "copies")
    assert backup.verify(copy, small_disk.url).rows["person"] == 1


def test_what_was_answered_as_saved_is_there_once_after_the_database_was_away(
    tmp_path: Path,
) -> None:
    server = Postgres(fsync=True)
    try:
        server.create("away")
        url = server.url("away")
        upgrade(url)
        app = create_app(Settings(database=url, base_url="http://testserver", data=tmp_path))
        person_id, meeting_id = _planner(app.state.database)
        page = f"/traffar/{meeting_id}/material"
        answers: dict[str, int] = {}
        is_stopped, is_back = threading.Event(), threading.Event()

        def press(who: int) -> None:
            web = browser(app, person_id)
            drawn = [dict(HIDDEN.findall(web.get(page).text)) for _ in range(PRESSES)]
            for number, hidden in enumerate(drawn):
                if number == PRESSES // 3:
                    is_stopped.wait()
                if number == 2 * PRESSES // 3:
                    is_back.wait()
                link = f"https://example.org/{who}/{number}"
                form = {**hidden, "title": "Exempel", "address": link}
                answers[link] = int(web.post(page, data=form).status_code)

        threads = [threading.Thread(target=press, args=(who,)) for who in range(THREADS)]
        for thread in threads:
            thread.start()
        while len(answers) < THREADS:
            threading.Event().wait(0.01)
        server.stop("immediate")
        is_stopped.set()
        while sum(status == AWAY for status in answers.values()) < THREADS:
            threading.Event().wait(0.01)
        server.start()
        is_back.set()
        for thread in threads:
            thread.join()
        assert set(answers.values()) <= {SAVED, AWAY}, answers
        with app.state.database.reading() as session:
            there = [one.address for one in session.exec(select(Material))]
        saved = {link for link, status in answers.items() if status == SAVED}
        assert saved <= set(there)
        assert len(there) == len(set(there))
        assert any(link.endswith(f"/{PRESSES - 1}") for link in saved)
        _is_whole(app.state.database, url)
        app.state.database.close()
    finally:
        server.remove()
