"""Make what a release consists of, in a folder: python deploy/release.py DIST.

The wheel with everything in it, `constraints.txt` (the lock that it was tested with, with hashes), a
bill of materials (CycloneDX 1.6) and SHA256SUMS. Run it by the Python that has the lock installed
(`.venv/bin/python`): nothing is fetched.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements/run.lock"
PINNED = re.compile(r"^([A-Za-z0-9_.\-]+)==([^\s;\\]+)", re.MULTILINE)


def components() -> list[dict[str, str]]:
    """Return every package of the lock, as CycloneDX names them."""
    return [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
        }
        for name, version in PINNED.findall(LOCK.read_text(encoding="utf-8"))
    ]


def make(folder: Path) -> Path:
    """Fill the folder and return the wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True)
    [wheel] = folder.glob("samkrets-*.whl")
    shutil.copyfile(LOCK, folder / "constraints.txt")
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": wheel.name}},
        "components": components(),
    }
    bill = folder / "samkrets.cdx.json"
    bill.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    sums = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(folder.iterdir())
        if file.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return wheel


if __name__ == "__main__":
    print(make(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))  # noqa: T201 - what a script says
