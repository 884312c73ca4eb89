"""Writes every address of the API into the client, from the kept description: python -m tests.api.v1.client_paths."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "clients/samkrets_client.py"
DESCRIPTION = ROOT / "docs/openapi.json"
MARKS = re.compile(r"(?<=# begin: written from docs/openapi.json\n).*?(?=# end\n)", re.DOTALL)


def written() -> str:
    """Return the client's text as it has to be."""
    paths = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    names = {"ReadPath": "get", "ActPath": "post"}
    lines = []
    for name, method in names.items():
        found = sorted(path.removeprefix("/api/v1") for path in paths if method in paths[path])
        lines += [f"{name}: TypeAlias = Literal[", *(f'    "{path}",' for path in found), "]"]
    block = "\n".join(lines) + "\n"
    return MARKS.sub(lambda _: block, CLIENT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    CLIENT.write_text(written(), encoding="utf-8")
