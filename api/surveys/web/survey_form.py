"""The planner's form for a survey: what it shows, and reading what was posted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from api.kit.clock import day_from, from_local, to_local
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker, swedish_order
from api.meetings import queries as meetings
from api.registry import queries as registry
from api.surveys import queries, themes
from api.surveys.evaluations import results
from api.surveys.models import NeedsSurvey
from api.surveys.questions import MOST_DAYS, MOST_THEMES
from api.surveys.service import SurveyDetails, result
from api.surveys.web import words
from api.surveys.web.form_state import FormState

Values = Mapping[str, Sequence[str]]

CLOSING = time(17, 0)  # the hour on the last day: within working time, so that help can be had
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class ThemeGroup:
    """The bank's themes of one category."""

    name: str
    themes: tuple[words.Choice, ...]


@dataclass(frozen=True, slots=True)
class SurveyFormPage(FormState):
    """The form, new or with a draft's values."""

    action: str
    survey_id: str
    version: int
    groups: tuple[ThemeGroup, ...]
    rcs: tuple[words.Choice, ...]
    meetings: tuple[words.Choice, ...]
    values: Values
    most_days: int = MOST_DAYS
    faults: tuple[FieldFault, ...] = ()

    def value(self, name: str, place: int = 0) -> str:
        """Return a field's value, or an empty text."""
        values = self.values.get(name, ())
        return values[place] if place < len(values) else ""


def form_page(
    session: Session, survey: NeedsSurvey | None, values: Values, say: Speaker
) -> SurveyFormPage:
    """Return the form with these values."""
    groups: dict[str, list[words.Choice]] = {}
    for theme in queries.themes(session, only_active=True):
        category = words.category(theme.category, say)
        groups.setdefault(category, []).append((theme.id, words.name_of(theme, say)))
    rcs = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    return SurveyFormPage(
        action=f"/planera/enkater/{survey.id}/andra" if survey else "/planera/enkater",
        survey_id=survey.id if survey else "",
        version=survey.version if survey else 0,
        groups=tuple(ThemeGroup(name, tuple(themes)) for name, themes in groups.items()),
        rcs=tuple((rc.id, rc.name) for rc in rcs),
        meetings=tuple(
            (one.id, say.either(one.name_sv, one.name_en))
            for one in meetings.national_meetings(session)
        ),
        values=values,
    )


def new_values(session: Session, meeting_id: str, at: datetime) -> Values:
    """Return the values that a new survey begins with: everybody, and the themes most likely wanted."""
    last_day = to_local(at).date() + timedelta(days=14)
    last_day += timedelta(days=7 - last_day.weekday() if last_day.weekday() > FRIDAY else 0)
    return {
        "meeting": (meeting_id,),
        "deadline": (last_day.isoformat(),),
        "rcs": tuple(registry.names(session)),
        "themes": proposed_themes(session, to_local(at).date()),
    }


def values_of(survey: NeedsSurvey) -> Values:
    """Return a draft's values."""
    return {
        "title_sv": (survey.title_sv,),
        "title_en": (survey.title_en,),
        "meeting": (survey.meeting_id or "",),
        "deadline": (to_local(survey.deadline).date().isoformat(),),
        "day": tuple(survey.days),
        "rcs": tuple(survey.rc_ids),
        "themes": tuple(survey.theme_ids),
    }


def proposed_themes(session: Session, today: date) -> tuple[str, ...]:
    """Return the themes to begin with: wanted next in evaluations, asked for last time (in vain first), then of all kinds."""
    wanted: dict[str, None] = {}
    for evaluation in reversed(results(session, today)):
        wanted.update(dict.fromkeys(one.theme_id for one in evaluation.next_themes))
    for survey in queries.surveys(session)[:1]:
        counted = Counter(theme for themes in (survey.unmet or {}).values() for theme in themes)
        wanted.update((theme, None) for theme, _ in counted.most_common())
        found = result(session, survey)
        if found.rate.is_ranked:
            wanted.update(dict.fromkeys(one.theme_id for one in found.themes if one.asking))
    bank = queries.themes(session, only_active=True)
    return tuple(one.id for one in themes.proposed_themes(bank, MOST_THEMES, tuple(wanted)))


def read_details(form: Values, *, is_example: bool) -> SurveyDetails:
    """Read the posted form.

    Raises:
        FormError: when a date cannot be read.
    """
    faults: list[FieldFault] = []
    deadline = _day(form, "deadline", faults)
    days = sorted({day for text in form.get("day", ()) if (day := _date(text, "day", faults))})
    if faults or deadline is None:
        raise FormError(*faults)
    return SurveyDetails(
        title_sv=_one(form, "title_sv"),
        title_en=_one(form, "title_en"),
        deadline=from_local(datetime.combine(deadline, CLOSING)),
        theme_ids=tuple(form.get("themes", ())),
        days=tuple(days),
        rc_ids=tuple(form.get("rcs", ())),
        meeting_id=_one(form, "meeting") or None,
        is_example=is_example,
    )


def read_day(form: Values, name: str) -> date:
    """Read one date.

    Raises:
        FormError: when it is missing or cannot be read.
    """
    faults: list[FieldFault] = []
    day = _day(form, name, faults)
    if day is None:
        raise FormError(*faults)
    return day


def _one(form: Values, name: str) -> str:
    return form.get(name, ("",))[-1].strip()


def _day(form: Values, name: str, faults: list[FieldFault]) -> date | None:
    text = _one(form, name)
    if not text:
        faults.append(FieldFault(name, "Välj en dag."))
        return None
    return _date(text, name, faults)


def _date(text: str, name: str, faults: list[FieldFault]) -> date | None:
    if not text.strip():
        return None
    try:
        return day_from(text)
    except ValueError:
        faults.append(FieldFault(name, "Skriv dagen som 2027-03-11."))
        return None
