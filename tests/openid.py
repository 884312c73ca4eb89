"""A small OpenID provider on a port of this machine, which can be told to misbehave in one way at a time."""

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Header, HTTPException
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "samkrets", "a-secret-between-provider-and-client"


@dataclass
class OpenId:
    """The provider: who is signed in there, and what is wrong with its next answers."""

    url: str = ""
    email: str = "nobody@example.org"
    claims: dict[str, Any] = field(default_factory=dict)  # put over the right ones; None takes away
    key: Any = None  # signs instead of the right key
    algorithm: str = "RS256"
    issuer_said: str = ""  # in the description, instead of the right one
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=lambda: [_key()])
    asked: list[str] = field(default_factory=list)

    def id_token(self, asked: dict[str, str]) -> str:
        """Sign who somebody is."""
        moment = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "1",
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": True,
            **self.claims,
        }
        signer = self.key or self.keys[-1]
        header = {"alg": self.algorithm} | ({"kid": signer.kid} if signer.kid else {})
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, said, signer, algorithms=[self.algorithm])


def _key() -> RSAKey:
    made = RSAKey.generate_key(2048, auto_kid=True)
    assert isinstance(made, RSAKey)
    return made


def other_key() -> RSAKey:
    """A key that the provider does not publish."""
    return _key()


def shared_key() -> OctKey:
    """The client's secret as a key: a token signed with it is not the provider's."""
    return OctKey.import_key(CLIENT_SECRET)


def _app(made: OpenId) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def describe() -> dict[str, object]:
        made.asked.append("description")
        return {
            "issuer": made.issuer_said or made.url,
            "authorization_endpoint": f"{made.url}/authorize",
            "token_endpoint": f"{made.url}/token",
            "jwks_uri": f"{made.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet(list(made.keys)).as_dict(private=False))

    @app.get("/authorize")
    def authorize(  # the parameters of OpenID Connect Core 3.1.2.1 and RFC 7636
        client_id: str,
        redirect_uri: str,
        state: str,
        nonce: str,
        scope: str,
        code_challenge: str,
        code_challenge_method: str,
    ) -> RedirectResponse:
        if client_id != CLIENT_ID or "openid" not in scope or code_challenge_method != "S256":
            raise HTTPException(400)
        code = f"code-{len(made.codes)}-{nonce[:8]}"
        made.codes[code] = {
            "nonce": nonce,
            "challenge": code_challenge,
            "redirect_uri": redirect_uri,
        }
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 303)

    @app.post("/token")
    def token(
        grant_type: Annotated[str, Form()],
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> dict[str, object]:
        made.asked.append("token")
        right = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = made.codes.pop(code, None)
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or grant_type != "authorization_code"
            or authorization != f"Basic {right}"
            or (asked["redirect_uri"], asked["challenge"]) != (redirect_uri, challenge)
        ):
            raise HTTPException(400, {"error": "invalid_grant"})
        return {
            "access_token": "unused",
            "token_type": "Bearer",
            "id_token": made.id_token(asked),
        }

    return app


@contextmanager
def provider() -> Iterator[OpenId]:
    """Serve a provider on a free port."""
    made = OpenId()
    server = uvicorn.Server(
        uvicorn.Config(_app(made), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join()
