"""The planner's table of who has been asked: sent, sent again, answered, and what to do with each RC."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.kit.i18n import Speaker, swedish_order
from api.outbox import queries as outbox
from api.registry import queries as registry
from api.surveys import mailing, queries
from api.surveys.models import NeedsSurvey


@dataclass(frozen=True, slots=True)
class AskedLine:
    """An RC that is asked: who gets its link, when one was mailed first and last or will be, and its answer."""

    rc_id: str
    name: str
    reached: str  # the functions that get its mail; empty when nobody does
    sent: str  # when its first link was mailed
    again: str  # how often since, and when last
    answered: str
    waits: str = ""  # from when the mail that has not gone yet may go


def asked_lines(session: Session, survey: NeedsSurvey, say: Speaker) -> tuple[AskedLine, ...]:
    """Return a line for each RC that is asked, by name; one query each for links, answers, people and mails."""
    names = registry.names(session)
    reached: dict[str, list[str]] = {}
    waiting, due = outbox.waiting_in(session, survey.id), dict[str, datetime]()
    for one in mailing.recipients(session, survey.rc_ids):
        reached.setdefault(one.rc_id, []).append(one.title)
        if one.email in waiting:
            due[one.rc_id] = waiting[one.email]
    mailed: dict[str, set[str]] = {}
    moments = {}
    for link in queries.links(session, survey.id):
        moment = link.made_at.replace(second=0, microsecond=0)  # one mailing, some seconds
        moments[moment.isoformat()] = moment
        mailed.setdefault(link.rc_id, set()).add(moment.isoformat())
    answers = {row.rc_id: row for row in queries.answers(session, survey.id)}
    lines = []
    for rc_id in survey.rc_ids:
        times = [moments[key] for key in sorted(mailed.get(rc_id, ()))]
        if rc_id in due:
            times = times[:-1]  # that one has only been written
        answer = answers.get(rc_id)
        again = (
            say.plural(
                "%(num)s gång, senast %(moment)s",
                "%(num)s gånger, senast %(moment)s",
                len(times) - 1,
                moment=say.stamp(times[-1]),
            )
            if len(times) > 1
            else ""
        )
        lines.append(
            AskedLine(
                rc_id=rc_id,
                name=names.get(rc_id, rc_id),
                reached=say.listing(reached.get(rc_id, ())),
                sent=say.stamp(times[0]) if times else "",
                again=again,
                answered=say.stamp(answer.answered_at) if answer else "",
                waits=say.stamp(due[rc_id]) if rc_id in due else "",
            )
        )
    return tuple(sorted(lines, key=lambda line: swedish_order(line.name)))
