"""Entries that are wrong: they break the rule of their cell, or stand in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from xladdin.cells import Cell, shown
from xladdin.checking.check_lines import (
    cell_named,
    column_named,
    fingerprint_of,
    is_ours,
    read_checks,
)
from xladdin.checking.checks_sheet import FAILS, REMARK, ROWS_WITH
from xladdin.checking.entry_rules import EntryRules
from xladdin.checking.findings import ENTRY, OUTSIDE, ROW, TYPED_OVER
from xladdin.checking.fingerprint import Fingerprint, value_digest
from xladdin.checking.root_cell import RootCell, name_of, root_cell
from xladdin.engines.cell_index import Index, Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.result import Computed
from xladdin.errors import FileError
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.data_validations import DATE, Validation, validations_of
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Area, SheetPart, Table, Workbook

_MOST_JUDGED: Final = 1_000_000
"""Most entries judged twice; Excel lets no cell have two rules."""


class WrongEntries:
    """The wrong entries of one workbook.

    Attributes:
        found: The entries, sheet by sheet.
        places: Their cells; of a row that is named once, all of them.
    """

    def __init__(
        self, book: Workbook, result: Computed, dependencies: Dependencies, explainer: Explainer
    ) -> None:
        """Find them.

        Args:
            book: The workbook.
            result: What an engine made of it.
            dependencies: What its formulas refer to.
            explainer: What computes the bounds of rules.

        Raises:
            FileError: A sheet cannot be read.
        """
        self._book = book
        self._result = result
        self._dependencies = dependencies
        self._explainer = explainer
        self._ours = is_ours(book)
        self._contents: dict[str, dict[Place, Cell]] = {}
        self.places: set[Where] = set()
        self.found = tuple(self._entries())

    def _entries(self) -> Iterator[RootCell]:
        """Yield the entries that break a rule, sheet by sheet."""
        tables: dict[str, list[Table]] = {}
        for table in self._book.tables:
            tables.setdefault(table.sheet, []).append(table)
        for sheet in self._book.sheets:
            rules = self._rules(sheet)
            here = tables.get(sheet.name, [])
            if rules or here:
                found = [
                    *self._against_rules(sheet.name, rules, self._contents_of(sheet)),
                    *self._in_tables(here, rules, self._contents_of(sheet)),
                ]
                for place, root in sorted(found, key=lambda item: item[0]):
                    if (sheet.name, place) not in self.places:
                        self.places.add((sheet.name, place))
                        yield root
            for table in here:
                if self._ours and REMARK.casefold() in table.column_numbers:
                    yield from self._around(table, here)
            yield from self._overwritten(sheet)
            if here:
                yield from self._failing_rows(sheet.name, here if self._ours else [])
        if self._ours:
            yield from self._failing_inputs()

    def _rules(self, sheet: SheetPart) -> tuple[Validation, ...]:
        try:
            return validations_of(self._result.layouts[sheet.part].frame)
        except xml_bytes.UnsafeXMLError as error:
            raise self._book.unsafe(sheet.part, error) from None

    def _contents_of(self, sheet: SheetPart) -> dict[Place, Cell]:
        """Return what the cells of a sheet hold, formulas as their computed values."""
        if sheet.name not in self._contents:
            try:
                contents = self._result.layouts[sheet.part].cell_values(self._book.texts)
            except xml_bytes.UnsafeXMLError as error:
                raise self._book.unsafe(sheet.part, error) from None
            self._contents[sheet.name] = contents | dict(self._result.values[sheet.name])
        return self._contents[sheet.name]

    def _against_rules(
        self, sheet: str, rules: tuple[Validation, ...], contents: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        judge = EntryRules(self._dependencies, self._explainer, self._result)
        cells = Index((sheet, place) for place in contents) if rules else Index()
        judged = 0
        for rule in rules:
            for area in rule.areas:
                for place in cells.inside(sheet, area):
                    judged += 1
                    reason = judge.broken(rule, sheet, place, contents[place])
                    if reason:
                        root = self._root(ENTRY, sheet, place, contents[place], reason)
                        yield place, replace(root, dated=rule.kind == DATE)
                if judged > _MOST_JUDGED + len(contents):
                    reason = f"the data validations of its sheet {sheet!r} lie one over another"
                    raise FileError(self._book.path, reason, "take out those that are not needed")

    def _in_tables(
        self,
        tables: list[Table],
        rules: tuple[Validation, ...],
        contents: Mapping[Place, Cell],
    ) -> Iterator[tuple[Place, RootCell]]:
        for table in tables:
            for at, formula in enumerate(table.formulas, table.area.first_column):
                if formula:
                    yield from self._typed_over(table, at, formula, contents)
            typed_into = self._ours or any(
                _overlap(area, table.area) for rule in rules for area in rule.areas
            )
            if typed_into and not table.totals_rows:
                yield from self._under(table, tables, contents)

    def _typed_over(
        self, table: Table, column: int, formula: str, contents: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        """Yield the cells of a table's column that have lost its formula."""
        heading = table.columns[column - table.area.first_column]
        for row in range(table.first_data_row, table.last_data_row + 1):
            place = (row, column)
            text = self._dependencies.text(table.sheet, place)
            value = contents.get(place)
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
        self, table: Table, tables: list[Table], contents: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, RootCell]]:
        """Yield the entries right under a table, or anywhere under one of ours.

        In other people's tables, a row with formulas of its own there is a total, and so is one
        whose entries are not of the kind that their columns hold.
        """
        last, reason = table.area.last_row, f"under the last row of the table {table.name}"
        columns = range(table.area.first_column, table.area.last_column + 1)
        reach = max((row for row, _ in contents), default=0) if self._ours else last + 1
        for row in range(last + 1, reach + 1):
            filled = [
                (row, column) for column in columns if contents.get((row, column)) is not None
            ]
            if any(_inside(place, other.area) for place in filled for other in tables):
                return
            ours = self._ours or self._continues(table, filled, contents)
            entered = [place for place in filled if not self._dependencies.text(table.sheet, place)]
            if ours and entered:
                yield entered[0], self._left_out(table.sheet, entered, reason)

    def _around(self, table: Table, tables: list[Table]) -> Iterator[RootCell]:
        """Yield the numbers beside a table of ours, or above what is typed into it.

        They are in cells that came empty, and those in one row are one entry. Texts there are
        notes, and formulas are the user's own.
        """
        sheet = table.sheet
        came = self._came_with.digests.get(sheet, {})
        typed = [at for at, text in enumerate(table.formulas, table.area.first_column) if not text]
        found: dict[int, list[Place]] = {}
        for place, value in sorted(self._contents[sheet].items()):
            beside = place[1] > table.area.last_column
            if (
                isinstance(value, float)
                and (beside or typed[0] <= place[1] <= typed[-1])
                and place not in came
                and (sheet, place) not in self.places
                and (sheet, place) not in self._inputs
                and not any(_inside(place, one.area) for one in tables)
                and not self._dependencies.text(sheet, place)
            ):
                found.setdefault(place[0], []).append(place)
        for places in found.values():
            where = "beside" if places[0][1] > table.area.last_column else "above"
            self.places.add((sheet, places[0]))
            remedy = "move {} in, or to a sheet of your own"
            yield self._left_out(sheet, places, f"{where} the table {table.name}", remedy)

    def _left_out(
        self, sheet: str, places: list[Place], where: str, remedy: str = "move {} in"
    ) -> RootCell:
        """Name entries in one row that no total counts; those after the first count as named."""
        first, last = places[0], places[-1]
        cells, stand, them = f"{name_of(first)}:{name_of(last)}", "stand", "them"
        if first == last:
            cells, stand, them = name_of(first), "stands", "it"
        text = f"{cells} {stand} {where}, so that no total counts {them}; {remedy.format(them)}"
        self.places |= {(sheet, place) for place in places[1:]}
        return self._root(OUTSIDE, sheet, first, self._contents[sheet][first], text)

    def _overwritten(self, sheet: SheetPart) -> Iterator[RootCell]:
        """Yield the cells of a sheet of ours, tables and inputs aside, with other numbers.

        They came with a formula, or with a figure of the deal. Other texts do no harm.
        """
        if not self._ours or sheet.name not in self._came_with.digests:
            return
        inside = [table.area for table in self._book.tables if table.sheet == sheet.name]
        contents = self._contents_of(sheet)
        for place, came in sorted(self._came_with.digests[sheet.name].items()):
            value = contents.get(place)
            if (
                not isinstance(value, float | bool)
                or self._dependencies.text(sheet.name, place)
                or value_digest(value) == came
                or (sheet.name, place) in self._inputs
                or (sheet.name, place) in self.places
                or any(_inside(place, area) for area in inside)
            ):
                continue
            self.places.add((sheet.name, place))
            reason = "a value in place of what the workbook came with"
            yield self._root(TYPED_OVER, sheet.name, place, value, reason)

    @cached_property
    def _came_with(self) -> Fingerprint:
        return fingerprint_of(self._book, self._result)

    @cached_property
    def _inputs(self) -> set[Where]:
        """The input cells of a workbook of ours."""
        found = set()
        for name in self._book.defined_names:
            where = cell_named(name.text) if name.name in self._came_with.inputs else None
            if where is not None:
                found.add(where)
        return found

    def _failing_rows(self, sheet: str, tables: list[Table]) -> Iterator[RootCell]:
        """Yield the rows that fail, though each entry in them keeps the rule of its cell."""
        for table in tables:
            typed = [
                at for at, text in enumerate(table.formulas, table.area.first_column) if not text
            ]
            column = table.column_numbers.get(REMARK.casefold())
            if column is None or not typed:
                continue
            named = {place[0] for where, place in self.places if where == sheet}
            alike: dict[str, list[int]] = {}
            for row in range(table.first_data_row, table.last_data_row + 1):
                remark = self._result.value(sheet, row, column)
                if isinstance(remark, str) and remark.startswith(FAILS) and row not in named:
                    alike.setdefault(remark, []).append(row)
            follow = self._dependencies.dependents(self.places) if alike else set()
            for remark, rows in self._on_their_own(table, column, alike, follow).items():
                self.places |= {(sheet, (row, at)) for row in rows for at in typed}
                place = rows[0], column_named(remark.removeprefix(f"{FAILS}: "), table)
                value = self._result.value(sheet, *place)
                root = self._root(ROW, sheet, place, value, f"row {rows[0]}: {remark}")
                yield replace(root, also=len(rows) - 1)

    def _on_their_own(
        self, table: Table, column: int, alike: Mapping[str, list[int]], follow: set[Where]
    ) -> dict[str, list[int]]:
        """List the rows that fail whatever else is wrong, by their remark, or by what fails alone.

        A remark looks at all that may be wrong about a row, of which each has a column.
        """
        flags = self._flags(table) if follow else []
        found: dict[str, list[int]] = {}
        for remark, failing in alike.items():
            for row in failing:
                words: str | None = remark
                if (table.sheet, (row, column)) in follow:
                    words = next(
                        (
                            f"{FAILS}: {table.columns[at - table.area.first_column]}"
                            for at in flags
                            if (table.sheet, (row, at)) not in follow
                            and self._result.value(table.sheet, row, at) == 1.0
                        ),
                        None,
                    )
                if words:
                    found.setdefault(words, []).append(row)
        return found

    def _flags(self, table: Table) -> list[int]:
        """List the columns of what fails a row of a table, in the order of its checks."""
        lines = read_checks(self._book, self._result, self._dependencies).lines
        named = (shown(line.what).partition(ROWS_WITH) for line in lines)
        columns = (
            table.column_numbers.get(words.casefold())
            for name, _, words in named
            if name == table.name
        )
        return [at for at in columns if at]

    def _failing_inputs(self) -> Iterator[RootCell]:
        """Yield the inputs that fail a line of Checks and keep the rule of their cell.

        Such a line compares one input with another; its words begin with the cell's name.
        """
        for line in read_checks(self._book, self._result, self._dependencies).lines:
            cell, _, text = shown(line.what).partition(", ")
            where = cell_named(cell)
            if not line.fits and where in self._inputs and where not in self.places:
                sheet, place = where
                self.places.add(where)
                root = self._root(ENTRY, sheet, place, self._result.value(sheet, *place), text)
                yield replace(root, dated=self._is_date(where))

    def _is_date(self, where: Where) -> bool:
        """Return whether the rule of a cell asks for a date."""
        sheet, place = where
        rules = next((self._rules(one) for one in self._book.sheets if one.name == sheet), ())
        return any(
            rule.kind == DATE and _inside(place, area) for rule in rules for area in rule.areas
        )

    def _continues(self, table: Table, filled: list[Place], contents: Mapping[Place, Cell]) -> bool:
        """Return whether a row of entries looks like one more row of a table."""
        alike = [
            type(contents[row, column]) is type(contents.get((table.last_data_row, column)))
            for row, column in filled
        ]
        return (
            len(filled) > 1
            and all(alike)
            and not any(self._dependencies.text(table.sheet, place) for place in filled)
        )

    def _root(self, kind: str, sheet: str, place: Place, value: Cell, reason: str) -> RootCell:
        return root_cell(self._dependencies, kind, (sheet, place), value, reason)


def _inside(place: Place, area: Area) -> bool:
    rows = area.first_row <= place[0] <= area.last_row
    return rows and area.first_column <= place[1] <= area.last_column


def _overlap(one: Area, other: Area) -> bool:
    rows = one.first_row <= other.last_row and other.first_row <= one.last_row
    return rows and one.first_column <= other.last_column and other.first_column <= one.last_column
