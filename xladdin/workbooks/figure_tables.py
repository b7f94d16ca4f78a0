"""Tables of figures beside their plain-Excel twins, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks.figures import Pair, check_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, twin_header, whole
from xladdin.workbooks.quantities import Quantity


class FigureColumn(NamedTuple):
    """A column of figures in a table, beside its twin.

    Attributes:
        header: Its heading.
        quantity: What its figures are.
        width: Width in characters.
        formula: The add-in's formula, without an equals sign.
        twin: The plain-Excel twin.
    """

    header: str
    quantity: Quantity
    width: float
    formula: str
    twin: str


def figure_columns(
    book: Book,
    table: str,
    row: str,
    figures: Sequence[FigureColumn],
    waiting: str,
    steps: Sequence[Column] = (),
) -> list[Column]:
    """Make a table's columns of figures, their twins, and whether each row agrees; and check it.

    Args:
        book: The workbook.
        table: The table.
        row: What a row is one of, such as ``"the log"``.
        figures: The figures.
        waiting: Condition under which a row waits for input, as a formula: it then holds zeros,
            shown as dashes, rather than errors.
        steps: Columns that the twins stand on, which come before them.

    Returns:
        The columns.
    """
    results, twins = (
        [
            Column(header, style, item.quantity.format, item.width, f"IF({waiting},0,{formula})")
            for item in figures
            for header, formula in [
                (twin_header(item.header), item.twin) if twin else (item.header, item.formula)
            ]
        ]
        for twin, style in ((False, styles.RESULT), (True, styles.TWIN))
    )
    columns = [*results, *steps, *twins]
    first, last = figures[0].header, figures[-1].header
    shown = f"{table}[[#This Row],[{first}]:[{last}]]"
    plain = f"{table}[[#This Row],[{twin_header(first)}]:[{twin_header(last)}]]"
    # The greatest tolerance serves the whole row; Checks judges each column by its own.
    most = max(item.quantity.tolerance for item in figures) ** 2
    # Not SUMXMY2, which passes over texts: one typed over a figure agrees with nothing.
    same = f"IFERROR(SUMPRODUCT(({shown}-{plain})^2)<={most:G},FALSE)"
    columns.append(Column("Agrees", styles.RESULT, styles.FLAG, 9, same, centred=True))
    book.checks.extend(
        column_check(item.header, table, (item.header, twin_header(item.header)), item.quantity)
        for item in figures
    )
    book.checks.append(
        rows_agree(f"Rows of {row} in which a figure and its twin differ", whole(table, "Agrees"))
    )
    return columns


def rows_agree(what: str, agrees: str) -> Check:
    """Count the rows whose cell Agrees is FALSE.

    Args:
        what: What is counted.
        agrees: The range of those cells.
    """
    return Check(what, f"COUNTIF({agrees},FALSE)", 0, source="plain-Excel twins")


def column_check(what: str, table: str, columns: tuple[str, str], quantity: Quantity) -> Check:
    """Compare a table's column with its twin's, row by row.

    Args:
        what: What the column holds.
        table: The table.
        columns: The column and its twin.
        quantity: What its figures are.

    Returns:
        A line of the Checks sheet; its difference is the root of the summed squares of the
        rows' differences, which is never below the largest of them.
    """
    left, right = (f"{table}[{column}]" for column in columns)
    # Dates and prices do not add up to anything, so they are shown by their greatest.
    function, shown = ("SUM", "total") if quantity.adds_up else ("MAX", "greatest")
    return check_of(
        f"{what}: {shown}, and each row against its twin",
        Pair(f"{function}({left})", f"{function}({right})"),
        quantity,
        f"SQRT(SUMPRODUCT(({left}-{right})*({left}-{right})))",
    )
