"""Ready-made layers and weightings in plain words, for the register's resource centres: data, to be changed freely.

The command and the page use the same figures: both begin with these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.groups.model.layer import GEOGRAPHY, Layer, Travel, Weight

# The register's attributes, named as `samkrets export members` names its columns.
PHASE, MODEL, LAND = "phase_band", "model", "log10_land_km2"
SUPPORT = "support_exposed_any"
AGES = ("support_exposed_minors", "support_exposed_adults")
PEOPLE = "population"
# The column that says how sure another one is.
CERTAINTIES: Mapping[str, str] = {MODEL: "model_certainty"}
# Unknown counts half different: it is never taken for likeness.
UNKNOWN = 0.5
# The same pair in two layers costs about what a slightly less alike network does.
REPEATED_PAIR = 0.2
# They said that they are tired of being asked.
GIVER_CAP = 2
# A network no wider than this, in km, meets in person without a night away.
IN_PERSON_KM = 150.0
# Ten sought themes that nobody in a network offers weigh about as much as one wholly unlike neighbour.
EXPERTISE = 0.02


@dataclass(frozen=True, slots=True)
class Preset:
    """A layer with its name and one plain sentence, in Swedish and in English."""

    layer: Layer
    name_sv: str
    name_en: str
    sentence_sv: str
    sentence_en: str


LIKENESS = Preset(
    Layer(
        name="likeness",
        smallest=3,
        largest=4,
        weights=(
            Weight(MODEL, 3.0),
            Weight(PHASE, 2.0),
            Weight(LAND, 1.0),
            Weight(SUPPORT, 1.0),
            *(Weight(age, 0.5) for age in AGES),
        ),
        unknown=UNKNOWN,
        known_floor=0.5,
        stability=0.2,
    ),
    "Lika varandra",
    "Alike",
    "Tre eller fyra resurscentra som är organiserade på liknande sätt och har kommit ungefär lika långt.",
    "Three or four resource centres that are organised alike and have come about as far.",
)
NEARNESS = Preset(
    Layer(
        name="nearness",
        smallest=3,
        largest=4,
        weights=(Weight(GEOGRAPHY, 1.0),),
        unknown=UNKNOWN,
        stability=0.2,
        longest_travel=Travel(km=IN_PERSON_KM, otherwise="digital", cost=0.05),
    ),
    "Nära varandra",
    "Near",
    "Tre eller fyra resurscentra som kan träffas på plats och göra studiebesök; är det för långt ses de digitalt.",
    "Three or four resource centres that can meet in person and visit each other; too far apart, they meet digitally.",
)
EXPERIENCE = Preset(
    Layer(
        name="experience",
        smallest=3,
        largest=4,
        weights=(
            Weight(PHASE, 2.0, is_unlike=True),
            Weight(MODEL, 2.0),
            Weight(GEOGRAPHY, 1.0),
        ),
        unknown=UNKNOWN,
        stability=0.2,
        operational_in_each=1,
        is_experience=True,
        expertise=EXPERTISE,
    ),
    "Lära av dem som kommit längre",
    "Experience",
    "Varje resurscentrum som bygger upp möter minst ett som är i gång; ingen blir tillfrågad av fler än två.",
    "Every resource centre that is building up meets at least one in operation; nobody is asked by more than two.",
)
CASE_ROUND = Preset(
    Layer(name="case_round", smallest=3, largest=4, novelty=1.0, horizon=3),
    "Möta nya",
    "Meet new people",
    "Bord för fallrundor, där de som satt ihop de tre senaste gångerna helst inte sitter ihop igen.",
    "Tables for case rounds, where those who sat together the last three times preferably do not again.",
)
PRESETS = (LIKENESS, NEARNESS, EXPERIENCE, CASE_ROUND)


@dataclass(frozen=True, slots=True)
class Weighting:
    """What counts in the layer of likeness, by a key, with its name and one plain sentence in both languages."""

    key: str
    weights: tuple[Weight, ...]
    name_sv: str
    name_en: str
    sentence_sv: str
    sentence_en: str


WEIGHTINGS = (
    Weighting(
        "balance",
        LIKENESS.layer.weights,
        "Balans",
        "Balance",
        "Modell väger tyngst, sedan fas, yta och vilka ni stöder.",
        "Model weighs most, then phase, area and whom you support.",
    ),
    Weighting(
        "model",
        (Weight(MODEL, 6.0), Weight(PHASE, 1.0), Weight(LAND, 0.5), Weight(SUPPORT, 0.5)),
        "Samma modell",
        "Same model",
        "RC med samma organisationsmodell hamnar ihop så långt det går.",
        "RC with the same organisation model end up together as far as possible.",
    ),
    Weighting(
        "phase",
        (Weight(PHASE, 6.0), Weight(MODEL, 1.0), Weight(LAND, 0.5), Weight(SUPPORT, 0.5)),
        "Samma fas",
        "Same phase",
        "RC som är lika långt komna hamnar ihop så långt det går.",
        "RC that have come equally far end up together as far as possible.",
    ),
    Weighting(
        "conditions",
        (Weight(LAND, 3.0), Weight(PEOPLE, 2.0), Weight(GEOGRAPHY, 1.0), Weight(MODEL, 1.0)),
        "Samma förutsättningar",
        "Same conditions",
        "Yta, folkmängd och läge väger tyngst: stora ytor för sig, städer för sig.",
        "Area, population and location weigh most: large areas by themselves, cities by themselves.",
    ),
)
# What a members file of the register can be matched by, under the name of the choice.
LAYERS: Mapping[str, Layer] = {
    weighting.key: replace(LIKENESS.layer, weights=weighting.weights) for weighting in WEIGHTINGS
} | {NEARNESS.layer.name: NEARNESS.layer}
