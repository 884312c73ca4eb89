"""One's own keys to the API: made, shown once, listed and ended."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import keys
from api.accounts.models import ApiKey
from api.accounts.policy import may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import later
from api.kit.pages import lead_to, render

pages = APIRouter()

SCOPES = {
    keys.Scope.READ: later("Läsa det som du själv får läsa"),
    keys.Scope.CHANGE: later("Ändra det som du själv får ändra"),
    keys.Scope.PLAN: later("Planera, som du får göra"),
}
DAYS = (30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, as its owner sees it."""

    key: ApiKey
    reaches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeysPage:
    """A person's keys that hold, the form for another, and the one just made, shown this once."""

    held: tuple[KeyLine, ...]
    scopes: tuple[tuple[str, str], ...]
    days: tuple[int, ...]
    made: str = ""
    label: str = ""
    chosen: tuple[str, ...] = (keys.Scope.READ,)
    chosen_days: str = "90"
    faults: tuple[FieldFault, ...] = ()


@pages.get("/mina-nycklar")
def my_keys(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List one's keys and offer another."""
    return render(request, "accounts/keys.html", _page(session, viewer))


@pages.post("/mina-nycklar")
def make(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    label: Annotated[str, Form()] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a key and show it this once."""
    try:
        wish = keys.read_wish(label, scopes or (), days)
    except FormError as error:
        typed = KeysPage(
            (),
            (),
            (),
            label=label,
            chosen=tuple(scopes or ()),
            chosen_days=days,
            faults=error.faults,
        )
        page = _page(session, viewer, typed)
        return render(request, "accounts/keys.html", page, status=error.status)
    token = keys.make_key(session, viewer.person_id, wish, now())
    session.flush()
    page = _page(session, viewer, KeysPage((), (), (), made=token))
    return render(request, "accounts/keys.html", page, status=201)


@pages.post("/mina-nycklar/{key_id}/avsluta")
def end(request: Request, session: Transaction, viewer: SignedInViewer, key_id: str) -> Response:
    """End one of one's keys."""
    keys.end_key(session, viewer.person_id, key_id, now())
    return lead_to(request, "/mina-nycklar")


def _page(session: Transaction, viewer: SignedInViewer, typed: KeysPage | None = None) -> KeysPage:
    typed = typed or KeysPage((), (), ())
    offered = tuple(
        (scope.value, words)
        for scope, words in SCOPES.items()
        if scope is not keys.Scope.PLAN or may_plan(viewer)
    )
    lines = tuple(
        KeyLine(key, tuple(SCOPES[keys.Scope(one)] for one in key.scopes.split()))
        for key in keys.keys_of(session, viewer.person_id, now())
    )
    return KeysPage(
        lines,
        offered,
        DAYS,
        typed.made,
        typed.label,
        typed.chosen,
        typed.chosen_days,
        typed.faults,
    )
