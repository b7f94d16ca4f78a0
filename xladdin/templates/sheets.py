"""The sheet-writing layer: what every template needs from openpyxl, said once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Color, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from xladdin.templates import styles
from xladdin.terms.model import Selection

_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold."""

_LIKE_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that a spreadsheet program, or one that a cell is copied into, takes for a formula."""

MAX_TEXT: Final = 32767
"""Most characters a cell can hold."""

Value = str | float | int | Decimal | bool | datetime.date | None


class Column(NamedTuple):
    """One column of a table that people type into.

    Attributes:
        header: Its heading; also its name in formulas, so plain words without punctuation.
        style: Named style of its cells; decides the heading's look too.
        format: Number format.
        width: Width in characters.
        formula: Formula of each row without the equals sign; empty for an input column.
        values: First values of an input column; rows beyond them wait for input.
        validation: What may be typed, for an input column.
        centred: Whether its cells are centred.
    """

    header: str
    style: str
    format: str
    width: float
    formula: str = ""
    values: Sequence[Value] = ()
    validation: DataValidation | None = None
    centred: bool = False


class Check(NamedTuple):
    """One line of the Checks sheet.

    Attributes:
        what: What is compared.
        computed: Formula of the add-in's figure, without the equals sign.
        expected: Formula or value of what it must be.
        difference: Formula of the difference; empty for computed less expected.
        tolerance: Greatest difference at which the check holds, in the figure's unit.
        source: Page, or where the expected figure comes from.
        format: Number format of both figures.
    """

    what: str
    computed: str
    expected: str | float
    difference: str = ""
    tolerance: float = 0.0
    source: str = ""
    format: str = styles.GENERAL


USD_TOLERANCE: Final = 1e-6
"""A ten-thousandth of a cent: far above double rounding on amounts of this size, which is some
1E-8 for tens of millions, and far below anything that could be paid."""

PRICE_TOLERANCE: Final = 1e-9
"""For prices a share and fractions."""

FIRST_CHECK_ROW: Final = 6
"""Row of the first line of the Checks sheet."""

TABLE_HEADER_HEIGHT: Final = 42
"""Height of a table's headings, in points: three lines."""

EXACT: Final = 0.0
"""For counts, dates and truth values."""


@dataclass
class Book:
    """A workbook under construction.

    Attributes:
        selection: The deal and agreement that it is for.
        workbook: The openpyxl workbook.
        every_agreement: Whether it is about all agreements of the deal instead of the chosen one.
        checks: Lines of the Checks sheet, gathered while sheets are written.
    """

    selection: Selection
    every_agreement: bool = False
    workbook: Workbook = field(default_factory=Workbook)
    checks: list[Check] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no sheet, and with the named styles."""
        terms = self.selection.terms
        self.workbook.properties.creator = "xladdin"
        self.workbook.properties.subject = _clean(f"{terms.name}: {terms.issuer}")
        self.workbook.remove(self.workbook.worksheets[0])
        styles.add_styles(self.workbook)

    def sheet(self, title: str, widths: Sequence[float], *, portrait: bool = False) -> Sheet:
        """Add a sheet that prints one page wide.

        Args:
            title: Its name.
            widths: Widths of its first columns, in characters.
            portrait: Whether it prints upright.

        Returns:
            The sheet.
        """
        worksheet = self.workbook.create_sheet(title)
        worksheet.sheet_view.showGridLines = False
        setup = worksheet.page_setup
        setup.orientation = "portrait" if portrait else "landscape"
        setup.paperSize = worksheet.PAPERSIZE_LETTER
        setup.fitToWidth, setup.fitToHeight = 1, 0
        worksheet.sheet_properties.pageSetUpPr.fitToPage = True
        margins = worksheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.footer = 0.6, 0.8, 0.4
        worksheet.oddFooter.left.text = "&F"
        worksheet.oddFooter.center.text = "&A"
        worksheet.oddFooter.right.text = "&P of &N"
        for number, width in enumerate(widths, 1):
            worksheet.column_dimensions[get_column_letter(number)].width = width
        return Sheet(self, worksheet)

    def placed_checks(self) -> Iterator[tuple[str, int, Check]]:
        """Yield the cell, the row and the line of each check on the Checks sheet."""
        for row, check in enumerate(self.checks, FIRST_CHECK_ROW):
            yield f"Checks!F{row}", row, check

    def name(self, name: str, sheet: Sheet, reference: str) -> None:
        """Give a defined name to a range, such as ``"A1"`` or ``"A1:B9"``."""
        absolute = re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", reference)
        target = f"'{sheet.worksheet.title}'!{absolute}"
        self.workbook.defined_names[name] = DefinedName(name, attr_text=target)


@dataclass(frozen=True)
class Sheet:
    """One worksheet of a book."""

    book: Book
    worksheet: Worksheet

    def put(
        self, reference: str, value: Value, style: str = styles.TEXT, number_format: str = ""
    ) -> OpenpyxlCell:
        """Write a value. Text is text: it never becomes a formula.

        Args:
            reference: The cell, such as ``"B4"``.
            value: A number, text, date, truth value, or None for a blank.
            style: Named style.
            number_format: Number format, where it is not the style's.

        Returns:
            The cell.
        """
        cell = self._styled(reference, style, number_format)
        if isinstance(value, str):
            cell.value = _clean(value)[:MAX_TEXT]
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(_LIKE_A_FORMULA)
        else:
            cell.value = float(value) if isinstance(value, Decimal) else value
            if number_format:
                # openpyxl gives dates a format of its own when they are set.
                cell.number_format = number_format
        return cell

    def formula(
        self, reference: str, formula: str, style: str = styles.RESULT, number_format: str = ""
    ) -> OpenpyxlCell:
        """Write a formula, given without its equals sign."""
        cell = self._styled(reference, style, number_format)
        cell.value = f"={formula}"
        return cell

    def _styled(self, reference: str, style: str, number_format: str) -> OpenpyxlCell:
        cell: OpenpyxlCell = self.worksheet[reference]
        cell.style = style
        if number_format:
            cell.number_format = number_format
        return cell

    def title(self, text: str, subtitle: str, width: int) -> None:
        """Write the sheet's title and, below it, what it is for, over some columns."""
        self.put("A1", text, styles.TITLE)
        self.worksheet.row_dimensions[1].height = 24
        self.note("A2", subtitle, width)

    def note(self, reference: str, text: str, width: int, style: str = styles.NOTE) -> None:
        """Write a text over some columns, in a row high enough for it."""
        cell = self.put(reference, text, style)
        self.merge(reference, width)
        room = sum(
            self.worksheet.column_dimensions[get_column_letter(column)].width
            for column in range(cell.column, cell.column + width)
        )
        self.fit(cell.row, [(text, room)])

    def merge(self, reference: str, width: int) -> None:
        """Let a cell reach over some columns."""
        cell = self.worksheet[reference]
        if width > 1:
            last = get_column_letter(cell.column + width - 1)
            self.worksheet.merge_cells(f"{reference}:{last}{cell.row}")

    def fit(self, row: int, texts: Sequence[tuple[str, float]]) -> None:
        """Make a row high enough for wrapped texts in cells of some widths.

        Heights are set outright, because programs differ on whether they fit rows on opening.
        """
        lines = max(
            sum(-(-max(len(line), 1) // max(int(width * 1.15), 1)) for line in text.split("\n"))
            for text, width in texts
        )
        self.worksheet.row_dimensions[row].height = max(15.0, 13.5 * lines + 2)

    def headers(self, row: int, headers: Sequence[str], style: str = styles.HEADER) -> None:
        """Write a row of headings from column A."""
        for number, header in enumerate(headers, 1):
            if header:
                self.put(f"{get_column_letter(number)}{row}", header, style)

    def input(
        self, reference: str, name: str, value: Value, number_format: str, allowed: DataValidation
    ) -> None:
        """Write an input cell with its defined name and what may be typed."""
        self.put(reference, value, styles.INPUT, number_format)
        self.book.name(name, self, reference)
        self.validate(reference, allowed)

    def validate(self, reference: str, allowed: DataValidation) -> None:
        """Say what may be typed into a range."""
        self.worksheet.add_data_validation(allowed)
        allowed.add(reference)

    def table(self, name: str, row: int, columns: Sequence[Column], rows: int) -> str:
        """Write an Excel table that grows: headings, first values, and formulas in every row.

        Args:
            name: The table's name.
            row: Row of its headings; it begins in column A.
            columns: Its columns.
            rows: Rows below the headings.

        Returns:
            Its range.
        """
        last = row + rows
        for number, column in enumerate(columns, 1):
            letter = get_column_letter(number)
            self.worksheet.column_dimensions[letter].width = column.width
            twin = column.style == styles.TWIN
            heading = styles.TWIN_HEADER if twin else styles.HEADER
            self.put(f"{letter}{row}", column.header, heading)
            for offset in range(rows):
                place = f"{letter}{row + 1 + offset}"
                if column.formula:
                    self.formula(place, column.formula, column.style, column.format)
                    if column.centred:
                        self.centre(place)
                else:
                    value = column.values[offset] if offset < len(column.values) else None
                    self.put(place, value, column.style, column.format)
            if column.validation:
                self.validate(f"{letter}{row + 1}:{letter}{last}", column.validation)
        self.worksheet.row_dimensions[row].height = TABLE_HEADER_HEIGHT
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
        self.worksheet.add_table(table)
        return reference

    def flag_false(self, reference: str) -> None:
        """Colour truth values: green where TRUE, red where FALSE or an error."""
        green = PatternFill("solid", bgColor=Color(rgb=styles.PALE_GREEN))
        red = PatternFill("solid", bgColor=Color(rgb=styles.PALE_RED))
        first = reference.split(":", maxsplit=1)[0]
        rules = self.worksheet.conditional_formatting
        rules.add(reference, FormulaRule([f"ISERROR({first})"], fill=red, stopIfTrue=True))
        rules.add(reference, CellIsRule("equal", ["FALSE"], fill=red, font=Font(bold=True)))
        rules.add(reference, CellIsRule("equal", ["TRUE"], fill=green))

    def print_titles(self, rows: str) -> None:
        """Repeat some rows, such as ``"5:5"``, on every printed page."""
        self.worksheet.print_title_rows = rows

    def centre(self, reference: str) -> None:
        """Centre a cell."""
        self.worksheet[reference].alignment = Alignment(horizontal="center", vertical="center")


def _clean(text: str) -> str:
    return _ILLEGAL.sub("�", text)


def this_row(table: str, column: str) -> str:
    """Refer to a column's cell in the same row of a table."""
    return f"{table}[[#This Row],[{column}]]"


def whole(table: str, column: str) -> str:
    """Refer to a whole column of a table."""
    return f"{table}[{column}]"


def agree(pairs: Sequence[tuple[str, str, float]]) -> str:
    """Say whether figures and their twins agree: within a tolerance, or both errors.

    Args:
        pairs: Reference of the figure, reference of the twin, tolerance.

    Returns:
        A formula without its equals sign.
    """
    tests = [
        f"IF(ISERROR({figure}),ISERROR({twin}),IF(ISERROR({twin}),FALSE,"
        + (f"ABS({figure}-{twin})<={tolerance:G}))" if tolerance else f"{figure}={twin}))")
        for figure, twin, tolerance in pairs
    ]
    return f"AND({','.join(tests)})"


def whole_number(least: int, what: str) -> DataValidation:
    """Allow whole numbers from `least` on."""
    return _allowed("whole", "greaterThanOrEqual", str(least), what)


def number_above(least: float, what: str, *, or_equal: bool = False) -> DataValidation:
    """Allow numbers above `least`."""
    operator = "greaterThanOrEqual" if or_equal else "greaterThan"
    return _allowed("decimal", operator, f"{least:G}", what)


def date_between(first: datetime.date, last: datetime.date, what: str) -> DataValidation:
    """Allow dates in a range."""
    rule = _allowed("date", "between", _date(first), what)
    rule.formula2 = _date(last)
    return rule


def number_between(least: float, most: str, what: str) -> DataValidation:
    """Allow numbers from `least` to `most`, which may be a formula without its equals sign."""
    rule = _allowed("decimal", "between", f"{least:G}", what)
    rule.formula2 = most
    return rule


def short_text(most: int, what: str) -> DataValidation:
    """Allow texts of at most so many characters."""
    return _allowed("textLength", "lessThanOrEqual", str(most), what)


def _date(day: datetime.date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def _allowed(kind: str, operator: str, bound: str, what: str) -> DataValidation:
    rule: Any = DataValidation(type=kind, operator=operator, formula1=bound, allow_blank=True)
    rule.errorTitle = "Not accepted"
    rule.error = what
    rule.promptTitle = "Input"
    rule.prompt = what
    rule.showErrorMessage = rule.showInputMessage = True
    return rule
