"""Asking, answering, thanking, bringing up, and frequent questions."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import insist, may_plan, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, MissingError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, speaker_of
from api.outbox.acts import begin_act, with_receipt
from api.questions import frequent, queries, rights, service
from api.questions.models import Audience
from api.questions.service import Draft
from api.questions.web.view import Typed, ask_page, list_page, question_page

pages = APIRouter()

PAGE = "/fragor"
Text = Annotated[str, Form()]


@pages.get(PAGE)
def show_all(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the questions that the viewer may see, and the frequent ones."""
    insist(may_read_register(viewer))
    return render(request, "questions/list.html", list_page(session, viewer, speaker_of(request)))


@pages.get(f"{PAGE}/ny")
def form(
    request: Request, session: Transaction, viewer: SignedInViewer, till: str = ""
) -> Response:
    """Show the form; `till` chooses whom to ask."""
    insist(bool(viewer.rc_ids) or may_plan(viewer))
    page = ask_page(session, viewer, speaker_of(request), till)
    return render(request, "questions/ask.html", page)


@pages.post(f"{PAGE}/ny", dependencies=[ACTS_ONCE])
def ask(
    request: Request, session: Transaction, viewer: SignedInViewer, to: Text = "", text: Text = ""
) -> Response:
    """Put the question; those it is for get a mail each."""
    insist(bool(viewer.rc_ids) or may_plan(viewer))
    kinds = {Audience.ALL.value: Audience.ALL, Audience.NCH.value: Audience.NCH}
    audience = kinds.get(to, Audience.CIRCLE)
    begin_act(session, viewer.person_id, now(), Said(later("Frågan är ställd.")), PAGE)
    try:
        made, _ = service.ask(session, viewer, Draft(text, audience, to), now())
    except FieldFault as fault:
        undo(session)
        page = ask_page(session, viewer, speaker_of(request), to, text, (fault,))
        return render(request, "questions/ask.html", page, status=fault.status)
    return lead_to(request, with_receipt(session, f"{PAGE}/{made.id}"))


@pages.get(f"{PAGE}/{{question_id}}")
def show(
    request: Request, session: Transaction, viewer: SignedInViewer, question_id: str
) -> Response:
    """Show a question with its answers."""
    found = rights.question_for(session, viewer, question_id)
    page = question_page(session, viewer, speaker_of(request), found)
    return render(request, "questions/question.html", page)


@pages.post(f"{PAGE}/{{question_id}}/svar", dependencies=[ACTS_ONCE])
def answer(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    question_id: str,
    text: Text = "",
) -> Response:
    """Answer; who asked gets a mail."""
    question = rights.question_for(session, viewer, question_id)
    where = f"{PAGE}/{question_id}"
    said = Said(later("Svaret är sparat."))
    begin_act(session, viewer.person_id, now(), said, where, with_mails=True)
    try:
        service.answer(session, viewer, question_id, text, now())
    except FieldFault as fault:
        undo(session)
        say = speaker_of(request)
        page = question_page(session, viewer, say, question, Typed(draft=text, faults=(fault,)))
        return render(request, "questions/question.html", page, status=fault.status)
    return lead_to(request, with_receipt(session, where))


@pages.post(f"{PAGE}/svar/{{answer_id}}/tacka")
def thank(
    request: Request, session: Transaction, viewer: SignedInViewer, answer_id: str
) -> Response:
    """Thank for an answer."""
    question = service.thank(session, viewer, answer_id, now())
    return lead_to(request, f"{PAGE}/{question.id}")


@pages.post(f"{PAGE}/svar/{{answer_id}}/erbjud", dependencies=[ACTS_ONCE])
def offer(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    answer_id: str,
    question: Text = "",
    answer: Text = "",
) -> Response:
    """Offer one's own answer as a frequent question."""
    found = queries.answer(session, answer_id)
    whole = queries.question(session, found.question_id) if found is not None else None
    if whole is None:
        raise MissingError
    try:
        frequent.offer(session, viewer, answer_id, question, answer, now())
    except FieldFault as fault:
        typed = Typed(faults=(fault,), offering=answer_id, offered=(question, answer))
        page = question_page(session, viewer, speaker_of(request), whole, typed)
        return render(request, "questions/question.html", page, status=fault.status)
    return lead_to(request, f"{PAGE}/{whole.id}")


@pages.post(f"{PAGE}/{{question_id}}/avsluta")
def close(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    question_id: str,
    again: Text = "",
) -> Response:
    """Close a question; `again` opens it."""
    service.set_closed(session, viewer, question_id, now(), is_closed=not again)
    return lead_to(request, f"{PAGE}/{question_id}")


@pages.post(f"{PAGE}/{{question_id}}/ta-upp")
def bring_up(
    request: Request, session: Transaction, viewer: SignedInViewer, question_id: str, off: Text = ""
) -> Response:
    """Put a question on the next meeting's agenda; `off` takes it away."""
    service.bring_up(session, viewer, question_id, now(), is_on=not off)
    return lead_to(request, f"{PAGE}/{question_id}")


@pages.post(f"{PAGE}/vanliga/{{frequent_id}}", dependencies=[ACTS_ONCE])
def judge(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    frequent_id: str,
    question: Text = "",
    answer: Text = "",
    away: Text = "",
) -> Response:
    """Publish what was offered in the planner's words; `away` takes it away."""
    try:
        words = None if away else (question, answer)
        frequent.judge(session, viewer, frequent_id, words, now())
    except FieldFault as fault:
        page = list_page(session, viewer, speaker_of(request), (fault,), frequent_id)
        return render(request, "questions/list.html", page, status=fault.status)
    return lead_to(request, f"{PAGE}#vanliga")


@pages.get("/fraga/{token}")
def open_link(
    request: Request,
    session: Transaction,
    token: str,
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question that a mailed link is for; nothing is changed by looking."""
    return _linked(request, session, token, is_saved=sparat)


@pages.post("/fraga/{token}", dependencies=[ACTS_ONCE])
def answer_by_link(request: Request, session: Transaction, token: str, text: Text = "") -> Response:
    """Answer by the mailed link."""
    try:
        service.answer_by_link(session, token, text, now())
    except FieldFault as fault:
        return _linked(request, session, token, draft=text, fault=fault)
    return lead_to(request, f"/fraga/{token}?sparat=true")


def _linked(
    request: Request,
    session: Transaction,
    token: str,
    *,
    is_saved: bool = False,
    draft: str = "",
    fault: FieldFault | None = None,
) -> Response:
    question, link = service.behind(session, token)
    typed = Typed(
        token=token,
        is_saved=is_saved and service.has_answered(session, question, link.function_id),
        draft=draft,
        faults=(fault,) if fault else (),
    )
    page = question_page(session, None, speaker_of(request), question, typed)
    return render(request, "questions/question.html", page, status=fault.status if fault else 200)
