"""A sheet of figures as the document has them beside the same figures now, with their twins.

What is documented rests on the Terms sheet alone, so that it can be compared with what the document
prints whatever is typed under Now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment

from xladdin.workbooks.figures import (
    Pair,
    apart,
    check_of,
    greatest,
    write_difference,
    write_pair,
)
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.cited import FirstValue, write_source
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.quantities import Quantity

WIDTHS: Final = (46, 17, 17, 17, 17, 12, 40)
"""Label, as documented, now, twin of each, difference, source."""

WIDTH: Final = len(WIDTHS)

DOCUMENTED: Final = "B"
NOW: Final = "C"
_PLAIN_DOCUMENTED: Final = "D"
_PLAIN_NOW: Final = "E"
_DIFFERENCE: Final = "F"
_SOURCE: Final = "G"
_SOURCE_ALONE: Final = _PLAIN_DOCUMENTED
"""Where the source stands in a section without twins: right beside the figures."""
_INDENTED: Final = Alignment("left", vertical="center", wrap_text=True, indent=1)
_TO_THE_RIGHT: Final = Alignment("right", "center", shrink_to_fit=True)
_COUNTED: Final = _PLAIN_DOCUMENTED
_SOURCE_OF_INPUT: Final = _PLAIN_NOW
"""What an input counts for, and where its source stands, right beside."""


class Typed(NamedTuple):
    """A figure that may be typed.

    Attributes:
        name: Defined name of the input.
        label: What it is.
        value: What the input holds at first.
        allowed: What may be typed.
        documented: Formula of the figure as documented; empty where the document has none.
        source: Where that comes from.
        format: Number format.
    """

    name: str
    label: str
    value: Value
    allowed: Allowed
    documented: str = ""
    source: str = ""
    format: str = styles.COUNT


class Result(NamedTuple):
    """A figure that follows.

    Attributes:
        name: Defined name of the figure now.
        label: What it is.
        quantity: What it is a quantity of.
        now: Formula of the figure now.
        plain_now: Its twin; empty where the formula is plain itself.
        documented: Formula of the figure as documented; empty where it has none.
        plain_documented: Its twin.
        source: Where it comes from.
        strong: Whether it is one to look at.
    """

    name: str
    label: str
    quantity: Quantity
    now: str
    plain_now: str = ""
    documented: str = ""
    plain_documented: str = ""
    source: str = ""
    strong: bool = False


class ThenAndNow:
    """The sheet, while it is written.

    Attributes:
        book: The workbook.
        sheet: The sheet.
        row: Row to be written next.
        rows: Rows of the figures, by name.
    """

    def __init__(self, book: Book, title: str, heading: str, purpose: str) -> None:
        """Begin the sheet.

        Args:
            book: The workbook.
            title: The sheet's name.
            heading: What stands above it.
            purpose: What it is for.
        """
        self.book = book
        self.sheet: Sheet = book.sheet(title, WIDTHS)
        self.sheet.title(heading, purpose, WIDTH)
        self.row = 4
        self.rows: dict[str, int] = {}

    def documented(self, name: str) -> str:
        """Refer to a figure as documented, from any sheet."""
        return f"'{self.sheet.worksheet.title}'!{DOCUMENTED}{self.rows[name]}"

    def inputs(self, heading: str, figures: Sequence[Typed]) -> None:
        """Write a heading, and figures that may be typed."""
        documented = any(item.documented for item in figures)
        self._heading(heading, _SOURCE_OF_INPUT, documented=documented)
        for figure in figures:
            self._begin(figure.name, figure.label, figure.source, _SOURCE_OF_INPUT)
            if figure.source and not figure.documented:
                cited = [FirstValue(figure.name, f"{NOW}{self.row}", figure.value)]
                place = f"{_SOURCE_OF_INPUT}{self.row}"
                write_source(self.sheet, place, cited, figure.source)
            if figure.documented:
                place = f"{DOCUMENTED}{self.row}"
                self.sheet.formula(place, figure.documented, styles.TERM, figure.format)
            else:
                self.sheet.merge(f"A{self.row}", 2)
            place = f"{NOW}{self.row}"
            counted = f"{_COUNTED}{self.row}"
            self.sheet.input(
                place, figure.name, figure.value, figure.format, figure.allowed, counted
            )
            self.row += 1
        self.row += 1

    def results(self, heading: str, figures: Sequence[Result]) -> None:
        """Write a heading, and figures that follow, each beside its twins."""
        source = _SOURCE if any(item.plain_now for item in figures) else _SOURCE_ALONE
        self._heading(heading, source)
        for figure in figures:
            self._result(figure, source)
            self.row += 1
        self.row += 1

    def note(self, text: str) -> None:
        """Write a note over all columns, right below what was written last."""
        self.row -= 1
        self.sheet.note(f"A{self.row}", text, WIDTH)
        self.row += 2

    def _heading(self, heading: str, source: str, *, documented: bool = True) -> None:
        """Write a heading, and the headings of the columns that the figures below it fill."""
        self.sheet.put(f"A{self.row}", heading, styles.HEADING)
        self.row += 1
        headers = [("A", "Figure", styles.HEADER)]
        if documented:
            headers.append((DOCUMENTED, self._as_documented, styles.HEADER))
        else:
            self.sheet.merge(f"A{self.row}", 2)
        headers.append((NOW, "Now", styles.HEADER))
        if source == _SOURCE_OF_INPUT:
            headers.append((_COUNTED, "As counted", styles.TWIN_HEADER))
        elif source == _SOURCE:
            headers += [
                (_PLAIN_DOCUMENTED, "Plain documented", styles.TWIN_HEADER),
                (_PLAIN_NOW, "Plain now", styles.TWIN_HEADER),
                (_DIFFERENCE, "Difference", styles.HEADER),
            ]
        cites = source == _SOURCE_OF_INPUT and documented
        words = "Source of what is documented" if cites else "Source"
        headers.append((source, words, styles.HEADER))
        for letter, text, style in headers:
            self.sheet.put(f"{letter}{self.row}", text, style)
        self._merge(f"{source}{self.row}")
        self.sheet.fit(self.row, [(self._as_documented, WIDTHS[1] - 2)])
        self.row += 1

    @property
    def _as_documented(self) -> str:
        """Head the column of the document's figures: splits since then are in them."""
        adjusted = ", adjusted for splits" if self.book.selection.splits else ""
        return f"As documented{adjusted}"

    def _begin(self, name: str, label: str, source: str, letter: str) -> None:
        self.rows[name] = self.row
        self.sheet.put(f"A{self.row}", label, styles.TEXT)
        cell = self.sheet.put(f"{letter}{self.row}", source or None, styles.NOTE)
        cell.alignment = _INDENTED
        self._merge(cell.coordinate)
        self.sheet.fit(self.row, [(label, WIDTHS[0]), (source, WIDTHS[-1] - 2)])

    def _merge(self, source: str) -> None:
        """Merge a cell with a source to the last column."""
        self.sheet.merge(source, WIDTH - self.sheet.at(source).column + 1)

    def _result(self, figure: Result, source: str) -> None:
        self._begin(figure.name, figure.label, figure.source, source)
        self.book.name(figure.name, self.sheet, f"{NOW}{self.row}")

        def look(cell: OpenpyxlCell, style: str) -> None:
            if figure.strong and style == styles.RESULT:
                cell.font = styles.STRONG
            if figure.quantity.in_words:
                cell.alignment = _TO_THE_RIGHT

        compared = []
        for when, letter, formula, plain, twin in (
            (
                "as documented",
                DOCUMENTED,
                figure.documented,
                _PLAIN_DOCUMENTED,
                figure.plain_documented,
            ),
            ("now", NOW, figure.now, _PLAIN_NOW, figure.plain_now),
        ):
            cells = Pair(f"{letter}{self.row}", f"{plain}{self.row}")
            write_pair(self.sheet, cells, figure.quantity, formula, twin, look)
            if twin:
                compared.append((when, cells))
        if figure.strong:
            self.sheet.at(f"A{self.row}").font = styles.STRONG
        self._compare(figure, compared)

    def _compare(self, figure: Result, compared: Sequence[tuple[str, Pair]]) -> None:
        """Show the greater difference of the two figures from their twins, and check each."""
        quantity = figure.quantity
        for when, cells in compared:
            named = cells.on(self.sheet)
            difference = apart(named, quantity) if quantity.in_words else ""
            self.book.checks.append(
                check_of(f"{figure.label}, {when}", named, quantity, difference)
            )
        if compared:
            pairs = [cells for _, cells in compared]
            place = f"{_DIFFERENCE}{self.row}"
            write_difference(self.sheet, place, greatest(pairs, quantity), quantity)
