"""The sheet-writing layer: what every template needs from openpyxl."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.cell.cell import MergedCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.merge import MergedCellRange
from openpyxl.worksheet.worksheet import Worksheet

from xladdin.checking import checks_sheet
from xladdin.checking.checks_sheet import Check
from xladdin.terms.selection import Selection
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.table import Placed
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries, Value

_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold."""

_LIKE_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that a spreadsheet program, or one that a cell is copied into, takes for a formula."""

_WITHOUT_STATE: Final = ("Start", checks_sheet.TITLE)
"""Sheets that show the state of the checks themselves."""

_STATE: Final = (
    'IF(Checks_OK,"Checks hold"&IF(Checks_Warnings=0,"","; warnings: "&Checks_Warnings),'
    '"Look at Checks")'
)
_STATE_WIDTH: Final = 26
_A_LETTER_OF_A_TITLE: Final = 1.8
"""Widths in characters of the sheet's text: of the state of the checks, of a letter of a title."""

_SCREEN: Final = 1300
"""Pixels of columns that a screen shows which is 1366 wide."""

_CENTRED: Final = Alignment(horizontal="center", vertical="center", shrink_to_fit=True)
_BESIDE: Final = {
    framed: Alignment("left", "center", wrap_text=True, indent=int(framed))
    for framed in (False, True)
}
"""Of a note beside another cell: apart from its frame, if it has one."""

MAX_TEXT: Final = 32767
"""Most characters a cell can hold."""


@dataclass
class Book:
    """A workbook under construction.

    Attributes:
        selection: The deal and agreement that it is for.
        workbook: The openpyxl workbook.
        every_agreement: Whether it is about all agreements of the deal instead of the chosen one.
        entries: What users entered, in place of the template's own values.
        entry_checks: Lines of the Checks sheet on what was entered, gathered while sheets are
            written: failures that explain those below them.
        checks: Its lines on figures, gathered likewise: failures too.
        warnings: Its lines that count what is odd and may be right, gathered likewise.
        inputs: What may be typed into the input cells, by defined name, gathered likewise.
        tables: The tables that people type into, by name, gathered likewise.
        looks: What openpyxl made of each named style with a number format.
        aligned: What it made of these with an alignment of their own, beside that alignment.
    """

    selection: Selection
    every_agreement: bool = False
    entries: Entries = NOTHING
    workbook: Workbook = field(default_factory=Workbook)
    entry_checks: list[Check] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    warnings: list[Check] = field(default_factory=list)
    inputs: dict[str, Allowed] = field(default_factory=dict)
    tables: dict[str, Placed] = field(default_factory=dict)
    looks: dict[tuple[str, str], StyleArray] = field(default_factory=dict, repr=False)
    aligned: dict[tuple[tuple[int, ...], int], tuple[Alignment, StyleArray]] = field(
        default_factory=dict, repr=False
    )

    def __post_init__(self) -> None:
        """Begin with no sheet, and with the named styles."""
        terms = self.selection.terms
        self.workbook.properties.creator = "xladdin"
        self.workbook.properties.subject = _clean(f"{terms.name}: {terms.issuer}")
        self.workbook.remove(self.workbook.worksheets[0])
        styles.add_styles(self.workbook)
        for words in self.entries.left_out:
            self.warnings.append(Check(f"Not carried over: {words}", "1", 0, source="its own log"))

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
        margins.top, margins.bottom, margins.footer = 0.4, 0.55, 0.25
        worksheet.HeaderFooter.scaleWithDoc = False  # as large on sheets that are made smaller
        worksheet.oddFooter.left.text = "&F"
        worksheet.oddFooter.center.text = "&A"
        worksheet.oddFooter.right.text = "&P of &N"
        for number, width in enumerate(widths, 1):
            worksheet.column_dimensions[get_column_letter(number)].width = width
        return Sheet(self, worksheet)

    @property
    def failures(self) -> list[Check]:
        """Lines of the Checks sheet that have to hold, in its order: causes come first."""
        return self.entry_checks + self.checks

    def protect(self) -> None:
        """Protect the sheets, without a password; not those with tables, which would not grow."""
        for worksheet in self.workbook.worksheets:
            if not worksheet.tables:
                worksheet.protection.sheet = True
                # Columns and rows may be made wider.
                worksheet.protection.formatColumns = worksheet.protection.formatRows = False

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

    def at(self, reference: str) -> OpenpyxlCell:
        """Return a cell, given as ``"B4"``."""
        place = _place(reference)
        cells = self.worksheet._cells
        cell: OpenpyxlCell | None = cells.get(place)
        if cell is None:
            # As `Worksheet.cell` does after looking at its arguments, in half the time.
            cell = cells[place] = OpenpyxlCell(self.worksheet, *place)
            self.worksheet._current_row = max(self.worksheet._current_row, place[0])
        return cell

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
            # To set its value would look for what is cleaned already, and for formulas.
            cell._value, cell.data_type = _clean(value)[:MAX_TEXT], "s"
            if value.startswith(_LIKE_A_FORMULA):
                cell.quotePrefix = True
        else:
            cell.value = float(value) if isinstance(value, Decimal) else value
            if number_format and isinstance(value, datetime.date):
                # openpyxl gives dates a format of its own when they are set.
                cell.number_format = number_format
        return cell

    def formula(
        self, reference: str, formula: str, style: str = styles.RESULT, number_format: str = ""
    ) -> OpenpyxlCell:
        """Write a formula, given without its equals sign."""
        cell = self._styled(reference, style, number_format)
        cell._value, cell.data_type = _as_formula(formula), "f"
        return cell

    def _styled(self, reference: str, style: str, number_format: str) -> OpenpyxlCell:
        cell = self.at(reference)
        known = self.book.looks.get((style, number_format))
        if known is not None:
            # openpyxl looks all of a style up for each cell, which takes longer than the cell.
            cell._style = known.__copy__()
            return cell
        cell.style = style
        if number_format:
            cell.number_format = number_format
        self.book.looks[style, number_format] = copy(cell._style)
        return cell

    def title(self, text: str, subtitle: str, width: int) -> None:
        """Write the sheet's title and, below it, what it is for, over some columns."""
        self.put("A1", text, styles.TITLE)
        self.worksheet.row_dimensions[1].height = 24
        self.note("A2", subtitle, width)
        if self.worksheet.title not in _WITHOUT_STATE:
            self._write_state(text)

    def _write_state(self, title: str) -> None:
        """Write the state of the checks beside the title, and links to Start and Checks."""
        # Not above what is typed into a table: what stands there is counted, and would be circular.
        typed = [
            at
            for placed in self.book.tables.values()
            for at, column in enumerate(placed.columns, 1)
            if column.allowed and placed.sheet == self.worksheet.title
        ]
        beside = self._column_from(_A_LETTER_OF_A_TITLE * len(title) + 2)
        state = max([beside, *(at + 1 for at in typed)])
        place = f"{get_column_letter(state)}1"
        self.formula(place, _STATE, styles.STATE)
        self.worksheet.conditional_formatting.add(place, styles.alarm())
        # Links are no formulas: they may stand above what is typed, where a screen shows them.
        after = beside if state - beside > 1 else self._column_from(_STATE_WIDTH, state)
        for column, sheet in enumerate(("Start", checks_sheet.TITLE), after):
            cell = self.put(f"{get_column_letter(column)}1", sheet, styles.LINK)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!A1")

    def _column_from(self, room: float, first: int = 1) -> int:
        """Find the first column behind some room, in characters."""
        widths = self.worksheet.column_dimensions
        while room > 0:
            room -= widths[get_column_letter(first)].width
            first += 1
        return first

    def note(self, reference: str, text: str, width: int, style: str = styles.NOTE) -> None:
        """Write a text over some columns, as far as a screen shows them, in a row high enough."""
        cell = self.put(reference, text, style)
        left = self.worksheet._cells.get((cell.row, cell.column - 1))
        if left is not None:
            self.align(reference, _BESIDE[bool(left.border.right and left.border.right.style)])
        known = self.worksheet.column_dimensions
        columns = range(cell.column, cell.column + width)
        widths = [known[get_column_letter(column)].width for column in columns]
        while len(widths) > 1 and sum(7 * one + 5 for one in widths) > _SCREEN:
            widths.pop()
        self.merge(reference, len(widths))
        self.fit(cell.row, [(text, sum(widths))])

    def merge(self, reference: str, width: int) -> None:
        """Merge a cell with those to its right, over some columns."""
        cell = self.at(reference)
        if width < 2:
            return
        area = f"{reference}:{get_column_letter(cell.column + width - 1)}{cell.row}"
        border = cell.border
        sides = (border.left, border.right, border.top, border.bottom)
        if any(side is not None and side.style for side in sides):
            self.worksheet.merge_cells(area)
            return
        # With no border to draw around it, openpyxl would go through every cell for nothing.
        self.worksheet.merged_cells.add(MergedCellRange(self.worksheet, area))
        for column in range(cell.column + 1, cell.column + width):
            hidden = MergedCell(self.worksheet, cell.row, column)
            self.worksheet._cells[cell.row, column] = hidden

    def fit(self, row: int, texts: Sequence[tuple[str, float]]) -> None:
        """Make a row high enough for wrapped texts in cells of some widths.

        Heights are set outright, because programs differ on whether they fit rows on opening.
        """
        lines = max(styles.lines(text, width) for text, width in texts)
        self.worksheet.row_dimensions[row].height = 13.5 * lines + 2 if lines > 1 else 15.0

    def headers(self, row: int, headers: Sequence[str], style: str = styles.HEADER) -> None:
        """Write a row of headings from column A."""
        for number, header in enumerate(headers, 1):
            if header:
                self.put(f"{get_column_letter(number)}{row}", header, style)

    def input(
        self,
        reference: str,
        name: str,
        value: Value,
        number_format: str,
        allowed: Allowed,
        counted: str = "",
    ) -> None:
        """Write an input cell with its defined name and what may be typed.

        Args:
            reference: The cell.
            name: Its defined name.
            value: What it holds at first.
            number_format: Its number format.
            allowed: What may be typed.
            counted: A cell for what it counts for; see `as_counted`.
        """
        entered = self.book.entries.cell(name, value, allowed)
        self.put(reference, entered, styles.INPUT, number_format)
        self.book.inputs[name] = allowed
        self.book.name(name, self, reference)
        where = f"{self.worksheet.title}!{reference}, {name.replace('_', ' ')}"
        self.book.entry_checks.append(
            Check(f"{where}: {allowed.broken_by}", allowed.broken(name), 0, source=allowed.what)
        )
        self.validate(reference, allowed)
        if counted:
            self.formula(counted, allowed.counted(reference), styles.TWIN, number_format)
            self.book.name(as_counted(name), self, counted)

    def validate(self, reference: str, allowed: Allowed) -> None:
        """Set what may be typed into a range."""
        validation = allowed.validation()
        self.worksheet.add_data_validation(validation)
        validation.add(reference)

    def flag_false(self, reference: str, colour: str = styles.PALE_RED) -> None:
        """Colour truth values: green where TRUE, red or another colour where FALSE or an error."""
        green, bold = styles.filled(styles.PALE_GREEN), styles.filled(colour, bold=True)
        failed = [f"ISERROR({reference.split(':', maxsplit=1)[0]})"]
        for rule in (
            Rule("expression", dxf=styles.filled(colour), formula=failed, stopIfTrue=True),
            Rule("cellIs", dxf=bold, operator="equal", formula=["FALSE"]),
            Rule("cellIs", dxf=green, operator="equal", formula=["TRUE"]),
        ):
            self.worksheet.conditional_formatting.add(reference, rule)

    def print_titles(self, rows: str) -> None:
        """Repeat some rows, such as ``"5:5"``, on every printed page."""
        self.worksheet.print_title_rows = rows

    def centre(self, reference: str) -> None:
        """Centre a cell."""
        self.align(reference, _CENTRED)

    def align(self, reference: str, alignment: Alignment) -> None:
        """Align a cell in another way than its style.

        Args:
            reference: The cell.
            alignment: How; of each way there should be one object.
        """
        cell = self.at(reference)
        key = tuple(cell._style), id(alignment)
        known = self.book.aligned.get(key)
        if known is None:
            cell.alignment = alignment
            self.book.aligned[key] = alignment, copy(cell._style)
        else:
            cell._style = copy(known[1])


_place = lru_cache(maxsize=1 << 16)(coordinate_to_tuple)
"""Row and column of a reference; the same few thousand are looked up again and again."""


def _clean(text: str) -> str:
    return _ILLEGAL.sub("�", text)


@lru_cache(maxsize=1 << 13)
def _as_formula(text: str) -> str:
    """Write a formula as openpyxl takes it; all rows of a table share one text."""
    return f"={_clean(text)}"


def as_counted(name: str) -> str:
    """Name what an input counts for in plain Excel: 0 where blank, #N/A where it breaks its rule.

    Functions of the add-in take the input itself, and name what is wrong with it.
    """
    return f"{name}.counted"
