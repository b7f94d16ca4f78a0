"""Formulas with Excel's values, and by which engines each is computed."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import openpyxl
import pytest
from offices import needs_office
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.cells import Cell
from xladdin.engines.choice import compute

ENGINES: Final = (
    "embedded",
    pytest.param("auto", marks=needs_office),
    pytest.param("libreoffice", marks=needs_office),
)
NONE: Final[frozenset[str]] = frozenset()
"""It is refused."""
WITH_LIBREOFFICE: Final = frozenset({"auto", "libreoffice"})
"""The embedded engine is not proved for it."""
NOT_CONFIRMED: Final = frozenset({"auto", "embedded"})
"""LibreOffice gives something else, or is not known to give the same."""


class Case(NamedTuple):
    """A formula, Excel's value, and the engines that compute it."""

    formula: str
    value: Cell
    engines: frozenset[str] = frozenset({"auto", "embedded", "libreoffice"})


def same(one: Cell, other: Cell, tolerance: float = 1e-12) -> bool:
    """Whether two values are the same, numbers to within a tolerance."""
    if type(one) is float and type(other) is float:
        return math.isclose(one, other, rel_tol=tolerance)
    return type(one) is type(other) and one == other


def differences(
    engine: str, cells: Mapping[str, Any], plain: Sequence[Case], arrays: Sequence[Case]
) -> list[tuple[str, object, object]]:
    """Return the formulas of a sheet Data that an engine computes otherwise than is written here.

    Args:
        engine: The engine.
        cells: What the sheet holds beside the formulas.
        plain: Ordinary formulas.
        arrays: Array formulas.

    Returns:
        Each with what is written here and what the engine gives, or that it refuses it.
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    for place, value in cells.items():
        sheet[place] = value
    cases = (*plain, *arrays)
    for row, case in enumerate(cases, 1):
        formula = f"={case.formula}"
        array = row > len(plain)
        sheet[f"K{row}"] = ArrayFormula(f"K{row}", formula) if array else formula
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute(engine, buffer.getvalue())
    refused = {item.cell for item in found.refusals}
    different: list[tuple[str, object, object]] = []
    for row, case in enumerate(cases, 1):
        value = "refused" if f"K{row}" in refused else found.value("Data", row, 11)
        if engine not in case.engines:
            if f"K{row}" not in refused:
                different.append((case.formula, "refused", value))
        elif f"K{row}" in refused or not same(value, case.value):
            different.append((case.formula, case.value, value))
    return different
