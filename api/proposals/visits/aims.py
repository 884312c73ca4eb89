"""What an RC is on its way to and what an RC really has to show: facts of the register, and its own words.

A fact is written `fact=value` as `api.registry.ahead` has it, what is said in words of its own as a
theme's id: what a survey sought and offered, and what the register says that an RC can show.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from api.kit.i18n import Speaker
from api.networks.claims import Claim
from api.networks.wording import said_of
from api.registry.ahead import going_to, is_only_likely, shown
from api.registry.models import PhaseBand, Rc
from api.surveys.known import themes_of
from api.surveys.service import SoughtAndOffered
from matcher.dates.visits.problem import Aim, Host, Visitor

MODEL, FUNDING, SERVICE, RUNNING = "model", "funding", "service", "phase_band=operational"
ANY_AGE = "support_exposed_any=yes"
AGES = frozenset({"support_exposed_minors=yes", "support_exposed_adults=yes"})
# What each counts: the register's facts before what somebody has only asked about.
FACT_WEIGHT, ASKED_WEIGHT = 2, 1


@dataclass(frozen=True, slots=True)
class Aims:
    """`going_to` are facts, `asks` themes that it has asked about, `shows` facts and themes that it has."""

    going_to: frozenset[str]
    asks: frozenset[str]
    shows: frozenset[str]

    @property
    def wants(self) -> frozenset[str]:
        """All that there could be to see."""
        return self.going_to | self.asks


def aims_of(rc: Rc, said: SoughtAndOffered | None) -> Aims:
    """Return an RC's aims: the register's word goes before what was offered in a survey."""
    known = themes_of(rc)
    has = {theme for theme, is_so in known.items() if is_so}
    is_running = rc.phase_band == PhaseBand.OPERATIONAL
    ahead = {*going_to(rc), *_services(set(rc.services_planned) - set(rc.services))}
    if ahead & AGES:
        ahead.discard(ANY_AGE)  # an age says more
    facts = {*shown(rc), *(_services(rc.services) if is_running else ())}
    offered = said.offered if said is not None else frozenset()
    sought = said.sought if said is not None else frozenset()
    return Aims(
        frozenset(ahead if is_running else ahead | {RUNNING}) - facts,
        sought - has,
        frozenset(facts | ({RUNNING} if is_running else set()) | has)
        | {theme for theme in offered if known.get(theme, True)},
    )


def weighted(aims: Aims, common: Collection[str]) -> tuple[Aim, ...]:
    """Return aims as the engine weighs them; what is `common` to all hosts tells nobody where to go.

    The model weighs more than all else together, then each fact, then whatever it has asked about.
    """
    facts = sorted(one for one in aims.going_to if one.partition("=")[0] != MODEL)
    found = [Aim(frozenset({one}), FACT_WEIGHT) for one in facts if one not in common]
    asks = aims.asks.difference(common)
    found += [Aim(asks, ASKED_WEIGHT)] if asks else []
    heaviest = 1 + sum(one.weight for one in found)
    models = sorted(one for one in aims.going_to if one.partition("=")[0] == MODEL)
    return (*(Aim(frozenset({one}), heaviest) for one in models), *found)


def is_asked(aim: Aim) -> bool:
    """Tell whether an aim is what somebody has asked about, and no fact of the register."""
    return not any("=" in one for one in aim.any_of)


def common_to(hosts: Iterable[Host], visitor: str) -> frozenset[str]:
    """Return what every host has that a visitor could go to; nothing where there is but one."""
    shows = [host.offers for host in hosts if host.id != visitor]
    return frozenset.intersection(*shows) if len(shows) > 1 else frozenset()


def telling(visitor: Visitor, host: Host, hosts: Iterable[Host]) -> tuple[str, ...]:
    """Return what there is to see that sets this host apart, or else all there is; facts come first."""
    met = visitor.wants & host.offers
    return tuple(sorted(met - common_to(hosts, visitor.id) or met, key=_rank))


def still_true(things: Iterable[str], visitor: Aims, host: Aims) -> tuple[str, ...]:
    """Return those things whose facts the register still has so; what was said in words is kept."""
    return tuple(one for one in things if "=" not in one or one in visitor.going_to & host.shows)


def sentences(
    things: Iterable[str], visitor: Rc, host: Rc, themes: Mapping[str, str], say: Speaker
) -> str:
    """Say what a host has of what a visitor is going to, a sentence for each thing, from the register."""
    claims = [_claim(one, visitor, host) for one in sorted(things, key=_rank)]
    names = {rc.id: rc.name for rc in (visitor, host)}
    return said_of(
        say, [one for one in claims if one.claim != "offers" or one.fact in themes], names, themes
    )


def _claim(thing: str, visitor: Rc, host: Rc) -> Claim:
    fact, has_value, value = thing.partition("=")
    if not has_value:
        return Claim("offers", thing, None, (host.id, visitor.id))
    is_likely = fact == MODEL and is_only_likely(visitor)
    name = "funding_status" if fact == FUNDING else fact
    return Claim("ahead", name, value, (host.id, visitor.id), is_likely)


def _services(services: Iterable[str]) -> set[str]:
    return {f"{SERVICE}={one}" for one in services}


def _rank(thing: str) -> tuple[int, str]:
    """The order in which things are said: model, funding, target groups, services, words of its own."""
    fact = thing.partition("=")[0]
    order = {MODEL: 0, FUNDING: 1, SERVICE: 3}
    if "=" not in thing:
        return 4, thing
    return 5 if thing == RUNNING else order.get(fact, 2), thing
