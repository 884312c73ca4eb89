"""What the library's pages show: rows in words, made of records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later, swedish_order
from api.library import queries, service
from api.library.content import MOST_BYTES
from api.library.models import Material, ReadBy, Sort
from api.library.service import Place
from api.registry import queries as registry
from api.surveys import queries as surveys
from api.surveys.models import Theme

NEW_FOR = timedelta(days=30)
SORTS: Mapping[Sort, str] = {
    Sort.AGENDA: later("Agenda"),
    Sort.PRESENTATION: later("Presentation"),
    Sort.AGREEMENT: later("Avtal"),
    Sort.CHECKLIST: later("Checklista"),
    Sort.CONSENT: later("Samtyckesblankett"),
    Sort.OTHER: later("Annat"),
}
READERS: Mapping[ReadBy, str] = {
    ReadBy.CIRCLE: later("Kretsen och NCH"),
    ReadBy.MEETING: later("De som ser träffen"),
    ReadBy.ALL: later("Alla RC, länsstyrelserna och NCH"),
}
_KILO = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One material in a list."""

    id: str
    title: str
    address: str
    is_file: bool
    about: str  # what it is for, whose, how large and when
    place: tuple[str, str]  # path and name of where it lies; no path where the viewer may not go
    readers: str
    may_change: bool
    versions: int  # of a document


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in a form that could not be taken."""

    title: str = ""
    address: str = ""
    sort: str = Sort.OTHER.value
    read_by: str = ""
    faults: tuple[FieldFault, ...] = ()


NOTHING = Typed()


@dataclass(frozen=True, slots=True)
class PlacePage:
    """What lies at a meeting, a circle or a theme, and the form for more."""

    path: str
    back: tuple[str, str]
    heading: str
    lead: str
    rows: tuple[Row, ...]
    may_add: bool
    typed: Typed
    sorts: tuple[tuple[str, str], ...]
    readers: tuple[tuple[str, str], ...]
    having: tuple["Having", ...] = ()
    most_megabytes: int = MOST_BYTES // 1_000_000


@dataclass(frozen=True, slots=True)
class Having:
    """An RC that has something of a theme: by the register, or in the library."""

    rc_id: str
    name: str
    titles: tuple[tuple[str, str], ...]  # address and title of what lies in the library
    is_in_register: bool


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme with what lies there, and who has something of it."""

    id: str
    name: str
    number: int
    having: str


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Everything that a viewer may read: what is new, themes, and the rest."""

    new: tuple[Row, ...]
    themes: tuple[ThemeRow, ...]
    rest: tuple[Row, ...]  # of meetings and circles
    sort: str
    sorts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document."""

    number: int
    when: str
    size: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """A document with all its versions."""

    row: Row
    versions: tuple[Version, ...]
    faults: tuple[FieldFault, ...]
    most_megabytes: int = MOST_BYTES // 1_000_000


def sorts(say: Speaker) -> tuple[tuple[str, str], ...]:
    """Return what a material can be for, as choices."""
    return tuple((key.value, say.text(text)) for key, text in SORTS.items())


def rows(
    session: Session, viewer: Viewer, say: Speaker, found: Iterable[Material]
) -> tuple[Row, ...]:
    """Return materials as rows."""
    known = list(found)
    names = _rc_names(session, known)
    lying = service.lying(session, viewer, known)
    versions = queries.all_versions(session, [one.id for one in known if one.is_file])
    made = []
    for one in known:
        where, kept = lying[one.id], versions.get(one.id, [])
        size = [f"{kept[0].extension.upper()}, {size_of(kept[0].size, say)}"] if kept else []
        own = [names[one.rc_id]] if one.rc_id in names else []
        day = say.date(service.newest(one).date())
        kinds = [] if one.sort is Sort.OTHER else [say.text(SORTS[one.sort])]
        made.append(
            Row(
                id=one.id,
                title=one.title,
                address=one.address,
                is_file=one.is_file,
                about=", ".join((*kinds, *own, *size, day)),
                place=(where.path, say.either(*where.place.names)),
                readers=say.text(READERS[one.read_by]),
                may_change=where.may_change,
                versions=len(kept),
            )
        )
    return tuple(made)


def size_of(octets: int, say: Speaker) -> str:
    """Say how large a file is."""
    if octets < _KILO * _KILO:
        return f"{max(1, round(octets / _KILO))} kB"
    return f"{say.number(octets / _KILO / _KILO, 1)} MB"


def place_page(
    session: Session, viewer: Viewer, say: Speaker, place: Place, typed: Typed = NOTHING
) -> PlacePage:
    """Return the page of a place."""
    found = service.at(session, viewer, place)
    name = say.either(*place.names)
    if place.meeting is not None:
        back = (f"/traffar/{place.meeting.id}", name)
        lead = say.text(
            "Det som deltagarna ska läsa före träffen eller spara efteråt. Gäster på ett enstaka pass ser det inte."
        )
    elif place.network is not None:
        back = (f"/natverk/{place.network.id}", name)
        lead = say.text(
            "Det som kretsen delar med varandra. Du väljer om bara kretsen och NCH ser det, eller alla RC och länsstyrelserna."
        )
    else:
        back = ("/bibliotek", say.text("Bibliotek"))
        lead = say.text("Länkar och dokument som alla RC, länsstyrelserna och NCH kan använda.")
    return PlacePage(
        path=place.path,
        back=back,
        heading=say.text("Material: %(name)s", name=name),
        lead=lead,
        rows=rows(session, viewer, say, found),
        may_add=service.may_add(session, viewer, place),
        typed=typed,
        sorts=sorts(say),
        readers=tuple((one.value, say.text(READERS[one])) for one in place.readers),
        having=() if place.theme is None else having(session, place.theme, found),
    )


def having(session: Session, theme: Theme, found: Sequence[Material]) -> tuple[Having, ...]:
    """Return the RC that have something of a theme: by what they can show, and by what lies in the library."""
    shelves = service.who_has(found)
    return tuple(
        Having(
            rc_id=rc.id,
            name=rc.name,
            titles=tuple((one.address, one.title) for one in shelves.get(rc.id, ())),
            is_in_register=theme.id in rc.can_show,
        )
        for rc in sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
        if theme.id in rc.can_show or rc.id in shelves
    )


def library_page(
    session: Session, viewer: Viewer, say: Speaker, sort: str, at: datetime
) -> LibraryPage:
    """Return the library as a viewer sees it, narrowed to a sort where one is chosen."""
    every = service.seen(session, viewer)
    found = [one for one in every if sort in {"", one.sort.value}]
    new = [one for one in found if service.newest(one) > at - NEW_FOR]
    by_theme: dict[str, list[Material]] = {}
    for one in found:
        by_theme.setdefault(one.theme_id or "", []).append(one)
    showing: dict[str, list[str]] = {}
    register = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    for rc in register:
        for key in {*rc.can_show, *(one.theme_id or "" for one in every if one.rc_id == rc.id)}:
            showing.setdefault(key, []).append(rc.name)
    themes = [
        ThemeRow(
            id=one.id,
            name=say.either(one.name_sv, one.name_en),
            number=len(by_theme.get(one.id, [])),
            having=say.listing(showing.get(one.id, [])),
        )
        for one in surveys.themes(session, only_active=True)
    ]
    return LibraryPage(
        new=rows(session, viewer, say, new[: service.MOST]),
        themes=tuple(
            sorted(themes, key=lambda one: (-one.number, not one.having, swedish_order(one.name)))
        ),
        rest=rows(session, viewer, say, by_theme.get("", [])),
        sort=sort,
        sorts=sorts(say),
    )


def versions_page(
    session: Session,
    viewer: Viewer,
    say: Speaker,
    found: Material,
    faults: tuple[FieldFault, ...] = (),
) -> VersionsPage:
    """Return a document's page."""
    kept = queries.versions(session, found.id)
    return VersionsPage(
        row=rows(session, viewer, say, [found])[0],
        versions=tuple(
            Version(
                number=one.number,
                when=say.moment(one.added_at),
                size=size_of(one.size, say),
                is_current=one is kept[0],
            )
            for one in kept
        ),
        faults=faults,
    )


def shelf_of_rc(session: Session, viewer: Viewer, rc_id: str) -> tuple[tuple[str, str], ...]:
    """Return address and title of what an RC has put into the library that the viewer may see."""
    return tuple((one.address, one.title) for one in service.of_rc(session, viewer, [rc_id]))


def _rc_names(session: Session, found: Sequence[Material]) -> dict[str, str]:
    wanted = {one.rc_id for one in found}
    return {key: name for key, name in registry.names(session).items() if key in wanted}
