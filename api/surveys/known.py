"""What the register tells about themes: which of them an RC has behind it, and which it has not come to."""

from collections.abc import Callable, Mapping

from api.registry.models import CurrentModel, FundingStatus, PhaseBand, Rc, Service, Support

_VNR = (
    CurrentModel.CMV_SUBACTIVITY,
    CurrentModel.DIGITAL_VNR_JOINT,
    CurrentModel.PER_AGENCY_VNR,
)


def _is_running(rc: Rc) -> bool:
    return rc.phase_band == PhaseBand.OPERATIONAL


def _does(service: Service) -> Callable[[Rc], bool]:
    return lambda rc: service in rc.services


_HAS: Mapping[str, Callable[[Rc], bool]] = {
    "org_startup": _is_running,
    "org_barnahus": lambda rc: rc.org_model_current == CurrentModel.BARNAHUS,
    "org_cmv_vnr": lambda rc: rc.org_model_current in _VNR,
    "org_models_cases": _is_running,
    "org_mobile": lambda rc: bool(rc.mobile or rc.digital_only),
    "needs_inventory": lambda rc: _is_running(rc) or Service.NEEDS_MAPPING in rc.services,
    "anchoring": _is_running,
    "agreements": _is_running,
    "finance_longterm": lambda rc: rc.funding_status == FundingStatus.SECURED,
    "legal_consent": lambda rc: "legal_consent" in rc.can_show,
    "legal_low_threshold": _does(Service.LOW_THRESHOLD_SUPPORT),
    "adult_target": lambda rc: rc.support_exposed_adults == Support.YES,
    "direct_support": lambda rc: rc.support_exposed_any == Support.YES,
    "consult_method": _does(Service.CONSULTATIONS),
    # There is no common brand to show (lines 2929-2930), and nobody answers for NCH but NCH.
    "brand": lambda _rc: False,
    "nch_role": lambda _rc: False,
}


def themes_of(rc: Rc) -> dict[str, bool]:
    """Return, for each theme that the register tells of, whether the RC has it; by the theme's id."""
    return {theme: has(rc) for theme, has in _HAS.items()} | dict.fromkeys(rc.can_show, True)
