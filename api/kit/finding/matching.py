"""Which names hold some words: forgiving about å, ä, ö, capitals, word endings and a slip of the finger."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

SHORTEST_WITH_A_SLIP = 4  # letters; a shorter word is taken as it stands
TWO_SLIPS_FROM = 8
START = "|"  # stands before a name in the index
MOST_NEAR = 20  # words of names that one word with a slip may have meant
SHORTEST_STEM = 4  # letters that are left when an ending is taken off
# Endings of Swedish nouns, adjectives and verbs, folded, the longest first: M. F. Porter's Snowball
# stemmer for Swedish, step 1, which PostgreSQL uses too.
ENDINGS = tuple(
    sorted(
        (
            "a",
            "arna",
            "erna",
            "heterna",
            "orna",
            "ad",
            "e",
            "ade",
            "ande",
            "arne",
            "are",
            "aste",
            "en",
            "anden",
            "aren",
            "heten",
            "ern",
            "ar",
            "er",
            "heter",
            "or",
            "as",
            "arnas",
            "ernas",
            "ornas",
            "es",
            "ades",
            "andes",
            "ens",
            "arens",
            "hetens",
            "erns",
            "at",
            "andet",
            "het",
            "ast",
        ),
        key=lambda ending: -len(ending),
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found: its name, its page without language, a line about it, and more words."""

    title: str
    path: str
    detail: str = ""
    words: str = ""
    at: datetime | None = None  # of what is found alike, the nearest in time comes first


def folded(text: str) -> str:
    """Return a text as it is compared: no capitals, and a for å and ä, o for ö, e for é."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def plain(text: str) -> str:
    """Return a text as the index holds it: folded, with one space for all that is no letter or digit."""
    return " ".join(re.findall(r"[^\W_]+", folded(text)))


def stem(word: str) -> str:
    """Return a folded word without its ending, where enough of it is left; else the word."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def near(word: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return the words that this one may have meant: a slip or two away, in the order of the alphabet."""
    if len(word) < SHORTEST_WITH_A_SLIP:
        return ()
    shortest = len(word) - (2 if len(word) >= TWO_SLIPS_FROM else 1)
    found = sorted({one for one in others if len(one) >= shortest and _is_near(word, one)})
    return tuple(found[:MOST_NEAR])


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
    if len(other) <= len(word) + most:
        return distance(word, other, most) <= most
    return min(_distances(word, other[: len(word) + most], most)) <= most


def distance(one: str, other: str, most: int) -> int:
    """Return the optimal string alignment distance, or something above `most` (Damerau 1964)."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    return _distances(one, other, most)[-1]


def _distances(one: str, other: str, most: int) -> list[int]:
    """Return a word's distances to every beginning of another, the empty one first; or all above `most`."""
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
            break
    return row
