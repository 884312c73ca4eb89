"""Where a fact comes from, in words."""

from api.kit.i18n import Speaker
from api.registry.provenance import read


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
