"""The cells of a sheet as they were just written, so that nothing of it has to be read back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from xladdin.cells import Cell
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.formula_cells import KEPT, LONGEST_FORMULA, Formula
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.stored_values import number_text, written

_PIECES: Final = 5_000
"""Pieces of a sheet that are joined at a time."""


class FormulaPiece(NamedTuple):
    """A cell with a formula.

    Attributes:
        start: Its start tag without the type of its value and the last character.
        formula: Its formula's element.
    """

    start: str
    formula: str

    def without_value(self) -> str:
        """Write the cell."""
        return f"{self.start}>{self.formula}<v></v></c>"


@dataclass(slots=True)
class WrittenRows:
    """The rows of a sheet in pieces, written in canonical form, and what their cells hold.

    Attributes:
        pieces: The pieces, a cell with a formula each by itself.
        formulas: The formulas in order.
        columns: Constants, by column: rows, and the values in these.
        reach: The last row and the last column.
        as_read: Whether a reader finds in it what was written; where that is not certain, it is to
            be read.
    """

    pieces: list[str | FormulaPiece] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    columns: dict[int, tuple[list[int], list[Cell]]] = field(default_factory=dict)
    reach: Place = (0, 0)
    as_read: bool = True

    def keep(self, place: Place, value: Cell) -> None:
        """Keep what the cell of the last piece holds."""
        rows, values = self.columns.setdefault(place[1], ([], []))
        rows.append(place[0])
        values.append(value)

    def put_formula(self, place: Place, start: str, text: str) -> None:
        """Write a cell with a formula, given without its equals sign."""
        text, element, as_read = element_of(text)
        self.as_read &= as_read
        self.pieces.append(FormulaPiece(start, element))
        self.formulas.append(Formula(*place, text, "normal", None, "", False, None))

    def renamed(self, rename: Callable[[str], str]) -> WrittenRows:
        """Rewrite all formulas."""
        found = WrittenRows([], [], self.columns, self.reach, self.as_read)
        formulas = iter(self.formulas)
        for piece in self.pieces:
            if isinstance(piece, str):
                found.pieces.append(piece)
            else:
                formula = next(formulas)
                found.put_formula(formula[:2], piece.start, rename(formula.text))
        return found


class WrittenSheet(Layout):
    """A sheet's part in pieces, of which those with formulas are written anew for their values."""

    def __init__(self, head: bytes, rows: WrittenRows, tail: bytes) -> None:
        """Take what comes before the rows, the rows, and what comes after them."""
        self.around = head, tail
        self.written = rows
        self._prefix = ""
        self._end_of_rows = 0
        self.formulas = tuple(rows.formulas)
        self.reach = rows.reach

    def renamed(self, rename: Callable[[str], str]) -> WrittenSheet:
        """Rewrite all formulas."""
        return WrittenSheet(self.around[0], self.written.renamed(rename), self.around[1])

    @property
    def as_read(self) -> bool:
        """Whether a reader finds in it what was written."""
        return self.written.as_read

    @cached_property
    def data(self) -> bytes:  # type: ignore[override]
        """The part."""
        return self._joined(lambda cell, _: cell.without_value())

    @property
    def frame(self) -> bytes:
        """The part without its rows."""
        return b"".join(self.around)

    def constants(self, _: Sequence[str]) -> Iterator[tuple[int, list[int], list[Cell]]]:
        """Go through the constants as `Layout.constants` does; none is a shared text."""
        for column, (rows, values) in self.written.columns.items():
            yield column, rows, values

    def with_values(self, values: Mapping[Place, Cell]) -> bytes:
        """Store values beside formulas as `Layout.with_values` does."""

        def written(cell: FormulaPiece, place: Place) -> str:
            has_one = place in values
            return with_value(cell, values[place]) if has_one else cell.without_value()

        return self._joined(written)

    def differences(self, values: Mapping[Place, Cell]) -> Iterator[Place]:
        """Go through the formulas of which there is a value: none is stored."""
        return (formula[:2] for formula in self.formulas if formula[:2] in values)

    def with_formulas(self, texts: Mapping[Place, str], _: Iterable[Place]) -> bytes:
        """Replace some formulas as `Layout.with_formulas` does; no array formula is to spill."""

        def written(cell: FormulaPiece, place: Place) -> str:
            text = texts.get(place)
            if text is None:
                return cell.without_value()
            return f"{cell.start}><f>{xml_bytes.escaped(text)}</f><v></v></c>"

        return self._joined(written)

    def _joined(self, cell: Callable[[FormulaPiece, Place], str]) -> bytes:
        """Join the part, each cell with a formula as it is to be written."""
        head, tail = self.around
        return b"".join((head, *self.rows(cell), tail))

    def rows(self, cell: Callable[[FormulaPiece, Place], str]) -> Iterator[bytes]:
        """Join the rows likewise, some at a time: a long sheet is in memory twice otherwise."""
        places, pieces = (formula[:2] for formula in self.formulas), self.written.pieces
        for start in range(0, len(pieces), _PIECES):
            yield "".join(
                piece if isinstance(piece, str) else cell(piece, next(places))
                for piece in pieces[start : start + _PIECES]
            ).encode()


def with_value(cell: FormulaPiece, value: Cell) -> str:
    """Write a cell with a formula and its value."""
    if type(value) is float and math.isfinite(value):  # nearly always
        return f"{cell.start}>{cell.formula}<v>{number_text(value)}</v></c>"
    kind, text = written(value)
    of_kind = f' t="{kind}"' if kind else ""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"{cell.start}{of_kind}>{cell.formula}<v{space}>{text}</v></c>"


@lru_cache(maxsize=KEPT)
def element_of(text: str) -> tuple[str, str, bool]:
    """Write the element of a formula.

    Returns:
        The formula, one text for all rows; the element; and whether a reader finds the one in it.
    """
    as_read = (
        len(text) <= LONGEST_FORMULA
        and text[:1] != "="
        and "\r" not in text
        and ("_x" not in text or xml_bytes.unescaped(text) == text)
    )
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text, f"<f>{escaped}</f>", as_read
