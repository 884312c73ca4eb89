"""Questions as they are searched for: by their words and their answers', each for those who may see it; and frequent ones."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.accounts.policy import Viewer, may_read_register
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind, all_of_them
from api.kit.i18n import Speaker, later
from api.questions import queries

_SHOWN = 90


def _seen(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    return [one.id for one in queries.seen_by(session, viewer, ids)]


def _questions(
    session: Session, viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    answers = queries.answers(session, ids if viewer is None else ())
    found = {}
    for one in queries.questions(session, ids):
        words = " ".join((one.text, *(answer.text for answer in answers.get(one.id, ()))))
        when = say.date(one.asked_at.date())
        found[one.id] = Entry(one.text[:_SHOWN], f"/fragor/{one.id}", when, words, one.asked_at)
    return found


def _frequent(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    about = say.text("Vanlig fråga")
    return {
        one.id: Entry(
            one.question[:_SHOWN],
            f"/fragor#{one.id}",
            about,
            f"{one.question} {one.answer}",
            one.published_at,
        )
        for one in queries.published(session, ids)
    }


QUESTIONS: Kind[Viewer] = Kind("question", later("Frågor"), may_read_register, _seen, _questions)
FREQUENT: Kind[Viewer] = Kind(
    "frequent", later("Vanliga frågor"), may_read_register, all_of_them, _frequent
)
