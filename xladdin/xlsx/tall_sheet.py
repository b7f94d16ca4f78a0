"""A sheet with a table of many rows, of which each row is written when it is needed.

All rows of a formula column have one text, so that it is kept once. What is computed of such a
sheet at a time are some of its rows, with the other cells that these refer to as constants.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from xladdin.cells import Cell
from xladdin.xlsx.formula_cells import Formula
from xladdin.xlsx.parts import Streamed
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.stored_values import written
from xladdin.xlsx.workbook_part import column_letters
from xladdin.xlsx.written_sheet import (
    FormulaPiece,
    WrittenRows,
    WrittenSheet,
    element_of,
    with_value,
)

_CHUNK: Final = 500
"""Rows that are written at a time."""


class FilledColumn(NamedTuple):
    """A column that has one formula in all rows.

    Attributes:
        text: The formula, without an equals sign.
        style: The attribute of its cells with their style.
        element: The formula's element.
    """

    text: str
    style: str
    element: str


class TypedColumn(NamedTuple):
    """A column of constants: its cells as they are written, and what they hold."""

    pieces: list[str]
    values: list[Cell]


class Filling(NamedTuple):
    """The rows of a table that openpyxl has no cells for, but in the first and the last one.

    Attributes:
        first: First row of the table's data.
        last: Last row of it.
        typed: By column of constants, what makes the cell of a row.
    """

    first: int
    last: int
    typed: Mapping[int, Callable[[int], object]]


class TallSheet(WrittenSheet):
    """A sheet that ends with a table of many rows.

    Attributes:
        first: First row of the table's data.
        last: Last row of it.
        columns: Its columns, from the left.
    """

    def __init__(
        self,
        around: tuple[bytes, bytes],
        above: WrittenRows,
        rows: tuple[int, int],
        columns: Mapping[int, FilledColumn | TypedColumn],
    ) -> None:
        """Take what is around the rows, the rows above the table's data, their reach, columns."""
        super().__init__(around[0], above, around[1])
        self.first, self.last = rows
        self.columns = columns
        self.filled_columns = [at for at, one in columns.items() if isinstance(one, FilledColumn)]
        self.reach = self.last, max(above.reach[1], *columns)

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell holds a formula."""
        if row < self.first:
            return super().holds_formula(row, column)
        return row <= self.last and isinstance(self.columns.get(column), FilledColumn)

    def constants(self, texts: Sequence[str]) -> Iterator[tuple[int, list[int], list[Cell]]]:
        """Go through the constants as `Layout.constants` does."""
        yield from super().constants(texts)
        for number, column in self.columns.items():
            if isinstance(column, TypedColumn):
                yield _there(number, range(self.first, self.last + 1), column.values)

    def renamed(self, rename: Callable[[str], str]) -> TallSheet:
        """Rewrite all formulas."""
        columns: dict[int, FilledColumn | TypedColumn] = {}
        for number, one in self.columns.items():
            columns[number] = one
            if isinstance(one, FilledColumn):
                text, element, _ = element_of(rename(one.text))
                columns[number] = FilledColumn(text, one.style, element)
        above = self.written.renamed(rename)
        return TallSheet(self.around, above, (self.first, self.last), columns)

    def streamed(self, values: TallValues) -> Streamed:
        """Store values beside all formulas."""

        def above(cell: FormulaPiece, place: Place) -> str:
            return with_value(cell, values[place])

        def rows() -> Iterator[bytes]:
            yield from self.rows(above)
            for start in range(self.first, self.last + 1, _CHUNK):
                stop = min(start + _CHUNK, self.last + 1)
                yield "".join(self._row(row, values.columns) for row in range(start, stop)).encode()

        return Streamed(self.frame, rows())

    def _row(self, row: int, found: Mapping[int, Sequence[Cell]]) -> str:
        pieces = [f'<row r="{row}">']
        at = row - self.first
        for number, column in self.columns.items():
            if isinstance(column, TypedColumn):
                pieces.append(column.pieces[at])
            else:
                start = f'<c r="{column_letters(number)}{row}"{column.style}'
                pieces.append(with_value(FormulaPiece(start, column.element), found[number][at]))
        pieces.append("</row>")
        return "".join(pieces)

    def part(
        self,
        above: WrittenRows,
        computed: tuple[Collection[int], range],
        read: Mapping[int, range],
        found: Mapping[int, Sequence[Cell]],
    ) -> PartOfSheet:
        """Make the sheet of a computation that is about some rows.

        Args:
            above: The rows above the table's data as it has them; they become its own.
            computed: Columns whose formulas it has, and the rows in which it has them.
            read: By column, the rows of which it has the values.
            found: By column with formulas, its values so far.
        """
        own, where = computed
        ends = sorted({edge for one in (where, *read.values()) for edge in (one.start, one.stop)})
        for start, stop in pairwise(ends):
            formulas = own if start in where else ()
            here = [at for at in self.columns if at in formulas or start in read.get(at, ())]
            for row in range(start, stop) if here else ():
                self._put_row(above, row, here, formulas, found)
        above.reach = self.reach
        held = {}
        for number, rows in read.items():
            column = self.columns[number]
            values = column.values if isinstance(column, TypedColumn) else found[number]
            held[number] = rows, values[rows.start - self.first : rows.stop - self.first]
        return PartOfSheet(self, above, held)

    def _put_row(
        self,
        rows: WrittenRows,
        row: int,
        here: Sequence[int],
        formulas: Collection[int],
        found: Mapping[int, Sequence[Cell]],
    ) -> None:
        text = f'<row r="{row}">'
        for number in here:
            column, place = self.columns[number], f"{column_letters(number)}{row}"
            if isinstance(column, TypedColumn):
                text += column.pieces[row - self.first]
            elif number in formulas:
                piece = FormulaPiece(f'<c r="{place}"{column.style}', column.element)
                rows.pieces += (text, piece)
                rows.formulas.append(Formula(row, number, column.text, *_NORMAL))
                text = ""
            else:
                text += constant(place, found[number][row - self.first])
        rows.pieces.append(f"{text}</row>")


_NORMAL: Final = ("normal", None, "", False, None)


class PartOfSheet(WrittenSheet):
    """Some formulas of a sheet, and the values of others that these refer to as constants."""

    def __init__(
        self,
        whole: WrittenSheet,
        rows: WrittenRows,
        held: Mapping[int, tuple[range, Sequence[Cell]]] = MappingProxyType({}),
    ) -> None:
        """Take the sheet, the rows that are there, and what a table of them holds by column."""
        super().__init__(whole.around[0], rows, whole.around[1])
        self._whole, self._held = whole, held

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell of the whole sheet holds a formula."""
        return self._whole.holds_formula(row, column)

    def constants(self, texts: Sequence[str]) -> Iterator[tuple[int, list[int], list[Cell]]]:
        """Go through the constants as `Layout.constants` does."""
        yield from super().constants(texts)
        for column, (rows, values) in self._held.items():
            yield _there(column, rows, values)


def _there(
    column: int, rows: Sequence[int], values: Sequence[Cell]
) -> tuple[int, list[int], list[Cell]]:
    """Leave out cells that hold nothing."""
    if isinstance(values, array):
        return column, list(rows), list(values)
    held = [(row, value) for row, value in zip(rows, values, strict=True) if value is not None]
    return column, [row for row, _ in held], [value for _, value in held]


class TallValues(Mapping[Place, Cell]):
    """The values of the formulas of a tall sheet.

    Attributes:
        columns: Those of the table by column, from its first row.
    """

    def __init__(self, sheet: TallSheet) -> None:
        """Begin with none."""
        self.sheet = sheet
        self.above: dict[Place, Cell] = {}
        self.columns: dict[int, Sequence[Cell]] = {
            column: array("d") for column in sheet.filled_columns
        }

    def extend(self, column: int, values: list[Cell]) -> None:
        """Add the values of further rows: numbers by themselves take a quarter of the memory."""
        known = self.columns[column]
        if isinstance(known, array) and all(type(value) is float for value in values):
            known.extend(values)
        else:
            self.columns[column] = [*known, *values]

    def __getitem__(self, place: Place) -> Cell:
        row, column = place
        if row < self.sheet.first:
            return self.above[place]
        if row > self.sheet.last:
            raise KeyError(place)
        return self.columns[column][row - self.sheet.first]

    def __iter__(self) -> Iterator[Place]:
        yield from self.above
        for column in self.columns:
            for row in range(self.sheet.first, self.sheet.last + 1):
                yield row, column

    def __len__(self) -> int:
        return len(self.above) + sum(map(len, self.columns.values()))


def constant(place: str, value: Cell) -> str:
    """Write the cell of a constant, without a style."""
    if value is None:
        return ""
    kind, text = written(value)
    of_kind = f' t="{kind}"' if kind else ""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{place}"{of_kind}><v{space}>{text}</v></c>'
