"""The register's pages in plain words: bands, what people did, and where a fact comes from."""

from api.kit.i18n import Speaker, later
from api.registry.models import PhaseBand
from api.registry.provenance import read

BANDS = {
    PhaseBand.PRE_OPERATIONAL: later("På väg"),
    PhaseBand.OPERATIONAL: later("I drift"),
}
ACTIONS = {
    "imported": later("läste in"),
    "added": later("lade till"),
    "corrected": later("rättade"),
}


def source_text(say: Speaker, source: str) -> str:
    """Return where a fact comes from: the report's lines, a person and a day, or who is named."""
    found = read(source)
    if found.kind == "report":
        return say.text("Rapporten, rad %(lines)s", lines=_lines(found.text))
    if found.kind == "ours":
        return say.text("Vår tolkning av rapporten, rad %(lines)s", lines=_lines(found.text))
    if found.kind == "file" and found.on:
        return say.text("Inläst ur en fil %(day)s", day=say.date(found.on))
    if found.kind == "said" and found.on and not found.text:
        return say.text("Ändrat %(day)s, utan källa", day=say.date(found.on))
    if found.kind == "said" and found.on:
        return say.text("Ändrat %(day)s. Källa: %(text)s", day=say.date(found.on), text=found.text)
    return found.text


def _lines(text: str) -> str:
    return text.replace("-", "–").replace(";", ", ")
