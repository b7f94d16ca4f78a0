"""Workbooks with tables of many rows, computed by windows of rows.

Formulas are put into stages: those that no whole column leads to, then those that read columns of
these, and so on; by turns of the rows of tables and of all other cells. A stage is computed some
rows at a time, with what was found before as constants in the cells where it stands, so that each
formula is computed once, from the values and in the place that it has in the whole workbook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from xladdin.cells import Cell
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.embedded.constants import Constants
from xladdin.engines.embedded.isformula import answered
from xladdin.engines.result import Computed, Refusal
from xladdin.errors import FileError
from xladdin.xlsx.parts import Parts
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.tall_sheet import FilledColumn, PartOfSheet, TallSheet, TallValues, constant
from xladdin.xlsx.workbook_part import Area, Workbook, column_letters
from xladdin.xlsx.written_sheet import WrittenRows, WrittenSheet

FORMULAS: Final = 80_000
"""Formulas of a window: some 3,000 rows of a placement log, which take a quarter of a gigabyte."""

_MOST_STAGES: Final = 40
"""Stages beyond which formulas lead to themselves."""

_FIRST: Final = -1
"""The stage of what no table leads to: odd ones are of single cells, even ones of tables' rows."""


class _Node(NamedTuple):
    """A single cell with a formula, or a column of a tall table."""

    sheet: str
    row: int
    column: int


_COLUMN: Final = 0
"""The row of a node that is a column."""


class _Read(NamedTuple):
    """What a formula refers to: a node or a column of constants, and how far down.

    Attributes:
        node: It.
        reach: Whether it is the formula's own row of it (0), up to that row (1) or all of it (2).
    """

    node: _Node
    reach: int


def compute_in_windows(book: Workbook, path: Path | str) -> Computed:
    """Compute a workbook of ours that has tall tables; as `embedded.compute` does.

    Args:
        book: The workbook.
        path: What messages are to call it.

    Raises:
        FileError: Formulas of a table lead to whole columns that lead to them.
    """
    return _Windows(book, path).computed()


class _Windows:
    """One workbook, and what is known of its values."""

    def __init__(self, book: Workbook, path: Path | str) -> None:
        self._book, self._path = book, path
        self._layouts = book.sheets_written
        self._tall = {
            sheet.name: layout
            for sheet in book.sheets
            for layout in [self._layouts[sheet.part]]
            if isinstance(layout, TallSheet)
        }
        self._tables = {name: TallValues(sheet) for name, sheet in self._tall.items()}
        self._cells: dict[str, dict[Place, Cell]] = {
            sheet.name: self._tables[sheet.name].above if sheet.name in self._tall else {}
            for sheet in book.sheets
        }
        self._referred: set[str] = set()
        self._reads = dict(self._all_reads())
        self._refusals: list[Refusal] = []

    def computed(self) -> Computed:
        """Compute it."""
        stages = self._stages()
        for stage in range(_FIRST, max(stages.values()) + 1):
            here = [node for node, one in stages.items() if one == stage]
            for sheet in {node.sheet: None for node in here}:
                if stage % 2 == 0:
                    self._compute_rows(sheet, [node.column for node in here if node.sheet == sheet])
            if stage % 2 and here:
                self._compute_cells(here)
        values: dict[str, Mapping[Place, Cell]] = {**self._cells, **self._tables}
        constants = Constants(self._book, self._layouts)

        def value(sheet: str, row: int, column: int) -> Cell:
            place = row, column
            here = values[sheet]
            return here[place] if place in here else constants.by_place(sheet).get(place)

        return replace(
            self._nothing(),
            values=values,
            formulas=sum(map(len, values.values())),
            refusals=tuple(self._refusals),
            value=value,
        )

    def _nothing(self) -> Computed:
        parts = {sheet.name: sheet.part for sheet in self._book.sheets}
        layouts, remedy = dict(self._layouts), "recalculate it in Excel"
        return Computed("embedded", {}, 0, (), layouts, parts, lambda *_: None, remedy)

    def _all_reads(self) -> Iterator[tuple[_Node, tuple[_Read, ...]]]:
        """Go through the formulas, and what each refers to; the rows of a column have the same."""
        dependencies = Dependencies(self._book, self._nothing())
        places = {
            sheet.name: [formula[:2] for formula in self._layouts[sheet.part].formulas]
            for sheet in self._book.sheets
        }
        for sheet in self._book.sheets:
            found = [
                (_Node(sheet.name, one.row, one.column), one.row, one.text)
                for one in self._layouts[sheet.part].formulas
            ]
            tall = self._tall.get(sheet.name)
            for at in tall.filled_columns if tall else ():
                column = tall.columns[at] if tall else None
                if tall is not None and isinstance(column, FilledColumn):
                    # Not in the first row: what refers to that one always would look the same.
                    found.append((_Node(sheet.name, _COLUMN, at), tall.first + 1, column.text))
            for node, row, text in found:
                plain = dependencies.plain(text, sheet.name, (row, node.column))
                plain = answered(plain, sheet.name, lambda *_: True)
                areas = list(dependencies.areas(plain, sheet.name))
                self._referred |= {where for where, _ in areas}
                reads = {
                    one
                    for where, area in areas
                    for one in self._read(node, row, where, area, places)
                }
                yield node, tuple(sorted(reads))

    def _read(
        self, node: _Node, row: int, sheet: str, area: Area, places: Mapping[str, list[Place]]
    ) -> Iterator[_Read]:
        """Go through what an area has of formulas, and of tall tables' constants."""
        for at, column in places[sheet]:
            if area.first_row <= at <= area.last_row and (
                area.first_column <= column <= area.last_column
            ):
                yield _Read(_Node(sheet, at, column), 2)
        tall = self._tall.get(sheet)
        if tall is None or area.last_row < tall.first or area.first_row > tall.last:
            return
        reach = 2
        if node.row == _COLUMN and node.sheet == sheet and area.last_row == row:
            reach = int(area.first_row < row)
        for column in tall.columns:
            if area.first_column <= column <= area.last_column:
                yield _Read(_Node(sheet, _COLUMN, column), reach)

    def _stages(self) -> dict[_Node, int]:
        """Find the stage of each formula."""
        stages = {node: _FIRST + (node.row == _COLUMN) for node in self._reads}
        changed = True
        while changed:
            changed = False
            for node, reads in self._reads.items():
                of_rows = node.row == _COLUMN
                stage = stages[node]
                for one, reach in reads:
                    before = stages.get(one)
                    if before is not None and one != node:
                        apart = 2 if of_rows and one.row == _COLUMN and reach else 0
                        if of_rows != (one.row == _COLUMN):
                            apart = 1
                        stage = max(stage, before + apart)
                if stage != stages[node]:
                    stages[node], changed = stage, True
                if stage > _MOST_STAGES:
                    reason = "formulas of its tables lead to columns that lead to them"
                    raise FileError(self._path, reason, "give it fewer rows")
        return stages

    def _compute_cells(self, nodes: list[_Node]) -> None:
        """Compute single cells."""
        read: dict[str, dict[int, range]] = defaultdict(dict)
        for node in nodes:
            for one, _ in self._reads[node]:
                if one.row == _COLUMN:
                    tall = self._tall[one.sheet]
                    read[one.sheet][one.column] = range(tall.first, tall.last + 1)
        wanted: dict[str, set[Place]] = defaultdict(set)
        for node in nodes:
            wanted[node.sheet].add((node.row, node.column))
        found = self._computed(wanted, {}, read)
        for node in nodes:
            place = node.row, node.column
            self._cells[node.sheet][place] = found.values[node.sheet][place]

    def _compute_rows(self, sheet: str, columns: list[int]) -> None:
        """Compute some columns of a table, so many rows at a time."""
        tall, values = self._tall[sheet], self._tables[sheet]
        reads = {one for at in columns for one in self._reads[_Node(sheet, _COLUMN, at)]}
        step = max(1, FORMULAS // len(columns))
        for first in range(tall.first, tall.last + 1, step):
            rows = range(first, min(first + step, tall.last + 1))
            read: dict[str, dict[int, range]] = defaultdict(dict)
            for (where, row, column), reach in sorted(reads, key=lambda one: one.reach):
                if row == _COLUMN and not (where == sheet and column in columns):
                    other = self._tall[where]
                    ends = (rows, range(tall.first, rows.stop), range(other.first, other.last + 1))
                    read[where][column] = ends[reach]
            found = self._computed({}, {sheet: (columns, rows)}, read).values[sheet]
            for column in columns:
                values.extend(column, [found[row, column] for row in rows])

    def _computed(
        self,
        cells: Mapping[str, set[Place]],
        columns: Mapping[str, tuple[Collection[int], range]],
        read: Mapping[str, Mapping[int, range]],
    ) -> Computed:
        """Compute some formulas, with the values of what they refer to."""
        parts: dict[str, bytes] = {name: self._book.read(name) for name in self._book.names}
        sheets: dict[str, WrittenSheet] = {}
        for sheet in self._book.sheets:
            layout, tall = self._layouts[sheet.part], self._tall.get(sheet.name)
            rows = WrittenRows()
            if sheet.name in self._referred or sheet.name in cells:
                wanted = cells.get(sheet.name, ())
                rows = _with_constants(layout.written, wanted, self._cells[sheet.name])
            if tall is None:
                sheets[sheet.part] = PartOfSheet(layout, rows)
            else:
                here = columns.get(sheet.name, ((), range(0)))
                values = self._tables[sheet.name].columns
                sheets[sheet.part] = tall.part(rows, here, read.get(sheet.name, {}), values)
            parts[sheet.part] = sheets[sheet.part].data
        book = Workbook(Parts(parts, sheets), self._path)
        found = embedded.compute(book, self._path, apart=False)
        self._refusals += found.refusals
        return found


def _with_constants(
    written: WrittenRows, wanted: Collection[Place], values: Mapping[Place, Cell]
) -> WrittenRows:
    """Put values in the place of all formulas but those that are wanted; nothing without one."""
    rows = WrittenRows(reach=written.reach)
    rows.columns = {column: (list(at), list(of)) for column, (at, of) in written.columns.items()}
    formulas = iter(written.formulas)
    for piece in written.pieces:
        if isinstance(piece, str):
            rows.pieces.append(piece)
            continue
        formula = next(formulas)
        place = formula[:2]
        if place in wanted:
            rows.pieces.append(piece)
            rows.formulas.append(formula)
        elif values.get(place) is not None:
            value = values[place]
            rows.pieces.append(constant(f"{column_letters(place[1])}{place[0]}", value))
            rows.keep(place, value)
    return rows
