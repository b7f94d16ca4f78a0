"""The formulas of a sheet's part, read from the positions of their cells."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from xladdin.cells import Cell
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.cell_scanner import CellSpan
from xladdin.xlsx.stored_values import stored_value
from xladdin.xlsx.workbook_part import Area, area_of

LONGEST_FORMULA: Final = 4 * 8_192
"""Most characters of a formula: Excel's limit, and room for the prefixes that files add."""

KEPT: Final = 1 << 15
"""Formulas of which what was found out is kept: more than the workbooks of one deal have, since the
next deal's have nearly all of the same ones, in the same order, so that a smaller cache would have
dropped each just before it is asked for."""


_LONG: Final = 60
"""Bytes of a formula from which on it is kept, as a table's column has it in all its rows."""


class Formula(NamedTuple):
    """A cell with a formula.

    Attributes:
        row: Its row.
        column: Its column.
        text: The formula without an equals sign; empty for a follower of a shared formula.
        kind: ``normal``, ``shared``, ``array`` or ``dataTable``.
        area: The cells an array formula or a data table fills, or the master of a shared formula
            serves; None otherwise.
        group: Which shared formula it belongs to; empty otherwise.
        dynamic: Whether it is an array formula of the newer kind, which finds its own size.
        stored: The value stored beside it; None if there is none.
    """

    row: int
    column: int
    text: str
    kind: str
    area: Area | None
    group: str
    dynamic: bool
    stored: Cell


def formula_of(cell: CellSpan) -> Formula:
    """Read the formula of a cell that has one."""
    inside = cell.formula_inside
    marked = b"&" in inside or b"<" in inside or b"_x" in inside or b"\r" in inside
    if marked or len(inside) > _LONG:
        text = _formula_text(inside)
    else:  # nearly always
        text = inside.decode()
        if len(text) > LONGEST_FORMULA or text[:1] == "=":
            text = _short_enough(text)
    if not cell.formula_tag:  # nearly always
        return Formula(cell.row, cell.column, text, "normal", None, "", False, stored_value(cell))
    attributes = cell.formula_attributes
    kind = attributes.get("t", "normal")
    try:
        area = area_of(attributes["ref"]) if "ref" in attributes else None
    except ValueError as error:
        raise xml_bytes.UnsafeXMLError(str(error)) from None
    return Formula(
        cell.row,
        cell.column,
        text,
        kind,
        area,
        attributes.get("si", "") if kind == "shared" else "",
        kind == "array" and "cm" in cell.attributes,
        stored_value(cell),
    )


@lru_cache(maxsize=4096)
def _formula_text(inside: bytes) -> str:
    """Read a formula; a table's column has the same one in all its rows."""
    return _short_enough(xml_bytes.unescaped(xml_bytes.characters(inside)))


def _short_enough(text: str) -> str:
    text = text.removeprefix("=")
    if len(text) > LONGEST_FORMULA:
        raise xml_bytes.UnsafeXMLError(
            f"it has a formula of more than {LONGEST_FORMULA:,} characters"
        )
    return text
