"""Whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded.bridge import cell_of
from xladdin.engines.embedded.constants import Constants
from xladdin.engines.embedded.examination import area_from
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_reader import FormulaReader
from xladdin.engines.result import UnfitError
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Place, places
from xladdin.xlsx.workbook_part import Name, Workbook, column_letters

_MOMENT: Final = 1e-6
"""Days by which a date may be off that the engine has taken apart into hours and seconds."""


SAMPLED: Final = 64
"""Of formulas that are filled down a column, those of each 64th row are read back from the
engine, and the others counted. It takes as long to write a formula as to compute it, and these
differ in the numbers of their rows alone."""


_FEW_PASSED: Final = 3
"""Counting takes as long as reading back such a part of the formulas."""

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
        self._miscounted = False  # or not counted

    def count(self, workbook: formualizer.Workbook) -> None:
        """Count the formulas of the engine before it computes them, and the names that they use.

        Where there are more or fewer than there should be, `check` reads all of them back. It does
        so as well where there are few that it would not read back anyway.
        """
        passed = sum(map(_is_passed, self._cells))
        if passed <= len(self._cells) // _FEW_PASSED:
            self._miscounted = True
            return
        cells = [
            (cell.sheet, cell.formula.row, cell.formula.column)
            for cell in self._cells
            if cell.formula.kind != "dataTable"
        ]
        words = {word for form, _ in self._reader.judged for word in _WORD.findall(form.casefold())}
        names = sum(name.name.casefold() in words for name in self._reader.kept_names)
        self._miscounted = formula_count(workbook, cells) != len(cells) + names

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
        for cell in self._cells:
            if _is_passed(cell) and not self._miscounted:
                continue
            if self.misread(workbook, cell):
                cell.refusal = cell.refusal or MISREAD

    def misread(self, workbook: formualizer.Workbook, cell: FormulaCell) -> bool:
        """Whether the engine holds another formula in a cell than it was given."""
        return cell.formula.kind != "dataTable" and is_misread_formula(
            workbook, cell.sheet, cell.place, cell.engine_text
        )

    def _misread(self, what: str) -> UnfitError:
        reason = f"the embedded engine does not read {what} as it is"
        return UnfitError(self._book.path, reason, "use --engine libreoffice")


def _is_passed(cell: FormulaCell) -> bool:
    return bool(cell.filled_down and cell.formula.row % SAMPLED)


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


def is_misread_formula(workbook: formualizer.Workbook, sheet: str, place: Place, text: str) -> bool:
    """Whether the engine holds another formula than it was given."""
    found = workbook.get_formula(sheet, *place) or ""
    return found != text and not _same_formula(found.removeprefix("="), text)


def formula_count(workbook: formualizer.Workbook, places: Sequence[tuple[str, int, int]]) -> int:
    """Count the formulas in some cells of the engine, and in those that they refer to.

    Args:
        workbook: The engine's workbook, not computed yet.
        places: Sheets, rows and columns.

    Returns:
        The number.
    """
    return workbook.get_eval_plan(list(places)).total_vertices_to_evaluate


_OMITTED: Final = dict.fromkeys(map(ord, " '()=\n\r\t"))
"""Characters that the engine leaves out, or puts in, when it writes a formula."""

_PREFIX: Final = re.compile(r"_xl(?:fn|ws|pm)\.")
_NUMBER: Final = re.compile(r"(?<![\w.$])(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])")


def _same_formula(one: str, other: str) -> bool:
    """Whether two formulas differ by no more than how they are written."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    texts = [
        # Numbers first: without the parentheses, one would run into the name before it.
        _NUMBER.sub(lambda match: repr(float(match[0])), _PREFIX.sub("", text.casefold()))
        for text in (one, other)
    ]
    return texts[0].translate(_OMITTED) == texts[1].translate(_OMITTED)


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
