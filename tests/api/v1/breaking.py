"""What in one OpenAPI document breaks whoever was built on another."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def breaks(before: Document, now: Document) -> list[str]:
    """Return a line for each operation, field or value that was promised and is not there any more."""
    found: list[str] = []
    for path, operations in before["paths"].items():
        for method, was in operations.items():
            name = f"{method.upper()} {path}"
            operation = now["paths"].get(path, {}).get(method)
            if operation is None:
                found.append(f"{name} is gone")
                continue
            found += (f"{name}: {one}" for one in _of_parameters(was, operation))
            for where, sent in (("requestBody", True), ("responses", False)):
                old, new = _schema(was, where), _schema(operation, where)
                found += (
                    f"{name}: {one}"
                    for one in _of_schema(old, new, before, now, is_sent=sent, at=where)
                )
    return found


def _of_parameters(was: Document, operation: Document) -> Iterator[str]:
    old = {(one.get("in"), one.get("name")): one for one in was.get("parameters", ())}
    new = {(one.get("in"), one.get("name")): one for one in operation.get("parameters", ())}
    for key in old.keys() - new.keys():
        yield f"the parameter {key[1]} is gone"
    for key, one in new.items():
        if one.get("required") and not old.get(key, {}).get("required"):
            yield f"the parameter {key[1]} must be sent"


def _schema(operation: Document, where: str) -> Document:
    part = operation.get(where, {})
    if where == "responses":
        part = next((part[one] for one in ("200", "201") if one in part), {})
    found: Document = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _resolved(schema: Document, document: Document) -> Document:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _of_schema(
    old: Document, new: Document, before: Document, now: Document, *, is_sent: bool, at: str
) -> Iterator[str]:
    old, new = _resolved(old, before), _resolved(new, now)
    was, fields = old.get("properties", {}), new.get("properties", {})
    for name in was.keys() - fields.keys():
        yield f"{at}.{name} is gone"
    if is_sent:
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{at}.{name} must be sent"
    else:
        for name in (set(old.get("required", ())) - set(new.get("required", ()))) & fields.keys():
            yield f"{at}.{name} may be left out"
    kinds = old.get("type"), new.get("type")
    if all(kinds) and kinds[0] != kinds[1]:
        yield f"{at} is {kinds[1]}, no longer {kinds[0]}"
    taken = set(new.get("enum", ()))
    if is_sent and taken and set(old.get("enum", taken)) - taken:
        yield f"{at} takes fewer values"
    if "items" in old and "items" in new:
        yield from _of_schema(
            old["items"], new["items"], before, now, is_sent=is_sent, at=f"{at}[]"
        )
    for name in was.keys() & fields.keys():
        one, other = was[name], fields[name]
        yield from _of_schema(one, other, before, now, is_sent=is_sent, at=f"{at}.{name}")
