"""What the formats of sessions are called."""

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

# Everybody sits in these: they belong to no track, and to the calendar of each.
FOR_ALL = frozenset({"agency", "plenary", "circle_time"})
