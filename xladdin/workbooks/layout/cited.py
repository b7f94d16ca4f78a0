"""Where the figures in input cells come from: cited only while the cells hold those figures."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from openpyxl.styles import Alignment

from xladdin.cells import serial_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Sheet
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
        sheet.put(reference, ENTERED, styles.NOTE).alignment = _INDENTED
        return
    texts = [source] if all(assumed) else [f"{ENTERED} in part; else {source}"]
    kept = [one for one, is_first in zip(cited, assumed, strict=True) if is_first]
    tests = [_holds(one) for one in kept]
    same = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
    other = ENTERED if len(cited) == 1 else f"{ENTERED}, or in part"
    cell = sheet.formula(
        reference, f'IFERROR(IF({same},{_text(texts[0])},"{other}"),"{other}")', styles.NOTE
    )
    cell.alignment = _INDENTED


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
