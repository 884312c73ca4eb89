"""Broken rules and wishes that clash, in the reader's words; the engine gives a rule's name and whom it concerns."""

from collections.abc import Mapping

from api.kit.i18n import Speaker, later, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals.networks.building import FREE_TIMES
from api.registry.models import PhaseBand
from api.registry.vocabulary import GRANT_GROUPS, MODELS
from matcher.proof import Violation
from matcher.requirement import Requirement

# Rule -> what a proposal breaks, with the RC that it concerns.
BROKEN = {
    "placed": later("%(names)s har ingen krets, eller mer än en av samma slag."),
    "opt_out": later("%(names)s har tackat nej till det här slaget av krets."),
    "sizes": later("Kretsen med %(names)s är för stor eller för liten."),
    "together": later("%(names)s ska vara i samma krets."),
    "apart": later("%(names)s ska inte vara i samma krets."),
    "one_per_body": later("%(names)s hör till samma organisation."),
    "operational_in_each": later("Kretsen med %(names)s saknar RC i drift."),
    "not_alone": later("%(names)s är ensam av sitt slag i kretsen."),
    "at_least": later("Kretsen med %(names)s har för få av ett slag."),
    "at_most": later("Kretsen med %(names)s har för många av ett slag."),
    "balanced": later("Medelvärdet i kretsen med %(names)s är för långt från allas."),
    "standing": later("%(names)s är inte i samma kretsar som förra gången."),
    "in_common": later("De i kretsen med %(names)s har för lite gemensamt."),
    "can_meet": later("De i kretsen med %(names)s är aldrig lediga samtidigt tillräckligt länge."),
    "leaders": later("Kretsen med %(names)s har ingen av dem som ska leda, eller fler än en."),
    "number_of_networks": later("Kretsarna är fler eller färre än vad som är bestämt."),
    "longest_travel": later("I kretsen med %(names)s är det för långt mellan RC."),
    "most_networks": later("%(names)s har fler eller färre kretsar än önskat."),
    "each_pair_once": later("%(names)s möts i mer än en krets."),
    "giver_cap": later("%(names)s skulle få frågor från fler RC än ni har bestämt."),
}
# Rule -> a wish that cannot hold together with the others, without and with whom it is about.
ASKED: Mapping[str, tuple[str, str]] = {
    "together": ("", later("%(names)s ska vara i samma krets.")),
    "apart": ("", later("%(names)s ska inte vara i samma krets.")),
    "operational_in_each": (later("Varje krets ska ha minst %(n)s RC i drift."), ""),
    "one_per_body": (later("Ingen krets får ha två från samma organisation."), ""),
    "not_alone": ("", later("Ingen ska vara ensam av sitt slag i sin krets (%(names)s).")),
    "at_least": ("", later("Varje krets ska ha minst %(n)s RC där %(what)s är ”%(value)s”.")),
    "at_most": ("", later("Ingen krets får ha fler än %(n)s RC där %(what)s är ”%(value)s”.")),
    "balanced": (
        "",
        later("I varje krets ska medelvärdet av %(what)s vara högst %(n)s från allas."),
    ),
    "standing": (later("Kretsarna från förra gången ska vara kvar, var för sig."), ""),
    "in_common": (
        "",
        later("Alla i en krets ska ha minst %(n)s gemensamt i fråga om %(what)s."),
    ),
    "can_meet": (
        "",
        later("Alla i en krets ska ha minst %(n)s minuter lediga samtidigt (%(what)s)."),
    ),
    "leaders": ("", later("Varje krets ska ha precis en av dem som ska leda (%(names)s).")),
    "number_of_networks": (later("Det ska vara %(sizes)s kretsar."), ""),
    "longest_travel": (later("Ingen krets får ha längre än %(n)s km mellan sina RC."), ""),
    "most_networks": ("", later("%(names)s ska vara med i högst %(n)s kretsar.")),
    "giver_cap": (
        later("Ingen ska bli tillfrågad av fler än %(n)s RC."),
        later("%(names)s ska inte få frågor från fler än %(n)s RC."),
    ),
    "each_pair_once": (later("Ingen ska möta samma RC i mer än en krets."), ""),
    "sizes": (later("Kretsarna ska ha den storlek som du har valt: %(sizes)s."), ""),
    "divides": (later("%(members)s RC går inte att dela i kretsar om %(sizes)s."), ""),
    "largest": (later("Ingen krets får ha fler än %(n)s RC."), ""),
}

# The kinds that a rule may count, by fact and value, with what the value is called.
KINDS: Mapping[tuple[str, str], str] = {
    ("phase_band", PhaseBand.OPERATIONAL.value): later("i drift"),
    ("phase_band", PhaseBand.PRE_OPERATIONAL.value): later("inte i drift än"),
    **{("model", key): said for key, said in MODELS.items() if key != "undecided"},
    **{("grant_group", key): said for key, said in GRANT_GROUPS.items()},
}

# What each ready-made weighting is called, and what it does, by its key.
OWN_WEIGHTS = later("Egna vikter")
WEIGHTING_WORDS = {
    "own_wish": (
        later("Som RC själva vill"),
        later("Nära, samma modell och samma fas först: det som RC själva säger fungerar."),
    ),
    "balance": (
        later("Balans"),
        later("Organisationsmodell och fas väger tyngst, sedan yta och vilka RC:t stöder."),
    ),
    "model": (
        later("Samma modell"),
        later("RC med samma organisationsmodell hamnar i samma krets när det går."),
    ),
    "phase": (
        later("Samma fas"),
        later("RC som har kommit lika långt hamnar i samma krets när det går."),
    ),
    "conditions": (
        later("Samma förutsättningar"),
        later("Yta, folkmängd och avstånd väger tyngst: stora ytor för sig, städer för sig."),
    ),
}


def broken_in_words(say: Speaker, broken: Violation, names: Mapping[str, str]) -> str:
    """Return a broken rule as a sentence."""
    subjects = say.listing(_names(broken.subjects, names))
    return _of_layer(say, broken.layer, say.text(BROKEN[broken.rule], names=subjects))


def wish_in_words(say: Speaker, wish: Requirement, names: dict[str, str]) -> str:
    """Return one of the wishes that clash as a sentence."""
    if wish.rule not in ASKED:
        return wish.note
    called = {name: say.text(said) for name, (said, *_) in ATTRIBUTES.items()}
    called[FREE_TIMES] = say.text("svaren på frågan om tider")
    n, most, members = (_number(say, number) for number in (*wish.numbers, 0, 0, 0)[:3])
    what, value = (*wish.subjects, "", "")[:2]
    value = say.text(KINDS[what, value]) if (what, value) in KINDS else value
    text = say.text(
        ASKED[wish.rule][bool(wish.subjects)],
        names=say.listing(_names(wish.subjects, called | names)),
        what=called.get(what, what),
        value=value,
        n=n,
        members=members,
        sizes=n if n == most else f"{n}–{most}",
    )
    return _of_layer(say, wish.layer, text)


def _of_layer(say: Speaker, layer: str, text: str) -> str:
    known = next((one for one in Layer if one.value == layer), None)
    return f"{say.text(LAYER_NAMES[known])}: {text}" if known else text


def _number(say: Speaker, number: float) -> str:
    return say.number(number, 0 if float(number).is_integer() else 1)


def _names(ids: tuple[str, ...] | list[str], names: Mapping[str, str]) -> list[str]:
    return sorted((names.get(one, one) for one in ids), key=swedish_order)
