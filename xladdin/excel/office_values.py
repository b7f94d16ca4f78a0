"""Arguments and results of custom functions, as Office.js passes them.

Values arrive as JSON: dates and currency as plain numbers, and numbers sometimes as integers,
which, unlike in classic Excel, never stand for errors. An error value is an object. A blank cell is
null or empty text, depending on the version of Excel, so that the text ``""`` is a blank here, as
in xlwings. (Old versions on the desktop pass 0 for a blank, which cannot be recognised: give
optional arguments a value there, or leave them out.)

On the way back xlwings itself turns text that spells one of the classic errors into a real one.
Custom functions have no other errors, so the newer ones come out as #VALUE!. Before
CustomFunctionsRuntime 1.4 (Excel 2021 without a subscription) they have none at all, and xlwings
shows the text.
"""

from __future__ import annotations

from typing import Any, Final

from xladdin.cells import CLASSIC_ERRORS, Block, Cell, CellError
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE
from xladdin.excel.values import ERROR_NUMBERS

ERROR_TYPES: Final = {
    "Div0": DIV0,
    "Name": NAME,
    "NotAvailable": NA,
    "Null": NULL,
    "Num": NUM,
    "Ref": REF,
    "Value": VALUE,
}
"""Office.js' names of the classic errors, for an error object without its text."""

_BASIC: Final = frozenset({"Boolean", "Double", "FormattedNumber", "String"})
"""Types of the objects by which Office.js may send one plain value."""

_WRONG: Final = CellError(VALUE)


def decode(value: Any) -> Cell | Block:
    """Convert an argument from xlwings to cells.

    Args:
        value: A value; or a list of rows, for a range; or a flat list, for a range of one row.

    Returns:
        The cell, or the block of cells row by row. Anything but numbers, logicals, text and errors
        is #VALUE!, such as a picture or a stock.
    """
    if not isinstance(value, list | tuple):
        return _cell(value)
    if not value:
        return _WRONG
    rows = value if isinstance(value[0], list | tuple) else [value]
    return [[item if type(item) is float else _cell(item) for item in row] for row in rows]


def _cell(value: Any) -> Cell:
    """Decode one cell."""
    # bool comes before int, whose subclass it is.
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return _float(value)
    if isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return _object(value)
    # Lite's Python runs in a browser, which has a null of its own.
    return None if type(value).__name__ == "JsNull" else _WRONG


def _float(value: int) -> Cell:
    try:
        return float(value)
    except OverflowError:
        return CellError(NUM)


def _object(value: dict[str, Any]) -> Cell:
    """Decode a value that Office.js wraps into an object."""
    kind = value.get("type")
    if kind in _BASIC:
        basic = value.get("basicValue")
        return _WRONG if isinstance(basic, dict) else _cell(basic)
    if kind == "Empty":
        return None
    # With "code", an error as functions without data types get it.
    code = str(value.get("basicValue") if kind == "Error" else value.get("code"))
    if code in ERROR_NUMBERS:
        return CellError(code)
    return CellError(ERROR_TYPES.get(str(value.get("errorType")), VALUE))


def expressible(result: Cell | list[list[Cell]]) -> Cell | list[list[Cell]]:
    """Replace errors that custom functions cannot return.

    Args:
        result: A cell, or rows of cells.

    Returns:
        The same with #VALUE! for the newer errors.
    """
    if isinstance(result, list):
        return [
            [_given(cell) if isinstance(cell, CellError) else cell for cell in row]
            for row in result
        ]
    return _given(result) if isinstance(result, CellError) else result


def _given(error: CellError) -> CellError:
    return error if error.code in CLASSIC_ERRORS else _WRONG
