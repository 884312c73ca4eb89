"""The page on which planners read and write what a session on a theme says."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.errors import FieldFault, FormError, MissingError
from api.kit.i18n import Speaker
from api.kit.pages import EveryText, Seen, lead_to, render, shows, speaker_of
from api.surveys import queries, themes
from api.surveys.models import Theme
from api.surveys.texts import FIELDS, FORMATS, ThemeTexts, read_texts, texts_of
from api.surveys.web import words
from api.surveys.web.form_state import FormState, last

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class TextField:
    """One text of one band in one language."""

    name: str
    label: str
    language: str
    value: str


@dataclass(frozen=True, slots=True)
class TextsPage(FormState):
    """A theme's texts, its best format, whom it concerns and the report's lines that it rests on."""

    theme: Theme
    name: str
    roles: str
    bands: tuple[tuple[str, tuple[TextField, ...]], ...]
    formats: tuple[words.Choice, ...]
    values: Mapping[str, tuple[str, ...]]
    faults: tuple[FieldFault, ...] = ()


@pages.get("/planera/amnen/{theme_id}/texter")
@shows(TextsPage)
def texts(
    request: Request, session: Transaction, viewer: SignedInViewer, theme_id: str
) -> Response:
    """Show a theme's texts as a form."""
    insist(may_plan(viewer))
    found = _find(session, theme_id)
    page = _page(found, _values(texts_of(found)), speaker_of(request))
    return render(request, "surveys/theme_texts.html", page)


@pages.post("/planera/amnen/{theme_id}/texter")
def write_texts(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    theme_id: str,
    form: EveryText,
    version: Seen = 0,
) -> Response:
    """Keep what was written."""
    insist(may_plan(viewer))
    found = _find(session, theme_id)
    try:
        written = read_texts({name: last(form, name) for name in form})
        themes.write_texts(session, viewer.person_id, theme_id, written, version)
    except FormError as error:
        page = _page(found, form, speaker_of(request), error.faults)
        return render(request, "surveys/theme_texts.html", page, status=error.status)
    return lead_to(request, f"/planera/amnen#{theme_id}")


def _find(session: Transaction, theme_id: str) -> Theme:
    found = queries.theme(session, theme_id)
    if found is None:
        raise MissingError
    return found


def _values(written: ThemeTexts | None) -> dict[str, tuple[str, ...]]:
    if written is None:
        return {}
    return {name: (str(text),) for name, text in written.as_fields().items()}


def _page(
    theme: Theme,
    values: Mapping[str, tuple[str, ...]],
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
) -> TextsPage:
    labels = words.session_texts(say)

    def fields(band: str) -> tuple[TextField, ...]:
        return tuple(
            TextField(
                f"{band}-{name}",
                labels[name],
                name.rpartition("_")[2],
                (values.get(f"{band}-{name}") or ("",))[0],
            )
            for name in FIELDS
        )

    formats = words.formats(say)
    return TextsPage(
        theme=theme,
        name=words.name_of(theme, say),
        roles=say.listing(words.role(one, say) for one in theme.roles),
        bands=(
            (say.text("Till RC som startar"), fields("start_up")),
            (say.text("Till RC i drift"), fields("operation")),
        ),
        formats=tuple((one, formats[one]) for one in FORMATS),
        values=values,
        faults=faults,
    )
