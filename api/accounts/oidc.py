"""Signing in through an organisation's own provider: OpenID Connect's code flow with PKCE (extra `oidc`).

The provider says who somebody is; rights follow from the functions held here, as with a mailed link.
No request to the provider is made inside a database transaction.
"""

import logging
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.accounts.provider import Attempt, ProviderSilentError, RefusedError, Vouched, way_to
from api.kit.settings import OidcProvider

log = logging.getLogger("samkrets.oidc")

# Only signatures that the provider alone can make: never "none", never a shared secret (HS256).
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TIMEOUT_S = 10.0
LEEWAY_S = 60  # clocks differ
DESCRIPTION_LIFETIME_S = (
    3600.0  # the provider's description and keys are asked for again after this
)
KEYS_PAUSE_S = 30.0  # an unknown key has them asked for at once, but not more often than this


@dataclass(frozen=True, slots=True)
class Description:
    """What the provider says of itself (OpenID Connect Discovery 1.0), with its keys."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet
    read_at: float


class OpenIdProvider:
    """One OpenID provider, whose description is read at the first sign-in and kept for an hour."""

    def __init__(self, settings: OidcProvider, base_url: str) -> None:
        self.id = settings.id
        self.issuer = settings.issuer.rstrip("/")
        self.name = settings.name
        self._settings = settings
        self._callback = f"{base_url}{way_to(settings.id)}/svar"
        self._description: Description | None = None
        self._lock = threading.Lock()

    def begin(self, next_path: str, language: str) -> tuple[str, Attempt]:
        """Return the provider's address to send the browser to, and what the browser keeps meanwhile.

        Raises:
            ProviderSilentError: when the provider does not describe itself.
        """
        attempt = Attempt(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            next_path=next_path,
            language=language,
            provider=self.id,
        )
        description = self.describe()
        with self._client() as client:
            url, _ = client.create_authorization_url(
                description.authorization_endpoint,
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(url), attempt

    def vouched(self, attempt: Attempt, state: str, code: str) -> Vouched:
        """Exchange the code and return whom the provider vouches for.

        Raises:
            RefusedError: when state, code, signature, issuer, audience, time or nonce do not hold, or
                the provider does not vouch for an address.
            ProviderSilentError: when the provider does not answer.
        """
        if not (code and secrets.compare_digest(state.encode(), attempt.state.encode())):
            raise _refused("state")
        if attempt.provider != self.id:  # another provider was asked (RFC 9700, mix-up)
            raise _refused("provider")
        description = self.describe()
        try:
            with self._client() as client:
                token = client.fetch_token(
                    description.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=self._callback,
                    code_verifier=attempt.verifier,
                )
        except OAuthError as error:
            raise _refused(f"code: {error.error}") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise _silent(error) from error
        claims = self._claims(str(token.get("id_token") or ""), attempt.nonce)
        address = claims.get(self._settings.claim)
        if not isinstance(address, str) or not self._is_verified(claims):
            raise _refused(f"claim {self._settings.claim}")
        # One organisation's provider says nothing of another's people (nor of their former accounts).
        domains = self._settings.domains
        if domains and address.rpartition("@")[2].strip().lower() not in domains:
            raise _refused("an address outside its domains")
        return Vouched(description.issuer, str(claims["sub"]), address, self._roles(claims))

    def _roles(self, claims: dict[str, Any]) -> frozenset[str] | None:
        """Return what the person's groups give here; None where groups are not asked for."""
        if not self._settings.groups:
            return None
        said = claims.get(self._settings.groups_claim)
        groups = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        known = self._settings.groups
        return frozenset(known[one] for one in groups if isinstance(one, str) and one in known)

    def _is_verified(self, claims: dict[str, Any]) -> bool:
        """Return whether the address is proven: really True, or set to be believed and not denied."""
        said = claims.get("email_verified")
        if self._settings.trusts_address:
            return said is None or said is True
        return said is True

    def describe(self) -> Description:
        """Return the provider's description, asked for again when it is old.

        Raises:
            ProviderSilentError: when it cannot be had, or is another issuer's.
        """
        with self._lock:
            known = self._description
            if known is None or time.monotonic() - known.read_at > DESCRIPTION_LIFETIME_S:
                self._description = known = self._read()
            return known

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that is proven to be for us, from our provider and of this sign-in."""
        description = self.describe()
        header_and_claims = self._decode(id_token, description.keys)
        if header_and_claims is None:  # signed with a key that is new to us, perhaps
            header_and_claims = self._decode(id_token, self._fresh_keys())
        if header_and_claims is None:
            raise _refused("signature")
        options = {
            "iss": {"essential": True, "value": description.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        params = {"nonce": nonce, "client_id": self._settings.client_id}
        claims = CodeIDToken(header_and_claims[1], header_and_claims[0], options, params)
        try:
            claims.validate(leeway=LEEWAY_S)
        except JoseError as error:
            raise _refused(f"ID token: {error}") from error
        return dict(claims)

    def _decode(self, id_token: str, keys: KeySet) -> tuple[dict[str, Any], dict[str, Any]] | None:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            token = jwt.decode(id_token, keys, registry=registry)
        except (JoseError, ValueError):
            return None
        return dict(token.header), dict(token.claims)

    def _fresh_keys(self) -> KeySet:
        """Return the provider's keys anew, unless they were just read: keys are changed now and then."""
        with self._lock:
            known = self._description
            if known is None or time.monotonic() - known.read_at > KEYS_PAUSE_S:
                self._description = known = self._read()
            return known.keys

    def _read(self) -> Description:
        try:
            with httpx2.Client(timeout=TIMEOUT_S) as client:
                return _description(client, self.issuer)
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError) as error:
            raise _silent(error) from error

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value() or None,
            scope=self._settings.scope,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )


def _description(client: httpx2.Client, issuer: str) -> Description:
    """Read what an issuer says of itself; a ValueError when that is another's (Discovery 4.3)."""
    found = _json(client, f"{issuer}/.well-known/openid-configuration")
    if str(found["issuer"]).rstrip("/") != issuer:
        raise ValueError(f"the description is of {found['issuer']!r}")
    return Description(
        issuer=str(found["issuer"]),
        authorization_endpoint=str(found["authorization_endpoint"]),
        token_endpoint=str(found["token_endpoint"]),
        keys=KeySet.import_key_set(_json(client, str(found["jwks_uri"]))),
        read_at=time.monotonic(),
    )


def _json(client: httpx2.Client, url: str) -> Any:  # noqa: ANN401 - any JSON, read by the caller
    answer = client.get(url)
    answer.raise_for_status()
    return answer.json()


def _refused(why: str) -> RefusedError:
    log.warning("sign-in by provider refused: %s", why)
    return RefusedError()


def _silent(error: Exception) -> ProviderSilentError:
    log.error("the OpenID provider does not answer as it should: %r", error)
    return ProviderSilentError()
