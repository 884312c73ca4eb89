"""Pages about times: polls, a meeting's time to change, and recurring meetings."""

from fastapi import APIRouter

from api.availability.web import polls, series

pages = APIRouter()
pages.include_router(polls.pages)
pages.include_router(series.pages)
