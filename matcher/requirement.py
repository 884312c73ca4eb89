"""The one record by which a rule is told, through every engine up to the reader's sentence."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requirement:
    """A rule that was to hold: its one name, the layer, whom it is about, and its numbers.

    As text it is the English sentence that the commands print; pages make their own from the record.

    `subjects` and `numbers` are, by rule:
    groups: `together`, `apart` the members; `longest_travel` km;
    `most_networks` member, how many; `giver_cap` how many, of one member or of all; `sizes`
    smallest, largest and members; `divides` the same, where no number of networks holds them all;
    `largest` members in a network; `each_pair_once` none.
    programme: `must_run` session; `pinned` session, slot, room ("" = any); `comes_after` session, the
    one before it; `window` role, slots in a row; `frame` none. Facts, without any one of which the
    rest could hold: `host_away` host, session; `one_host` host, the sessions; `closed` session;
    `too_long` session, slots in a row; `no_room` and `forbidden` session; `small_rooms` session, how
    many lead it; `leader_reach` host, session; `leader_pause` host, the sessions, minutes; `walks`
    none; `break` and `plenary` slot.
    the year: `closed_days` none; `notice` weeks; `double_booking` none; `days`, `required_free`,
    `locked` series; `spacing` series, meetings and days apart.
    the meeting's rules: candidates that break it, and all candidates.

    A rule about one network (`matcher.groups.model.asked`) has its names or its count.

    note: what the engine says or adds in English, for the commands alone.
    """

    rule: str
    subjects: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    layer: str = ""
    note: str = ""

    @property
    def number(self) -> float | None:
        """The first of the numbers."""
        return self.numbers[0] if self.numbers else None

    def __str__(self) -> str:
        """Return the requirement as a sentence without a full stop."""
        said = SENTENCES.get(self.rule, "{note}")
        if isinstance(said, tuple):
            said = said[bool(self.subjects)]
        first, *others = self.subjects or ("",)
        n, m, k = (f"{number:g}" for number in (*self.numbers, 0, 0, 0)[:3])
        return said.format(
            first,
            all=", ".join(self.subjects),
            rest=", ".join(others),
            places=" in ".join(place for place in others if place),
            n=n,
            m=m,
            k=k,
            sizes=n if n == m else f"{n} to {m}",
            members="1 member" if k == "1" else f"{k} members",
            where=f" in {self.layer}" if self.layer else "",
            note=self.note,
        )


# By rule; two sentences where it is said of all, or of its subjects.
OF_GROUPS: Mapping[str, str | tuple[str, str]] = {
    "together": "together: {all}{where}",
    "apart": "apart: {all}{where}",
    "longest_travel": "longest_travel: {n} km at most{where}",
    "most_networks": "most_networks: {0} in {n}",
    "giver_cap": (
        "giver_cap: nobody is asked by more than {n}",
        "giver_cap: {0} is asked by {n} at most",
    ),
    "each_pair_once": "each_pair_once: no two members meet in more than one layer",
    "sizes": "sizes: networks of {sizes} for {members}{where}",
    "divides": "sizes: networks of {sizes} cannot hold exactly {members}{where}",
    "largest": "sizes: at most {n} members in a network{where}",
}
OF_PROGRAMME: Mapping[str, str] = {
    "must_run": "{0} must run",
    "pinned": "{0} is pinned to {places}",
    "comes_after": "{0} comes after {rest}",
    "window": "the sessions for {0} fit {n} slots in a row",
    "frame": "the sessions that have to run, their hosts and the rooms",
    "host_away": "{0}, who leads {rest}, is not here then",
    "one_host": "{0} leads {rest}, one at a time",
    "closed": "{0} excludes the slots that are left for it",
    "too_long": "{0} fills {n} slots in a row of one day without a break",
    "no_room": "no room that is free then has what {0} needs",
    "forbidden": "{0} is not to be in the rooms that are left for it",
    "small_rooms": "no room that is left for {0} holds the {n} who lead it",
    "leader_reach": "{0}, who leads {rest}, cannot take part in the rooms that are left for it",
    "leader_pause": "{0}, who leads {rest}, has a pause of {n} minutes between them",
    "walks": "who leads two sessions has time to walk between their rooms",
    "break": "{0} is a break",
    "plenary": "{0} is for one session alone",
}
OF_YEAR: Mapping[str, str] = {
    "closed_days": "no meeting on closed days",
    "notice": "{n} weeks' notice from {note}",
    "double_booking": "nobody in two meetings at once",
    "days": "{0} within its span and on its weekdays",
    "spacing": "{n} meetings of {0} at least {m} days apart",
    "required_free": "those whom {0} requires are free",
    "locked": "the locked days of {0}",
}
SENTENCES: Mapping[str, str | tuple[str, str]] = {**OF_GROUPS, **OF_PROGRAMME, **OF_YEAR}
