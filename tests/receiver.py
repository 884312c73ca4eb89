"""A receiver of invitations and feeds who knows nothing of us: a mail program's calendar, by RFC 5546.

It takes calendar parts in the order in which they come, keeps the newest of each event by SEQUENCE
and DTSTAMP, and lets a CANCEL take an event, or one date of it, away.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import icalendar


@dataclass
class MailCalendar:
    """The calendar that a mail program fills from invitations; `ignored` counts what was older."""

    masters: dict[str, Any] = field(default_factory=dict)
    dates: dict[tuple[str, datetime], Any] = field(default_factory=dict)
    gone: set[tuple[str, datetime]] = field(default_factory=set)
    zones: list[Any] = field(default_factory=list)
    ignored: int = 0

    def take(self, octets: bytes) -> None:
        """Take one calendar part (RFC 5546 3.2.2 and 3.2.5)."""
        calendar: Any = icalendar.Calendar.from_ical(octets)
        self.zones = list(calendar.walk("VTIMEZONE")) or self.zones
        events = list(calendar.walk("VEVENT"))
        method = str(calendar["METHOD"])
        assert len({str(one["UID"]) for one in events}) == 1, "one UID a message (RFC 6047 2.5)"
        if method == "REQUEST":
            assert {str(one["STATUS"]) for one in events} <= {"CONFIRMED", "TENTATIVE"}
        whole = next((one for one in events if "RECURRENCE-ID" not in one), None)
        if whole is not None and not self._is_older(self.masters.get(str(whole["UID"])), whole):
            uid = str(whole["UID"])
            self.dates = {key: one for key, one in self.dates.items() if key[0] != uid}
            self.gone = {key for key in self.gone if key[0] != uid}
            if method == "CANCEL":
                self.masters.pop(uid, None)
                return
            self.masters[uid] = whole
        for one in events:
            if "RECURRENCE-ID" not in one:
                continue
            key = (str(one["UID"]), one["RECURRENCE-ID"].dt)
            if self._is_older(self.dates.get(key), one):
                continue
            if method == "CANCEL":
                self.dates.pop(key, None)
                self.gone.add(key)
            else:
                self.gone.discard(key)
                self.dates[key] = one

    def _is_older(self, known: Any, new: Any) -> bool:  # noqa: ANN401 - icalendar's events
        def order(one: Any) -> tuple[int, datetime]:  # noqa: ANN401 - the same
            return int(one.get("SEQUENCE", 0)), one["DTSTAMP"].dt

        is_older = known is not None and order(new) < order(known)
        self.ignored += is_older
        return is_older

    def octets(self) -> bytes:
        """Return the calendar as a file."""
        made = icalendar.Calendar()
        made.add("PRODID", "-//a mail program//EN")
        made.add("VERSION", "2.0")
        for zone in self.zones:
            made.add_component(zone)
        for uid, whole in self.masters.items():
            copy = icalendar.Event.from_ical(whole.to_ical())
            for known, moment in sorted(self.gone):
                if known == uid:
                    copy.add("EXDATE", moment)
            made.add_component(copy)
            for (known, _), one in self.dates.items():
                if known == uid:
                    made.add_component(one)
        for (uid, _), one in self.dates.items():
            if uid not in self.masters:
                made.add_component(one)
        return bytes(made.to_ical())
