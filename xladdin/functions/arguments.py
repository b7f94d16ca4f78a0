"""Kinds of arguments: the cells that each accepts, and their conversion for the implementation."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from xladdin.cells import day_of
from xladdin.core.debentures import Quote
from xladdin.core.decimals import DIGITS, as_shown
from xladdin.errors import NUM, REF, VALUE, Described, InputError, MissingDealError, TermsError
from xladdin.terms.store import DEFAULT_DEAL, DealNotInstalled, UnknownTerms, select

if TYPE_CHECKING:
    from xladdin.terms.selection import Selection


@dataclass(frozen=True)
class Kind:
    """A kind of argument: the cells that it accepts, and their conversion.

    Attributes:
        name: Short name, for documents and stubs.
        words: Its rule, to end the sentence "it must be ...".
        unit: Its unit; empty where it has none.
        coerce: Converts a cell's value to the implementation's; raises `InputError`.
        ranged: Whether it takes a whole range instead of one cell.
        errors: Whether it accepts error values instead of passing them on.
    """

    name: str
    words: str
    unit: str
    coerce: Callable[[Any, str], Any]
    ranged: bool = False
    errors: bool = False


def _wrong(code: str, argument: str, value: object, words: str) -> InputError:
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
            raise _wrong(VALUE, argument, value, words)
        try:
            value = float(value)
        except (OverflowError, ValueError):
            raise _wrong(NUM, argument, value, words) from None
    if not isfinite(value):
        raise _wrong(NUM, argument, value, words)
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
        raise _wrong(NUM, argument, value, words)
    return int(shown)


_AMOUNT_WORDS: Final = "a number of at least 0"
_PRICE_WORDS: Final = "a number above 0"
_COUNT_WORDS: Final = "a whole number of at least 0"
_NUMBER_WORDS: Final = "a number"
_STOCK_WORDS: Final = "a whole number above 0"
_OFFSET_WORDS: Final = "a whole number"
_DATE_WORDS: Final = "a date"
WEIGHTED: Final = "weighted average"
RATCHET: Final = "full ratchet"
OF_PRICE: Final = "price"
OF_COUNT: Final = "count"
_METHOD_WORDS: Final = f'"{WEIGHTED}" or "{RATCHET}"'
_WHAT_WORDS: Final = f'"{OF_PRICE}" or "{OF_COUNT}"'
_TEXT_WORDS: Final = "a text"
_TERMS_WORDS: Final = "a text that names a deal, such as NEOT-2001 or NEOT-2001/OTHER"
_QUOTES_WORDS: Final = "2 or 3 columns: date, closing bid and, where it differs, market value"


def amount(value: Any, argument: str) -> float:
    """Read an amount of at least 0; a blank is 0."""
    if type(value) is float and 0 <= value < inf:
        return value
    if is_blank(value):
        return 0.0
    return _not_negative(value, argument)


def _exercise_price(value: Any, argument: str) -> float:
    if is_blank(value):
        raise _wrong(NUM, argument, value, _AMOUNT_WORDS)
    return _not_negative(value, argument)


def _not_negative(value: Any, argument: str) -> float:
    number = _number(value, argument, _AMOUNT_WORDS)
    if number < 0:
        raise _wrong(NUM, argument, value, _AMOUNT_WORDS)
    return number


def price(value: Any, argument: str) -> float:
    """Read a price above 0; a blank is an error."""
    if type(value) is float and 0 < value < inf:
        return value
    if is_blank(value):
        raise _wrong(NUM, argument, value, _PRICE_WORDS)
    number = _number(value, argument, _PRICE_WORDS)
    if number <= 0:
        raise _wrong(NUM, argument, value, _PRICE_WORDS)
    return number


def _count(value: Any, argument: str) -> int:
    if type(value) is float and 0 <= value < _EXACT_WHOLE and value.is_integer():
        return int(value)
    if is_blank(value):
        return 0
    count = _whole(value, argument, _COUNT_WORDS)
    if count < 0:
        raise _wrong(NUM, argument, value, _COUNT_WORDS)
    return count


def number(value: Any, argument: str) -> float:
    """Read any number; a blank is 0."""
    return 0.0 if is_blank(value) else _number(value, argument, _NUMBER_WORDS)


def _stock(value: Any, argument: str) -> int:
    found = 0 if is_blank(value) else _whole(value, argument, _STOCK_WORDS)
    if found <= 0:
        raise _wrong(NUM, argument, value, _STOCK_WORDS)
    return found


def _given_number(value: Any, argument: str) -> float:
    if is_blank(value):
        raise _wrong(NUM, argument, value, _NUMBER_WORDS)
    return _number(value, argument, _NUMBER_WORDS)


def whole_number(value: Any, argument: str) -> int:
    """Read any whole number; a blank is 0."""
    return 0 if is_blank(value) else _whole(value, argument, _OFFSET_WORDS)


def _offset(value: Any, argument: str) -> int:
    return 0 if is_blank(value) else _whole(value, argument, _OFFSET_WORDS)


def date(value: Any, argument: str) -> datetime.date:
    """Read a date, as such or as a serial; a blank is an error."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if is_blank(value):
        raise _wrong(NUM, argument, value, _DATE_WORDS)
    serial = _number(value, argument, _DATE_WORDS)
    try:
        return day_of(serial if serial.is_integer() else float(as_shown(serial)))
    except ValueError:
        raise _wrong(NUM, argument, value, _DATE_WORDS) from None


def _anything(value: Any, _argument: str) -> Any:
    return value


def _text(value: Any, argument: str) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(VALUE, argument, value, _TEXT_WORDS)
    return value


def _chosen(value: Any, argument: str, words: str, choices: Sequence[str]) -> str:
    found = " ".join(value.split()).casefold() if isinstance(value, str) else ""
    if found not in choices:
        raise _wrong(VALUE, argument, value, words)
    return found


def _method(value: Any, argument: str) -> str:
    return _chosen(value, argument, _METHOD_WORDS, (WEIGHTED, RATCHET))


def _what(value: Any, argument: str) -> str:
    return _chosen(value, argument, _WHAT_WORDS, (OF_PRICE, OF_COUNT))


def _terms(value: Any, argument: str) -> Selection:
    if not isinstance(value, str):
        from xladdin.terms.selection import Selection  # only now: Excel loads this as it starts

        # An array looks its deal up once, before its elements; see `evaluation`.
        if isinstance(value, Selection):
            return value
        raise _wrong(VALUE, argument, value, _TERMS_WORDS)
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
        raise _wrong(VALUE, argument, Described("an uneven or empty range"), words)
    return value


def _range(value: Any, argument: str) -> Sequence[Sequence[Any]]:
    return range_rows(value, argument, "a range of numbers")


class Quotations:
    """Rows of a table of quotations by date; a row's figures are checked when they are needed."""

    def __init__(self, argument: str) -> None:
        self._argument = argument
        self._rows: dict[datetime.date, list[tuple[int, Any, Any]]] = {}

    def add(self, number: int, day: datetime.date, bid: Any, market: Any) -> None:
        """Add a row, by its number from 0."""
        self._rows.setdefault(day, []).append((number, bid, market))

    def on(self, sessions: Iterable[datetime.date]) -> dict[datetime.date, Quote]:
        """Read the quotations of some sessions.

        Args:
            sessions: The sessions of every window that is needed.

        Returns:
            Quotations by session; none for a session without a closing bid.

        Raises:
            InputError: A date is there twice (#VALUE!), or a row's figure is wrong: the first of
                these in the table.
        """
        rows = sorted(
            (number, place, day, bid, market)
            for day in set(sessions)
            for place, (number, bid, market) in enumerate(self._rows.get(day, ()))
        )
        quotes = {}
        for number, place, day, bid, market in rows:
            if place:
                rule = "must not hold a date twice within a window"
                raise InputError(VALUE, self._argument, day, rule, position=(number, 0))
            closing_bid = self._price(bid, number, 1)
            market_value = self._price(market, number, 2)
            if closing_bid is not None:
                quotes[day] = Quote(closing_bid, market_value or closing_bid)
        return quotes

    def _price(self, cell: Any, row: int, column: int) -> float | None:
        return None if is_blank(cell) else element(price, cell, self._argument, row, column)


def _quotes(value: Any, argument: str) -> Quotations:
    rows = range_rows(value, argument, _QUOTES_WORDS)
    width = len(rows[0])
    if width not in (2, 3):
        raise _wrong(VALUE, argument, Described(f"{width} columns"), _QUOTES_WORDS)
    quotes = Quotations(argument)
    for number, row in enumerate(rows):
        # Headings, and rows that wait for input. `any` first: it skips the blank rest of a
        # whole column quickly.
        if not any(row) and all(map(is_blank, row)):
            continue
        if all(cell is None or isinstance(cell, str) for cell in row):
            continue
        if is_blank(row[0]):
            continue  # incomplete: without a date it is in no window
        session = element(date, row[0], argument, number, 0)
        quotes.add(number, session, row[1], row[2] if width == 3 else None)
    return quotes


AMOUNT = Kind("amount", _AMOUNT_WORDS, "USD", amount)
PRICE = Kind("price", _PRICE_WORDS, "USD a share", price)
EXERCISE_PRICE = Kind("exercise price", _AMOUNT_WORDS, "USD a share", _exercise_price)
COUNT = Kind("count", _COUNT_WORDS, "shares", _count)
STOCK = Kind("stock", _STOCK_WORDS, "shares", _stock)
RATIO = Kind("ratio", _PRICE_WORDS, "old shares per new share", price)
BALANCE = Kind("balance", _NUMBER_WORDS, "USD", number)
FACTOR = Kind("factor", _AMOUNT_WORDS, "", _exercise_price)
NUMBER = Kind("number", _NUMBER_WORDS, "", _given_number)
PART = Kind("part", _PRICE_WORDS, "", price)
OWN_RATE = Kind("own rate", _PRICE_WORDS, "", price)
FORMULA = Kind("formula", "a text, the key of a price formula of the deal", "", _text)
SCHEDULE = Kind("schedule", "a text, the key of a schedule of fees of the deal", "", _text)
CAP = Kind("cap", "a text, the key of a cap of the deal", "", _text)
METHOD = Kind("method", _METHOD_WORDS, "", _method)
WHAT = Kind("what", _WHAT_WORDS, "", _what)
SHARES = Kind("shares", _PRICE_WORDS, "shares", price)
OFFSET = Kind("offset", _OFFSET_WORDS, "sessions", _offset)
DATE = Kind("date", _DATE_WORDS, "date", date)
TEXT = Kind("text", _TEXT_WORDS, "", _text)
TERMS = Kind("terms", _TERMS_WORDS, "", _terms)
COUNTS = Kind("counts", "a range of whole numbers of at least 0", "shares", _range, ranged=True)
PRICES = Kind("prices", "a range of numbers above 0", "USD a share", _range, ranged=True)
ANYTHING = Kind("anything", "anything", "", _anything, ranged=True, errors=True)
QUOTES = Kind("quotes", _QUOTES_WORDS, "date, USD a share", _quotes, ranged=True)


def paired_sales(
    shares: Sequence[Sequence[Any]], prices: Sequence[Sequence[Any]]
) -> list[tuple[int, float]]:
    """Pair two ranges of one size; places blank in both are skipped.

    Args:
        shares: Shares sold.
        prices: Price of each sale, USD a share.

    Returns:
        Shares and price of each sale.

    Raises:
        InputError: The sizes differ (#VALUE!), or an entry is wrong: the first one of the shares,
            then of the prices.
    """
    if len(shares) != len(prices) or len(shares[0]) != len(prices[0]):
        found = f"{len(shares)} x {len(shares[0])} against {len(prices)} x {len(prices[0])}"
        raise InputError(
            VALUE, "prices", Described(found), "must be a range of the same size as shares"
        )
    pairs = list(zip(chain.from_iterable(shares), chain.from_iterable(prices), strict=True))
    sold = [
        at for at, (count, price) in enumerate(pairs) if not (is_blank(count) and is_blank(price))
    ]
    try:
        counts = [_count(pairs[at][0], "shares") for at in sold]
        paid = [price(pairs[at][1], "prices") for at in sold]
    except InputError:
        width = len(shares[0])  # once more, to find the cell
        for at in sold:
            element(_count, pairs[at][0], "shares", *divmod(at, width))
        for at in sold:
            element(price, pairs[at][1], "prices", *divmod(at, width))
        raise
    return list(zip(counts, paid, strict=True))


class Argument(NamedTuple):
    """One argument of a worksheet function.

    Attributes:
        name: Its name, as wizards and Python show it.
        kind: Its kind.
        help: Its description, for wizards and documents.
        optional: Whether it may be left out.
        default: The implementation's argument if it is left out.
        default_words: The default in words, for documents; empty if the default is clear by itself.
        changes_unit: Whether giving it changes the unit of the result, so that a blank among the
            elements of a range is an error, and not an argument left out.
    """

    name: str
    kind: Kind
    help: str
    optional: bool = False
    default: Any = None
    default_words: str = ""
    changes_unit: bool = False

    @property
    def default_said(self) -> str:
        """The meaning of leaving it out, in words; for documents."""
        if self.default_words or self.default is None:
            return self.default_words or "nothing"
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


_Part = TypeVar("_Part")


def part(found: _Part | None, what: str, selection: Selection) -> _Part:
    """Return a part of the deal; raise `InputError` (#REF!) if the deal has none."""
    if found is None:
        raise InputError(REF, "terms", selection.text, f"must name a deal that has {what}")
    return found


TERMS_ARGUMENT = Argument(
    "terms",
    TERMS,
    "Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER.",
    optional=True,
    default=DEFAULT_DEAL,
)
