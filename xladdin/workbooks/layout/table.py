"""Excel tables that people type into: their columns, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo

from xladdin.checking.checks_sheet import FAILS, ODD, REMARK, Check
from xladdin.errors import FileError
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.user_inputs import NEVER, Unless, Value
from xladdin.xlsx.tall_sheet import Filling
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW

if TYPE_CHECKING:
    from xladdin.workbooks.layout.sheet import Sheet

_UNWRAPPED: Final = Alignment("left", "center")
_INDENTED: Final = Alignment("left", "center", indent=1, shrink_to_fit=True)
_WRAPPED: Final = Alignment("left", "center", indent=1, wrap_text=True)
"""Of texts, worked out and typed: they stand apart from the number to their left, and none is cut
by the next cell. Programs make a row higher as somebody types."""


class Column(NamedTuple):
    """One column of a table that people type into.

    Attributes:
        header: Its heading; also its name in formulas, so plain words without punctuation.
        style: Named style of its cells; decides the heading's look too.
        format: Number format.
        width: Width in characters.
        formula: Formula of each row without the equals sign; empty for an input column.
        values: First values of an input column; rows beyond them wait for input.
        allowed: What may be typed, for an input column.
        centred: Whether its cells are centred.
        optional: Whether a row may do without, for an input column.
        unless: Where only some rows may: the heading of another column, and its values in them.
    """

    header: str
    style: str
    format: str
    width: float
    formula: str = ""
    values: Sequence[Value] = ()
    allowed: Allowed | None = None
    centred: bool = False
    optional: bool = False
    unless: Unless = NEVER


class Placed(NamedTuple):
    """A table as it came to stand.

    Attributes:
        sheet: The sheet's name.
        columns: Its columns, from column A on.
        first_row: Row of its headings.
        last_row: Its last row.
        values: Values of its input columns, by heading.
    """

    sheet: str
    columns: Sequence[Column]
    first_row: int
    last_row: int
    values: Mapping[str, Sequence[Value]]

    def rows_of(self, letter: str) -> str:
        """Refer to a column's cells below its heading, such as ``"C6:C25"``."""
        return f"{letter}{self.first_row + 1}:{letter}{self.last_row}"


TALL: Final = 1_000
"""Rows of a table above which openpyxl has cells for the first and the last one alone: it takes a
kilobyte for each cell, and such a workbook is computed and written by windows of rows."""

TABLE_HEADER_HEIGHT: Final = 42
"""Height of a table's headings, in points: three lines."""


_OWN_NAMES: Final = ("Class B ",)
"""Beginnings of headings that keep their capital inside a sentence."""


def in_sentence(heading: str) -> str:
    """Write a heading in a sentence: without its capital, but for names and abbreviations."""
    first = heading.split(" ", maxsplit=1)[0]
    kept = heading.startswith(_OWN_NAMES) or (len(first) > 1 and first.isupper())
    return heading if kept else f"{heading[:1].lower()}{heading[1:]}"


def twin_header(header: str, *, own: bool = False) -> str:
    """Name the twin of a column of figures; a heading that is a name of its own stays as it is."""
    return f"Plain {header if own else in_sentence(header)}"


def this_row(table: str, column: str) -> str:
    """Refer to a column's cell in the same row of a table."""
    return f"{table}[[#This Row],[{column}]]"


def whole(table: str, column: str) -> str:
    """Refer to a whole column of a table."""
    return f"{table}[{column}]"


def write_table(
    sheet: Sheet, name: str, row: int, columns: Sequence[Column], least: int = 0
) -> Placed:
    """Write an Excel table that grows: headings, first values, and formulas in every row.

    Args:
        sheet: The sheet to write on.
        name: The table's name.
        row: Row of its headings; it begins in column A.
        columns: Its columns.
        least: Rows below the headings at least; those beyond the values wait for input.

    Returns:
        Where it stands, and its values.

    Raises:
        FileError: The rows that users entered do not fit.
    """
    values = _entered(sheet, name, columns)
    rows = max(least, *(len(column) for column in values.values()))
    if not rows:
        entered = sheet.book.entries
        raise FileError(entered.path, f"it has no row for {name}", "enter one at least")
    last = row + rows
    placed = Placed(sheet.worksheet.title, columns, row, last, values)
    sheet.book.tables[name] = placed
    tall, typed = rows > TALL, dict[int, Callable[[int], Cell]]()
    if tall:
        sheet.worksheet.filling = Filling(row + 1, last, typed)
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.worksheet.column_dimensions[letter].width = column.width
        twin = column.style == styles.TWIN
        heading = styles.TWIN_HEADER if twin else styles.HEADER
        sheet.put(f"{letter}{row}", column.header, heading)
        if column.formula:
            _write_cell(sheet, column, f"{letter}{row + 1}", None)
            _fill_down(sheet, f"{letter}{row + 1}", last, tall=tall)
        else:
            filled = values[column.header]
            for offset in (0, rows - 1) if tall else range(rows):
                value = filled[offset] if offset < len(filled) else None
                _write_cell(sheet, column, f"{letter}{row + 1 + offset}", value)
            if tall:
                typed[number] = partial(_typed_cell, sheet, column, number, row + 1, filled)
        if column.allowed:
            sheet.validate(placed.rows_of(letter), column.allowed)
        if column.header == REMARK:
            _flag_remarks(sheet, placed.rows_of(letter))
    if not tall:
        _fit_rows(sheet, row + 1, rows, columns, values)
    sheet.worksheet.row_dimensions[row].height = TABLE_HEADER_HEIGHT
    reference = f"A{row}:{get_column_letter(len(columns))}{last}"
    table = Table(displayName=name, name=name, ref=reference)
    # No banding or filter buttons: the cells' own styles carry the meaning.
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    table.tableColumns = [
        TableColumn(
            id=number,
            name=column.header,
            calculatedColumnFormula=TableFormula(attr_text=column.formula)
            if column.formula
            else None,
        )
        for number, column in enumerate(columns, 1)
    ]
    sheet.worksheet.add_table(table)
    return placed


def watch_around(sheet: Sheet, placed: Placed, table: str, place: str = "") -> None:
    """Count what stands around a table, where no total sees it: on the sheet and on Checks.

    Under it that is whatever is there. Beside it and above what is typed into, it is numbers;
    texts there are notes. The sheet has to be finished otherwise.

    Args:
        sheet: The sheet.
        placed: The table.
        table: Its name.
        place: Cell of the notice; above the units, in column D, if empty.
    """
    headings = [column.header for column in placed.columns]
    own = f"{table}[[#All],[{headings[0]}]:[{headings[-1]}]]"
    last = get_column_letter(len(headings))
    # Whole columns, which is how LibreOffice writes them when it saves.
    right = f"{get_column_letter(len(headings) + 1)}:{get_column_letter(LAST_COLUMN)}"
    own_sheet = f"'{placed.sheet}'!"
    area = f"{own_sheet}A{placed.first_row}:{last}{LAST_ROW}"
    below = f"COUNTA({area})-COUNTA({own})"
    beside = f"COUNT({own_sheet}{right})"
    around = f"{beside}+{_above(sheet, placed)}"
    sheet.book.entry_checks += [
        Check(f"{placed.sheet}: cells filled under the table", below, 0, source="in no total"),
        Check(
            f"{placed.sheet}: numbers beside the table, or above what is typed into it",
            around,
            0,
            source="in no total",
        ),
    ]
    # Those above are left to Checks: this cell is among them.
    outside = f"COUNTA({area})-COUNTA({table}[#All])+COUNT({right})".replace(own_sheet, "")
    words = f'"Filled cells outside the table, in no total: "&{outside}&". Move them into it."'
    # Not an empty text: LibreOffice works those out anew on opening, before it knows tables.
    place = place or f"D{placed.first_row - 2}"
    notice = sheet.formula(place, f'IF({outside}=0," ",{words})', styles.ALARM)
    notice.alignment = _UNWRAPPED


def _above(sheet: Sheet, placed: Placed) -> str:
    """Count the numbers above what is typed into a table, but for those of the sheet itsheet."""
    typed = [number for number, column in enumerate(placed.columns, 1) if column.allowed]
    block = f"{get_column_letter(typed[0])}1:{get_column_letter(typed[-1])}{placed.first_row - 1}"
    own = [
        (cell.row, cell.column)
        for row in sheet.worksheet[block]
        for cell in row
        if cell.data_type == "f" or cell.style == styles.INPUT
    ]
    counted = f"COUNT('{placed.sheet}'!{block})"
    if not own:
        return counted
    rows, columns = zip(*own, strict=True)
    first, last = get_column_letter(min(columns)), get_column_letter(max(columns))
    return f"{counted}-COUNT('{placed.sheet}'!{first}{min(rows)}:{last}{max(rows)})"


def _write_cell(sheet: Sheet, column: Column, place: str, value: Value) -> None:
    if column.formula:
        sheet.formula(place, column.formula, column.style, column.format)
    else:
        sheet.put(place, value, column.style, column.format)
    if column.centred:
        sheet.centre(place)
    elif column.format == styles.GENERAL:
        sheet.align(place, _INDENTED if column.formula else _WRAPPED)


def _typed_cell(
    sheet: Sheet, column: Column, number: int, first: int, values: Sequence[Value], row: int
) -> Cell:
    """Make the cell of a row of a tall table, and keep none that was not kept before."""
    cells, value = (
        sheet.worksheet._cells,
        values[row - first] if row - first < len(values) else None,
    )
    kept = (row, number) in cells
    _write_cell(sheet, column, f"{get_column_letter(number)}{row}", value)
    return cells[row, number] if kept else cells.pop((row, number))


def _fill_down(sheet: Sheet, reference: str, last_row: int, *, tall: bool) -> None:
    """Write a cell's formula, with its look, into those below it down to a row; or only there."""
    first, cells = sheet.at(reference), sheet.worksheet._cells
    for row in range(last_row if tall else first.row + 1, last_row + 1):
        cell = cells[row, first.column] = Cell(sheet.worksheet, row, first.column)
        cell._value, cell.data_type = first._value, "f"
        cell._style = first._style.__copy__()
    sheet.worksheet._current_row = max(sheet.worksheet._current_row, last_row)


def _fit_rows(
    sheet: Sheet,
    first: int,
    rows: int,
    columns: Sequence[Column],
    values: Mapping[str, Sequence[Value]],
) -> None:
    """Make rows higher whose typed texts need more than a line."""
    texts = [
        (values[column.header], column.width - 2)
        for column in columns
        if not column.formula and column.format == styles.GENERAL and not column.centred
    ]
    for at in range(rows):
        typed = [(str(one[at]), width) for one, width in texts if at < len(one) and one[at]]
        if any(styles.lines(*one) > 1 for one in typed):
            sheet.fit(first + at, typed)


def _entered(sheet: Sheet, name: str, columns: Sequence[Column]) -> Mapping[str, Sequence[Value]]:
    """Return the values of a table's input columns: users' own, or else the first ones."""
    typed = {column.header: column for column in columns if column.allowed}
    entered = sheet.book.entries.columns(
        name,
        {header: column.allowed for header, column in typed.items() if column.allowed},
        {header: column.unless for header, column in typed.items() if not column.optional},
        {column.header for column in columns},
    )
    if entered is not None:
        return entered
    return {header: column.values for header, column in typed.items()}


def _flag_remarks(sheet: Sheet, reference: str) -> None:
    """Colour remarks: red where a row fails, amber where it is odd."""
    first = reference.split(":", maxsplit=1)[0]
    rules = sheet.worksheet.conditional_formatting
    for word, colour in ((FAILS, styles.PALE_RED), (ODD, styles.PALE_AMBER)):
        condition = [f'LEFT({first},7)="{word}"']
        rules.add(reference, Rule("expression", dxf=styles.filled(colour), formula=condition))
