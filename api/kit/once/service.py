"""Idempotency keys as dependencies: a form's own token, or the API's header `Idempotency-Key`.

A form's token is drawn anew each time its page is shown, so the same token with the same fields at
the same address is the same press of the same button. Give every route that publishes or sends
`dependencies=[ACTS_ONCE]`.
"""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlmodel import Session

from api.kit.clock import now
from api.kit.db import get_session
from api.kit.errors import ConflictError
from api.kit.guard import FORM_TOKEN_LIFETIME_S
from api.kit.once import queries
from api.kit.once.models import Answered

KEPT = 2 * timedelta(seconds=FORM_TOKEN_LIFETIME_S)  # a token is refused after half of this anyway
LONGEST_KEY = 255


class RepeatedError(ConflictError):
    """The same form came twice: the first one acts; pages lead to where its result is seen."""

    title = "Redan gjort"

    def __init__(self) -> None:
        super().__init__("Det här är redan gjort. Det gjordes bara en gång.")


async def form_key(request: Request) -> AsyncIterator[str]:
    """Give what makes this press of a button the same as another: address, token and fields."""
    form = await request.form()
    parts = [request.url.path, *(f"{name}={value}" for name, value in form.multi_items())]
    try:
        yield _key(*parts)
    finally:
        await form.close()  # a file that the route does not ask for is closed by nobody else


FormKey = Annotated[str, Depends(form_key)]
OurSession = Annotated[Session, Depends(get_session, scope="function")]


def act_once(session: OurSession, key: FormKey) -> None:
    """Let a form act, once; when acting fails the key is free again.

    Raises:
        RepeatedError: when the same form acted before.
    """
    if not queries.use(session, key, now()):
        raise RepeatedError


ACTS_ONCE = Depends(act_once)


def is_first(
    request: Request,
    session: OurSession,
    idempotency_key: Annotated[
        str | None, Header(max_length=LONGEST_KEY, examples=["9b2d7d0e"])
    ] = None,
) -> bool:
    """Return whether a request of the API is to act; one without a key always is."""
    if idempotency_key is None:
        return True
    viewer = getattr(request.state, "viewer", None)
    whose = viewer.person_id if viewer is not None else ""
    return queries.use(session, _key(request.url.path, whose, idempotency_key), now())


IsFirst = Annotated[bool, Depends(is_first)]


def answered(session: Session, key: str) -> Answered | None:
    """Return the answer to an act that came with this key before."""
    return queries.answered(session, key)


def keep_answer(
    session: Session, key: str, body: str, status: int, answer: str, at: datetime
) -> None:
    """Keep the answer to an act for whoever asks again with the same key and body."""
    queries.keep(session, Answered(key=key, body=body, status=status, answer=answer, at=at))


def forget(session: Session, at: datetime) -> None:
    """Delete keys that can come no more."""
    queries.forget(session, at - KEPT)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
