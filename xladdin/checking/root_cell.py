"""One cell where something is wrong with a workbook, and how it is reported."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xladdin.cells import Cell, day_of, described, shown_formula
from xladdin.checking.findings import ERROR, OUTSIDE, ROW
from xladdin.engines.cell_index import Where
from xladdin.engines.dependencies import Dependencies
from xladdin.errors import day_shown
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import column_letters


@dataclass(frozen=True)
class RootCell:
    """A cell where something is wrong that does not follow from another cell.

    Attributes:
        kind: What, one of `findings.KINDS`.
        sheet: Its sheet.
        cell: The cell, such as ``B2``.
        value: What it holds.
        reason: What is wrong with it, in words.
        formula: Its formula, without an equals sign; empty if it has none.
        also: Number of further cells, or rows, to which the same applies.
        dated: Whether the value is a date, which is shown as one.
    """

    kind: str
    sheet: str
    cell: str
    value: Cell
    reason: str
    formula: str = ""
    also: int = 0
    dated: bool = False

    @property
    def where(self) -> str:
        """Sheet and cell."""
        return f"{quoted(self.sheet)}!{self.cell}"

    @property
    def is_entry(self) -> bool:
        """Whether it is something that was typed."""
        return self.kind != ERROR

    def __str__(self) -> str:
        row = self.kind in (OUTSIDE, ROW)
        value = self._described()
        bare = row or self.reason.startswith(value)
        text = self.reason if bare else f"{value}: {self.reason}"
        more = "rows" if row else "cells of this formula"
        tail = f" (and {self.also:,} more {more})" if self.also else ""
        return f"{self.where}  {text}{tail}{shown_formula(self.formula)}"

    def _described(self) -> str:
        if self.dated and isinstance(self.value, float):
            with contextlib.suppress(ValueError):
                return day_shown(day_of(self.value))
        return described(self.value)


def root_cell(
    dependencies: Dependencies, kind: str, where: Where, value: Cell, reason: str
) -> RootCell:
    """Make a root cell, with the formula that it has."""
    sheet, place = where
    text = dependencies.text(sheet, dependencies.master(sheet, place))
    return RootCell(kind, sheet, name_of(place), value, reason, text)


def count_of(roots: Iterable[RootCell]) -> int:
    """Count root cells, with the further ones to which the same applies."""
    return sum(1 + root.also for root in roots)


def name_of(place: Place) -> str:
    """Name a cell, such as ``B2``."""
    return f"{column_letters(place[1])}{place[0]}"


def once(entries: Iterable[RootCell], errors: Sequence[RootCell]) -> Iterator[RootCell]:
    """Yield root cells, those that are wrong entries and errors with both reasons in one."""
    alone = {(root.sheet, root.cell): root for root in errors if not root.also}
    for entry in entries:
        error = alone.pop((entry.sheet, entry.cell), None)
        both = error is not None and error.reason
        yield replace(entry, reason=f"{entry.reason}; {both}") if both else entry
    yield from (root for root in errors if root.also or (root.sheet, root.cell) in alone)
