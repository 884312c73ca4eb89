"""Which names hold some words: forgiving about å, ä, ö, capitals, word endings and a slip of the finger."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SHORTEST_WITH_A_SLIP = 4  # letters; a shorter word is taken as it stands
TWO_SLIPS_FROM = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found: its name, its page without language, a line about it, and more words."""

    title: str
    path: str
    detail: str = ""
    words: str = ""


def folded(text: str) -> str:
    """Return a text as it is compared: no capitals, and a for å and ä, o for ö, e for é."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def best(entries: Iterable[Entry], query: str) -> list[Entry]:
    """Return the entries that hold every word of the query, the nearest first.

    A word is held when it stands there, wholly or as a part; else, in a name, when a word there is one
    slip away (two from eight letters): a letter too much, too little, another, or two swapped.
    """
    words = folded(query).split()
    if not words:
        return []
    ranked = sorted(_ranked(entries, words), key=lambda one: one[0])
    return [entry for _, entry in ranked]


def _ranked(entries: Iterable[Entry], words: Sequence[str]) -> Iterator[tuple[int, Entry]]:
    for entry in entries:
        title = folded(entry.title)
        more = folded(f"{entry.detail} {entry.words}")
        ranks = [_rank(word, title, more) for word in words]
        if None not in ranks:
            yield sum(rank for rank in ranks if rank is not None), entry


def _rank(word: str, title: str, more: str) -> int | None:
    """Return how near a word is, 0 the nearest; None when it is not held."""
    at = title.find(word)
    if at == 0:
        return 0
    if at > 0:
        return 1 if not title[at - 1].isalnum() else 2
    if word in more:
        return 3
    if len(word) >= SHORTEST_WITH_A_SLIP and any(_is_near(word, one) for one in title.split()):
        return 5
    return None


@lru_cache(maxsize=100_000)
def _is_near(word: str, other: str) -> bool:
    """Return whether two words are a slip apart, or the first is so far from the other's beginning."""
    most = 2 if len(word) >= TWO_SLIPS_FROM else 1
    if word[0] != other[0] and word[1:2] != other[1:2] and word[0] != other[1:2]:
        return False
    begun = other[: len(word)] if len(other) > len(word) + most else other
    return distance(word, begun, most) <= most


def distance(one: str, other: str, most: int) -> int:
    """Return the optimal string alignment distance, or something above `most` (Damerau 1964)."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before = before, row
        row = [i]
        for j, its in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
