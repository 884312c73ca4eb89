"""What planners choose between in plain words; each preset is data for the likeness layer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of weights, with one sentence on what it does."""

    key: str
    name: str
    sentence: str
    weights: dict[str, float]


PRESETS = (
    Preset(
        "balance",
        "Balans",
        "Modell väger tyngst, sedan fas, yta och vilka ni stöder.",
        {
            "model": 3.0,
            "phase_band": 2.0,
            "log10_land_km2": 1.0,
            "support_exposed_any": 1.0,
            "support_exposed_minors": 0.5,
            "support_exposed_adults": 0.5,
        },
    ),
    Preset(
        "model",
        "Samma modell",
        "RC med samma organisationsmodell hamnar ihop så långt det går.",
        {"model": 6.0, "phase_band": 1.0, "log10_land_km2": 0.5, "support_exposed_any": 0.5},
    ),
    Preset(
        "phase",
        "Samma fas",
        "RC som är lika långt komna hamnar ihop så långt det går.",
        {"phase_band": 6.0, "model": 1.0, "log10_land_km2": 0.5, "support_exposed_any": 0.5},
    ),
    Preset(
        "conditions",
        "Samma förutsättningar",
        "Yta, folkmängd och läge väger tyngst: stora ytor för sig, städer för sig.",
        {"log10_land_km2": 3.0, "population": 2.0, "geography": 1.0, "model": 1.0},
    ),
)
BY_KEY = {preset.key: preset for preset in PRESETS}
