"""The register's pages in plain words: bands, what people did, and where a fact comes from."""

import re

from api.kit.i18n import Speaker, later
from api.registry.models import PhaseBand

BANDS = {
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
    PhaseBand.OPERATIONAL: later("I drift"),
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
