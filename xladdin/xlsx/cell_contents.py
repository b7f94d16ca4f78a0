"""What the cells of a sheet's part hold: constants as values, formulas as positions in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from xladdin.xlsx.cell_scanner import (
    CellSpan,
    Place,
    SheetTags,
    attributes_of,
    cell_span,
    checked_row,
    column_of,
    patterns_of,
    place_of,
    row_number,
    sheet_tags,
)
from xladdin.xlsx.workbook_part import LAST_ROW

Column: TypeAlias = tuple[list[int], list[float]]
"""Rows in which a column has a constant, and these: numbers as float, and the numbers of shared
texts as int."""


@dataclass(slots=True)
class Contents:
    """What the cells of a sheet's part hold.

    Attributes:
        prefix: Prefix of the names of its elements: empty, or such as ``x:``.
        start_of_rows: Position at which its first row begins.
        end_of_rows: Position at which a row after the last one would begin.
        reach: Its last row and its last column.
        formulas: Its cells with formulas in order.
        columns: Constants that are numbers or shared texts, by column.
        others: Its cells with other constants in order.
    """

    prefix: str
    start_of_rows: int
    end_of_rows: int
    reach: Place = (0, 0)
    formulas: list[CellSpan] = field(default_factory=list)
    columns: dict[int, Column] = field(default_factory=dict)
    others: list[CellSpan] = field(default_factory=list)


def contents(data: bytes) -> Contents:
    """Read what the cells of a sheet's part hold, and where its formulas stand.

    Args:
        data: The part.

    Returns:
        Its contents; only rows directly under the sheet's data count.

    Raises:
        UnsafeXMLError: The part is not well formed, or not safe, or has impossible cells.
    """
    tags = sheet_tags(data)
    found = Contents(tags.prefix.decode(), -1, tags.where[1])
    if tags.has_rows:
        _read_cells(data, tags, found)
    if found.start_of_rows < 0:
        found.start_of_rows = found.end_of_rows
    return found


def _read_cells(data: bytes, source: SheetTags, found: Contents) -> None:
    """Read the cells of a part as `_rows` does, and keep what they hold."""
    tags, patterns = source.text, patterns_of(source.prefix)
    columns, formulas = found.columns, found.formulas
    above: dict[int, bytes] = {}  # formulas by column: a table has the same one in all its rows
    inside_row = False
    number = column = deepest = widest = 0
    same_row, in_row = b"", 0  # one object for all cells of a row
    for match in patterns.parts.finditer(tags, *source.where):
        groups = match.groups()
        (
            letters, digits, tag, _, formula, _, _, value, _,
            content, inline, _, rest, row_digits, row_tag, row_empty,
        ) = groups  # fmt: skip
        if tag is None:
            inside_row = row_tag is not None and not row_empty
            if row_tag is not None:
                if found.start_of_rows < 0:
                    found.start_of_rows = match.start()
                if row_digits:
                    number = int(row_digits)
                    if number > LAST_ROW:
                        checked_row(number)
                else:
                    number = row_number(attributes_of(row_tag).get("r"), number + 1)
                column = 0
            continue
        if not inside_row:
            continue
        if letters:
            column = column_of(letters)
            if digits != same_row:
                same_row, in_row = digits, int(digits)
                if in_row > LAST_ROW:
                    checked_row(in_row)
            number = in_row
        else:
            number, column = place_of(attributes_of(tag).get("r"), number, column + 1)
        if column > widest:
            widest = column
        if number > deepest:
            deepest = number
        if formula is None and not rest:
            if content and _kept(columns, number, column, tag, content):
                continue
            if value is None and inline is None:
                continue
        cell = cell_span(data, source, match, groups, (number, column))
        if cell.formula_from < 0:
            found.others.append(cell)
            continue
        if above.get(column) == cell.formula_inside:
            cell.formula_inside = above[column]  # once in memory
        above[column] = cell.formula_inside
        formulas.append(cell)
    found.reach = deepest, widest


def _kept(columns: dict[int, Column], row: int, column: int, tag: bytes, content: bytes) -> bool:
    """Keep a constant if it is a number or a shared text; return whether it is one."""
    kind = attributes_of(tag).get("t", "n") if tag else "n"
    if kind == "n":
        try:
            value = float(content)
        except ValueError:
            return False
    elif kind == "s" and content.isdigit():
        value = int(content)
    else:
        return False
    if column not in columns:
        columns[column] = ([], [])
    rows, values = columns[column]
    rows.append(row)
    values.append(value)
    return True
