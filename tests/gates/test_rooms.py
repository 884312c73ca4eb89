"""Every room can be taken in at a glance: at most sixteen modules, and never a package for nothing."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 16


def _rooms() -> Counter[str]:
    rooms: Counter[str] = Counter()
    for top in ("api", "matcher"):
        for file in (ROOT / top).rglob("*.py"):
            room = file.parent.relative_to(ROOT)
            if file.name != "__init__.py" and "migrations" not in room.parts:
                rooms[str(room)] += 1
    return rooms


def test_no_room_holds_more_than_sixteen_modules() -> None:
    rooms = _rooms()
    assert len(rooms) > 40  # it looked where the modules are
    assert {room: count for room, count in rooms.items() if count > MOST} == {}


def test_every_room_says_what_it_is_for() -> None:
    packages = [ROOT / room / "__init__.py" for room in _rooms()]
    silent = [
        str(file.relative_to(ROOT))
        for file in packages
        if not file.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []
