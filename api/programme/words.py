"""What the formats of sessions are called, and what a file may call them."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from api.kit.i18n import Speaker, compared, later

FORMATS = {
    "talk": "genomgång",
    "workshop": "arbetspass",
    "case_round": "anonymiserade fall",
    "best_case": "gott exempel",
    "question_time": "frågestund med NCH",
    "agency": "vad en myndighet behöver",
    "plenary": "samling",
    "circle_time": "kretstid",
}
# What a file may name, said where it names something else.
FORMAT_EXPECTED: Final = later(
    "genomgång, arbetspass, anonymiserade fall, gott exempel, frågestund med NCH, vad en myndighet behöver, samling eller kretstid"
)

# Everybody sits in these: they belong to no track, and to the calendar of each.
FOR_ALL = frozenset({"agency", "plenary", "circle_time"})
_ALSO: Final = {
    "föreläsning": "talk",
    "presentation": "talk",
    "lecture": "talk",
    "diskussion": "workshop",
    "gruppdiskussion": "workshop",
    "discussion": "workshop",
    "plenum": "plenary",
}


def format_named(name: str) -> str | None:
    """Return the format that a file calls so: by its key, its name in either language, or what else people say."""
    return _formats().get(compared(name))


@cache
def _formats() -> Mapping[str, str]:
    both = (Speaker("sv"), Speaker("en"))
    return {compared(key): key for key in FORMATS} | {
        compared(name): key
        for name, key in (
            *_ALSO.items(),
            *((say.text(name), key) for say in both for key, name in FORMATS.items()),
        )
    }
