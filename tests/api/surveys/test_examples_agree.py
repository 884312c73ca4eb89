"""The demonstration's invented answers say nothing of an RC that the register contradicts."""

import pytest
from sqlmodel import Session

from api.registry import queries as registry
from api.registry.models import FundingStatus, Rc
from api.surveys.demand import Profile
from api.surveys.examples import ThemePhases, example_answer
from api.surveys.known import themes_of
from api.surveys.service import profiles
from api.surveys.themes import shipped_themes
from tests.shipped import import_shipped


@pytest.fixture
def asked(session: Session) -> tuple[list[Rc], dict[str, Profile]]:
    import_shipped(session, "system")
    return registry.rcs(session), profiles(session)


def test_nobody_offers_what_it_has_not_and_nobody_seeks_what_it_has(
    asked: tuple[list[Rc], dict[str, Profile]],
) -> None:
    rcs, known = asked
    themes = [ThemePhases(one.id, tuple(one.phases)) for one in shipped_themes()]
    told = set()
    for rc in rcs:
        has = themes_of(rc)
        told |= {theme for theme, truth in has.items() if truth}
        for seed in range(40):
            answer = example_answer(rc.id, known[rc.id], themes, (), seed, has)
            assert not [theme for theme in answer.weights if has.get(theme)], rc.id
            assert not [theme for theme in answer.offers if not has.get(theme, True)], rc.id
    assert {"org_barnahus", "finance_longterm", "legal_consent", "org_mobile"} <= told


def test_the_register_tells_of_themes_that_the_bank_has(
    asked: tuple[list[Rc], dict[str, Profile]],
) -> None:
    bank = {one.id for one in shipped_themes()}
    for rc in asked[0]:
        has = themes_of(rc)
        assert set(has) <= bank
        assert set(rc.can_show) <= {theme for theme, truth in has.items() if truth}
        assert has["finance_longterm"] == (rc.funding_status == FundingStatus.SECURED)
