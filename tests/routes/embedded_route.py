"""The route through the embedded engine: all calls in one workbook, its stored values read back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from arguments import Content, Currency, Date, Error, Range, Result, Shown
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from routes.cases import Case
from routes.route import Formulas, Route, shown

from xladdin.cells import CellError
from xladdin.checking.recalc import store


class Embedded(Route):
    """A workbook that the embedded engine recalculates."""

    name = "embedded"
    words = "a workbook recalculated by the embedded engine, its stored values read back"
    one_in = 7

    def run(self, given: Sequence[Case]) -> list[Result]:
        """Make the calls of one function, all in one workbook."""
        sheets = _Sheets()
        places = [sheets.add(case) for case in given]
        data, _ = store(sheets.saved())
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        # Said here, for readers take the file's own word, which is older than the stored values.
        size = {"max_row": sheets.row - 1, "max_col": sheets.columns}
        rows = [[_stored(cell) for cell in row] for row in book[_Sheets.CALLS].iter_rows(**size)]
        book.close()
        return [
            self._read(rows, row, case.expected) for case, row in zip(given, places, strict=True)
        ]

    @staticmethod
    def _read(rows: list[list[Shown]], row: int, expected: Result) -> Result:
        if not isinstance(expected, tuple):
            return rows[row - 1][0]
        height, width = len(expected), len(expected[0])
        return tuple(tuple(line[:width]) for line in rows[row - 1 : row - 1 + height])


def _stored(cell: Any) -> Shown:
    value = cell.value
    return Error(value) if cell.data_type == "e" else shown(value)


class _Sheets(Formulas):
    """A workbook of calls, on one sheet, and of what they refer to, on others."""

    CALLS = "Calls"

    def __init__(self) -> None:
        super().__init__()
        self.book = openpyxl.Workbook()
        self.calls: Any = self.book.active
        self.calls.title = self.CALLS
        self.cells = self.book.create_sheet("Cells")
        self.row = 1
        self.columns = 1
        self.next_row = 1

    def add(self, case: Case) -> int:
        """Write a case's formula; return its row."""
        row = self.row
        formula = self.formula(case)
        cell = self.calls.cell(row, 1)
        if isinstance(case.expected, tuple):
            height, width = len(case.expected), len(case.expected[0])
            area = f"A{row}:{get_column_letter(width)}{row + height - 1}"
            self.calls[cell.coordinate] = ArrayFormula(area, formula)
            self.row += height
            self.columns = max(self.columns, width)
        else:
            cell.value = formula
            self.row += 1
        return row

    def saved(self) -> bytes:
        """Return the workbook's file."""
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()

    def place(self, argument: Range | Content) -> str:
        """Put what is referred to into a sheet, and return the reference."""
        if not isinstance(argument, Range):
            self._write(self.cells, self.next_row, 1, argument)
            self.next_row += 1
            return f"Cells!$A${self.next_row - 1}"
        sheet, top = self.cells, self.next_row
        if argument.whole:
            sheet, top = self.book.create_sheet(f"Whole{len(self.known)}"), 1
        else:
            self.next_row += len(argument.rows)
        for down, row in enumerate(argument.rows):
            for right, content in enumerate(row):
                self._write(sheet, top + down, right + 1, content)
        last = get_column_letter(len(argument.rows[0]))
        if argument.whole:
            return f"{sheet.title}!$A:${last}"
        return f"Cells!$A${top}:${last}${top + len(argument.rows) - 1}"

    @staticmethod
    def _write(sheet: Any, row: int, column: int, content: Content) -> None:
        if content is None:
            return
        cell = sheet.cell(row, column)
        if isinstance(content, Date):
            cell.value = content.number
            cell.number_format = "yyyy-mm-dd hh:mm"
        elif isinstance(content, Currency):
            cell.value = content.number
            cell.number_format = '"$"#,##0.00'
        elif isinstance(content, CellError):
            cell.value = content.code
            cell.data_type = "e"
        elif content == "":
            cell.value = '=""'  # as a constant it would be a blank
        else:
            cell.value = content
            if isinstance(content, str):
                cell.data_type = "s"  # text, whatever it looks like
        if type(cell.value) is float:
            cell._value = repr(cell.value)  # openpyxl writes 16 digits, and Excel 17
