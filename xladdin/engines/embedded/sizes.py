"""Sizes of ranges and arrays, where Excel gives an error for those that do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.areas import MOST_CELLS, area_from
from xladdin.engines.embedded.examination import where
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import ARRAY, PartInfo, bare
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


class _UnfitError(Exception):
    """Arrays do not fit; the text says how."""


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


def note_sizes(notes: FormulaNotes, node: Node, taker: str) -> None:
    """Have the arrays that a part works on, cell by cell, looked at for whether they fit.

    Where their sizes are not known before, one error in the place of an array says that they do
    not; Excel gives #N/A in the cells that only one of them has.
    """
    size = size_of(notes, node)
    notes.verdict.same_sized.append(SameSized(taker, (size,)))
    if isinstance(size, Joined) and _is_unsure(size):
        notes.verdict.wrap(node, f"{instruments.ARRAY}(", ",#)")


def note_sizes_of(notes: FormulaNotes, node: Node, infos: Sequence[PartInfo], context: str) -> None:
    """Have the arrays looked at that IF, IFERROR or IFNA works on, unless IF is asked one thing."""
    name = function_name(node.text)
    asked = infos[:1] if name == "IF" else infos
    if any(info.several or (info.maybe and context == ARRAY) for info in asked):
        note_sizes(notes, node, name)


def _is_unsure(size: Joined) -> bool:
    """Whether several arrays are worked on together of which one has a size that is not known."""
    wide = [one for one in size.parts if one != (1, 1)]
    return len(wide) > 1 and not all(map(_is_known, wide))


def _is_known(size: Size) -> bool:
    return all(map(_is_known, size.parts)) if isinstance(size, Joined) else size is not None


def misfit(arrays: SameSized, references: Sequence[str], sheet: str) -> str:
    """Say why the arrays of one formula do not fit, as far as that is known.

    Args:
        arrays: The arrays.
        references: The references that differ between formulas of the form.
        sheet: The formula's sheet.

    Returns:
        It in words; empty where they do.
    """
    try:
        shapes = {_shape(size, references, sheet) for size in arrays.sizes}
    except _UnfitError as error:
        return f"{arrays.taker} is given {error}"
    return f"{arrays.taker} is given {OF_OTHER_SIZES}" if len(shapes - {None}) > 1 else ""


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
        raise _UnfitError(OF_OTHER_SIZES)
    together = max(rows, default=1), max(columns, default=1)
    if math.prod(together) > MOST_CELLS:
        raise _UnfitError(f"arrays that have more than {MOST_CELLS:,} cells together")
    return None if len(known) < len(shapes) else together
