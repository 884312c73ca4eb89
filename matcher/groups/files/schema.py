"""JSON Schema (draft 2020-12) of a matching problem."""

from matcher.documents.fields import (
    NAME,
    NUMBER,
    PLAIN,
    TEXT,
    Kind,
    array_schema,
    count,
    described,
    list_of,
    needed,
    object_of,
    object_schema,
    properties,
    record_of,
)
from matcher.documents.schema import DRAFT, Schema
from matcher.groups.model.asked import COST
from matcher.groups.model.layer import NAMES, RULES, SHARE, Attribute, Layer, Member, Travel
from matcher.groups.model.problem import Problem

_IDS = list_of(NAME, 2)
_GROUPS = list_of(described(_IDS, "ids of two or more members"))
_VALUE = {
    "description": "a number, a text, [latitude, longitude], a list of texts, true, false, or null for unknown",
    "anyOf": [
        PLAIN.schema,
        list_of(NUMBER, 2, 2).schema,
        list_of(TEXT).schema,
    ],
}
_MEMBER = object_schema(
    needed(Member),
    **properties(Member),
    values=object_of(Kind(_VALUE)).schema,
    certainty=object_of(SHARE).schema,
)
_LAYER = object_schema(
    (),
    **properties(Layer),
    name=NAME.said("a name of its own"),
    sizes=list_of(count(2, 1e6), 2, 2).said("[smallest, largest], at least 2"),
    rounds=count(1, 100).said("how many such layers there are, one after the other"),
    weights=object_of(COST).schema,
    unlike=NAMES.said("attributes whose difference is sought, not likeness"),
    unknown={"anyOf": [{"const": "skip"}, SHARE.schema], "description": '"skip", or 0 to 1'},
    together=_GROUPS.schema,
    apart=_GROUPS.schema,
    history=list_of(list_of(list_of(TEXT))).said(
        "earlier rounds, newest first, each a list of networks of ids"
    ),
    longest_travel=object_schema(
        needed(Travel),
        **properties(Travel),
        near=list_of(described(list_of(NAME, 2, 2), "ids of two or more members")).said(
            "with digital: the pairs that can meet in person, whatever the km"
        ),
    ),
)
GROUPS_SCHEMA: Schema = {
    "$schema": DRAFT,
    "title": "Peer networks: members, what is known of them, and layers solved together",
    **object_schema(
        ["members"],
        members=array_schema(_MEMBER, 1),
        attributes=list_of(record_of(Attribute)).schema,
        layers=array_schema(_LAYER, 1),
        **properties(Problem),
    ),
}
RULES_SCHEMA: Schema = {
    "$schema": DRAFT,
    "title": "What a layer asks for, beside a members file",
    **object_schema((), **{rule.name: rule.kind.schema for rule in RULES}, moved=COST.schema),
}
