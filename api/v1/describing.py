"""The API's description: how it refuses is said once, and who may ask by which key."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.v1.shaping import Shapes

PROBLEM = "application/problem+json"

# How the API refuses, the same for every operation (RFC 9457).
REFUSALS = {
    "400": "The request could not be read.",
    "401": "Not signed in, or a key that does not hold.",
    "403": "A cross-site request, or a key that does not reach so far.",
    "404": "Not there, or not for you.",
    "409": "A rule says no in the present state; nothing was changed.",
    "412": "Somebody saved a newer version (`If-Match`).",
    "413": "Too large.",
    "422": "Malformed.",
    "429": "Too many requests.",
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "What is wrong, field by field.",
            "items": {
                "type": "object",
                "required": ["where", "expected"],
                "properties": {"where": {"type": "string"}, "expected": {"type": "string"}},
            },
        },
    },
}
FIELD = "#/components/schemas/FieldOfForm"
_FIELD = {
    "description": "What a form's field may hold: text, a number, ticked or not, several of them, or a file.",
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
        {"$ref": "#/components/schemas/FileOfForm"},
        {"type": "array", "items": {"$ref": "#/components/schemas/FileOfForm"}},
    ],
}
_FILE = {
    "type": "object",
    "required": ["filename", "base64"],
    "properties": {
        "filename": {"type": "string", "maxLength": 200},
        "base64": {"type": "string", "format": "byte"},
    },
}
_WHAT_IT_IS = (
    "Everything that the pages do. Sign in with a personal key: `Authorization: Bearer samkrets_…`, made "
    "on the page *Mina nycklar*. Times are UTC, RFC 3339; languages come as `_sv` and `_en`; `/en/api/v1` "
    "answers faults in English. An act is a form of the pages: what it shows without its `do` is kept "
    "by nobody. The guide is docs/guide/api.md."
)


def describe(app: FastAPI) -> None:
    """Complete the description that FastAPI makes of an application, at its first reading."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(made(), dict(_shown(app)))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # how FastAPI has it replaced


def _shown(app: FastAPI) -> Iterator[tuple[str, type]]:
    """Yield each read that is a page's data: its path, and the page's dataclass."""
    for route in iter_route_contexts(app.routes):
        page = getattr(route.endpoint, "shows", None)
        if route.path and page is not None and route.include_in_schema:
            yield route.path, page


def _completed(document: dict[str, Any], shown: Mapping[str, type]) -> dict[str, Any]:
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = _PROBLEM
    parts["schemas"] |= {"FieldOfForm": _FIELD, "FileOfForm": _FILE}
    shapes = Shapes(parts["schemas"])
    for path, page in shown.items():
        answer = document["paths"][path]["get"]["responses"]["200"]
        answer["content"]["application/json"]["schema"] = shapes.of(page)
    parts["schemas"] |= shapes.schemas
    parts["parameters"] = {}
    parts["responses"] = {
        f"Refused{status}": {
            "description": description,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, description in REFUSALS.items()
    }
    parts["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A personal key."}
    }
    document["security"] = [{"key": []}]
    document["info"]["description"] = _WHAT_IT_IS
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [
                _shared(one, parts["parameters"]) for one in operation.get("parameters", ())
            ]
            operation["responses"] |= {
                status: {"$ref": f"#/components/responses/Refused{status}"} for status in REFUSALS
            }
    return document


def _shared(parameter: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """Return a header that many operations take as a reference to one description."""
    if parameter["in"] != "header":
        return parameter
    name = parameter["name"].replace("-", "")
    shared.setdefault(name, parameter)
    return {"$ref": f"#/components/parameters/{name}"}
