"""What the parts of a formula stand for, as far as that can be known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.dependencies import Dependencies, Where
from xladdin.engines.embedded.part_calculator import PartCalculator
from xladdin.engines.libreoffice.formula_form import FormulaForm
from xladdin.engines.libreoffice.written_numbers import is_number
from xladdin.engines.result import Computed
from xladdin.formulas.syntax_tree import (
    BINARY,
    FUNCTION,
    GROUP,
    LOGICAL,
    NUMBER,
    REFERENCE,
    TEXT,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Area, Workbook

_MOST_CELLS: Final = 10_000
"""Cells of the largest range that is read for each formula."""

_ANYTHING: Final[tuple[Cell, ...]] = (-math.inf, None, "\U0001f600")
"""What a larger one is taken to hold: each kind of value that LibreOffice may take otherwise."""


class PartValues:
    """Values of the parts of a workbook's formulas, of one formula at a time."""

    def __init__(self, book: Workbook, computed: Computed) -> None:
        self._book = book
        self._dependencies = Dependencies(book, computed)
        self._computed = computed
        self._calculator = PartCalculator(self._dependencies, computed)
        self._sheet = ""
        self._place: Place = (1, 1)
        self._form = FormulaForm("0")
        self._references: Sequence[str] = ()
        self._known_areas: dict[tuple[str, str], tuple[tuple[str, Area], ...]] = {}
        self._known_least: dict[tuple[str, str], float] = {}

    def _cells(self) -> Iterator[tuple[Where, Cell]]:
        """Go through the cells of the workbook, those with formulas with their new values."""
        for sheet, part in self._computed.parts.items():
            try:
                stored = self._computed.layouts[part].cell_values(self._book.texts)
            except xml_bytes.UnsafeXMLError as error:
                raise self._book.unsafe(part, error) from None
            for place, value in {**stored, **self._computed.values[sheet]}.items():
                yield (sheet, place), value

    def _begin(self, form: FormulaForm, references: Sequence[str]) -> None:
        """Turn to a formula, by its form and its references."""
        self._form, self._references = form, references

    def _written(self, node: Node) -> str:
        """Return a part as it is written in the formula at hand."""
        return self._form.written(node, self._references)

    def _evaluated(self, node: Node) -> Cell:
        """Compute a part by itself; None where that cannot be done."""
        return self._calculator.value(self._written(node), self._sheet, self._place)

    def _computed_numbers(self, node: Node) -> list[float]:
        """Return the numbers that a part stands for; a formula is computed by itself."""
        inner = inside(node)
        if inner.kind in (NUMBER, REFERENCE, TEXT):
            values = list(self._values(inner))
        else:
            values = [self._evaluated(inner)]
        return [float(value) for value in values if isinstance(value, float)]

    def _all_values(self, node: Node) -> list[Cell]:
        """Return the values that a part stands for; a formula is computed by itself."""
        inner = inside(node)
        if inner.kind == LOGICAL:
            return [inner.text.upper() == "TRUE"]
        known = inner.kind in (TEXT, NUMBER, REFERENCE)
        return list(self._values(inner)) if known else [self._evaluated(inner)]

    def _areas(self, node: Node) -> tuple[tuple[str, Area], ...]:
        """Return the ranges of a part, as far as their sheets reach."""
        key = self._sheet, self._written(node)
        found = self._known_areas.get(key)
        if found is None:
            found = tuple(
                (sheet, self._dependencies.reached(sheet, area))
                for sheet, area in self._dependencies.areas(key[1], key[0])
            )
            if ":" in key[1]:  # many formulas refer to the same range
                self._known_areas[key] = found
        return found

    def _values(self, node: Node) -> Iterator[Cell]:
        """Go through the values of a constant or of a reference's cells; a part has none."""
        node = inside(node)
        if node.kind == TEXT:
            yield self._written(node)[1:-1].replace('""', '"')
        elif node.kind == NUMBER:
            yield float(node.text)
        elif node.kind == REFERENCE:
            for sheet, area in self._areas(node):
                if math.prod(area.shape) > _MOST_CELLS:
                    yield from _ANYTHING
                    return
                rows = range(area.first_row, area.last_row + 1)
                columns = range(area.first_column, area.last_column + 1)
                for row, column in itertools.product(rows, columns):
                    yield self._computed.value(sheet, row, column)

    def _least(self, node: Node) -> float:
        """Return a number that the value of a part is not below, as far as that can be known."""
        node = inside(node)
        if node.kind == REFERENCE and ":" in node.text:
            key = self._sheet, self._written(node)
            if key not in self._known_least:
                self._known_least[key] = self._least_value(node)
            return self._known_least[key]
        if node.kind in (NUMBER, REFERENCE):
            return self._least_value(node)
        name = function_name(node.text) if node.kind == FUNCTION else ""
        parts = [self._least(part) for part in node.parts]
        if name in ("ABS", "SQRT", "COUNT", "COUNTA", "ROWS", "COLUMNS", "YEAR", "DAYS", "LEN"):
            return 0.0
        if name in ("EXP", "PI", "ROW", "COLUMN"):
            return 0.5
        if name in ("SUM", "AVERAGE", "MIN", "MAX") and parts and min(parts) >= 0:
            return min(parts)
        if node.kind == BINARY and node.text in ("+", "*", "/", "^") and min(parts) >= 0:
            one, other = parts
            if node.text == "+":
                return one + other
            if node.text == "*":
                return one * other if math.isfinite(one * other) else 0.0
            return 0.0 if one == 0 else math.ulp(0.0)
        return -math.inf

    def _least_value(self, node: Node) -> float:
        values = [value or 0.0 for value in self._values(node)]
        if any(isinstance(value, str) and is_number(value) for value in values):
            return -math.inf
        numbers = [value for value in values if isinstance(value, float | int)]
        # Another text or an error there is an error in either program.
        return min(numbers, default=math.inf)

    def _whole(self, node: Node) -> bool:
        node = inside(node)
        values = list(self._values(node))
        return bool(values) and all(
            value is None or (isinstance(value, float) and value.is_integer()) for value in values
        )


def inside(node: Node) -> Node:
    """Return what stands within parentheses and signs of no effect."""
    while node.kind == GROUP or (node.kind == UNARY and node.text == "+"):
        node = node.parts[0]
    return node
