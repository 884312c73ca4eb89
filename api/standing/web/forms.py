"""What a planner types beside the file, read into choices with a fault per field."""

import re
from collections.abc import Collection, Mapping

from api.kit.errors import FieldFault, FormError
from api.kit.mail import has_address
from api.meetings.models import MeetingForm, MeetingKind
from api.standing.planning import Target
from api.standing.service import KINDS, Choices
from api.standing.text import LONGEST_FOCUS, plain

NETWORK = "network:"
LONGEST_TOWN = 60
_TOWN = re.compile(r"[^\W\d_][^\d,;:@/\\]*")


def choices_from(fields: Mapping[str, str], network_ids: Collection[str]) -> Choices:
    """Read the choices.

    Raises:
        FormError: with a fault for each field that cannot be used.
    """
    faults: list[FieldFault] = []
    target = _target(fields.get("whose", ""), network_ids)
    if target is None:
        faults.append(FieldFault("whose", "Välj vad det är för träffar."))
    form = _form(fields.get("form", ""))
    if form is None:
        faults.append(FieldFault("form", "Välj hur ni ses."))
    town = plain(fields.get("town", ""))
    if form is MeetingForm.DIGITAL:
        town = ""
    elif form is not None and not (_TOWN.fullmatch(town) and len(town) <= LONGEST_TOWN):
        faults.append(
            FieldFault(
                "town", "Skriv bara orten, till exempel Falköping. Gatuadresser sparas inte."
            )
        )
    focus = plain(fields.get("focus", ""))
    if len(focus) > LONGEST_FOCUS or has_address(focus):
        faults.append(
            FieldFault(
                "focus",
                "Skriv högst %(most)s tecken, utan adresser, länkar och långa nummer.",
                most=LONGEST_FOCUS,
            )
        )
    if faults or target is None or form is None:
        raise FormError(*faults)
    return Choices(target, form, town, focus)


def _target(whose: str, network_ids: Collection[str]) -> Target | None:
    network_id = whose.removeprefix(NETWORK)
    if whose.startswith(NETWORK):
        is_there = network_id in network_ids
        return Target(MeetingKind.NETWORK, network_id) if is_there else None
    return Target(MeetingKind(whose)) if whose in list(KINDS) else None


def _form(form: str) -> MeetingForm | None:
    return MeetingForm(form) if form in list(MeetingForm) else None


def whose_of(target: Target) -> str:
    """Return how the form writes a target."""
    return f"{NETWORK}{target.network_id}" if target.network_id else target.kind.value
