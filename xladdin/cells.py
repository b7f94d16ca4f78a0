"""What a worksheet cell can hold, and how dates are numbered there."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypeAlias

from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE, visible

EPOCH = datetime.date(1899, 12, 30)
"""Day 0 of the 1900 date system from 1 March 1900 on. Before that day serials run one lower,
because the system counts a 29 February 1900 that never was (serial 60)."""

MARCH_1900 = 61
LAST_SERIAL = 2958465
"""31 December 9999, the last day a worksheet can show."""


EXACT_WHOLE = 2**53
"""Below this, a double distinguishes every whole number from its neighbours."""


class CellError:
    """An error value in a cell, such as ``#N/A``: not text, though text may spell the same.

    One object exists for each code, so that identity is equality.
    """

    __slots__ = ("code",)
    _known: dict[str, CellError] = {}  # noqa: RUF012  (the interning table is meant to be shared)

    code: str

    def __new__(cls, code: str) -> CellError:
        """Return the one object for `code`."""
        found = cls._known.get(code)
        if found is None:
            found = super().__new__(cls)
            found.code = code
            cls._known[code] = found
        return found

    def __repr__(self) -> str:
        return self.code

    def __reduce__(self) -> tuple[type[CellError], tuple[str]]:
        return (CellError, (self.code,))


CLASSIC_ERRORS = (NULL, DIV0, VALUE, REF, NAME, NUM, NA)
"""The seven error values every spreadsheet program knows."""

Cell: TypeAlias = float | bool | str | CellError | None
"""What one cell holds: number, logical, text, error, or nothing (None)."""

Block: TypeAlias = Sequence[Sequence[Cell]]
"""A rectangle of cells, row by row."""


def serial_of(day: datetime.date) -> int:
    """Convert a day to its serial number in the 1900 date system.

    Args:
        day: A day from 1 January 1900 on; a time of day is left aside.

    Returns:
        The serial, in whole days.
    """
    if isinstance(day, datetime.datetime):
        day = day.date()
    serial = (day - EPOCH).days
    return serial if serial >= MARCH_1900 else serial - 1


def day_of(serial: float) -> datetime.date:
    """Turn a serial of the 1900 date system into its day; a time of day is left aside.

    Args:
        serial: Days; 1 is 1 January 1900.

    Returns:
        The day.

    Raises:
        ValueError: The serial names no day: below 1, after 31 December 9999, or 60, the
            29 February 1900 that never was.
    """
    if not 1 <= serial < LAST_SERIAL + 1 or MARCH_1900 - 1 <= serial < MARCH_1900:
        raise ValueError(f"serial {serial!r} names no day")
    whole = int(serial)
    return EPOCH + datetime.timedelta(days=whole if whole >= MARCH_1900 else whole + 1)


def shown(cell: Cell) -> str:
    """Show a cell's value in a line, with every digit that identifies it, and nothing hidden."""
    if cell is None:
        return ""
    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < EXACT_WHOLE
        return str(int(cell)) if whole else repr(cell).upper()
    return visible(cell)


def described(cell: Cell) -> str:
    """Show a cell's value within a message: texts in quotes and cut short, nothing in a word."""
    if cell is None:
        return "nothing"
    if not isinstance(cell, str):
        return shown(cell)
    return f'"{cell}"' if len(cell) <= _LONGEST_SHOWN else f'"{cell[:_LONGEST_SHOWN]}..."'


def shown_formula(formula: str) -> str:
    """Show a formula at the end of a message, cut short; nothing for none."""
    if not formula:
        return ""
    return f"  ={formula}" if len(formula) <= 120 else f"  ={formula[:120]}..."


_LONGEST_SHOWN = 60


def shown_block(value: Cell | Block) -> str:
    """Show a value, or a block row by row with tabs between its cells."""
    rows: Block = value if isinstance(value, list | tuple) else [[value]]  # type: ignore[list-item]
    return "\n".join("\t".join(shown(cell) for cell in row) for row in rows)
