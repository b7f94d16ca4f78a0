"""Sizes of ranges and arrays, where Excel gives an error for those that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.examination import where
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import bare
from xladdin.engines.embedded.function_groups import CELL_BY_CELL, ELEMENTWISE
from xladdin.engines.embedded.verdicts import Joined, Place, SameSized, Shape, Size
from xladdin.formulas.syntax_tree import (
    BINARY,
    CONSTANTS,
    FAULT,
    FUNCTION,
    GAP,
    LOGICAL,
    NUMBER,
    PERCENT,
    TEXT,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name

OF_OTHER_SIZES: Final = "ranges or arrays of different sizes"


class UnequalError(Exception):
    """Two arrays do not fit."""


def size_of(notes: FormulaNotes, node: Node) -> Size:
    """Find out what the size of a part depends on.

    Args:
        notes: What is known of the formula.
        node: The part.
    """
    inner = bare(node)
    if notes.is_cells(inner):
        return (1, 1) if id(inner) in notes.intersected else notes.cells(inner)
    if inner.kind in (NUMBER, TEXT, LOGICAL, FAULT):
        return 1, 1
    if inner.kind == CONSTANTS:
        text = notes.verdict.form[inner.start : inner.stop]
        rows = text.count(";") + 1
        return None if '"' in text else (rows, len(inner.parts) // rows)
    if inner.kind == FUNCTION and function_name(inner.text) in ("ROW", "COLUMN"):
        return size_of(notes, inner.parts[0]) if inner.parts else (1, 1)
    together = inner.kind in (BINARY, UNARY, PERCENT)
    if inner.kind == FUNCTION:
        name = function_name(inner.text)
        together = name in ELEMENTWISE | CELL_BY_CELL or notes.scope.ours.get(name, False)
    if not together:
        return None
    return Joined(tuple(size_of(notes, part) for part in inner.parts if part.kind != GAP))


def fit(arrays: SameSized, references: Sequence[str], sheet: str) -> bool:
    """Whether the arrays of one formula are of one size, as far as that is known.

    Args:
        arrays: The arrays.
        references: The references that differ between formulas of the form.
        sheet: The formula's sheet.
    """
    try:
        shapes = {_shape(size, references, sheet) for size in arrays.sizes}
    except UnequalError:
        return False
    return len(shapes - {None}) < 2


def _shape(size: Size, references: Sequence[str], sheet: str) -> Shape | None:
    if isinstance(size, Place):
        area = area_from(where(size, references, sheet)[1])
        return None if area is None else area.shape
    if not isinstance(size, Joined):
        return size
    shapes = [_shape(part, references, sheet) for part in size.parts]
    known = [shape for shape in shapes if shape is not None]
    rows, columns = ({shape[at] for shape in known} - {1} for at in (0, 1))
    if len(rows) > 1 or len(columns) > 1:
        raise UnequalError
    return None if len(known) < len(shapes) else (max(rows, default=1), max(columns, default=1))
