"""Whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.bridge import cell_of
from xladdin.engines.embedded.constants import Constants
from xladdin.engines.embedded.filled_down import for_any_row, in_row
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_reader import FormulaReader
from xladdin.engines.result import UnfitError
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.sheet_part import Place, places
from xladdin.xlsx.workbook_part import Name, Workbook, column_letters

_MOMENT: Final = 1e-6
"""Days by which a date may be off that the engine has taken apart into hours and seconds."""


ALL: Final = 2_000
"""Of so many formulas that are filled down, all are read back from the engine."""

LETTERS: Final = 8
"""Of more, each second one is, and one row less often for so many letters that the formula has: the
engine takes longer to write a formula than to read it, and several times as long as to compute it.
All are counted, and they differ in the numbers of their rows alone."""

_EDGES: Final = frozenset(
    base**power + step
    for base, most in ((2, 20), (10, 6))
    for power in range(1, most + 1)
    for step in (-1, 0, 1)
)
"""Rows that are read back besides: where a number has one more digit, binary or decimal."""

MISREAD: Final = "the embedded engine reads it as another formula"

_WORD: Final = re.compile(r"[\w.\\?]+")


class Guard:
    """Compares what the engine has read with a workbook."""

    def __init__(
        self,
        book: Workbook,
        cells: Sequence[FormulaCell],
        constants: Constants,
        reader: FormulaReader,
    ) -> None:
        """Take a workbook, its formulas and its constants, and what has read the formulas."""
        self._book = book
        self._cells = cells
        self._constants = constants
        self._reader = reader
        self._single = [
            cell for cell in cells if not cell.filled_down and cell.formula.kind != "dataTable"
        ]
        self._sampled = False

    def count(self, workbook: formualizer.Workbook) -> None:
        """Count the formulas of the engine before it computes them, and the names that they use.

        Where there are more or fewer than there should be, `check` reads all of them back.
        """
        runs = [run.cells for run in self._reader.runs if len(run.cells) > 1]
        if sum(map(len, runs)) <= ALL:
            return  # all are read back anyway
        count = len(self._single) + sum(len(cells) - 1 for cells in runs)
        words = {word for form, _ in self._reader.judged for word in _WORD.findall(form.casefold())}
        count += sum(name.name.casefold() in words for name in self._reader.kept_names)
        self._sampled = count == formula_count(workbook, self._single, runs)

    def check(self, workbook: formualizer.Workbook) -> None:
        """Refuse a workbook that the engine has not read as it is.

        Raises:
            UnfitError: A sheet is missing in it, a cell holds another constant, a name stands for
                something else, or there are more or fewer formulas.
        """
        name = misread_name(workbook, self._reader.kept_names)
        if name:
            raise self._misread(f"the name {name}")
        names = workbook.sheet_names
        filled: dict[str, set[Place]] = {}
        for cell in self._cells:
            if cell.formula.area is not None and not cell.plain:
                filled.setdefault(cell.sheet, set()).update(places(cell.formula.area))
        for sheet in self._book.sheets:
            if sheet.name not in names:
                raise self._misread(sheet.name)
            found = self._constants.columns(sheet.name)
            without = filled.get(sheet.name, ())
            wrong = misread_constant(workbook, sheet.name, found, without, cell_of)
            if wrong:
                raise self._misread(f"{quoted(sheet.name)}!{wrong}")
        self._check_formulas(workbook)

    def _check_formulas(self, workbook: formualizer.Workbook) -> None:
        """Refuse formulas that the engine holds otherwise."""
        for cell in self._single:
            if self.misread(workbook, cell):
                cell.refusal = cell.refusal or MISREAD
        for run in self._reader.runs:
            self._check_run(workbook, *run.cells)

    def _check_run(
        self, workbook: formualizer.Workbook, first: FormulaCell, *rest: FormulaCell
    ) -> None:
        """Refuse formulas of a run that the engine writes otherwise than the first one."""
        row, column = first.place
        model = for_any_row(workbook.get_formula(first.sheet, row, column) or "", row)
        get_formula, known = workbook.get_formula, not self.misread(workbook, first)
        for cell in _sampled(rest, len(first.text)) if self._sampled else rest:
            row, column = cell.formula[:2]
            if known and get_formula(cell.sheet, row, column) == in_row(model, row):
                continue
            if self.misread(workbook, cell):
                cell.refusal = cell.refusal or MISREAD

    def misread(self, workbook: formualizer.Workbook, cell: FormulaCell) -> bool:
        """Whether the engine holds another formula in a cell than it was given."""
        row, column = cell.formula[:2]
        written = workbook.get_formula(cell.sheet, row, column) or ""
        return is_misread_formula(written, cell.engine_text)

    def _misread(self, what: str) -> UnfitError:
        reason = f"the embedded engine does not read {what} as it is"
        return UnfitError(self._book.path, reason, "recalculate it in Excel")


def misread_constant(
    workbook: formualizer.Workbook,
    sheet: str,
    constants: Iterable[tuple[int, list[int], list[Cell]]],
    without: Collection[Place],
    cell_of: Callable[[object], Cell],
) -> str:
    """Find a constant that the engine holds otherwise than the file.

    Args:
        workbook: The engine's workbook.
        sheet: A sheet.
        constants: Columns, rows and what their cells hold.
        without: Cells that do not count: those that array formulas fill.
        cell_of: Turns a value of the engine into a cell's.

    Returns:
        The first such cell, such as ``B2``; empty where there is none.
    """
    get_value = workbook.get_value
    for column, rows, given in constants:
        found = [get_value(sheet, row, column) for row in rows]
        if found == given and list(map(type, found)) == list(map(type, given)):
            continue
        for row, raw, value in zip(rows, found, given, strict=True):
            if (raw == value and type(raw) is type(value)) or (row, column) in without:
                continue
            if not _same(raw, cell_of(raw), value):
                return f"{column_letters(column)}{row}"
    return ""


@lru_cache(maxsize=KEPT)
def is_misread_formula(written: str, text: str) -> bool:
    """Whether what the engine writes is another formula than it was given."""
    return written != text and not _same_formula(written.removeprefix("="), text)


def _sampled(cells: Sequence[FormulaCell], letters: int) -> Iterator[FormulaCell]:
    """Go through the formulas that are read back, of one so long that is filled down."""
    step = 2 + letters // LETTERS
    yield from cells[::step]
    if not cells:
        return
    yield cells[-1]
    top = cells[0].formula.row
    for row in _EDGES:
        if 0 <= row - top < len(cells):
            yield cells[row - top]


def formula_count(
    workbook: formualizer.Workbook,
    single: Iterable[FormulaCell],
    runs: Sequence[Sequence[FormulaCell]],
) -> int:
    """Count the formulas in some cells of the engine, and in those that they refer to.

    The engine plans the sum of each run, on a sheet of its own, for which it needs all of them:
    that takes a quarter of the time that it takes to name each cell.

    Args:
        workbook: The engine's workbook, not computed yet.
        single: Cells.
        runs: Cells that stand in a column, from the first to the last.

    Returns:
        The number.
    """
    name = "xladdin guard"
    while name in workbook.sheet_names:
        name += "_"
    workbook.add_sheet(name)
    sums = [(name, number, 1) for number in range(1, len(runs) + 1)]
    for place, cells in zip(sums, runs, strict=True):
        first, last = cells[0], cells[-1]
        workbook.set_formula(*place, f"=SUM({quoted(first.sheet)}!{first.name}:{last.name})")
    targets = [*sums, *((cell.sheet, *cell.place) for cell in single)]
    count = workbook.get_eval_plan(targets).total_vertices_to_evaluate - len(sums)
    for place in sums:
        workbook.set_value(*place, 0.0)
    return count


_OMITTED: Final = dict.fromkeys(map(ord, " '()=\n\r\t"))
"""Characters that the engine leaves out, or puts in, when it writes a formula."""

_PREFIX: Final = re.compile(r"_xl(?:fn|ws|pm)\.")
_NUMBER: Final = re.compile(r"(?<![\w.$])(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])")


def _same_formula(one: str, other: str) -> bool:
    """Whether two formulas differ by no more than how they are written."""
    if _compact(one) == _compact(other):
        return True  # nearly always
    texts = [
        # Numbers first: without the parentheses, one would run into the name before it.
        _NUMBER.sub(lambda match: repr(float(match[0])), _PREFIX.sub("", text.casefold()))
        for text in (one, other)
    ]
    return texts[0].translate(_OMITTED) == texts[1].translate(_OMITTED)


def _compact(formula: str) -> str:
    return formula.replace(" ", "").replace("'", "").casefold()


def misread_name(workbook: formualizer.Workbook, names: Collection[Name]) -> str:
    """Find a defined name that stands for other cells, or another constant, in the engine.

    Args:
        workbook: The engine's workbook.
        names: The workbook's names, as far as formulas keep them.

    Returns:
        The first such name; empty where there is none.
    """
    found = {
        (str(item["scope_sheet"] or "").casefold(), str(item["name"]).casefold()): item
        for item in workbook.get_named_ranges()
    }
    for name in names:
        item = found.get(((name.sheet or "").casefold(), name.name.casefold()))
        if item is None or not _same_name(item, name.text):
            return name.name
    return ""


def _same_name(item: Mapping[str, Any], text: str) -> bool:
    prefix, mark, cells = text.rpartition("!")
    area = area_from(cells) if mark else None
    if area is not None:
        sheet = prefix.removeprefix("'").removesuffix("'").replace("''", "'")
        corners = [item.get(f"{end}_{way}") for end in ("start", "end") for way in ("row", "col")]
        wanted = [area.first_row, area.first_column, area.last_row, area.last_column]
        return str(item.get("sheet")).casefold() == sheet.casefold() and corners == wanted
    value = item.get("value")
    if isinstance(value, bool):
        return text.upper() == str(value).upper()
    if isinstance(value, str):
        return text == '"' + value.replace('"', '""') + '"'
    return isinstance(value, int | float) and value == float(text)


def _same(raw: object, found: Cell, value: Cell) -> bool:
    if isinstance(raw, datetime.date | datetime.time | datetime.timedelta):
        numbers = isinstance(found, float) and isinstance(value, float)
        return numbers and math.isclose(found, value, rel_tol=0, abs_tol=_MOMENT)  # type: ignore[arg-type]
    if isinstance(found, str) and isinstance(value, str):
        # Escapes of characters are read, or left alone.
        return found == value or xml_bytes.unescaped(found) == xml_bytes.unescaped(value)
    return found == value and isinstance(found, bool) == isinstance(value, bool)
