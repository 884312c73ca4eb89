"""Table: when each errand of the schedule was last run, by whom, and what went wrong."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime


class ErrandRun(SQLModel, table=True):
    """One errand's last runs; the row is what workers claim it by."""

    __tablename__ = "errand_run"

    name: str = Field(primary_key=True)
    worker: str = ""  # who claimed it last
    begun_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    done_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))  # last success
    held_until: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime)
    )  # nobody else begins before
    fault: str = ""  # the last run's, by its kind; empty when it went well
