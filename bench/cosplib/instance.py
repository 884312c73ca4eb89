"""A CoSPLib instance: tracks of submissions to be put into sessions, rooms and time slots."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Submission:
    """A talk; `order` is its wished place in its track (0: any), `slots` how many it needs."""

    reference: str
    track: int
    slots: int
    order: int
    presenters: frozenset[str]
    attendees: frozenset[str]
    session_penalty: tuple[int, ...]
    room_penalty: tuple[int, ...]
    zone_penalty: tuple[int, ...]


@dataclass(frozen=True)
class Weights:
    """The weights of the sixteen terms, in the order of the workbook; 0 switches a term off."""

    tracks_sessions: int
    tracks_rooms: int
    sessions_rooms: int
    similar_tracks: int
    rooms_per_track: int
    parallel_tracks: int
    consecutive_tracks: int
    timezones: int
    order: int
    submissions_sessions: int
    submissions_rooms: int
    presenters: int
    attendees: int
    chairs: int
    presenters_timeslot: int
    attendees_timeslot: int


@dataclass(frozen=True)
class Instance:
    """Everything in a workbook, by number; `capacity` is time slots per session.

    `similar` holds tracks x tracks; only entries with row < column count.
    """

    tracks: tuple[str, ...]
    sessions: tuple[str, ...]
    rooms: tuple[str, ...]
    capacity: tuple[int, ...]
    submissions: tuple[Submission, ...]
    chairs: tuple[frozenset[str], ...]
    weights: Weights
    tracks_sessions: Matrix
    tracks_rooms: Matrix
    sessions_rooms: Matrix
    similar: Matrix

    @cached_property
    def of_track(self) -> tuple[tuple[int, ...], ...]:
        """The submissions of each track, in the order of the workbook."""
        lists: list[list[int]] = [[] for _ in self.tracks]
        for number, submission in enumerate(self.submissions):
            lists[submission.track].append(number)
        return tuple(tuple(numbers) for numbers in lists)

    @cached_property
    def presenter_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs that share a presenter, or where one's presenter chairs the other's track."""
        return self._pairs(attendees=False)

    @cached_property
    def attendee_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs that share an attendee, or where one's attendee presents or chairs the other."""
        return self._pairs(attendees=True)

    @cached_property
    def chair_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs of tracks that share a chair."""
        numbers = range(len(self.tracks))
        return frozenset(
            pair for pair in combinations(numbers, 2) if self.chairs[pair[0]] & self.chairs[pair[1]]
        )

    @cached_property
    def presenter_matrix(self) -> Mapping[int, frozenset[int]]:
        """Submission -> those it has a presenter conflict with."""
        return neighbours(self.presenter_pairs)

    @cached_property
    def attendee_matrix(self) -> Mapping[int, frozenset[int]]:
        """Submission -> those it has an attendee conflict with."""
        return neighbours(self.attendee_pairs)

    def _pairs(self, *, attendees: bool) -> frozenset[tuple[int, int]]:
        found = set()
        for one, other in combinations(range(len(self.submissions)), 2):
            first, second = self.submissions[one], self.submissions[other]
            if attendees:
                clash = bool(first.attendees & second.attendees)
                clash |= bool(first.attendees & second.presenters)
                clash |= bool(second.attendees & first.presenters)
                who = first.attendees, second.attendees
            else:
                clash = bool(first.presenters & second.presenters)
                who = first.presenters, second.presenters
            if first.track != second.track:
                clash |= bool(who[0] & self.chairs[second.track])
                clash |= bool(who[1] & self.chairs[first.track])
            if clash:
                found.add((one, other))
        return frozenset(found)


@dataclass(frozen=True)
class Schedule:
    """An answer: `track[session][room]` (or -1) and `talks[session][room][time slot]` (or -1)."""

    track: tuple[tuple[int, ...], ...]
    talks: tuple[tuple[tuple[int, ...], ...], ...]


def neighbours(pairs: frozenset[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """Return number -> the numbers it is paired with."""
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {number: frozenset(others) for number, others in found.items()}
