"""The API of one's own agenda: what the pages and calendars say, and no more."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.front.programme.agenda import own_agenda
from api.kit.paging import Paged
from api.programme.reading import AgendaLine

api = APIRouter(tags=["meetings"])


class AgendaLineOut(BaseModel):
    """One line of your personal agenda."""

    meeting_id: str
    session_id: str
    title_sv: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    room: str | None
    tables: Annotated[
        list[int],
        Field(
            description="Your table in each round of a case round; else empty.", examples=[[3, 1]]
        ),
    ]


@api.get("/agenda", summary="Your personal agenda")
def get_agenda(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[AgendaLineOut]:
    """Return the sessions that you attend, by time; what you declined or gave away is not there."""
    return [_line(line) for line in page.part(own_agenda(session, viewer))]


def _line(line: AgendaLine) -> AgendaLineOut:
    return AgendaLineOut(
        meeting_id=line.meeting.id,
        session_id=line.session.id,
        title_sv=line.session.title_sv,
        title_en=line.session.title_en,
        starts_at=line.slot.starts_at,
        ends_at=line.ends_at,
        room=line.room.name if line.room else None,
        tables=list(line.tables),
    )
