"""What signing in through an organisation's own provider needs to know of it, whatever speaks to it."""

from dataclasses import dataclass
from typing import Protocol

from api.kit.errors import ServiceError


class ProviderSilentError(ServiceError):
    """The provider does not answer, or not as OpenID Connect says."""

    status = 502
    title = "Ditt jobbkonto gick inte att nå"

    def __init__(self) -> None:
        super().__init__("Försök igen om en stund, eller logga in med en länk i ett mejl.")


class RefusedError(ServiceError):
    """The answer is not one that this browser asked our provider for, or it names nobody."""

    status = 403
    title = "Det gick inte att logga in"

    def __init__(self) -> None:
        super().__init__("Börja om från inloggningen, eller logga in med en länk i ett mejl.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser keeps (signed) from leaving for the provider until it comes back."""

    state: str
    nonce: str
    verifier: str  # PKCE (RFC 7636)
    next_path: str
    language: str
    provider: str = ""  # its id: an answer counts for the one that was asked


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: its own lasting name of the account, and the work address now."""

    issuer: str
    subject: str
    address: str
    roles: frozenset[str] | None = None  # what its groups give here; None: the posts alone say


def way_to(provider_id: str) -> str:
    """Return the path that leads to a provider; its answer comes back to `svar` below it."""
    return "/logga-in/organisation" + (f"/{provider_id}" if provider_id else "")


class Provider(Protocol):
    """Establishes who somebody is."""

    id: str  # in its addresses; empty for the one that is set by itself
    name: str  # what the button says

    def begin(self, next_path: str, language: str) -> tuple[str, Attempt]:
        """Return the address to send the browser to, and what the browser keeps meanwhile."""

    def vouched(self, attempt: Attempt, state: str, code: str) -> Vouched:
        """Return whom the provider vouches for."""
