"""Pictures of every page, and contact sheets of them: `python3 do.py pictures FOLDER [--all] [--before OLD]`.

`--guides docs/pictures` takes instead the pictures that the guides show (`GUIDES`).

Without --all: Swedish, 1280 and 360 px, light; with it, all eight looks. A sheet holds the pages of one
role in one look, small; with --before each beside the same page of an earlier folder. `--database URL`
takes them of a database that is there, of which a copy is not made; without it the demonstration is made.
"""

import argparse
import html
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from playwright.sync_api import Page

from api.accounts.models import Role
from tests.e2e.site import ALL, ROLES, Look, Site, make_demo, serving
from tests.needs import RUN_FOLDER

HIGHEST = 16_000  # px: Chromium draws no higher window
ON_A_SHEET = 12  # pictures of 1280 px; of a phone's twice as many
LOOKS = (Look("sv", 1280, "light"), Look("sv", 360, "light"))
WIDE = (Look("sv", 1280, "light"), Look("en", 1280, "light"))
NARROW = (Look("sv", 360, "light"), Look("en", 360, "dark"))
# What the guides show: the picture's name, who looks, the page, how it is looked at.
GUIDES = (
    ("planner-start", Role.PLANNER, "/", WIDE),
    ("register", Role.PLANNER, "/rc", WIDE),
    ("networks-proposal", Role.PLANNER, r"/planera/natverk/[\w-]{30,}", WIDE),
    ("programme-workbench", Role.PLANNER, r"/planera/program/[\w-]{30,}", WIDE),
    ("meeting", Role.PLANNER, r"/traffar/[\w-]{30,}", WIDE),
    ("network", Role.RC_MEMBER, r"/natverk/[\w-]{30,}", WIDE),
    ("rc-member-start", Role.RC_MEMBER, "/", NARROW),
    ("subscribe", Role.RC_MEMBER, "/prenumerera", NARROW),
    ("keys", Role.RC_MEMBER, "/mina-nycklar", WIDE),
    ("guest-start", Role.GUEST, "/", WIDE),
)


def picture_name(path: str, role: str, look: Look) -> str:
    """Return a file name such as rc_member-traffar-id-sv-1280-light.png; ids differ from run to run."""
    bare = re.sub(r"[?=&]", "-", path).strip("/")  # a name that is an address too
    parts = ["id" if len(part) > 30 else part for part in bare.split("/") if part]
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
                page.set_viewport_size({"width": look.width, "height": 800})
                page.goto(site.url + look.path(path))
                _in_one_window(page, look.width)
                name = picture_name(path, role.value if role else "anyone", look)
                page.screenshot(path=folder / name)
                number += 1
            context.close()
    return number


def _in_one_window(page: Page, width: int) -> None:
    """Make the window as high as the page: what stays in view lies at its end, not across its middle."""
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(high, HIGHEST)})


def take_for_guides(site: Site, folder: Path) -> int:
    """Write the pictures that the guides show: what stands in the window, not the whole page."""
    number = 0
    for name, role, pattern, looks in GUIDES:
        path = next(each for each in site.places(role) if re.fullmatch(pattern, each))
        for look in looks:
            context = site.context(role, look)
            page = context.new_page()
            page.goto(site.url + look.path(path))
            page.screenshot(path=folder / f"{name}-{look}.png")
            context.close()
            number += 1
    return number


SHEET = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{font:13px sans-serif;margin:16px;width:1560px;background:#ddd}}h1{{font-size:18px}}
main{{display:flex;flex-wrap:wrap;gap:12px}}figure{{margin:0;width:{width}px}}
figure div{{display:flex;align-items:flex-start;gap:4px;height:330px;overflow:hidden;background:#fff}}
figure p{{width:{each}px;flex:none;margin:0;padding:4px;color:#666}}
img{{width:{each}px}}figcaption{{overflow:hidden;white-space:nowrap}}</style>
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
    parser.add_argument("--guides", action="store_true", help="only what the guides show")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for old in asked.folder.glob("*.png"):
        old.unlink()
    with _database(asked.database) as database, serving(database) as site:
        if asked.guides:
            print(f"{take_for_guides(site, asked.folder)} pictures in {asked.folder}")  # noqa: T201 - the same
            return
        number = take(site, asked.folder, ALL if asked.all else LOOKS)
        made = sheets(site, asked.folder, asked.before)
    print(f"{number} pictures, {made} sheets in {asked.folder}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
