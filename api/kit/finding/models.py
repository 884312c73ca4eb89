"""Tables: what everything that can be found says, folded for the search, and what is to be said anew."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel


class SearchEntry(SQLModel, table=True):
    """What one thing is found by: its names in both languages and more words, as `matching.plain` writes them.

    Each name begins with `matching.START`. The row goes at once when what it is made of changes or goes
    (`triggers`); it is written anew before the next search.
    """

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "item_id"),)

    number: int | None = Field(default=None, primary_key=True)  # the row in `search_words`
    kind: str
    item_id: str
    names: str
    words: str
    moment: int = Field(default=0, sa_type=BigInteger)  # seconds since 1970; 0: it has no time


class SearchMark(SQLModel, table=True):
    """A thing that is new or another than its row says, or gone: to be looked at before the next search."""

    __tablename__ = "search_mark"

    number: int | None = Field(default=None, primary_key=True)
    kind: str
    item_id: str
