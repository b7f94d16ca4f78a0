"""Whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import formualizer

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.examination import area_from
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import Name, column_letters, column_number

_PLAIN: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="[0-9]+")?(?: t="(n|s|b|e|str)")?>'
    rb"<v>([^<]*)</v></c>"
)
"""A constant as nearly all programs write it."""

_INLINE: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="[0-9]+")? t="inlineStr">'
    rb'<is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>'
)

_EMPTY: Final = re.compile(rb"<c [^<>]*/>")

_MOMENT: Final = 1e-6
"""Days by which a date may be off that the engine has taken apart into hours and seconds."""


def misread(
    workbook: formualizer.Workbook,
    sheet: str,
    constants: Iterator[tuple[Place, Cell]],
    cell_of: Callable[[object], Cell],
) -> str:
    """Find a constant that the engine holds otherwise than the file.

    Args:
        workbook: The engine's workbook.
        sheet: A sheet.
        constants: What its cells hold.
        cell_of: Turns a value of the engine into a cell's.

    Returns:
        The first such cell, such as ``B2``; empty where there is none.
    """
    columns: dict[int, tuple[list[int], list[Cell]]] = {}
    for (row, column), value in constants:
        rows, given = columns.setdefault(column, ([], []))
        rows.append(row)
        given.append(value)
    for column, (rows, given) in columns.items():
        found = _read_back(workbook, sheet, column, rows)
        if found == given and list(map(type, found)) == list(map(type, given)):
            continue
        for row, raw, value in zip(rows, found, given, strict=True):
            if raw == value and type(raw) is type(value):
                continue
            if not _same(raw, cell_of(raw), value):
                return f"{column_letters(column)}{row}"
    return ""


_SPARSE: Final = 4
"""Rows for each constant of a column from which on its cells are asked for one by one."""


def _read_back(
    workbook: formualizer.Workbook, sheet: str, column: int, rows: Sequence[int]
) -> list[Any]:
    """Return what the engine holds in some rows of a column: at once where they are close."""
    first, last = min(rows), max(rows)
    if last - first >= _SPARSE * len(rows):
        return [workbook.get_value(sheet, row, column) for row in rows]
    address = formualizer.RangeAddress(sheet, first, column, last, column)
    found = [value for [value] in workbook.sheet(sheet).get_values(address)]
    return [found[row - first] for row in rows]


def misread_formulas(
    workbook: formualizer.Workbook, sheet: str, texts: Iterable[tuple[Place, str]]
) -> tuple[list[Place], bool]:
    """Find formulas that the engine holds otherwise than it was given them.

    Args:
        workbook: The engine's workbook.
        sheet: A sheet.
        texts: The formulas that it was given, with their rows and columns.

    Returns:
        The cells of those that differ, and whether it holds more or fewer formulas than it was
        given in the columns where there are any.
    """
    columns: dict[int, tuple[list[int], list[str]]] = {}
    for (row, column), text in texts:
        rows, given = columns.setdefault(column, ([], []))
        rows.append(row)
        given.append(text)
    wrong: list[Place] = []
    miscounted = False
    for column, (rows, given) in columns.items():
        first, last = min(rows), max(rows)
        address = formualizer.RangeAddress(sheet, first, column, last, column)
        found = [text for [text] in workbook.sheet(sheet).get_formulas(address)]
        # Nearly always they are the same, but for spaces that the engine puts in.
        if found == given or (len(found) == len(given) and _joined(found) == _joined(given)):
            continue
        miscounted |= len(found) - found.count("") != len(given)
        wrong += [
            (row, column)
            for row, text in zip(rows, given, strict=True)
            if found[row - first] != text and not _same_formula(found[row - first], text)
        ]
    return wrong, miscounted


def _joined(formulas: Sequence[str]) -> str:
    return "\n\n".join(formulas).replace(" ", "")


_UNTOLD: Final = dict.fromkeys(map(ord, " '()=\n\r\t"))
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
    return texts[0].translate(_UNTOLD) == texts[1].translate(_UNTOLD)


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


def constants_of(
    layout: Layout,
    texts: Sequence[str],
    slowly: Callable[[], Mapping[Place, Cell]],
    without: Collection[Place],
) -> Iterator[tuple[Place, Cell]]:
    """Go through the constants of a sheet.

    Args:
        layout: The sheet.
        texts: The workbook's shared texts.
        slowly: Reads what all its cells hold, however they are written.
        without: Cells that are to be passed over: those that array formulas fill.

    Yields:
        Row and column, and value.
    """
    found = _PLAIN.findall(layout.data)
    if b"inlineStr" in layout.data:
        found += [(*place, b"inline", text) for *place, text in _INLINE.findall(layout.data)]
    empty = sum(1 for _ in _EMPTY.finditer(layout.data))
    if len(found) + len(layout.formulas) + empty != layout.data.count(b"<c "):
        formulas = {(formula.row, formula.column) for formula in layout.formulas}
        for place, value in slowly().items():
            if place not in formulas and place not in without:
                yield place, value
        return
    columns: dict[bytes, int] = {}
    for letters, digits, kind, content in found:
        column = columns.get(letters)
        if column is None:
            column = columns[letters] = column_number(letters.decode())
        place = (int(digits), column)
        if without and place in without:
            continue
        if not kind or kind == b"n":
            yield place, float(content)
        else:
            value = _value(kind, content, texts)
            if value != "":
                yield place, value


def _value(kind: bytes, content: bytes, texts: Sequence[str]) -> Cell:
    if kind == b"s":
        return texts[int(content)]
    text = xml_bytes.characters(content)
    if kind == b"b":
        return text.strip() in ("1", "true")
    return CellError(text.strip()) if kind == b"e" else xml_bytes.unescaped(text)
