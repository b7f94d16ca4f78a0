"""A workbook that somebody filled, compared with what it came with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from xladdin.building import origin
from xladdin.building.added_parts import added_parts, custom_properties, links_of_cells
from xladdin.building.render import TEMPLATES
from xladdin.building.sheet_features import features_of, features_to_come
from xladdin.building.sheet_rules import FORMATS, RULES, SheetRule, rules_of
from xladdin.cells import Cell, CellError, shown
from xladdin.checking.fingerprint import value_digest
from xladdin.errors import FileError
from xladdin.formulas.external_links import links_of
from xladdin.formulas.tokens import placed
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import Entries, Given, Rows
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import Table, Workbook, area_of, column_letters


class CannotCarryError(FileError):
    """A workbook holds something that an upgrade would lose.

    Attributes:
        problems: What, a line each.
    """

    def __init__(self, path: Path | str, problems: Sequence[str]) -> None:
        things = f"{len(problems)} thing" + ("s" if len(problems) > 1 else "")
        super().__init__(
            path,
            f"it holds {things} that cannot be carried over; it is left as it was",
            "move what is yours to a workbook of your own, or undo it, and upgrade again",
        )
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.path, self.problems))


class LongTableError(FileError):
    """A workbook has a table of more rows than are read again."""

    @classmethod
    def of(cls, table: Table, path: Path | str) -> LongTableError:
        """Name the table, and where its rows are to come from instead."""
        rows = f"tables of more than {origin.READ_AGAIN:,} rows are not read back from a workbook"
        return cls(
            path,
            f"{rows}, and {table.name} is one",
            f"keep them in {table.name.lower()}.csv of a data folder and build from that",
        )


class TypedCell(NamedTuple):
    """A cell that a user typed into: sheet, place, table or empty, name, value."""

    sheet: str
    place: Place
    table: str
    name: str
    value: Cell


class OwnRule(NamedTuple):
    """A rule that somebody added.

    Attributes:
        sheet: Its sheet.
        rule: The rule.
        after: How many of the template's conditional formats come before it; None of a validation.
    """

    sheet: str
    rule: SheetRule
    after: int | None


class FilledWorkbook:
    """A workbook that somebody filled, against what it came with."""

    def __init__(self, data: bytes, path: Path) -> None:
        self.data = data
        self.book = book = Workbook(data, path)
        for table in book.tables:
            if table.last_data_row - table.first_data_row >= origin.READ_AGAIN:
                raise LongTableError.of(table, path)  # before its cells are read
        self.values: dict[str, dict[Place, Cell]] = {}
        self.formulas: dict[str, dict[Place, str]] = {}
        links = links_of(book)
        for sheet in book.sheets:
            try:
                layout = Layout(book.read(sheet.part))
                self.values[sheet.name] = layout.cell_values(book.texts)
            except xml_bytes.UnsafeXMLError as error:
                raise book.unsafe(sheet.part, error) from None
            self.formulas[sheet.name] = {
                place: links.without(text) for place, text in placed(layout.formulas)
            }
        if origin.TITLE not in self.values:
            reason = "it does not say what it was made from"
            remedy = "only workbooks that `xladdin build` made can be upgraded"
            raise FileError(book.path, reason, remedy)
        self.origin = origin.read_origin(self.values.pop(origin.TITLE), Path(book.path))
        if self.origin.template not in TEMPLATES:
            raise FileError(book.path, f"no template is named {self.origin.template!r} any more")
        self.inputs = self._inputs()
        self.tables = {table.name: table for table in book.tables if table.sheet in self.values}

    def entries(self) -> tuple[Entries, list[TypedCell]]:
        """Return all that the input cells hold, and what of it somebody typed.

        Raises:
            CannotCarryError: Other cells were changed, too.
        """
        problems = list(self._other_changes())
        cells: dict[str, Given] = {}
        typed: list[TypedCell] = []
        for name, (sheet, place) in self.inputs.items():
            given = Given(self.values[sheet].get(place), cell_name(sheet, place))
            cells[name] = given
            typed += self._typed(sheet, place, "", name)
            problems += self._refused(sheet, place)
        rows = {}
        for name, columns in self.origin.tables.items():
            if name not in self.tables:
                problems.append(f"the table {name} is gone")
                continue
            table = self.tables[name]
            rows[name] = self._rows(table, columns)
            for place, header in _body(table, columns):
                if columns[header]:
                    problems += self._replaced(table, place, header, columns[header])
                else:
                    typed += self._typed(table.sheet, place, name, header)
                    problems += self._refused(table.sheet, place)
        if problems:
            raise CannotCarryError(self.book.path, problems)
        names = {item.table or item.name for item in typed}
        entries = Entries(
            Path(self.book.path),
            cells,
            rows,
            self.origin.own | names,
            as_they_stand=True,
            typed=self.origin.typed | names,
        )
        return entries, typed

    def other_features(self) -> Iterator[str]:
        """Yield what sheets have beside their cells and no longer as they came."""
        for sheet, what, _ in self._changed_features():
            yield f"{what} of {sheet}" if sheet else what

    def lost(self, book: Book) -> Iterator[str]:
        """Yield what somebody added beside the cells, rules aside, and the new workbook lacks."""
        new, _ = features_to_come(book.workbook, origin.formula_digest)
        for sheet, what, text in self._changed_features():
            if what not in RULES and text != new.get(sheet, {}).get(what, ""):
                yield f"{what} of {sheet}" if sheet else what

    def own_rules(self, fresh: Callable[[], FilledWorkbook]) -> Iterator[OwnRule]:
        """Yield the rules that somebody added.

        A rule is one of the template's in however many cells it is: a table that grew has its own
        in more.

        Args:
            fresh: Reads the workbook as the template makes it now; its rules are taken for the
                template's where this one does not say which it came with.
        """
        changed = {(sheet, what) for sheet, what, _ in self._changed_features()}
        for sheet in self.book.sheets:
            kinds = [what for what in RULES if (sheet.name, what) in changed]
            if not kinds:
                continue
            frame = Layout(self.book.read(sheet.part)).frame
            rules = list(rules_of(frame, origin.formula_digest))
            came = (self.origin.rules or fresh().origin.rules).get(sheet.name, frozenset())
            ours = [rule for rule in rules if origin.rule_digest(rule) in came]
            for rule in rules:
                if rule.what in kinds and rule not in ours:
                    formats = [one.priority for one in ours if one.what == FORMATS]
                    before = sum(priority < rule.priority for priority in formats)
                    yield OwnRule(sheet.name, rule, before if rule.what == FORMATS else None)

    def meaning(self, sheet: str, place: Place) -> object:
        """Return what a cell is for: an input, a column of a table, or what it came with."""
        row, column = place
        digest = self._came_with(sheet, place)
        for name, columns in self.origin.tables.items():
            table = self.tables.get(name)
            if table is not None and table.sheet == sheet and row >= table.first_data_row:
                at = column - table.area.first_column
                header = table.columns[at] if 0 <= at < len(table.columns) else ""
                # Below it, too: it may have grown.
                if header in columns and (row <= table.last_data_row or not digest):
                    return name, header
        return self._inputs_by_place.get((sheet, place), digest)

    def end_of(self, sheet: str) -> Place:
        """Return the last row and the last column in which a sheet came with anything."""
        areas = [table.area for table in self.tables.values() if table.sheet == sheet]
        places = [*self.origin.cells.get(sheet, {}), *(area[2:] for area in areas), (1, 1)]
        return max(row for row, _ in places) + 1, max(column for _, column in places) + 1

    @cached_property
    def _inputs_by_place(self) -> dict[tuple[str, Place], str]:
        return {where: name for name, where in self.inputs.items()}

    def _changed_features(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is no longer as it came: sheet, what, and its description now."""
        came = self.origin.features
        for sheet, features in features_of(self.book, came, origin.formula_digest).items():
            for what, text in features.items():
                if came.get(sheet, {}).get(what) not in (None, origin.feature_digest(text)):
                    yield sheet, what, text
        # What none of ours has, so that no fingerprint has it.
        for item in self.book.sheets:
            if item.name in self.values:
                places = {place for name, place in self.inputs.values() if name == item.name}
                for name, table in self.tables.items():
                    if table.sheet == item.name:
                        places.update(
                            place for place, _ in _body(table, self.origin.tables.get(name, {}))
                        )
                if text := links_of_cells(self.book, item, places):
                    yield item.name, "links", text
        if text := custom_properties(self.book):
            yield "", "custom document properties", text

    def _inputs(self) -> dict[str, tuple[str, Place]]:
        """Find the input cells by their names."""
        found = {}
        for name in self.book.defined_names:
            sheet, _, cell = name.text.rpartition("!")
            if name.name in self.origin.inputs and name.sheet is None:
                try:
                    area = area_of(cell)
                except ValueError:
                    continue
                title = sheet.strip("'").replace("''", "'")
                if title in self.values:
                    found[name.name] = (title, (area.first_row, area.first_column))
        return found

    def _rows(self, table: Table, columns: Mapping[str, str]) -> Rows:
        """Read a table's input columns, without the rows at its end that wait for input."""
        typed = [at for at, header in enumerate(table.columns) if columns.get(header) == ""]
        values = self.values[table.sheet]
        rows = [
            tuple(values.get((number, table.area.first_column + at)) for at in typed)
            for number in range(table.first_data_row, table.last_data_row + 1)
        ]
        while rows and all(cell is None for cell in rows[-1]):
            rows.pop()
        headings = tuple(table.columns[at] for at in typed)
        first = table.first_data_row
        places = tuple(f"{table.sheet}, row {first + at}" for at in range(len(rows)))
        return Rows(Path(self.book.path), headings, tuple(rows), places)

    def _typed(self, sheet: str, place: Place, table: str, name: str) -> Iterator[TypedCell]:
        """Yield an input cell if it holds something else than it came with."""
        if self._digest(sheet, place) != self._came_with(sheet, place):
            yield TypedCell(sheet, place, table, name, self.values[sheet].get(place))

    def _refused(self, sheet: str, place: Place) -> Iterator[str]:
        """Yield why the content of an input cell cannot be carried over."""
        cell = cell_name(sheet, place)
        formula = self.formulas[sheet].get(place)
        value = self.values[sheet].get(place)
        if formula is not None:
            yield f"{cell}: a formula, ={formula}, in an input cell; type its value"
        elif isinstance(value, CellError):
            yield f"{cell}: the error {value.code} in an input cell; clear it"

    def _replaced(self, table: Table, place: Place, header: str, digest: str) -> Iterator[str]:
        """Yield that a table's formula is no longer there, if so."""
        formula = self.formulas[table.sheet].get(place)
        if formula is not None and origin.formula_digest(formula) != digest:
            yield f"{cell_name(table.sheet, place)}: another formula in the column {header}"
        elif formula is None and place in self.values[table.sheet]:
            value = shown(self.values[table.sheet][place])
            yield f"{cell_name(table.sheet, place)}: {value} in place of the formula of {header}"

    def _other_changes(self) -> Iterator[str]:
        """Yield all that was changed outside of the input cells and tables."""
        if self.book.has_macros:
            from xladdin.excel import macro_workbooks

            for procedure in macro_workbooks.foreign_procedures(self.data):
                yield f"the macro {procedure}"
            # Bound to a machine, and made anew for the present one.
            self.values.pop(macro_workbooks.CONFIGURATION, None)
        if self.book.signed:
            yield "a digital signature"
        if self.book.counts_from_1904:
            yield "dates that count from 1904; clear that option in Excel and look at the dates"
        yield from self._other_parts()
        for name in self.origin.inputs:
            if name not in self.inputs:
                yield f"the name {name} is gone, or leads to no cell"
        inputs = set(self.inputs.values())
        for sheet in self.values:
            digests = self.origin.cells.get(sheet)
            if digests is None:
                if self.values[sheet] or self.formulas[sheet]:
                    yield f"the sheet {sheet}"
                continue
            there = self.values[sheet].keys() | self.formulas[sheet].keys()
            for place in sorted(there | digests.keys()):
                if (sheet, place) in inputs or self._in_a_table(sheet, place):
                    continue
                digest = self._digest(sheet, place)
                if digest != self._came_with(sheet, place):
                    yield f"{cell_name(sheet, place)}: {self._described(sheet, place)}"

    def _in_a_table(self, sheet: str, place: Place) -> bool:
        """Return whether a cell is below a heading that a table came with."""
        row, column = place
        for name, columns in self.origin.tables.items():
            table = self.tables.get(name)
            if table and table.sheet == sheet:
                at = column - table.area.first_column
                if table.first_data_row <= row <= table.last_data_row and at >= 0:
                    return at < len(table.columns) and table.columns[at] in columns
        return False

    def _other_parts(self) -> Iterator[str]:
        """Yield tables, columns and other parts that somebody added."""
        for name, table in self.tables.items():
            columns = self.origin.tables.get(name)
            if columns is None:
                yield f"the table {name}"
                continue
            yield from (
                f"the column {header} of {name}"
                for header in table.columns
                if header not in columns
            )
            if table.totals_rows:
                yield f"the total row of {name}"
        for defined in self.book.defined_names:
            if defined.name not in self.origin.names:
                yield f"the name {defined.name}"
        yield from added_parts(self.book, self.origin.charts)

    def _digest(self, sheet: str, place: Place) -> str:
        """Return the fingerprint of what a cell holds now; empty for nothing."""
        formula = self.formulas[sheet].get(place)
        if formula is not None:
            return origin.formula_digest(formula)
        value = self.values[sheet].get(place)
        return "" if value is None else value_digest(value)

    def _came_with(self, sheet: str, place: Place) -> str:
        return self.origin.cells.get(sheet, {}).get(place, "")

    def _described(self, sheet: str, place: Place) -> str:
        formula = self.formulas[sheet].get(place)
        if formula is not None:
            return f"the formula ={formula}"
        value = self.values[sheet].get(place)
        return "cleared" if value is None else f"{shown(value)!r}"


def _body(table: Table, columns: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    """Yield the cells below a table's headings that it came with: place and heading."""
    for at, header in enumerate(table.columns, table.area.first_column):
        if header in columns:
            for row in range(table.first_data_row, table.last_data_row + 1):
                yield (row, at), header


def cell_name(sheet: str, place: Place) -> str:
    """Name a cell with its sheet, such as ``Log!B4``."""
    return f"{sheet}!{column_letters(place[1])}{place[0]}"
