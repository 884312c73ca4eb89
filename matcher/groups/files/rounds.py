"""Earlier rounds: what `samkrets match` once wrote, read back as partitions of today's members."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from matcher.documents.fields import TEXT, Kind, list_of, open_schema
from matcher.documents.schema import Schema, check_schema
from matcher.documents.text import shown
from matcher.errors import Fault, InvalidProblemError
from matcher.groups.model.layer import Partition


class _Group(TypedDict):
    members: list[str]


class _Layer(TypedDict):
    layer: str
    groups: list[_Group]


# Of an answer of `samkrets match` only who sat with whom is asked.
_GROUPS = list_of(Kind(open_schema(["members"], members=list_of(TEXT).schema)))
_LAYERS = list_of(Kind(open_schema(["groups"], layer=TEXT.schema, groups=_GROUPS.schema)))
ROUND_SCHEMA: Schema = {
    **open_schema([], groups=_GROUPS.schema, layers=_LAYERS.schema),
    "description": "an earlier result of samkrets match, with groups or layers",
    "anyOf": [{"required": ["groups"]}, {"required": ["layers"]}],
}


def read_round(document: object, numbers: Mapping[str, int], layer: str = "") -> Partition:
    """Read one earlier result; members that are no longer there are left out.

    layer: which layer of a result with several is meant; a result with one needs no name.

    Raises:
        InvalidProblemError: the document is no such result.
    """
    if not isinstance(document, dict) or not {"groups", "layers"} & set(document):
        expected = "an earlier result of samkrets match, with groups"
        raise InvalidProblemError(Fault("$", shown(document), expected))
    check_schema(document, ROUND_SCHEMA)
    groups = document.get("groups")
    if groups is None:
        groups = _groups_of_layer(document["layers"], layer)
    partition = tuple(
        tuple(numbers[member] for member in group["members"] if member in numbers)
        for group in groups
    )
    seated = [member for group in groups for member in group["members"]]
    if len(set(seated)) < len(seated):
        twice = next(member for member in seated if seated.count(member) > 1)
        raise InvalidProblemError(Fault("$.groups", f"{shown(twice)} twice", "each member once"))
    return tuple(group for group in partition if group)


def left_out(document: object, numbers: Mapping[str, int], layer: str = "") -> Iterator[str]:
    """Tell of ids in an earlier result that no member has: all of them is a slip, some are those who left."""
    if not isinstance(document, dict):
        return
    groups = document.get("groups") or _groups_of_layer(document.get("layers", ()), layer)
    ids = [member for group in groups for member in group["members"]]
    strange = [member for member in ids if member not in numbers]
    if not strange:
        return
    bare = {member.lstrip("0").casefold(): member for member in numbers}
    alike = next((each for each in strange if each.lstrip("0").casefold() in bare), None)
    hint = ""
    if alike is not None:
        other = bare[alike.lstrip("0").casefold()]
        hint = f"; {shown(alike)} looks like {shown(other)} (spreadsheets take leading zeros away)"
    if len(strange) == len(ids):
        yield f"none of its {len(ids)} ids is in the file, so the round counts for nothing{hint}"
    else:
        some = ", ".join(map(shown, strange[:3])) + ("…" if len(strange) > 3 else "")
        yield f"{len(strange)} of its {len(ids)} ids are not in the file and are left out: {some}{hint}"


def _groups_of_layer(layers: Sequence[_Layer], name: str) -> Sequence[_Group]:
    named = [layer for layer in layers if layer.get("layer") == name]
    if not named and len(layers) != 1:
        expected = f"one layer, or one called {name}" if name else "one layer"
        raise InvalidProblemError(Fault("$.layers", f"{len(layers)} layers", expected))
    return (named or layers)[0]["groups"]
