"""The planner's page of the theme bank."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker
from api.kit.pages import Seen, lead_to, render, shows, speaker_of
from api.surveys import queries, themes
from api.surveys.models import Theme
from api.surveys.web import words

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class BankPage:
    """Every theme by category, each with its own small form."""

    groups: tuple[tuple[str, tuple[Theme, ...]], ...]
    categories: tuple[words.Choice, ...]
    faults: tuple[FieldFault, ...] = ()


@pages.get("/planera/amnen")
@shows(BankPage)
def bank(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the bank."""
    insist(may_plan(viewer))
    return render(request, "surveys/themes.html", _page(session, speaker_of(request)))


@pages.post("/planera/amnen")
def add_theme(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    name_sv: Annotated[str, Form()] = "",
    name_en: Annotated[str, Form()] = "",
    category: Annotated[str, Form()] = "",
) -> Response:
    """Add a theme of one's own."""
    insist(may_plan(viewer))
    try:
        themes.add_theme(session, viewer.person_id, name_sv, name_en, category)
    except FormError as error:
        page = _page(session, speaker_of(request), error.faults)
        return render(request, "surveys/themes.html", page, status=error.status)
    return lead_to(request, "/planera/amnen")


@pages.post("/planera/amnen/{theme_id}")
def change_theme(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    theme_id: str,
    name_sv: Annotated[str, Form()] = "",
    name_en: Annotated[str, Form()] = "",
    is_active: Annotated[str, Form()] = "",
    version: Seen = 0,
) -> Response:
    """Change a theme's names, or whether surveys may use it."""
    insist(may_plan(viewer))
    changes = (name_sv, name_en, is_active == "yes")
    try:
        themes.change_theme(session, viewer.person_id, theme_id, changes, version)
    except FormError as error:
        page = _page(session, speaker_of(request), error.faults)
        return render(request, "surveys/themes.html", page, status=error.status)
    return lead_to(request, f"/planera/amnen#{theme_id}")


def _page(session: Transaction, say: Speaker, faults: tuple[FieldFault, ...] = ()) -> BankPage:
    groups: dict[str, list[Theme]] = {}
    for theme in queries.themes(session):
        groups.setdefault(theme.category, []).append(theme)
    return BankPage(
        groups=tuple((words.category(key, say), tuple(group)) for key, group in groups.items()),
        categories=tuple((key, words.category(key, say)) for key in groups),
        faults=faults,
    )
