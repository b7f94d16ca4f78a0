"""Figures beside their plain-Excel twins, written, compared and checked in one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment
from openpyxl.utils import column_index_from_string

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.quantities import EXACT, Quantity
from xladdin.workbooks.terms_sheet import FORMATS

_TO_THE_RIGHT: Final = Alignment("right", "center", shrink_to_fit=True)
_AGAINST_TWIN: Final = "plain-Excel twin"


class Pair(NamedTuple):
    """The cells of a figure and of its twin."""

    figure: str
    twin: str

    def on(self, sheet: Sheet) -> Pair:
        """Refer to the same cells from another sheet."""
        own = f"'{sheet.worksheet.title}'!"
        return Pair(f"{own}{self.figure}", f"{own}{self.twin}")


def write_pair(
    sheet: Sheet,
    cells: Pair,
    quantity: Quantity,
    formula: str,
    twin: str = "",
    look: Callable[[OpenpyxlCell, str], None] | None = None,
) -> None:
    """Write a figure, and its twin if it has one.

    Args:
        sheet: The sheet.
        cells: Where they stand.
        quantity: What the figure is a quantity of.
        formula: The add-in's formula, without an equals sign; empty where the twin stands alone.
        twin: The plain-Excel twin; empty where the formula is plain itself.
        look: Changes the look of each cell, given its style.
    """
    for place, text, style in (
        (cells.figure, formula, styles.RESULT),
        (cells.twin, twin, styles.TWIN),
    ):
        if text:
            cell = sheet.formula(place, text, style, quantity.format)
            if look:
                look(cell, style)


def apart(pair: Pair, quantity: Quantity) -> str:
    """Give the difference of a figure from its twin; 1 for texts that differ."""
    return ("IF({0}={1},0,1)" if quantity.in_words else "ABS({0}-{1})").format(*pair)


def greatest(pairs: Sequence[Pair], quantity: Quantity) -> str:
    """Give the greatest difference of some figures from their twins."""
    return f"MAX({','.join(apart(pair, quantity) for pair in pairs)})"


def write_difference(sheet: Sheet, place: str, formula: str, quantity: Quantity) -> None:
    """Write a difference, as `apart` or `greatest` gives it: 0 within the tolerance."""
    sheet.formula(place, formula, styles.RESULT, styles.difference(quantity.tolerance))


def agree(pairs: Sequence[tuple[Pair, Quantity]]) -> str:
    """Write whether figures and their twins agree within a tolerance; an error agrees with nothing.

    Args:
        pairs: The cells of each, and what quantity it is.

    Returns:
        A formula without its equals sign.
    """
    tests = [
        f"ABS({figure}-{twin})<={quantity.tolerance:G}"
        if quantity.tolerance
        else f"{figure}={twin}"
        for (figure, twin), quantity in pairs
    ]
    return f"IFERROR(AND({','.join(tests)}),FALSE)"


def check_of(
    what: str, pair: Pair, quantity: Quantity, difference: str = "", against: str = _AGAINST_TWIN
) -> Check:
    """Compare a figure with its twin in a line of the Checks sheet.

    Args:
        what: What the figure is.
        pair: References to both from any sheet.
        quantity: What it is a quantity of.
        difference: Formula of the difference; empty for the one less the other.
        against: What it is compared with, in words.
    """
    return Check(what, *pair, difference, quantity.tolerance, against, quantity.format)


class FigureLine(NamedTuple):
    """One figure on a working sheet, beside its twin.

    Attributes:
        name: Its defined name.
        label: What it is.
        quantity: What it is a quantity of.
        formula: The add-in's formula; empty where the twin stands alone.
        twin: The plain-Excel twin; empty where the formula is plain itself.
    """

    name: str
    label: str
    quantity: Quantity
    formula: str
    twin: str = ""


def write_lines(
    book: Book, sheet: Sheet, row: int, letters: str, lines: Sequence[FigureLine]
) -> None:
    """Write figures one below another, each beside its twin, and check that they agree.

    Args:
        book: The workbook.
        sheet: The sheet to write on.
        row: Row of the headings.
        letters: Columns of label, figure, twin and difference, such as ``"ABCD"``; a label
            reaches over the columns before the figure.
        lines: The figures.
    """
    headed = (
        ("Figure", styles.HEADER, True),
        ("Add-in", styles.HEADER, any(line.formula for line in lines)),
        ("Plain Excel", styles.TWIN_HEADER, any(line.twin for line in lines)),
        ("Difference", styles.HEADER, any(line.formula and line.twin for line in lines)),
    )
    for letter, (header, style, shown) in zip(letters, headed, strict=True):
        if shown:
            sheet.put(f"{letter}{row}", header, style)
    label, figure, twin, difference = tuple(letters)
    label_width = column_index_from_string(figure) - column_index_from_string(label)
    sheet.merge(f"{label}{row}", label_width)
    for line in lines:
        row += 1
        sheet.put(f"{label}{row}", line.label, styles.TEXT)
        sheet.merge(f"{label}{row}", label_width)
        room = sheet.worksheet.column_dimensions[label].width
        if label_width == 1 and len(line.label) > room:
            sheet.fit(row, [(line.label, room)])
        cells = Pair(f"{figure}{row}", f"{twin}{row}")
        book.name(line.name, sheet, cells.figure if line.formula else cells.twin)
        write_pair(sheet, cells, line.quantity, line.formula, line.twin)
        if line.quantity.format in (styles.GENERAL, styles.MONTHS):  # what may be a text
            sheet.align(cells.figure, _TO_THE_RIGHT)
        if line.formula and line.twin:
            write_difference(
                sheet, f"{difference}{row}", apart(cells, line.quantity), line.quantity
            )
            named = cells.on(sheet)._replace(figure=line.name)
            formula = apart(named, line.quantity) if line.quantity.in_words else ""
            book.checks.append(check_of(line.label, named, line.quantity, formula))


def printed_check(book: Book, what: str, name: str, computed: str) -> None:
    """Compare a figure with the one that the document prints, if it does, at its precision.

    What is printed is of the deal before its first action: after that nothing is compared.

    Args:
        book: The workbook.
        what: What is compared.
        name: Name of the printed figure, such as ``"dilution"``.
        computed: The workbook's figure, a reference or a formula.
    """
    figure = book.selection.figures.get(f"printed.{name}")
    if figure is None or book.selection.acted_on:
        return
    digits = 0
    if isinstance(figure.value, Decimal):
        exponent = figure.value.as_tuple().exponent
        digits = max(0, -exponent) if isinstance(exponent, int) else 0
    book.checks.append(
        Check(
            f"{what}, as the document prints it",
            f"ROUND({computed},{digits})",
            figure.name,
            "",
            EXACT,
            f"printed, {figure.source}",
            FORMATS.get(figure.unit, styles.GENERAL),
        )
    )
