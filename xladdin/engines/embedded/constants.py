"""What the cells of a workbook hold that are no formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xladdin.cells import Cell
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import Workbook


class Constants:
    """The constants of one workbook, read sheet by sheet when they are asked for."""

    def __init__(self, book: Workbook, layouts: Mapping[str, Layout]) -> None:
        """Take a workbook, and the layouts of its sheets by part."""
        self._book = book
        self._layouts = layouts
        self._by_place: dict[str, dict[Place, Cell]] = {}

    def by_place(self, sheet: str) -> Mapping[Place, Cell]:
        """Return the constants of a sheet by row and column."""
        if sheet not in self._by_place:
            self._by_place[sheet] = {
                (row, column): value
                for column, rows, values in self.columns(sheet)
                for row, value in zip(rows, values, strict=True)
            }
        return self._by_place[sheet]

    def columns(self, sheet: str) -> Iterator[tuple[int, list[int], list[Cell]]]:
        """Go through the constants of a sheet: a column, rows, and the values in these."""
        part = next(item.part for item in self._book.sheets if item.name == sheet)
        try:
            yield from self._layouts[part].constants(self._book.texts)
        except xml_bytes.UnsafeXMLError as error:
            raise self._book.unsafe(part, error) from None
