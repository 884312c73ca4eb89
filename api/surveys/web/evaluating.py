"""Evaluations: the ballot's form, trends for those who are signed in, and the planner's making of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.accounts.policy import insist, may_plan, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now, to_local, today
from api.kit.db import undo
from api.kit.errors import ConflictError, FieldFault, FormError
from api.kit.exports import Format, download
from api.kit.i18n import LANGUAGES, Language, Said, later
from api.kit.mail import Texts
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import EveryText, language_of, lead_to, render, shows, speaker_of
from api.meetings import queries as meetings
from api.outbox.acts import begin_act, can_undo_by, with_receipt
from api.registry import queries as registry
from api.surveys import evaluations, mailing
from api.surveys.evaluations import BallotState, EvaluationDetails, OpenedBallot
from api.surveys.models import Evaluation, EvaluationKind
from api.surveys.undoing import SENT
from api.surveys.web import words
from api.surveys.web.answer_page import DeadLinkPage
from api.surveys.web.evaluation_page import (
    ALL,
    TrendPage,
    ballot_page,
    pick,
    read_filter,
    trend_page,
    trend_table,
)
from api.surveys.web.form_state import last
from api.surveys.web.survey_form import proposed_themes, read_day

pages = APIRouter()

NEEDS = "behov"  # in the address of the page that thanks
ANSWER_DAYS = 14  # from the meeting to the last day for answers

_DEAD = {
    BallotState.UNKNOWN: ("unknown", 404),
    BallotState.USED: ("used", 410),
    BallotState.CLOSED: ("closed", 410),
}


@dataclass(frozen=True, slots=True)
class EvaluationFormPage:
    """The planner's form for an evaluation."""

    values: dict[str, str]
    meetings: tuple[words.Choice, ...]
    faults: tuple[FieldFault, ...] = ()

    def fault_of(self, name: str) -> FieldFault | None:
        """Return the fault of a field."""
        return next((fault for fault in self.faults if fault.field == name), None)


@dataclass(frozen=True, slots=True)
class EvaluationSendingPage:
    """Before ballots are sent: who gets one, and how the mail reads."""

    recipients: tuple[str, ...]
    mails: int
    without_address: tuple[str, ...]
    letters: tuple[tuple[Language, Texts], ...]
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ThanksPage:
    """After an answer; it shows what was asked about, and nothing of the answer."""

    is_of_needs: bool


@pages.get("/utvardering/tack")
def thanks(request: Request, om: str = "") -> Response:
    """Thank for an answer; the page is the same for everybody who was asked the same."""
    return render(request, "surveys/thanks.html", ThanksPage(om == NEEDS))


@pages.get("/utvardering/{token}")
def open_ballot(request: Request, session: Transaction, token: str) -> Response:
    """Show the form; reading uses nothing up."""
    opened = evaluations.open_ballot(session, token, today())
    if opened.evaluation is None:
        return _dead(request, opened)
    page = ballot_page(session, opened.evaluation, f"/utvardering/{token}", {}, speaker_of(request))
    return render(request, "surveys/ballot.html", page)


@pages.post("/utvardering/{token}")
def cast(request: Request, session: Transaction, token: str, form: EveryText) -> Response:
    """Count the answer and use the ballot up."""
    opened = evaluations.open_ballot(session, token, today())
    if opened.evaluation is None:
        return _dead(request, opened)
    try:
        opinion = evaluations.read_opinion(form, opened.evaluation)
    except FormError as error:
        say = speaker_of(request)
        page = ballot_page(session, opened.evaluation, f"/utvardering/{token}", form, say)
        typed = replace(page, faults=error.faults)
        return render(request, "surveys/ballot.html", typed, status=error.status)
    try:
        evaluations.cast(session, token, opinion, today())
    except ConflictError:  # the same form sent twice at once
        return _dead(request, OpenedBallot(BallotState.USED))
    is_of_needs = opened.evaluation.kind is EvaluationKind.NEEDS
    where = f"/utvardering/tack?om={NEEDS}" if is_of_needs else "/utvardering/tack"
    return lead_to(request, where)


@pages.get("/utvarderingar")
@shows(TrendPage)
def trends(
    request: Request, session: Transaction, viewer: SignedInViewer, grupp: str = ALL, ar: str = ""
) -> Response:
    """Show the trends; a filter picks among what is published."""
    insist(may_read_register(viewer))
    page = trend_page(session, grupp, ar, speaker_of(request), today(), may_plan=may_plan(viewer))
    return render(request, "surveys/trends.html", page)


@pages.get("/utvarderingar/resultat.{kind}")
def export_trends(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    kind: Format,
    grupp: str = ALL,
    ar: str = "",
) -> Response:
    """Save the same table as the page shows."""
    insist(may_read_register(viewer))
    found = evaluations.results(session, today())
    chosen = read_filter(grupp, ar, [one.evaluation.held_on.year for one in found])
    say = speaker_of(request)
    return download([trend_table(pick(found, chosen), chosen, say)], kind, say)


@pages.get("/planera/utvarderingar/ny")
def new_evaluation(
    request: Request, session: Transaction, viewer: SignedInViewer, traff: str = ""
) -> Response:
    """Show the form for an evaluation of a meeting."""
    insist(may_plan(viewer))
    held = today()
    values = {"meeting": traff, "held_on": held.isoformat()}
    meeting = meetings.meeting(session, traff) if traff else None
    if meeting is not None:
        held = to_local(meeting.ends_at).date()
        values |= {"title_sv": meeting.name_sv, "title_en": meeting.name_en}
        values["held_on"] = held.isoformat()
    values["closes_on"] = (held + timedelta(days=ANSWER_DAYS)).isoformat()
    page = EvaluationFormPage(values, _meetings(request, session))
    return render(request, "surveys/evaluation_form.html", page)


@pages.post("/planera/utvarderingar", dependencies=[ACTS_ONCE])
def make_and_send(
    request: Request, session: Transaction, viewer: SignedInViewer, form: EveryText
) -> Response:
    """Show who gets a ballot and how it reads; with `do=send` make the evaluation and queue the ballots."""
    insist(may_plan(viewer))
    try:
        held_on, meeting_id = read_day(form, "held_on"), last(form, "meeting") or None
        _insist_on_past(session, held_on, meeting_id)
        details = EvaluationDetails(
            title_sv=last(form, "title_sv"),
            title_en=last(form, "title_en"),
            held_on=held_on,
            closes_on=read_day(form, "closes_on"),
            theme_ids=proposed_themes(session, today()),
            meeting_id=meeting_id,
            is_example=request.app.state.settings.is_demo,
        )
        made = evaluations.make_evaluation(session, viewer.person_id, details)
    except FormError as error:
        undo(session)
        values = {name: last(form, name) for name in form}
        page = EvaluationFormPage(values, _meetings(request, session), error.faults)
        return render(request, "surveys/evaluation_form.html", page, status=error.status)
    rc_ids = [*registry.names(session)]
    came = request.app.state.who_came(session, meeting_id) if meeting_id else None
    chosen = mailing.ballot_recipients(session, rc_ids) if came is None else came
    if came is not None and not came:
        undo(session)
        values = {name: last(form, name) for name in form}
        nobody = FieldFault("meeting", "Ingen har sagt att de kom till träffen.")
        page = EvaluationFormPage(values, _meetings(request, session), (nobody,))
        return render(request, "surveys/evaluation_form.html", page, status=nobody.status)
    if last(form, "do") != "send":
        without = mailing.without_address(rc_ids, chosen) if came is None else []
        shown = _sending_page(session, made, chosen, without, form)
        undo(session)  # nothing is kept of what is not sent
        return render(request, "surveys/evaluation_sending.html", shown)
    said = Said(later("Utvärderingen är skapad."))
    begin_act(session, viewer.person_id, now(), said, "/utvarderingar")
    can_undo_by(session, SENT, {"id": made.id})
    mailing.send_ballots(session, viewer.person_id, made, chosen, now())
    return lead_to(request, with_receipt(session, "/utvarderingar"))


def _insist_on_past(session: Transaction, held_on: date, meeting_id: str | None) -> None:
    """Refuse to ask how something was that has not been.

    Raises:
        FormError: naming the day or the meeting.
    """
    meeting = meetings.meeting(session, meeting_id) if meeting_id else None
    if meeting is not None and meeting.ends_at > now():
        raise FormError(FieldFault("meeting", "Träffen har inte varit än."))
    if held_on > today():
        raise FormError(FieldFault("held_on", "Träffen har inte varit än."))


def _sending_page(
    session: Transaction,
    made: Evaluation,
    found: Sequence[mailing.Recipient],
    without: Sequence[str],
    form: EveryText,
) -> EvaluationSendingPage:
    names = registry.names(session)
    read = {one.language for one in found}
    return EvaluationSendingPage(
        recipients=mailing.named(found, names),
        mails=len(found),
        without_address=tuple(names[one] for one in without),
        letters=tuple(
            (each, mailing.ballot_preview(session, made, each))
            for each in LANGUAGES
            if each in read
        ),
        fields=tuple((name, last(form, name)) for name in form if name not in {"form_token", "do"}),
    )


def _dead(request: Request, opened: OpenedBallot) -> Response:
    kind, status = _DEAD[opened.state]
    page = DeadLinkPage(kind, is_evaluation=True)
    return render(request, "surveys/dead_link.html", page, status=status)


def _meetings(request: Request, session: Transaction) -> tuple[words.Choice, ...]:
    is_swedish = language_of(request) == "sv"
    return tuple(
        (one.id, one.name_sv if is_swedish else one.name_en)
        for one in (*meetings.national_meetings(session), *meetings.over_of_groups(session, now()))
    )
