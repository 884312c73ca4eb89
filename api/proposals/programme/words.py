"""The engine's words about a programme in plain Swedish; English stands in the translations."""

from collections.abc import Mapping, Sequence

from api.kit.i18n import Speaker, later
from matcher.programme.explain import ReasonKind
from matcher.proof import Violation
from matcher.requirement import Requirement

# Why a topic does not run, in words for those who asked for it.
REASONS: Mapping[ReasonKind, tuple[str, str]] = {
    "too_long": (
        "Passet är längre än någon sammanhängande tid på dagen.",
        "The session is longer than any unbroken stretch of the day.",
    ),
    "host_away": (
        "Den som leder är inte på plats någon av de tider som passar.",
        "Whoever leads is not there at any time that suits.",
    ),
    "excluded": (
        "Ingen av tiderna är öppen för ämnet.",
        "None of the times is open to the topic.",
    ),
    "too_early_or_late": (
        "Ingen tid är kvar med de klockslag som ämnet har.",
        "No time is left within the hours that the topic has.",
    ),
    "rooms_forbidden": (
        "Ämnet får inte vara i någon av lokalerna som har det som krävs.",
        "The topic may not be in any of the rooms that have what it needs.",
    ),
    "leader_cannot_reach": (
        "Den som leder kan inte vara med i någon av lokalerna.",
        "Whoever leads cannot take part in any of the rooms.",
    ),
    "rooms_too_small": (
        "Ingen lokal rymmer alla som leder.",
        "No room holds all who lead it.",
    ),
    "no_room": (
        "Ingen lokal har det som ämnet kräver.",
        "No room has what the topic needs.",
    ),
    "window_too_short": (
        "Gästerna är inte här så länge att ämnet ryms.",
        "The guests are not here long enough for the topic to fit.",
    ),
    "longer_than_window": (
        "Ämnet är längre än den tid som gästerna är här.",
        "The topic is longer than the guests are here.",
    ),
    "first_is_missing": (
        "Ämnet bygger på ett annat pass, och det är inte med i programmet.",
        "The topic builds on another session, which is not on the programme.",
    ),
    "order_broken": (
        "Ämnet bygger på ett annat pass, och det finns ingen tid efter det.",
        "The topic builds on another session, and there is no time after it.",
    ),
    "leaders_fill_room": (
        "De som leder fyller lokalerna som är lediga: ingen annan får plats.",
        "Its leaders fill the rooms that are free: nobody else finds a seat.",
    ),
    "not_found_in_time": (
        "Det finns plats, men datorn hann inte hitta hur. Räkna om med mer tid.",
        "There is room, but the calculation ended before it was found. Allow more time.",
    ),
    "all_places_taken": (
        "Andra pass har alla tider och lokaler som passar ämnet.",
        "Other sessions have all the times and rooms that suit the topic.",
    ),
    "host_busy": (
        "Den som leder ämnet leder ett annat pass varje gång en lokal är ledig.",
        "Whoever leads the topic leads another session whenever a room is free.",
    ),
    "fewer_wishes": (
        "De som har önskat eller leder ämnet är på annat varje gång det finns plats för det.",
        "Those who asked for the topic or lead it are elsewhere whenever there is room for it.",
    ),
    "nobody_wished": ("Ingen har önskat ämnet.", "Nobody asked for the topic."),
}

# Why a wish of an RC is not met.
MISSED: Mapping[ReasonKind, str] = {
    "does_not_run": later("ämnet är inte med i programmet"),
    "not_here": later("den som skulle gå är inte på plats då"),
    "room_not_reachable": later("lokalen går inte att nå för den som skulle gå"),
    "not_for_this_guest": later("passet är för en annan grupp"),
    "hosts_another": later("den som skulle gå leder ett annat pass"),
    "at_another_session": later("de som kunde gå är på ett annat pass då"),
    "room_full": later("lokalen är full"),
    "prerequisite_missed": later("de missar ett pass som måste komma först"),
    "walk_too_long": later("man hinner inte gå mellan lokalerna"),
    "too_early_or_late": later("ingen tid är kvar med de klockslag som ämnet har"),
    "rooms_forbidden": later("ämnet får inte vara i någon lokal som har det som krävs"),
    "leader_cannot_reach": later("den som leder kan inte vara med i någon av lokalerna"),
    "rooms_too_small": later("ingen lokal rymmer alla som leder"),
    "longer_than_window": later("ämnet är längre än gästerna är här"),
    "first_is_missing": later("passet som det bygger på är inte med"),
    "nobody_wished": later("ingen har önskat det"),
    "too_long": later("passet är längre än någon sammanhängande tid"),
    "host_away": later("den som leder är inte på plats då"),
    "excluded": later("ingen av tiderna är öppen för ämnet"),
    "no_room": later("ingen lokal har det som krävs"),
    "window_too_short": later("gästerna är inte här så länge"),
    "order_broken": later("det finns ingen tid efter passet det bygger på"),
    "leaders_fill_room": later("de som leder fyller lokalen"),
    "not_found_in_time": later("det hann inte räknas fram"),
    "all_places_taken": later("alla tider och lokaler är tagna"),
    "host_busy": later("den som leder är upptagen"),
    "fewer_wishes": later("de som vill gå är på annat när det finns plats"),
}

# Rule -> what a broken rule is about, by the number of ids that the engine names; a, b, c, d are
# those in order, rest is all but the first.
BROKEN: Mapping[str, Mapping[int, str]] = {
    "known": {0: later("Samkrets saknar uppgifter om %(names)s.")},
    "fits_the_day": {0: later("%(a)s får inte plats i programmet %(b)s.")},
    "one_session_in_a_room": {0: later("%(a)s och %(b)s är båda i %(d)s %(c)s.")},
    "plenary_stands_alone": {
        0: later("%(rest)s ligger samtidigt %(a)s, då alla ska vara samlade.")
    },
    "room_suits": {
        0: later("%(b)s har inte det som %(a)s behöver, eller går inte att använda då.")
    },
    "session_available": {0: later("%(a)s kan inte hållas %(b)s.")},
    "ends_in_time": {0: later("%(a)s %(b)s slutar senare än det får.")},
    "runs_as_often_as_allowed": {
        0: later("%(a)s måste vara med men har ingen tid, eller hålls fler gånger än det får.")
    },
    "pins": {0: later("%(a)s ligger inte på den tid eller i den lokal som är bestämd.")},
    "hosts_in_one_place": {
        2: later("%(a)s leder %(b)s men är inte på plats då."),
        3: later("%(a)s leder %(b)s och %(c)s samtidigt."),
    },
    "leader_pause": {0: later("%(a)s leder %(c)s för tätt efter %(b)s.")},
    "hosts_attend": {0: later("%(a)s leder %(b)s %(c)s men är på ett annat pass.")},
    "prerequisites": {
        2: later("%(a)s börjar innan %(b)s har hållits."),
        3: later("%(a)s går på %(b)s utan att först ha gått på %(c)s."),
    },
    "role_window": {0: later("Passen för %(a)s ligger för långt isär: %(rest)s.")},
    "agenda_of_runs": {
        2: later("%(a)s har %(b)s mer än en gång i sin agenda."),
        3: later("%(a)s har %(b)s i sin agenda %(c)s, men det hålls inte då."),
    },
    "person_in_one_place": {
        2: later("%(a)s är inte på plats när %(b)s hålls."),
        3: later("%(a)s skulle vara på %(b)s och %(c)s samtidigt."),
    },
    "room_capacity": {0: later("Fler går på %(a)s %(b)s än som ryms i %(c)s.")},
    "room_reaches_person": {0: later("%(a)s kan inte vara med på %(b)s i %(c)s.")},
    "walking_time": {0: later("%(a)s hinner inte gå från %(b)s till %(c)s.")},
    "guests_come_for_their_part": {0: later("%(a)s är på %(b)s, som är för andra än den gästen.")},
    "track_focus": {0: later("%(a)s handlar om något annat än spåret det ligger i.")},
    "everyone_has_one_seat": {
        0: later("Borden på %(a)s %(b)s stämmer inte med dem som är med där.")
    },
}

# What cannot all hold when no programme exists; places are a slot, a room, or both.
CLASHING: Mapping[str, str] = {
    "must_run": later("%(a)s måste vara med."),
    "pinned": later("%(a)s är låst till %(places)s."),
    "comes_after": later("%(a)s kommer efter %(b)s."),
    "window": later("Alla pass för %(a)s ska ligga inom %(n)s tider i följd."),
    "frame": later("Lokalerna och ledarna räcker inte till de pass som måste vara med."),
    "host_away": later("%(a)s, som leder %(b)s, är inte på plats då."),
    "one_host": later("%(a)s leder %(rest)s och kan bara leda ett i taget."),
    "closed": later("%(a)s får inte ligga på de tider som är kvar."),
    "too_long": later("%(a)s behöver så här många tider i rad utan rast: %(n)s."),
    "no_room": later("Ingen lokal som är ledig då har det som %(a)s behöver."),
    "forbidden": later("%(a)s får inte vara i lokalerna som är kvar."),
    "small_rooms": later("Ingen lokal som är kvar rymmer dem som leder %(a)s. De är %(n)s."),
    "leader_reach": later("%(a)s, som leder %(b)s, kan inte vara med i lokalerna som är kvar."),
    "leader_pause": later("%(a)s leder %(rest)s och ska ha %(n)s minuters paus emellan."),
    "walks": later("Den som leder två pass ska hinna gå mellan lokalerna."),
    "break": later("%(a)s är en rast."),
    "plenary": later("%(a)s är för ett pass i taget."),
}


def broken_in_words(say: Speaker, broken: Violation, names: Mapping[str, str]) -> str:
    """Return a broken rule as a sentence with the names of those that it is about."""
    called = [names.get(one, one) for one in broken.subjects]
    by_number = BROKEN[broken.rule]
    text = by_number.get(len(called)) or next(iter(by_number.values()))
    return _said(say, text, called)


def clash_in_words(say: Speaker, clash: Requirement, names: Mapping[str, str]) -> str:
    """Return one of the requirements that cannot all hold."""
    called = [names.get(one, one) for one in clash.subjects if one]
    text = CLASHING.get(clash.rule)
    return _said(say, text, called, clash.number) if text else clash.note


def _said(say: Speaker, text: str, called: Sequence[str], number: float | None = None) -> str:
    by_letter = dict(zip("abcd", [*called, "", "", "", ""], strict=False))
    rest = say.listing(list(called[1:]))
    places = ", ".join(called[1:])
    named = say.listing(list(called))
    n = "" if number is None else say.number(number)
    return say.text(text, names=named, rest=rest, places=places, n=n, **by_letter)
