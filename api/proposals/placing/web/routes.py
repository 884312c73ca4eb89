"""The page where a planner finds the date and the place of a national meeting, and books it."""

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.calendar.days import SchoolBreak, read_school_breaks
from api.calendar.school_weeks import UsualBreak, usual_breaks
from api.kit.clock import now
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, lead_to, render, shows, speaker_of
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.outbox.acts import begin_act, with_receipt
from api.proposals.placing import service as placing
from api.proposals.placing.asked import asked_in
from api.proposals.placing.service import Booking, Wish
from api.proposals.placing.web.form import MEETING, SURVEY, Typed, begins, read_wish, started
from api.proposals.placing.web.view import PlacingPage, page_of, rule_line
from matcher.dates.meeting.rank import Ranking
from matcher.errors import InfeasibleError

pages = APIRouter()

PAGE = "/planera/datum"
BOOKED = Said(later("Träffen är bokad och kommer till kalendrarna."))


TEXTS = ("name_sv", "name_en", "focus_sv", "focus_en")


@pages.get(PAGE)
@shows(PlacingPage)
def show(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the form; with days in it, rank them."""
    insist(may_plan(viewer))
    typed = _typed(request)
    if begins(typed):
        typed = started(session, now(), _meeting(session, typed), typed.one(SURVEY))
    return _answer(request, session, typed)


@pages.post(PAGE, dependencies=[ACTS_ONCE])
def book(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    sent: Fields,
    version: Seen = 0,
) -> Response:
    """Book the chosen day and place: the ranking is made again, so that nothing closed is booked."""
    insist(may_plan(viewer))
    typed = _typed(request)
    wish, faults = _wish(session, typed)
    if faults:
        return _answer(request, session, typed)
    breaks = read_school_breaks(request.app.state.settings.data)
    try:
        ranking, _ = _ranked(session, wish, breaks)
        booking = Booking(sent.get("choice", ""), sent, _meeting(session, typed), version)
        begin_act(session, viewer.person_id, now(), BOOKED, PAGE)
        meeting = placing.book(session, ranking, wish, booking, viewer.person_id, now())
    except InfeasibleError:
        return _answer(request, session, typed)
    except FieldFault as fault:
        kept = {name: [sent.get(name, "")] for name in (*TEXTS, "choice")}
        return _answer(request, session, Typed({**typed.fields, **kept}), (fault,))
    return lead_to(request, with_receipt(session, f"/traffar/{meeting.id}"))


def _meeting(session: Transaction, typed: Typed) -> Meeting | None:
    """Return the meeting whose day is to be decided, where the page was asked for one.

    Raises:
        MissingError: when there is no such national meeting.
        ConflictError: when it is decided, or called off.
    """
    meeting_id = typed.one(MEETING)
    found = meetings.meeting(session, meeting_id) if meeting_id else None
    if meeting_id and (found is None or found.kind is not MeetingKind.NATIONAL):
        raise MissingError
    if found is not None and found.state in {MeetingState.PUBLISHED, MeetingState.CANCELLED}:
        raise ConflictError("Träffen är redan bestämd eller inställd. Se träffens sida.")
    return found


def _typed(request: Request) -> Typed:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return Typed(found)


def _answer(
    request: Request, session: Transaction, typed: Typed, more: tuple[FieldFault, ...] = ()
) -> Response:
    say, at = speaker_of(request), now()
    query = urlencode([(k, v) for k, values in typed.fields.items() for v in values])
    if not typed.is_sent:
        page = page_of(session, typed, query, say, at, decides=_meeting(session, typed))
        return render(request, "proposals/placing.html", page)
    wish, faults = _wish(session, typed)
    breaks = read_school_breaks(request.app.state.settings.data)
    ranking: Ranking | None = None
    conflict: tuple[str, ...] = ()
    rule = ""
    if not faults:
        try:
            ranking, is_held = _ranked(session, wish, breaks)
            free = replace(wish, spares_longest=False)
            other = placing.ranking_of(session, free, breaks, at) if is_held else None
            rule = rule_line(ranking, other, say, held=is_held) if wish.spares_longest else ""
        except InfeasibleError as error:
            conflict = tuple(one.rule for one in error.requirements)
    page = page_of(
        session,
        typed,
        query,
        say,
        at,
        wish=wish,
        ranking=ranking,
        faults=(*faults, *more),
        conflict=conflict,
        usual=_usual(wish, breaks),
        rule=rule,
        decides=_meeting(session, typed),
    )
    is_bad = bool(faults or more)
    return render(request, "proposals/placing.html", page, status=422 if is_bad else 200)


def _wish(session: Transaction, typed: Typed) -> tuple[Wish, tuple[FieldFault, ...]]:
    """Return what was typed, with the answers of the survey that it names."""
    wish, faults = read_wish(typed, placing.towns(session))
    survey = typed.one(SURVEY)
    asked = asked_in(session, survey, now()) if survey else None
    return replace(wish, asked=asked), faults


def _ranked(
    session: Transaction, wish: Wish, breaks: tuple[SchoolBreak, ...]
) -> tuple[Ranking, bool]:
    """Rank a wish; where only the rule about who travels longest stands in the way, without it.

    Raises:
        InfeasibleError: when every candidate breaks another rule.
    """
    try:
        return placing.ranking_of(session, wish, breaks, now()), True
    except InfeasibleError as error:
        if all(one.rule != "not_again" for one in error.requirements):
            raise
    free = replace(wish, spares_longest=False)
    return placing.ranking_of(session, free, breaks, now()), False


def _usual(wish: Wish, breaks: tuple[SchoolBreak, ...]) -> tuple[UsualBreak, ...]:
    years = sorted({day.year for day in wish.days})
    return tuple(one for year in years for one in usual_breaks(year, breaks))
