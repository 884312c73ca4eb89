"""Ready-made layers and weightings for the register's resource centres: data, to be changed freely.

The command and the page use the same figures: both begin with these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.groups.model.layer import GEOGRAPHY, Layer, Travel, Weight
from matcher.travel import BAND_HOURS

# The register's attributes, named as `samkrets export members` names its columns.
PHASE, MODEL, LAND = "phase_band", "model", "log10_land_km2"
SUPPORT = "support_exposed_any"
AGES = ("support_exposed_minors", "support_exposed_adults")
PEOPLE = "population"
# The column that says how sure another one is.
CERTAINTIES: Mapping[str, str] = {MODEL: "model_certainty"}
# Unknown counts half different: it is never taken for likeness.
UNKNOWN = 0.5
# The same pair in two layers costs so little that it only tells what is nearly alike apart: good
# neighbours of one model and phase may meet twice.
REPEATED_PAIR = 0.01
# They said that they are tired of being asked.
GIVER_CAP = 2
# Nobody travels longer than this from door to door to a meeting in person, in hours; where journeys
# are not known, a network no wider than so many km meets in person.
IN_PERSON_HOURS = BAND_HOURS[0]
IN_PERSON_KM = 150.0
# Ten things sought that nobody in a network can show weigh as much as one wholly unlike neighbour.
EXPERTISE = 0.1


@dataclass(frozen=True, slots=True)
class Weighting:
    """What counts in the layer of likeness, by a key."""

    key: str
    weights: tuple[Weight, ...]


# Near, of the same model and in the same phase: the match that RC themselves say works.
OWN_WISH = Weighting(
    "own_wish",
    (
        Weight(MODEL, 6.0),
        Weight(PHASE, 3.0),
        Weight(GEOGRAPHY, 3.0),
        Weight(SUPPORT, 1.0),
        Weight(LAND, 0.5),
    ),
)
LIKENESS = Layer(
    name="likeness",
    smallest=3,
    largest=4,
    weights=OWN_WISH.weights,
    unknown=UNKNOWN,
    known_floor=0.5,
    stability=0.2,
)
NEARNESS = Layer(
    name="nearness",
    smallest=3,
    largest=4,
    weights=(Weight(GEOGRAPHY, 1.0),),
    unknown=UNKNOWN,
    stability=0.2,
    longest_travel=Travel(km=IN_PERSON_KM, otherwise="digital", cost=0.05),
)
EXPERIENCE = Layer(
    name="experience",
    smallest=3,
    largest=4,
    weights=(
        Weight(PHASE, 2.0, is_unlike=True),
        Weight(MODEL, 2.0),
        Weight(GEOGRAPHY, 3.0),
    ),
    unknown=UNKNOWN,
    stability=0.2,
    operational_in_each=1,
    is_experience=True,
    expertise=EXPERTISE,
)


WEIGHTINGS = (
    OWN_WISH,
    Weighting(
        # Phase as much as model: who runs with a model that nobody else has is not put among those
        # who have not begun, only because theirs is not known.
        "balance",
        (
            Weight(MODEL, 3.0),
            Weight(PHASE, 3.0),
            Weight(LAND, 1.0),
            Weight(SUPPORT, 1.0),
            *(Weight(age, 0.5) for age in AGES),
        ),
    ),
    Weighting(
        "model", (Weight(MODEL, 6.0), Weight(PHASE, 2.0), Weight(LAND, 0.5), Weight(SUPPORT, 0.5))
    ),
    Weighting(
        "phase", (Weight(PHASE, 6.0), Weight(MODEL, 1.0), Weight(LAND, 0.5), Weight(SUPPORT, 0.5))
    ),
    Weighting(
        "conditions",
        (Weight(LAND, 3.0), Weight(PEOPLE, 2.0), Weight(GEOGRAPHY, 1.0), Weight(MODEL, 1.0)),
    ),
)
# What a members file of the register can be matched by, under the name of the choice.
LAYERS: Mapping[str, Layer] = {
    weighting.key: replace(LIKENESS, weights=weighting.weights) for weighting in WEIGHTINGS
} | {NEARNESS.name: NEARNESS}
