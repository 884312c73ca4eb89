"""The JSON of feeds under /api/v1, where it differs from the rows."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.calendar.models import Level, ScopeKind
from api.feeds.models import Feed, FeedToken
from api.kit.i18n import read_by


class FeedOut(BaseModel):
    """An address of yours; the secret itself was shown once and is not kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0d4c6a8e-8f0f-4a57-9d52-0f3b3f0b7f10",
                    "label": "Min Outlook",
                    "kind": "network",
                    "scope_id": "5a0f6f54-3a58-43a5-9d6b-0a4a4d8b5d43",
                    "level": "neutral",
                    "language": "sv",
                    "name": "Kretsträffar",
                    "created_at": "2027-01-10T12:00:00Z",
                    "expires_at": "2028-02-10T12:00:00Z",
                    "fetched_at": None,
                    "clearing_until": None,
                }
            ]
        }
    )

    id: str
    label: str
    kind: ScopeKind
    scope_id: str
    level: Level
    language: Literal["sv", "en"]
    name: str = Field(description="The calendar's name in calendar programs.")
    created_at: datetime
    expires_at: datetime = Field(description="13 months from now each time that you sign in.")
    fetched_at: datetime | None = Field(description="When a program last fetched it, to the hour.")
    clearing_until: datetime | None = Field(
        description="Set while the address serves an empty calendar before it ends."
    )

    @classmethod
    def of(cls, kept: FeedToken, feed: Feed) -> Self:
        """Return the JSON of an address."""
        return cls(
            id=kept.id,
            label=kept.label,
            kind=feed.scope_kind,
            scope_id=feed.scope_id,
            level=feed.level,
            language=read_by(feed.language),
            name=feed.name,
            created_at=kept.created_at,
            expires_at=kept.expires_at,
            fetched_at=kept.fetched_at,
            clearing_until=kept.clearing_until,
        )


class NewFeedOut(FeedOut):
    """A new address with its secret, which is shown this once."""

    url: str = Field(description="Give it to one calendar program and to nobody else.")


class FeedIn(BaseModel):
    """The calendar that you want."""

    model_config = ConfigDict(extra="forbid")

    kind: ScopeKind = Field(examples=["network"])
    scope_id: str = Field(min_length=1, max_length=100)
    level: Level = Field(default=Level.NEUTRAL, description="How much the calendar tells.")
    language: Literal["sv", "en"] = "sv"
    label: str = Field(min_length=1, max_length=60, examples=["Min Outlook"])
    has_deadlines: bool = False


class LabelIn(BaseModel):
    """Another name for an address."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=60, examples=["Min telefon"])
