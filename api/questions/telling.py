"""Mails about questions: to whom they go, and what little they say."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Role
from api.accounts.queries import Reach
from api.accounts.service import hash_of
from api.kit.db import base_url_of
from api.kit.i18n import read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.networks import queries as networks
from api.outbox.service import Options, queue
from api.questions import rights
from api.questions.models import Audience, Question, QuestionLink
from api.registry import queries as registry


@dataclass(frozen=True, slots=True)
class QuestionMail:
    """A mail about a question. It holds neither question nor answer: those stand on the page alone."""

    circle: str  # its name, where the question was put to a circle
    asker: str  # the RC or NCH; empty where only the circle may know
    receiver: str  # the body of whoever gets the mail
    url: str


def told_of_answer(session: Session, question: Question) -> list[Reach]:
    """Return who hears of an answer: who asked; in a circle everybody, who answered too.

    Were the one who answers left out, the list of mails would tell who asked in a circle of two.
    """
    if question.audience is Audience.CIRCLE:
        return receivers(session, question)
    found = accounts.reach(session)
    return [one for one in found if one.id == question.function_id and one.address]


def receivers(session: Session, question: Question) -> list[Reach]:
    """Return one post for each RC that is asked, or NCH's.

    A circle's question goes to all its members: whoever reads whom mail went to learns not who asked.
    """
    bodies = {body.id: body for body in accounts.bodies(session)}
    asked = rights.asked_rcs(session, question)
    if question.audience is not Audience.CIRCLE:
        asked -= {question.rc_id}
    is_for_nch = question.audience is Audience.NCH

    def is_asked(one: Reach) -> bool:
        body = bodies[one.body_id]
        if is_for_nch:
            return body.kind is BodyKind.NCH and one.role is Role.PLANNER
        return body.rc_id in asked and one.role is Role.RC_MEMBER

    found = accounts.contacts(one for one in accounts.reach(session) if is_asked(one))
    return sorted(found.values(), key=lambda one: one.id)


def mail_link(session: Session, question: Question, reach: Reach, at: datetime) -> int:
    """Mail a post its own link to a question; return how many mails that is."""
    token = secrets.token_urlsafe(32)
    session.add(
        QuestionLink(token_hash=hash_of(token), question_id=question.id, function_id=reach.id)
    )
    session.flush()
    return send(session, "question_asked", question, reach, f"/fraga/{token}", at)


def send(
    session: Session, template: str, question: Question, reach: Reach, path: str, at: datetime
) -> int:
    """Queue a mail about a question that leads to a path; return how many mails that is."""
    language = read_by(reach.language)
    circle = networks.network(session, question.network_id) if question.network_id else None
    body = accounts.body(session, reach.body_id)
    page = QuestionMail(
        circle="" if circle is None else (circle.name_en if language == "en" else circle.name_sv),
        asker="" if circle is not None else name_of(session, [question.rc_id])[question.rc_id],
        receiver=body.name if body is not None else "",
        url=f"{base_url_of(session)}{address(language, path)}",
    )
    said = texts(template, language, page)
    options = Options(
        is_secret=True,
        batch=f"question:{question.id}/{template}",  # the mails of one kind stand together
        tells_others=True,
        post=reach.id,
    )
    queue(session, reach.address, said.subject, said.text, said.html, at, options)
    return 1


def name_of(session: Session, rc_ids: Collection[str]) -> dict[str, str]:
    """Return what RC are called, by id; NCH is the empty one."""
    names = registry.names(session)
    return {one: names.get(one, one) if one else "NCH" for one in rc_ids}
