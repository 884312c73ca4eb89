"""How long personal data stay: export first, then erase; allergies in a table of their own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.accounts import queries
from api.accounts.models import DietaryNeed, Person
from api.accounts.news import AccountsChanged
from api.clock import to_local
from api.db import announce

SYSTEM = "system"
DIETARY_DAYS = 30  # after the meeting's last day
SIGN_IN_DAYS = 30  # after a session ended or a link ran out
DAYS_PER_MONTH = 30.44
ERASED_HOST = "raderad.invalid"


@dataclass(frozen=True, slots=True)
class Due:
    """What has outlived its time."""

    people: tuple[Person, ...]
    needs: tuple[DietaryNeed, ...]
    sign_ins: int


def note_dietary_need(
    session: Session, person_id: str, meeting_id: str, last_day: date, need: str
) -> None:
    """Keep (or with an empty text forget) what somebody cannot eat at a meeting, until 30 days after it."""
    kept = queries.dietary_need(session, person_id, meeting_id)
    if not need.strip():
        if kept is not None:
            session.delete(kept)
        return
    kept = kept or DietaryNeed(
        person_id=person_id, meeting_id=meeting_id, need="", erase_on=last_day
    )
    kept.need, kept.erase_on = need.strip(), last_day + timedelta(days=DIETARY_DAYS)
    session.add(kept)


def due(session: Session, now: datetime, people_months: int) -> Due:
    """Return what has outlived its time: people without a function for `people_months`, and the rest."""
    free_since = now - timedelta(days=people_months * DAYS_PER_MONTH)
    return Due(
        people=tuple(queries.people_free_since(session, free_since, ERASED_HOST)),
        needs=tuple(queries.dietary_needs_until(session, to_local(now).date())),
        sign_ins=queries.count_old_sign_ins(session, now - timedelta(days=SIGN_IN_DAYS)),
    )


def export_person(session: Session, person: Person) -> dict[str, object]:
    """Return everything that accounts keep about a person, as JSON values; no tokens."""
    held = queries.functions_of(session, person.id)
    needs = queries.dietary_needs_of(session, person.id)
    return {
        "person": person.model_dump(mode="json"),
        "functions": [{"body": body.name, "title": row.title} for row, body in held],
        "dietary_needs": [need.model_dump(mode="json") for need in needs],
        "sessions": [
            row.model_dump(mode="json", exclude={"token_hash"})
            for row in queries.all_sessions_of(session, person.id)
        ],
    }


def erase_technical(session: Session, now: datetime) -> int:
    """Erase dietary needs whose day has come, and old sessions and links; return how many rows."""
    needs = queries.dietary_needs_until(session, to_local(now).date())
    for need in needs:
        session.delete(need)
    sign_ins = queries.delete_old_sign_ins(session, now - timedelta(days=SIGN_IN_DAYS))
    if needs or sign_ins:
        after: dict[str, object] = {"dietary_needs": len(needs), "sign_ins": sign_ins}
        announce(
            session, AccountsChanged(SYSTEM, "erased", ("retention", "technical"), None, after)
        )
    return len(needs) + sign_ins


def erase_person(session: Session, person: Person, decision: str) -> None:
    """Leave of a person only the id, which the log and attendance lists name; erase the rest.

    `decision` is the number of the decision that the retention time rests on.
    """
    for need in queries.dietary_needs_of(session, person.id):
        session.delete(need)
    queries.delete_sign_ins_of(session, person.id)
    person.name, person.phone = "–", ""
    person.email = f"{person.id}@{ERASED_HOST}"
    person.version += 1
    session.add(person)
    after: dict[str, object] = {"decision": decision}
    announce(session, AccountsChanged(SYSTEM, "erased", ("person", person.id), None, after))
