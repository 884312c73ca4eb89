"""JSON Schema (draft 2020-12) of a matching problem."""

from matcher.codec import Schema
from matcher.groups.model.asked import COUNT
from matcher.groups.model.layer import RULES

_IDS = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "minItems": 2,
    "description": "ids of two or more members",
}
_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}, "description": "names"}
_COST = {"type": "number", "minimum": 0, "maximum": 1e9, "description": "a cost, 0 or more"}
_COUNT = dict(COUNT)
_SHARE = {"type": "number", "minimum": 0, "maximum": 1, "description": "a number from 0 to 1"}
_VALUE = {
    "description": "a number, a text, [latitude, longitude], a list of texts, true, false, or null for unknown",
    "anyOf": [
        {"type": ["number", "string", "boolean", "null"]},
        {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        {"type": "array", "items": {"type": "string"}},
    ],
}
_MEMBER = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1, "description": "an id, unique among the members"},
        "name": {"type": "string"},
        "body": {"type": "string", "description": "the organisation; for one_per_body"},
        "operational": {"type": ["boolean", "null"]},
        "most_networks": _COUNT,
        "most_asked": _COUNT,
        "seeks": _NAMES,
        "offers": _NAMES,
        "roles": _NAMES,
        "opt_out": _NAMES,
        "values": {"type": "object", "additionalProperties": _VALUE},
        "certainty": {"type": "object", "additionalProperties": _SHARE},
    },
}
_ATTRIBUTE = {
    "type": "object",
    "required": ["name", "kind"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "kind": {"enum": ["number", "category", "order", "place", "set", "times"]},
        "levels": {**_NAMES, "description": "levels of an order, lowest first"},
    },
}
_LAYER = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "a name of its own"},
        "sizes": {
            "type": "array",
            "items": {"type": "integer", "minimum": 2, "maximum": 1e6},
            "minItems": 2,
            "maxItems": 2,
            "description": "[smallest, largest], at least 2",
        },
        "rounds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "how many such layers there are, one after the other",
        },
        "weights": {"type": "object", "additionalProperties": _COST},
        "unlike": {**_NAMES, "description": "attributes whose difference is sought, not likeness"},
        "metric": {"enum": ["gower", "sqeuclidean"]},
        "standardise": {"type": "boolean"},
        "cost": {"enum": ["peer-mean", "pair-sum", "sse"]},
        "unknown": {"anyOf": [{"const": "skip"}, _SHARE], "description": '"skip", or 0 to 1'},
        "known_floor": _SHARE,
        "weight": _COST,
        "role": {"type": "string"},
        "together": {"type": "array", "items": _IDS},
        "apart": {"type": "array", "items": _IDS},
        "history": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
            "description": "earlier rounds, newest first, each a list of networks of ids",
        },
        "stability": _COST,
        "novelty": _COST,
        "moved": _COST,
        "horizon": _COUNT,
        "experience": {"type": "boolean"},
        "longest_travel": {
            "type": "object",
            "required": ["km"],
            "additionalProperties": False,
            "properties": {
                "km": _COST,
                "otherwise": {"enum": ["never", "digital"]},
                "cost": _COST,
                "near": {
                    "type": "array",
                    "items": {**_IDS, "maxItems": 2},
                    "description": "with digital: the pairs that can meet in person, whatever the km",
                },
            },
        },
        "expertise": _COST,
        **{rule.name: dict(rule.schema) for rule in RULES},
    },
}
GROUPS_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Peer networks: members, what is known of them, and layers solved together",
    "type": "object",
    "required": ["members"],
    "additionalProperties": False,
    "properties": {
        "members": {"type": "array", "items": _MEMBER, "minItems": 1},
        "attributes": {"type": "array", "items": _ATTRIBUTE},
        "layers": {"type": "array", "items": _LAYER, "minItems": 1},
        "repeated_pair": _COST,
        "giver_cap": _COUNT,
        "fair": {"type": "boolean"},
        "each_pair_once": {
            "type": "boolean",
            "description": "no two members meet in more than one of the layers",
        },
    },
}
RULES_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What a layer asks for, beside a members file",
    "type": "object",
    "additionalProperties": False,
    "properties": {rule.name: dict(rule.schema) for rule in RULES} | {"moved": _COST},
}
