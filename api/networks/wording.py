"""Why these RC are together, in one plain sentence, from the figures that the engine left."""

from dataclasses import dataclass
from typing import Any

from api.kit.i18n import Speaker
from api.networks.models import Layer
from api.registry.facts import MATCHED

# Mean dissimilarity over a group's pairs (0 alike, 1 as different as can be) that is worth saying.
ALIKE, DIFFERENT = 0.2, 0.6
# Below this share of known facts the sentence says how thin the ground is.
THIN = 0.5

# Attribute of the register -> what it is called, and what having it in common is called.
ATTRIBUTES = {name: (match.said, match.alike) for name, match in MATCHED.items()}


@dataclass(frozen=True, slots=True)
class AttributeFigure:
    """One attribute of a group: its weight, mean dissimilarity and the share of pairs with both known."""

    name: str
    weight: float
    dissimilarity: float
    known: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the engine left about one group."""

    attributes: tuple[AttributeFigure, ...]
    members: tuple[tuple[str, float], ...]  # RC id, its mean dissimilarity to the others
    pre_operational: tuple[str, ...]
    operational: tuple[str, ...]
    farthest_km: float | None

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Evidence":
        """Read what `to_json` wrote."""
        return cls(
            attributes=tuple(AttributeFigure(**one) for one in document["attributes"]),
            members=tuple((rc_id, cost) for rc_id, cost in document["members"]),
            pre_operational=tuple(document["pre_operational"]),
            operational=tuple(document["operational"]),
            farthest_km=document["farthest_km"],
        )

    def to_json(self) -> dict[str, object]:
        """Return a JSON document of the same."""
        return {
            "attributes": [
                {
                    "name": one.name,
                    "weight": one.weight,
                    "dissimilarity": one.dissimilarity,
                    "known": one.known,
                }
                for one in self.attributes
            ],
            "members": [[rc_id, cost] for rc_id, cost in self.members],
            "pre_operational": list(self.pre_operational),
            "operational": list(self.operational),
            "farthest_km": self.farthest_km,
        }

    @property
    def is_thin(self) -> bool:
        """True when less than half of what was compared is known."""
        weight = sum(one.weight for one in self.attributes)
        known = sum(one.weight * one.known for one in self.attributes)
        return weight > 0 and known / weight < THIN


def why(say: Speaker, layer: Layer, evidence: Evidence, names: dict[str, str]) -> str:
    """Return one sentence on why the members of a network are together."""
    if layer == Layer.NEARNESS:
        return _near(say, evidence)
    if layer == Layer.EXPERIENCE:
        return _experienced(say, evidence, names)
    if layer == Layer.FORUM:
        return say.text("Ni har samma roll i olika län.")
    return _alike(say, evidence)


def _near(say: Speaker, evidence: Evidence) -> str:
    km = say.number(evidence.farthest_km or 0)
    if evidence.farthest_km is not None and evidence.farthest_km <= 150:
        text = (
            "Ni är grannar: det är högst %(km)s km fågelvägen mellan er, så ni kan ses över en dag."
        )
    else:
        text = (
            "Ni är varandras närmaste grannar, men det är upp till %(km)s km fågelvägen mellan er. "
            "Därför föreslås digitala träffar."
        )
    return say.text(text, km=km)


def _experienced(say: Speaker, evidence: Evidence, names: dict[str, str]) -> str:
    ahead = say.listing(names[one] for one in evidence.operational)
    starting = say.listing(names[one] for one in evidence.pre_operational)
    if not starting:
        return say.text("Ni är i drift allihop och kan byta erfarenheter som jämlikar.")
    if not ahead:
        return say.text("Ni är alla på väg att starta.")
    text = "%(starting)s är på väg att starta och möter %(ahead)s, som redan är i drift."
    return say.text(text, starting=starting, ahead=ahead)


def _alike(say: Speaker, evidence: Evidence) -> str:
    by_weight = sorted(evidence.attributes, key=lambda one: -one.weight)
    alike = [one.name for one in by_weight if one.dissimilarity <= ALIKE]
    apart = [one.name for one in by_weight if one.dissimilarity >= DIFFERENT]
    shared = say.listing(dict.fromkeys(say.text(ATTRIBUTES[name][1]) for name in alike))
    differing = say.listing(dict.fromkeys(say.text(ATTRIBUTES[name][0]) for name in apart))
    if shared and differing:
        text = "Ni har %(shared)s. Ni skiljer er åt i fråga om %(differing)s."
    elif shared:
        text = "Ni har %(shared)s."
    elif differing:
        text = (
            "Ni är de som liknar varandra mest av dem som är kvar när helheten är så bra som möjligt. "
            "Ni skiljer er åt i fråga om %(differing)s."
        )
    else:
        text = "Ni liknar varandra ganska mycket i allt som har vägts in."
    return say.text(text, shared=shared, differing=differing)
