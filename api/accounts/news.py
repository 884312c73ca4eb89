"""What accounts announce; higher features (log, mail, feeds, invitations) act on it before the commit."""

from dataclasses import dataclass
from datetime import datetime

from api.kit.i18n import Language


@dataclass(frozen=True, slots=True)
class AccountsChanged:
    """Somebody changed a body, a person or a function, or signed in or out; for the log."""

    actor: str  # a person's id, or "system"
    action: str  # verb in the past
    subject: tuple[str, str]  # kind and id
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class FunctionHandedOver:
    """A function has a new holder; what belonged to the old one through it ends now."""

    function_id: str
    from_person_id: str | None
    to_person_id: str | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOverMade:
    """The people of a post changed, holder or deputy; everybody whom it concerns is told."""

    hand_over_id: str


@dataclass(frozen=True, slots=True)
class SignInLinkMade:
    """A one-time link is to be mailed; `path` holds the token and is kept nowhere else."""

    person_id: str
    name: str
    email: str
    path: str
    expires_at: datetime
    language: Language
