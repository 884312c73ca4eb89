"""The planner's pages: make a survey, look at it, send it, remind, and see what the answers ask for."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.accounts.policy import insist, may_plan, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import from_local, now
from api.kit.errors import ConflictError, FormError, MissingError
from api.kit.exports import Format, download
from api.kit.i18n import Said, later
from api.kit.mail import Texts
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import EveryText, Seen, language_of, lead_to, render, shows, speaker_of
from api.outbox.acts import begin_act, can_undo_by, with_receipt
from api.surveys import links, mailing, queries, service
from api.surveys.models import NeedsSurvey, SurveyState
from api.surveys.undoing import OPENED
from api.surveys.web.answer_page import AnswerPage, answer_page
from api.surveys.web.survey_form import (
    CLOSING,
    SurveyFormPage,
    form_page,
    new_values,
    read_day,
    read_details,
    values_of,
)
from api.surveys.web.survey_page import (
    demand_table,
    names_of,
    survey_page,
    surveys_page,
    wish_table,
)

pages = APIRouter()

WEEKS_AHEAD = timedelta(weeks=12)  # when no day has been proposed yet


@dataclass(frozen=True, slots=True)
class SendingPage:
    """The mail as it will go, and to how many."""

    survey_id: str
    title: str
    mails: int
    rc_names: tuple[str, ...]
    without_address: tuple[str, ...]
    texts: tuple[tuple[str, Texts], ...]  # by language
    is_reminder: bool
    is_over: bool = False  # nothing can be sent now: it has been, or nobody can answer


WISHES = 50  # on a page; the files hold all


@dataclass(frozen=True, slots=True)
class WishPage:
    """Every wish with the answer behind it."""

    survey_id: str
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    is_example: bool
    programme: str  # where a programme is made of the answers
    page_number: int = 1
    last: int = 1


@pages.get("/enkater")
@pages.get("/planera/enkater")
def survey_list(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the surveys."""
    insist(may_read_register(viewer))
    page = surveys_page(session, speaker_of(request), now(), may_plan=may_plan(viewer))
    return render(request, "surveys/surveys.html", page)


@pages.get("/planera/enkater/ny")
def new_survey(
    request: Request, session: Transaction, viewer: SignedInViewer, traff: str = ""
) -> Response:
    """Show an empty form, with the themes most likely wanted."""
    insist(may_plan(viewer))
    values = new_values(session, traff, now())
    page = form_page(session, None, values, speaker_of(request))
    return render(request, "surveys/survey_form.html", page)


@pages.post("/planera/enkater", dependencies=[ACTS_ONCE])
def make_survey(
    request: Request, session: Transaction, viewer: SignedInViewer, form: EveryText
) -> Response:
    """Make a draft."""
    insist(may_plan(viewer))
    is_example = request.app.state.settings.is_demo
    try:
        details = read_details(form, is_example=is_example)
        made = service.make_survey(session, viewer.person_id, details, now())
    except FormError as error:
        page = form_page(session, None, form, speaker_of(request))
        return _form_again(request, page, error)
    if "open" in form.get("then", ()):
        return _open(request, session, viewer, made.id)
    then = "/utskick" if "send" in form.get("then", ()) else ""
    return lead_to(request, f"/planera/enkater/{made.id}{then}")


@pages.get("/enkater/{survey_id}")
@pages.get("/planera/enkater/{survey_id}")
def survey(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Show one survey: answer rate, demand, focus and tracks."""
    insist(may_read_register(viewer))
    found = _find(session, survey_id)
    insist(may_plan(viewer) or found.state is not SurveyState.DRAFT)
    page = survey_page(session, found, speaker_of(request), now(), may_plan=may_plan(viewer))
    return render(request, "surveys/survey.html", page)


@pages.get("/planera/enkater/{survey_id}/andra")
def edit_survey(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Show a draft's form."""
    insist(may_plan(viewer))
    found = _find(session, survey_id)
    page = form_page(session, found, values_of(found), speaker_of(request))
    return render(request, "surveys/survey_form.html", page)


@pages.post("/planera/enkater/{survey_id}/andra")
def change_survey(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    survey_id: str,
    form: EveryText,
    version: Seen = 0,
) -> Response:
    """Change a draft."""
    insist(may_plan(viewer))
    found = _find(session, survey_id)
    try:
        details = read_details(form, is_example=found.is_example)
        service.change_survey(session, viewer.person_id, survey_id, details, version, now())
    except FormError as error:
        page = form_page(session, found, form, speaker_of(request))
        return _form_again(request, page, error)
    return lead_to(request, f"/planera/enkater/{survey_id}")


@pages.get("/planera/enkater/{survey_id}/forhandsvisa")
@shows(AnswerPage)
def preview(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Show the form as an RC will see it."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    found = _find(session, survey_id)
    page = answer_page(session, found, say.text("(ert resurscentrum)"), "", {}, say)
    return render(request, "surveys/answer.html", page)


@pages.get("/planera/enkater/{survey_id}/utskick")
@pages.get("/planera/enkater/{survey_id}/paminn")
@shows(SendingPage)
def sending(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Show the mail and to how many it goes, before anything is sent."""
    insist(may_plan(viewer))
    found = _find(session, survey_id)
    is_reminder = request.url.path.endswith("/paminn")
    return render(
        request, "surveys/sending.html", _sending(request, session, found, is_reminder=is_reminder)
    )


@pages.post("/planera/enkater/{survey_id}/utskick", dependencies=[ACTS_ONCE])
def open_and_send(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    survey_id: str,
    line: Annotated[str, Form()] = "",
) -> Response:
    """Open the survey and queue the mails, in one transaction."""
    insist(may_plan(viewer))
    return _open(request, session, viewer, survey_id, mailing.own_line(line))


def _open(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, own: str = ""
) -> Response:
    page = f"/planera/enkater/{survey_id}"
    begin_act(session, viewer.person_id, now(), Said(later("Enkäten är öppen.")), page)
    opened = service.open_survey(session, viewer.person_id, survey_id, now())
    can_undo_by(session, OPENED, {"id": opened.id, "version": opened.version})
    chosen = mailing.recipients(session, opened.rc_ids)
    mailing.send_links(session, opened, chosen, "needs_survey", now(), own, is_held=True)
    return lead_to(request, with_receipt(session, page))


@pages.post("/planera/enkater/{survey_id}/paminn", dependencies=[ACTS_ONCE])
def remind(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    survey_id: str,
    line: Annotated[str, Form()] = "",
    rc: Annotated[str, Form()] = "",
) -> Response:
    """Queue the reminders, to all who have not answered or to one."""
    insist(may_plan(viewer))
    own = mailing.own_line(line)
    page = f"/planera/enkater/{survey_id}"
    begin_act(session, viewer.person_id, now(), Said(later("Påminnelsen är skriven.")), page)
    mailing.remind(session, viewer.person_id, _find(session, survey_id), now(), own, rc)
    return lead_to(request, with_receipt(session, page))


@pages.post("/planera/enkater/{survey_id}/stang", dependencies=[ACTS_ONCE])
def close(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Close the survey."""
    insist(may_plan(viewer))
    service.close_survey(session, viewer.person_id, survey_id)
    return lead_to(request, f"/planera/enkater/{survey_id}")


@pages.post("/planera/enkater/{survey_id}/oppna", dependencies=[ACTS_ONCE])
def reopen(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, form: EveryText
) -> Response:
    """Open a survey again that has been closed."""
    insist(may_plan(viewer))
    deadline = from_local(datetime.combine(read_day(form, "deadline"), CLOSING))
    service.reopen_survey(session, viewer.person_id, survey_id, deadline, now())
    return lead_to(request, f"/planera/enkater/{survey_id}")


@pages.post("/planera/enkater/{survey_id}/forlang", dependencies=[ACTS_ONCE])
def prolong(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, form: EveryText
) -> Response:
    """Give the survey a later deadline."""
    insist(may_plan(viewer))
    deadline = from_local(datetime.combine(read_day(form, "deadline"), CLOSING))
    service.prolong(session, viewer.person_id, survey_id, deadline, now())
    return lead_to(request, f"/planera/enkater/{survey_id}")


@pages.post("/planera/enkater/{survey_id}/aterkalla", dependencies=[ACTS_ONCE])
def replace_links(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    survey_id: str,
    rc: Annotated[str, Form()] = "",
) -> Response:
    """End an RC's links and mail new ones."""
    insist(may_plan(viewer))
    mailing.replace_links(session, viewer.person_id, _find(session, survey_id), rc, now())
    return lead_to(request, f"/planera/enkater/{survey_id}")


@pages.get("/enkater/{survey_id}/resultat.{kind}")
def export_result(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, kind: Format
) -> Response:
    """Save the same table as the page shows."""
    insist(may_read_register(viewer))
    found = _find(session, survey_id)
    insist(may_plan(viewer) or found.state is not SurveyState.DRAFT)
    say = speaker_of(request)
    demand = service.result(session, found)
    if not demand.rate.is_ranked:
        raise ConflictError("Svaren är för få för att visa siffror. Det krävs minst fem.")
    table = demand_table(demand, service.bank_of(session), found, say)
    return download([table], kind, say)


@pages.get("/planera/enkater/{survey_id}/onskemal")
@shows(WishPage)
def wishes(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, page: int = 1
) -> Response:
    """Show every wish with the answer behind it, a page at a time."""
    insist(may_plan(viewer))
    found = _find(session, survey_id)
    built = service.wishes_for_programme(session, survey_id)
    table = wish_table(built, names_of(session), speaker_of(request), is_example=found.is_example)
    last = max(1, -(-len(table.rows) // WISHES))
    number = min(max(1, page), last)
    rows = table.rows[(number - 1) * WISHES : number * WISHES]
    shown = WishPage(
        survey_id,
        table.headings,
        rows,
        found.is_example,
        _programme_of(found),
        page_number=number,
        last=last,
    )
    return render(request, "surveys/wishes.html", shown)


@pages.get("/planera/enkater/{survey_id}/programproblem.json")
def programme_problem(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str
) -> Response:
    """Lead to where a programme is made of the answers: its problem is the one that is stored there."""
    insist(may_plan(viewer))
    where = _programme_of(_find(session, survey_id))
    return lead_to(request, where, 308)


def _programme_of(survey: NeedsSurvey) -> str:
    return f"/planera/program/ny/{survey.meeting_id}" if survey.meeting_id else "/planera/program"


@pages.get("/planera/enkater/{survey_id}/onskemal.{kind}")
def export_wishes(
    request: Request, session: Transaction, viewer: SignedInViewer, survey_id: str, kind: Format
) -> Response:
    """Save the wishes."""
    insist(may_plan(viewer))
    found = _find(session, survey_id)
    say = speaker_of(request)
    built = service.wishes_for_programme(session, survey_id)
    table = wish_table(built, names_of(session), say, is_example=found.is_example)
    return download([table], kind, say)


def _find(session: Transaction, survey_id: str) -> NeedsSurvey:
    found = queries.survey(session, survey_id)
    if found is None:
        raise MissingError
    return found


def _sending(
    request: Request, session: Transaction, found: NeedsSurvey, *, is_reminder: bool
) -> SendingPage:
    have = {row.rc_id for row in queries.answers(session, found.id)} if is_reminder else set()
    rc_ids = [rc_id for rc_id in found.rc_ids if rc_id not in have]
    names = names_of(session)
    mail = "needs_survey_reminder" if is_reminder else "needs_survey"
    told = mailing.recipients(session, rc_ids)
    return SendingPage(
        survey_id=found.id,
        title=found.title_sv if language_of(request) == "sv" else found.title_en,
        mails=len(told),
        rc_names=tuple(names.get(rc_id, rc_id) for rc_id in rc_ids),
        without_address=tuple(
            names.get(rc_id, rc_id) for rc_id in mailing.without_address(rc_ids, told)
        ),
        texts=(
            ("sv", mailing.preview(session, found, mail, "sv")),
            ("en", mailing.preview(session, found, mail, "en")),
        ),
        is_reminder=is_reminder,
        is_over=not links.is_answerable(found, now())
        if is_reminder
        else found.state is not SurveyState.DRAFT,
    )


def _form_again(request: Request, page: SurveyFormPage, error: FormError) -> Response:
    page = replace(page, faults=error.faults)
    return render(request, "surveys/survey_form.html", page, status=error.status)
