"""A page's own data, as JSON: what its route worked out, before any template words it."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from fastapi import Response
from sqlmodel import SQLModel

from api.kit.i18n import Speaker
from api.v1.acting import Told, tell
from api.v1.shaping import PERSON, UNSAID


def show(page: object, status: int, say: Speaker) -> Response:
    """Answer in data where a page would be rendered."""
    if status >= 400:
        return tell(page, status, say)
    return Told(json.dumps(plain(page) or {}, ensure_ascii=False, allow_nan=False), 200)


def plain(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON; one line a kind
    """Return a value as JSON has it; what has no such form is left out."""
    if value is None or isinstance(value, bool | int | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, SQLModel):
        names = PERSON if type(value).__name__ == "Person" else tuple(type(value).model_fields)
        return _object((name, getattr(value, name)) for name in names)
    if is_dataclass(value):
        return _object((one.name, getattr(value, one.name)) for one in fields(value))
    if isinstance(value, Mapping):
        return _object((_name(key), one) for key, one in value.items())
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return None


def _object(pairs: Any) -> dict[str, Any]:  # noqa: ANN401 - names and values
    return {name: plain(value) for name, value in pairs if not UNSAID.search(name)}


def _name(key: object) -> str:
    if isinstance(key, tuple):
        return " ".join(_name(one) for one in key)
    return str(key.value if isinstance(key, Enum) else key)
