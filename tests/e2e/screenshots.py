"""Pictures of every page, and contact sheets of them: `python3 do.py pictures FOLDER [--all] [--before OLD]`.

Without --all: Swedish, 1280 and 360 px, light; with it, all eight looks. A sheet holds the pages of one
role in one look, small; with --before each beside the same page of an earlier folder. `--database URL`
takes them of a database that is there, of which a copy is not made; without it the demonstration is made.
"""

import argparse
import html
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from tests.e2e.site import ALL, ROLES, Look, Site, make_demo, serving
from tests.needs import RUN_FOLDER

ON_A_SHEET = 12  # pictures of 1280 px; of a phone's twice as many
LOOKS = (Look("sv", 1280, "light"), Look("sv", 360, "light"))


def picture_name(path: str, role: str, look: Look) -> str:
    """Return a file name such as rc_member-traffar-id-sv-1280-light.png; ids differ from run to run."""
    parts = ["id" if len(part) > 30 else part for part in path.strip("/").split("/") if part]
    return f"{'-'.join([role, *(parts or ['start'])])}-{look}.png"


def take(site: Site, folder: Path, looks: tuple[Look, ...]) -> int:
    """Write a picture of every page each role can reach, in every look; return how many."""
    number = 0
    for role in ROLES:
        places = site.places(role)
        for look in looks:
            context = site.context(role, look)
            page = context.new_page()
            for path in places:
                page.goto(site.url + look.path(path))
                name = picture_name(path, role.value if role else "anyone", look)
                page.screenshot(path=folder / name, full_page=True)
                number += 1
            context.close()
    return number


SHEET = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{font:13px sans-serif;margin:16px;width:1560px;background:#ddd}}h1{{font-size:18px}}
main{{display:flex;flex-wrap:wrap;gap:12px}}figure{{margin:0;width:{width}px}}
figure div{{display:flex;gap:4px;height:330px;overflow:hidden;background:#fff}}
figure p{{width:{each}px;flex:none;margin:0;padding:4px;color:#666}}
img{{width:{each}px;object-fit:cover;object-position:top}}figcaption{{overflow:hidden;white-space:nowrap}}</style>
<h1>{title}</h1><main>{figures}</main>"""


def sheets(site: Site, folder: Path, before: Path | None) -> int:
    """Write a contact sheet for each role and look, `sheet-*.html` with its picture; return how many."""
    groups: dict[str, list[Path]] = {}
    for picture in sorted(folder.glob("*.png")):
        role, *_, language, pixels, scheme = picture.stem.split("-")
        groups.setdefault(f"{role}-{language}-{pixels}-{scheme}", []).append(picture)
    page = site.browser.new_page(viewport={"width": 1600, "height": 900})
    made = 0
    for group, pictures in groups.items():
        each = 180 if "-360-" in group else 370
        width = each * 2 + 4 if before else each
        on_one = ON_A_SHEET * (2 if "-360-" in group else 1) // (2 if before else 1)
        for first in range(0, len(pictures), on_one):
            made += 1
            title = f"{group}-{first // on_one + 1}"
            shown = pictures[first : first + on_one]
            figures = "".join(_figure(picture, before) for picture in shown)
            sheet = folder / f"sheet-{title}.html"
            text = SHEET.format(title=html.escape(title), width=width, each=each, figures=figures)
            sheet.write_text(text, encoding="utf-8")
            page.goto(sheet.resolve().as_uri())
            page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
    page.close()
    return made


def _figure(picture: Path, before: Path | None) -> str:
    name = html.escape(picture.name, quote=True)
    shown = f'<img src="{name}" alt="">'
    if before is not None:
        old = (before / picture.name).resolve()
        shown = (f'<img src="{old.as_uri()}" alt="">' if old.exists() else "<p>new</p>") + shown
    return (
        f'<figure><div>{shown}</div><figcaption><a href="{name}">{name}</a></figcaption></figure>'
    )


@contextmanager
def _database(given: str | None) -> Iterator[str]:
    if given is not None:
        yield given
        return
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.dict(os.environ, {RUN_FOLDER: scratch}),
    ):
        yield make_demo(Path(scratch))


def main() -> None:
    """Serve the demonstration and take the pictures."""
    parser = argparse.ArgumentParser(prog="do.py pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures that are in it are replaced")
    parser.add_argument("--all", action="store_true", help="all eight looks")
    parser.add_argument("--before", type=Path, help="a folder of earlier pictures")
    parser.add_argument("--database", help="a database that is there")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for old in asked.folder.glob("*.png"):
        old.unlink()
    with _database(asked.database) as database, serving(database) as site:
        number = take(site, asked.folder, ALL if asked.all else LOOKS)
        made = sheets(site, asked.folder, asked.before)
    print(f"{number} pictures, {made} sheets in {asked.folder}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
