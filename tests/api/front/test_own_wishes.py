"""A wish has a fate: the session that the RC is in, or why not, and then it begins the next survey."""

from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Function
from api.kit.clock import now
from api.surveys import queries, service
from api.surveys.models import NeedsSurvey, SurveyAnswer
from api.surveys.questions import from_json
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench
from tests.web import browser


def _asked(session: Session, survey_id: str) -> dict[str, set[str]]:
    rows = session.exec(select(SurveyAnswer).where(SurveyAnswer.survey_id == survey_id)).all()
    return {
        one.rc_id: {theme for theme, weight in from_json(one.answer).weights.items() if weight}
        for one in rows
    }


def test_what_an_rc_did_not_get_is_said_with_its_reason_and_chosen_in_the_next_survey(
    app: FastAPI,
) -> None:
    bench = Bench(app)
    page = bench.start()
    bench.solve()
    _publish(bench, page)
    with app.state.database.transaction() as session:
        asked = _asked(session, bench.survey)
        survey = session.get_one(NeedsSurvey, bench.survey)
        assert survey.unmet is not None
        for rc, themes in survey.unmet.items():
            assert set(themes) <= asked[rc]
        assert survey.unmet  # two rooms cannot put everybody everywhere
        rc = next(rc for rc, themes in sorted(survey.unmet.items()) if themes)
        member = session.exec(
            select(Function).where(Function.title == "Exempel: operativ samordnare")
        ).all()
        whose = {one.body_id: one for one in member}
        copied = NeedsSurvey(
            title_sv="Nästa",
            title_en="Next",
            deadline=survey.deadline + timedelta(days=90),
            theme_ids=survey.theme_ids,
            days=[],
            rc_ids=survey.rc_ids,
        )
        session.add(copied)
        session.flush()
        carried = service.carried_to(session, copied, rc)
        assert set(carried) == set(survey.unmet[rc])
        assert all(1 <= weight <= 3 for weight in carried.values())
        assert service.carried_to(session, survey, rc) == {}  # not into itself
        assert whose
        holder = next(iter(whose.values())).holder_id
        assert queries.latest_with_unmet(session, now() + timedelta(days=400)) is not None
    path = f"/traffar/{bench.meeting}/onskningar"
    every = bench.web.get(path).text
    assert "ni är med" in every
    assert "Ämnet är förvalt för er i nästa enkät." in every
    own = browser(app, holder).get(path)
    assert own.status_code == 200
    assert own.text.count('<section aria-labelledby="rc-') == 1  # an RC reads its own alone
