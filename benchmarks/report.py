"""Results as tables: on the screen, and in the documents between two comments."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks.measuring import ROOT, UNITS, Line

RESULTS: Final = Path(__file__).with_name("results.json")

BEGIN: Final = "<!-- results -->"
END: Final = "<!-- end of results -->"

DOCUMENTS: Final = (ROOT / "benchmarks" / "README.md", ROOT / "README.md")

_HEADINGS: Final = (
    "what",
    "ours",
    "rival",
    "times",
    "spread",
    "target",
    "ours takes",
    "rival takes",
)


STATED: Final = ("copying only, default converters", "copying only, our converters")
"""Rivals without a target, whose distance the README shows all the same."""


def kept() -> list[Line]:
    """Read the results that are kept."""
    return [Line(**item) for item in json.loads(RESULTS.read_text(encoding="utf-8"))]


def table(lines: Iterable[Line]) -> str:
    """Lay out all lines as a table of Markdown."""
    return _rows(_HEADINGS, [_cells(line) for line in lines])


def short(lines: Iterable[Line]) -> str:
    """Lay out the lines that have a target or that the README shows all the same, in few words."""
    rows = [
        (line.what, _against(line), _found(line), _target(line))
        for line in lines
        if line.target is not None or line.rival in STATED or line.unit == "bytes"
    ]
    return _rows(("what", "against", "measured", "target"), rows)


def block(path: Path, lines: Iterable[Line]) -> str:
    """Return what a document has between the two comments."""
    made = table(lines) if path.parent.name == "benchmarks" else short(lines)
    return f"{BEGIN}\n{made}\n{END}"


def write() -> None:
    """Write the results that are kept into the documents."""
    lines = kept()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        head, _, rest = text.partition(BEGIN)
        tail = rest.partition(END)[2]
        path.write_text(head + block(path, lines) + tail, encoding="utf-8")


def _rows(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    headings = tuple(headings)
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(line: Line) -> tuple[str, ...]:
    return (
        f"{line.what} ({line.clock})",
        line.ours,
        line.rival,
        _short(line.ratio),
        f"{_short(line.low)} to {_short(line.high)}",
        _target(line),
        _time(line.our_time, line.unit),
        _time(line.rival_time, line.unit),
    )


def _target(line: Line) -> str:
    if line.target is None:
        return ""
    if line.absolute:
        return f"{line.bound} {line.target:g} {line.unit}"
    faster = " times as fast" if line.bound == "at least" else " times as long"
    return f"{line.bound} {line.target:g}{faster}"


def _against(line: Line) -> str:
    return "" if line.absolute or line.unit == "bytes" else line.rival


def _found(line: Line) -> str:
    if line.absolute:
        return _time(line.our_time, line.unit)
    if line.unit == "bytes":
        return f"{_time(line.our_time, line.unit)} a row at {line.ours}"
    return f"{_short(line.ratio)} times as {'fast' if line.bound == 'at least' else 'long'}"


def _time(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if unit not in UNITS else f"{_short(value)} {unit}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    write()
