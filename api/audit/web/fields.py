"""What stood in the log's fields before and after, in a reader's words: no field's name, no key, no sign of the code's."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from api.audit.naming import SAID, TOLD, Key, Names
from api.kit.i18n import Speaker, later

NOTHING = "–"
# The row's own, which tells a reader nothing: which one it is, how often it has been written, a series' pattern in RFC 5545's signs.
OWN = frozenset({"id", "version", "attempt", "rule"})
FIELDS = {
    "address": later("Adress"),
    "alone": later("Bara den här träffen"),
    "answer": later("Svar"),
    "answer_by": later("Svara senast"),
    "answers": later("Svar"),
    "audience": later("Ställd till"),
    "ballots": later("Svarslänkar"),
    "basis": later("Bygger på"),
    "body_id": later("Organisation"),
    "breaks": later("Skollov"),
    "by": later("Av"),
    "closes_on": later("Sista svarsdag"),
    "convener": later("Sammankallar"),
    "county_codes": later("Länskoder"),
    "daily": later("Kommer när det gäller det dagliga arbetet"),
    "days": later("Dagar"),
    "deadline": later("Sista svarsdag"),
    "decision": later("Beslut"),
    "deputy_hands_over": later("Ersättaren får lämna över"),
    "deputy_id": later("Ersättare"),
    "ended_at": later("Avslutad"),
    "ends_at": later("Slutar"),
    "expires_at": later("Gäller till"),
    "feed": later("Kalender"),
    "focus": later("Fokus"),
    "form": later("Form"),
    "from": later("Från"),
    "function": later("Funktion"),
    "function_id": later("Funktion"),
    "functions": later("Funktioner"),
    "group": later("Krets"),
    "groups": later("Kretsar"),
    "has_result": later("Gav ett förslag"),
    "held": later("Träffades"),
    "holder_id": later("Har funktionen"),
    "host": later("Värd"),
    "hours": later("Timmar"),
    "invitations": later("Inbjudningar"),
    "is_active": later("Kan väljas"),
    "kind": later("Slag"),
    "layer": later("Slags krets"),
    "leader_pause": later("Paus för den som leder två pass"),
    "leaders": later("Ledare"),
    "links": later("Länkar"),
    "mailbox": later("Funktionens e-postadress"),
    "mails": later("Mejl"),
    "meeting": later("Träff"),
    "meetings": later("Träffar"),
    "members": later("RC"),
    "name": later("Namn"),
    "name_en": later("Namn på engelska"),
    "name_sv": later("Namn på svenska"),
    "number": later("Nr"),
    "part": later("Del av uppgifterna"),
    "partstat": later("Svar"),
    "per_year": later("Gånger om året"),
    "place": later("Finns hos"),
    "poll": later("Datumförfrågan"),
    "posts": later("Funktioner"),
    "protected": later("Dold i kalendrar"),
    "rc": later("RC"),
    "rc_id": later("RC"),
    "rcs": later("RC"),
    "role": later("Behörighet"),
    "said": later("Vad"),
    "saved": later("Sparad"),
    "scopes": later("Får göra"),
    "session": later("Pass"),
    "sessions": later("Pass"),
    "starts_at": later("Börjar"),
    "state": later("Status"),
    "steering": later("Kommer när det gäller styrning"),
    "texts": later("Texter"),
    "themes": later("Ämnen"),
    "times": later("Tider"),
    "title": later("Namn"),
    "title_en": later("Namn på engelska"),
    "title_sv": later("Namn på svenska"),
    "to": later("Till"),
    "town": later("Ort"),
    "training": later("Kommer när det gäller utbildning"),
    "visitor": later("Besökare"),
    "way in": later("Vägen in"),
}
# What the code's own words are to a reader, where no page of theirs says them (`naming.SAID`).
VALUES = {
    "all": later("alla RC"),
    "asked": later("väntar på svar"),
    "booked": later("bokad"),
    "circle": later("kretsen"),
    "closed": later("stängd"),
    "curator": later("kurator"),
    "digital": later("digitalt"),
    "experience": later("erfarenhetskrets"),
    "forum": later("forum"),
    "guest": later("gäst"),
    "hybrid": later("på plats och digitalt"),
    "in_person": later("på plats"),
    "likeness": later("likhetskrets"),
    "ls": later("länsstyrelse"),
    "ls_project_leader": later("projektledare på länsstyrelsen"),
    "manager": later("chef"),
    "moved": later("flyttad"),
    "nch": "NCH",
    "nch_contact": later("kontaktperson på NCH"),
    "nch_planner": later("planerare på NCH"),
    "nearness": later("grannkrets"),
    "no": later("nej"),
    "open": later("öppen"),
    "operative_coordinator": later("operativ samordnare"),
    "planner": later("planerare"),
    "police_contact": later("kontaktperson hos polisen"),
    "prosecutor_contact": later("kontaktperson hos åklagaren"),
    "rc": "RC",
    "rc_member": later("medlem av ett RC"),
    "reader": later("läsare"),
    "region_contact": later("kontaktperson hos regionen"),
    "waiting": later("väntar"),
    "written": later("skrivet"),
    "yes": later("ja"),
}
# Fields that hold a key: of what kinds of thing, as `naming.NAMED` has them.
REFERS = {
    "body_id": ("body",),
    "convener": ("rc",),
    "deputy_id": ("person",),
    "feed": ("feed",),
    "function": ("function",),
    "function_id": ("function",),
    "functions": ("function",),
    "holder_id": ("person",),
    "host": ("rc",),
    "leaders": ("theme",),
    "meeting": ("meeting",),
    "members": ("rc",),
    "poll": ("poll",),
    "place": ("meeting", "network", "theme"),
    "rc": ("rc",),
    "rc_id": ("rc",),
    "rcs": ("rc",),
    "session": ("theme",),
    "sessions": ("theme",),
    "themes": ("theme",),
    "visitor": ("rc",),
}
_KEY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[a-z0-9]+(?:[_-][a-z0-9]+)+|d\d.*")


def label(kind: str, field: str) -> str:
    """Return a field's name as a Swedish source text; one that is new here is shown by its name."""
    own = TOLD[kind][0] if kind in TOLD else {}
    return own.get(field) or FIELDS.get(field, field)


def keys(field: str, value: object) -> Iterable[Key]:
    """Return what a field may refer to, by kind and key: for their names to be asked for all at once."""
    values = value if isinstance(value, list | dict) else [value]
    return [(kind, one) for one in values if isinstance(one, str) for kind in REFERS.get(field, ())]


def in_words(say: Speaker, kind: str, field: str, value: object, names: Names) -> str:
    """Return a field's value as a reader says it; what cannot be said is counted, or said to be gone."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return say.text("ja" if value else "nej")
    if kind in TOLD and field in TOLD[kind][0] and not isinstance(value, dict):
        return TOLD[kind][1](say, field, value) or NOTHING
    if isinstance(value, str) and value in (said := SAID.get((kind, field), {})):
        return say.text(said[value])
    if isinstance(value, list | dict):
        return _several(say, field, value, names)
    return _one(say, field, value, names) or say.text("något som inte finns kvar")


def _several(
    say: Speaker, field: str, value: list[object] | dict[str, object], names: Names
) -> str:
    """Return several values as a list, or how many they are where one cannot be said."""
    said = [_one(say, field, one, names) for one in value] if isinstance(value, list) else [None]
    if not all(said):
        return say.plural("%(num)s stycken", "%(num)s stycken", len(value))
    return say.listing([one for one in said if one])


def _one(say: Speaker, field: str, value: object, names: Names) -> str | None:
    """Return a single value in words; None where it is a key that nothing is known of."""
    if isinstance(value, int | float):
        return say.number(value, 0 if float(value).is_integer() else 1)
    text = str(value)
    for kind, key in keys(field, text):
        if (kind, key) in names:
            return say.either(*names[kind, key])
    if text in VALUES:
        return say.text(VALUES[text])
    return None if _KEY.fullmatch(text) else _dated(say, text)


def _dated(say: Speaker, text: str) -> str:
    try:
        if len(text) == len("2027-02-02"):
            return say.plain_date(date.fromisoformat(text))
        return say.stamp(datetime.fromisoformat(text))
    except ValueError:
        return text
