"""Where the figures in input cells come from: cited only while the cells hold those figures."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import get_column_letter

from xladdin.cells import serial_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Sheet
from xladdin.workbooks.layout.table import Column, Placed
from xladdin.workbooks.layout.user_inputs import Value

ENTERED: Final = "entered"
"""The source of a figure that a user gave."""

_INDENTED: Final = Alignment("left", vertical="center", wrap_text=True, indent=1)

_MOST: Final = 250
"""Most characters of a text in a formula are 255."""


class FirstValue(NamedTuple):
    """An input cell whose first value has a source.

    Attributes:
        name: Its defined name.
        cell: Its reference, on the sheet of the source.
        value: The figure that the source is of.
    """

    name: str
    cell: str
    value: Value


def write_source(sheet: Sheet, reference: str, cited: Sequence[FirstValue], source: str) -> None:
    """Write the source of what input cells hold, and `ENTERED` where they hold something else.

    Args:
        sheet: The sheet.
        reference: The cell for it.
        cited: The input cells.
        source: The source of their first values.
    """
    assumed = [sheet.book.entries.illustrative(one.name) for one in cited]
    if not any(assumed):
        sheet.formula(reference, _unless_blank(cited, ENTERED), styles.NOTE).alignment = _INDENTED
        return
    texts = [source] if all(assumed) else [f"{ENTERED} in part; else {source}"]
    kept = [one for one, is_first in zip(cited, assumed, strict=True) if is_first]
    tests = [_holds(one) for one in kept]
    same = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
    other = _unless_blank(cited, ENTERED if len(cited) == 1 else f"{ENTERED}, or in part")
    formula = f"IF(IFERROR({same},FALSE),{_text(texts[0])},{other})"
    sheet.formula(reference, formula, styles.NOTE).alignment = _INDENTED


def _unless_blank(cited: Sequence[FirstValue], words: str) -> str:
    """Say something of cells; that they are blank where all of them are."""
    blank = "+".join(f"COUNTBLANK({one.cell})" for one in cited)
    return f'IF({blank}={len(cited)},"blank","{words}")'


def cite_rows(
    sheet: Sheet, placed: Placed, source: str, figures: Sequence[str], first: Sequence[Column]
) -> None:
    """Show `ENTERED` in place of the source of a row whose figures are not those it is of.

    A user may write sources, too: those stay, and the ones of the first rows show while a row
    holds the figures of such a row, wherever it stands.

    Args:
        sheet: The sheet.
        placed: The table.
        source: Heading of its column of sources.
        figures: Headings of the figures that the source is of.
        first: The columns with the values that the table comes with, each with its source.
    """
    at = {column.header: get_column_letter(n) for n, column in enumerate(placed.columns, 1)}
    values = {column.header: column.values for column in first}
    top, by_source = placed.first_row + 1, dict[str, list[str]]()
    for number, text in enumerate(values[source]):
        cells = [FirstValue("", f"${at[one]}{top}", values[one][number]) for one in figures]
        by_source.setdefault(str(text), []).append(f"AND({','.join(map(_holds, cells))})")
    blanks = "+".join(f"COUNTBLANK(${at[one]}{top})" for one in figures)
    for text, rows in by_source.items():
        other = f"${at[source]}{top}={_text(text)},NOT(OR({','.join(rows)}))"
        for test, words, number in (("<", ENTERED, 202), ("=", "blank", 203)):
            look = DifferentialStyle(
                font=Font(italic=True, color=styles.GREY),
                numFmt=NumberFormat(number, f'General;General;General;"{words}"'),
            )
            formula = [f"AND({other},{blanks}{test}{len(figures)})"]
            rule = Rule(type="expression", dxf=look, formula=formula, stopIfTrue=True)
            sheet.worksheet.conditional_formatting.add(placed.rows_of(at[source]), rule)


def _holds(one: FirstValue) -> str:
    """Test whether a cell holds the figure: a blank is no 0."""
    blank = f"COUNTBLANK({one.cell})"
    if one.value is None:
        return f"{blank}=1"
    if isinstance(one.value, str):
        return f"{one.cell}={_text(one.value)}"
    number: object = one.value
    if isinstance(one.value, datetime.date):
        number = serial_of(one.value)
    elif isinstance(one.value, Decimal | float):
        number = f"{float(one.value):.15g}"
    return f"{one.cell}={number}" if one.value else f"AND({blank}=0,{one.cell}=0)"


def _text(text: str) -> str:
    """Write a text in a formula, in parts that are short enough."""
    parts = [text[at : at + _MOST] for at in range(0, len(text), _MOST)] or [""]
    return "&".join('"' + part.replace('"', '""') + '"' for part in parts)
