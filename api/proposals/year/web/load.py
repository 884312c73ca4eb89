"""The load page: hours a month over everything, an RC's own to its people and everybody's to planners."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.accounts.policy import Viewer, insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import today
from api.kit.i18n import Speaker, later, swedish_order
from api.kit.pages import render, shows, speaker_of
from api.meetings.models import MeetingState
from api.proposals.year.building import YearWish
from api.proposals.year.load import Piece, by_month, ledger
from api.proposals.year.people import Attending
from api.registry import queries as registry
from api.registry.facts import unplaced
from api.travel.wording import about

pages = APIRouter()

PAGE = "/belastning"
PAGE_SIZE, MOST_PAGES = 150, 1_000
KINDS = {
    "operative_coordinator": later("samordnare"),
    "curator": later("kurator"),
    "ls_project_leader": later("projektledare"),
    "manager": later("chef"),
}

AS_TO = later("räknat som till %(town)s, för orten är inte bestämd")
AS_TO_UNKNOWN = later("räknat som till %(town)s, för Samkrets vet inte var %(place)s ligger")
AS_FROM = later("räknat som den längsta kända resan, för orten hemma är inte inskriven")


@dataclass(frozen=True, slots=True)
class MonthCell:
    """Hours in a month, and whether they are more than the cap."""

    hours: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A post and its hours month by month; `id` names it to whoever may see what they come from."""

    id: str
    name: str
    months: tuple[MonthCell, ...]
    total: str


@dataclass(frozen=True, slots=True)
class PieceRow:
    """One thing that takes time."""

    day: str
    name: str
    path: str
    hours: str
    journey: str


@dataclass(frozen=True, slots=True)
class LoadPage:
    """A year's hours."""

    year: int
    years: tuple[int, ...]
    cap: int
    months: tuple[str, ...]
    rows: tuple[PersonRow, ...]
    pieces: tuple[tuple[str, tuple[PieceRow, ...]], ...]  # a post, and all of its own
    is_for_all: bool
    page_number: int
    last: int
    unplaced: tuple[tuple[str, str], ...] = ()  # RC whose town is not known: id and name


@pages.get(PAGE)
@shows(LoadPage)
def show(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    year: Annotated[int, Query(alias="ar", ge=2000, le=2100)] = 0,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
    post: str = "",
) -> Response:
    """Show the hours of a year, this one unless another is asked for; to a planner what makes up a post's."""
    is_for_all = may_plan(viewer)
    insist(is_for_all or bool(viewer.home_rc_ids))
    say, chosen = speaker_of(request), year or today().year
    rcs = registry.rcs(session)
    names = {rc.id: rc.name for rc in rcs}
    seen = {
        one: _seen(pieces, is_for_all=is_for_all)
        for one, pieces in ledger(session, chosen).items()
        if one.rc_id in names and (is_for_all or one.rc_id in viewer.home_rc_ids)
    }
    ordered = sorted(
        seen, key=lambda one: (swedish_order(names[one.rc_id]), one.kind or "", one.id)
    )
    cap = YearWish(chosen).max_hours
    last = max(1, -(-len(ordered) // PAGE_SIZE))
    number = min(page, last)
    shown = LoadPage(
        year=chosen,
        years=(today().year, today().year + 1),
        cap=cap,
        months=tuple(say.month(number) for number in range(1, 13)),
        rows=tuple(
            _row(one, seen[one], names, cap, say)
            for one in ordered[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        ),
        pieces=tuple(
            (_name(one, names, say), tuple(_piece(piece, say) for piece in seen[one]))
            for one in ordered
            if (one.id == post if is_for_all else _is_own(one, viewer))
        ),
        is_for_all=is_for_all,
        page_number=number,
        last=last,
        unplaced=unplaced(rc for rc in rcs if is_for_all or rc.id in viewer.home_rc_ids),
    )
    return render(request, "proposals/load.html", shown)


def _is_own(one: Attending, viewer: Viewer) -> bool:
    return one.id in viewer.function_ids or one.kind is None


def _seen(pieces: Iterable[Piece], *, is_for_all: bool) -> tuple[Piece, ...]:
    """Leave out drafts for everybody but planners."""
    return tuple(
        piece
        for piece in pieces
        if is_for_all or piece.meeting is None or piece.meeting.state != MeetingState.DRAFT
    )


def _row(
    one: Attending, pieces: tuple[Piece, ...], names: dict[str, str], cap: int, say: Speaker
) -> PersonRow:
    hours = by_month(pieces)
    return PersonRow(
        one.id,
        _name(one, names, say),
        tuple(
            MonthCell(
                say.number(hours[number], 1) if hours.get(number) else "",
                hours.get(number, 0.0) > cap,
            )
            for number in range(1, 13)
        ),
        say.number(sum(hours.values()), 1),
    )


def _name(one: Attending, names: dict[str, str], say: Speaker) -> str:
    if one.kind is None:
        return names[one.rc_id]
    kind = KINDS.get(one.kind.value)
    return f"{names[one.rc_id]}, {say.text(kind)}" if kind else names[one.rc_id]


def _piece(piece: Piece, say: Speaker) -> PieceRow:
    meeting = piece.meeting
    return PieceRow(
        say.date(piece.day),
        say.either(piece.name_sv, piece.name_en),
        f"/traffar/{meeting.id}" if meeting is not None else "",
        say.number(piece.hours, 1),
        _journey(piece, say),
    )


def _journey(piece: Piece, say: Speaker) -> str:
    """Return a journey's hours, with what is taken for granted where something is not known."""
    journey, town = piece.journey, piece.meeting.town if piece.meeting is not None else ""
    if not journey.hours:
        return ""
    granted = []
    if journey.as_to:
        text = AS_TO_UNKNOWN if town else AS_TO
        granted.append(say.text(text, town=journey.as_to, place=town))
    if not journey.is_home_known:
        granted.append(say.text(AS_FROM))
    hours = about(journey.hours, say)
    return f"{hours} ({'; '.join(granted)})" if granted else hours
