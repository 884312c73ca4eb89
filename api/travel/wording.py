"""How journeys are said: hours rounded to halves with *cirka*, what they mean for a day, nights away."""

from api.kit.i18n import Speaker, later
from matcher.travel import BANDS, Band, Basis, nights

BAND_NAMES = {
    Band.SHORT_DAY_TRIP: later("kort dagsresa"),
    Band.LONG_DAY_TRIP: later("lång dagsresa"),
    Band.NIGHT_OR_DIGITAL: later("övernattning eller digitalt"),
    Band.FAR_OR_DIGITAL: later("lång resa med övernattning, eller digitalt"),
}
BAND_LIMITS = {
    Band.SHORT_DAY_TRIP: later("kort dagsresa (till 2,5 h)"),
    Band.LONG_DAY_TRIP: later("lång dagsresa (till 4,5 h)"),
    Band.NIGHT_OR_DIGITAL: later("övernattning eller digitalt (till 7 h)"),
    Band.FAR_OR_DIGITAL: later("lång resa med övernattning, eller digitalt (över 7 h)"),
}
# Hours alone, for beside nights away: those hang on when the meeting begins and ends too.
BAND_SPANS = {
    Band.SHORT_DAY_TRIP: later("till 2,5 h"),
    Band.LONG_DAY_TRIP: later("2,5 till 4,5 h"),
    Band.NIGHT_OR_DIGITAL: later("4,5 till 7 h"),
    Band.FAR_OR_DIGITAL: later("över 7 h"),
}
HOME_UNKNOWN = later("resan är okänd: orten hemma är inte inskriven")
ROUGH = later("grovt räknat")


def in_halves(hours: float, say: Speaker) -> str:
    """Return a journey's hours rounded to halves, the least being half an hour: the estimate bears no more."""
    return say.number(max(1, round(2 * hours)) / 2, 1)


def about(hours: float, say: Speaker, basis: Basis = "table") -> str:
    """Return a journey's hours in words, rounded to halves."""
    text = say.text(later("cirka %(hours)s tim."), hours=in_halves(hours, say)).replace(
        " ", "\N{NO-BREAK SPACE}"
    )
    return f"{text} ({say.text(ROUGH)})" if basis == "rough" else text


def stay(hours: float, starts: float, ends: float, say: Speaker, days: int = 1) -> str:
    """Say whether a meeting between two hours of its day can be reached and left within it.

    A meeting of several days has nights between them.
    """
    away = nights(hours, starts, ends) + days - 1
    if not away:
        return say.text(later("över dagen"))
    return say.plural("%(num)s natt borta", "%(num)s nätter borta", away)


def legend(say: Speaker) -> tuple[str, ...]:
    """Return all bands with their limits, nearest first."""
    return tuple(say.text(BAND_LIMITS[band]) for band in BANDS)
