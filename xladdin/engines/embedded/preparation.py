"""A workbook's formulas as the embedded engine is to have them, and what it made of them."""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import formualizer

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.adjustments import Adjustments
from xladdin.engines.embedded.bridge import Recorder, cell_of, kind_of
from xladdin.engines.embedded.constants import Constants
from xladdin.engines.embedded.elsewhere import reaches_itself
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_parts import NOT_PROVED, UNREADABLE
from xladdin.engines.embedded.formula_reader import FormulaReader
from xladdin.engines.embedded.guard import Guard
from xladdin.engines.embedded.notes import Notes
from xladdin.engines.embedded.verdicts import Verdict
from xladdin.engines.result import CIRCULAR, Refusal, UnfitError
from xladdin.engines.workbook_settings import (
    is_unusual,
    transitional,
    without_iteration,
    without_links,
)
from xladdin.errors import NAME, FileError
from xladdin.formulas.structured_references import quoted
from xladdin.formulas.tokens import tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import Place, layouts_of, places
from xladdin.xlsx.workbook_part import Workbook, area_of, column_letters

_LARGEST_REACH: Final = 1 << 26
"""Cells from the first of a sheet to its last, empty ones included: 64 whole columns."""

_DEFAULT_SHEET: Final = "Sheet1"
"""The sheet that the engine looks at where one is named the same but for capitals."""

_DYNAMIC: Final = frozenset({"INDIRECT", "OFFSET"})
_LEFT_OUT: Final = Verdict(single=False, form="NA()")
_MINUS_0: Final = re.compile(rb"-0(?<=v>-0)(?:\.0*)?(?:[eE][+-]?[0-9]+)?(?=</)")
"""A number that is 0 with a sign, as some programs write it; Excel's has none."""

TINY: Final = "its result is nearer to 0 than any number that Excel keeps"

_MANY: Final = 200
"""Subtractions filled down, of which one is sure to leave a residue: all are made to leave none."""

SPILLS: Final = "it gives an array, and an ordinary formula shows one value"


class Results(NamedTuple):
    """Values of formulas in their order, and of all cells that array formulas fill.

    They go from one process to another, which takes several times as long with their places.
    """

    formulas: list[Cell]
    filled: dict[tuple[str, int, int], Cell]


class Prepared:
    """A workbook's formulas as the engine is to have them.

    Attributes:
        book: The workbook.
        layouts: The layouts of its sheets, by part.
        cells: Its formulas.
        constants: What its other cells hold.
        checks: What values on their way may be; see `notes.Notes`.
        guard: Compares what the engine has read with the workbook.
        adjustments: Looks at what the cells of formulas have turned out to hold.
    """

    def __init__(self, book: Workbook) -> None:
        """Read the formulas of a workbook.

        Raises:
            FileError: It cannot be read, or is more than can be computed.
        """
        self.book = book
        self.layouts = layouts_of(book)
        self._reader = FormulaReader(book, self.layouts)
        self.checks = self._reader.checks
        self.cells = self._reader.cells()
        self.constants = Constants(book, self.layouts)
        self._refuse_names()
        if any(judged.wide for judged in self._reader.judged.values()):
            self._refuse_emptiness()
        self._fits: dict[int, FormulaCell] = {}
        for cell in self.cells:
            if cell.formula.kind == "array" and cell.formula.area is not None:
                self._fit(cell, *cell.formula.area.shape)
        self.guard = Guard(book, self.cells, self.constants, self._reader)
        self._given: dict[int, str] = {}  # the formulas that the engine has otherwise
        self._snapped = self._expected_residues()
        self.adjustments = Adjustments(book, self.layouts, self.cells, self.checks, self.constants)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as the workbook does: it is prepared again there."""
        return type(self), (self.book,)

    def _expected_residues(self) -> list[FormulaCell]:
        """Snap formulas that differ in their row alone and that the engine has otherwise anyway.

        Otherwise the first residue among them would have the whole workbook computed again.
        """
        alike = [
            cell for cell in self.cells if cell.judged.snaps and cell.text != cell.formula.text
        ]
        counts = Counter(id(cell.judged) for cell in alike)
        found = [cell for cell in alike if counts[id(cell.judged)] >= _MANY]
        for cell in found:
            cell.snapped = True
        return found

    def without_numbers(self, notes: Notes) -> bool:
        """Leave formulas as they are that were snapped, and subtract what are no numbers.

        Returns:
            Whether there are any.
        """
        found = [cell for cell in self._snapped if cell.number in notes.refused]
        for cell in found:
            cell.snapped = False
        self._snapped = []
        return bool(found)

    def _refuse_names(self) -> None:
        """Refuse a sheet that the engine takes for another where functions of ours are called."""
        for sheet in self.book.sheets:
            if sheet.name != _DEFAULT_SHEET and sheet.name.casefold() == _DEFAULT_SHEET.casefold():
                reason = f"the embedded engine takes its sheet {sheet.name!r} for another"
                remedy = "give it another name in Excel"
                raise UnfitError(self.book.path, reason, remedy)

    def _refuse_emptiness(self) -> None:
        """Refuse a sheet with cells far apart: the engine goes through all that lies between."""
        for sheet in self.book.sheets:
            rows, columns = self.layouts[sheet.part].reach
            if rows * columns > _LARGEST_REACH:
                corner = f"{column_letters(columns)}{rows}"
                reason = f"its sheet {sheet.name!r} reaches to {corner}, more than can be computed"
                remedy = "delete the rows and columns past its last cell in Excel"
                raise FileError(self.book.path, reason, remedy)

    def copy(self) -> bytes:
        """Make the copy of the workbook that the engine loads."""
        parts: dict[str, bytes | None] = {}
        texts: dict[str, dict[Place, str]] = {part: {} for part in self.layouts}
        clear: dict[str, set[Place]] = {part: set() for part in self.layouts}
        self._given = self._otherwise()
        for number, text in self._given.items():
            cell = self.cells[number]
            texts[cell.part][cell.place] = text
            if cell.formula.kind == "array" and cell.formula.area is not None:
                clear[cell.part].update(places(cell.formula.area))
        for part, layout in self.layouts.items():
            if texts[part] or clear[part]:
                parts[part] = layout.with_formulas(texts[part], clear[part])
            given = parts.get(part) or self.book.read(part)
            if _MINUS_0.search(given):
                parts[part] = _MINUS_0.sub(b"0", given)
        main = self.book.workbook
        settings = parts[main] = without_iteration(self.book.read(main))
        if not self._reader.linked and self.book.links:
            # Beside a link, the engine finds no cell for a text that INDIRECT is given.
            parts |= without_links(self.book, settings)
        if is_unusual(settings):
            for name in self.book.names:
                if name.endswith((".xml", ".rels")) and parts.get(name, b"") is not None:
                    parts[name] = transitional(parts.get(name) or self.book.read(name))
        return self.book.for_an_engine(parts)

    def changed(self) -> list[FormulaCell]:
        """List the formulas that the engine is to have otherwise than in the last copy."""
        return [
            cell
            for cell in self.cells
            # A formula is given otherwise for one of these alone, and none of them is taken back.
            if (cell.actions or cell.snapped or cell.unsigned or cell.fit is not None)
            and (cell.engine_text if cell.differs else None) != self._given.get(cell.number)
        ]

    def _otherwise(self) -> dict[int, str]:
        """Return the formulas that the engine is to have otherwise than the file, by number."""
        return {cell.number: cell.engine_text for cell in self.cells if cell.differs}

    def without_dynamic(self) -> bool:
        """Leave out formulas that choose their cells as they are computed: they may have no end.

        Returns:
            Whether there are any.
        """
        found = [cell for cell in self.cells if not _DYNAMIC.isdisjoint(cell.judged.calls)]
        for cell in found:
            cell.refusal = cell.refusal or "the engine comes to no end with the cells it chooses"
            cell.text, cell.judged, cell.filled_down = _LEFT_OUT.form, _LEFT_OUT, False
            cell.actions, cell.snapped = {}, False
        return bool(found)

    def narrow(self, workbook: formualizer.Workbook) -> bool:
        """See to what ordinary formulas never do in Excel: spill, or give a zero with a sign.

        Excel shows the first value of what a function of an add-in returns. Elsewhere it takes
        the cell of a range that is in line with the formula, which the engine does not.

        Returns:
            Whether any formula changed.
        """
        changed = False
        value = workbook.get_value
        for cell in self.cells:
            raw = cell.raw = value(cell.sheet, cell.formula.row, cell.formula.column)
            near_0 = type(raw) is float and abs(raw) < sys.float_info.min
            if (near_0 or cell.formula.kind == "array") and not cell.unsigned:
                cell.unsigned = self._gives_minus_0(cell, value)
                changed |= cell.unsigned
            if cell.judged.single or not cell.plain:
                continue
            blocked = kind_of(cell.raw) == "Spill"
            if not blocked and spilled(workbook, cell.sheet, cell.place) is None:
                continue
            if _is_call_of_ours(cell.text):
                self._fit(cell, 1, 1)
                changed = True
            elif not blocked and cell.fit is None:
                cell.refusal = SPILLS
                # Other formulas are not to see what it would leave in the cells beside it.
                self._fit(cell, 1, 1)
                changed = True
        return changed

    def _gives_minus_0(self, cell: FormulaCell, value: Callable[..., Any]) -> bool:
        """Whether a formula gives a zero with a sign; one beside what is no number is refused."""
        area = cell.formula.area
        raws = [cell.raw]
        if cell.formula.kind == "array" and area is not None:
            raws = [value(cell.sheet, *place) for place in places(area)]
        tiny = any(type(raw) is float and 0 < abs(raw) < sys.float_info.min for raw in raws)
        if tiny and not _is_call_of_ours(cell.text):
            cell.refusal = TINY
            return False
        if not any(raw == 0 and type(raw) is float and math.copysign(1, raw) < 0 for raw in raws):
            return False
        if all(type(raw) is float for raw in raws):
            return True
        cell.refusal = "it gives a zero with a sign, which Excel does not keep"
        return False

    def results(self, workbook: formualizer.Workbook) -> Results:
        """Collect the values of formula cells and of the cells that array formulas fill."""
        filled = {
            (cell.sheet, *place): cell_of(workbook.get_value(cell.sheet, *place))
            for cell in self.cells
            if cell.formula.area is not None and cell.formula.kind == "array"
            for place in places(cell.formula.area)
        }
        return Results([cell_of(cell.raw) for cell in self.cells], filled)

    def values(self, results: Results) -> dict[str, dict[Place, Cell]]:
        """Return results by sheet, row and column."""
        found: dict[str, dict[Place, Cell]] = {sheet.name: {} for sheet in self.book.sheets}
        for cell, value in zip(self.cells, results.formulas, strict=True):
            found[cell.sheet][cell.formula[:2]] = value
        for (sheet, row, column), value in results.filled.items():
            found[sheet][row, column] = value
        return found

    def refusals(self, recorder: Recorder) -> Iterator[Refusal]:
        """List the formulas whose values are not to be trusted, and why."""
        unknown = bridge.unknown(
            {name for one in self._reader.judged.values() for name in one.calls}
        )
        for number, reason in recorder.notes.refused.items():
            self.cells[number].refusal = self.cells[number].refusal or reason
        for cell in self.cells:
            elsewhere = cell.judged.moved or cell.number in recorder.notes.addresses
            if elsewhere and reaches_itself(cell, recorder.notes):
                cell.refusal = cell.refusal or CIRCULAR
        for number, cell in self._fits.items():
            area, shape = cell.formula.area, recorder.shapes.get(number)
            if cell.formula.dynamic and area is not None and shape not in (None, area.shape):
                cell.refusal = "it spills over another range than when it was saved"
        for cell in self.cells:
            if type(cell.raw) is float and not (cell.refusal or unknown):
                continue  # nearly always
            kind = kind_of(cell.raw)
            reason = cell.refusal or self._unknown_call(cell, unknown)
            if not reason and kind in bridge.FOREIGN:
                reason = gave_up(kind)
            if not reason and kind == "Spill" and cell.plain:
                reason = SPILLS
            if reason:
                yield Refusal(cell.sheet, cell.name, reason)

    def _fit(self, cell: FormulaCell, rows: int, columns: int) -> None:
        number = len(self._fits) + 1
        self._fits[number] = cell
        cell.fit = (rows, columns, number)

    def _unknown_call(self, cell: FormulaCell, unknown: frozenset[str]) -> str:
        """Say which function is missing; empty where #NAME? is what Excel would give as well."""
        for name, excels in cell.judged.calls.items():
            if name not in unknown:
                continue
            if excels:
                return f"{NOT_PROVED} to compute {name}"
            # A stored value, or code in the workbook, says that somebody does know it.
            stored = cell.formula.stored
            named = stored is None or stored is CellError(NAME)
            if not named or self.book.has_macros or _defines(self.book, name):
                return f"the function {name} is not known here"
        return ""


def _defines(book: Workbook, name: str) -> bool:
    return any(defined.name.upper() == name for defined in book.defined_names)


def _is_call_of_ours(formula: str) -> bool:
    """Whether a formula is one call of a function of ours and nothing else."""
    parts = tokens(formula.strip())
    depth = 0
    for at, token in enumerate(parts):
        depth += (token.kind in ("call", "open")) - (token.kind == "close")
        if depth == 0:
            return at == len(parts) - 1 and parts[0].text.removesuffix("(").upper() in FUNCTIONS
    return False


def spilled(workbook: formualizer.Workbook, sheet: str, place: Place) -> tuple[range, range] | None:
    """Return the rows and columns over which a formula spilled; None if it stayed in its cell."""
    row, column = place
    address = f"{quoted(sheet)}!{column_letters(column)}{row}"
    spill = workbook.inspect_cell(address, include_values=False).cell.spill
    if spill is None or spill.extent is None:
        return None
    area = area_of(spill.extent.rpartition("!")[2])
    if area.shape == (1, 1):  # IF over a named cell gives an array of one
        return None
    return range(area.first_row, area.last_row + 1), range(area.first_column, area.last_column + 1)


def gave_up(kind: str) -> str:
    """Say why there is no value, by the kind of an error of the engine's own."""
    if kind == bridge.CIRCULAR:
        return CIRCULAR
    if kind == bridge.NOT_IMPLEMENTED:
        return "it needs what the engine does not have"
    return UNREADABLE
