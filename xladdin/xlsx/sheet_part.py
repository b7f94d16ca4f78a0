"""The cells of a sheet's part: their formulas, and the values stored beside them."""

from __future__ import annotations

import bisect
import contextlib
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from xladdin.cells import Cell
from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.cell_contents import contents
from xladdin.xlsx.cell_scanner import CellSpan, RowSpan, scan
from xladdin.xlsx.cell_scanner import Place as Place
from xladdin.xlsx.formula_cells import LONGEST_FORMULA as LONGEST_FORMULA
from xladdin.xlsx.formula_cells import Formula as Formula
from xladdin.xlsx.formula_cells import formula_of
from xladdin.xlsx.stored_values import (
    constant_value,
    is_stored,
    number_text,
    shared_text,
    stored_value,
    written,
)
from xladdin.xlsx.workbook_part import Area, Workbook, area_of, column_letters
from xladdin.xlsx.xml_bytes import Edit

LARGEST_FILL: Final = 100_000
"""Most cells that array formulas may fill beyond those that the file has. Excel writes them all; a
hostile file could claim billions."""

LONGEST_SPELT_OUT: Final = 1 << 27
"""Most characters of a workbook's shared formulas, each written out in full."""


class Layout:
    """The cells and formulas of a sheet's part, with their positions.

    Attributes:
        formulas: Its formula cells in order.
        reach: Its last row and its last column.
    """

    def __init__(self, data: bytes) -> None:
        """Read a sheet's part.

        Args:
            data: The part.

        Raises:
            UnsafeXMLError: It is not well formed, or not safe.
        """
        self.data = data
        self._contents = contents(data)
        self._prefix = self._contents.prefix
        self._end_of_rows = self._contents.end_of_rows
        self.reach = self._contents.reach
        self._formula_cells = self._contents.formulas
        self.formulas = tuple(map(formula_of, self._formula_cells))
        for cell in self._formula_cells:
            cell.formula_inside = cell.value_inside = b""  # both are in `formulas`

    @cached_property
    def _rows(self) -> list[RowSpan]:
        """All rows and cells; they are found only when they are needed."""
        return scan(self.data).rows

    @property
    def frame(self) -> bytes:
        """The part without its rows."""
        return self.data[: self._contents.start_of_rows] + self.data[self._end_of_rows :]

    @property
    def filled(self) -> int:
        """Number of cells that array formulas fill beyond those that are there."""
        areas = [formula.area for formula in self.formulas if formula.kind == "array"]
        cells = sum(math.prod(area.shape) for area in areas if area is not None)
        if cells <= LARGEST_FILL:
            return cells
        return max(0, cells - sum(len(row.cells) for row in self._rows))

    @property
    def spelt_out(self) -> int:
        """Characters of its shared formulas, each written out in full."""
        masters = {item.group: len(item.text) for item in self.formulas if item.text}
        return sum(masters.get(item.group, 0) for item in self.formulas if item.group)

    def holds_formula(self, row: int, column: int) -> bool:
        """Whether a cell holds a formula, one that an array formula fills included."""
        return (row, column) in self._formula_places

    @cached_property
    def _formula_places(self) -> frozenset[Place]:
        found = {formula[:2] for formula in self.formulas}
        for formula in self.formulas:
            if formula.kind == "array" and formula.area is not None:
                found.update(places(formula.area))
        return frozenset(found)

    def cell_values(self, texts: Sequence[str], *, empty_texts: bool = False) -> dict[Place, Cell]:
        """Read the value of every cell; of formulas, the values stored beside them.

        Args:
            texts: The workbook's shared texts.
            empty_texts: Whether an empty text counts as a value.

        Returns:
            Values by row and column; empty cells are left out.

        Raises:
            UnsafeXMLError: A cell refers to a shared text that is not there.
        """
        found: dict[Place, Cell] = {}
        for cell in (cell for row in self._rows for cell in row.cells):
            value = constant_value(cell, self.data, texts)
            if value is not None and (empty_texts or value != ""):
                found[cell.row, cell.column] = value
        return found

    def constants(self, texts: Sequence[str]) -> Iterator[tuple[int, list[int], list[Cell]]]:
        """Read the cells that hold a value and no formula, column by column.

        Args:
            texts: The workbook's shared texts.

        Yields:
            A column, rows, and the values in these. Columns with several kinds of values may come
            twice; empty texts are left out.

        Raises:
            UnsafeXMLError: A cell refers to a shared text that is not there.
        """
        for column, (rows, found) in self._contents.columns.items():
            if set(map(type, found)) == {float}:  # nearly always
                yield column, rows, list(found)
                continue
            values: list[Cell] = [
                one if type(one) is float else shared_text(texts, one) for one in found
            ]
            if "" in values:
                kept = [place for place in zip(rows, values, strict=True) if place[1] != ""]
                rows, values = [one for one, _ in kept], [one for _, one in kept]
            yield column, rows, values
        by_column: dict[int, tuple[list[int], list[Cell]]] = {}
        for cell in self._contents.others:
            value = constant_value(cell, self.data, texts)
            if value is not None and value != "":
                rows, values = by_column.setdefault(cell.column, ([], []))
                rows.append(cell.row)
                values.append(value)
        for column, (rows, values) in by_column.items():
            yield column, rows, values

    def with_values(self, values: Mapping[Place, Cell]) -> bytes:
        """Store values beside formulas.

        A value equal to the stored one leaves its bytes unchanged. Only cells with a formula, or
        that an array formula fills, are written; missing cells and rows of these are made.

        Args:
            values: Values by row and column; None stands for an empty result, for which
                Excel stores 0.

        Returns:
            The part, every byte outside those cells as it was, but for the sheet's dimension where
            a cell was made outside of it.
        """
        members: dict[Place, Cell] = {}
        for formula in self.formulas:
            if formula.kind == "array" and formula.area is not None:
                place, inside = (formula.row, formula.column), places(formula.area)
                members |= {one: values[one] for one in inside if one != place and one in values}
        if not members:
            return xml_bytes.splice_in_order(self.data, self._beside(values))
        here = {(cell.row, cell.column) for row in self._rows for cell in row.cells}
        filled = (*self._filled(members), *self._reaching(members.keys() - here))
        return xml_bytes.splice(self.data, (*self._beside(values), *filled))

    def _beside(self, values: Mapping[Place, Cell]) -> Iterator[Edit]:
        """Yield the edits that store the values of formulas, in their order."""
        number = f"<{self._prefix}v>%b</{self._prefix}v>".encode()  # nearly all are numbers
        for cell, value in self._differing(values):
            span = cell.value
            if type(value) is float and span and not cell.tag and math.isfinite(value):
                yield Edit(*span, number % number_text(value).encode())
            else:
                yield from sorted(self._stored(cell, value))

    def _differing(self, values: Mapping[Place, Cell]) -> Iterator[tuple[CellSpan, Cell]]:
        """Yield the cells with a formula that have another value stored or none, and the value."""
        for cell, formula in zip(self._formula_cells, self.formulas, strict=True):
            place = (cell.row, cell.column)
            if place in values and not is_stored(formula.stored, values[place], cell):
                yield cell, values[place]

    def differences(self, values: Mapping[Place, Cell]) -> Iterator[Place]:
        """Go through the cells that would be written and have another value or none.

        Args:
            values: Values by row and column.

        Yields:
            Row and column of each.
        """
        for cell, _ in self._differing(values):
            yield cell.row, cell.column
        filled = {
            place
            for formula in self.formulas
            if formula.kind == "array" and formula.area is not None
            for place in places(formula.area)
        }
        if filled:
            here = {(cell.row, cell.column): cell for row in self._rows for cell in row.cells}
            for place in filled & values.keys():
                there = here.get(place)
                if there is None or (
                    there.formula is None
                    and not is_stored(stored_value(there), values[place], there)
                ):
                    yield place

    def with_formulas(self, texts: Mapping[Place, str], clear: Iterable[Place]) -> bytes:
        """Replace some formulas by plain ones, in a copy for calculation.

        Args:
            texts: Formulas without an equals sign, by row and column.
            clear: Cells without formulas whose values are removed, so that arrays can spill there.

        Returns:
            The part.
        """
        opening, closing = f"<{self._prefix}f>".encode(), f"</{self._prefix}f>".encode()
        edits = [
            Edit(*cell.formula, opening + xml_bytes.escaped(text).encode() + closing)
            for cell in self._formula_cells
            if cell.formula is not None and (text := texts.get((cell.row, cell.column))) is not None
        ]
        unwanted = set(clear)
        if unwanted:
            edits += [
                Edit(*span, b"")
                for row in self._rows
                for cell in row.cells
                if (cell.row, cell.column) in unwanted and cell.formula is None
                for span in (cell.value, cell.inline)
                if span is not None
            ]
        return xml_bytes.splice(self.data, edits)

    def _stored(self, cell: CellSpan, value: Cell) -> list[Edit]:
        """Return the edits that store one value in a cell that is there."""
        kind, text = written(value)
        attributes = cell.attributes
        if cell.value and attributes.get("t") == kind and "vm" not in attributes:
            # Nearly always: a number where there was a number.
            return [Edit(*cell.value, self._value(text))]
        opening = self.data[cell.start : cell.inner]
        tag = xml_bytes.with_attribute(opening, "t", kind)
        # Value metadata belongs to the old value: Excel would use it if it stayed.
        tag = xml_bytes.with_attribute(tag, "vm", None)
        element = self._value(text)
        if cell.inner == cell.end:
            tag = tag[:-2].rstrip() + b">"
            return [Edit(cell.start, cell.end, tag + element + f"</{self._prefix}c>".encode())]
        edits = [Edit(cell.start, cell.inner, tag)] if tag != opening else []
        if cell.inline is not None:
            edits.append(Edit(*cell.inline, b""))
        if cell.value is not None:
            edits.append(Edit(*cell.value, element))
        else:
            at = cell.formula[1] if cell.formula is not None else cell.inner
            edits.append(Edit(at, at, element))
        return edits

    def _value(self, text: str) -> bytes:
        space = ' xml:space="preserve"' if text != text.strip() else ""
        return f"<{self._prefix}v{space}>{text}</{self._prefix}v>".encode()

    def _new_cell(self, place: Place, value: Cell) -> bytes:
        kind, text = written(value)
        kind_attribute = f' t="{kind}"' if kind else ""
        name = f"{column_letters(place[1])}{place[0]}"
        head = f'<{self._prefix}c r="{name}"{kind_attribute}>'.encode()
        return head + self._value(text) + f"</{self._prefix}c>".encode()

    def _filled(self, members: dict[Place, Cell]) -> list[Edit]:
        """Return the edits that store the values an array formula puts into other cells."""
        by_row: dict[int, dict[int, Cell]] = {}
        for (row, column), value in sorted(members.items(), key=lambda item: item[0]):
            by_row.setdefault(row, {})[column] = value
        edits = []
        for span in self._rows:
            wanted = by_row.pop(span.number, None)
            if wanted:
                edits += self._filled_row(span, wanted)
        numbers = [span.number for span in self._rows]
        for row, wanted in by_row.items():
            after = bisect.bisect_right(numbers, row)
            at = self._rows[after].start if after < len(numbers) else self._end_of_rows
            cells = b"".join(self._new_cell((row, one), value) for one, value in wanted.items())
            head = f'<{self._prefix}row r="{row}">'.encode()
            edits.append(Edit(at, at, head + cells + f"</{self._prefix}row>".encode()))
        return edits

    def _reaching(self, made: Collection[Place]) -> Iterator[Edit]:
        """Yield the edit that extends the sheet's dimension, where it has one, to cells made."""
        head = self.data[: self._rows[0].start if self._rows else self._end_of_rows]
        found = re.search(rf"<{self._prefix}dimension\s".encode(), head)
        if found is None or not made:
            return
        end = xml_bytes.tag_end(head, found.start())
        tag = head[found.start() : end]
        with contextlib.suppress(ValueError):  # readers ignore one that they cannot read
            declared = area_of(xml_bytes.attributes(tag).get("ref", ""))
            rows, columns = zip(*made, declared[:2], declared[2:], strict=True)
            reached = Area(min(rows), min(columns), max(rows), max(columns))
            if reached != declared:
                yield Edit(found.start(), end, xml_bytes.with_attribute(tag, "ref", reached.text))

    def _filled_row(self, span: RowSpan, wanted: dict[int, Cell]) -> list[Edit]:
        edits = []
        here = {cell.column: cell for cell in span.cells}
        missing = []
        for column, value in wanted.items():
            cell = here.get(column)
            if cell is None:
                missing.append(column)
            elif cell.formula is None and not is_stored(stored_value(cell), value, cell):
                edits += self._stored(cell, value)
        new = {column: self._new_cell((span.number, column), wanted[column]) for column in missing}
        if missing and span.empty:
            tag = self.data[span.start : span.inner][:-2].rstrip() + b">"
            cells = b"".join(new.values())
            closing = f"</{self._prefix}row>".encode()
            return [*edits, Edit(span.start, span.inner, tag + cells + closing)]
        for column in missing:
            after = next((cell.start for cell in span.cells if cell.column > column), span.stop)
            edits.append(Edit(after, after, new[column]))
        return edits


def layouts_of(book: Workbook) -> dict[str, Layout]:
    """Read the layouts of the sheets of a workbook.

    Args:
        book: The workbook.

    Returns:
        Layouts by part.

    Raises:
        FileError: A sheet cannot be read, or has formulas beyond the limits.
    """
    found: dict[str, Layout] = {}
    filled = spelt_out = 0
    for sheet in book.sheets:
        try:
            layout = book.sheets_written.get(sheet.part) or Layout(book.read(sheet.part))
        except xml_bytes.UnsafeXMLError as error:
            raise book.unsafe(sheet.part, error) from None
        found[sheet.part] = layout
        filled += layout.filled
        spelt_out += layout.spelt_out
        if filled > LARGEST_FILL:
            reason = f"its array formulas fill more than {LARGEST_FILL:,} cells that it has not"
            raise FileError(book.path, reason, "open and save it in Excel first")
        if spelt_out > LONGEST_SPELT_OUT:
            reason = f"its shared formulas stand for more than {LONGEST_SPELT_OUT:,} characters"
            raise FileError(book.path, reason, "shorten them")
    return found


def places(area: Area) -> Iterator[Place]:
    """Yield the cells of an area, row by row."""
    for row in range(area.first_row, area.last_row + 1):
        for column in range(area.first_column, area.last_column + 1):
            yield row, column
