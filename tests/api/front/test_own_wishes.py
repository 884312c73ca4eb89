"""A wish has a fate: the session that the RC is in, or why not, and then it begins the next survey."""

import io
import json
from collections import Counter
from datetime import datetime, timedelta

import openpyxl
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session, select

from api.accounts.models import Function
from api.kit.clock import now
from api.meetings.models import Meeting
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
    _count_what_was_met(bench)


CASES = "anonymised_cases"
# Themes that a guest's session meets, by the guest's role in the session's key.
OF_GUESTS = {
    "agency_police": "police_prosecutor_role",
    "agency_prosecutor": "police_prosecutor_role",
    "agency_region": "region_health",
}


def _count_what_was_met(bench: Bench) -> None:
    """*What it gave* says of each RC what the tables say: themes that it gave a weight or must have, and was in a session about."""
    with bench.app.state.database.reading() as session:
        ends_at: datetime = session.get_one(Meeting, bench.meeting).ends_at
        tables = session.connection()
        asked = set()
        for rc, stored in tables.execute(text("SELECT rc_id, answer FROM survey_answer")):
            answer = json.loads(stored) if isinstance(stored, str) else stored
            wanted = {theme for theme, weight in answer["weights"].items() if weight > 0}
            wanted |= {answer["must"]} - {None}
            wanted -= {CASES}  # a question of its own
            wanted |= {CASES} if answer["cases"] != "no" else set()
            asked |= {(rc, theme) for theme in wanted}
        sessions = tables.execute(
            text("SELECT s.key FROM programme_session s WHERE s.key LIKE 'agency%'")
        ).scalars()
        guests = {OF_GUESTS[key] for key in sessions if key in OF_GUESTS}
        met = {
            (rc, OF_GUESTS.get(key, theme))
            for rc, key, theme in tables.execute(
                text(
                    "SELECT b.rc_id, s.key, s.theme_id FROM attendance a"
                    " JOIN programme_session s ON s.id = a.session_id AND s.slot_id IS NOT NULL"
                    " JOIN function f ON f.id = a.function_id JOIN body b ON b.id = f.body_id"
                )
            )
            if key in OF_GUESTS or theme not in guests
        }
        names = dict(tables.execute(text("SELECT id, name FROM rc")).all())
    wished, got = (Counter(rc for rc, _ in one) for one in (asked, asked & met))
    with time_machine.travel(ends_at + timedelta(hours=1), tick=False):
        web = browser(bench.app, bench.planner)
        answer = web.get(f"/planera/vad-det-gav.xlsx?year={ends_at.year}")
    each = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[1]
    told = {str(row[1]): (row[6], row[7]) for row in each.iter_rows(min_row=2, values_only=True)}
    assert 0 < sum(got.values()) < sum(wished.values())
    for rc, name in names.items():
        assert told[name] == ((got[rc], wished[rc]) if wished[rc] else (None, None)), rc
