"""Pages of accounts: signing in and out, one's sessions and keys, bodies and functions, contacts from a file."""

from fastapi import APIRouter

from api.accounts.web import (
    bodies,
    changing,
    contacts,
    keys,
    organisation,
    people,
    sessions,
    sign_in,
)

pages = APIRouter()
pages.include_router(organisation.pages)  # before sign_in: /logga-in/{token} would take its paths
pages.include_router(sign_in.pages)
pages.include_router(sessions.pages)
pages.include_router(keys.pages)
pages.include_router(contacts.pages)
pages.include_router(bodies.pages)
pages.include_router(changing.pages)
pages.include_router(people.pages)
