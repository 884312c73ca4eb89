from sqlmodel import Session, select

from api.audit.models import AuditEntry
from api.audit.service import first_broken, record


def test_a_whole_chain_verifies_and_a_changed_row_is_found(session: Session) -> None:
    for number in range(3):
        record(session, "system", "imported", ("rc", str(number)), after={"name": f"Ö{number}"})
    session.flush()
    session.expire_all()
    assert first_broken(session) is None

    second = session.exec(select(AuditEntry).where(AuditEntry.number == 2)).one()
    second.after = {"name": "another"}
    session.flush()
    assert first_broken(session) == 2
