"""An RC's secret links and its one answer: opened by reading, changed by posting, until the deadline."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from api.accounts.service import hash_of
from api.audit.service import record
from api.kit.errors import ConflictError, MissingError
from api.surveys import queries
from api.surveys.models import (
    NeedsSurvey,
    RecipientKind,
    SurveyAnswer,
    SurveyDraft,
    SurveyLink,
    SurveyState,
)
from api.surveys.questions import FIELDS, Answer, from_json, known_values, to_json


class LinkState(StrEnum):
    """What a link opens: the form, the receipt after the deadline, or nothing."""

    OPEN = "open"
    CLOSED = "closed"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What lies behind a link; survey and answer are None when it opens nothing."""

    state: LinkState
    survey: NeedsSurvey | None = None
    rc_id: str = ""
    answer: Answer | None = None
    answered_at: datetime | None = None
    version: int = 0
    draft: SurveyDraft | None = None


def is_answerable(survey: NeedsSurvey, at: datetime) -> bool:
    """Tell whether answers are taken: open, and before the deadline."""
    return survey.state is SurveyState.OPEN and at < survey.deadline


def make_link(
    session: Session,
    survey: NeedsSurvey,
    rc_id: str,
    recipient: RecipientKind,
    at: datetime,
    function_id: str | None = None,
) -> str:
    """Return a new secret token for an RC's answer; earlier links stay good until the deadline.

    A link that came in the mail of a function ends when that one gets another holder.

    Raises:
        MissingError: when the RC is not asked.
    """
    if rc_id not in survey.rc_ids:
        raise MissingError
    token = secrets.token_urlsafe(32)
    session.add(
        SurveyLink(
            token_hash=hash_of(token),
            survey_id=survey.id,
            rc_id=rc_id,
            recipient=recipient,
            function_id=function_id,
            made_at=at,
        )
    )
    return token


def revoke_links(session: Session, actor: str, survey_id: str, rc_id: str, at: datetime) -> int:
    """End an RC's links, for instance when one has gone astray, and return how many."""
    ended = [link for link in queries.links(session, survey_id, rc_id) if not link.revoked_at]
    for link in ended:
        link.revoked_at = at
        session.add(link)
    after: dict[str, object] = {"rc": rc_id, "links": len(ended)}
    record(session, actor, "revoked links", ("needs_survey", survey_id), after=after)
    return len(ended)


def revoke_links_of(
    session: Session, survey_id: str, function_id: str, rc_ids: Collection[str], at: datetime
) -> int:
    """End the links that came to a function's holder, and return how many.

    Links from before it was kept whose they are end with whoever answered for one of these RC.
    """
    ended = queries.links_of_function(session, survey_id, function_id, rc_ids)
    for link in ended:
        link.revoked_at = at
        session.add(link)
    session.flush()
    return len(ended)


def open_link(session: Session, token: str, at: datetime) -> OpenedLink:
    """Return what a link opens; reading changes nothing, however often a mail scanner asks."""
    link = queries.link(session, hash_of(token))
    if link is None:
        return OpenedLink(LinkState.UNKNOWN)
    survey = queries.survey(session, link.survey_id)
    if link.revoked_at is not None or survey is None or survey.state is SurveyState.DRAFT:
        return OpenedLink(LinkState.REVOKED)
    row = queries.answer(session, survey.id, link.rc_id)
    opened = OpenedLink(
        state=LinkState.OPEN if is_answerable(survey, at) else LinkState.CLOSED,
        survey=survey,
        rc_id=link.rc_id,
        draft=queries.draft(session, survey.id, link.rc_id),
    )
    if row is None:
        return opened
    return replace(
        opened, answer=from_json(row.answer), answered_at=row.answered_at, version=row.version
    )


def answer_by_link(session: Session, token: str, answer: Answer, at: datetime) -> SurveyAnswer:
    """Keep an RC's answer, in place of an earlier one.

    Raises:
        MissingError: when the link opens nothing.
        ConflictError: when the deadline has passed or the survey is closed.
    """
    opened = open_link(session, token, at)
    if opened.survey is None:
        raise MissingError("Länken går inte att använda.")
    if opened.state is LinkState.CLOSED:
        raise ConflictError("Enkäten har stängt, så svaret kunde inte sparas.")
    row = keep_answer(session, opened.survey, opened.rc_id, answer, at)
    subject = ("needs_survey", opened.survey.id)
    after: dict[str, object] = {"rc": opened.rc_id, "version": row.version}
    record(session, f"link:{opened.rc_id}", "answered", subject, after=after)
    return row


def keep_draft(
    session: Session, token: str, form: Mapping[str, Sequence[str]], at: datetime
) -> SurveyDraft:
    """Keep what has been filled in and not sent: choices alone, of the form's own fields.

    Also when the survey has closed meanwhile: should it be opened again, nothing of it is lost.

    Raises:
        MissingError: when the link opens nothing.
    """
    opened = open_link(session, token, at)
    if opened.survey is None:
        raise MissingError("Länken går inte att använda.")
    bank = {theme.id for theme in queries.themes(session)}
    known = {*FIELDS, *(f"weight-{one}" for one in bank), *(f"day-{d}" for d in opened.survey.days)}
    values = known_values(bank)
    fields = {
        name: [value for value in form[name] if value in values]
        for name in sorted(known & form.keys())
    }
    row = queries.draft(session, opened.survey.id, opened.rc_id)
    row = row or SurveyDraft(survey_id=opened.survey.id, rc_id=opened.rc_id, fields={}, saved_at=at)
    row.fields, row.saved_at = fields, at
    session.add(row)
    session.flush()
    return row


def answer_by_phone(
    session: Session, actor: str, survey: NeedsSurvey, rc_id: str, answer: Answer, at: datetime
) -> SurveyAnswer:
    """Keep the answer that an RC gave by phone; the log tells who wrote it down.

    Raises:
        MissingError: when the RC is not asked.
        ConflictError: when the survey takes no answers.
    """
    if rc_id not in survey.rc_ids:
        raise MissingError
    if not is_answerable(survey, at):
        raise ConflictError("Enkäten är inte öppen.")
    row = keep_answer(session, survey, rc_id, answer, at, is_example=survey.is_example)
    after: dict[str, object] = {"rc": rc_id, "version": row.version, "by": "phone"}
    record(session, actor, "answered", ("needs_survey", survey.id), after=after)
    return row


def keep_answer(
    session: Session,
    survey: NeedsSurvey,
    rc_id: str,
    answer: Answer,
    at: datetime,
    *,
    is_example: bool = False,
) -> SurveyAnswer:
    """Write an RC's one current answer."""
    row = queries.answer(session, survey.id, rc_id)
    if row is None:
        row = SurveyAnswer(survey_id=survey.id, rc_id=rc_id, answer={}, answered_at=at, version=0)
    row.answer = to_json(answer)
    row.answered_at = at
    row.is_example = is_example
    row.version += 1
    session.add(row)
    unsent = queries.draft(session, survey.id, rc_id)
    if unsent is not None:
        session.delete(unsent)
    session.flush()
    return row
