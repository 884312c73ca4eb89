"""Pages and API of proposals: a planner's way from a problem to published networks, and every why and what if."""

from fastapi import APIRouter

from api.proposals.asking.web import routes as asking
from api.proposals.networks.web import moving, why
from api.proposals.networks.web import routes as networks
from api.proposals.placing.web import routes as placing
from api.proposals.programme.web import content_routes as content
from api.proposals.programme.web import routes as programme
from api.proposals.programme.web.reading_in import routes as schedules
from api.proposals.rounds.web import routes as rounds
from api.proposals.times.web import routes as times
from api.proposals.visits.web import asked
from api.proposals.visits.web import routes as visits
from api.proposals.year.web import load, school
from api.proposals.year.web import routes as year

pages = APIRouter()
pages.include_router(placing.pages)
pages.include_router(school.pages)
pages.include_router(load.pages)
pages.include_router(networks.pages)
pages.include_router(moving.pages)
pages.include_router(why.pages)
pages.include_router(content.pages)
pages.include_router(schedules.pages)
pages.include_router(programme.pages)
pages.include_router(asking.pages)
pages.include_router(visits.pages)
pages.include_router(asked.pages)
pages.include_router(times.pages)
pages.include_router(year.pages)
pages.include_router(rounds.pages)
api = APIRouter()
api.include_router(networks.api)
api.include_router(moving.api)
