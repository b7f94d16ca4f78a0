"""The value stored in a cell: read, compared and written."""

from __future__ import annotations

import contextlib
import datetime
import math
import re
from collections.abc import Sequence
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError, serial_of
from xladdin.errors import NUM, VALUE
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.cell_scanner import CellSpan
from xladdin.xlsx.cell_scanner import Place as Place

LONGEST_TEXT: Final = 32_767
"""Most characters of a cell; a formula whose text is longer is #VALUE!."""

_PLAIN_INLINE: Final = re.compile(rb'<is>\s*<t(?: xml:space="preserve")?>([^<]*)</t>\s*</is>')
"""An inline text as nearly all programs write it."""

_EXACT_INTEGERS: Final = 2**53


def stored_value(cell: CellSpan) -> Cell:
    """Read the value stored in a cell; shared and inline text stays unread, as nothing."""
    if cell.value is None or not (cell.tag or cell.value_inside):
        return None
    if not cell.tag:  # nearly always it is a number
        try:
            return float(cell.value_inside)
        except ValueError:
            pass  # it may be written with references to characters
    kind = cell.attributes.get("t", "n")
    if kind in ("s", "inlineStr") or not (cell.value_inside or kind == "str"):
        return None
    text = cell.value_text
    if kind == "str":
        return xml_bytes.unescaped(text)
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return CellError(text.strip())
    with contextlib.suppress(ValueError):
        return _serial(text.strip()) if kind == "d" else float(text)
    return None


def constant_value(cell: CellSpan, data: bytes, texts: Sequence[str]) -> Cell:
    """Read the value of a cell of any kind; of a formula, the value stored beside it.

    Args:
        cell: The cell.
        data: The sheet's part.
        texts: The workbook's shared texts.

    Raises:
        UnsafeXMLError: It refers to a shared text that is not there.
    """
    kind = cell.attributes.get("t", "n")
    if kind == "s" and cell.value is not None:
        number = cell.value_text.strip()
        return shared_text(texts, int(number) if number.isdecimal() and len(number) <= 7 else -1)
    if kind == "inlineStr" and cell.inline is not None:
        inside = data[slice(*cell.inline)]
        plain = _PLAIN_INLINE.fullmatch(inside)
        if plain is not None:
            return xml_bytes.unescaped(xml_bytes.characters(plain[1]))
        return "".join(xml_bytes.texts(inside, "is"))
    return stored_value(cell)


def shared_text(texts: Sequence[str], number: float) -> str:
    """Return a shared text by its number."""
    if not 0 <= number < len(texts):
        raise xml_bytes.UnsafeXMLError("a cell refers to a shared text that is not there")
    return texts[int(number)]


def _serial(text: str) -> float:
    """Read a date or a time in the form of ISO 8601."""
    if ":" in text[:3]:
        day, time = 0, datetime.time.fromisoformat(text)
    else:
        moment = datetime.datetime.fromisoformat(text)
        day, time = serial_of(moment), moment.time()
    since_midnight = datetime.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )
    return day + since_midnight / datetime.timedelta(days=1)


def is_stored(stored: Cell, value: Cell, cell: CellSpan) -> bool:
    """Check whether the stored value is already this one."""
    if type(value) is float and not cell.tag:  # nearly always
        return type(stored) is float and stored == value
    if value is None:
        value = 0.0
    elif isinstance(value, CellError):
        # A newer error is stored as a classic one, with metadata that define it.
        classic = value.code in CLASSIC_ERRORS
        return stored is CellError(written(value)[1]) and not (classic and "vm" in cell.attributes)
    elif "vm" in cell.attributes:
        return False
    return type(stored) is type(value) and stored == value


def written(value: Cell) -> tuple[str | None, str]:
    """Write a value as a cell's type and content; numbers round-trip exactly."""
    if value is None:
        return None, "0"
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, CellError):
        # Readers recognise only classic errors here; Excel itself writes #VALUE! for newer ones.
        return "e", value.code if value.code in CLASSIC_ERRORS else VALUE
    if isinstance(value, str):
        return ("str", xml_bytes.escaped(value)) if len(value) <= LONGEST_TEXT else ("e", VALUE)
    return ("e", NUM) if not math.isfinite(value) else (None, number_text(value))


def number_text(value: float) -> str:
    """Write a finite number, so that it is read back exactly."""
    if value == int(value) and abs(value) <= _EXACT_INTEGERS:
        return str(int(value))
    return repr(float(value))
