"""Pages of accounts: signing in and out, one's sessions."""

from fastapi import APIRouter

from api.accounts.routes import sessions, sign_in

pages = APIRouter()
pages.include_router(sign_in.pages)
pages.include_router(sessions.pages)
