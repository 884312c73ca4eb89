"""How long what accounts keep of people stays; `operations.retention` adds what the other features keep."""

from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries
from api.accounts.models import Person
from api.accounts.news import AccountsChanged
from api.kit.db import announce

SYSTEM = "system"
DAYS_PER_MONTH = 30.44
ERASED_HOST = "raderad.invalid"


def people_due(session: Session, now: datetime, months: int) -> tuple[Person, ...]:
    """Return the people who have held no function for so many months."""
    free_since = now - timedelta(days=months * DAYS_PER_MONTH)
    return tuple(queries.people_free_since(session, free_since, ERASED_HOST))


def export_person(session: Session, person: Person) -> dict[str, object]:
    """Return everything that accounts keep about a person, as JSON values; no tokens."""
    held = queries.functions_of(session, person.id)
    return {
        "person": person.model_dump(mode="json"),
        "earlier": [
            row.model_dump(mode="json", include={"at", "name", "phone"})
            for row in queries.past_details(session, person.id)
        ],
        "functions": [{"body": body.name, "title": row.title} for row, body in held],
        "sessions": [
            row.model_dump(mode="json", exclude={"token_hash"})
            for row in queries.all_sessions_of(session, person.id)
        ],
        "keys": [
            row.model_dump(mode="json", exclude={"token_hash"})
            for row in queries.all_keys_of(session, person.id)
        ],
    }


def erase_person(session: Session, person: Person, decision: str) -> None:
    """Leave of a person only the id, which the log and attendance lists name; erase the rest.

    `decision` is the number of the decision that the retention time rests on.
    """
    queries.delete_sign_ins_of(session, person.id)
    queries.delete_past_details(session, person.id)
    queries.forget_unreachable(session, [person.email])
    person.name, person.phone = "–", ""
    person.email = f"{person.id}@{ERASED_HOST}"
    person.version += 1
    session.add(person)
    after: dict[str, object] = {"decision": decision}
    announce(session, AccountsChanged(SYSTEM, "erased", ("person", person.id), None, after))
