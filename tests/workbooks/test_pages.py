"""Which rows every sheet of every workbook prints on which page, on A4 as on Letter."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from layouts import BOOKS, COLUMN, ROW, cells, sheets
from openpyxl.utils import get_column_letter

from xladdin.workbooks.layout import styles

PAPERS: Final = {"Letter": (8.5, 11.0), "A4": (210 / 25.4, 297 / 25.4)}
"""Short and long side, in inches."""

WIDER: Final = {"Calibri": 1.0, "DejaVu Sans": 1.25}
"""How much wider columns are, as their widths count digits of the font that there is."""

HEADINGS: Final = {styles.HEADING, styles.HEADER, styles.TWIN_HEADER}
TOLERANCE: Final = 0.01
"""Part of a page: programs round heights and scales."""

LEAST_SCALE: Final = 0.45
SMALLER: Final = 0.85
"""Least scale of a sheet on one page, and what it may be of the scale that its width allows."""

BELOW: Final = 3
"""Rows that stand at least below a heading on its page, and on the last page."""


def heights(sheet: Any, last: int) -> list[float]:
    """List the heights of rows, in points."""
    known = sheet.row_dimensions
    return [(known[row].height if row in known else None) or ROW for row in range(1, last + 1)]


def charts(sheet: Any) -> Iterator[tuple[int, int]]:
    """Give the rows that charts begin and end in."""
    for chart in sheet._charts:
        row = first = int(re.sub(r"\D", "", chart.anchor))
        left = chart.height / 2.54 * 72
        while left > 0:
            left -= heights(sheet, row)[-1]
            row += 1
        yield first, row - 1


def last_row(sheet: Any) -> int:
    return max(int(sheet.max_row), *(end for _, end in charts(sheet)), 1)


def room(sheet: Any, paper: str, font: str) -> float:
    """Work out how many points of rows one page has, where its columns fit on its width."""
    short, long = PAPERS[paper]
    wide, high = (short, long) if sheet.page_setup.orientation == "portrait" else (long, short)
    area = re.search(r":\$?([A-Z]+)", sheet.print_area or "")
    last = sheet[f"{area[1]}1"].column if area else max(column for _, column in sheet._cells)
    letters = [get_column_letter(column) for column in range(1, last + 1)]
    known = sheet.column_dimensions
    widths = [known[letter].width if letter in known else COLUMN for letter in letters]
    margins = sheet.page_margins
    needed: float = sum(width * 7 + 5 for width in widths) / 96 * WIDER[font]
    scale: float = min(1.0, (wide - margins.left - margins.right) / needed)
    points: float = (high - margins.top - margins.bottom) * 72
    if sheet.page_setup.fitToHeight == 1:
        narrow, scale = scale, min(scale, points / sum(heights(sheet, last_row(sheet))))
        assert scale >= max(LEAST_SCALE, narrow * SMALLER), sheet.title
        return points / scale * (1 + TOLERANCE)
    return points / (math.floor(scale * 100) / 100)


def pages(sheet: Any, high: float) -> list[range]:
    """Fill pages with rows, as programs do: down to a break, or to the first that has no room."""
    last = last_row(sheet)
    points = heights(sheet, last)
    breaks = {one.id + 1 for one in sheet.row_breaks.brk}
    repeated = [int(row) for row in re.findall(r"\d+", sheet.print_title_rows or "")]
    titles = sum(points[repeated[0] - 1 : repeated[-1]]) if repeated else 0.0
    found, first = [], 1
    while first <= last:
        left = high - (titles if repeated and first > repeated[-1] else 0)
        row = first
        while row == first or (row <= last and row not in breaks and points[row - 1] <= left):
            left -= points[row - 1]
            row += 1
        found.append(range(first, row))
        first = row
    return found


def begins(sheet: Any) -> list[int]:
    """List the rows that a section begins with: its heading, or that of its columns."""
    headed = sorted({cell.row for cell in cells(sheet) if cell.style in HEADINGS})
    # The title of a sheet belongs to its first section.
    return [1, *[row for row in headed if row - 1 not in headed][1:]]


@pytest.mark.parametrize("case", BOOKS, ids=":".join)
@pytest.mark.parametrize("paper", PAPERS)
class TestEveryPage:
    @pytest.fixture(params=WIDER)
    def printed(
        self, case: tuple[str, str], paper: str, request: pytest.FixtureRequest
    ) -> list[tuple[Any, float, list[range]]]:
        found = []
        for sheet in sheets(*case):
            high = room(sheet, paper, request.param)
            found.append((sheet, high, pages(sheet, high)))
        return found

    def test_no_section_and_no_chart_is_torn_that_fits_on_a_page(
        self, printed: list[tuple[Any, float, list[range]]]
    ) -> None:
        for sheet, high, found in printed:
            first, last = begins(sheet), last_row(sheet)
            ends = [*(row - 1 for row in first[1:]), last]
            smallest = min(room(sheet, paper, font) for paper in PAPERS for font in WIDER)
            repeated = [int(row) for row in re.findall(r"\d+", sheet.print_title_rows or "")]
            titles = sum(heights(sheet, repeated[-1])[repeated[0] - 1 :]) if repeated else 0.0
            for begin, end in [*zip(first, ends, strict=True), *charts(sheet)]:
                if sum(heights(sheet, end)[begin - 1 :]) <= (smallest - titles) * (1 - TOLERANCE):
                    on = [page for page in found if page.start <= end and begin < page.stop]
                    # A page with repeated headings begins with rows of theirs: the last ones go
                    # along with the section that follows.
                    along = (
                        len(on) == 2 and repeated and on[1].start >= end - BELOW - 1 and end < last
                    )
                    assert len(on) == 1 or along, (sheet.title, begin, end, high)

    def test_no_page_ends_with_a_heading(
        self, printed: list[tuple[Any, float, list[range]]]
    ) -> None:
        for sheet, _, found in printed:
            headed = {cell.row for cell in cells(sheet) if cell.style in HEADINGS}
            for page in found[:-1]:
                assert not headed & set(page[-BELOW:]), (sheet.title, page)

    def test_repeated_headings_stand_over_rows_of_their_table(
        self, printed: list[tuple[Any, float, list[range]]]
    ) -> None:
        for sheet, _, found in printed:
            if sheet.print_title_rows:
                sections = begins(sheet)[1:]
                assert not {page.start for page in found} & set(sections), (sheet.title, found)

    def test_the_last_rows_do_not_stand_alone(
        self, printed: list[tuple[Any, float, list[range]]]
    ) -> None:
        for sheet, _, found in printed:
            if len(found) > 1:
                assert len(found[-1]) >= BELOW, (sheet.title, found)


def test_breaks_are_rare() -> None:
    """A sheet of one page has no break, and one that does not fit upright lies."""
    seen = 0
    for sheet in sheets("captable", "NEOT-2001"):
        if all(len(pages(sheet, room(sheet, paper, "Calibri"))) == 1 for paper in PAPERS):
            assert not sheet.row_breaks.brk, sheet.title
            seen += 1
    assert seen > 5
