"""A planner, and an open survey with five themes that all RC are asked."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import now
from api.registry import queries as registry
from api.surveys import service
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank
from tests.factories import Member, make_member
from tests.shipped import import_shipped

CHOSEN = ("org_startup", "anonymised_cases", "finance_longterm", "legal_consent", "pepp")


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        return kept(session, Role.PLANNER)


def kept(session: Session, role: Role, rc_id: str | None = None) -> Member:
    made = make_member(session, role, rc_id=rc_id)
    session.flush()
    session.expunge_all()
    return made


@pytest.fixture
def survey_id(app: FastAPI, planner: Member) -> str:
    with app.state.database.transaction() as session:
        details = SurveyDetails(
            title_sv="Exempel: inför våren",
            title_en="Exempel: before spring",
            deadline=now() + timedelta(days=14),
            theme_ids=CHOSEN,
            days=(),
            rc_ids=tuple(rc.id for rc in registry.rcs(session)),
            is_example=True,
        )
        made = service.make_survey(session, planner.person.id, details, now())
        return service.open_survey(session, planner.person.id, made.id, now()).id
