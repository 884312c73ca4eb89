"""Who has met whom: how many meetings of networks each two RC have had, as a picture with its table."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.i18n import Speaker, swedish_order
from api.meetings.met import pairs_met
from api.networks import queries as networks
from api.networks.service import insist_on_planner
from api.proposals.networks.web.matrix import Matrix, matrix
from api.registry import queries as registry


@dataclass(frozen=True, slots=True)
class MetPage:
    """The picture, and how many pairs have met of all there are."""

    matrix: Matrix | None
    met: int
    pairs: int


def met_page(session: Session, viewer: Viewer, say: Speaker, chosen: int = 1) -> MetPage:
    """Return the page to a planner; `chosen` is the RC to show, by number, where there are many.

    Raises:
        MissingError: when the viewer is no planner.
    """
    insist_on_planner(viewer)
    rcs = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    met = pairs_met(session)
    active = networks.active_networks(session)
    rows = networks.members(session, [network.id for network in active])
    today = {
        frozenset((first.rc_id, second.rc_id))
        for members in rows.values()
        for first in members
        for second in members
        if first.rc_id < second.rc_id
    }
    most = max(met.values(), default=1)

    def pair(row: int, column: int) -> frozenset[str]:
        return frozenset((rcs[row].id, rcs[column].id))

    def between(row: int, column: int) -> tuple[float, str]:
        count = met[pair(row, column)]
        return count / most, say.number(count)

    title = say.text("Hur många träffar varje par av RC har haft ihop i sina kretsar, genom åren")
    picture = matrix(
        title,
        [rc.name for rc in rcs],
        between,
        lambda row, column: pair(row, column) in today,
        chosen,
    )
    return MetPage(picture if rcs else None, len(met), len(rcs) * (len(rcs) - 1) // 2)
