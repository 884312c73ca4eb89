"""The page before a programme is published: whose agenda changes and how, and exactly who gets mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.calendar.models import Event
from api.invitations.service import untold
from api.invitations.telling import foretold, key_of
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings.models import Meeting
from api.programme.content import ProgrammePlan
from api.programme.foresight import foreseen_events
from api.proposals.models import Proposal, ProposalState
from api.proposals.programme.publishing import plan_of
from api.proposals.programme.store import look_at, meeting_of, title_of
from api.proposals.programme.web.difference import (
    Difference,
    difference,
    placing_of,
    published_placing,
)
from api.proposals.programme.web.form import Telling
from api.proposals.programme.web.names import Names


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail: to whom, in which function, and what it says; `key` is the outbox's."""

    key: str
    name: str
    address: str
    function: str
    about: str
    language: str
    subject: str
    text: tuple[str, ...]  # its paragraphs, with "…" for the link of their own
    is_told: bool = True
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class PublishProgrammePage:
    """Everything that the page shows."""

    id: str
    title: str
    version: int
    is_reviewed: bool
    has_conflicts: bool
    difference: Difference
    mails: tuple[MailLine, ...]
    greeting: str
    meeting_id: str = ""
    hours: tuple[str, str] | None = None  # the programme's and the meeting's, where it goes beyond


def publish_programme_page(
    session: Session,
    proposal: Proposal,
    say: Speaker,
    at: datetime,
    chosen: Telling = Telling(),  # noqa: B008 - it is frozen
) -> PublishProgrammePage:
    """Return what publishing would do now.

    Raises:
        ConflictError: when the proposal has no timetable.
    """
    plan = plan_of(session, proposal)
    names = Names.of(session, proposal, plan, say)
    now = published_placing(session, proposal.meeting_id or "", names, say)
    mails, meeting = [], meeting_of(session, proposal)
    for seen in foreseen_events(session, meeting, plan):
        text = later("Ändrad tid eller plats: %(title)s")
        if seen.is_off:
            text = later("Inställt: %(title)s")
        about = say.text(text, title=_title(seen.event, say))
        for one in untold(session, seen.event, seen.event.sequence + 1, at):
            draft = foretold(session, seen.becomes, one, at, chosen.greeting)
            if draft is None:
                continue
            key = key_of(one, one.address)
            mails.append(
                MailLine(
                    key=key,
                    name=one.name,
                    address=one.address,
                    function=names.get(one.function_id or "", ""),
                    about=about,
                    language=one.language,
                    subject=draft.subject,
                    text=tuple(line for line in draft.text.splitlines() if line.strip()),
                    is_told=key not in chosen.left,
                    is_draft=key in chosen.drafts,
                )
            )
    return PublishProgrammePage(
        id=proposal.id,
        title=title_of(session, proposal, say),
        version=proposal.version,
        is_reviewed=proposal.state == ProposalState.REVIEWED,
        has_conflicts=bool(look_at(proposal).violations),
        difference=difference(now, placing_of(plan, names), names, say),
        mails=tuple(sorted(mails, key=lambda one: (swedish_order(one.name), one.about))),
        greeting=chosen.greeting,
        meeting_id=meeting.id,
        hours=_hours(plan, meeting, say),
    )


def _hours(plan: ProgrammePlan, meeting: Meeting, say: Speaker) -> tuple[str, str] | None:
    """Return from when to when a programme is and its meeting is booked, where the programme goes beyond."""
    begins = min((one.starts_at for one in plan.slots), default=meeting.starts_at)
    ends = max((one.ends_at for one in plan.slots), default=meeting.ends_at)
    if begins >= meeting.starts_at and ends <= meeting.ends_at:
        return None
    return say.span(begins, ends), say.span(meeting.starts_at, meeting.ends_at)


def _title(event: Event, say: Speaker) -> str:
    return say.either(event.title_sv, event.title_en)
