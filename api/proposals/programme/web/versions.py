"""The published versions of a meeting's programme: when, by whom, and what set each apart from the one before."""

from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import Session

from api.accounts import queries as accounts
from api.audit import queries as audit
from api.kit.i18n import Speaker
from api.meetings.models import Meeting
from api.proposals import queries
from api.proposals.programme.publishing import plan_from, survey_of
from api.proposals.programme.store import PROGRAMME, settings_of, wishes_from
from api.proposals.programme.web.difference import Difference, difference, placing_of
from api.proposals.programme.web.names import Names


@dataclass(frozen=True, slots=True)
class Version:
    """One published version; `difference` is to the one before, None for the first."""

    id: str
    number: int
    when: str
    who: str
    running: int
    is_in_force: bool
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """All versions of a meeting's programme, newest first."""

    meeting_id: str
    meeting: str
    versions: tuple[Version, ...]


def versions_page(session: Session, meeting: Meeting, say: Speaker) -> VersionsPage:
    """Return every version that was published; the database is asked as often for thirty as for one."""
    found = queries.published(session, meeting.id)
    ids = [one.id for one in found]
    actors = audit.actors(session, "proposal", "published", ids)
    people = accounts.names_of(session, set(actors.values()))
    wishes = {
        survey: wishes_from(session, survey)
        for survey in {survey_of(one) for one in found if settings_of(one).content is None}
    }
    plans = [
        plan_from(one, wishes.get(survey_of(one)), PROGRAMME.answer_of(one).timetable, {})
        for one in found
    ]
    names = [Names.of_plan(plan, say) for plan in plans]
    placings = [placing_of(plan, called) for plan, called in zip(plans, names, strict=True)]
    apart: list[Difference | None] = [
        difference(old, new, called, say)
        for (new, old), called in zip(pairwise(placings), names, strict=False)
    ]
    numbers = range(len(found), 0, -1)
    versions = (
        Version(
            id=one.id,
            number=number,
            when=say.moment(one.published_at) if one.published_at else "",
            who=people.get(actors.get(one.id, ""), "Samkrets"),
            running=len(placing),
            is_in_force=number == len(found),
            difference=each,
        )
        for one, number, placing, each in zip(
            found, numbers, placings, [*apart, None], strict=False
        )
    )
    return VersionsPage(meeting.id, say.either(meeting.name_sv, meeting.name_en), tuple(versions))
