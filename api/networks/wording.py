"""Why these RC are together, in plain sentences made of claims, and the figures that the engine left."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from api.kit.i18n import Speaker, later, swedish_order
from api.networks.claims import Claim
from api.registry.facts import MATCHED
from api.registry.vocabulary import SERVICES
from api.travel.wording import in_halves

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


def why(
    say: Speaker,
    claims: Sequence[Claim],
    circle: Collection[str],
    names: Mapping[str, str],
    themes: Mapping[str, str],
    everyone: Collection[str] = (),
) -> str:
    """Return why the RC of a circle are together, each sentence made of claims.

    circle: the ids of all its RC, who are addressed. names: RC id -> name. themes: theme id -> title. everyone: the
    same ids where nobody is addressed: *Alla* stands for their names.
    """

    def who(ids: Iterable[str]) -> str:
        wanted = list(ids)
        if set(wanted) == set(circle):
            return say.text("Ni")
        if set(wanted) == set(everyone):
            return say.text("Alla")
        return say.listing(sorted((names[one] for one in wanted), key=swedish_order))

    sentences = [
        *_ahead(say, claims, who),
        *_same(say, claims, who),
        *_offers(say, claims, who, themes),
        *_alike(say, claims, circle, who),
        *_near(say, claims, circle, who),
        *_apart(say, claims, circle, who),
    ]
    if not sentences:
        return say.text("Vi vet för lite om er för att kunna säga varför.")
    return " ".join(sentences)


def said_of(
    say: Speaker,
    claims: Sequence[Claim],
    names: Mapping[str, str],
    themes: Mapping[str, str],
    everyone: Collection[str] = (),
) -> str:
    """Return claims as sentences for a third person: all are named, or *Alla* where it is `everyone`; nobody is addressed."""
    if not claims:
        return ""
    return why(say, claims, (), names, themes, everyone)


def unlike_said(say: Speaker, claims: Sequence[Claim], names: Mapping[str, str]) -> str:
    """Return in what an RC is unlike whom: the first of each claim is the RC, the second another."""
    others: dict[str, list[str]] = {}
    for one in claims:
        others.setdefault(one.fact, []).append(one.members[1])
    facts: dict[tuple[str, ...], list[str]] = {}
    for fact, ids in others.items():
        facts.setdefault(tuple(ids), []).append(fact)
    return " ".join(
        say.text(
            "Inte som %(who)s i fråga om %(what)s.",
            who=say.listing(sorted((names[one] for one in ids), key=swedish_order)),
            what=say.listing(dict.fromkeys(say.text(ATTRIBUTES[one][0]) for one in some)),
        )
        for ids, some in facts.items()
    )


Who: TypeAlias = Callable[[Iterable[str]], str]

# What having a value is called after the names of those who have it; Swedish source texts.
MODELS = {
    "barnahus": later("sitter i Barnahus"),
    "cmv_subactivity": later("är en del av ett centrum mot våld"),
    "digital_vnr_joint": later("arbetar digitalt, gemensamt för våld i nära relationer"),
    "per_agency_vnr": later("arbetar hos varje myndighet"),
    "standalone_teams": later("har egna team"),
}
PHASES = {
    "operational": later("har kommit i gång"),
    "pre_operational": later("ska starta"),
}
STARTS = {
    "pilot_2018": later("fick pengar att börja 2018"),
    "group2_2021": later("fick pengar att börja 2021"),
    "group3_2023": later("fick pengar att börja 2023"),
}
_SAID = {**MODELS, **PHASES, **STARTS, "secured": later("har långsiktig finansiering klar")}
# The same where somebody has written words of their own in a list that goes on.
_OWN = {
    "model": later("har organisationen ”%(value)s”"),
    "grant_group": later("började i omgången ”%(value)s”"),
}
SUPPORTS = {
    "support_professionals": later("yrkesverksamma"),
    "support_exposed_any": later("våldsutsatta"),
    "support_exposed_minors": later("våldsutsatta under 18 år"),
    "support_exposed_adults": later("våldsutsatta över 18 år"),
}
_AGES = ("support_exposed_minors", "support_exposed_adults")
_SIZES = {
    "population": later(
        "Ni har ungefär lika många invånare: den största har %(ratio)s gånger så många som den minsta."
    ),
    "log10_land_km2": later(
        "Era områden är ungefär lika stora: det största är %(ratio)s gånger så stort som det minsta."
    ),
}

_SIZES_OF_SOME = {
    "population": later(
        "%(who)s har ungefär lika många invånare: den största har %(ratio)s gånger så många som den minsta."
    ),
    "log10_land_km2": later(
        "%(who)s har ungefär lika stora områden: det största är %(ratio)s gånger så stort som det minsta."
    ),
}


def _same(say: Speaker, claims: Sequence[Claim], who: Who) -> list[str]:
    """One sentence for each set of RC: all that is the same among them."""
    shared: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        if claim.claim == "same":
            shared.setdefault(claim.members, []).append(claim)
    return [
        say.text("%(who)s %(what)s.", who=who(ids), what=say.listing(_have(say, same)))
        for ids, same in shared.items()
    ]


def _have(say: Speaker, same: Sequence[Claim]) -> list[str]:
    said = [say.text(_SAID[str(one.value)]) for one in same if str(one.value) in _SAID]
    own = [one for one in same if one.fact in _OWN and str(one.value) not in _SAID]
    said += [say.text(_OWN[one.fact], value=one.value) for one in own]
    if any(one.fact == "digital_only" for one in same):
        said.append(say.text("arbetar helt digitalt"))
    facts = {one.fact for one in same if one.value == "yes" and one.fact in SUPPORTS}
    given = [
        say.text(text) for fact, text in SUPPORTS.items() if fact in facts and fact not in _AGES
    ]
    if facts & set(_AGES):
        given = [one for one in given if one != say.text(SUPPORTS["support_exposed_any"])]
        both = facts >= set(_AGES)
        given += [say.text("våldsutsatta i alla åldrar")] if both else []
        given += [say.text(SUPPORTS[fact]) for fact in _AGES if fact in facts and not both]
    refused = [say.text(SUPPORTS[one.fact]) for one in same if one.value == "none"]
    if any(one.fact == "support_exposed_any" and one.value == "none" for one in same):
        refused = [say.text(SUPPORTS["support_exposed_any"])]
    if given:
        said.append(say.text("stöder %(whom)s", whom=say.listing(given)))
    if refused:
        said.append(say.text("stöder inte %(whom)s", whom=say.listing(refused)))
    return said


def _ahead(say: Speaker, claims: Sequence[Claim], who: Who) -> list[str]:
    """One sentence for each thing that some have and the same others are on their way to."""
    gathered: dict[tuple[str, str, tuple[str, ...], bool], list[str]] = {}
    for claim in claims:
        if claim.claim == "ahead":
            key = claim.fact, str(claim.value), claim.members[1:], claim.is_likely
            gathered.setdefault(key, []).append(claim.members[0])
    said = []
    for (fact, value, others, is_likely), ahead in gathered.items():
        if fact == "model":
            text = later("%(ahead)s %(what)s, dit %(others)s är på väg.")
            if is_likely:
                text = later("%(ahead)s %(what)s, dit %(others)s troligen är på väg.")
            known = value in MODELS
            what = say.text(MODELS[value]) if known else say.text(_OWN["model"], value=value)
        elif fact == "funding_status":
            text = later(
                "%(ahead)s har långsiktig finansiering klar, vilket %(others)s inte har än."
            )
            what = ""
        elif fact == "phase_band":
            text = later("%(ahead)s har kommit i gång och %(others)s ska starta.")
            what = ""
        elif fact == "service":
            text = later("%(ahead)s har %(what)s, vilket %(others)s planerar.")
            what = say.text(SERVICES.get(value, value))
        else:
            text = later("%(ahead)s stöder %(what)s, vilket %(others)s planerar.")
            what = say.text(SUPPORTS[fact])
        said.append(say.text(text, ahead=who(ahead), others=who(others), what=what))
    return said


def _offers(
    say: Speaker, claims: Sequence[Claim], who: Who, themes: Mapping[str, str]
) -> list[str]:
    gathered: dict[tuple[str, str], list[str]] = {}
    for claim in claims:
        if claim.claim == "offers" and claim.fact in themes:
            giver, seeker = claim.members
            gathered.setdefault((giver, seeker), []).append(themes[claim.fact])
    text = later("%(giver)s kan visa det som %(seeker)s söker: %(themes)s.")
    return [
        say.text(
            text,
            giver=who([giver]),
            seeker=who([seeker]),
            themes=say.listing(
                say.text("”%(theme)s”", theme=theme)
                for theme in sorted(titles, key=swedish_order)  # titles hold "och" themselves
            ),
        )
        for (giver, seeker), titles in gathered.items()
    ]


def _alike(say: Speaker, claims: Sequence[Claim], circle: Collection[str], who: Who) -> list[str]:
    found = []
    for one in claims:
        if one.claim == "alike_size":
            texts = _SIZES if set(one.members) == set(circle) else _SIZES_OF_SOME
            ratio = say.number(float(one.value or 1), 1)
            found.append(say.text(texts[one.fact], who=who(one.members), ratio=ratio))
    return found


def _near(say: Speaker, claims: Sequence[Claim], circle: Collection[str], who: Who) -> list[str]:
    found = {one.fact: one for one in claims if one.claim == "near"}
    if not {"km", "hours"} <= found.keys():
        return []
    km = say.number(float(found["km"].value or 0))
    hours = in_halves(float(found["hours"].value or 0), say)
    ids = found["km"].members
    if set(ids) == set(circle):
        text = later(
            "Det är högst %(km)s km och ungefär %(hours)s timmar mellan er, dörr till dörr."
        )
    else:
        text = later(
            "%(who)s har högst %(km)s km och ungefär %(hours)s timmar mellan sig, dörr till dörr."
        )
    return [say.text(text, who=who(ids), km=km, hours=hours)]


def _apart(say: Speaker, claims: Sequence[Claim], circle: Collection[str], who: Who) -> list[str]:
    """In what no two of a circle are alike; where nobody is addressed, who they are."""
    facts: dict[tuple[str, ...], list[str]] = {}
    for one in claims:
        if one.claim == "differs":
            facts.setdefault(() if circle else one.members, []).append(one.fact)
    text = later("%(who)s skiljer sig åt i fråga om %(what)s.")
    if circle:
        text = later("Ni skiljer er åt i fråga om %(what)s.")
    return [
        say.text(
            text,
            who=who(ids),
            what=say.listing(dict.fromkeys(say.text(ATTRIBUTES[fact][0]) for fact in own)),
        )
        for ids, own in facts.items()
    ]
