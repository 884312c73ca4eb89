"""The engine's words about a programme in plain Swedish; English stands in the translations."""

from collections.abc import Mapping

from api.i18n import later
from matcher.programme.explain import ReasonKind

# Why a topic does not run, in words for those who asked for it.
REASONS: Mapping[ReasonKind, tuple[str, str]] = {
    "no_place_allowed": (
        "Ingen tid eller lokal passar det som ämnet kräver.",
        "No time or room fits what the topic needs.",
    ),
    "all_places_taken": (
        "Alla tider och lokaler går till ämnen som fler har önskat.",
        "All times and rooms go to topics that more have asked for.",
    ),
    "host_busy": (
        "Den som leder ämnet leder ett annat pass varje gång en lokal är ledig.",
        "Whoever leads the topic leads another session whenever a room is free.",
    ),
    "fewer_wishes": (
        "Färre har önskat ämnet än de som får plats.",
        "Fewer have asked for it than for those that find room.",
    ),
}

# Why a wish of an RC is not met.
MISSED: Mapping[ReasonKind, str] = {
    "does_not_run": later("ämnet körs inte"),
    "not_here": later("den som skulle gå är inte på plats då"),
    "room_not_reachable": later("lokalen går inte att nå för den som skulle gå"),
    "not_for_this_guest": later("passet är för en annan grupp"),
    "hosts_another": later("den som skulle gå leder ett annat pass"),
    "at_another_session": later("de som kunde gå är på ett pass de önskat mer"),
    "room_full": later("lokalen är full"),
    "prerequisite_missed": later("ett pass som måste gå före missas"),
    "walk_too_long": later("det hinns inte mellan lokalerna"),
    "no_gain": later("andra önskningar väger tyngre"),
    "no_place_allowed": later("ingen tid eller lokal passar"),
    "all_places_taken": later("alla tider och lokaler är tagna"),
    "host_busy": later("den som leder är upptagen"),
    "fewer_wishes": later("färre har önskat det"),
}

# What goes wrong when a rule is broken; the names of those it is about stand after it.
BROKEN: Mapping[str, str] = {
    "known": later("Något i programmet finns inte"),
    "fits_the_day": later("Passet ryms inte i dagen"),
    "one_session_in_a_room": later("Två pass i samma lokal"),
    "plenary_stands_alone": later("Annat går samtidigt som en samling för alla"),
    "room_suits": later("Lokalen passar inte passet"),
    "session_available": later("Passet eller lokalen är inte ledig då"),
    "runs_as_often_as_allowed": later("Passet ska gå ett annat antal gånger"),
    "pins": later("Passet står inte där det är låst"),
    "hosts_in_one_place": later("Den som leder skulle vara på två ställen"),
    "hosts_attend": later("Den som leder är inte på sitt pass"),
    "prerequisites": later("Passet går före något som måste komma först"),
    "role_window": later("En gästs pass ligger för långt isär"),
    "agenda_of_runs": later("En agenda innehåller ett pass som inte går"),
    "person_in_one_place": later("Någon skulle vara på två ställen"),
    "room_capacity": later("Fler än lokalen rymmer"),
    "room_reaches_person": later("Någon når inte lokalen"),
    "walking_time": later("Någon hinner inte mellan lokalerna"),
    "guests_come_for_their_part": later("En gäst är på fel pass"),
    "track_focus": later("Passet hör inte hemma i spåret"),
}
