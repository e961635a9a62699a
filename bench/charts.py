"""The figures of the handler's benchmark as bar charts, for readers who would rather look."""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bench.figure import Figure

__all__ = ["write_charts"]

# By the end of a figure's name: the file, the title and whether more is better.
_CHARTS = {
    "requests": ("throughput.svg", "Callbacks per second, by connections (more is better)"),
    "p50": (
        "latency.svg",
        "Milliseconds until a callback is answered, median, by connections (less is better)",
    ),
    "database time per request": (
        "database.svg",
        "Microseconds of Postgres' processor time per callback, by connections (less is better)",
    ),
}
# Distinguishable for color-blind readers, on light and dark pages.
_COLORS = {"handler": "#0072b2", "single": "#56b4e9", "bare": "#999999", "python": "#e69f00"}
_BAR, _GAP, _LEFT, _WIDTH = 18, 14, 110, 640


def write_charts(figures: Iterable[Figure], folder: Path) -> None:
    """Write one SVG for each kind of figure; nothing where the handler was not measured."""
    bars: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for figure in figures:
        found = re.fullmatch(r"(\w+) (\d+): (.+)", figure.name)
        if figure.benchmark == "handler" and found and found[3] in _CHARTS:
            server, connections, what = found.groups()
            bars[what][connections][server] = figure.value
    folder.mkdir(parents=True, exist_ok=True)
    for what, groups in bars.items():
        name, title = _CHARTS[what]
        (folder / name).write_text(_svg(title, groups), encoding="utf-8")


def _svg(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    largest = max(value for group in groups.values() for value in group.values())
    lines, y = [], 44
    for connections, group in groups.items():
        lines.append(
            f'<text x="0" y="{y + 13}">{connections} connection{"s" if connections != "1" else ""}</text>'
        )
        for server, value in group.items():
            width = max(1, round(value / largest * (_WIDTH - _LEFT - 150)))
            color = _COLORS.get(server, "#999999")
            lines.append(f'<rect x="{_LEFT}" y="{y}" width="{width}" height="{_BAR - 3}" fill="{color}"/>')
            lines.append(f'<text x="{_LEFT + width + 6}" y="{y + 12}">{value:,.4g} {escape(server)}</text>')
            y += _BAR
        y += _GAP
    style = "text{font:13px sans-serif;fill:#777}.title{font-weight:bold}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">'
    heading = f'<text class="title" x="0" y="18">{escape(title)}</text>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title><style>{style}</style>", heading, *lines, "</svg>", ""]
    )
