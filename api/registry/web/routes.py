"""The register's pages, files and API."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import JsonValue
from starlette.datastructures import FormData, UploadFile

from api.accounts import directory
from api.accounts.directory import PersonDetails, contact_for_rc
from api.accounts.policy import insist, may_act_for_rc, may_plan
from api.accounts.queries import names_of
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, StaleError
from api.kit.exports import XLSX
from api.kit.i18n import Speaker, swedish_order
from api.kit.pages import Posted, lead_to, render, shows, speaker_of
from api.kit.table_file import MOST_BYTES, Outcome
from api.registry import service
from api.registry.export import CSV_TYPE, register_csv, register_xlsx, sources_csv
from api.registry.facts import LABELS, WORDS
from api.registry.importer import ImportKind, ImportReport, import_file
from api.registry.map_view import map_of
from api.registry.models import Rc
from api.registry.reference import County, contradictions, counties
from api.registry.vocabulary import BANDS, phase_in_words
from api.registry.web import checks, view
from api.registry.web.forms import cells_of
from api.registry.web.history import history_of
from api.registry.web.schemas import (
    NeighbourDocument,
    NeighbourList,
    RcDocument,
    RcList,
    RegisterFile,
    document,
    register_schema,
)
from api.travel.service import travel_of

pages = APIRouter()
PROPOSAL = r"^([0-9a-f-]{36})?$"  # the id of a proposal to go back to, or nothing
api = APIRouter(prefix="/rcs", tags=["register"])
SCHEMA = "/api/v1/rcs/schema.json"
pages.include_router(checks.pages)  # before /rc/{rc_id}: /rc/jamfor is no RC


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county and the RC in it."""

    county: County
    rcs: tuple[Rc, ...]


@dataclass(frozen=True, slots=True)
class CountiesPage:
    """All counties."""

    rows: tuple[CountyRow, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The upload form and, after an upload, its report."""

    report: ImportReport | None
    is_dry_run: bool
    outcomes: tuple[tuple[Outcome, int], ...]
    labels: dict[str, str]


@pages.get("/rc")
def register(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    sort: str = "name",
    band: str = "",
    model: str = "",
) -> Response:
    """Show all RC as a map and a table."""
    say = speaker_of(request)
    rcs = service.rcs_for(session, viewer)
    rows = view.list_rows(say, rcs)
    chosen = [row for row in rows if _is_chosen(row.rc, band, model)]
    choice = {key: value for key, value in (("band", band), ("model", model)) if value}
    page = view.ListPage(
        rows=tuple(view.sorted_rows(chosen, sort)),
        total=len(rows),
        sort=sort,
        band=band,
        model=model,
        bands=tuple((key, say.text(text)) for key, text in BANDS.items()),
        models=(
            *((key, say.text(text)) for key, text in WORDS["org_model_current"].items()),
            *((text, text) for text in view.own_words(rcs)["org_model_current"]),
        ),
        map=map_of(row.rc for row in rows),
        notes=tuple(note for note in contradictions() if not note.rc_ids),
        may_plan=may_plan(viewer),
        query=f"{urlencode(choice)}&" if choice else "",
    )
    return render(request, "registry/list.html", page)


def _is_chosen(rc: Rc, band: str, model: str) -> bool:
    right_band = not band or rc.phase_band == band
    return right_band and (not model or model in {rc.org_model_current, rc.org_model_planned})


@pages.get("/rc/export.csv")
def export_csv(session: Transaction, viewer: SignedInViewer) -> Response:
    """Give the register as CSV."""
    content = register_csv(service.rcs_for(session, viewer))
    return _file(content, CSV_TYPE, "rc.csv")


@pages.get("/rc/export.xlsx")
def export_xlsx(session: Transaction, viewer: SignedInViewer) -> Response:
    """Give the register as a workbook."""
    content = register_xlsx(service.rcs_for(session, viewer))
    return _file(content, XLSX, "rc.xlsx")


@pages.get("/rc/kallor.csv")
def export_sources(session: Transaction, viewer: SignedInViewer) -> Response:
    """Give where each fact of the register comes from as CSV."""
    content = sources_csv(service.rcs_for(session, viewer))
    return _file(content, CSV_TYPE, "rc-kallor.csv")


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


@pages.get("/rc/lan")
@shows(CountiesPage)
def county_view(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the 21 counties and which RC serve them."""
    rcs = sorted(service.rcs_for(session, viewer), key=lambda rc: swedish_order(rc.name))
    rows = tuple(
        CountyRow(county, tuple(rc for rc in rcs if rc.county_code == county.code))
        for county in counties().values()
    )
    return render(request, "registry/counties.html", CountiesPage(rows))


@pages.get("/rc/inlasning")
def import_form(request: Request, viewer: SignedInViewer) -> Response:
    """Ask for a file."""
    insist(may_plan(viewer))
    return _import_page(request, None, is_dry_run=True)


@pages.post("/rc/inlasning")
def import_upload(
    request: Request, session: Transaction, viewer: SignedInViewer, form: Posted
) -> Response:
    """Check a file, or read it in; the report says what happened line by line."""
    insist(may_plan(viewer))
    upload = form.get("file")
    content = upload.file.read(MOST_BYTES + 1) if isinstance(upload, UploadFile) else b""
    kind = ImportKind.SOURCES if form.get("kind") == ImportKind.SOURCES else ImportKind.FACTS
    is_dry_run = form.get("do") != "write"
    report = import_file(session, content, kind, viewer.person_id, dry_run=is_dry_run)
    return _import_page(request, report, is_dry_run=is_dry_run)


def _import_page(request: Request, report: ImportReport | None, *, is_dry_run: bool) -> Response:
    say = speaker_of(request)
    counts = tuple((outcome, report.count(outcome)) for outcome in Outcome) if report else ()
    labels = {name: say.text(text) for name, text in LABELS.items()}
    page = ImportPage(report, is_dry_run, counts, labels)
    status = 422 if report and report.all_faults else 200
    return render(request, "registry/import.html", page, status=status)


@pages.get("/rc/nytt")
def add_form(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Ask for a new RC's facts."""
    insist(may_plan(viewer))
    register = service.rcs_for(session, viewer)
    page = view.form_page(speaker_of(request), None, register=register)
    return render(request, "registry/form.html", page)


@pages.post("/rc/nytt")
def add(request: Request, session: Transaction, viewer: SignedInViewer, form: Posted) -> Response:
    """Add an RC."""
    insist(may_plan(viewer))
    typed = _typed(form)
    try:
        rc = service.add(session, typed.cells or {}, viewer.person_id, typed.source)
        directory.add_rc_body(session, rc.id, rc.name, typed.contact, typed.title, viewer.person_id)
    except (FormError, FieldFault) as error:
        undo(session)
        faults = error.faults if isinstance(error, FormError) else (error,)
        register = service.rcs_for(session, viewer)
        page = view.form_page(speaker_of(request), None, typed, faults, register=register)
        return render(request, "registry/form.html", page, status=error.status)
    return lead_to(request, f"/rc/{rc.id}")


def _typed(form: FormData) -> view.Typed:
    def text(name: str) -> str:
        found = form.get(name, "")
        return found.strip() if isinstance(found, str) else ""

    contact = PersonDetails(text("contact_name"), text("contact_email"), text("contact_phone"))
    return view.Typed(cells_of(form), text("source"), text("contact_title"), contact)


@pages.get("/rc/{rc_id}")
def rc_page(request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str) -> Response:
    """Show everything about one RC."""
    say = speaker_of(request)
    rc = service.rc_for(session, viewer, rc_id)
    others = service.rcs_for(session, viewer)
    near = service.neighbours(rc, others, travel_of(session))
    entries = service.history(session, rc_id)
    page = view.RcPage(
        rc=rc,
        county=counties()[rc.county_code],
        phase=phase_in_words(say, rc.establishment_status),
        groups=view.fact_groups(say, rc),
        checks=checks.lines(session, say, rc_id),
        neighbours=view.neighbour_rows(say, near),
        notes=tuple(note for note in contradictions() if rc_id in note.rc_ids),
        history=view.history_rows(say, entries, names_of(session, {e.actor for e in entries})),
        line=history_of(say, rc, entries, now()),
        map=map_of(others, {rc_id}, [(rc_id, each.rc.id) for each in near]),
        may_correct=may_act_for_rc(viewer, rc_id),
        fields=view.fields_of(say, rc, others) if may_act_for_rc(viewer, rc_id) else {},
        is_own=rc_id in viewer.home_rc_ids,
        contact=contact_for_rc(session, rc_id, request.app.state.settings.contact_mail),
        shelf=request.app.state.shelf(session, viewer, rc_id),
        circles=request.app.state.circles_of_rc(session, viewer, say, rc_id),
    )
    return render(request, "registry/rc.html", page)


@pages.get("/rc/{rc_id}/andra")
def correct_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    rc_id: str,
    forslag: Annotated[str, Query(pattern=PROPOSAL)] = "",
) -> Response:
    """Ask for corrections; `forslag` is the proposal to go back to."""
    insist(may_act_for_rc(viewer, rc_id))
    rc = service.rc_for(session, viewer, rc_id)
    register = service.rcs_for(session, viewer)
    page = view.form_page(speaker_of(request), rc, proposal=forslag, register=register)
    return render(request, "registry/form.html", page)


@pages.post("/rc/{rc_id}/andra")
def correct(
    request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str, form: Posted
) -> Response:
    """Save corrections, unless somebody else saved first."""
    insist(may_act_for_rc(viewer, rc_id))
    say = speaker_of(request)
    rc = service.rc_for(session, viewer, rc_id)
    typed = _typed(form)
    version = str(form.get("version"))
    proposal = str(form.get("proposal", ""))
    if not re.fullmatch(PROPOSAL, proposal):
        proposal = ""
    try:
        service.correct(
            session,
            rc_id,
            int(version) if version.isdigit() else 0,
            typed.cells or {},
            viewer.person_id,
            typed.source,
        )
    except FormError as error:
        register = service.rcs_for(session, viewer)
        page = view.form_page(say, rc, typed, error.faults, proposal=proposal, register=register)
        return render(request, "registry/form.html", page, status=error.status)
    except StaleError as error:
        register = service.rcs_for(session, viewer)
        page = view.form_page(
            say, rc, typed, theirs=_both(say, error), proposal=proposal, register=register
        )
        return render(request, "registry/form.html", page, status=error.status)
    if proposal:
        return lead_to(request, f"/planera/natverk/{proposal}#again-heading")
    return lead_to(request, f"/rc/{rc_id}")


def _both(say: Speaker, error: StaleError) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (say.text(LABELS[name]), str(yours), str(error.theirs[name]))
        for name, yours in error.yours.items()
    )


@api.get("", summary="All RC")
def list_rcs(
    session: Transaction,
    viewer: SignedInViewer,
    county_code: Annotated[str | None, Query(description="Only this county.")] = None,
) -> RcList:
    """Return the register."""
    rcs = service.rcs_for(session, viewer)
    return RcList(
        items=[document(rc) for rc in rcs if county_code in {None, rc.county_code}],
    )


@api.get("/export.json", summary="The register as a JSON file, with its schema and sources")
def get_register_file(
    request: Request, session: Transaction, viewer: SignedInViewer
) -> RegisterFile:
    """Return the register as a file that says its schema, and where each fact comes from."""
    items = [document(rc) for rc in service.rcs_for(session, viewer)]
    base = request.app.state.settings.base_url
    return RegisterFile(
        schema_address=f"{base}{SCHEMA}", exported_from=base, exported_at=now(), items=items
    )


@api.get("/schema.json", summary="The JSON Schema of the register's file")
def get_register_schema(request: Request, viewer: SignedInViewer) -> dict[str, JsonValue]:  # noqa: ARG001 - signed in
    """Return what every part of the register's JSON file is."""
    return register_schema(f"{request.app.state.settings.base_url}{SCHEMA}")


@api.get("/{rc_id}", summary="One RC")
def get_rc(session: Transaction, viewer: SignedInViewer, rc_id: str) -> RcDocument:
    """Return one RC."""
    return document(service.rc_for(session, viewer, rc_id))


@api.get("/{rc_id}/neighbours", summary="The nearest other RC")
def get_neighbours(session: Transaction, viewer: SignedInViewer, rc_id: str) -> NeighbourList:
    """Return the nearest other RC."""
    rc = service.rc_for(session, viewer, rc_id)
    return NeighbourList(
        items=[
            NeighbourDocument(
                id=near.rc.id,
                name=near.rc.name,
                great_circle_km=round(near.km, 1),
                travel_hours=round(2 * near.hours) / 2,
                travel_band=near.band,
            )
            for near in service.neighbours(rc, service.rcs_for(session, viewer), travel_of(session))
        ]
    )
