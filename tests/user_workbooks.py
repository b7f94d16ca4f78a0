"""Workbooks of users' own, and the root cells in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from xladdin.checking.recalc import recalc
from xladdin.checking.root_cell import RootCell


def mine(
    tmp_path: Path,
    cells: Mapping[str, Any],
    rules: Mapping[str, DataValidation] | None = None,
    names: Mapping[str, str] | None = None,
) -> Path:
    """A user's own workbook."""
    book = openpyxl.Workbook()
    for cell, value in cells.items():
        book.active[cell] = value
    for cell, rule in (rules or {}).items():
        rule.add(cell)
        book.active.add_data_validation(rule)
    for name, text in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    path = tmp_path / "mine.xlsx"
    book.save(path)
    return path


def rule(kind: str, operator: str, *bounds: str, message: str = "", **more: Any) -> Any:
    """A data validation that refuses what breaks it."""
    made: Any = DataValidation(type=kind, operator=operator, showErrorMessage=True, **more)
    made.formula1, made.formula2 = (*bounds, None)[:2]
    made.error = message or None
    return made


def roots_of(path: Path) -> list[RootCell]:
    return list(recalc(path).roots)


def kinds_and_cells(roots: list[RootCell]) -> list[tuple[str, str]]:
    return [(root.kind, root.cell) for root in roots]
