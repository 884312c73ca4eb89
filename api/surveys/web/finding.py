"""Surveys and themes as they are searched for."""

from collections.abc import Iterator

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.surveys import queries


def _surveys(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    if not may_read_register(viewer):
        return
    place = "/planera/enkater" if may_plan(viewer) else "/enkater"
    for one in queries.surveys(session):
        day = say.days(one.deadline, one.deadline)
        title = say.either(one.title_sv, one.title_en)
        yield Entry(title, f"{place}/{one.id}", say.text("svara senast %(day)s", day=day))


def _themes(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    if not may_plan(viewer):
        return
    for one in queries.themes(session):
        name = say.either(one.name_sv, one.name_en)
        yield Entry(name, f"/planera/amnen#{one.id}", one.category, one.detail_en)


SURVEYS = Kind(later("Enkäter"), _surveys)
THEMES = Kind(later("Ämnen"), _themes)
