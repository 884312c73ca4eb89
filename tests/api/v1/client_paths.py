"""Writes what the kept description says into the client: python -m tests.api.v1.client_paths.

Every address goes into `clients/samkrets_client.py`; what each read answers, as types, into
`clients/samkrets_answers.pyi`.
"""

import json
import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "clients/samkrets_client.py"
ANSWERS = ROOT / "clients/samkrets_answers.pyi"
DESCRIPTION = ROOT / "docs/openapi.json"
MARKS = re.compile(r"(?<=# begin: written from docs/openapi.json\n).*?(?=# end\n)", re.DOTALL)
SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
HEAD = '''"""What each read of Samkrets' API answers, for type checkers: written by `python -m tests.api.v1.client_paths`.

`samkrets_client` runs without this file; beside it, `samkrets.read("/load")` is a `LoadPage`.
"""

from collections.abc import Iterator
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, overload

'''

Schema = dict[str, Any]


def _document() -> Schema:
    found: Schema = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return found


def written() -> str:
    """Return the client's text as it has to be."""
    paths = _document()["paths"]
    names = {"ReadPath": "get", "ActPath": "post"}
    lines = []
    for name, method in names.items():
        found = sorted(path.removeprefix("/api/v1") for path in paths if method in paths[path])
        lines += [f"{name}: TypeAlias = Literal[", *(f'    "{path}",' for path in found), "]"]
    block = "\n".join(lines) + "\n"
    return MARKS.sub(lambda _: block, CLIENT.read_text(encoding="utf-8"))


def answers() -> str:
    """Return the text of the answers' types as it has to be."""
    document = _document()
    reads = dict(_reads(document))
    schemas = document["components"]["schemas"]
    wanted = sorted(_reached(schemas, list(reads.values())))
    classes = "\n\n".join(_class(name, schemas[name]) for name in wanted)
    single = "\n".join(_overload("read", path, _type(schema)) for path, schema in reads.items())
    lists = {path: _item(schema, schemas) for path, schema in reads.items()}
    many = "\n".join(
        _overload("each", path, f"Iterator[{item}]") for path, item in lists.items() if item
    )
    doc = '    """What `Samkrets` reads, by its path."""'
    return f"{HEAD}{classes}\n\nclass Reads:\n{doc}\n\n{single}\n{many}\n"


def _reads(document: Schema) -> list[tuple[str, Schema]]:
    found = []
    for path, operations in sorted(document["paths"].items()):
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" in content:
            found.append((path.removeprefix("/api/v1"), content["application/json"]["schema"]))
    return found


def _reached(schemas: Schema, begun: list[Any]) -> set[str]:
    names, left = set[str](), begun
    while left:
        one = left.pop()
        if isinstance(one, dict):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name and name not in names:
                names.add(name)
                left.append(schemas[name])
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return names


def _class(name: str, schema: Schema) -> str:
    """Return a schema of its own as a class, or as another name of what it is."""
    fields = schema.get("properties")
    if not fields or not all(one.isidentifier() and not keyword.iskeyword(one) for one in fields):
        return f"{name}: TypeAlias = {_type(schema)}\n"
    must = schema.get("required", ())
    said = " ".join(schema.get("description", "").split("\n")[0].split()) or name
    lines = [f"class {name}(TypedDict):", f'    """{said}"""', ""]
    for field, one in fields.items():
        kind = _type(one)
        lines.append(f"    {field}: {kind if field in must else f'NotRequired[{kind}]'}")
    return "\n".join(lines) + "\n"


def _type(schema: Schema) -> str:
    kinds = list(dict.fromkeys(_kinds(schema)))
    if "str" in kinds:
        kinds = [one for one in kinds if not one.startswith('Literal["')]
    return "Any" if "Any" in kinds or not kinds else " | ".join(kinds)


def _kinds(schema: Schema) -> Iterator[str]:
    """Yield what a value may be."""
    kind = schema.get("type")
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    elif "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield f"Literal[{', '.join(json.dumps(one) for one in values)}]"
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _kinds(one)
    elif isinstance(kind, list):
        yield from (SIMPLE[one] for one in kind)
    elif kind == "array":
        yield f"list[{_type({'anyOf': schema.get('prefixItems', [schema.get('items', {})])})}]"
    elif kind == "object":
        inside = schema.get("additionalProperties")
        yield f"dict[str, {_type(inside) if isinstance(inside, dict) else 'Any'}]"
    else:
        yield SIMPLE.get(str(kind), "Any")


def _item(schema: Schema, schemas: Schema) -> str:
    """Return what a list holds, or nothing where the answer is none."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]].get("properties", {}).get("items", {})
    return _type(schema["items"]) if schema.get("type") == "array" else ""


def _overload(name: str, path: str, kind: str) -> str:
    sent = f'self, path: Literal["{path}"], *ids: str, **query: object'
    return f"    @overload\n    def {name}({sent}) -> {kind}: ..."


if __name__ == "__main__":
    CLIENT.write_text(written(), encoding="utf-8")
    ANSWERS.write_text(answers(), encoding="utf-8")
