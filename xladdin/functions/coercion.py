"""The conversion of cells to what implementations take: numbers, counts, dates, texts, terms."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, TypeVar

from xladdin.cells import day_of
from xladdin.core.decimals import DIGITS, as_shown
from xladdin.errors import NUM, REF, VALUE, Described, InputError, MissingDealError, TermsError
from xladdin.terms.store import DealNotInstalled, UnknownTerms, select

if TYPE_CHECKING:
    from xladdin.terms.selection import Selection


def wrong(code: str, argument: str, value: object, words: str) -> InputError:
    """Make the error of a cell that breaks its rule."""
    return InputError(code, argument, value, f"must be {words}")


def is_blank(value: object) -> bool:
    """Check whether a cell is blank; so is an empty text, as formulas =IF(A1="","",A1) give it."""
    return value is None or (isinstance(value, str) and not value)


_Read = TypeVar("_Read")


def element(
    coerce: Callable[[Any, str], _Read], value: Any, argument: str, row: int, column: int
) -> _Read:
    """Coerce one cell of a range that is taken whole; an error names the cell."""
    try:
        return coerce(value, argument)
    except InputError as error:
        raise error.located("", (row, column)) from None


def _number(value: Any, argument: str, words: str) -> float:
    """Read a number that is not blank; text, logicals and dates are of the wrong type."""
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
            raise wrong(VALUE, argument, value, words)
        try:
            value = float(value)
        except (OverflowError, ValueError):
            raise wrong(NUM, argument, value, words) from None
    if not isfinite(value):
        raise wrong(NUM, argument, value, words)
    number: float = value
    return number


_EXACT_WHOLE: Final = 10.0**DIGITS
"""Whole numbers below this are shown with every digit."""


def _whole(value: Any, argument: str, words: str) -> int:
    """Read a whole number, as a sheet shows it; Python's own are exact."""
    number = _number(value, argument, words)
    if isinstance(value, int):
        return int(value)
    if number.is_integer() and -_EXACT_WHOLE < number < _EXACT_WHOLE:
        return int(number)
    shown = as_shown(number)
    if shown.denominator != 1:
        raise wrong(NUM, argument, value, words)
    return int(shown)


AMOUNT_WORDS: Final = "a number of at least 0"
PRICE_WORDS: Final = "a number above 0"
COUNT_WORDS: Final = "a whole number of at least 0"
NUMBER_WORDS: Final = "a number"
STOCK_WORDS: Final = "a whole number above 0"
OFFSET_WORDS: Final = "a whole number"
DATE_WORDS: Final = "a date"
WEIGHTED: Final = "weighted average"
RATCHET: Final = "full ratchet"
OF_PRICE: Final = "price"
OF_COUNT: Final = "count"
METHOD_WORDS: Final = f'"{WEIGHTED}" or "{RATCHET}"'
WHAT_WORDS: Final = f'"{OF_PRICE}" or "{OF_COUNT}"'
TEXT_WORDS: Final = "a text"
TERMS_WORDS: Final = "a text that names a deal, such as NEOT-2001 or NEOT-2001/OTHER"
QUOTES_WORDS: Final = "2 or 3 columns: date, closing bid and, where it differs, market value"


def amount(value: Any, argument: str) -> float:
    """Read an amount of at least 0; a blank is 0."""
    if type(value) is float and 0 <= value < inf:
        return value
    if is_blank(value):
        return 0.0
    return not_negative(value, argument)


def exercise_price(value: Any, argument: str) -> float:
    """Read a price that may be 0."""
    if is_blank(value):
        raise wrong(NUM, argument, value, AMOUNT_WORDS)
    return not_negative(value, argument)


def figure(value: Any, argument: str) -> float | None:
    """Read a number of at least 0; None for a blank, which is 0 or wrong by another argument."""
    return None if is_blank(value) else not_negative(value, argument)


def not_negative(value: Any, argument: str) -> float:
    """Read a number of at least 0."""
    number = _number(value, argument, AMOUNT_WORDS)
    if number < 0:
        raise wrong(NUM, argument, value, AMOUNT_WORDS)
    return number


def price(value: Any, argument: str) -> float:
    """Read a price above 0; a blank is an error."""
    if type(value) is float and 0 < value < inf:
        return value
    if is_blank(value):
        raise wrong(NUM, argument, value, PRICE_WORDS)
    number = _number(value, argument, PRICE_WORDS)
    if number <= 0:
        raise wrong(NUM, argument, value, PRICE_WORDS)
    return number


def count(value: Any, argument: str) -> int:
    """Read a count: a whole number of at least 0."""
    if type(value) is float and 0 <= value < _EXACT_WHOLE and value.is_integer():
        return int(value)
    if is_blank(value):
        return 0
    count = _whole(value, argument, COUNT_WORDS)
    if count < 0:
        raise wrong(NUM, argument, value, COUNT_WORDS)
    return count


def number(value: Any, argument: str) -> float:
    """Read any number; a blank is 0."""
    return 0.0 if is_blank(value) else _number(value, argument, NUMBER_WORDS)


def stock(value: Any, argument: str) -> int:
    """Read a count above 0."""
    found = 0 if is_blank(value) else _whole(value, argument, STOCK_WORDS)
    if found <= 0:
        raise wrong(NUM, argument, value, STOCK_WORDS)
    return found


def given_number(value: Any, argument: str) -> float:
    """Read a number that must be given: a blank is an error."""
    if is_blank(value):
        raise wrong(NUM, argument, value, NUMBER_WORDS)
    return _number(value, argument, NUMBER_WORDS)


def whole_number(value: Any, argument: str) -> int:
    """Read any whole number; a blank is 0."""
    return 0 if is_blank(value) else _whole(value, argument, OFFSET_WORDS)


def offset(value: Any, argument: str) -> int:
    """Read a whole number, which may be negative."""
    return 0 if is_blank(value) else _whole(value, argument, OFFSET_WORDS)


def date(value: Any, argument: str) -> datetime.date:
    """Read a date, as such or as a serial; a blank is an error."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if is_blank(value):
        raise wrong(NUM, argument, value, DATE_WORDS)
    serial = _number(value, argument, DATE_WORDS)
    try:
        return day_of(serial if serial.is_integer() else float(as_shown(serial)))
    except ValueError:
        raise wrong(NUM, argument, value, DATE_WORDS) from None


def anything(value: Any, _argument: str) -> Any:
    """Take a cell as it is."""
    return value


def text(value: Any, argument: str) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise wrong(VALUE, argument, value, TEXT_WORDS)
    return value


def _chosen(value: Any, argument: str, words: str, choices: Sequence[str]) -> str:
    found = " ".join(value.split()).casefold() if isinstance(value, str) else ""
    if found not in choices:
        raise wrong(VALUE, argument, value, words)
    return found


def method(value: Any, argument: str) -> str:
    """Read the method of an anti-dilution clause."""
    return _chosen(value, argument, METHOD_WORDS, (WEIGHTED, RATCHET))


def what(value: Any, argument: str) -> str:
    """Read whether a figure is a price or a count."""
    return _chosen(value, argument, WHAT_WORDS, (OF_PRICE, OF_COUNT))


def terms(value: Any, argument: str) -> Selection:
    """Find the deal and agreement that a text names."""
    if not isinstance(value, str):
        from xladdin.terms.selection import Selection  # only now: Excel loads this as it starts

        # An array looks its deal up once, before its elements; see `evaluation`.
        if isinstance(value, Selection):
            return value
        raise wrong(VALUE, argument, value, TERMS_WORDS)
    try:
        return select(value)
    except UnknownTerms as error:
        rule = f"must name a deal that is installed: {error.reason}"
        kind = MissingDealError if isinstance(error, DealNotInstalled) else InputError
        raise kind(getattr(error, "code", REF), argument, value, rule) from None
    except TermsError as error:
        rule = f"must name a deal whose file is sound: {error}"
        raise MissingDealError(REF, argument, value, rule) from None


def range_rows(value: Any, argument: str, words: str) -> Sequence[Sequence[Any]]:
    """Read a range; one cell is a range of one row."""
    if not isinstance(value, list | tuple):
        return ((value,),)
    width = len(value[0]) if value else 0
    if not width or any(len(row) != width for row in value):
        raise wrong(VALUE, argument, Described("an uneven or empty range"), words)
    return value


def cells(value: Any, argument: str) -> Sequence[Sequence[Any]]:
    """Read a range of numbers, cell by cell later."""
    return range_rows(value, argument, "a range of numbers")
