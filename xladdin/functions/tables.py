"""Ranges that functions take as tables: quotations, dated rows, securities, grids."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from xladdin.core.earnings import Security
from xladdin.core.prices import FALL_BACK, no_quotation
from xladdin.errors import NA, NUM, VALUE, Described, InputError
from xladdin.functions.arguments import Kind
from xladdin.functions.coercion import (
    amount,
    date,
    element,
    is_blank,
    number,
    price,
    range_rows,
    whole_number,
)
from xladdin.terms.exact import CLOSING_BID, MARKET_VALUE, heading

_QUOTATIONS_WORDS: Final = (
    "a table with headings, dates in its first column; or 2 or 3 columns: date, closing bid, "
    "market value"
)
_SALES_WORDS: Final = "2 columns: date and USD"
_CHANGES_WORDS: Final = "2 columns: date and number of shares, negative for shares retired"
_SECURITIES_WORDS: Final = "3 columns: name, numerator effect in USD, incremental shares"
_GRID_WORDS: Final = "a table of numbers under and beside headings"


def _is_heading(row: Sequence[Any]) -> bool:
    return not all(map(is_blank, row)) and all(
        cell is None or isinstance(cell, str) for cell in row
    )


class QuotationTable:
    """A table of quotations by column and date; figures are checked when they are needed."""

    def __init__(self, argument: str, rows: Sequence[Sequence[Any]]) -> None:
        """Read headings and dates.

        Args:
            argument: Name of the argument, for errors.
            rows: The cells.

        Raises:
            InputError: There are neither headings nor 2 or 3 columns (#VALUE!), or a date is wrong.
        """
        self._argument = argument
        self._rows = rows
        self._columns = self._headings()
        self._places: dict[datetime.date, list[int]] = {}
        for number_, row in enumerate(rows):
            # `any` first: it skips the blank rest of a whole column quickly.
            if not any(row) and all(map(is_blank, row)):
                continue
            if _is_heading(row) or is_blank(row[0]):
                continue
            day = element(date, row[0], argument, number_, 0)
            self._places.setdefault(day, []).append(number_)

    def _headings(self) -> dict[str, list[int]]:
        width = len(self._rows[0])
        top = next((row for row in self._rows if not all(map(is_blank, row))), self._rows[0])
        if width > 1 and _is_heading(top):
            found: dict[str, list[int]] = {}
            for column, cell in enumerate(top):
                if column and not is_blank(cell):
                    found.setdefault(heading(cell), []).append(column)
            return found
        if width not in (2, 3):
            raise InputError(
                VALUE, self._argument, Described(f"{width} columns"), f"must be {_QUOTATIONS_WORDS}"
            )
        return dict(zip((CLOSING_BID, MARKET_VALUE), ([1], [2][: width - 2]), strict=True))

    def read(self, column: str, days: Sequence[datetime.date]) -> list[float]:
        """Read the quotations of a column on some sessions.

        Args:
            column: Heading of the column, as headings are compared.
            days: The sessions.

        Raises:
            InputError: Two columns have the heading, a date is there twice, or a figure is of the
                wrong type (#VALUE!); a figure is not above 0 (#NUM!); a session has none (#N/A).
        """
        places = {day: self._row_of(day) for day in days}
        return [self._figure(column, day, places[day]) for day in days]

    def _row_of(self, day: datetime.date) -> int | None:
        found = self._places.get(day, [])
        if len(found) > 1:
            rule = "must not hold a date twice within a window"
            raise InputError(VALUE, self._argument, day, rule, position=(found[1], 0))
        return found[0] if found else None

    def _figure(self, column: str, day: datetime.date, row: int | None) -> float:
        names = (column, CLOSING_BID) if column in FALL_BACK else (column,)
        if not any(name in self._columns for name in names):
            found = " and ".join((", ".join(self._columns) or "none").rsplit(", ", 1))
            rule = f"must have a column headed {' or '.join(names)}"
            raise InputError(NA, self._argument, Described(f"columns of {found}"), rule)
        for name in names:
            at = self._columns.get(name, [])
            if len(at) > 1:
                rule = f"must not have two columns headed {name}"
                raise InputError(VALUE, self._argument, Described("two columns"), rule)
            if row is not None and at and not is_blank(self._rows[row][at[0]]):
                return element(price, self._rows[row][at[0]], self._argument, row, at[0])
        raise no_quotation(day, column)


def _quotations(value: Any, argument: str) -> QuotationTable:
    return QuotationTable(argument, range_rows(value, argument, _QUOTATIONS_WORDS))


def _filled(
    value: Any, argument: str, width: int, words: str
) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yield the rows of a table that are neither blank nor headings, by their number from 0.

    An empty list of Python is a table without rows.
    """
    if isinstance(value, list | tuple) and not value:
        return
    rows = range_rows(value, argument, words)
    if len(rows[0]) != width:
        raise InputError(VALUE, argument, Described(f"{len(rows[0])} columns"), f"must be {words}")
    for at, row in enumerate(rows):
        if not any(row) and all(map(is_blank, row)):
            continue
        if not _is_heading(row):
            yield at, row


def _sales(value: Any, argument: str) -> list[tuple[datetime.date, float]]:
    return [
        (
            element(date, row[0], argument, at, 0),
            element(amount, row[1], argument, at, 1),
        )
        for at, row in _filled(value, argument, 2, _SALES_WORDS)
    ]


def _changes(value: Any, argument: str) -> list[tuple[datetime.date, int]]:
    return [
        (
            element(date, row[0], argument, at, 0),
            element(whole_number, row[1], argument, at, 1),
        )
        for at, row in _filled(value, argument, 2, _CHANGES_WORDS)
    ]


def _securities(value: Any, argument: str) -> list[Security]:
    found = []
    for at, row in _filled(value, argument, 3, _SECURITIES_WORDS):
        if not is_blank(row[0]) and not isinstance(row[0], str):
            rule = f"must be {_SECURITIES_WORDS}"
            raise InputError(VALUE, argument, row[0], rule, position=(at, 0))
        effect = element(number, row[1], argument, at, 1)
        shares = element(number, row[2], argument, at, 2)
        if shares < 0:
            rule = "must not have fewer than no incremental shares"
            raise InputError(NUM, argument, shares, rule, position=(at, 2))
        found.append(Security(row[0] or f"row {at + 1}", effect, shares))
    return found


class Grid(NamedTuple):
    """A table under and beside headings.

    Attributes:
        rows: Headings of the rows.
        columns: Headings of the columns.
        cells: The figures, row by row; None for a blank.
    """

    rows: list[float]
    columns: list[float]
    cells: list[list[float | None]]


def _grid(value: Any, argument: str) -> Grid:
    rows = [list(row) for row in range_rows(value, argument, _GRID_WORDS)]
    while len(rows) > 1 and all(map(is_blank, rows[-1])):
        rows.pop()
    width = len(rows[0])
    while width > 1 and all(is_blank(row[width - 1]) for row in rows):
        width -= 1
    if len(rows) < 2 or width < 2:
        raise InputError(
            VALUE, argument, Described(f"{len(rows)} x {width} cells"), f"must be {_GRID_WORDS}"
        )

    def figure(row: int, column: int) -> float:
        cell = rows[row][column]
        if is_blank(cell):
            rule = "must have a heading in each row and column"
            raise InputError(NUM, argument, None, rule, position=(row, column))
        return element(number, cell, argument, row, column)

    columns = [figure(0, column) for column in range(1, width)]
    headings = [figure(row, 0) for row in range(1, len(rows))]
    cells = [
        [
            None if is_blank(cell) else element(number, cell, argument, at, column)
            for column, cell in enumerate(row[1:width], 1)
        ]
        for at, row in enumerate(rows[1:], 1)
    ]
    return Grid(headings, columns, cells)


QUOTATIONS = Kind("quotations", _QUOTATIONS_WORDS, "date, USD a share", _quotations, ranged=True)
SALES = Kind("sales", _SALES_WORDS, "date, USD", _sales, ranged=True)
CHANGES = Kind("changes", _CHANGES_WORDS, "date, shares", _changes, ranged=True)
SECURITIES = Kind("securities", _SECURITIES_WORDS, "text, USD, shares", _securities, ranged=True)
GRID = Kind("grid", _GRID_WORDS, "", _grid, ranged=True)
