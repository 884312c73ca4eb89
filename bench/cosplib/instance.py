"""A CoSPLib instance: tracks of submissions to be put into sessions, rooms and time slots."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

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

    @cached_property
    def friends(self) -> Mapping[int, frozenset[int]]:
        """Submission -> those it is not to be at once with."""
        return neighbours(self.presenter_pairs | self.attendee_pairs)

    @cached_property
    def track_prices(self) -> Mapping[tuple[int, int], int]:
        """Pair of tracks (smaller first) -> what it costs that both stand in a session, where that is anything."""
        prices = {}
        for one, other in combinations(range(len(self.tracks)), 2):
            cost = self.weights.similar_tracks * self.similar[one][other]
            cost += self.weights.chairs * ((one, other) in self.chair_pairs)
            if cost:
                prices[one, other] = cost
        return prices

    @cached_property
    def talk_prices(self) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """Talk -> (talk, price) of those that cost something in the same session, in order."""
        weights, prices = self.weights, dict[tuple[int, int], int]()
        for pairs, price in (
            (self.presenter_pairs, weights.presenters + weights.presenters_timeslot),
            (self.attendee_pairs, weights.attendees + weights.attendees_timeslot),
        ):
            for pair in pairs if price else ():
                prices[pair] = prices.get(pair, 0) + price
        found: dict[int, list[tuple[int, int]]] = {}
        for (one, other), price in sorted(prices.items()):
            found.setdefault(one, []).append((other, price))
            found.setdefault(other, []).append((one, price))
        return {talk: tuple(others) for talk, others in found.items()}

    def _pairs(self, *, attendees: bool) -> frozenset[tuple[int, int]]:
        """Return the pairs that share one of those looked at, or where one's is at the other as presenter or chair."""
        come: dict[str, set[int]] = {}
        present: dict[str, set[int]] = {}
        for number, submission in enumerate(self.submissions):
            for person in submission.presenters:
                present.setdefault(person, set()).add(number)
            for person in submission.attendees if attendees else submission.presenters:
                come.setdefault(person, set()).add(number)
        found = set()
        for person, mine in come.items():
            led = {track for track, chairs in enumerate(self.chairs) if person in chairs}
            others = mine | (present.get(person, set()) if attendees else set())
            found |= {
                (min(pair), max(pair)) for pair in product(mine, others) if pair[0] != pair[1]
            }
            for one, track in product(mine, led):
                if self.submissions[one].track != track:
                    found |= {(min(one, it), max(one, it)) for it in self.of_track[track]}
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
