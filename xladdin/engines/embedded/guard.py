"""Whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded.examination import area_from
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Name, column_letters

_MOMENT: Final = 1e-6
"""Days by which a date may be off that the engine has taken apart into hours and seconds."""


SAMPLED: Final = 64
"""Of formulas that are filled down a column, those of each 64th row are read back from the
engine, and the others counted. It takes as long to write a formula as to compute it, and these
differ in the numbers of their rows alone."""


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
