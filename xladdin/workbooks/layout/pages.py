"""Where the pages of a sheet begin, and whether they stand upright, on A4 as on Letter.

No page tears a section or a chart that fits on one, ends with a heading or begins with the last
rows alone, and none has headings repeated over another section.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from xladdin.workbooks.layout import styles

_PAPERS: Final = ((612.0, 792.0), (595.3, 841.9))
"""Width and height of Letter and A4, in points."""

_INCH: Final = 72.0
_CENTIMETRE: Final = _INCH / 2.54

_STRETCHES: Final = (1.0, 1.25)
"""Widths of columns: by the digits of Calibri, and of what another program has in its place."""

_LEAST_SCALE: Final = 0.65
"""A sheet is not printed smaller than this to stand upright: text of 10 points at 6.5."""

_SHRUNK: Final = 0.88
"""A sheet whose rows do not grow is made so much smaller, if that puts it on one page."""

_ROW: Final = 15.0
_COLUMN: Final = 8.43
"""Height in points, and width in characters, of rows and columns that have none of their own."""

_LEAST_ROWS: Final = 4
"""Of a section of several pages, so many rows stand on its first and on its last at least."""

_HEADINGS: Final = (styles.HEADING, styles.HEADER, styles.TWIN_HEADER)
"""Styles that begin a section."""


def lay_out(worksheet: Worksheet) -> None:
    """Set where a finished sheet's pages begin, and let it print upright where that saves pages."""
    measured = _Measured(worksheet)
    upright = worksheet.page_setup.orientation == "portrait"
    laid = _Pages(measured, upright)
    if len(laid.full) > 1 and not worksheet.tables and laid.shrunk >= _SHRUNK:
        worksheet.page_setup.fitToHeight = 1
        return
    if not upright:
        other = _Pages(measured, upright=True)
        if other.scale >= _LEAST_SCALE and (len(other.full) < len(laid.full) or other.scale == 1):
            laid = other
            worksheet.page_setup.orientation = "portrait"
    for row in sorted(laid.begins):
        worksheet.row_breaks.append(Break(id=row - 1))


class _Measured:
    """The heights of a sheet's rows, its width, and which rows belong together."""

    def __init__(self, worksheet: Worksheet) -> None:
        margins = worksheet.page_margins
        self.beside = (margins.left + margins.right) * _INCH
        self.above = (margins.top + margins.bottom) * _INCH
        cells = worksheet._cells
        area = re.search(r":\$?([A-Z]+)", worksheet.print_area or "")
        columns = {get_column_letter(column) for _, column in cells}
        if area:
            last = (len(area[1]), area[1])
            columns = {letter for letter in columns if (len(letter), letter) <= last}
        widths = worksheet.column_dimensions
        own = (widths[letter].width if letter in widths else _COLUMN for letter in columns)
        self.width = sum(width * 7 + 5 for width in own) * 0.75
        rows = worksheet.row_dimensions
        charts = list(_charts(worksheet))
        last_row = max(row for row, _ in cells)
        self.heights = [
            (rows[row].height if row in rows else None) or _ROW for row in range(1, last_row + 1)
        ]
        self.charts = [(first, self._end(first, high)) for first, high in charts]
        names = worksheet.parent._named_styles.names
        marked = {names.index(name) for name in _HEADINGS}
        headings = {
            row for (row, _), cell in cells.items() if cell._style and cell._style.xfId in marked
        }
        # The title stands on one page with the first section.
        begins = [1, *sorted(row for row in headings if row - 1 not in headings)[1:]]
        ends = [*(row - 1 for row in begins[1:]), len(self.heights)]
        self.sections = list(zip(begins, ends, strict=True))
        titles = re.findall(r"\d+", worksheet.print_title_rows or "")
        self.titles = (int(titles[0]), int(titles[-1])) if titles else (1, 0)

    def _end(self, first: int, high: float) -> int:
        """Find the last row that something reaches from a row on; there are rows below the last."""
        row = first
        while high > 0:
            while row > len(self.heights):
                self.heights.append(_ROW)
            high -= self.heights[row - 1]
            row += 1
        return row - 1

    def height(self, first: int, last: int) -> float:
        """Add up the heights of some rows."""
        return sum(self.heights[first - 1 : last])


def _charts(worksheet: Worksheet) -> Iterator[tuple[int, float]]:
    """Give the first row of each chart, and its height in points."""
    for chart in worksheet._charts:
        yield int(re.sub(r"\D", "", chart.anchor)), chart.height * _CENTIMETRE


@dataclass
class _Pages:
    """The pages of a sheet, upright or not: which rows have to begin one."""

    measured: _Measured
    upright: bool
    begins: set[int] = field(default_factory=set, init=False)
    full: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Find where pages begin of which the smallest is full; all of them, if any has to."""
        begins: set[int] = set()
        while missing := self._missing(min(self.rooms), begins):
            begins.add(missing)
        self.full = list(self._pages(min(self.rooms), begins))
        if begins or any(self._missing(room, begins) for room in self.rooms):
            self.begins = {first for first, _ in self.full[1:]}

    @cached_property
    def scales(self) -> Sequence[tuple[float, float]]:
        """Scales of the sheet, each with the height of the paper in points."""
        found = []
        for short, long in _PAPERS:
            wide, high = (short, long) if self.upright else (long, short)
            for stretch in _STRETCHES:
                room = wide - self.measured.beside
                scale = min(1.0, room / (self.measured.width * stretch))
                found.append((math.floor(scale * 100) / 100, high))
        return found

    @property
    def scale(self) -> float:
        """The scale on the narrower paper, with the font that is asked for."""
        return min(scale for scale, _ in self.scales[:: len(_STRETCHES)])

    @property
    def shrunk(self) -> float:
        """By what a sheet is made smaller to stand on one page."""
        return min(self.rooms) / sum(self.measured.heights)

    @cached_property
    def rooms(self) -> Sequence[float]:
        """Heights of rows that a page takes, in points."""
        return [(high - self.measured.above) / scale for scale, high in self.scales]

    @cached_property
    def whole(self) -> Sequence[tuple[int, int]]:
        """First and last rows of what is kept on a page, since one takes it."""
        measured = self.measured
        room = min(self.rooms) - measured.height(*measured.titles)
        ranges = [*measured.sections, *measured.charts]
        return [one for one in ranges if measured.height(*one) <= room]

    def _pages(self, room: float, begins: set[int]) -> Iterator[tuple[int, int]]:
        """Give the first row of each page, and the row after its last."""
        measured, first = self.measured, 1
        last = len(measured.heights)
        while first <= last:
            _, titles = measured.titles
            left = room - (measured.height(*measured.titles) if first > titles else 0)
            row = first
            while row == first or (
                row <= last and row not in begins and left >= measured.heights[row - 1]
            ):
                left -= measured.heights[row - 1]
                row += 1
            yield first, row
            first = row

    def _missing(self, room: float, begins: set[int]) -> int:
        """Find the first row that has to begin a page and does not; 0 if there is none."""
        last = len(self.measured.heights)
        for first, row in self._pages(room, begins):
            if row <= last and row not in begins:
                better = self._better(first, row)
                if better != row:
                    return better
        return 0

    def _better(self, first: int, row: int) -> int:
        """Find where a page should end that begins with one row and has no room for another."""
        torn = [begin for begin, end in self.whole if first < begin < row <= end]
        if torn:
            return self._better(first, min(torn))
        after = [begin for begin, _ in self.measured.sections[1:]]
        if row in after and self.measured.titles[1]:
            # Below the headings that are repeated, the last rows of their table go along.
            kept = after[0] - 1 - _LEAST_ROWS
            return kept if kept > first else row
        for begin, end in self.measured.sections:
            if begin < row <= end and (begin, end) not in self.whole:
                kept = min(row, end + 1 - _LEAST_ROWS)
                if kept - begin < _LEAST_ROWS + 1 and begin > first:
                    kept = begin
                return kept if kept > first else row
        return row
