"""What an RC is on its way to and what an RC really has to show, read off the register and the surveys, as themes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.registry.models import (
    FundingStatus,
    PhaseBand,
    PlanCertainty,
    PlannedModel,
    Rc,
    Service,
    Support,
)
from api.surveys.known import themes_of
from api.surveys.service import SoughtAndOffered

# The theme that shows a model; a plan that the sources do not agree on is none.
_MODELS: Mapping[str, str] = {
    PlannedModel.BARNAHUS: "org_barnahus",
    PlannedModel.CMV_SUBACTIVITY: "org_cmv_vnr",
    PlannedModel.DIGITAL_VNR_JOINT: "org_cmv_vnr",
    PlannedModel.PER_AGENCY_VNR: "org_cmv_vnr",
}
# What is planned, or lacking, and the theme that shows how another has done it.
_LACKS: Mapping[str, Callable[[Rc], bool]] = {
    "org_startup": lambda rc: rc.phase_band == PhaseBand.PRE_OPERATIONAL,
    "finance_longterm": lambda rc: (
        rc.funding_status in {FundingStatus.LACKING, FundingStatus.PLANNED}
    ),
    "adult_target": lambda rc: rc.support_exposed_adults == Support.PLANNED,
    "direct_support": lambda rc: rc.support_exposed_any == Support.PLANNED,
    "consult_method": lambda rc: Service.CONSULTATIONS in rc.services_planned,
    "legal_low_threshold": lambda rc: Service.LOW_THRESHOLD_SUPPORT in rc.services_planned,
}


@dataclass(frozen=True, slots=True)
class Aims:
    """Themes: `goal` is the model it is on its way to, `wants` all it could learn, `shows` what it has."""

    goal: frozenset[str]
    wants: frozenset[str]
    shows: frozenset[str]


def aims_of(rc: Rc, said: SoughtAndOffered | None) -> Aims:
    """Return an RC's aims: the register's word goes before what was offered in a survey."""
    known = themes_of(rc)
    goal = frozenset(
        {_MODELS[rc.org_model_planned]}
        if rc.org_model_planned in _MODELS
        and rc.org_model_planned is not None
        and rc.org_model_planned_certainty != PlanCertainty.CONFLICTING
        else set()
    )
    lacks = {theme for theme, is_lacking in _LACKS.items() if is_lacking(rc)}
    sought = said.sought if said is not None else frozenset()
    offered = said.offered if said is not None else frozenset()
    has = {theme for theme, is_so in known.items() if is_so}
    return Aims(
        goal - has,
        frozenset((goal | lacks | sought) - has),
        frozenset(has | {theme for theme in offered if known.get(theme, True)}),
    )
