"""One workbook of a template, filled many times and computed, for oracles to judge."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from absences import OFFICE, required
from offices import MISSING
from openpyxl.utils import get_column_letter

from xladdin.building.batch import Task
from xladdin.building.manifest import made_from
from xladdin.building.render import write
from xladdin.cells import Cell, CellError
from xladdin.checking import checks_sheet
from xladdin.checking.checks_sheet import REMARK
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.libreoffice.compute import PASSED_ON
from xladdin.engines.result import Computed
from xladdin.errors import InputError
from xladdin.terms import store
from xladdin.terms.selection import Selection
from xladdin.workbooks.layout.table import Placed
from xladdin.xlsx import openpyxl_writer
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.parts import Parts
from xladdin.xlsx.workbook_part import Workbook

SEED: Final = int(os.environ.get("XLADDIN_SEED", "20011101"))
"""Fillings are drawn from this, the deal's name and their number: the same in every run with one
seed."""

SHORT: Final = 3
LONG: Final = 20
"""Fillings of a workbook in an ordinary run, and in one of the tests marked long."""

TYPED_OVER: Final = "a formula typed over"

IN_THE_OFFICE: Final = 4
"""Every so many fillings, one is computed by LibreOffice."""


def how_many(ordinary: int, deals: int) -> int:
    """Count the fillings of each of some deals in a run; XLADDIN_FILLINGS asks for more."""
    return -(-(int(os.environ.get("XLADDIN_FILLINGS", "0")) or ordinary) // deals)


def chances(subject: str, deal: str, count: int) -> Iterator[tuple[int, random.Random]]:
    """Yield the number of each filling, and where its figures come from."""
    for number in range(count):
        yield number, random.Random(f"{SEED}/{subject}/{deal}/{number}")


def by_the_office(number: int, deals: Iterable[str], deal: str) -> bool:
    """Whether LibreOffice computes a filling: a quarter of all; where it is missing, none."""
    if MISSING and not required(OFFICE):
        return False
    return (number + list(deals).index(deal)) % IN_THE_OFFICE == 0


@dataclass
class Filling:
    """What is typed into a workbook.

    Attributes:
        cells: Values of input cells, by defined name; None clears one.
        rows: Rows of the table, by heading, from its first row on; the rest is cleared.
        others: Values of cells that are not for input, by sheet and reference.
        wrong: What is wrong with it, in words; empty where all of it is valid.
        place: Row of the table, from 0, whose remark has to name what is wrong; None for none.
    """

    cells: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    others: dict[tuple[str, str], Any] = field(default_factory=dict)
    wrong: str = ""
    place: int | None = None

    def begin_wrongly(self, row: dict[str, Any], wrong: str) -> None:
        """Put a row with something wrong into the first row's place."""
        self.rows[:1] = [row]
        self.wrong, self.place = wrong, 0

    def enter_wrongly(self, name: str, value: object) -> None:
        """Type what is not allowed into an input cell."""
        self.cells[name] = value
        self.wrong = f"{value!r} in {name}"

    def type_below(self, chance: random.Random, cell: tuple[str, str]) -> None:
        """Type an entry under the table."""
        self.others[cell] = chance.choice((1000, "x", 4.04))
        self.wrong = "an entry under the table"

    def type_over(self, chance: random.Random, formulas: Sequence[tuple[str, str]]) -> None:
        """Type over one of some formulas."""
        self.others[chance.choice(formulas)] = chance.choice((1000, 0, "x"))
        self.wrong = TYPED_OVER


def notice_cell(template: Template) -> str:
    """Name the cell that says what is filled around a table: above its remarks."""
    return f"{get_column_letter(template.columns[REMARK])}{template.table.first_row - 1}"


class Answer:
    """A filled workbook's values."""

    def __init__(self, template: Template, computed: Computed) -> None:
        """Wrap what an engine computed."""
        self.template = template
        self.computed = computed

    def at(self, sheet: str, reference: str) -> Cell:
        """Read a cell."""
        cell = self.template.workbook[sheet][reference]
        return self.computed.value(sheet, cell.row, cell.column)

    def named(self, name: str) -> Cell:
        """Read the cell of a defined name."""
        return self.at(*self.template.place(name))

    def range(self, name: str) -> list[Cell]:
        """Read the cells of a defined name, row by row."""
        sheet, reference = self.template.place(name)
        rows = self.template.workbook[sheet][reference]
        return [self.computed.value(sheet, one.row, one.column) for row in rows for one in row]

    def column(self, heading: str) -> list[Cell]:
        """Read a column of the table."""
        placed = self.template.table
        column = self.template.columns[heading]
        rows = range(placed.first_row + 1, placed.last_row + 1)
        return [self.computed.value(placed.sheet, row, column) for row in rows]

    def holds(self, name: str = "Checks_OK") -> bool:
        """Read a truth value; LibreOffice gives 1 and 0."""
        value = self.named(name)
        assert value in (True, False), (name, value)
        return bool(value)

    def failing(self) -> list[str]:
        """Name the checks that do not hold."""
        lines = self.template.checks
        return [
            f"{what}: {self.computed.value('Checks', row, 2)!r} "
            f"against {self.computed.value('Checks', row, 3)!r}"
            for row, what in lines.items()
            if self.computed.value("Checks", row, 6) not in (True, 1.0)
        ]

    def errors(self, *sheets: str) -> list[str]:
        """Name the formulas of some sheets that give an error."""
        return [
            f"{sheet}!{self.template.workbook[sheet].cell(*place).coordinate} {value}"
            for sheet in sheets
            for place, value in self.computed.values[sheet].items()
            if isinstance(value, CellError)
        ]

    def judge_wrong(self, filling: Filling, label: str) -> None:
        """See that what is wrong fails a check, and is named in its row."""
        assert not self.holds(), label
        if filling.place is not None:
            remark = self.column(REMARK)[filling.place]
            assert str(remark).startswith("Failure: "), (label, remark)

    def reasons(self) -> Sequence[InputError]:
        """What was wrong with arguments of our functions, where the engine knows."""
        return self.computed.reasons or ()


class Template:
    """A workbook of a template, written once."""

    def __init__(self, name: str, selection: Selection, table: str = "") -> None:
        """Write it.

        Args:
            name: The template.
            selection: The deal.
            table: The table that is typed into; empty if there is none.
        """
        book = write(name, selection)
        self.workbook: Any = book.workbook
        no_table = Placed(self.workbook.sheetnames[0], (), 0, 0, {})
        self.table = book.tables[table] if table else no_table
        self.columns = {item.header: at for at, item in enumerate(self.table.columns, 1)}
        self.inputs = [item.header for item in self.table.columns if item.allowed]
        checks = enumerate(book.failures, checks_sheet.FIRST_ROW)
        self.checks = {row: check.what for row, check in checks}
        self.rows = self.table.last_row - self.table.first_row
        self._written: Parts | None = None
        self._filled: set[str] = set()

    def place(self, name: str) -> tuple[str, str]:
        """Find the sheet and the reference of a defined name."""
        sheet, reference = next(iter(self.workbook.defined_names[name].destinations))
        return sheet, reference.replace("$", "")

    def formulas(self, rows: int) -> list[tuple[str, str]]:
        """List the cells that hold formulas in the first rows of the table."""
        sheet, first = self.workbook[self.table.sheet], self.table.first_row + 1
        return [
            (self.table.sheet, sheet.cell(row, column).coordinate)
            for row in range(first, first + rows)
            for heading, column in self.columns.items()
            if heading not in self.inputs
        ]

    @property
    def below(self) -> tuple[str, str]:
        """A cell under the table, with a row between them."""
        return self.table.sheet, f"B{self.table.last_row + 2}"

    def compute(self, filling: Filling, *, office: bool = False) -> Answer:
        """Type a filling into the workbook, and compute it.

        Args:
            filling: What is typed; the workbook is left as it was.
            office: Whether LibreOffice computes it.

        Returns:
            Its values; nothing in it may be refused.
        """
        assert len(filling.rows) <= self.rows
        typed: dict[tuple[str, str], Any] = {
            self.place(name): value for name, value in filling.cells.items()
        }
        sheet = self.workbook[self.table.sheet]
        for number in range(self.rows):
            row: Mapping[str, Any] = filling.rows[number] if number < len(filling.rows) else {}
            for heading in self.inputs:
                cell = sheet.cell(self.table.first_row + 1 + number, self.columns[heading])
                typed[self.table.sheet, cell.coordinate] = row.get(heading)
        typed |= filling.others
        before = {at: self.workbook[at[0]][at[1]].value for at in typed}
        self._put(typed)
        book = Workbook(self._parts({sheet for sheet, _ in typed}), "filling.xlsx")
        self._put(before)
        engine = libreoffice.compute if office else embedded.compute
        computed = engine(book, book.path)
        if computed.refusals and filling.wrong == TYPED_OVER:
            # The embedded engine refuses INDEX by a text, as in First problem, and WORKDAY from the
            # days 0 to 60, as in Counted or a plain date. LibreOffice gives #VALUE! for the first,
            # as Excel does. Of the second it may give a day where Excel gives an error: in a plain
            # date of this row alone, on which no remark, no line of Checks that counts what was
            # typed over and, since that line fails, no verdict rests.
            computed = libreoffice.compute(book, book.path)
        own = [one for one in computed.refusals if office and one.reason in PASSED_ON]
        if own:  # errors of Calc's own, each of which stands for several of Excel's
            excels = embedded.compute(book, book.path)
            for one in own:
                cell = self.workbook[one.sheet][one.cell]
                assert isinstance(excels.value(one.sheet, cell.row, cell.column), CellError), one
            rest = tuple(one for one in computed.refusals if one not in own)
            computed = replace(computed, refusals=rest)
        assert computed.refusals == (), computed.refusals[:3]
        return Answer(self, computed)

    def _parts(self, filled: set[str]) -> Parts:
        """Write the workbook: after the first time, the sheets alone that are filled or were."""
        changed, self._filled = filled | self._filled, filled
        if self._written is None:
            self._written, changed = parts_of(self.workbook), set()
        for name in changed:
            sheet = self.workbook[name]
            writer = openpyxl_writer._SheetWriter(sheet, {})
            writer.write()
            part, written = sheet.path[1:], writer.sheet()
            self._written[part] = written.data
            self._written.sheets.pop(part, None)
            if written.as_read:
                self._written.sheets[part] = written
        return Parts(self._written, self._written.sheets)

    def _put(self, values: Mapping[tuple[str, str], Any]) -> None:
        for (sheet, reference), value in values.items():
            cell = self.workbook[sheet][reference]
            number_format = cell.number_format
            cell.value = value
            cell.number_format = number_format


_KEPT: Final = 4
_kept: dict[str, Template] = {}


def once(name: str, selection: Selection, table: str = "") -> Template:
    """Write a workbook of a template, or take the one that another test of this process filled.

    For tests that only compute it: nobody writes into its workbook but `Template.compute`.
    """
    deals = sorted(store.offered_texts().items())
    key = repr((made_from(Task(name, selection, Path())), table, deals))
    if key not in _kept:
        if len(_kept) == _KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = Template(name, selection, table)
    return _kept[key]
