"""The circles that somebody who knows the report would make of its 16 RC, each with its reason and the report's lines.

Made from the report and the map, by somebody who had seen the product's circles before: where both agree
that proves less than where they do not. Nearness and experience are the same whatever likeness is weighed
by.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.networks.models import Layer


@dataclass(frozen=True, slots=True)
class Own:
    """A planner's circle: the keys of its RC, and why, with the report's lines in square brackets."""

    members: tuple[str, ...]
    why: str


def _own(members: str, why: str) -> Own:
    return Own(tuple(sorted(members.split())), why)


_WEST = _own(
    "alvsborg fyrbodal skaraborg",
    "near, same model, same phase: the match that RC tell of [2261-2266]; in Barnahus [193, 266, 270, 445-447]",
)
_PROFESSIONALS = _own(
    "gavleborg kronoberg norrbotten",
    "in operation, all three for professionals and not for those exposed [180-183, 187-190, 204-205]; pilots",
)
_ONE_OF_A_KIND = _own(
    "goteborg jamtland skane vastmanland",
    "in operation, whole or in part [216-217, 230, 242, 297]; two with a centre against violence [230, 242]",
)
_TO_BARNAHUS = _own(
    "jonkoping ostergotland uppsala",
    "not begun; two are going to Barnahus [247, 451]; two take stock of needs [251, 283]",
)
_UNDECIDED = _own(
    "dalarna orebro vasternorrland", "not begun and no model decided [211-213, 236, 280]"
)

LIKENESS: Mapping[str, tuple[Own, ...]] = {
    "own_wish": (_WEST, _UNDECIDED, _PROFESSIONALS, _ONE_OF_A_KIND, _TO_BARNAHUS),
    "balance": (_WEST, _UNDECIDED, _PROFESSIONALS, _ONE_OF_A_KIND, _TO_BARNAHUS),
    "model": (
        _WEST,
        _own(
            "gavleborg jonkoping kronoberg uppsala",
            "Barnahus today [179, 186] and where two are going [247, 451]",
        ),
        _own(
            "goteborg jamtland vastmanland",
            "two with a centre against violence [230, 242], and teams of their own [297]",
        ),
        _own(
            "dalarna norrbotten skane",
            "two joined with violence in close relations [384-415]; one that plans for professionals, as they do [213]",
        ),
        _own(
            "orebro ostergotland vasternorrland",
            "no model decided [236, 280, 283-287]",
        ),
    ),
    "phase": (
        _WEST,
        _own("dalarna uppsala vasternorrland", "planning, with groups at work [211-212, 236-237, 254-260]"),
        _PROFESSIONALS,
        _ONE_OF_A_KIND,
        _own("jonkoping orebro ostergotland", "taking stock of needs or only starting up [251, 280, 283]"),
    ),
    "conditions": (
        _WEST,
        _own(
            "dalarna jamtland norrbotten vasternorrland",
            "large areas: RC ask for peers by size of area [2395-2396]; a quarter of the country is one of them [402-403]",
        ),
        _own("goteborg ostergotland skane", "the most inhabitants, in the south"),
        _own("gavleborg jonkoping kronoberg", "middling counties with Barnahus, or going there [179, 186, 247]"),
        _own("orebro uppsala vastmanland", "neighbours of one size around Mälaren"),
    ),
}  # fmt: skip
NEARNESS = (
    _own(
        "alvsborg fyrbodal goteborg skaraborg",
        "one county; RC ask for small circles of near ones [2394-2395, 2398-2400]",
    ),
    _own("dalarna gavleborg uppsala", "neighbours by rail"),
    _own("jamtland norrbotten vasternorrland", "the north; far apart whatever one does [402-403]"),
    _own("jonkoping kronoberg skane", "the south"),
    _own("orebro ostergotland vastmanland", "neighbours between the lakes"),
)
EXPERIENCE = (
    _own(
        "jonkoping kronoberg skaraborg",
        "Barnahus, where Jönköping is going [247, 445-447], and long-term funding, which it lacks [347, 1300-1302]",
    ),
    _own(
        "alvsborg gavleborg uppsala",
        "Barnahus, where Uppsala probably is going [451]: the nearest one, and one for children and adults [262, 267]",
    ),
    _own(
        "dalarna orebro vastmanland",
        "the neighbour in operation, with a centre against violence and ties to Barnahus [230-232]",
    ),
    _own(
        "fyrbodal goteborg ostergotland skane",
        "nothing begun or decided [283-287]: three ways to look at [193, 297, 415]",
    ),
    _own(
        "jamtland norrbotten vasternorrland",
        "near enough; forms for adults' consent [663-667, 2254-2257] and funding secured [359-360]",
    ),
)
_EXPERIENCE = (
    "Samkrets' are better, in the planner's own eyes: all but one of the six beginners get somebody with"
    " long-term funding, three do in the planner's. Skaraborg goes to Uppsala, since Kronoberg already shows"
    " Jönköping the same [1300-1302]. What it costs: Örebro and Östergötland look farther; they meet"
    " Västmanland, their neighbour in operation, in the circle of nearness."
)
# Where the product's circles are others: (preset, layer) -> why, in the planner's own eyes.
DIFFERS: Mapping[tuple[str, Layer], str] = {
    **{(preset, Layer.EXPERIENCE): _EXPERIENCE for preset in LIKENESS},
    ("balance", Layer.LIKENESS): (
        "Örebro and Östergötland have changed places. The planner goes by work that is going on [251, 283];"
        " here land area is weighed, and Örebro's is Uppsala's. Neither is wrong: neither of the two has a model."
    ),
    ("model", Layer.LIKENESS): (
        "Barnahus, today or ahead, fill two circles either way. The planner keeps neighbours together; this"
        " preset weighs no journey, and phase second, so that Gävleborg, which is in operation, is with the"
        " west's. Who wants the west by itself takes `own_wish`."
    ),
    ("phase", Layer.LIKENESS): (
        "The planner's are better here: planning, taking stock and starting up are three words in the report"
        " [211, 251, 280]. Samkrets keeps two bands, since the report gives no order among the three, and"
        " lets area tell within a band. Who wants the words followed says *together* on the form."
    ),
    ("conditions", Layer.LIKENESS): (
        "Kronoberg and Skaraborg have changed places: by inhabitants and area, which this preset is about,"
        " Skaraborg is the like of Gävleborg and Jönköping. The planner could not let go of the west."
    ),
}


def planners(preset: str, layer: Layer) -> tuple[Own, ...]:
    """Return the planner's circles of a layer, where likeness is weighed by a preset."""
    return {Layer.NEARNESS: NEARNESS, Layer.EXPERIENCE: EXPERIENCE}.get(layer) or LIKENESS[preset]
