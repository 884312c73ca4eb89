"""Surveys and themes as they are searched for."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later
from api.surveys import queries
from api.surveys.models import SurveyState
from api.surveys.web import words


def _seen(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    return [
        one.id
        for one in queries.surveys(session)
        if one.id in ids and (may_plan(viewer) or one.state is not SurveyState.DRAFT)
    ]


def _surveys(
    session: Session, viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    place = "/planera/enkater" if may_plan(viewer) else "/enkater"
    found = {}
    for one in queries.surveys(session):
        if one.id in ids:
            day = say.days(one.deadline, one.deadline)
            until = say.text("svara senast %(day)s", day=day)
            title = say.either(one.title_sv, one.title_en)
            found[one.id] = Entry(title, f"{place}/{one.id}", until, "", one.deadline)
    return found


def _themes(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    return {
        one.id: Entry(
            say.either(one.name_sv, one.name_en),
            f"/planera/amnen#{one.id}",
            words.category(one.category, say),
            one.detail_en,
        )
        for one in queries.themes(session)
        if one.id in ids
    }


SURVEYS: Kind[Viewer] = Kind("survey", later("Enkäter"), may_read_register, _seen, _surveys)
THEMES: Kind[Viewer] = Kind("theme", later("Ämnen"), may_plan, all_of_them, _themes)
