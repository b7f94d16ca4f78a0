"""What calls are made of: the cells, constants and ranges that a formula refers to."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final, TypeAlias

from draws import THOROUGH

from xladdin.cells import CellError, serial_of

Error = CellError
"""An error value in a cell; `Error("#N/A")` is the same object wherever it is written."""


@dataclass(frozen=True)
class Date:
    """A cell formatted as a date: a number to a formula, a date to whoever asks for one."""

    moment: datetime.datetime

    @property
    def number(self) -> float:
        """The serial, with the time of day as its fraction."""
        start = datetime.datetime.combine(self.moment.date(), datetime.time())
        return serial_of(self.moment) + (self.moment - start) / datetime.timedelta(days=1)


@dataclass(frozen=True)
class Currency:
    """A cell formatted as currency: a number to a formula."""

    number: float


Content: TypeAlias = float | bool | str | CellError | Date | Currency | None
"""What one cell holds; None is a blank."""


class Omitted:
    """An argument that is not given: a gap between commas, or left out at the end."""

    def __repr__(self) -> str:
        return "Omitted"


OMITTED: Final = Omitted()


@dataclass(frozen=True)
class Typed:
    """A constant in the formula itself, instead of a reference."""

    value: float | bool | str | CellError


@dataclass(frozen=True)
class Range:
    """A reference to a range.

    Attributes:
        rows: What its cells hold, row by row.
        whole: Whether it is whole columns, blank below these rows.
    """

    rows: tuple[tuple[Content, ...], ...]
    whole: bool = False


@dataclass(frozen=True)
class Array:
    """An array constant in the formula, such as ``{1,2;3,4}``."""

    rows: tuple[tuple[float | bool | str | CellError, ...], ...]


Argument: TypeAlias = Content | Omitted | Typed | Range | Array
"""An argument. A bare content is a reference to one cell that holds it."""

Shown: TypeAlias = float | bool | str | CellError
"""What a cell shows."""
Result: TypeAlias = Shown | tuple[tuple[Shown, ...], ...]
"""What a formula gives: one value, or rows that spill."""

WHOLE: Final = 1_048_576 if THOROUGH else 65_536
"""Rows of a whole column: those of a worksheet; in an ordinary run, of one of Excel 2003's."""

Plain: TypeAlias = float | bool | str | CellError | None
"""What a formula sees of a cell."""


def plain(content: Content) -> Plain:
    """Look at a cell as a formula does, to which dates and currency are numbers."""
    return content.number if isinstance(content, Date | Currency) else content


def seen(argument: Argument) -> Plain | list[list[Plain]]:
    """Look at an argument as the function does; a range of one cell is that cell."""
    if isinstance(argument, Omitted):
        return None
    if isinstance(argument, Typed):
        return argument.value
    if isinstance(argument, Range | Array):
        rows = [[plain(cell) for cell in row] for row in argument.rows]
        if isinstance(argument, Range) and argument.whole:
            blank: list[Plain] = [None] * len(rows[0])
            rows += [blank] * (WHOLE - len(rows))
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows
    return plain(argument)
