"""Broken rules and wishes that clash, in the reader's words; the engine gives a rule's name and whom it concerns."""

import re
from collections.abc import Mapping

from api.kit.i18n import Speaker, later, swedish_order
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from matcher.proof import Violation

# Rule -> what a proposal breaks, with the RC that it concerns.
BROKEN = {
    "placed": later("%(names)s har ingen krets, eller mer än en av samma slag."),
    "opt_out": later("%(names)s har tackat nej till det här slaget av krets."),
    "sizes": later("Kretsen med %(names)s har fel storlek."),
    "together": later("%(names)s ska vara i samma krets."),
    "apart": later("%(names)s ska inte vara i samma krets."),
    "one_per_body": later("%(names)s hör till samma organisation."),
    "operational_in_each": later("Kretsen med %(names)s saknar RC i drift."),
    "longest_travel": later("Kretsen med %(names)s har för långt till varandra."),
    "most_networks": later("%(names)s har fler eller färre kretsar än önskat."),
    "giver_cap": later("%(names)s blir tillfrågat av fler än gränsen tillåter."),
}
# Rule -> a wish that cannot hold together with the others; n: the first number in it.
ASKED = {
    "together": later("%(names)s ska vara i samma krets."),
    "apart": later("%(names)s ska inte vara i samma krets."),
    "operational_in_each": later("Varje krets ska ha minst %(n)s RC i drift."),
    "one_per_body": later("Ingen krets får ha två från samma organisation."),
    "longest_travel": later("Ingen krets får ha längre än %(n)s km mellan sina RC."),
    "most_networks": later("%(names)s ska vara med i högst %(n)s kretsar."),
    "giver_cap": later("Ingen ska bli tillfrågad av fler än %(n)s RC."),
    "sizes": later("Kretsarna ska ha den storlek som du har valt: %(rest)s."),
}

# What each ready-made weighting is called, and what it does, by its key.
WEIGHTING_WORDS = {
    "balance": (later("Balans"), later("Modell väger tyngst, sedan fas, yta och vilka ni stöder.")),
    "model": (
        later("Samma modell"),
        later("RC med samma organisationsmodell hamnar ihop så långt det går."),
    ),
    "phase": (
        later("Samma fas"),
        later("RC som är lika långt komna hamnar ihop så långt det går."),
    ),
    "conditions": (
        later("Samma förutsättningar"),
        later("Yta, folkmängd och läge väger tyngst: stora ytor för sig, städer för sig."),
    ),
}


def broken_in_words(say: Speaker, broken: Violation, names: Mapping[str, str]) -> str:
    """Return a broken rule as a sentence."""
    subjects = say.listing(_names(broken.subjects, names))
    kind = next((one for one in Layer if broken.message.startswith(f"{one.value}:")), None)
    text = say.text(BROKEN.get(broken.rule, broken.message), names=subjects)
    return f"{say.text(LAYER_NAMES[kind])}: {text}" if kind else text


def wish_in_words(say: Speaker, sentence: str, names: Mapping[str, str]) -> str:
    """Return one of the engine's clashing wishes, `rule: what`, as a sentence."""
    rule, _, rest = sentence.partition(": ")
    if rule not in ASKED:
        return sentence
    numbers = re.findall(r"\d+", rest)
    number = numbers[0] if numbers else ""
    whom = [one for one in re.split(r"[ ,]+", rest) if one in names]
    listed = say.listing(_names(whom, names))
    size = "–".join(numbers[:2]) if " to " in rest else number
    return say.text(ASKED[rule], names=listed, n=number, rest=size)


def _names(ids: tuple[str, ...] | list[str], names: Mapping[str, str]) -> list[str]:
    return sorted((names.get(one, one) for one in ids), key=swedish_order)
