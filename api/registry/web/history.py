"""How an RC's facts have changed, as a line: its phase over time with what else changed, and the same as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from api.audit.models import AuditEntry
from api.audit.naming import TOLD
from api.kit.clock import to_local
from api.kit.i18n import Speaker
from api.registry.facts import LABELS
from api.registry.models import Rc, Status
from api.registry.web.view import Change, HistoryLine, value_text

PHASE, IMPORTED = "establishment_status", "imported"
_WIDTH, _TOP, _STEP, _LEFT = 440, 14, 34, 8
_PAD = 8  # right of the line's end
TOLD["rc"] = (LABELS, value_text)  # the log says an RC's facts as its own page does
_LEVELS = tuple(Status)  # from the first plan to operation, as the register orders them


@dataclass(frozen=True, slots=True)
class _Stretch:
    since: datetime
    level: int | None  # None: the phase was not known


def history_of(
    say: Speaker, rc: Rc, entries: Sequence[AuditEntry], at: datetime
) -> HistoryLine | None:
    """Return an RC's history from its log, in whatever order; None where nothing has changed yet."""
    known = sorted(entries, key=lambda entry: entry.number)
    changes = tuple(_changes(say, known))
    if not changes:
        return None
    stretches = _stretches(rc, known)
    return HistoryLine(_picture(say, stretches, changes, at), tuple(reversed(changes)))


def _changes(say: Speaker, entries: Iterable[AuditEntry]) -> Iterable[Change]:
    unknown = say.text("okänt")
    for entry in entries:
        for name, after in (entry.after or {}).items():
            before = (entry.before or {}).get(name)
            if not entry.before or name == "sources" or name not in LABELS or before == after:
                continue
            if entry.action == IMPORTED and before in (None, []):
                continue  # what a file told first was so before it was read in
            yield Change(
                entry.at,
                to_local(entry.at).date().isoformat(),
                name,
                say.text(LABELS[name]),
                value_text(say, name, before) or unknown,
                value_text(say, name, after) or unknown,
            )


def _stretches(rc: Rc, entries: Sequence[AuditEntry]) -> list[_Stretch]:
    """Return since when the phase was what, the earliest first."""
    turns = [
        (entry.at, entry.before.get(PHASE), (entry.after or {}).get(PHASE))
        for entry in entries
        if entry.before and PHASE in (entry.after or {})
    ]
    first = turns[0][1] if turns else rc.establishment_status
    begun = _Stretch(entries[0].at, _level(first))
    return [begun, *(_Stretch(moment, _level(after)) for moment, _, after in turns)]


def _level(value: object) -> int | None:
    return _LEVELS.index(Status(value)) if isinstance(value, str) and value else None


def _picture(
    say: Speaker, stretches: Sequence[_Stretch], changes: Sequence[Change], at: datetime
) -> Markup:
    begun = stretches[0].since
    whole = max((at - begun).total_seconds(), 1.0)
    bottom = _TOP + _STEP * len(_LEVELS)

    def across(moment: datetime) -> float:
        share = (moment - begun).total_seconds() / whole
        return _LEFT + (_WIDTH - _LEFT - _PAD) * min(max(share, 0.0), 1.0)

    def height(level: int) -> float:
        return bottom - _STEP * (level + 1) + _STEP / 2

    parts = []
    for level, status in enumerate(_LEVELS):
        y = height(level)
        parts.append(
            f'<line class="trend-axis" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH}" y2="{y:.1f}"/>'
        )
        name = escape(value_text(say, PHASE, status) or "")
        parts.append(f'<text class="soft" x="{_LEFT}" y="{y - 5:.1f}">{name}</text>')
    path = []
    ends = [*(one.since for one in stretches[1:]), at]
    for one, end in zip(stretches, ends, strict=True):
        if one.level is not None:
            y = height(one.level)
            path += [f"{across(one.since):.1f},{y:.1f}", f"{across(end):.1f},{y:.1f}"]
    if path:
        parts.append(f'<polyline class="trend-line operational" points="{" ".join(path)}"/>')
    for change in changes:
        kind = "operational" if change.name == PHASE else "total"
        x, y = across(change.at), bottom + 8
        parts.append(
            f'<circle class="trend-mark {kind}" cx="{x:.1f}" cy="{y}" r="5">'
            f"<title>{escape(change.day)}: {escape(change.label)}</title></circle>"
        )
    for moment, anchor, x in ((begun, "start", _LEFT), (at, "end", _WIDTH - _PAD)):
        day = to_local(moment).date().isoformat()
        parts.append(
            f'<text class="soft" x="{x}" y="{bottom + 32}" text-anchor="{anchor}">{day}</text>'
        )
    title = say.text("Läget över tid, och när uppgifter ändrades")
    spoken = say.text("Samma uppgifter finns i tabellen nedanför.")
    inside = "".join(parts)
    return Markup(  # noqa: S704 - every text in it went through escape()
        f'<svg viewBox="0 0 {_WIDTH} {bottom + 40}" role="img" aria-label="{escape(title)}. '
        f'{escape(spoken)}" focusable="false">{inside}</svg>'
    )
