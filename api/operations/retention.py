"""Retention over all features: what has outlived its time, exported first, erased under a decision's number.

Some things need no decision, because they only serve until a day: dietary needs, old sign-ins.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic_core import to_jsonable_python
from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts import retention as people
from api.accounts.models import Person
from api.audit.service import record
from api.availability import retention as polls
from api.circles import queries as circles
from api.dietary import queries as dietary
from api.feeds import retention as feeds
from api.invitations import retention as invitations
from api.kit.clock import to_local
from api.kit.files import write_private_once
from api.kit.settings import Settings
from api.meetings import queries as meetings
from api.operations.queries import rows_of_person
from api.outbox import retention as outbox
from api.outbox.models import Mail
from api.proposals.visits import queries as visits
from api.questions import queries as questions

SYSTEM = "system"
# The tables that `everything_of` tells of under names of their own.
SAID_APART = ("person", "function", "past_details", "signed_in", "api_key")
REASONS_KEPT = timedelta(
    days=30
)  # after the day that was called off: as dietary needs, often of health


@dataclass(frozen=True, slots=True)
class Due:
    """What has outlived its time; from `needs` on it is erased without a decision."""

    at: datetime
    people: tuple[Person, ...]
    mails: tuple[Mail, ...]
    invitations: invitations.Due
    needs: int
    sign_ins: int
    addresses: int
    poll_answers: int
    questions: int
    words: int  # reasons why meetings were called off, lines of circles and of visits

    @property
    def needs_decision(self) -> bool:
        """True when anything is due that is only erased under a decision."""
        return bool(self.people or self.mails or len(self.invitations))

    def __str__(self) -> str:
        return (
            f"{len(self.people)} people, {len(self.mails)} mails, "
            f"{len(self.invitations)} invitations and answers, "
            f"{self.needs} dietary needs, {self.sign_ins} sign-ins, "
            f"{self.addresses} calendar addresses, {self.poll_answers} answers to polls, "
            f"{self.questions} questions, {self.words} reasons and lines"
        )


def due(session: Session, now: datetime, settings: Settings) -> Due:
    """Return what has outlived the times of the settings."""
    mails_before = now - _months(settings.retention_mail_months)
    invitations_before = now - _months(settings.retention_invitation_months)
    sign_ins_before = now - timedelta(days=settings.retention_sign_in_days)
    polls_before = now - timedelta(days=settings.retention_poll_days)
    return Due(
        at=now,
        people=people.people_due(session, now, settings.retention_people_months),
        mails=tuple(outbox.due(session, mails_before)),
        invitations=invitations.due(session, invitations_before),
        needs=dietary.count_due(session, to_local(now).date()),
        sign_ins=accounts.count_old_sign_ins(session, sign_ins_before),
        addresses=feeds.count_due(session, sign_ins_before),
        poll_answers=polls.count_due(session, polls_before),
        questions=len(questions.asked_before(session, _questions_before(now, settings))),
        words=_erase_words(session, now, settings, only_count=True),
    )


def export(session: Session, found: Due, settings: Settings) -> dict[str, object]:
    """Return all that is erased under the decision, as JSON values; no tokens."""
    return {
        "decision": settings.retention_decision,
        "people": [everything_of(session, person, found.at) for person in found.people],
        "mails": [outbox.export_mail(mail) for mail in found.mails],
        **found.invitations.export(),
    }


def everything_of(session: Session, person: Person, at: datetime) -> dict[str, object]:
    """Return all that is kept about a person, as JSON values; no tokens."""
    return {
        **people.export_person(session, person),
        "dietary_needs": [
            need.model_dump(mode="json") for need in dietary.of_address(session, person.email)
        ],
        "mails": [outbox.export_mail(mail) for mail in outbox.to_person(session, person.email)],
        **invitations.of_address(session, person.email, at).export(),
        "named_in": to_jsonable_python(rows_of_person(session, person.id, SAID_APART)),
    }


def erase_served(session: Session, now: datetime, settings: Settings) -> None:
    """Erase what only served until a day: needs after their meeting, old sign-ins, ended addresses, polls."""
    today = to_local(now).date()
    sign_ins_before = now - timedelta(days=settings.retention_sign_in_days)
    polls_before = now - timedelta(days=settings.retention_poll_days)
    old_questions = questions.asked_before(session, _questions_before(now, settings))
    counts = {
        "dietary_needs": dietary.count_due(session, today),
        "sign_ins": accounts.count_old_sign_ins(session, sign_ins_before),
        "calendar_addresses": feeds.count_due(session, sign_ins_before),
        "poll_answers": polls.count_due(session, polls_before),
        "questions": len(old_questions),
    }
    accounts.forget_unreachable(session, accounts.unused_marks(session))
    accounts.forget_groups(session, [one.issuer for one in settings.providers if one.groups])
    counts["words"] = _erase_words(session, now, settings)
    if not any(counts.values()):
        return
    dietary.delete_due(session, today)
    accounts.delete_old_sign_ins(session, sign_ins_before)
    feeds.erase_due(session, sign_ins_before)
    polls.erase_due(session, polls_before)
    questions.delete_whole(session, old_questions)
    after: dict[str, object] = {name: number for name, number in counts.items() if number}
    record(session, SYSTEM, "erased", ("retention", "served"), after=after)


def _erase_words(
    session: Session, now: datetime, settings: Settings, *, only_count: bool = False
) -> int:
    """Erase what people wrote in passing: why a meeting was called off, a circle's and a visit's line."""
    lines_before = _questions_before(now, settings)
    reasons = meetings.reasons_before(session, now - REASONS_KEPT)
    lines = circles.lines_before(session, lines_before)
    learnt = visits.lines_before(session, lines_before)
    if not only_count:
        for called_off in reasons:
            called_off.cancel_reason = ""
        for care in lines:
            care.line = ""
        for visit in learnt:
            visit.learnt = ""
        session.add_all((*reasons, *lines, *learnt))
        session.flush()
    return len(reasons) + len(lines) + len(learnt)


def erase_decided(session: Session, found: Due, decision: str) -> None:
    """Erase what is due under a decision; the log says how much of what, and the decision's number."""
    for person in found.people:
        dietary.delete_of_address(session, person.email)
        for mail in outbox.to_person(session, person.email):
            outbox.erase_mail(session, mail)
        invitations.erase(session, invitations.of_address(session, person.email, found.at))
        feeds.delete_of_person(session, person.id)
        people.erase_person(session, person, decision)
    for mail in found.mails:
        outbox.erase_mail(session, mail)
    invitations.erase(session, found.invitations)
    after: dict[str, object] = {
        "decision": decision,
        "mails": len(found.mails),
        "invitations": len(found.invitations),
    }
    if found.mails or len(found.invitations):
        record(session, SYSTEM, "erased", ("retention", "decided"), after=after)


def forget_exports(folder: Path, now: datetime, days: int) -> int:
    """Delete the files that erasing exported to and that are older than so many days; return how many."""
    before = (now - timedelta(days=days)).timestamp()
    old = [file for file in folder.glob("*.json") if file.stat().st_mtime <= before]
    for file in old:
        file.unlink()
    return len(old)


def _questions_before(now: datetime, settings: Settings) -> datetime:
    """Questions and answers go as people do; what was published without names stays."""
    return now - _months(settings.retention_people_months)


def _months(number: int) -> timedelta:
    return timedelta(days=number * people.DAYS_PER_MONTH)


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased or kept; the file that it was exported to, where anything was erased under the decision."""

    said: str
    file: Path | None
    is_kept: bool  # something is due that the missing decision keeps


def erase_all(session: Session, moment: datetime, settings: Settings, exports: Path) -> Erased:
    """Erase all that is due: what served its day, and under the decision the rest, exported first."""
    found = due(session, moment, settings)
    said = str(found)
    erase_served(session, moment, settings)
    forget_exports(exports, moment, settings.retention_export_days)
    if not found.needs_decision:
        return Erased(said, None, is_kept=False)
    if not settings.retention_decision:
        return Erased(said, None, is_kept=True)
    file = exports / f"{moment:%Y%m%d-%H%M%S}.json"
    # Inside the transaction: what cannot be exported is not erased.
    write_private_once(
        file, json.dumps(export(session, found, settings), ensure_ascii=False, indent=1)
    )
    erase_decided(session, found, settings.retention_decision)
    return Erased(said, file, is_kept=False)
