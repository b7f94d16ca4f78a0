"""The sheet of redemption and make-whole tables of captable.xlsx, for deals that have one."""

from __future__ import annotations

from typing import Final

from openpyxl.utils import get_column_letter

from xladdin.checking.checks_sheet import Check
from xladdin.terms.fields import as_decimal
from xladdin.terms.securities import MakeWholeTable
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import Instruction
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import number_between
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted

TITLE: Final = "Make-whole"
_FIRST: Final = 4
_BEYOND: Final = 1_000_000
"""The most that may be typed: far beyond the edge of any table, and the edge is then read."""

INSTRUCTION: Final = Instruction(
    TITLE, "Row, Column", "Where to read the table, such as months to expiry and a price."
)


def write_make_whole(book: Book) -> None:
    """Write each table of the deal, with a place to be read and the figure there."""
    grids = book.selection.deal.grids
    width = max(len(grid.columns) for grid in grids) + 1
    sheet = book.sheet(TITLE, (44, 17, 17, 13, *[11] * (2 * width)))
    sheet.title(
        TITLE,
        "Tables of redemption and make-whole clauses, read on straight lines between their "
        "figures; beyond an edge, the edge is read. Each figure stands beside that of the terms "
        "installed.",
        5,
    )
    row = _FIRST
    for number, grid in enumerate(grids, 1):
        row = _write_grid(book, sheet, row, number, grid) + 3


def _write_grid(book: Book, sheet: Sheet, row: int, number: int, grid: MakeWholeTable) -> int:
    """Write a table from a row on, and return its last row."""
    table = f"grids.{grid.key}.rows"
    inputs = []
    for what, headings in (("Row", [line[0] for line in grid.rows]), ("Column", grid.columns)):
        first = as_decimal(headings[0])
        line = InputLine(
            f"Make_whole_{number}_{what.lower()}",
            f"{what} to read",
            int(first) if first == first.to_integral_value() else first,
            styles.GENERAL,
            number_between(-_BEYOND, _BEYOND, f"{what} to read:"),
            "illustrative",
        )
        inputs.append(line)
    write_inputs(sheet, row, inputs)
    row += len(inputs) + 2
    below = row + 9  # behind the headings of the lines, seven of them, and a row between
    down, across = (as_counted(line.name) for line in inputs)
    names = [f"Make_whole_{number}_{name}" for name in _STEPS]
    last = below + 2 + len(grid.rows)
    ranges = _ranges(sheet, below + 2, last, len(grid.columns))
    lines = []
    for at, (place, (reference, rising)) in enumerate(
        zip((down, across), _headings(grid, ranges), strict=True)
    ):
        lines += _neighbours(names[3 * at : 3 * at + 3], at, place, reference, rising=rising)
    cells = _weighted(ranges[2], names, len(grid.rows), len(grid.columns))
    call = f"MAKE_WHOLE({table},{down},{across})"
    label = "The figure there"
    lines.append(FigureLine(f"Make_whole_{number}", label, quantities.PRICE, call, cells))
    write_lines(book, sheet, row, "ABCD", lines)
    title = grid.title or f"Table {grid.key}"
    reading = f" Read: {grid.reading}." if grid.reading else ""
    sheet.put(f"A{below}", title, styles.HEADING)
    sheet.note(f"A{below + 1}", f"{grid.sources['rows']}.{reading}", 5)
    _write_cells(book, sheet, below + 2, number, grid)
    return last


_STEPS: Final = ("row_place", "row_at", "row_part", "column_place", "column_at", "column_part")


def _ranges(sheet: Sheet, top: int, last: int, columns: int) -> tuple[str, str, str]:
    """Refer to the headings of rows and of columns, and to the figures."""
    right, page = get_column_letter(columns + 1), f"'{sheet.worksheet.title}'!"
    return (
        f"{page}$A${top + 1}:$A${last}",
        f"{page}$B${top}:${right}${top}",
        f"{page}$B${top + 1}:${right}${last}",
    )


def _headings(
    grid: MakeWholeTable, ranges: tuple[str, str, str]
) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """Return the references of both headings, and whether they rise."""
    rows = [line[0] for line in grid.rows]
    return (ranges[0], rows[0] <= rows[-1]), (ranges[1], grid.columns[0] <= grid.columns[-1])


def _neighbours(
    names: list[str], at: int, place: str, headings: str, *, rising: bool
) -> list[FigureLine]:
    """Make the lines of a place within the edges, its first neighbour, and its part of the way."""
    what = ("row", "column")[at]
    where, first, part = names
    within = f"MAX(MIN({headings}),MIN(MAX({headings}),{place}))"
    sign = "<=" if rising else ">="
    before = f"SUMPRODUCT(({headings}{sign}{where})*1)"
    start = f"INDEX({headings},{first})"
    size = f"COUNT({headings})"
    end = f"INDEX({headings},MIN({first}+1,{size}))"
    way = f"IF({start}={end},0,({where}-{start})/({end}-{start}))"
    return [
        FigureLine(where, f"The {what} within the edges", quantities.PRICE, "", within),
        FigureLine(first, f"The {what} before it, by number", quantities.COUNT, "", before),
        FigureLine(part, f"Part of the way to the next {what}", quantities.PRICE, "", way),
    ]


def _weighted(cells: str, names: list[str], rows: int, columns: int) -> str:
    """Weigh the four neighbours."""
    _, row, down, _, column, across = names

    def cell(below: int, right: int) -> str:
        at = (f"MIN({row}+1,{rows})" if below else row, column)
        beside = f"MIN({at[1]}+1,{columns})" if right else at[1]
        return f"INDEX({cells},{at[0]},{beside})"

    top = f"(1-{across})*{cell(0, 0)}+{across}*{cell(0, 1)}"
    bottom = f"(1-{across})*{cell(1, 0)}+{across}*{cell(1, 1)}"
    return f"(1-{down})*({top})+{down}*({bottom})"


def _write_cells(book: Book, sheet: Sheet, top: int, number: int, grid: MakeWholeTable) -> None:
    """Write a table, the same as installed to its right, and check that they are one."""
    width = len(grid.columns) + 1
    beside = max(6, width + 2)
    for offset, row in enumerate(((None, *grid.columns), *grid.rows)):
        for at, value in enumerate(row, 1):
            if value is None:
                continue
            part = "heading" if at == 1 or not offset else f"column_{at - 1}"
            owner = f"row_{offset}" if offset else f"column_{at - 1}"
            name = f"grids.{grid.key}.{owner}.{part}"
            own = f"{get_column_letter(at)}{top + offset}"
            sheet.put(own, as_decimal(value), styles.TERM, styles.GENERAL)
            installed = f"{get_column_letter(beside + at)}{top + offset}"
            sheet.formula(installed, f'DEAL_TERM("{name}",Deal)', number_format=styles.GENERAL)
    last = top + len(grid.rows)
    book.name(f"grids.{grid.key}.rows", sheet, f"A{top}:{get_column_letter(width)}{last}")
    corners = get_column_letter(beside + 1), get_column_letter(beside + width)
    sheet.put(f"{corners[0]}{top - 1}", "The same, as installed", styles.HEADING)
    shown = f"'{TITLE}'!$A${top}:${get_column_letter(width)}${last}"
    there = f"'{TITLE}'!${corners[0]}${top}:${corners[1]}${last}"
    book.checks.append(
        Check(
            f"Make-whole table {number}: sum, and each figure against the terms installed",
            f"SUM({shown})",
            f"SUM({there})",
            f"SQRT(SUMPRODUCT(({shown}-{there})*({shown}-{there})))",
            source="DEAL_TERM",
            format=styles.PRICE,
        )
    )
