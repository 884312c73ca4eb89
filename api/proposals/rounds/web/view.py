"""What a planner sees of rounds at tables: each round's tables and why, the proof, and whom each RC meets or not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlmodel import Session

from api.accounts.models import FunctionKind
from api.jobs.trail import TrailPicture, picture
from api.kit.exports import Table
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings.models import MeetingState
from api.networks.models import Layer
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks.reasons import Reasons, reasons
from api.proposals.networks.service import todays_networks
from api.proposals.rounds.answer import RoundsAnswer
from api.proposals.rounds.booking import coming_from, made_by
from api.proposals.rounds.building import MIXED, RoundsChoice
from api.proposals.rounds.service import ROUNDS, Pair, choice_of, title_of, who_meets
from api.proposals.rounds.web.form import BookForm
from api.proposals.spine import CAN_BE_REVIEWED, conflict_of
from api.proposals.words import state_in_words
from api.registry import queries as registry
from matcher.requirement import Requirement

# Rule -> a wish that cannot hold together with the others.
ASKED: Mapping[str, str] = {
    "each_pair_once": later("Ingen ska sitta med samma RC i mer än en omgång."),
    "sizes": later("%(members)s RC ska sitta vid bord om %(sizes)s RC i varje omgång."),
}
LOOKS = {ProposalState.PUBLISHED: "published", ProposalState.WITHDRAWN: "ended"}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One table of a round: who sits there, why, and who of them share a circle today."""

    number: int
    names: tuple[str, ...]
    why: str
    known: str
    meeting_id: str = ""  # where it is booked


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round: when it is, where it is booked, and its tables."""

    number: int
    when: str
    tables: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class RcRow:
    """Where an RC sits in each round, whom many it meets, and whom it never sits with."""

    name: str
    tables: tuple[int, ...]
    meets: int
    never: str


@dataclass(frozen=True, slots=True)
class RoundsPage:
    """A proposal of rounds at tables."""

    id: str
    title: str
    state: str
    look: str
    version: int
    job_id: str | None
    is_solving: bool
    is_open: bool
    is_booked: bool
    asked: tuple[str, ...]
    conflict: tuple[str, ...]
    proof: str
    met: str
    trail: TrailPicture | None
    rounds: tuple[RoundRow, ...]
    rcs: tuple[RcRow, ...]
    left: int  # meetings that stand
    without: tuple[str, ...]  # RC from which nobody is invited
    form: BookForm | None = None


def rounds_page(
    session: Session, proposal: Proposal, say: Speaker, form: BookForm | None = None
) -> RoundsPage:
    """Return the page; while it is worked out there are no rounds on it."""
    answer, choice = ROUNDS.found(proposal), choice_of(proposal)
    names = {key: registry.names(session).get(key, key) for key in choice.rc_ids}
    made = dict(made_by(session, proposal))
    ids = {key: one.id for key, one in made.items()}
    standing = {key: one for key, one in made.items() if one.state != MeetingState.CANCELLED}
    teller = _Teller(session, choice, names, say)
    rounds = tuple(
        RoundRow(
            number,
            next(
                (say.span(m.starts_at, m.ends_at) for (n, _), m in made.items() if n == number), ""
            ),
            tuple(
                teller.table(place, table, ids.get((number, place), ""))
                for place, table in enumerate(tables, 1)
            ),
        )
        for number, tables in enumerate(answer.rounds if answer else (), 1)
    )
    is_booked = proposal.state == ProposalState.PUBLISHED
    return RoundsPage(
        id=proposal.id,
        title=title_of(proposal, say),
        state=say.text("inlagt i kalendrarna") if is_booked else state_in_words(proposal, say),
        look=LOOKS.get(proposal.state, "draft"),
        version=proposal.version,
        job_id=proposal.job_id,
        is_solving=proposal.state == ProposalState.SOLVING,
        is_open=proposal.state in CAN_BE_REVIEWED,
        is_booked=is_booked,
        asked=_asked(choice, say),
        conflict=tuple(dict.fromkeys(_wish(say, one, choice) for one in conflict_of(proposal))),
        proof=_proof(answer, say) if answer else "",
        met=_met(answer, choice, say, teller.together) if answer else "",
        trail=picture(answer.trail if answer else (), say),
        rounds=rounds,
        rcs=_rcs(answer, choice, names, say) if answer else (),
        left=len(standing),
        without=tuple(names[one] for one in _ordered(answer.without, names)) if answer else (),
        form=form,
    )


def held_posts(session: Session, choice: RoundsChoice) -> dict[FunctionKind, int]:
    """Return at how many of the RC somebody holds a post of each kind."""
    found = {}
    for kind in FunctionKind:
        coming = coming_from(session, {kind})
        found[kind] = sum(rc_id in coming for rc_id in choice.rc_ids)
    return found


def seats_table(page: RoundsPage, say: Speaker) -> Table:
    """Return who sits where as a table to download: a row for each RC of each table."""
    return Table(
        page.title,
        (say.text("Omgång"), say.text("Bord"), say.text("RC"), say.text("När")),
        tuple(
            (one.number, table.number, name, one.when)
            for one in page.rounds
            for table in one.tables
            for name in table.names
        ),
    )


class _Teller:
    """Tells of a table why its RC sit together, from the register and today's circles."""

    def __init__(
        self, session: Session, choice: RoundsChoice, names: Mapping[str, str], say: Speaker
    ) -> None:
        self.say, self.names = say, names
        self.known: Reasons = reasons(session)
        # What is different is why they meet where they are mixed: who has come where others are going.
        self.layer = Layer.EXPERIENCE if choice.mix == MIXED else Layer.LIKENESS
        self.together = {
            frozenset(pair)
            for kind in todays_networks(session).values()
            for group in kind
            for pair in combinations(group, 2)
        }

    def table(self, number: int, rc_ids: tuple[str, ...], meeting_id: str) -> TableRow:
        """Return a table in words."""
        say = self.say
        pairs = combinations(_ordered(rc_ids, self.names), 2)
        met = [pair for pair in pairs if frozenset(pair) in self.together]
        said = say.listing(
            say.text("%(one)s med %(other)s", one=self.names[one], other=self.names[other])
            for one, other in met
        )
        return TableRow(
            number,
            tuple(self.names[one] for one in _ordered(rc_ids, self.names)),
            self.known.told(say, self.layer, rc_ids)
            or say.text("Registret säger för lite om dem."),
            say.text("Redan i samma krets: %(pairs)s.", pairs=said)
            if met
            else say.text("Ingen av dem är i samma krets i dag."),
            meeting_id,
        )


def _ordered(rc_ids: tuple[str, ...], names: Mapping[str, str]) -> list[str]:
    return sorted(rc_ids, key=lambda one: swedish_order(names[one]))


def _asked(choice: RoundsChoice, say: Speaker) -> tuple[str, ...]:
    """Return what was asked for, as sentences."""
    together = say.text("De som redan är i samma krets ska helst sitta vid olika bord.")
    return (
        say.text(
            "%(rcs)s RC, %(rounds)s omgångar, bord om %(sizes)s.",
            rcs=len(choice.rc_ids),
            rounds=choice.rounds,
            sizes=_sizes(choice),
        ),
        say.text("Ingen sitter med samma RC i mer än en omgång."),
        *((together,) if choice.is_new_company else ()),
    )


def _sizes(choice: RoundsChoice) -> str:
    low, high = choice.sizes
    return f"{low}" if low == high else f"{low}–{high}"


def _wish(say: Speaker, wish: Requirement, choice: RoundsChoice) -> str:
    if wish.rule not in ASKED:
        return wish.note or say.text(
            ASKED["sizes"], members=len(choice.rc_ids), sizes=_sizes(choice)
        )
    return say.text(ASKED[wish.rule], members=len(choice.rc_ids), sizes=_sizes(choice))


def _proof(answer: RoundsAnswer, say: Speaker) -> str:
    if answer.status == "optimal":
        return say.text("Bästa möjliga: med dina val passar inga andra bord bättre.")
    if not 0.0 <= answer.gap < 1.0:
        return say.text("Hur nära det bästa möjliga borden är hann inte räknas ut.")
    percent = say.number(100 * answer.gap, 1)
    return say.text("Inga andra bord kan vara mer än %(percent)s procent bättre.", percent=percent)


def _met(
    answer: RoundsAnswer, choice: RoundsChoice, say: Speaker, together: Collection[Pair]
) -> str:
    """Return how many pairs meet, how often, and how many of them share a circle today."""
    met = who_meets(answer.rounds, choice.rc_ids)
    known = len(met.once.intersection(together))
    once = say.text(
        "%(once)s par av %(all)s sitter vid samma bord en gång, %(never)s aldrig. %(again)s",
        once=len(met.once - met.again),
        all=len(met.once) + len(met.never),
        never=len(met.never),
        again=say.plural("%(num)s par två gånger.", "%(num)s par två gånger.", len(met.again))
        if met.again
        else say.text("Inget par mer än en gång."),
    )
    already = (
        say.plural(
            "%(num)s av paren är redan i samma krets.",
            "%(num)s av paren är redan i samma krets.",
            known,
        )
        if known
        else say.text("Inget av paren är redan i samma krets.")
    )
    return f"{once} {already}"


def _rcs(
    answer: RoundsAnswer, choice: RoundsChoice, names: Mapping[str, str], say: Speaker
) -> tuple[RcRow, ...]:
    met = who_meets(answer.rounds, choice.rc_ids)
    rows = []
    for rc_id in _ordered(choice.rc_ids, names):
        tables = tuple(
            next((place for place, table in enumerate(one, 1) if rc_id in table), 0)
            for one in answer.rounds
        )
        never = sorted(_others(met.never, rc_id, names), key=swedish_order)
        meets = len(_others(met.once, rc_id, names))
        rows.append(RcRow(names[rc_id], tables, meets, say.listing(never)))
    return tuple(rows)


def _others(pairs: frozenset[Pair], rc_id: str, names: Mapping[str, str]) -> list[str]:
    return [names[other] for pair in pairs if rc_id in pair for other in pair - {rc_id}]
