"""The data validations of a sheet: the rules for entries in its cells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, Area, area_of, column_letters

WHOLE: Final = "whole"
DECIMAL: Final = "decimal"
DATE: Final = "date"
TIME: Final = "time"
LENGTH: Final = "textLength"
LIST: Final = "list"
CUSTOM: Final = "custom"


class Validation(NamedTuple):
    """The rule for entries in some cells.

    Attributes:
        areas: The cells; its formulas are written as seen from the first one.
        kind: ``whole``, ``decimal``, ``date``, ``time``, ``textLength``, ``list`` or ``custom``.
        operator: How the value compares with the bounds, such as ``between``.
        first: The first bound, the list or the condition: a formula without an equals sign.
        second: The second bound; empty where there is none.
        allows_blank: Whether the cell may be empty.
        message: Excel's message where it refuses a value; may be empty.
    """

    areas: tuple[Area, ...]
    kind: str
    operator: str
    first: str
    second: str
    allows_blank: bool
    message: str


def validations_of(frame: bytes) -> tuple[Validation, ...]:
    """Read the data validations of a sheet's part.

    Those that only warn or are switched off allow everything; they are left out.

    Args:
        frame: The part, which may lack its rows.

    Returns:
        The validations, in order.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    if b"dataValidation" not in frame:
        return ()
    # The newer form is in an extension of the format, with its formulas in elements.
    found = (
        item
        for item in xml_bytes.tree(frame).iter()
        if xml_bytes.local(item.tag) == "dataValidation"
    )
    return tuple(made for item in found if (made := _validation(item)) is not None)


def _validation(item: Element) -> Validation | None:
    kind = item.get("type", "none")
    stops = item.get("errorStyle", "stop") == "stop" and item.get("showErrorMessage") in _TRUE
    areas = tuple(areas_of(item.get("sqref") or _text(item, "sqref")))
    if kind == "none" or not stops or not areas:
        return None
    return Validation(
        areas,
        kind,
        item.get("operator", "between"),
        _text(item, "formula1"),
        _text(item, "formula2"),
        item.get("allowBlank") in _TRUE,
        xml_bytes.unescaped(item.get("error", "")).strip(),
    )


_TRUE: Final = ("1", "true")


def _text(item: Element, name: str) -> str:
    """Return the text of a child; the newer form has it one level deeper."""
    child = next((one for one in item if xml_bytes.local(one.tag) == name), None)
    return "" if child is None else "".join(child.itertext()).strip()


def areas_of(text: str) -> Iterator[Area]:
    """Yield the areas of a list such as ``A1:B2 D4``; anything else in it is left out."""
    for piece in text.split():
        try:
            yield area_of(piece)
        except ValueError:
            first, _, last = piece.partition(":")
            with contextlib.suppress(ValueError):  # whole columns, or whole rows
                if first.isdecimal():
                    yield area_of(f"A{first}:{column_letters(LAST_COLUMN)}{last}")
                else:
                    yield area_of(f"{first}1:{last}{LAST_ROW}")
