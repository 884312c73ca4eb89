"""What the register's files say, read without the product: judges claims, and sentences on pages, one by one.

Nothing of `api` or `matcher` is imported. Facts are the rows of the shipped CSV files; kilometres are
of the law of cosines, hours of the shipped legs by plain relaxation.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).parents[1] / "api"
Claim = Mapping[str, object]
Holds = Callable[[Sequence[str], Sequence[str], str], bool | None]
BEGUN, BEFORE = {"operative", "partly"}, {"planning", "needs_inventory", "start_up"}
SUPPORTS = {
    "yrkesverksamma": "support_professionals",
    "våldsutsatta": "support_exposed_any",
    "våldsutsatta under 18 år": "support_exposed_minors",
    "våldsutsatta över 18 år": "support_exposed_adults",
}
MODELS = {
    "sitter i Barnahus": "barnahus",
    "är en del av ett centrum mot våld": "cmv_subactivity",
    "arbetar digitalt, gemensamt för våld i nära relationer": "digital_vnr_joint",
    "arbetar hos varje myndighet": "per_agency_vnr",
    "har egna team": "standalone_teams",
}
GRANTS = {"2018": "pilot_2018", "2021": "group2_2021", "2023": "group3_2023"}
# How long a journey may be that anybody calls near, and how much two sizes may differ that are alike.
NEAR_HOURS, ALIKE = 3.5, 1.5


@cache
def register() -> dict[str, dict[str, str]]:
    """Return each RC's cells by key, areas and all."""
    found: dict[str, dict[str, str]] = {}
    for name in ("rc_registry.csv", "rc_areas.csv"):
        with (ROOT / "registry/data" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["rc_id"], {}).update(row)
    return found


@cache
def names() -> dict[str, str]:
    """Return what each RC is called, longest first, to its key."""
    called = {row["rc_name"]: key for key, row in register().items()}
    return dict(sorted(called.items(), key=lambda one: -len(one[0])))


def km(one: str, other: str) -> float:
    """Return the kilometres between two seats as the crow flies."""
    (a, b), (c, d) = (
        (
            math.radians(float(register()[key]["seat_lat"])),
            math.radians(float(register()[key]["seat_lon"])),
        )
        for key in (one, other)
    )
    inner = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6371.0088 * math.acos(min(1.0, inner))


@cache
def hours(one: str, other: str) -> float:
    """Return the hours from door to door between two seats: 0.5 at the doors, 0.4 a change."""
    start, goal = (register()[key]["seat_city"] for key in (one, other))
    with (ROOT / "travel/data/travel_legs.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["a"], row["b"], float(row["hours"])) for row in csv.DictReader(file)]
    best = {start: 0.0}
    for _ in range(12):
        for a, b, spent in rows:
            for first, then in ((a, b), (b, a)):
                if first in best:
                    change = 0.4 if first != start else 0.0
                    best[then] = min(best.get(then, math.inf), best[first] + change + spent)
    return 0.5 + best[goal]


def model(key: str) -> str:
    """Return the model of today, where nothing contradicts it."""
    row = register()[key]
    return "" if row["org_model_planned_certainty"] == "conflicting" else row["org_model_current"]


def goes_to(key: str) -> tuple[str, bool]:
    """Return the model that an RC without one is going to, and whether that is only likely."""
    row = register()[key]
    sure = row["org_model_planned_certainty"]
    if row["org_model_current"] or sure not in {"stated", "probable"}:
        return "", False
    return row["org_model_planned"], sure == "probable"


def has(key: str, fact: str, value: str) -> bool:
    """Tell whether an RC has a value: unknown, planned, contradicted or not in operation is none."""
    row = register()[key]
    begun = row["establishment_status"] in BEGUN
    match fact:
        case "model":
            return bool(value) and model(key) == value
        case "phase_band":
            return {"operational": begun, "pre_operational": row["establishment_status"] in BEFORE}[
                value
            ]
        case "funding_status":
            return value == "secured" and row["funding_status"] == "secured"
        case "digital_only":
            return value == "yes" and row["digital_only"] == "yes"
        case "grant_group":
            return row["grant_group"] == value
    if fact not in SUPPORTS.values():
        raise AssertionError(fact)
    return row[fact] == value and (value == "yes" or (value == "none" and begun))


def lacks(key: str, fact: str, value: str, *, is_likely: bool) -> bool:
    """Tell whether an RC that has not begun is on its way to a value."""
    row = register()[key]
    if row["establishment_status"] not in BEFORE:
        return False
    if fact == "model":
        return goes_to(key) == (value, is_likely)
    if fact == "phase_band":
        return True
    if fact == "funding_status":
        return row["funding_status"] in {"planned", "lacking"}
    return row[fact] == "planned"


def ratio(keys: Iterable[str], fact: str) -> float:
    """Return how many times the smallest the largest is."""
    column = {"population": "population_2016_12_31", "log10_land_km2": "land_area_km2"}[fact]
    sizes = [float(register()[key][column]) for key in keys]
    return max(sizes) / min(sizes)


def widest(keys: Sequence[str], measure: str) -> float:
    """Return the largest distance within some RC, in `km` or `hours`."""
    return max((km if measure == "km" else hours)(*pair) for pair in combinations(keys, 2))


def is_true(claim: Claim) -> bool:  # noqa: PLR0911 - one line a kind
    """Judge a claim of the demonstration's JSON; `offers` rests on a survey and is judged elsewhere."""
    members, fact, value = [*claim["members"]], str(claim["fact"]), claim["value"]  # type: ignore[misc]
    if len(set(members)) != len(members) or len(members) < 2 or not set(members) <= set(register()):
        return False
    match claim["claim"]:
        case "same":
            return all(has(key, fact, str(value)) for key in members)
        case "ahead":
            likely = bool(claim.get("likely"))
            behind = all(lacks(key, fact, str(value), is_likely=likely) for key in members[1:])
            return has(members[0], fact, str(value)) and behind
        case "near":
            said = abs(widest(members, fact) - float(str(value))) <= 0.051
            return said and widest(members, "hours") <= NEAR_HOURS + 1e-9
        case "alike_size":
            return (
                ratio(members, fact) <= ALIKE
                and abs(ratio(members, fact) - float(str(value))) <= 0.0051
            )
        case "differs":
            return all(differ(*pair, fact) for pair in combinations(members, 2))
    return False


def differ(one: str, other: str, fact: str) -> bool:
    """Tell whether two RC are known to be unlike in a fact."""
    if fact == "model":
        return bool(model(one) and model(other)) and model(one) != model(other)
    values = {
        "phase_band": ("operational", "pre_operational"),
        "grant_group": tuple(GRANTS.values()),
    }.get(fact, ("yes", "none"))
    return any(
        has(one, fact, a) and has(other, fact, b) for a, b in combinations(values, 2)
    ) or any(has(other, fact, a) and has(one, fact, b) for a, b in combinations(values, 2))


# --- Sentences, as they stand on Swedish pages ---

FACTS = {
    "fas": "phase_band",
    "organisationsmodell": "model",
    "stöd till yrkesverksamma": "support_professionals",
    "stöd till våldsutsatta": "support_exposed_any",
    "stöd till barn": "support_exposed_minors",
    "stöd till vuxna": "support_exposed_adults",
    "startomgång": "grant_group",
}
NUMBER = r"([\d\u00a0\u202f ]+(?:,\d+)?)"


def sentences(text: str) -> list[str]:
    """Part a paragraph at its full stops; an RC's name holds none."""
    return [f"{one}." for one in re.split(r"\.(?:\s+|$)", " ".join(text.split())) if one]


def who(text: str, circle: Sequence[str]) -> list[str]:
    """Return whom a subject names: *Ni* or *Alla* is the whole circle. Empty where it is not of RC alone."""
    if text in {"Ni", "Alla"} and circle:
        return [*circle]
    found, left = [], text
    for name, key in names().items():
        if re.search(rf"(?:^|, | och ){re.escape(name)}(?=$|, | och )", left):
            found.append(key)
            left = re.sub(rf"((?:^|, | och )){re.escape(name)}(?=$|, | och )", r"\1", left)
    return [] if re.sub(r"[, ]|och", "", left) else found


def judge(sentence: str, circle: Sequence[str] = (), about: str = "") -> bool | None:
    """Tell whether a sentence is true of the register; None where it is of a kind that is not judged here.

    circle: whom *Ni* means. about: the RC of the row that it stands in, where it names only the other.
    """
    for pattern, holds in _KINDS:
        found = re.fullmatch(pattern, sentence)
        if found is not None:
            verdict = holds(found.groups(), circle, about)
            if verdict is not None:
                return verdict
    return None


def _number(text: str) -> float:
    return float(re.sub(r"\s", "", text).replace(",", "."))


def _ahead(groups: Sequence[str], circle: Sequence[str], _: str) -> bool | None:
    ahead, what, likely, behind = groups
    first, rest = who(ahead, circle), who(behind, circle)
    if not first or not rest:
        return None
    fact, value = ("model", MODELS[what]) if what in MODELS else _FACT_OF[what]
    return all(has(key, fact, value) for key in first) and all(
        lacks(key, fact, value, is_likely=bool(likely)) for key in rest
    )


_FACT_OF = {
    "har långsiktig finansiering klar": ("funding_status", "secured"),
    "har kommit i gång": ("phase_band", "operational"),
    **{f"stöder {what}": (fact, "yes") for what, fact in SUPPORTS.items()},
}


def _same(groups: Sequence[str], circle: Sequence[str], _: str) -> bool | None:
    subject, rest = _split(groups[0], circle)
    if not subject:
        return None
    facts = [*_things(rest)]
    return (
        bool(facts)
        and len(subject) > 1
        and all(has(key, *fact) for key in subject for fact in facts)
    )


def _split(text: str, circle: Sequence[str]) -> tuple[list[str], str]:
    """Part a sentence into the longest subject of RC alone, and what is said of them."""
    words = text.split(" ")
    for end in range(len(words) - 1, 0, -1):
        subject = who(" ".join(words[:end]), circle)
        if subject:
            return subject, " ".join(words[end:])
    return [], text


def _things(text: str) -> Iterator[tuple[str, str]]:
    """Read *sitter i Barnahus, har kommit i gång och stöder A och B* as facts; raises on what it does not know."""
    left = text
    while left:
        left = re.sub(r"^(?:, | och )", "", left)
        for phrase, value in MODELS.items():
            if left.startswith(phrase):
                yield "model", value
                left = left.removeprefix(phrase)
                break
        else:
            found = re.match(
                r"(har kommit i gång|ska starta|har långsiktig finansiering klar|arbetar helt digitalt"
                r"|fick pengar att börja (\d{4})|stöder (inte )?(.+?))(?=$|(?:, | och )(?:stöder|arbetar|har|fick|sitter|är|ska)\b)",
                left,
            )
            assert found is not None, text
            whole, year, no, whom = found.groups()
            if whom:
                yield from _supported(whom, "none" if no else "yes")
            else:
                yield {
                    "har kommit i gång": ("phase_band", "operational"),
                    "ska starta": ("phase_band", "pre_operational"),
                    "har långsiktig finansiering klar": ("funding_status", "secured"),
                    "arbetar helt digitalt": ("digital_only", "yes"),
                }.get(whole) or ("grant_group", GRANTS[year])
            left = left[found.end() :]


def _supported(whom: str, value: str) -> Iterator[tuple[str, str]]:
    for one in re.split(r", | och ", whom):
        if one == "våldsutsatta i alla åldrar":
            yield "support_exposed_minors", value
            yield "support_exposed_adults", value
        else:
            yield SUPPORTS[one], value


def _alike(fact: str) -> "Holds":
    def holds(groups: Sequence[str], circle: Sequence[str], _: str) -> bool | None:
        subject = who(groups[0], circle) if len(groups) > 1 else [*circle]
        said = _number(groups[-1])
        return abs(ratio(subject, fact) - said) <= 0.0501 and ratio(subject, fact) <= ALIKE

    return holds


def _near(groups: Sequence[str], circle: Sequence[str], _: str) -> bool | None:
    subject = who(groups[0], circle) if len(groups) > 2 else [*circle]
    said_km, said_hours = _number(groups[-2]), _number(groups[-1])
    right = abs(widest(subject, "km") - said_km) <= 0.6
    return right and _in_halves(widest(subject, "hours"), said_hours) and said_hours <= NEAR_HOURS


def _in_halves(hours: float, said: float) -> bool:
    """Whether hours are said to the nearest half, and never as none."""
    return (2 * said).is_integer() and abs(max(hours, 0.5) - said) <= 0.26


def _nearest(groups: Sequence[str], circle: Sequence[str], about: str) -> bool | None:
    (other,) = who(groups[0], circle)
    spent = {key: hours(about, key) for key in circle if key != about}
    return spent[other] == min(spent.values()) and _in_halves(spent[other], _number(groups[1]))


def _unlike(groups: Sequence[str], _: Sequence[str], about: str) -> bool | None:
    facts = [FACTS[one] for one in re.split(", | och ", groups[1])]
    return all(differ(about, other, fact) for other in who(groups[0], ()) for fact in facts)


def _apart(groups: Sequence[str], circle: Sequence[str], _: str) -> bool | None:
    facts = [FACTS[one] for one in re.split(", | och ", groups[0])]
    return all(
        all(
            differ(*pair, fact)
            for pair in combinations([key for key in circle if _knows(key, fact)], 2)
        )
        for fact in facts
    )


def _unknown(groups: Sequence[str], _: Sequence[str], about: str) -> bool | None:
    """What is not known of the RC of a row, or not decided: it has no value that could be compared."""
    row = register()[about]
    facts = [FACTS[one] for one in re.split(", | och ", groups[0]) if one in FACTS]
    undecided = not row["org_model_current"] and row["org_model_planned"] in {"", "undecided"}
    return all(undecided if fact == "model" else not _knows(about, fact) for fact in facts)


def _knows(key: str, fact: str) -> bool:
    if fact == "model":
        return bool(model(key))
    return fact in {"phase_band", "grant_group"} or has(key, fact, "yes") or has(key, fact, "none")


def _likely(groups: Sequence[str], circle: Sequence[str], about: str) -> bool | None:
    ahead, what, behind = groups
    likely = behind.endswith(" troligen")
    return _ahead(
        (ahead, what, "x" if likely else "", behind.removesuffix(" troligen")), circle, about
    )


_KINDS = (
    (r"(.+?) (sitter i Barnahus|är en del av .+?|arbetar .+?|har egna team), dit (.+?) är på väg\.", _likely),
    (r"(.+?) (har långsiktig finansiering klar), vilket()( .+?) inte har än\.", lambda g, c, a: _ahead((g[0], g[1], "", g[3].strip()), c, a)),
    (r"(.+?) (har kommit i gång) och (.+?) ska starta\.", lambda g, c, a: _ahead((g[0], g[1], "", g[2]), c, a)),
    (r"(.+?) (stöder .+?), vilket (.+?) planerar\.", lambda g, c, a: _ahead((g[0], g[1], "", g[2]), c, a)),
    (rf"Ni har ungefär lika många invånare: den största har {NUMBER} gånger så många som den minsta\.", _alike("population")),
    (rf"(.+?) har ungefär lika många invånare: den största har {NUMBER} gånger så många som den minsta\.", _alike("population")),
    (rf"Era områden är ungefär lika stora: det största är {NUMBER} gånger så stort som det minsta\.", _alike("log10_land_km2")),
    (rf"(.+?) har ungefär lika stora områden: det största är {NUMBER} gånger så stort som det minsta\.", _alike("log10_land_km2")),
    (rf"Det är högst {NUMBER} km och ungefär {NUMBER} timmar mellan er, dörr till dörr\.", _near),
    (rf"(.+?) har högst {NUMBER} km och ungefär {NUMBER} timmar mellan sig, dörr till dörr\.", _near),
    (rf"Närmast i kretsen är (.+?), ungefär {NUMBER} timmar bort\.", _nearest),
    (r"(?:få uppgifter )?Okänt eller inte bestämt: (.+)\.", _unknown),
    (r"Inte som (.+?) i fråga om (.+)\.", _unlike),
    (r"Ni skiljer er åt i fråga om (.+)\.", _apart),
    (r"(.+ (?:sitter i|är en del av|har egna|har kommit|ska starta|fick pengar|har långsiktig|arbetar|stöder).*)\.", _same),
)  # fmt: skip
