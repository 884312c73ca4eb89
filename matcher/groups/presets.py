"""Ready-made layers in plain words, for the register's resource centres: data, to be changed freely."""

from dataclasses import dataclass

from matcher.groups.layer import GEOGRAPHY, Layer, Travel, Weight

# The register's attributes, named as `samkrets export members` names its columns.
PHASE, MODEL, LAND = "phase_band", "model", "log10_land_km2"
SUPPORT = "support_exposed_any"
AGES = ("support_exposed_minors", "support_exposed_adults")
# Unknown counts half different: it is never taken for likeness.
UNKNOWN = 0.5
# The same pair in two layers costs about what a slightly less alike network does.
REPEATED_PAIR = 0.2
# They said that they are tired of being asked.
GIVER_CAP = 2


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
        longest_travel=Travel(km=300.0, otherwise="digital", cost=0.1),
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
        weights=(Weight(MODEL, 2.0), Weight(LAND, 1.0), Weight(GEOGRAPHY, 1.0)),
        unknown=UNKNOWN,
        stability=0.2,
        operational_in_each=1,
        is_experience=True,
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
