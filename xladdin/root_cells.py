"""The cells where something is wrong with a workbook, apart from those that only follow from them.

A text in one cell of a log may give a hundred errors further on. Whoever has to put it right wants
to know of the one cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from xladdin.check_lines import is_ours
from xladdin.checks_sheet import FAILS, REMARK
from xladdin.dependencies import Dependencies, Index, Where
from xladdin.entry_rules import EntryRules
from xladdin.explaining import Explainer, Reason
from xladdin.hosts.computed import Computed
from xladdin.hosts.scanning import shifted
from xladdin.hosts.structured import quoted
from xladdin.ooxml import xml
from xladdin.ooxml.sheets import Place, places
from xladdin.ooxml.validations import Validation, validations_of
from xladdin.ooxml.workbook import Area, Sheet, Table, Workbook, column_letters
from xladdin.values import Cell, CellError, described, shown_formula

ENTRY: Final = "entry"
TYPED_OVER: Final = "typed over"
OUTSIDE: Final = "outside"
ROW: Final = "row"
ERROR: Final = "error"

KINDS: Final[Mapping[str, str]] = {
    ENTRY: "an entry breaks the rule of its cell",
    TYPED_OVER: "the formula of a table's column is missing or another",
    OUTSIDE: "an entry is outside of the table that it belongs to",
    ROW: "what is entered in a row of a table fails the workbook's own rules",
    ERROR: "a formula gives an error of its own",
}
"""What can be wrong with a root cell, in words."""

MOST_EXPLAINED: Final = 100
"""Most formulas whose errors are explained; the others are listed without a reason."""


@dataclass(frozen=True)
class RootCell:
    """A cell where something is wrong that does not follow from another cell.

    Attributes:
        kind: What, one of `KINDS`.
        sheet: Its sheet.
        cell: The cell, such as ``B2``.
        value: What it holds.
        reason: What is wrong with it, in words.
        formula: Its formula, without an equals sign; empty if it has none.
        also: Number of further cells, or rows, of which the same is to be said.
    """

    kind: str
    sheet: str
    cell: str
    value: Cell
    reason: str
    formula: str = ""
    also: int = 0

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
        said = self.reason if row else f"{described(self.value)}: {self.reason}"
        more = "rows" if row else "cells of this formula"
        tail = f" (and {self.also:,} more {more})" if self.also else ""
        return f"{self.where}  {said}{tail}{shown_formula(self.formula)}"


def count_of(roots: Iterable[RootCell]) -> int:
    """Count root cells, those of which the same is to be said included."""
    return sum(1 + root.also for root in roots)


class RootCells:
    """The root cells of one workbook.

    Attributes:
        found: The root cells: entries first, then formulas.
        errors: Number of cells with errors.
        following: Number of those that only follow from root cells.
    """

    def __init__(self, book: Workbook, result: Computed, dependencies: Dependencies) -> None:
        """Find them.

        Args:
            book: The workbook.
            result: What an engine made of it.
            dependencies: What its formulas refer to.

        Raises:
            FileError: A sheet cannot be read.
        """
        self._book = book
        self._result = result
        self._dependencies = dependencies
        self._explainer = Explainer(dependencies, result)
        self._ours = is_ours(book)
        self._contents: dict[str, dict[Place, Cell]] = {}
        self._places: set[Where] = set()
        entries = list(self._entries())
        self._entry_places = frozenset(self._places)
        wrong = list(self._errors())
        self.found = (*entries, *wrong)
        self.errors = sum(map(len, self._error_places.values()))
        self.following = self.errors - count_of(wrong)

    @cached_property
    def reached(self) -> set[Where]:
        """The cells that depend on root cells."""
        return self._dependencies.dependents(self._places) if self._places else set()

    def _entries(self) -> Iterator[RootCell]:
        """Go through the entries that break a rule, sheet by sheet."""
        tables: dict[str, list[Table]] = {}
        for table in self._book.tables:
            tables.setdefault(table.sheet, []).append(table)
        for sheet in self._book.sheets:
            rules = self._rules(sheet)
            here = tables.get(sheet.name, [])
            if rules or here:
                found = [
                    *self._against_rules(sheet.name, rules, self._held(sheet)),
                    *self._in_tables(here, rules, self._held(sheet)),
                ]
                for place, root in sorted(found, key=lambda item: item[0]):
                    if (sheet.name, place) not in self._places:
                        self._places.add((sheet.name, place))
                        yield root
                yield from self._failing_rows(sheet.name, here if self._ours else [])

    def _rules(self, sheet: Sheet) -> tuple[Validation, ...]:
        try:
            return validations_of(self._result.layouts[sheet.part].frame)
        except xml.UnsafeXMLError as error:
            raise self._book.unsafe(sheet.part, error) from None

    def _held(self, sheet: Sheet) -> dict[Place, Cell]:
        """Return what the cells of a sheet hold, formulas as their computed values."""
        if sheet.name not in self._contents:
            try:
                held = self._result.layouts[sheet.part].held(self._book.texts)
            except xml.UnsafeXMLError as error:
                raise self._book.unsafe(sheet.part, error) from None
            self._contents[sheet.name] = held | dict(self._result.values[sheet.name])
        return self._contents[sheet.name]

    def _against_rules(
        self, sheet: str, rules: tuple[Validation, ...], held: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        judge = EntryRules(self._dependencies, self._explainer, self._result)
        for rule in rules:
            for area in rule.areas:
                for place in _filled(self._dependencies.reached(sheet, area), held):
                    reason = judge.broken(rule, sheet, place, held[place])
                    if reason:
                        yield place, self._root(ENTRY, sheet, place, held[place], reason)

    def _in_tables(
        self,
        tables: list[Table],
        rules: tuple[Validation, ...],
        held: Mapping[Place, Cell],
    ) -> Iterator[tuple[Place, RootCell]]:
        for table in tables:
            for at, formula in enumerate(table.formulas, table.area.first_column):
                if formula:
                    yield from self._typed_over(table, at, formula, held)
            typed_into = self._ours or any(
                _overlap(area, table.area) for rule in rules for area in rule.areas
            )
            if typed_into and not table.totals_rows:
                yield from self._under(table, tables, held)

    def _typed_over(
        self, table: Table, column: int, formula: str, held: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        """Go through the cells of a table's column that have lost its formula."""
        heading = table.columns[column - table.area.first_column]
        for row in range(table.first_data_row, table.last_data_row + 1):
            place = (row, column)
            text = self._dependencies.text(table.sheet, place)
            value = held.get(place)
            if text == formula:
                continue
            if not text:
                what = "nothing" if value is None else "a value"
                reason = f"{what} in place of the formula of {heading}, ={formula}"
            elif self._ours and self._differs(table.sheet, place, text, formula):
                reason = f"another formula than that of {heading}, ={formula}"
            else:
                continue
            yield place, self._root(TYPED_OVER, table.sheet, place, value, reason)

    def _differs(self, sheet: str, place: Place, text: str, formula: str) -> bool:
        """Whether two formulas are other ones in plain cells, too; programs write them anew."""
        one, other = (
            "".join(self._dependencies.plain(item, sheet, place).split()).replace("$", "").upper()
            for item in (text, formula)
        )
        return one != other

    def _under(
        self, table: Table, tables: list[Table], held: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        """Go through the entries right under a table, or anywhere under one of ours.

        In other people's tables, a row with formulas of its own there is a total, and so is one
        whose entries are not of the kind that their columns hold.
        """
        last, reason = table.area.last_row, f"under the last row of the table {table.name}"
        columns = range(table.area.first_column, table.area.last_column + 1)
        reach = max((row for row, _ in held), default=0) if self._ours else last + 1
        for row in range(last + 1, reach + 1):
            filled = [(row, column) for column in columns if held.get((row, column)) is not None]
            if any(_inside(place, other.area) for place in filled for other in tables):
                return
            ours = self._ours or self._continues(table, filled, held)
            entered = [place for place in filled if not self._dependencies.text(table.sheet, place)]
            if ours and entered:
                cells = f"{_name(entered[0])}:{_name(entered[-1])}"
                said = f"{cells} stand {reason}, so that no total counts them; move them into it"
                first = entered[0]
                yield first, self._root(OUTSIDE, table.sheet, first, held[first], said)
                self._places |= {(table.sheet, place) for place in entered[1:]}

    def _failing_rows(self, sheet: str, tables: list[Table]) -> Iterator[RootCell]:
        """Go through the rows that fail, though each entry in them keeps the rule of its cell."""
        for table in tables:
            typed = [
                at for at, text in enumerate(table.formulas, table.area.first_column) if not text
            ]
            column = table.column_numbers.get(REMARK.casefold())
            if column is None or not typed:
                continue
            named = {place[0] for where, place in self._places if where == sheet}
            alike: dict[str, list[int]] = {}
            for row in range(table.first_data_row, table.last_data_row + 1):
                remark = self._result.value(sheet, row, column)
                if isinstance(remark, str) and remark.startswith(FAILS) and row not in named:
                    alike.setdefault(remark, []).append(row)
            follow = self._dependencies.dependents(self._places) if alike else set()
            for remark, failing in alike.items():
                rows = [row for row in failing if (sheet, (row, column)) not in follow]
                if not rows:
                    continue
                self._places |= {(sheet, (row, at)) for row in rows for at in typed}
                place = rows[0], typed[0]
                value = self._result.value(sheet, *place)
                root = self._root(ROW, sheet, place, value, f"row {rows[0]}: {remark}")
                yield replace(root, also=len(rows) - 1)

    def _continues(self, table: Table, filled: list[Place], held: Mapping[Place, Cell]) -> bool:
        """Whether a row of entries looks like one more row of a table."""
        alike = [
            type(held[row, column]) is type(held.get((table.last_data_row, column)))
            for row, column in filled
        ]
        return (
            len(filled) > 1
            and all(alike)
            and not any(self._dependencies.text(table.sheet, place) for place in filled)
        )

    @cached_property
    def _error_places(self) -> dict[str, list[Place]]:
        """Cells with errors by sheet, in order."""
        return {
            sheet: sorted(place for place, value in values.items() if isinstance(value, CellError))
            for sheet, values in self._result.values.items()
        }

    def _errors(self) -> Iterator[RootCell]:
        """Go through the formulas that give an error none of whose arguments is wrong itself."""
        wrong = [(sheet, place) for sheet, found in self._error_places.items() for place in found]
        if not wrong:
            return
        refused = {(item.sheet, item.cell) for item in self._result.refusals}
        follow = set(self.reached_by_entries) if self._entry_places else set()
        index = Index(wrong)
        alike: dict[tuple[str, Cell, str], list[Place]] = {}
        for sheet, place in wrong:
            master = self._dependencies.master(sheet, place)
            if (sheet, place) in follow or self._within_array_of_errors(sheet, place, master):
                continue
            if (sheet, _name(master)) in refused or any(
                index.within(where, area, place if where == sheet else None)
                for where, area in self._dependencies.references(sheet, place)
            ):
                continue
            self._places.add((sheet, place))
            # Cells of one formula, in a table's column, as they all look from the first cell.
            text = shifted(self._dependencies.text(sheet, master), 1 - master[0], 1 - master[1])
            alike.setdefault((sheet, self._result.values[sheet][place], text), []).append(place)
        ours: list[RootCell] = []
        natives: list[RootCell] = []
        for number, ((sheet, value, _), found) in enumerate(alike.items()):
            explained = number < MOST_EXPLAINED
            why = self._explainer.reason(sheet, found[0]) if explained else Reason("", False)
            root = self._root(ERROR, sheet, found[0], value, why.words)
            (ours if why.ours else natives).append(replace(root, also=len(found) - 1))
        yield from (*ours, *natives)

    @cached_property
    def reached_by_entries(self) -> set[Where]:
        """The cells that depend on entries that break a rule."""
        return self._dependencies.dependents(self._entry_places)

    def _within_array_of_errors(self, sheet: str, place: Place, master: Place) -> bool:
        """Whether the array formula that fills a cell gives an error in its first cell, too."""
        values = self._result.values[sheet]
        return place != master and isinstance(values.get(master), CellError)

    def _root(self, kind: str, sheet: str, place: Place, value: Cell, reason: str) -> RootCell:
        text = self._dependencies.text(sheet, self._dependencies.master(sheet, place))
        return RootCell(kind, sheet, _name(place), value, reason, text)


def _filled(area: Area, held: Mapping[Place, Cell]) -> Iterator[Place]:
    """Go through the cells of a range that hold something."""
    if math.prod(area.shape) <= len(held):
        yield from (place for place in places(area) if place in held)
    else:
        yield from (place for place in held if _inside(place, area))


def _inside(place: Place, area: Area) -> bool:
    rows = area.first_row <= place[0] <= area.last_row
    return rows and area.first_column <= place[1] <= area.last_column


def _overlap(one: Area, other: Area) -> bool:
    rows = one.first_row <= other.last_row and other.first_row <= one.last_row
    return rows and one.first_column <= other.last_column and other.first_column <= one.last_column


def _name(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"
