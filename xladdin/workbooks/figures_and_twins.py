"""Figures beside their plain-Excel twins, and the lines of the Checks sheet that compare them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter

from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.check import EXACT, Check
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.table import Column, Placed, watch_around, whole
from xladdin.workbooks.terms_sheet import FORMATS


class FigureLine(NamedTuple):
    """One figure on a working sheet, beside its twin.

    Attributes:
        name: Its defined name.
        label: What it is.
        format: Number format.
        tolerance: Greatest difference from the twin at which they agree.
        formula: The add-in's formula; empty where the twin stands alone.
        twin: The plain-Excel twin; empty where the formula is plain itself.
    """

    name: str
    label: str
    format: str
    tolerance: float
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
    headers = (
        ("Figure", styles.HEADER),
        ("Add-in", styles.HEADER),
        ("Plain Excel", styles.TWIN_HEADER),
        ("Difference", styles.HEADER),
    )
    for letter, (header, style) in zip(letters, headers, strict=True):
        sheet.put(f"{letter}{row}", header, style)
    label, figure, twin, difference = tuple(letters)
    label_width = column_index_from_string(figure) - column_index_from_string(label)
    sheet.merge(f"{label}{row}", label_width)
    for line in lines:
        row += 1
        sheet.put(f"{label}{row}", line.label, styles.TEXT)
        sheet.merge(f"{label}{row}", label_width)
        named = figure if line.formula else twin
        book.name(line.name, sheet, f"{named}{row}")
        if line.formula:
            sheet.formula(f"{figure}{row}", line.formula, styles.RESULT, line.format)
        if line.twin:
            sheet.formula(f"{twin}{row}", line.twin, styles.TWIN, line.format)
        if line.formula and line.twin:
            both = f"ABS({figure}{row}-{twin}{row})"
            sheet.formula(f"{difference}{row}", both, styles.RESULT, styles.SMALL)
            book.checks.append(
                Check(
                    line.label,
                    line.name,
                    f"'{sheet.worksheet.title}'!{twin}{row}",
                    "",
                    line.tolerance,
                    "plain-Excel twin",
                    line.format,
                )
            )


class Twinned(NamedTuple):
    """A column of figures in a table, beside its twin.

    Attributes:
        header: Its heading.
        format: Number format.
        width: Width in characters.
        tolerance: Greatest difference from the twin at which they agree.
        formula: The add-in's formula, without an equals sign.
        twin: The plain-Excel twin.
    """

    header: str
    format: str
    width: float
    tolerance: float
    formula: str
    twin: str


def twinned(
    book: Book, table: str, row: str, figures: Sequence[Twinned], waiting: str
) -> list[Column]:
    """Make a table's columns of figures, their twins, and whether each row agrees; and check it.

    Args:
        book: The workbook.
        table: The table.
        row: What a row is one of, such as ``"the log"``.
        figures: The figures.
        waiting: Condition under which a row waits for input, as a formula: it then holds zeros,
            shown as dashes, rather than errors.

    Returns:
        The columns.
    """
    columns = [
        Column(
            item.header, styles.RESULT, item.format, item.width, f"IF({waiting},0,{item.formula})"
        )
        for item in figures
    ]
    columns += [
        Column(
            plain(item.header), styles.TWIN, item.format, item.width, f"IF({waiting},0,{item.twin})"
        )
        for item in figures
    ]
    first, last = figures[0].header, figures[-1].header
    shown = f"{table}[[#This Row],[{first}]:[{last}]]"
    twin = f"{table}[[#This Row],[{plain(first)}]:[{plain(last)}]]"
    # The greatest tolerance serves the whole row; Checks holds each column to its own.
    most = max(item.tolerance for item in figures) ** 2
    # Not SUMXMY2, which passes over texts: one typed over a figure agrees with nothing.
    same = f"IFERROR(SUMPRODUCT(({shown}-{twin})^2)<={most:G},FALSE)"
    columns.append(Column("Agrees", styles.RESULT, styles.FLAG, 9, same, centred=True))
    book.checks.extend(
        twin_column(
            item.header, table, (item.header, plain(item.header)), item.tolerance, item.format
        )
        for item in figures
    )
    book.checks.append(
        Check(
            f"Rows of {row} in which a figure and its twin differ",
            f"COUNTIF({whole(table, 'Agrees')},FALSE)",
            0,
            source="plain-Excel twins",
        )
    )
    return columns


def plain(header: str) -> str:
    """Name the twin of a column of figures."""
    return f"Plain {header[0].lower()}{header[1:]}"


def finish_table(
    sheet: Sheet, placed: Placed, table: str, columns: Sequence[Column], heading: str
) -> None:
    """Give a table of figures and twins its headings, and the look of the sheet that it fills.

    Args:
        sheet: The sheet.
        placed: The table.
        table: Its name.
        columns: Its columns.
        heading: What stands above it.
    """
    row = placed.first_row
    headers = [column.header for column in columns]
    sheet.flag_false(placed.rows_of(get_column_letter(headers.index("Agrees") + 1)))
    sheet.worksheet.freeze_panes = f"C{row + 1}"
    sheet.print_titles(f"{row}:{row}")
    sheet.put(f"A{row - 1}", heading, styles.HEADING)
    twins = [number for number, item in enumerate(columns, 1) if item.style == styles.TWIN]
    letter = get_column_letter(twins[0])
    sheet.put(f"{letter}{row - 1}", "Plain-Excel twins", styles.HEADING)
    watch_around(sheet, placed, table)


def twin_column(
    what: str, table: str, columns: tuple[str, str], tolerance: float, number_format: str
) -> Check:
    """Compare a table's column with its twin's, row by row.

    Args:
        what: What the column holds.
        table: The table.
        columns: The column and its twin.
        tolerance: Greatest difference allowed.
        number_format: Number format of the column.

    Returns:
        A line of the Checks sheet; its difference is the root of the summed squares of the
        rows' differences, which is never below the largest of them.
    """
    left, right = (f"{table}[{column}]" for column in columns)
    # Dates and prices do not add up to anything, so they are shown by their greatest.
    adds_up = number_format in (styles.USD, styles.COUNT)
    function, shown = ("SUM", "total") if adds_up else ("MAX", "greatest")
    return Check(
        f"{what}: {shown}, and each row against its twin",
        f"{function}({left})",
        f"{function}({right})",
        f"SQRT(SUMPRODUCT(({left}-{right})*({left}-{right})))",
        tolerance,
        "plain-Excel twin",
        number_format,
    )


def printed_check(book: Book, what: str, name: str, computed: str) -> None:
    """Compare a figure with the one that the document prints, if it does, at its precision.

    Args:
        book: The workbook.
        what: What is compared.
        name: Name of the printed figure, such as ``"dilution"``.
        computed: The workbook's figure, a reference or a formula.
    """
    figure = book.selection.figures.get(f"printed.{name}")
    if figure is None:
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
