"""Pages and API of proposals: a planner's way from a problem to published networks, and every why and what if."""

from fastapi import APIRouter

from api.proposals.routes import moving, planning, programme, visits, wondering, year

pages = APIRouter()
pages.include_router(planning.pages)
pages.include_router(moving.pages)
pages.include_router(wondering.pages)
pages.include_router(programme.pages)
pages.include_router(visits.pages)
pages.include_router(year.pages)
api = APIRouter()
api.include_router(planning.api)
api.include_router(moving.api)
