"""Whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

import formualizer

from xladdin.ooxml import xml
from xladdin.ooxml.sheets import Layout, Place
from xladdin.ooxml.workbook import column_letters, column_number
from xladdin.values import Cell, CellError

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
    for (row, column), value in constants:
        found = workbook.get_value(sheet, row, column)
        if found == value and type(found) is type(value):
            continue
        if not _same(found, cell_of(found), value):
            return f"{column_letters(column)}{row}"
    return ""


def _same(raw: object, found: Cell, value: Cell) -> bool:
    if isinstance(raw, datetime.date | datetime.time | datetime.timedelta):
        numbers = isinstance(found, float) and isinstance(value, float)
        return numbers and math.isclose(found, value, rel_tol=0, abs_tol=_MOMENT)  # type: ignore[arg-type]
    if isinstance(found, str) and isinstance(value, str):
        # Escapes of characters are read, or left alone.
        return found == value or xml.unescaped(found) == xml.unescaped(value)
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
    found += [(*place, b"inline", text) for *place, text in _INLINE.findall(layout.data)]
    formulas = {(formula.row, formula.column) for formula in layout.formulas}
    empty = sum(1 for _ in _EMPTY.finditer(layout.data))
    if len(found) + len(formulas) + empty != layout.data.count(b"<c "):
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
    text = xml.characters(content)
    if kind == b"b":
        return text.strip() in ("1", "true")
    return CellError(text.strip()) if kind == b"e" else xml.unescaped(text)
