"""A sent form is read in one place: whoever asks for it says only in which shape (api.kit.pages)."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = {
    "api/kit/pages.py": "gives a page its form: whole, every text of each field, or one text each",
    "api/kit/guard.py": "looks for the token before anything is done",
    "api/kit/once/service.py": "tells one press of a button from another",
}


def test_only_the_kit_reads_a_sent_form() -> None:
    found = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "api").rglob("*.py")
        if ".form()" in file.read_text(encoding="utf-8")
    }
    assert found == set(READERS)
