"""Cells of a workbook, of which a range may hold some."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Area

Where: TypeAlias = tuple[str, Place]
"""A cell: its sheet, and its row and column."""


class Index:
    """Cells, kept so that it is quick to say whether a range holds one of them."""

    def __init__(self, cells: Iterable[Where] = ()) -> None:
        """Take some cells."""
        self._rows: dict[str, dict[int, list[int]]] = {}
        for where in sorted(cells):
            self.add(where)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, where: Where) -> None:
        """Add a cell."""
        sheet, (row, column) = where
        rows = self._rows.setdefault(sheet, {}).setdefault(column, [])
        at = bisect.bisect_left(rows, row)
        if at == len(rows) or rows[at] != row:
            rows.insert(at, row)

    def inside(self, sheet: str, area: Area) -> Iterator[Place]:
        """Go through the cells that lie in a range, column by column."""
        columns = self._rows.get(sheet, {})
        for column in sorted(columns):
            if area.first_column <= column <= area.last_column:
                rows = columns[column]
                first = bisect.bisect_left(rows, area.first_row)
                for row in rows[first : bisect.bisect_right(rows, area.last_row)]:
                    yield row, column

    def within(self, sheet: str, area: Area, but: Place | None = None) -> bool:
        """Whether one of the cells lies in a range.

        Args:
            sheet: The range's sheet.
            area: The range.
            but: A cell that does not count.

        Returns:
            Whether there is one.
        """
        columns = self._rows.get(sheet)
        if columns is None:
            return False
        for column in columns:
            if area.first_column <= column <= area.last_column:
                rows = columns[column]
                at = bisect.bisect_left(rows, area.first_row)
                if at < len(rows) and (rows[at], column) == but:
                    at += 1
                if at < len(rows) and rows[at] <= area.last_row:
                    return True
        return False
