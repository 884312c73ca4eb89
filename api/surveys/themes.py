"""The theme bank: 38 shipped topics with the report's lines that each rests on, edited by planners."""

import csv
import secrets
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import lock
from api.kit.errors import FieldFault, FormError, MissingError, StaleError
from api.surveys import queries
from api.surveys.demand import START_UP_CATEGORIES
from api.surveys.models import Theme
from api.surveys.texts import ThemeTexts, texts_of

_SHORT_SLOT = "short_slot"  # the format of what an agency comes for
BANK = Path(__file__).parent / "data" / "themes.csv"


def shipped_themes() -> Iterator[Theme]:
    """Yield the bank's themes as new rows."""
    with BANK.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield Theme(
                id=row["theme_id"],
                name_sv=row["theme_sv"],
                name_en=row["theme_en"],
                detail_en=row["sub_topic_en"],
                category=row["category"],
                roles=row["target_roles"].split(";"),
                phases=row["phase_relevance"].split(";"),
                formats=row["format_hint"].split(";"),
                source=row["seed_lines"],
            )


def import_theme_bank(session: Session) -> int:
    """Add the shipped themes that are not in the bank and return how many; edited ones stay."""
    known = {theme.id for theme in queries.themes(session)}
    new = [theme for theme in shipped_themes() if theme.id not in known]
    session.add_all(new)
    session.flush()
    return len(new)


def proposed_themes(themes: Sequence[Theme], most: int, wanted: Sequence[str] = ()) -> list[Theme]:
    """Return the themes to offer in a survey, at most so many, in the bank's order.

    What agencies come for is among them. Then come those `wanted` before, most wanted first, from both
    tracks in turn and two thirds of the list at the most. The rest are taken from all categories in
    turn, those for RC that are starting and those for RC in operation alike, so that no half of the
    room is left out.
    """
    kept = [one for one in themes if one.is_active and _SHORT_SLOT in one.formats]
    kept += _in_turn([one for one in themes if one.is_active and one not in kept], wanted)[
        : max(0, most * 2 // 3 - len(kept))
    ]
    waiting: dict[tuple[str, bool], list[Theme]] = {}
    for theme in themes:
        if theme.is_active and theme not in kept:
            is_for_starters = "pre_operational" in theme.phases or "applicant" in theme.phases
            waiting.setdefault((theme.category, is_for_starters), []).append(theme)
    while waiting and len(kept) < most:
        for key in list(waiting):
            kept.append(waiting[key].pop(0))
            if not waiting[key]:
                del waiting[key]
    order = {theme.id: number for number, theme in enumerate(themes)}
    return sorted(kept[:most], key=lambda one: order[one.id])


def _in_turn(themes: Sequence[Theme], wanted: Sequence[str]) -> list[Theme]:
    """Return the wanted themes, one of each track in turn."""
    bank = {theme.id: theme for theme in themes}
    asked = [bank[key] for key in dict.fromkeys(wanted) if key in bank]
    tracks = (
        [one for one in asked if one.category in START_UP_CATEGORIES],
        [one for one in asked if one.category not in START_UP_CATEGORIES],
    )
    return [one for pair in zip_longest(*tracks) for one in pair if one is not None]


def change_theme(
    session: Session, actor: str, theme_id: str, changes: tuple[str, str, bool], version: int
) -> Theme:
    """Change a theme's Swedish and English name and whether surveys may use it.

    Raises:
        MissingError: when there is no such theme.
        FormError: when a name is empty.
        StaleError: when somebody saved it first.
    """
    theme = queries.theme(session, theme_id)
    if theme is None:
        raise MissingError
    name_sv, name_en, is_active = changes[0].strip(), changes[1].strip(), changes[2]
    _insist_on_names(name_sv, name_en)
    before = _theme_record(theme)
    after: dict[str, object] = {"name_sv": name_sv, "name_en": name_en, "is_active": is_active}
    lock(theme)
    if theme.version != version:
        raise StaleError(after, before)
    theme.name_sv, theme.name_en, theme.is_active = name_sv, name_en, is_active
    theme.version += 1
    session.add(theme)
    record(session, actor, "changed", ("theme", theme.id), before, after)
    return theme


def write_texts(
    session: Session, actor: str, theme_id: str, texts: ThemeTexts, version: int
) -> Theme:
    """Write what a theme's session says; the log tells that it was done, not the words.

    Raises:
        MissingError: when there is no such theme.
        StaleError: when somebody saved it first.
    """
    theme = queries.theme(session, theme_id)
    if theme is None:
        raise MissingError
    lock(theme)
    if theme.version != version:
        there = texts_of(theme)
        raise StaleError(texts.as_fields(), there.as_fields() if there else {})
    theme.texts = texts.to_json()
    theme.version += 1
    session.add(theme)
    record(session, actor, "changed", ("theme", theme.id), after={"texts": "written"})
    return theme


def add_theme(session: Session, actor: str, name_sv: str, name_en: str, category: str) -> Theme:
    """Add a theme of one's own to the bank; it concerns all roles and phases.

    Raises:
        FormError: when a name is empty or the category is none of the bank's.
    """
    name_sv, name_en = name_sv.strip(), name_en.strip()
    _insist_on_names(name_sv, name_en)
    if category not in {theme.category for theme in queries.themes(session)}:
        raise FormError(FieldFault("category", "Välj ett av alternativen."))
    theme = Theme(
        id=f"own_{secrets.token_hex(4)}",
        name_sv=name_sv,
        name_en=name_en,
        category=category,
        roles=["all"],
        phases=["all"],
        formats=[],
    )
    session.add(theme)
    record(session, actor, "added", ("theme", theme.id), after=_theme_record(theme))
    return theme


def _insist_on_names(name_sv: str, name_en: str) -> None:
    faults = [
        FieldFault(field, "Skriv ett namn på högst 80 tecken.")
        for field, name in (("name_sv", name_sv), ("name_en", name_en))
        if not name or len(name) > 80
    ]
    if faults:
        raise FormError(*faults)


def _theme_record(theme: Theme) -> dict[str, object]:
    return {"name_sv": theme.name_sv, "name_en": theme.name_en, "is_active": theme.is_active}
