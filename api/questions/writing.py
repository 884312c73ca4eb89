"""What is taken of a text, and what the log says of a question."""

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.audit.service import record
from api.kit.errors import FieldFault
from api.questions.models import Audience, Frequent, Question

SHORTEST = 5  # letters of a question or an answer


def words_of(text: str, name: str, most: int) -> str:
    """Return a text as it is kept, line by line.

    Raises:
        FieldFault: of the field `name`, when it is too short or longer than `most`.
    """
    found = "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    if len(found) < SHORTEST:
        raise FieldFault(name, "Skriv några ord till.")
    if len(found) > most:
        raise FieldFault(name, "Högst %(most)s tecken.", most=most)
    return found


def note_by(session: Session, viewer: Viewer, question: Question, action: str) -> None:
    """Write down that a question was put or answered; of a circle's never by whom."""
    note(session, viewer.person_id, question, action)


def note(session: Session, actor: str, row: Question | Frequent, action: str) -> None:
    """Write down that something was done; of a circle's question never by whom."""
    if isinstance(row, Frequent):
        record(session, actor, action, ("frequent_question", row.id))
        return
    is_hidden = row.audience is Audience.CIRCLE
    who = f"network:{row.network_id}" if is_hidden else actor
    record(session, who, action, ("question", row.id), after={"audience": row.audience.value})
