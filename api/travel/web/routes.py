"""Journeys for planners: ask for one, see and correct the legs, take them out and in as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from pydantic import BaseModel

from api.accounts import queries as accounts
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now, to_local
from api.kit.errors import FieldFault, FormError, StaleError
from api.kit.exports import download
from api.kit.i18n import Said, Speaker, compared, later, swedish_order
from api.kit.pages import lead_to, render, shows, speaker_of
from api.kit.table_file import MOST_BYTES, CellFault, Change, TableFileError
from api.travel import editing, queries
from api.travel.service import Key, legs_of, shipped_legs, travel_of
from api.travel.shipped import LEGS_DATE, UnknownTownError, town
from api.travel.wording import about, stay
from matcher.travel import Journey

pages = APIRouter()

PAGE = "/planera/restider"
_DAY = (10.0, 16.0)
_ROWS = 30  # legs on a page, NCH's own corrections first
MODE_NAMES = {
    "rail": later("tåg"),
    "bus": later("buss"),
    "air": later("flyg"),
    "rail+air": later("tåg och flyg"),
    "boat": later("båt"),
    "road": later("bil"),
}
CHANGED = later("NCH, %(name)s, %(day)s")
SOMEBODY = later("en tidigare användare")
NO_LEG = later("går inte längre")
# What the shipped legs rest on, as the file says it, in the words of a page.
BASIS_NAMES = {
    "estimate": later("vår uppskattning"),
    "estimate (our own addition)": later("vår uppskattning, tillagd av oss"),
    "one change counted in": later("vår uppskattning, med ett byte"),
    "with a change": later("vår uppskattning, med ett byte"),
    "by train to Arlanda": later("vår uppskattning, med tåg till Arlanda"),
    "flight with the ways to and from the airports": later(
        "flyg med vägen till och från flygplatserna"
    ),
    "flight 1.3 h + to, through and from the airports 1.7 h": later(
        "flyg 1,3 h och 1,7 h till, på och från flygplatserna"
    ),
    "1.9 h, operator's timetable 2019": later("1,9 h i operatörens tidtabell 2019"),
    "2.5-3.0 h, operator's timetables": later("2,5–3,0 h i operatörens tidtabeller"),
    "3 h, operator and guides": later("3 h enligt operatör och reseguider"),
    "4.5-5 h, operator and guides": later("4,5–5 h enligt operatör och reseguider"),
    "4.9-6 h, railway study 2019 (Stockholm-Östersund 4.0)": later(
        "4,9–6 h i en järnvägsutredning 2019"
    ),
}


@dataclass(frozen=True, slots=True)
class LegRow:
    """A leg of the table; `hours` is empty where NCH has taken it away."""

    key: Key
    mode: str
    hours: str
    basis: str
    changed: str
    version: int


class LegForm(BaseModel):
    """The form of one leg, as text; `version` is that of the correction it was filled from."""

    a: str = ""
    b: str = ""
    mode: str = ""
    hours: str = ""
    basis: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and the answer in words."""

    start: str = ""
    goal: str = ""
    answer: str = ""
    stay: str = ""
    way: tuple[str, ...] = ()
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class TravelPage:
    """The question, the table, the form for one leg, and what a file would change."""

    asked: Asked
    rows: tuple[LegRow, ...]
    modes: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    date: str
    faults: tuple[FieldFault, ...] = ()
    theirs: str = ""
    is_checked: bool = False
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    file_faults: tuple[CellFault, ...] = ()
    near: str = ""
    """The town whose legs alone are shown, as it was typed."""
    page_number: int = 1
    last: int = 1


@pages.get(PAGE)
@shows(TravelPage)
def show(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    start: str = "",
    goal: str = "",
    leg: str = "",
    near: str = "",
    page: int = 1,
) -> Response:
    """Show the legs, the answer to a question, and a leg to correct."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    asked = _asked(session, start.strip(), goal.strip(), say)
    chosen = next((row for row in _rows(session, say) if "|".join(row.key) == leg), None)
    typed = {} if chosen is None else _fields(chosen)
    shown = _page(session, say, typed, asked=asked, near=near.strip(), page_number=page)
    return render(request, "travel/legs.html", shown, status=422 if asked.faults else 200)


@pages.post(PAGE)
def save(
    request: Request, session: Transaction, viewer: SignedInViewer, form: Annotated[LegForm, Form()]
) -> Response:
    """Correct one leg."""
    insist(may_plan(viewer))
    typed = form.model_dump()
    version = form.version
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    say = speaker_of(request)
    try:
        editing.save(session, typed, number, viewer.person_id, now())
    except FormError as error:
        page = _page(session, say, typed, faults=_said(error, say))
        return render(request, "travel/legs.html", page, status=422)
    except StaleError as error:
        theirs = error.theirs["hours"]
        said = say.text(NO_LEG) if theirs is None else f"{say.number(float(str(theirs)), 1)} h"
        page = _page(session, say, typed, theirs=said)
        return render(request, "travel/legs.html", page, status=409)
    return lead_to(request, f"{PAGE}#legs")


@pages.get(f"{PAGE}.csv")
def export(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Give the legs that hold now as a file."""
    insist(may_plan(viewer))
    legs = sorted(legs_of(session).values(), key=lambda leg: (leg.a, leg.b, leg.mode))
    return download([editing.table_of(legs)], "csv", speaker_of(request))


@pages.post(f"{PAGE}/las-in")
def read_in(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    file: Annotated[UploadFile | None, File()] = None,
    action: Annotated[str, Form()] = "check",
) -> Response:
    """Say what a file would change, or change it."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    try:
        sent = editing.read_file(file.file.read(MOST_BYTES + 1) if file is not None else b"")
    except TableFileError as error:
        page = _page(session, say, {}, file_faults=error.faults)
        return render(request, "travel/legs.html", page, status=422)
    if action != "write":
        told = tuple(
            (_name(one.key, say), tuple(_in_words(change, say) for change in changes))
            for one, changes in editing.changes_of(session, sent)
        )
        page = _page(session, say, {}, is_checked=True, changes=told)
        return render(request, "travel/legs.html", page)
    editing.save_all(session, sent, viewer.person_id, now())
    return lead_to(request, f"{PAGE}#legs")


def _page(  # noqa: PLR0913 - what one page is made of, each by its name
    session: Transaction,
    say: Speaker,
    typed: Mapping[str, str],
    *,
    asked: Asked | None = None,
    faults: tuple[FieldFault, ...] = (),
    theirs: str = "",
    is_checked: bool = False,
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = (),
    file_faults: tuple[CellFault, ...] = (),
    near: str = "",
    page_number: int = 1,
) -> TravelPage:
    rows = sorted(_rows(session, say), key=lambda row: not row.changed)
    wanted = compared(near)
    rows = [row for row in rows if any(compared(end).startswith(wanted) for end in row.key[:2])]
    last = max(1, -(-len(rows) // _ROWS))
    number = min(max(1, page_number), last)
    return TravelPage(
        asked=asked or Asked(),
        rows=tuple(rows[(number - 1) * _ROWS : number * _ROWS]),
        near=near,
        page_number=number,
        last=last,
        modes=tuple((mode, say.text(MODE_NAMES[mode])) for mode in editing.MODES),
        typed=typed,
        date=f"{say.month(LEGS_DATE.month, whole=True)} {LEGS_DATE.year}",
        faults=faults,
        theirs=theirs,
        is_checked=is_checked,
        changes=changes,
        file_faults=file_faults,
    )


def _said(error: FormError, say: Speaker) -> tuple[FieldFault, ...]:
    """Return the form's faults with what is expected in the page's language."""
    return tuple(
        FieldFault(
            one.field,
            one.message,
            **{
                key: say.said(value) if isinstance(value, Said) else value
                for key, value in one.values.items()
            },
        )
        for one in error.faults
    )


def _asked(session: Transaction, start: str, goal: str, say: Speaker) -> Asked:
    if not start and not goal:
        return Asked()
    faults, ends = [], []
    for field, name in (("start", start), ("goal", goal)):
        try:
            ends.append(town(name))
        except UnknownTownError as error:
            message, near = "Okänd ort: %(name)s.", say.either_of(error.near)
            if near:
                message = "Okänd ort: %(name)s. Menar du %(near)s?"
            faults.append(FieldFault(field, message, name=name, near=near))
    if faults:
        return Asked(start, goal, faults=tuple(faults))
    one, other = ends
    found = travel_of(session).journey(one.point, other.point)
    return Asked(
        one.name,
        other.name,
        about(found.hours, say, found.basis),
        stay(found.hours, *_DAY, say),
        _way(found, one.name, other.name, say),
    )


def _way(found: Journey, start: str, goal: str, say: Speaker) -> tuple[str, ...]:
    return tuple(
        f"{leg.a or start} – {leg.b or goal}: {_mode(leg.mode, say)}, {say.number(leg.hours, 1)} h"
        for leg in found.legs
    )


def _rows(session: Transaction, say: Speaker) -> tuple[LegRow, ...]:
    corrected = {(one.a, one.b, one.mode): one for one in queries.corrections(session)}
    legs = {**shipped_legs(), **legs_of(session)}
    who = accounts.names_of(session, {one.changed_by for one in corrected.values()})
    rows = []
    for key in sorted({*legs, *corrected}, key=lambda key: tuple(map(swedish_order, key))):
        one = corrected.get(key)
        hours = one.hours if one is not None else legs[key].hours
        changed = ""
        if one is not None:
            name = who.get(one.changed_by, say.text(SOMEBODY))
            changed = say.text(CHANGED, name=name, day=say.date(to_local(one.changed_at).date()))
        rows.append(
            LegRow(
                key,
                _mode(key[2], say),
                "" if hours is None else say.number(hours, 1),
                one.basis if one is not None else _basis(legs[key].basis, say),
                changed,
                one.version if one is not None else 0,
            )
        )
    return tuple(rows)


def _fields(row: LegRow) -> dict[str, str]:
    a, b, mode = row.key
    # What the first correction rests on is asked for: our estimate never said it.
    basis = row.basis if row.changed else ""
    values = {"a": a, "b": b, "mode": mode, "hours": row.hours, "basis": basis}
    return {**values, "version": str(row.version)}


def _name(key: Key, say: Speaker) -> str:
    return f"{key[0]} – {key[1]}, {_mode(key[2], say)}"


def _in_words(change: Change, say: Speaker) -> Change:
    """Return a change with its hours and what it rests on as the table below says them."""

    def said(text: str) -> str:
        if change.column == "hours" and text:
            return say.number(float(text), 1)
        return _basis(text, say)

    return Change(change.column, said(change.before), said(change.after))


def _basis(basis: str, say: Speaker) -> str:
    return say.text(BASIS_NAMES[basis]) if basis in BASIS_NAMES else basis


def _mode(mode: str, say: Speaker) -> str:
    return say.text(MODE_NAMES[mode]) if mode in MODE_NAMES else mode
