"""What a planner is told of guests: whose turn it is, and whether RC have asked for their subject."""

from collections.abc import Sequence

from sqlmodel import Session

from api.kit.clock import to_local
from api.kit.errors import MissingError
from api.kit.i18n import Speaker
from api.programme.arrival.turns import Turn, turn
from api.proposals.programme.drafting import GUEST_THEMES, GuestChoice, agency_key
from api.surveys import service as surveys
from api.surveys.wishes import Wishes

FEWEST_ASKING = 3  # RC: below this a guest may come to a room that has not asked


def turn_of(session: Session, meeting_id: str, guests: Sequence[GuestChoice]) -> Turn:
    """Return whose turn it is among the guests."""
    return turn(session, meeting_id, [agency_key(one) for one in guests])


def asking(wishes: Wishes, guest: GuestChoice) -> int:
    """Return how many RC have asked for what a guest speaks about."""
    theme = GUEST_THEMES.get(guest.role, "")
    return len({one.rc_id for one in wishes.people if one.weights.get(theme)})


def guest_lines(
    session: Session, guests: Sequence[GuestChoice], heard: Turn, survey_id: str, say: Speaker
) -> tuple[tuple[str, str], ...]:
    """Return each guest with when it last spoke and how many have asked for its subject."""
    try:
        wishes = surveys.wishes_for_programme(session, survey_id)
    except MissingError:
        wishes = None
    lines = []
    for one in guests:
        parts = [say.either(one.agency_sv, one.agency_en)]
        when = heard.heard.get(agency_key(one))
        if when is not None:
            parts.append(say.text("talade senast %(day)s", day=say.date(to_local(when).date())))
        if wishes is not None:
            number = asking(wishes, one)
            parts.append(
                say.plural("%(num)s RC har bett om ämnet", "%(num)s RC har bett om ämnet", number)
            )
        lines.append((one.function_id, ", ".join(parts)))
    return tuple(lines)


def few_asking(wishes: Wishes, guests: Sequence[GuestChoice], say: Speaker) -> tuple[str, ...]:
    """Return a sentence for each guest whose subject fewer than three RC have asked for."""
    found = []
    for one in guests:
        number = asking(wishes, one)
        if number < FEWEST_ASKING and one.role in GUEST_THEMES:
            found.append(
                say.text(
                    "%(agency)s: bara %(number)s RC har bett om ämnet. Passet hålls ändå. Vill ni inte ha det, gör ett program utan gästen.",
                    agency=say.either(one.agency_sv, one.agency_en),
                    number=number,
                )
            )
    return tuple(found)
