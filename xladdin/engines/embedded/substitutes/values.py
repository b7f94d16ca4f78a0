"""What functions of Excel take a value for, and the errors that they give."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from xladdin.engines.numerals import as_excel_reads
from xladdin.engines.proved import WORDS_ALONE, kind_of_value

Raw: TypeAlias = Any

VALUE: Final = {"type": "Error", "kind": "Value"}
NUM: Final = {"type": "Error", "kind": "Num"}
REF: Final = {"type": "Error", "kind": "Ref"}
DIV: Final = {"type": "Error", "kind": "Div"}
NA: Final = {"type": "Error", "kind": "Na"}

OMITTED: Final = "\x00xladdin omitted\x00"
"""What stands for an omitted argument; no cell can hold the character."""

LAST_DATE: Final = 2_958_465
"""31 December 9999."""

EPOCH: Final = datetime.date(1899, 12, 30).toordinal()
LEAP_1900: Final = 60
"""29 February 1900, which Excel counts and the calendar does not have."""

SECONDS_OF_DAY: Final = 86_400


class UnknownRuleError(Exception):
    """It is not known to the last digit what Excel gives; the text says of what."""


class FaultError(Exception):
    """A function gives an error value."""

    def __init__(self, value: Mapping[str, str]) -> None:
        super().__init__(value["kind"])
        self.value = value


def fitted(block: list[list[Raw]], height: int, width: int) -> list[list[Raw]]:
    """Give an array a size as Excel does: one row or column serves for all, #N/A is the rest."""
    down = block * height if len(block) == 1 else block
    across = [line * width if len(line) == 1 else line for line in down[:height]]
    lines = [[*line[:width], *[NA] * (width - len(line))] for line in across]
    return lines + [[NA] * width for _ in range(height - len(lines))]


def number_of(value: Raw) -> float:
    """Take one value for a number, as Excel does for an argument."""
    if isinstance(value, dict):
        raise FaultError(value)
    if isinstance(value, str):
        return number_in(value)
    return float(value or 0)


def numbers_of(values: Iterable[Raw]) -> list[float]:
    """Return the numbers among values and ranges: in ranges, nothing but numbers counts."""
    found: list[float] = []
    for value in values:
        cells = [cell for row in value for cell in row] if isinstance(value, list) else [value]
        for cell in cells:
            if isinstance(cell, dict):
                raise FaultError(cell)
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                found.append(float(cell))
    return found


_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)


def date_in(text: str) -> float | None:
    """Return the serial of a date written year first, which every locale reads alike."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    try:
        moment = datetime.datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]
    except ValueError:
        raise UnknownRuleError("a text that is nearly a date") from None
    days = moment.date().toordinal() - EPOCH
    if days <= LEAP_1900:
        raise UnknownRuleError("a date before March 1900 as text")
    return days + (moment.hour * 3600 + moment.minute * 60 + moment.second) / SECONDS_OF_DAY


_GROUPED: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>\$?)(?P<whole>\d{1,15}|\d{1,3}(?:,\d{3}){1,4})"
    r"(?P<part>\.\d{0,15})?(?P<power>[eE][+-]?\d{1,2})?(?P<percent>%?)",
    re.ASCII,
)


def number_in(text: str) -> float:
    """Return the number that a text is to Excel in the locale of the United States.

    Args:
        text: The text: digits with or without groups of three, a currency, an exponent or a
            percent sign, or a date written year first.

    Returns:
        The number.

    Raises:
        UnknownRuleError: It may be a number or a date to Excel, and it is not known which.
    """
    bare = text.strip(" ")
    if not any(character.isdigit() for character in bare):
        raise FaultError(VALUE)
    date = date_in(bare)
    if date is not None:
        return date
    match = _GROUPED.fullmatch(bare)
    if match is None:
        if kind_of_value(text) & WORDS_ALONE:
            raise FaultError(VALUE)
        raise UnknownRuleError("a text that Excel may take for a number or a date")
    digits = match["whole"].replace(",", "") + (match["part"] or "") + (match["power"] or "")
    if not as_excel_reads(digits):
        raise UnknownRuleError("a text of more digits than Excel keeps")
    found = float(digits)
    if match["percent"]:
        found = float(f"{found / 100:.15g}")
    return -found if match["sign"] == "-" else found


def text_of(value: Raw) -> str:
    """Write a number that needs no exponent as a text."""
    return f"{value:.15g}" if type(value) is float else value or ""


def called(function: Callable[..., Raw], *arguments: Raw) -> Raw:
    """Call one of them, or pass on an error that it is given or gives.

    Raises:
        UnknownRuleError: It is not known what Excel gives.
    """
    try:
        found = function(*arguments)
    except FaultError as fault:
        return fault.value
    except (OverflowError, ZeroDivisionError):
        return NUM
    return NUM if type(found) is float and not math.isfinite(found) else found
