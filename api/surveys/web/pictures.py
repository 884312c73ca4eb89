"""Pictures as SVG made here: demand per theme, and shares over meetings with their uncertainty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from api.surveys.demand import PHASES

_WIDTH = 440
_ROW, _BAR = 46, 18  # a label above each bar, so that the picture fits a phone
_PLOT_LEFT, _PLOT_TOP, _PLOT_HEIGHT = 48, 16, 200
_APART = 12  # between the marks of two groups at the same meeting


@dataclass(frozen=True, slots=True)
class Bar:
    """A theme's row: how many RC of each phase ask for it."""

    label: str
    by_phase: Mapping[str, int]
    total: int
    spoken: str  # the row's figures in words, for whoever does not see the picture


@dataclass(frozen=True, slots=True)
class Mark:
    """A group's share at one meeting: the middle and both ends of its interval, from 0 to 1."""

    meeting: int  # place in the order of meetings, from 0
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Series:
    """A group's marks over the meetings."""

    group: str  # a band, or "total": the class of its marks
    marks: tuple[Mark, ...]


def demand_chart(title: str, bars: Sequence[Bar], asked: int) -> Markup:
    """Return horizontal bars, one a theme, in parts by phase; the whole width is everybody asked."""
    scale = (_WIDTH - 40) / max(asked, 1)
    rows = []
    for number, bar in enumerate(bars):
        top, left = number * _ROW, 0.0
        rows.append(_text(0, top + 16, bar.label))
        for phase in (*PHASES, ""):
            width = bar.by_phase.get(phase, 0) * scale
            if width:
                kind = phase or "unknown-phase"
                rows.append(_bar(left, top + 23, width, kind))
                left += width
        rows.append(_text(left + 8, top + 23 + _BAR - 4, str(bar.total)))
    spoken = ". ".join(bar.spoken for bar in bars)
    return _picture(title, spoken, len(bars) * _ROW, rows)


def trend_chart(
    title: str, spoken: str, meetings: Sequence[str], series: Sequence[Series]
) -> Markup:
    """Return shares over meetings, each with its 95 % interval as an upright line."""
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    rows = []
    for percent in (0, 25, 50, 75, 100):
        level = bottom - _PLOT_HEIGHT * percent / 100
        rows.append(_line("trend-axis", _PLOT_LEFT, level, _WIDTH, level))
        rows.append(_text(0, level + 5, f"{percent} %", "soft"))
    step = (_WIDTH - _PLOT_LEFT) / max(len(meetings), 1)
    for number, name in enumerate(meetings):
        middle = _PLOT_LEFT + step * (number + 0.5)
        rows.append(_text(middle, bottom + 20, name, "soft", anchor="middle"))
    for place, one in enumerate(series):
        offset = (place - (len(series) - 1) / 2) * _APART
        points = [(_PLOT_LEFT + step * (mark.meeting + 0.5) + offset, mark) for mark in one.marks]
        path = " ".join(f"{x:.1f},{_height(mark.middle):.1f}" for x, mark in points)
        if len(points) > 1:
            rows.append(f'<polyline class="trend-line {escape(one.group)}" points="{path}"/>')
        for x, mark in points:
            kind = f"trend-interval {one.group}"
            rows.append(_line(kind, x, _height(mark.low), x, _height(mark.high)))
            rows.append(_mark(one.group, x, _height(mark.middle)))
    return _picture(title, spoken, bottom + 32, rows)


def _height(share: float) -> float:
    return _PLOT_TOP + _PLOT_HEIGHT * (1 - share)


def _picture(title: str, spoken: str, height: int, rows: Sequence[str]) -> Markup:
    inside = "".join(rows)
    return Markup(  # noqa: S704 - every text in it went through escape()
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}. '
        f'{escape(spoken)}" focusable="false">{inside}</svg>'
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{escape(kind)}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def _bar(x: float, y: float, width: float, kind: str) -> str:
    return (
        f'<rect class="demand-part {escape(kind)}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{_BAR}"/>'
    )


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{escape(kind)}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _mark(group: str, x: float, y: float) -> str:
    """A shape for each group, so that colour is not alone in telling them apart."""
    kind = escape(group)
    if group == "pre_operational":
        return f'<circle class="trend-mark {kind}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
    if group == "operational":
        return f'<rect class="trend-mark {kind}" x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11"/>'
    points = f"{x:.1f},{y - 7:.1f} {x + 7:.1f},{y + 6:.1f} {x - 7:.1f},{y + 6:.1f}"
    return f'<polygon class="trend-mark {kind}" points="{points}"/>'
