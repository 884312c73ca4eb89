"""What became of an RC's wishes before a meeting: each with its session, or why not and what happens next."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.kit.errors import MissingError
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.programme.content import ProgrammePlan
from api.proposals import queries as proposals
from api.proposals.programme.fates import WishFate, fates
from api.proposals.programme.publishing import plan_of, survey_of
from api.proposals.programme.store import frame_of, wishes_from
from api.registry import queries as registry
from api.surveys.wishes import Wishes

NOT_THERE = later("Passet hålls, men ingen från ert RC är med då.")
NEXT = later("Ämnet är förvalt för er i nästa enkät.")


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wish: the theme, whether it was the one not to be missed, and what became of it in words."""

    theme: str
    is_must: bool
    is_met: bool
    what: str
    then: str


@dataclass(frozen=True, slots=True)
class RcWishes:
    """An RC's wishes."""

    rc_id: str
    name: str
    met: int
    lines: tuple[WishLine, ...]


@dataclass(frozen=True, slots=True)
class OwnWishesPage:
    """The wishes of the reader's own RC, or of all for a planner."""

    meeting_id: str
    meeting: str
    rcs: tuple[RcWishes, ...]


def own_wishes_page(
    session: Session, viewer: Viewer, meeting_id: str, say: Speaker
) -> OwnWishesPage:
    """Return what became of the wishes.

    Raises:
        MissingError: when there is no such meeting with a programme built on wishes for this viewer.
    """
    meeting = meetings.meeting(session, meeting_id)
    proposal = proposals.newest_published(session, meeting_id)
    if meeting is None or meeting.state is MeetingState.DRAFT or proposal is None:
        raise MissingError
    insist(may_plan(viewer) or bool(viewer.home_rc_ids))
    if not survey_of(proposal):
        raise MissingError
    wishes = wishes_from(session, survey_of(proposal))
    plan = plan_of(session, proposal)
    found = fates(wishes, plan, frame_of(proposal))
    seen = {one.rc_id for one in found}
    if not may_plan(viewer):
        seen &= set(viewer.home_rc_ids)
    if not seen:
        raise MissingError
    names = registry.names(session)
    themes = _themes(wishes, say)
    rcs = [
        RcWishes(
            rc,
            names.get(rc, rc),
            sum(one.fate == "there" for one in found if one.rc_id == rc),
            tuple(_line(one, plan, themes, say) for one in found if one.rc_id == rc),
        )
        for rc in seen
    ]
    name = say.either(meeting.name_sv, meeting.name_en)
    return OwnWishesPage(
        meeting.id, name, tuple(sorted(rcs, key=lambda one: swedish_order(one.name)))
    )


def _themes(wishes: Wishes, say: Speaker) -> dict[str, str]:
    return {one.theme.id: say.either(one.theme.name_sv, one.theme.name_en) for one in wishes.topics}


def _line(one: WishFate, plan: ProgrammePlan, themes: dict[str, str], say: Speaker) -> WishLine:
    slot = next((s for s in plan.slots if one.session and s.key == one.session.slot), None)
    room = next((r for r in plan.rooms if one.session and r.key == one.session.room), None)
    what = ""
    if one.session is not None and slot is not None:
        title = say.either(one.session.title_sv, one.session.title_en)
        what = f"{title}, {say.moment(slot.starts_at)}" + (f", {room.name}" if room else "")
    if one.fate == "held":
        what = f"{what}. {say.text(NOT_THERE)}"
    if one.fate == "not_run":
        reason = say.either(one.session.reason_sv, one.session.reason_en) if one.session else ""
        what = reason or say.text("Ämnet hålls inte den här gången.")
    return WishLine(
        theme=themes.get(one.theme_id, one.theme_id),
        is_must=one.is_must,
        is_met=one.fate == "there",
        what=what,
        then="" if one.fate == "there" else say.text(NEXT),
    )
