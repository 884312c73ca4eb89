"""What the register's pages show, put in words: rows of the list, facts of an RC, and its form."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from markupsafe import Markup

from api.accounts.directory import Contact, PersonDetails
from api.audit.models import AuditEntry
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later, swedish_order
from api.registry.cells import write
from api.registry.checking import PARTS
from api.registry.citing import source_text
from api.registry.facts import BY_NAME, FACTS, GROUPS, LABELS, WORDS, Fact
from api.registry.map_view import MapView
from api.registry.models import Rc
from api.registry.reference import Contradiction, County, counties, municipalities, told
from api.registry.service import Neighbour
from api.registry.vocabulary import phase_in_words
from api.registry.web.wording import ACTIONS
from api.travel.wording import BAND_NAMES, about

NOBODY = PersonDetails()
CONTACT_LABELS = {
    "contact_title": later("Funktion"),
    "contact_name": later("Kontaktens namn"),
    "contact_email": later("Kontaktens e-postadress"),
    "contact_phone": later("Kontaktens telefon"),
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """One RC in the list; `number` is the one on the map."""

    number: int
    rc: Rc
    county: str
    status: str | None
    model: str | None
    model_is_planned: bool
    funding: str | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """The register: rows, how they are sorted and chosen, the map and the general notes."""

    rows: tuple[ListRow, ...]
    total: int
    sort: str
    band: str
    model: str
    bands: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]
    map: MapView
    notes: tuple[Contradiction, ...]
    may_plan: bool
    query: str  # the choice as the beginning of an address' query, ending in &


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact in words; None is unknown."""

    name: str
    label: str
    text: str | None
    source: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts that belong together, under a heading."""

    heading: str
    known: tuple[FactRow, ...]
    unknown: tuple[str, ...]  # the labels of the rest
    missing: tuple[FactRow, ...] = ()  # the rest themselves, for those who may fill them in


@dataclass(frozen=True, slots=True)
class CheckLine:
    """When a part of an RC's facts was last said to be right, in words."""

    part: str
    heading: str
    said: str
    is_said: bool  # by the RC or by NCH, whenever
    is_good: bool  # by the RC, within the year
    waits_for_nch: bool


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """How far away another RC is, in words."""

    rc: Rc
    km: float
    travel: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Who changed what and when."""

    at: datetime
    who: str
    did: str
    changes: tuple[tuple[str, str, str], ...]  # label, before, after


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that became another; in words."""

    at: datetime
    day: str
    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A picture of how facts have changed, and its table, the latest first."""

    picture: Markup
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class FormRow:
    """One field of the form: what it is, its choices, its value as a cell."""

    name: str
    label: str
    kind: (
        str  # text | area | select | checks | list (its options are offered, others may be written)
    )
    options: tuple[tuple[str, str], ...]
    value: str

    @property
    def values(self) -> tuple[str, ...]:
        """The boxes that are ticked."""
        return tuple(part for part in self.value.split(";") if part)


@dataclass(frozen=True, slots=True)
class RcPage:
    """One RC's page."""

    rc: Rc
    county: County
    phase: str
    groups: tuple[FactGroup, ...]
    checks: tuple["CheckLine", ...]
    neighbours: tuple[NeighbourRow, ...]
    notes: tuple[Contradiction, ...]
    history: tuple[HistoryRow, ...]
    line: HistoryLine | None  # None: nothing has changed
    map: MapView
    may_correct: bool
    is_own: bool
    contact: Contact | None  # at NCH
    fields: dict[str, FormRow]  # by fact, to correct it where it stands; none for those who may not
    shelf: tuple[tuple[str, str], ...]  # address and title of what it has put into the library
    circles: tuple[tuple[str, str], ...]  # address and name of its circles that the reader may see


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: cells (none yet: the RC's facts), where it is known from, and a new RC's contact."""

    cells: dict[str, str] | None = None
    source: str = ""
    title: str = ""
    contact: PersonDetails = NOBODY


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form that adds or corrects an RC; `theirs` holds what somebody else saved meanwhile."""

    rc: Rc | None
    version: int
    groups: tuple[tuple[str, tuple[FormRow, ...]], ...]
    faults: tuple[FieldFault, ...]
    labels: dict[str, str]
    typed: Typed
    theirs: tuple[tuple[str, str, str], ...] = ()  # label, yours, theirs
    proposal: str = ""  # the proposal whose page led here, and which the planner goes back to


_SORTS: dict[str, Callable[[ListRow], object]] = {
    "number": lambda row: row.number,
    "name": lambda row: swedish_order(row.rc.name),
    "county": lambda row: (swedish_order(row.county), swedish_order(row.rc.name)),
    "status": lambda row: _rank(row.rc.establishment_status),
    "model": lambda row: swedish_order(row.model or "\U0010ffff"),
    "funding": lambda row: swedish_order(row.funding or "\U0010ffff"),
    "population": lambda row: row.rc.population or -1,
}


def _rank(status: StrEnum | None) -> int:
    return -1 if status is None else list(type(status)).index(status)


def list_rows(say: Speaker, rcs: Iterable[Rc]) -> list[ListRow]:
    """Return the register's rows in Swedish alphabetical order, numbered as on the map."""
    ordered = sorted(rcs, key=lambda rc: swedish_order(rc.name))
    return [_list_row(say, number, rc) for number, rc in enumerate(ordered, start=1)]


def sorted_rows(rows: list[ListRow], sort: str) -> list[ListRow]:
    """Return the rows by a column's name, with - before it in falling order; else as they are."""
    key = _SORTS.get(sort.removeprefix("-"))
    if key is None:
        return rows
    return sorted(rows, key=key, reverse=sort.startswith("-"))  # type: ignore[arg-type] # each key gives one kind


def _list_row(say: Speaker, number: int, rc: Rc) -> ListRow:
    planned = rc.org_model_current is None
    model = "org_model_planned" if planned else "org_model_current"
    return ListRow(
        number=number,
        rc=rc,
        county=counties()[rc.county_code].name(say.language),
        status=phase_in_words(say, rc.establishment_status),
        model=value_text(say, model, getattr(rc, model)),
        model_is_planned=planned,
        funding=value_text(say, "funding_status", rc.funding_status),
    )


def value_text(say: Speaker, name: str, value: object) -> str | None:
    """Return a value in words, or None when it is unknown."""
    if value is None or value == []:
        return None
    if isinstance(value, list):
        return say.listing(_list_items(say, name, value))
    choices = WORDS.get(name, {})
    if write(value) in choices:
        return say.text(choices[write(value)])
    if name == "started_year":
        return str(value)  # a year has no thousands
    if name == "county_code":
        return counties()[str(value)].name(say.language)
    return _plain_text(say, value)


def _list_items(say: Speaker, name: str, value: list[str]) -> list[str]:
    if name == "municipality_codes":
        known = municipalities()
        return sorted((known.get(code, code) for code in value), key=swedish_order)
    return [say.text(WORDS[name].get(item, item)) for item in value]


def _plain_text(say: Speaker, value: object) -> str:
    if isinstance(value, date):
        return say.plain_date(value)
    if isinstance(value, int | float):
        return say.number(value, 0 if float(value).is_integer() else 1)
    return told(str(value), say.language)


def fact_groups(say: Speaker, rc: Rc) -> tuple[FactGroup, ...]:
    """Return all facts of an RC in words, with their sources."""
    return tuple(_fact_group(say, rc, heading, facts) for heading, facts in GROUPS)


def _fact_group(say: Speaker, rc: Rc, heading: str, shown: tuple[Fact, ...]) -> FactGroup:
    facts = [_fact(say, rc, fact.name) for fact in shown]
    return FactGroup(
        say.text(heading),
        tuple(fact for fact in facts if fact.text is not None),
        tuple(_lower_first(fact.label) for fact in facts if fact.text is None),
        tuple(fact for fact in facts if fact.text is None),
    )


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _fact(say: Speaker, rc: Rc, name: str) -> FactRow:
    value = getattr(rc, name)
    items: tuple[str, ...] = ()
    if isinstance(value, list) and name != "municipality_codes":
        items = tuple(_list_items(say, name, value))
    source = rc.sources.get(name, "")
    return FactRow(
        name,
        say.text(LABELS[name]),
        value_text(say, name, value),
        source_text(say, source) if source else "",
        items,
    )


def neighbour_rows(say: Speaker, neighbours: Iterable[Neighbour]) -> tuple[NeighbourRow, ...]:
    """Return the nearest RC in words."""
    return tuple(
        NeighbourRow(
            each.rc, each.km, f"{about(each.hours, say)}, {say.text(BAND_NAMES[each.band])}"
        )
        for each in neighbours
    )


def history_rows(
    say: Speaker, entries: Iterable[AuditEntry], names: dict[str, str]
) -> tuple[HistoryRow, ...]:
    """Return the log of an RC in words; `names` gives people's names by id."""
    return tuple(
        HistoryRow(
            at=entry.at,
            who=say.text("RC:t genom sin länk")
            if entry.actor.startswith("link:")
            else names.get(entry.actor, "Samkrets"),
            did=_did(say, entry),
            changes=tuple(_history_changes(say, entry)) if entry.before else (),
        )
        for entry in entries
    )


def _did(say: Speaker, entry: AuditEntry) -> str:
    part = PARTS.get(str((entry.after or {}).get("part", "")))
    if entry.action == "checked" and part:
        return say.text("bekräftade ”%(part)s”", part=say.text(part))
    return say.text(ACTIONS.get(entry.action, entry.action))


def _history_changes(say: Speaker, entry: AuditEntry) -> Iterable[tuple[str, str, str]]:
    for name, after in (entry.after or {}).items():
        if name == "sources":
            continue
        before = (entry.before or {}).get(name)
        unknown = say.text("okänt")
        yield (
            say.text(LABELS.get(name, name)),
            value_text(say, name, before) or unknown,
            value_text(say, name, after) or unknown,
        )


def form_page(
    say: Speaker,
    rc: Rc | None,
    typed: Typed = Typed(),
    faults: tuple[FieldFault, ...] = (),
    theirs: tuple[tuple[str, str, str], ...] = (),
    proposal: str = "",
    register: Iterable[Rc] = (),
) -> FormPage:
    """Return the form, filled with what was typed, else with the RC's facts."""
    own = own_words(register)
    first = ("name", "county_code") if rc else ("name", "county_code", "id")
    groups = [(say.text("Namn och län"), [BY_NAME[name] for name in first])]
    for heading, _ in GROUPS:
        asked = [fact for fact in FACTS if heading in (fact.group, fact.form)]
        groups.append((say.text(heading), [fact for fact in asked if fact.name not in first]))
    return FormPage(
        rc=rc,
        version=rc.version if rc else 0,
        groups=tuple(
            (heading, tuple(_form_row(say, fact, rc, typed.cells, own) for fact in facts))
            for heading, facts in groups
        ),
        faults=faults,
        labels={fact.name: say.text(fact.label) for fact in FACTS}
        | {name: say.text(label) for name, label in CONTACT_LABELS.items()},
        theirs=theirs,
        typed=replace(typed, title=typed.title or say.text("Operativ samordnare")),
        proposal=proposal,
    )


def fields_of(say: Speaker, rc: Rc, register: Iterable[Rc]) -> dict[str, FormRow]:
    """Return the form's field of each fact that is shown, filled with the fact."""
    own = own_words(register)
    return {fact.name: _form_row(say, fact, rc, None, own) for _, shown in GROUPS for fact in shown}


def own_words(register: Iterable[Rc]) -> dict[str, tuple[str, ...]]:
    """Return by fact what some RC has of its own in a list that goes on: others may choose it too."""
    rcs = list(register)
    return {
        fact.name: tuple(
            sorted(
                {
                    value
                    for rc in rcs
                    if (value := getattr(rc, fact.name)) and value not in fact.kind.words
                },
                key=swedish_order,
            )
        )
        for fact in FACTS
        if fact.kind.is_open
    }


def _typed(say: Speaker, fact: Fact, rc: Rc) -> str:
    """Return a fact as people would type it: shipped texts in their language, names and no codes."""
    value = getattr(rc, fact.name)
    if fact.name == "municipality_codes":
        return ", ".join(_list_items(say, fact.name, value))
    if isinstance(value, float):
        return write(value).replace(".", "," if say.language == "sv" else ".")
    return told(write(value), say.language)


def _form_row(
    say: Speaker,
    fact: Fact,
    rc: Rc | None,
    cells: dict[str, str] | None,
    own: Mapping[str, tuple[str, ...]],
) -> FormRow:
    name, kind = fact.name, fact.kind
    value = _typed(say, fact, rc) if rc else ""
    if cells is not None:
        value = cells.get(name, value)
    label = say.text(fact.label)
    if kind.is_open:
        known = [("", say.text("okänt"))]
        known += [(key, say.text(word)) for key, word in kind.words.items()]
        more = {*own.get(name, ()), *([value] if value and value not in kind.words else [])}
        known += [(text, text) for text in sorted(more, key=swedish_order)]
        return FormRow(name, label, "list", tuple(known), value)
    if kind.words:
        options = tuple((choice, say.text(word)) for choice, word in kind.words.items())
        if kind.is_list:
            return FormRow(name, label, "checks", options, value)
        return FormRow(name, label, "select", (("", say.text("okänt")), *options), value)
    if name == "county_code":
        options = tuple(
            (code, county.name(say.language))
            for code, county in sorted(counties().items(), key=lambda pair: pair[1].name_sv)
        )
        return FormRow(name, label, "select", (("", say.text("Välj län")), *options), value)
    return FormRow(name, label, "area" if kind.is_long else "text", (), value)
