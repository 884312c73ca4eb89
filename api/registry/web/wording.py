"""The register's pages in plain words: bands, what people did, and where a fact comes from."""

import re

from api.kit.i18n import Speaker, later
from api.registry.models import PhaseBand
from matcher.geo import Band

BANDS = {
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
    PhaseBand.OPERATIONAL: later("I drift"),
}
TRAVEL = {
    Band.SHORT_LAND_DAY_TRIP: later("kort dagsresa"),
    Band.LONG_LAND_DAY_TRIP: later("lång dagsresa"),
    Band.LAND_OVERNIGHT_OR_DIGITAL: later("övernattning eller digitalt"),
    Band.AIR_OVERNIGHT_OR_DIGITAL: later("flyg och övernattning, eller digitalt"),
}
ACTIONS = {
    "imported": later("läste in"),
    "added": later("lade till"),
    "corrected": later("rättade"),
}
_LINES = re.compile(r"\d+(-\d+)?(;\d+(-\d+)?)*")


def source_text(say: Speaker, source: str) -> str:
    """Return where a fact comes from: the report's lines, or who is named."""
    if _LINES.fullmatch(source):
        lines = source.replace("-", "–").replace(";", ", ")
        return say.text("Rapporten, rad %(lines)s", lines=lines)
    if source.startswith("ext:"):
        return source.removeprefix("ext:")
    return source
