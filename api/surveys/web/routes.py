"""Pages of surveys: answering by link, planning, and evaluating."""

from fastapi import APIRouter

from api.surveys.web import answering, by_phone, evaluating, planning, theme_texts, themes
from api.surveys.web.needs import routes as needs

pages = APIRouter()
pages.include_router(answering.pages)
pages.include_router(evaluating.pages)
pages.include_router(needs.pages)
pages.include_router(planning.pages)
pages.include_router(by_phone.pages)
pages.include_router(themes.pages)
pages.include_router(theme_texts.pages)
