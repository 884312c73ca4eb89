"""The API's own reads, beside those of the features."""

from fastapi import APIRouter

from api.v1 import asking, gatherings, planning, who
from api.v1.schedules import serving, tables

api = APIRouter()
api.include_router(who.api)
api.include_router(gatherings.api)
api.include_router(planning.api)
api.include_router(asking.api)
api.include_router(serving.api)
api.include_router(tables.api)
