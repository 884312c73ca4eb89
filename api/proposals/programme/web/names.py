"""What every id of a programme is called: sessions, slots, rooms, tracks, roles and functions."""

from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.kit.i18n import Speaker
from api.programme.content import ProgrammePlan, SlotPlan
from api.proposals.models import Proposal
from api.proposals.programme.publishing import plan_with
from api.proposals.programme.store import frame_of, settings_of
from matcher.programme.problem import Timetable


class Names(dict[str, str]):
    """Id -> name, in the reader's language; made for one page."""

    say: Speaker
    titles: dict[str, str]

    @property
    def in_sentences(self) -> dict[str, str]:
        """The same names with sessions' titles in quotation marks, as a sentence holds them."""
        return self | self.titles

    @classmethod
    def of(cls, session: Session, proposal: Proposal, plan: ProgrammePlan, say: Speaker) -> "Names":
        """Gather the names of everything that a plan and its people hold."""
        made = cls.of_plan(plan, say)
        content = settings_of(proposal).content
        for slot in content.slots if content else ():
            made.add_time(slot)
        bodies = {body.id: body.name for body in accounts.bodies(session)}
        for function_id, body_id, title in accounts.titles(session):
            made[function_id] = f"{bodies[body_id]}, {title}"
        for guest in frame_of(proposal).guests:
            made[guest.role] = say.either(guest.agency_sv, guest.agency_en)
        return made

    @classmethod
    def of_plan(cls, plan: ProgrammePlan, say: Speaker) -> "Names":
        """Gather the names of a plan's sessions, slots, rooms and tracks."""
        made = cls({one.key: say.either(one.title_sv, one.title_en) for one in plan.sessions})
        made.say = say
        quoted = say.either("”{}”", "“{}”")
        made.titles = {key: quoted.format(title) for key, title in made.items()}
        made.update((room.key, room.name) for room in plan.rooms)
        made.update((one.key, say.either(one.name_sv, one.name_en)) for one in plan.tracks)
        for slot in plan.slots:
            made.add_time(slot)
        return made

    def add_time(self, slot: SlotPlan) -> None:
        """Name one more time."""
        self[slot.key] = self.time(slot.starts_at)

    def time(self, begins: datetime) -> str:
        """Name a moment of the programme."""
        clock = self.say.clock(begins)
        return self.say.text(
            "%(weekday)s kl. %(clock)s", weekday=self.say.weekday(begins), clock=clock
        )

    def listing(self, ids: tuple[str, ...]) -> str:
        """Name some ids one after the other."""
        return self.say.listing([self.get(one, one) for one in ids])

    def place(self, slot: str | None, room: str | None) -> str:
        """Name a slot and a room."""
        return f"{self[slot]}, {self[room]}" if slot and room else ""

    @classmethod
    def without_timetable(cls, session: Session, proposal: Proposal, say: Speaker) -> "Names":
        """Gather the names of a proposal that the engine found no timetable for."""
        return cls.of(session, proposal, plan_with(session, proposal, Timetable(()), {}), say)
