"""An answer that an RC gives by phone: the planner fills in the same form for it."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, FormError, MissingError
from api.kit.pages import EveryText, lead_to, render, speaker_of
from api.registry import queries as registry
from api.surveys import links, queries
from api.surveys.models import NeedsSurvey
from api.surveys.questions import from_json, read_answer, to_form
from api.surveys.service import other_themes
from api.surveys.web.answer_page import AnswerPage, Values, answer_page

pages = APIRouter()

CLOSED = FieldFault(
    "draft-saved",  # where the button is
    "Enkäten är inte öppen. Öppna den igen på dess sida i ett annat fönster och spara sedan här.",
)


@pages.get("/planera/enkater/{survey_id}/svar/{rc_id}")
def answer_form(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, rc_id: str
) -> Response:
    """Show the form with the RC's answer so far."""
    insist(may_plan(viewer))
    survey = _find(session, survey_id, rc_id)
    if not links.is_answerable(survey, now()):
        return lead_to(request, f"/planera/enkater/{survey_id}")
    row = queries.answer(session, survey_id, rc_id)
    values = to_form(from_json(row.answer)) if row else {}
    page = _page(request, session, survey, rc_id, values)
    return render(request, "surveys/answer.html", page)


@pages.post("/planera/enkater/{survey_id}/svar/{rc_id}")
def write_down(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    survey_id: str,
    rc_id: str,
    form: EveryText,
) -> Response:
    """Keep the answer, in place of an earlier one."""
    insist(may_plan(viewer))
    survey = _find(session, survey_id, rc_id)
    try:
        others = [one.id for one in other_themes(session, survey)]
        given = read_answer(form, survey.theme_ids, survey.days, others)
        links.answer_by_phone(session, viewer.person_id, survey, rc_id, given, now())
    except (FormError, ConflictError) as error:
        faults = error.faults if isinstance(error, FormError) else (CLOSED,)
        page = replace(_page(request, session, survey, rc_id, form), faults=faults)
        return render(request, "surveys/answer.html", page, status=error.status)
    return lead_to(request, f"/planera/enkater/{survey_id}#asked-{rc_id}")


def _find(session: Transaction, survey_id: str, rc_id: str) -> NeedsSurvey:
    found = queries.survey(session, survey_id)
    if found is None or rc_id not in found.rc_ids:
        raise MissingError
    return found


def _page(
    request: Request, session: Transaction, survey: NeedsSurvey, rc_id: str, values: Values
) -> AnswerPage:
    say, found = speaker_of(request), registry.rc(session, rc_id)
    name = found.name if found else rc_id
    action = f"/planera/enkater/{survey.id}/svar/{rc_id}"
    row = queries.answer(session, survey.id, rc_id)
    page = answer_page(session, survey, name, action, values, say)
    return replace(
        page,
        survey_id=survey.id,  # the planner's way back
        answered=say.moment(row.answered_at) if row else "",
    )
