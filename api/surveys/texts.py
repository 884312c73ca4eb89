"""What a session on a theme says: the bank's purpose, task and preparation, by how far its audience has come."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from api.kit.errors import FieldFault, FormError
from api.surveys.models import Theme

SHIPPED = Path(__file__).parent / "data" / "theme_texts.toml"
FORMATS = ("talk", "workshop", "best_case", "case_round", "question_time")
LONGEST = 600  # characters: three sentences; what is longer is not read on a phone
ONE_BAND = 0.75  # of those who ask: from here the session speaks to that band alone


@dataclass(frozen=True, slots=True)
class SessionTexts:
    """What one session says, in Swedish and English."""

    purpose_sv: str = ""
    purpose_en: str = ""
    task_sv: str = ""
    task_en: str = ""
    preparation_sv: str = ""
    preparation_en: str = ""


FIELDS = tuple(SessionTexts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class ThemeTexts:
    """A theme's best format, and what its session says to RC that are starting and to RC in operation."""

    format: str
    start_up: SessionTexts
    operation: SessionTexts

    def to_json(self) -> dict[str, object]:
        """Return the texts as the bank's row keeps them."""
        return asdict(self)

    def as_fields(self) -> dict[str, object]:
        """Return the texts by field of the form, in the form's order."""
        bands = (("start_up", self.start_up), ("operation", self.operation))
        texts = {f"{key}-{name}": getattr(band, name) for key, band in bands for name in FIELDS}
        return {"format": self.format, **texts}


@cache
def shipped_texts() -> Mapping[str, ThemeTexts]:
    """Return the texts that the bank is shipped with, by theme."""
    with SHIPPED.open("rb") as handle:
        return {theme_id: _read(document) for theme_id, document in tomllib.load(handle).items()}


def texts_of(theme: Theme) -> ThemeTexts | None:
    """Return a theme's texts: the planner's, else the shipped ones; None for an own theme without any."""
    return _read(theme.texts) if theme.texts else shipped_texts().get(theme.id)


def said_to(texts: ThemeTexts, starting: int, operating: int) -> SessionTexts:
    """Return what a session says when so many RC of each band ask for it.

    To one band alone where three of four belong to it; else to both, each told which is theirs.
    """
    everybody = starting + operating
    if everybody and starting >= ONE_BAND * everybody:
        return texts.start_up
    if everybody and operating >= ONE_BAND * everybody:
        return texts.operation
    return SessionTexts(**{name: _both(texts, name, name.rpartition("_")[2]) for name in FIELDS})


def read_texts(form: Mapping[str, str]) -> ThemeTexts:
    """Read the posted texts: `start_up-purpose_sv` and so on, and `format`.

    Raises:
        FormError: with one fault a field that is empty or too long.
    """
    faults = []
    found: dict[str, dict[str, str]] = {"start_up": {}, "operation": {}}
    for band, texts in found.items():
        for name in FIELDS:
            text = " ".join(form.get(f"{band}-{name}", "").split())
            texts[name] = text
            if not text or len(text) > LONGEST:
                message = "Skriv en text på högst %(most)s tecken."
                faults.append(FieldFault(f"{band}-{name}", message, most=LONGEST))
    if form.get("format") not in FORMATS:
        faults.append(FieldFault("format", "Välj ett av alternativen."))
    if faults:
        raise FormError(*faults)
    return _read({"format": form["format"], **found})


_OPENINGS = {
    "sv": ("Ni som startar: ", "Ni som är i drift: "),
    "en": ("You who are starting: ", "You who are in operation: "),
}


def _both(texts: ThemeTexts, name: str, language: str) -> str:
    first, second = _OPENINGS[language]
    return f"{first}{getattr(texts.start_up, name)} {second}{getattr(texts.operation, name)}"


def _read(document: Mapping[str, object]) -> ThemeTexts:
    start_up, operation = document["start_up"], document["operation"]
    if not isinstance(start_up, Mapping) or not isinstance(operation, Mapping):
        raise TypeError(document)
    return ThemeTexts(str(document["format"]), SessionTexts(**start_up), SessionTexts(**operation))
