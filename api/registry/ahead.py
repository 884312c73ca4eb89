"""What an RC has come to, and what one that has not begun is on its way to: facts, never guesses."""

from api.registry.models import (
    FundingStatus,
    PhaseBand,
    PlanCertainty,
    PlannedModel,
    Rc,
    Support,
)

SUPPORTS = (
    "support_professionals",
    "support_exposed_any",
    "support_exposed_minors",
    "support_exposed_adults",
)
# Long-term money that is not there yet.
NOT_YET = (FundingStatus.PLANNED, FundingStatus.LACKING)
# A plan this sure is where an RC is going.
_DECIDED = (PlanCertainty.STATED, PlanCertainty.PROBABLE)


def model_today(rc: Rc) -> str | None:
    """Return the model that an RC has, where nothing contradicts it."""
    if rc.org_model_planned_certainty == PlanCertainty.CONFLICTING:
        return None
    return str(rc.org_model_current) if rc.org_model_current else None


def model_ahead(rc: Rc) -> str | None:
    """Return the model that an RC without one is going to, where that is said or likely."""
    if rc.org_model_current is not None or rc.org_model_planned in {None, PlannedModel.UNDECIDED}:
        return None
    if rc.org_model_planned_certainty not in _DECIDED or rc.org_model_planned is None:
        return None
    return str(rc.org_model_planned)


def is_only_likely(rc: Rc) -> bool:
    """Tell whether the model that an RC is going to is likely and not decided."""
    return rc.org_model_planned_certainty == PlanCertainty.PROBABLE


def shown(rc: Rc) -> tuple[str, ...]:
    """Return what an RC in operation has that others are on their way to, as `fact=value`."""
    if rc.phase_band != PhaseBand.OPERATIONAL:
        return ()
    model = model_today(rc)
    found = [f"model={model}"] if model else []
    found += ["funding=secured"] if rc.funding_status == FundingStatus.SECURED else []
    return (*found, *(f"{fact}=yes" for fact in SUPPORTS if getattr(rc, fact) == Support.YES))


def lacked(rc: Rc) -> tuple[str, ...]:
    """Return what an RC that has not begun is on its way to, in the words of `shown`."""
    return going_to(rc) if rc.phase_band == PhaseBand.PRE_OPERATIONAL else ()


def going_to(rc: Rc) -> tuple[str, ...]:
    """Return what an RC plans or lacks, whatever its phase, in the words of `shown`."""
    model = model_ahead(rc)
    found = [f"model={model}"] if model else []
    found += ["funding=secured"] if rc.funding_status in NOT_YET else []
    return (*found, *(f"{fact}=yes" for fact in SUPPORTS if getattr(rc, fact) == Support.PLANNED))
