"""The agenda of a network's own meeting: five points, and the reminder about what a case gives away."""

from api.kit.i18n import Language

_AGENDA: dict[Language, str] = {
    "sv": """1. Runda: läget hos var och en.
2. Ett anonymiserat ärende. Att utelämna namnet räcker inte: ändra eller ta bort ort, ålder, släktskap och datum så att ingen kan känna igen någon. Skriv inte ner ärendet.
3. Tema: {theme}.
4. Pepp: något som har gått bra.
5. Nästa gång: när, var och vem som kallar.""",
    "en": """1. Round: how things stand with each of you.
2. An anonymised case. Leaving out the name is not enough: change or remove place, age, kinship and dates so that nobody can be recognised. Do not write the case down.
3. Theme: {theme}.
4. Encouragement: something that went well.
5. Next time: when, where and who calls the meeting.""",
}


def agenda(language: Language, theme: str) -> str:
    """Return the agenda with the meeting's theme; there is nowhere to write about a case."""
    return _AGENDA[language].format(theme=theme.rstrip("."))
