"""A parsed document against its JSON Schema: one fault for each place that is not as it says."""

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError

Schema = Mapping[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOST_FAULTS_SHOWN = 50


def check_schema(document: object, schema: Schema) -> None:
    """Compare a parsed document with a JSON Schema (draft 2020-12).

    Raises:
        InvalidProblemError: with one fault per place, JSON path first, in document order.
    """
    errors = Draft202012Validator(dict(schema)).iter_errors(document)
    faults = [_fault(error) for error in _first(errors, _MOST_FAULTS_SHOWN)]
    if faults:
        raise InvalidProblemError(*sorted(faults, key=lambda fault: fault.where))


def _first(errors: Iterable[ValidationError], most: int) -> list[ValidationError]:
    return [error for error, _ in zip(errors, range(most), strict=False)]


def _fault(error: ValidationError) -> Fault:
    rule: Any = error.schema
    found: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "required":
        missing = ", ".join(name for name in wanted if name not in found)
        return Fault(error.json_path, f"no {missing}", "a value for each")
    if error.validator == "additionalProperties":
        known = rule.get("properties", {})
        extra = ", ".join(sorted(set(found) - set(known)))
        return Fault(error.json_path, f"unknown {extra}", f"only {', '.join(sorted(known))}")
    limit = f"{error.validator} {shown(wanted)}"
    description = rule.get("description") if isinstance(rule, Mapping) else None
    return Fault(
        error.json_path, shown(found), f"{description} ({limit})" if description else limit
    )
