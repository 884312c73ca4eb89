"""Pictures of every page: `python -m tests.e2e.screenshots FOLDER [--all]`.

Without --all: Swedish 1280 px light and English 360 px dark; with it, all eight looks.
"""

import sys
import tempfile
from pathlib import Path

from tests.e2e.site import ALL, QUICK, ROLES, Look, Site, make_demo, serving


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


def main() -> None:
    """Make the demonstration, serve it and take the pictures."""
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if not names:
        sys.exit("Name the folder that the pictures go to; pictures in it are replaced.")
    folder = Path(names[0])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    looks = ALL if "--all" in sys.argv else QUICK
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(make_demo(Path(scratch))) as site,
    ):
        sys.stdout.write(f"{take(site, folder, looks)} pictures in {folder}\n")


if __name__ == "__main__":
    main()
