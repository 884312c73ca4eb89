"""Needs over time: the page for all, the planner's asking, and what became of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.accounts.policy import Viewer, insist, may_plan, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import day_from, now, today
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError
from api.kit.exports import Format, download
from api.kit.i18n import LANGUAGES, Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import EveryText, lead_to, render, shows, speaker_of
from api.outbox.acts import begin_act, can_undo_by, with_receipt
from api.registry import queries as registry
from api.surveys import evaluations, mailing
from api.surveys.evaluations import CHOICES, EvaluationDetails, results
from api.surveys.models import Evaluation, EvaluationKind
from api.surveys.undoing import SENT
from api.surveys.web.evaluation_page import ALL, pick, read_filter, years_of
from api.surveys.web.form_state import last
from api.surveys.web.needs.page import (
    GROUPS,
    LONGEST_OUTCOME,
    AskPage,
    NeedsPage,
    needs_page,
    needs_table,
)
from api.surveys.web.survey_form import read_day

pages = APIRouter()

ANSWER_DAYS = 14
_SUMMER = 7  # months before it belong to the spring


@pages.get("/behov")
@shows(NeedsPage)
def needs(
    request: Request, session: Transaction, viewer: SignedInViewer, grupp: str = ALL, ar: str = ""
) -> Response:
    """Show the trends; a filter picks among what is published."""
    insist(may_read_register(viewer))
    return render(request, "surveys/needs.html", _page(request, session, viewer, grupp, ar))


@pages.get("/behov/resultat.{kind}")
def export_needs(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    kind: Format,
    grupp: str = ALL,
    ar: str = "",
) -> Response:
    """Save the same table as the page shows."""
    insist(may_read_register(viewer))
    found = results(session, today(), EvaluationKind.NEEDS)
    chosen, say = read_filter(grupp, ar, years_of(found), GROUPS), speaker_of(request)
    return download([needs_table(pick(found, chosen), chosen, say)], kind, say)


@pages.get("/planera/behov/ny")
def new_round(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the form, who gets the questions and how the mail reads."""
    insist(may_plan(viewer))
    begun = today()
    swedish, english = ("våren", "spring") if begun.month < _SUMMER else ("hösten", "autumn")
    values = {
        "title_sv": f"Behov, {swedish} {begun.year}",
        "title_en": f"Needs, {english} {begun.year}",
        "closes_on": (begun + timedelta(days=ANSWER_DAYS)).isoformat(),
    }
    page = _ask_page(session, values)
    try:
        evaluations.insist_on_one_round(session, begun)
    except FormError as error:
        page = replace(page, faults=error.faults)
    return render(request, "surveys/needs_ask.html", page)


@pages.post("/planera/behov", dependencies=[ACTS_ONCE])
def ask(
    request: Request, session: Transaction, viewer: SignedInViewer, form: EveryText
) -> Response:
    """Make the round and queue the mails."""
    insist(may_plan(viewer))
    values = {name: last(form, name) for name in ("title_sv", "title_en", "closes_on")}
    try:
        closes_on = read_day(form, "closes_on")
        made = _make(request, session, viewer, values, closes_on)
    except FormError as error:
        undo(session)
        shown = replace(_ask_page(session, values), faults=error.faults)
        return render(request, "surveys/needs_ask.html", shown, status=error.status)
    said = Said(later("Frågorna om behoven är ställda."))
    begin_act(session, viewer.person_id, now(), said, "/behov")
    can_undo_by(session, SENT, {"id": made.id})
    chosen = mailing.ballot_recipients(session, [*registry.names(session)])
    mailing.send_ballots(session, viewer.person_id, made, chosen, now())
    return lead_to(request, with_receipt(session, "/behov"))


@pages.post("/planera/behov/{round_id}/utfall")
def tell_outcome(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    round_id: str,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Keep what became of a round, for all to read."""
    insist(may_plan(viewer))
    if len(text) > LONGEST_OUTCOME:
        page = _page(request, session, viewer, ALL, "")
        fault = FieldFault("text", "Skriv högst %(most)s tecken.", most=LONGEST_OUTCOME)
        rounds = tuple(
            replace(one, text=text) if one.id == round_id else one for one in page.rounds
        )
        shown = replace(page, rounds=rounds, fault=fault, faulty=round_id)
        return render(request, "surveys/needs.html", shown, status=fault.status)
    evaluations.tell_outcome(session, viewer.person_id, round_id, text)
    return lead_to(request, f"/behov#round-{round_id}")


def _page(
    request: Request, session: Transaction, viewer: Viewer, group: str, year: str
) -> NeedsPage:
    known = years_of(results(session, today(), EvaluationKind.NEEDS))
    chosen = read_filter(group, year, known, GROUPS)
    say = speaker_of(request)
    return needs_page(session, chosen, say, today(), may_plan=may_plan(viewer))


def _make(
    request: Request, session: Transaction, viewer: Viewer, values: dict[str, str], closes_on: date
) -> Evaluation:
    details = EvaluationDetails(
        title_sv=values["title_sv"],
        title_en=values["title_en"],
        held_on=today(),
        closes_on=closes_on,
        theme_ids=tuple(key for options in CHOICES.values() for key in options),
        is_example=request.app.state.settings.is_demo,
        kind=EvaluationKind.NEEDS,
    )
    evaluations.insist_on_one_round(session, today())
    return evaluations.make_evaluation(session, viewer.person_id, details)


def _ask_page(session: Transaction, values: dict[str, str]) -> AskPage:
    """Return the page with the mail as it would read."""
    rcs = registry.rcs(session)
    names = {rc.id: rc.name for rc in rcs}
    chosen = mailing.ballot_recipients(session, list(names))
    sample = Evaluation(
        kind=EvaluationKind.NEEDS,
        title_sv=values["title_sv"],
        title_en=values["title_en"],
        held_on=today(),
        closes_on=_day(values["closes_on"]),
        theme_ids=[],
    )
    read = {one.language for one in chosen}
    return AskPage(
        values=values,
        recipients=mailing.named(chosen, names),
        mails=len(chosen),
        without_address=tuple(names[one] for one in mailing.without_address(list(names), chosen)),
        letters=tuple(
            (each, mailing.ballot_preview(session, sample, each))
            for each in LANGUAGES
            if each in read
        ),
    )


def _day(text: str) -> date:
    try:
        return day_from(text)
    except ValueError:
        return today()
