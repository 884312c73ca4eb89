"""The library's pages: what lies at a meeting, a circle or a theme, one document with its versions, and all of it."""

import re
import unicodedata
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from api.accounts.policy import insist, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, shows, speaker_of
from api.library import service
from api.library.content import MEDIA_TYPES, MOST_BYTES, type_of
from api.library.models import Material, MaterialFile, ReadBy, Sort
from api.library.scanning import insist_on_clean
from api.library.service import Draft, Place, Upload
from api.library.view import PlacePage, Typed, VersionsPage, library_page, place_page, versions_page

pages = APIRouter()

Text = Annotated[str, Form()]


def look_through(
    request: Request, _viewer: SignedInViewer, file: Annotated[UploadFile | None, File()] = None
) -> Upload | FieldFault | None:
    """Read an uploaded file, see what it is and have it scanned, before anybody waits for our transaction."""
    octets = file.file.read(MOST_BYTES + 1) if file is not None else b""
    if not octets:
        return None
    try:
        found = Upload(apart(type_of, octets), octets)
        insist_on_clean(octets, request.app.state.settings.clamd)
    except FieldFault as fault:
        return fault
    except TooMuchError:
        return FieldFault("file", TOO_MUCH_TO_READ)
    return found


LOOKED_THROUGH = Depends(look_through)
Looked = Annotated[Upload | FieldFault | None, LOOKED_THROUGH]
ONCE = [LOOKED_THROUGH, ACTS_ONCE]


def filled(
    title: Text = "",
    link: Annotated[str, Form(alias="address")] = "",
    sort: Text = "",
    read_by: Text = "",
) -> Typed:
    """Give the form as it was filled in."""
    return Typed(title, link, sort, read_by)


Filled = Annotated[Typed, Depends(filled)]


@pages.get("/bibliotek")
def library(
    request: Request, session: Transaction, viewer: SignedInViewer, slag: str = ""
) -> Response:
    """Show everything that the viewer may read."""
    insist(may_read_register(viewer))
    sort = slag if slag in set(Sort) else ""
    page = library_page(session, viewer, speaker_of(request), sort, now())
    return render(request, "library/library.html", page)


@pages.get("/traffar/{meeting_id}/material")
def at_meeting(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show a meeting's materials, and the form for more."""
    place = service.at_meeting(session, viewer, meeting_id)
    insist(service.may_add(session, viewer, place))
    return _page(request, session, viewer, place)


@pages.post("/traffar/{meeting_id}/material", dependencies=ONCE)
def add_to_meeting(
    request: Request,
    viewer: SignedInViewer,
    upload: Looked,
    session: Transaction,
    meeting_id: str,
    typed: Filled,
) -> Response:
    """Add a link or a file to a meeting."""
    place = service.at_meeting(session, viewer, meeting_id)
    return _add(request, session, viewer, place, typed, upload)


@pages.get("/natverk/{network_id}/material")
@shows(PlacePage)
def at_circle(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Show a circle's materials, and the form for more."""
    place = service.at_circle(session, viewer, network_id)
    return _page(request, session, viewer, place)


@pages.post("/natverk/{network_id}/material", dependencies=ONCE)
def add_to_circle(
    request: Request,
    viewer: SignedInViewer,
    upload: Looked,
    session: Transaction,
    network_id: str,
    typed: Filled,
) -> Response:
    """Add a link or a file to a circle."""
    place = service.at_circle(session, viewer, network_id)
    return _add(request, session, viewer, place, typed, upload)


@pages.get("/bibliotek/amne/{theme_id}")
@shows(PlacePage)
def at_theme(
    request: Request, session: Transaction, viewer: SignedInViewer, theme_id: str
) -> Response:
    """Show a theme's materials and who has something of it, and the form for more."""
    return _page(request, session, viewer, service.at_theme(session, viewer, theme_id))


@pages.post("/bibliotek/amne/{theme_id}", dependencies=ONCE)
def add_to_theme(
    request: Request,
    viewer: SignedInViewer,
    upload: Looked,
    session: Transaction,
    theme_id: str,
    typed: Filled,
) -> Response:
    """Add a link or a file to a theme."""
    place = service.at_theme(session, viewer, theme_id)
    return _add(request, session, viewer, place, typed, upload)


@pages.get("/bibliotek/{material_id}")
def current(session: Transaction, viewer: SignedInViewer, material_id: str) -> Response:
    """Give a document's current file."""
    return _file(*service.file_for(session, viewer, material_id))


@pages.get("/bibliotek/{material_id}/versioner")
@shows(VersionsPage)
def versions(
    request: Request, session: Transaction, viewer: SignedInViewer, material_id: str
) -> Response:
    """Show a document with all its versions."""
    found, _ = service.material_for(session, viewer, material_id)
    page = versions_page(session, viewer, speaker_of(request), found)
    return render(request, "library/versions.html", page)


@pages.get("/bibliotek/{material_id}/version/{number}")
def one_version(
    session: Transaction, viewer: SignedInViewer, material_id: str, number: str
) -> Response:
    """Give one version of a document as it was."""
    wanted = int(number) if re.fullmatch(r"[1-9]\d{0,3}", number) else 0
    return _file(*service.file_for(session, viewer, material_id, wanted))


@pages.post("/bibliotek/{material_id}/ny-version", dependencies=ONCE)
def renew(
    request: Request, viewer: SignedInViewer, upload: Looked, session: Transaction, material_id: str
) -> Response:
    """Take a new current file; the older ones stay."""
    found, place = service.material_for(session, viewer, material_id)
    insist(service.may_change(session, viewer, found, place))
    fault = upload if isinstance(upload, FieldFault) else None
    if not isinstance(upload, Upload):
        fault = fault or FieldFault("file", "Välj en fil.")
        undo(session)
        page = versions_page(session, viewer, speaker_of(request), found, (fault,))
        return render(request, "library/versions.html", page, status=fault.status)
    service.renew(session, found, upload, viewer.person_id, now())
    return lead_to(request, f"/bibliotek/{material_id}/versioner")


@pages.post("/bibliotek/{material_id}/ta-bort")
def remove(
    request: Request, session: Transaction, viewer: SignedInViewer, material_id: str
) -> Response:
    """Take a link, or a document with all its versions, away."""
    found, place = service.material_for(session, viewer, material_id)
    insist(service.may_change(session, viewer, found, place))
    service.remove(session, found, viewer.person_id)
    return lead_to(request, place.path)


def _add(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    place: Place,
    typed: Typed,
    upload: Upload | FieldFault | None,
) -> Response:
    insist(service.may_add(session, viewer, place))
    draft = Draft(
        title=typed.title,
        address=typed.address,
        sort=Sort(typed.sort) if typed.sort in set(Sort) else Sort.OTHER,
        read_by=ReadBy(typed.read_by) if typed.read_by in set(ReadBy) else None,
        rc_id=service.whose(viewer, place),
        upload=upload if isinstance(upload, Upload) else None,
    )
    try:
        if isinstance(upload, FieldFault):
            raise upload
        service.add(session, place, draft, viewer.person_id, now())
    except FieldFault as fault:
        undo(session)
        return _page(request, session, viewer, place, replace(typed, faults=(fault,)))
    return lead_to(request, place.path)


def _page(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    place: Place,
    typed: Typed | None = None,
) -> Response:
    page = place_page(session, viewer, speaker_of(request), place, typed or Typed())
    status = typed.faults[0].status if typed and typed.faults else 200
    return render(request, "library/place.html", page, status=status)


def _file(found: Material, kept: MaterialFile) -> Response:
    """Send a file to be saved, never to be shown inside our own pages."""
    plain = unicodedata.normalize("NFKD", found.title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()[:60] or "material"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kept.extension}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(kept.octets, media_type=MEDIA_TYPES[kept.extension], headers=headers)
