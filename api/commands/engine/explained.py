"""What `samkrets explain` found, as lines for people in plain English."""

from collections.abc import Iterator, Sequence
from typing import Any

from matcher.groups.model.problem import Problem

# A price below this is nothing that anybody would notice.
NOTHING = 0.005


def sentence(row: dict[str, Any]) -> str:
    """Return one sentence on why a member is where it is."""
    others = [each for each in row["group"] if each != row["id"]]
    said = [f"{row['id']} is with {listed(others)} (dissimilarity {row['dissimilarity']:.3f})"]
    if row["alike"]:
        said.append(f"alike in {listed(row['alike'])}")
    if row["different"]:
        said.append(f"different in {listed(row['different'])}")
    if row["unknown"]:
        said.append(f"not known: {listed(row['unknown'])}")
    if row["is_thin"]:
        said.append(f"thin ground, only {row['known']:.0%} of the weight is known")
    if row["is_digital"]:
        said.append(f"the nearest peers are {row['nearest_km']:.0f} km away: meet digitally")
    return "; ".join(said) + "."


def best(row: dict[str, Any]) -> str:
    """Return one sentence on the best group a member could have had, and its price."""
    found = row.get("best")
    if not found:
        return ""
    if found["is_own"]:
        return "No group would suit it better."
    others = listed([each for each in found["group"] if each != row["id"]])
    return f"It would suit best with {others} ({found['dissimilarity']:.3f}), {_price(found)}."


def _price(found: dict[str, Any]) -> str:
    price = found["cost_to_others"]
    if found["is_impossible"]:
        return "but then not all others can be placed"
    if price is None:
        return "and what that costs the others was not worked out in the time"
    if abs(price) < NOTHING:
        return "which would cost the others nothing"
    if price < 0.0:
        return f"which would also save the others {-price:.3f}"
    return f"which would cost the others {price:.3f}"


def told(problem: Problem, document: dict[str, Any]) -> Iterator[str]:
    """Yield the lines; every member has its sentence already."""
    for broken in document["violations"]:
        yield f"Broken: {broken['message']}"
    for layer in document["layers"]:
        if len(problem.layers) > 1:
            yield f"{layer['layer']}:"
        for row in layer["members"]:
            yield " ".join(filter(None, (row["sentence"], best(row))))
        for pair in layer["steady"]:
            yield f"{listed(pair['members'])} hold in {pair['share']:.0%} of the weightings."
    if "what_if" in document:
        yield from _what_if(document["what_if"])
    for one in document["alternatives"]:
        groups = "; ".join(listed(group) for part in one["networks"].values() for group in part)
        yield f"Clearly different, for {one['cost']:.3f} more: {groups}."


def _what_if(found: dict[str, Any]) -> Iterator[str]:
    made = [listed(pair) for pairs in found["made"].values() for pair in pairs]
    broken = [listed(pair) for pairs in found["broken"].values() for pair in pairs]
    if not made and not broken:
        yield "What if: the networks stay as they are."
        return
    amount = abs(found["cost"])
    price = f"{amount:.3f} {'more' if found['cost'] > 0 else 'less'}"
    yield f"What if: {price if amount >= NOTHING else 'nothing more'} by the wishes as they are."
    yield f"  new pairs: {'; '.join(made) or 'none'}"
    yield f"  parted: {'; '.join(broken) or 'none'}"


def listed(names: Sequence[str]) -> str:
    """Return names with commas, and the last one after "and"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
