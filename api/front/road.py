"""The road to the start: the steps that others took, how far an RC has come, and whom in its circles to ask what."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.policy import Viewer, may_act_for_rc, may_see_contacts
from api.front.network import Contact, contacts_of, name_of
from api.kit.i18n import Speaker, later, swedish_order
from api.networks import queries as networks
from api.networks.models import Network
from api.registry import queries as registry
from api.registry.ahead import is_only_likely, model_ahead, model_today
from api.registry.citing import source_text
from api.registry.models import (
    FundingStatus,
    PhaseBand,
    PlannedModel,
    Rc,
    Service,
    Showable,
    Status,
)
from api.registry.service import rc_for
from api.registry.vocabulary import MODELS

# What maps needs: the register's words for it.
_MAPPING = {Service.NEEDS_MAPPING, Service.TARGET_GROUP_ANALYSIS}


@dataclass(frozen=True, slots=True)
class Fact:
    """What the register says of an RC at a step; `column` is the fact that it rests on."""

    text: str
    column: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """An RC of one's circles that has taken a step: what it has, where that is known from, whom to ask."""

    rc_id: str
    name: str
    circles: str
    text: str
    source: str
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the road: how far the RC has come, and who in its circles has taken it."""

    name: str
    question: str
    own: str
    is_done: bool
    guides: tuple[Guide, ...]


@dataclass(frozen=True, slots=True)
class RoadPage:
    """The road of one RC."""

    rc_id: str
    name: str
    is_running: bool
    steps: tuple[Step, ...]
    has_circles: bool
    may_correct: bool


def _inventory(say: Speaker, rc: Rc) -> Fact | None:
    if Showable.NEEDS_INVENTORY in rc.can_show:
        return Fact(say.text("kan visa sin behovsinventering"), "can_show", is_done=True)
    if _MAPPING & {*rc.services}:
        return Fact(say.text("kartlägger behov i dag"), "services", is_done=True)
    if rc.establishment_status == Status.NEEDS_INVENTORY:
        return Fact(say.text("inventerar behov nu"), "establishment_status", is_done=False)
    if _MAPPING & {*rc.services_planned}:
        return Fact(say.text("planerar att kartlägga behov"), "services_planned", is_done=False)
    return None


def _anchoring(say: Speaker, rc: Rc) -> Fact | None:
    if rc.governance_bodies:
        return Fact(say.text("har grupper som styr arbetet"), "governance_bodies", is_done=True)
    if rc.collaboration:
        return Fact(say.text("har etablerad samverkan"), "collaboration", is_done=True)
    return None


def _structure(say: Speaker, rc: Rc) -> Fact | None:
    if model := model_today(rc):
        text = say.text(
            "har en organisation: %(model)s", model=_small(say.text(MODELS.get(model, model)))
        )
        return Fact(text, "org_model_current", is_done=True)
    if model := model_ahead(rc):
        source = "är på väg till: %(model)s"
        if is_only_likely(rc):
            source = "är troligen på väg till: %(model)s"
        text = say.text(source, model=_small(say.text(MODELS.get(model, model))))
        return Fact(text, "org_model_planned", is_done=False)
    if rc.org_model_current:  # and something contradicts it
        text = say.text("uppgifterna om organisationen säger emot varandra")
        return Fact(text, "org_model_current", is_done=False)
    if rc.org_model_planned == PlannedModel.UNDECIDED:
        text = say.text("har inte bestämt sin organisation")
        return Fact(text, "org_model_planned", is_done=False)
    return None


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _finance(say: Speaker, rc: Rc) -> Fact | None:
    if rc.funding_status == FundingStatus.SECURED:
        return Fact(say.text("finansieringen är klar långsiktigt"), "funding_status", is_done=True)
    if rc.funding_status == FundingStatus.PLANNED:
        return Fact(say.text("planerar långsiktig finansiering"), "funding_status", is_done=False)
    if rc.funding_status == FundingStatus.LACKING:
        return Fact(say.text("saknar långsiktig finansiering"), "funding_status", is_done=False)
    return None


def _start(say: Speaker, rc: Rc) -> Fact | None:
    if rc.phase_band == PhaseBand.OPERATIONAL:
        return Fact(say.text("arbetet är i gång"), "establishment_status", is_done=True)
    if rc.establishment_status == Status.START_UP:
        return Fact(say.text("startar upp nu"), "establishment_status", is_done=False)
    if rc.phase_band == PhaseBand.PRE_OPERATIONAL:
        return Fact(say.text("har inte börjat än"), "establishment_status", is_done=False)
    return None


STEPS: tuple[tuple[str, str, Callable[[Speaker, Rc], Fact | None]], ...] = (
    (
        later("Behovsinventering"),
        later("Hur fick ni veta vad som behövs, och vilka frågade ni?"),
        _inventory,
    ),
    (
        later("Förankring"),
        later("Vilka sitter med, och hur fick ni med dem som bestämmer?"),
        _anchoring,
    ),
    (
        later("Struktur"),
        later("Varför valde ni den organisationen, och vad skulle ni göra annorlunda?"),
        _structure,
    ),
    (
        later("Finansiering"),
        later("Hur delar ni på kostnaden, och hur fick ni den långsiktig?"),
        _finance,
    ),
    (
        later("Start"),
        later("Vad kom först när ni öppnade, och vad fick vänta?"),
        _start,
    ),
)


def road_page(session: Session, viewer: Viewer, rc_id: str, say: Speaker) -> RoadPage:
    """Return an RC's road to the start.

    Raises:
        MissingError: when there is no such RC, or the viewer may not read the register.
    """
    rc = rc_for(session, viewer, rc_id)
    known = {one.id: one for one in registry.rcs(session)}
    mates = _mates(session, rc_id)
    order = sorted(
        (one for one in mates if one in known), key=lambda one: swedish_order(known[one].name)
    )
    shows = may_see_contacts(viewer, {rc_id})
    contacts = {one: contacts_of(session, one) if shows else () for one in order}
    steps = []
    for name, question, of in STEPS:
        own = of(say, rc)
        guides = []
        for one in order:
            fact = of(say, known[one])
            if fact is None or not fact.is_done:
                continue
            source = known[one].sources.get(fact.column, "")
            guides.append(
                Guide(
                    one,
                    known[one].name,
                    say.listing([name_of(network, say) for network in mates[one]]),
                    fact.text,
                    source_text(say, source) if source else "",
                    contacts[one],
                )
            )
        steps.append(
            Step(
                say.text(name),
                say.text(question),
                own.text if own else "",
                own is not None and own.is_done,
                tuple(guides),
            )
        )
    return RoadPage(
        rc_id,
        rc.name,
        rc.phase_band == PhaseBand.OPERATIONAL,
        tuple(steps),
        bool(mates),
        may_act_for_rc(viewer, rc_id),
    )


def _mates(session: Session, rc_id: str) -> dict[str, list[Network]]:
    """Return whom an RC shares circles with, and which."""
    active = networks.active_networks(session)
    rows = networks.members(session, [network.id for network in active])
    found: dict[str, list[Network]] = {}
    for network in active:
        ids = [member.rc_id for member in rows[network.id]]
        if rc_id in ids:
            for one in ids:
                if one != rc_id:
                    found.setdefault(one, []).append(network)
    return found
