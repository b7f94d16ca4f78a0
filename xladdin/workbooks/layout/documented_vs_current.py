"""A sheet of figures as the document has them beside the same figures now, with their twins.

What is documented rests on the Terms sheet alone, so that it can be held against what the document
prints whatever is typed under Now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from openpyxl.styles import Alignment

from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.check import Check
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.user_inputs import Value

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
        format: Number format.
        tolerance: Greatest difference from the twins at which they agree.
        now: Formula of the figure now.
        plain_now: Its twin; empty where the formula is plain itself.
        documented: Formula of the figure as documented; empty where it has none.
        plain_documented: Its twin.
        source: Where it comes from.
        strong: Whether it is one to look at.
    """

    name: str
    label: str
    format: str
    tolerance: float
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
            source = self.book.said_of([figure.name], figure.source)
            self._begin(figure.name, figure.label, source, _SOURCE_OF_INPUT)
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
            headers.append((DOCUMENTED, "As documented", styles.HEADER))
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
        headers.append((source, "Source", styles.HEADER))
        for letter, text, style in headers:
            self.sheet.put(f"{letter}{self.row}", text, style)
        self._merge(f"{source}{self.row}")
        self.row += 1

    def _begin(self, name: str, label: str, source: str, letter: str) -> None:
        self.rows[name] = self.row
        self.sheet.put(f"A{self.row}", label, styles.TEXT)
        cell = self.sheet.put(f"{letter}{self.row}", source or None, styles.NOTE)
        cell.alignment = Alignment("left", vertical="center", wrap_text=True, indent=1)
        self._merge(cell.coordinate)
        self.sheet.fit(self.row, [(label, WIDTHS[0]), (source, WIDTHS[-1] - 2)])

    def _merge(self, source: str) -> None:
        """Merge a cell with a source to the last column."""
        self.sheet.merge(source, WIDTH - self.sheet.at(source).column + 1)

    def _result(self, figure: Result, source: str) -> None:
        self._begin(figure.name, figure.label, figure.source, source)
        self.book.name(figure.name, self.sheet, f"{NOW}{self.row}")
        cells = (
            (DOCUMENTED, figure.documented, styles.RESULT),
            (NOW, figure.now, styles.RESULT),
            (_PLAIN_DOCUMENTED, figure.plain_documented, styles.TWIN),
            (_PLAIN_NOW, figure.plain_now, styles.TWIN),
        )
        for letter, formula, style in cells:
            if formula:
                place = f"{letter}{self.row}"
                cell = self.sheet.formula(place, formula, style, figure.format)
                if figure.strong and style == styles.RESULT:
                    cell.font = styles.STRONG
                if figure.format == styles.GENERAL:
                    cell.alignment = Alignment(horizontal="right", vertical="center")
        if figure.strong:
            self.sheet.at(f"A{self.row}").font = styles.STRONG
        self._compare(figure)

    def _compare(self, figure: Result) -> None:
        """Show the greater difference of the two figures from their twins, and check each."""
        texts = figure.format == styles.GENERAL
        own = f"'{self.sheet.worksheet.title}'!"
        differences = []
        for when, twin, letter, plain in (
            ("as documented", figure.plain_documented, DOCUMENTED, _PLAIN_DOCUMENTED),
            ("now", figure.plain_now, NOW, _PLAIN_NOW),
        ):
            if not twin:
                continue
            left, right = f"{letter}{self.row}", f"{plain}{self.row}"
            one = "IF({0}={1},0,1)" if texts else "ABS({0}-{1})"
            differences.append(one.format(left, right))
            self.book.checks.append(
                Check(
                    f"{figure.label}, {when}",
                    f"{own}{left}",
                    f"{own}{right}",
                    one.format(f"{own}{left}", f"{own}{right}") if texts else "",
                    figure.tolerance,
                    "plain-Excel twin",
                    figure.format,
                )
            )
        if differences:
            formula = f"MAX({','.join(differences)})"
            place = f"{_DIFFERENCE}{self.row}"
            self.sheet.formula(place, formula, styles.RESULT, styles.SMALL)
